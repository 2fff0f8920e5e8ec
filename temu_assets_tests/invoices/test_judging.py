"""Whether an invoice is ok: sums to the cent, mandatory content, XML against page, the right folder; and what is never guessed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from temu_assets.invoices.judging import Judged, Status, issuer_key, judge
from temu_assets.invoices.reading import Kind, Lane, Outcome, Reading, Source, TaxGroup

TODAY = date(2026, 11, 26)
D = Decimal
GOOD = Reading(
    source=Source.XML,
    profile="Factur-X EN 16931",
    kind=Kind.INVOICE,
    issuer="Muster Verpackungen GmbH",
    issuer_vat_id="DE123456789",
    buyer_vat_id="DE987654321",
    number="RE-4711",
    issued_on=date(2026, 11, 3),
    period_from=date(2026, 10, 1),
    period_to=date(2026, 10, 31),
    country="DE",
    currency="EUR",
    net=D("300.00"),
    tax=D("45.00"),
    gross=D("345.00"),
    tax_groups=(TaxGroup(D(19), D("200.00"), D("38.00"), "S"), TaxGroup(D(7), D("100.00"), D("7.00"), "S")),
)
TEXT = replace(
    GOOD, source=Source.TEXT, profile="generic_de", tax_groups=(TaxGroup(D(19), None, None),), net=D(100), tax=D(19), gross=D(119)
)


def judged(*readings: Reading, lane: Lane = Lane.INVOICES, seen: frozenset[str] | None = None, own: str = "", **outcome: object) -> Judged:
    return judge(Outcome(readings=readings, seen=seen, **outcome), lane, own_vat_id=own, today=TODAY)  # type: ignore[arg-type]


def notes(*readings: Reading, **given: object) -> str:
    return " ".join(judged(*readings, **given).notes)  # type: ignore[arg-type]


def test_an_invoice_that_adds_up_and_says_everything_is_ok() -> None:
    found = judged(GOOD)
    assert (found.status, found.notes, found.hints) == (Status.OK, (), ())
    assert (found.net_cents, found.tax_cents, found.gross_cents) == (30000, 4500, 34500)
    assert found.tax_groups == (("19", 20000, 3800), ("7", 10000, 700))


def test_amounts_of_a_credit_note_are_negative() -> None:
    found = judged(replace(GOOD, kind=Kind.CREDIT_NOTE))
    assert (found.status, found.net_cents, found.tax_cents, found.gross_cents) == (Status.OK, -30000, -4500, -34500)
    assert found.tax_groups[0] == ("19", -20000, -3800)


def test_a_file_without_readings_is_an_error_that_says_why() -> None:
    assert judged(failure="Die Datei ist leer.") == Judged(Status.ERROR, ("Die Datei ist leer.",))
    assert judged().status is Status.ERROR


def test_what_two_sources_stumble_over_is_told_once() -> None:
    damaged = "Seite 1 ist beschädigt und wurde nicht gelesen."
    assert judged(failure=damaged, notes=(damaged, "Seite 2 ist beschädigt.", damaged)).notes == (damaged, "Seite 2 ist beschädigt.")


def test_a_text_without_anything_of_an_invoice_is_an_error() -> None:
    letter = Reading(Source.TEXT, "language-de", issued_on=date(2026, 3, 5), issuer="Muster GmbH", currency="EUR")
    found = judged(letter)
    assert found.status is Status.ERROR
    assert "Keine Rechnung erkannt" in found.notes[0]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"gross": D("345.01")}, "Netto 300,00 + USt 45,00 ergibt 345,00, Brutto ist 345,01"),
        ({"tax_groups": (TaxGroup(D(19), D("200.00"), D("38.00")),)}, "Netto der Steuersätze ergibt 200,00"),
        ({"tax_groups": (TaxGroup(D(19), D("300.00"), D("45.00")),)}, "19 % von 300,00 sind 57,00, angegeben ist 45,00"),
        ({"lines_net": D("310.00")}, "Summe der Positionen mit Zu- und Abschlägen ist 310,00"),
        ({"number": None}, "Nicht gefunden: Rechnungsnummer"),
        ({"issued_on": None}, "Nicht gefunden: Rechnungsdatum"),
        ({"issuer": None}, "Nicht gefunden: Aussteller"),
        ({"currency": None}, "Nicht gefunden: Währung"),
        ({"gross": None}, "Nicht gefunden: Bruttobetrag"),
        ({"net": None}, "Nicht gefunden: Nettobetrag"),
        ({"issuer_vat_id": None}, "Weder USt-IdNr. noch Steuernummer"),
        ({"kind": None}, "Art des Dokuments nicht erkannt"),
        ({"issued_on": date(2026, 12, 24)}, "liegt in der Zukunft"),
        ({"period_from": date(2026, 11, 1)}, "Zeitraum beginnt am 01.11.2026 und endet davor"),
        ({"gross": D("345.001")}, "mehr als zwei Nachkommastellen"),
        ({"lane": Lane.ADVERTISING}, "gehört nach eingang/werbung, nicht nach eingang/rechnungen"),
        ({"doubts": ("BT-2 ist kein Datum.",)}, "BT-2 ist kein Datum."),
    ],
)
def test_whatever_is_off_is_to_be_checked_with_the_reason(change: dict[str, object], reason: str) -> None:
    found = judged(replace(GOOD, **change))  # type: ignore[arg-type]
    assert found.status is Status.CHECK
    assert reason in " ".join(found.notes)


def test_charges_and_allowances_belong_to_the_sum_of_the_lines() -> None:
    assert judged(replace(GOOD, lines_net=D("290.00"), allowances=D("5.00"), charges=D("15.00"))).status is Status.OK


def test_a_tax_number_does_instead_of_a_vat_id() -> None:
    assert judged(replace(GOOD, issuer_vat_id=None, tax_number="12/345/67890")).status is Status.OK


def test_a_missing_day_of_supply_is_told_and_stops_nothing() -> None:
    found = judged(replace(GOOD, period_from=None, period_to=None))
    assert (found.status, found.hints) == (Status.OK, ("Kein Leistungsdatum angegeben.",))


class TestAgainstThePage:
    def test_what_differs_is_named_with_both_values(self) -> None:
        page = replace(TEXT, number="RE-4712", gross=D("119.00"))
        told = notes(GOOD, page, seen=frozenset({"issued_on"}))
        assert "Rechnungsnummer: das XML sagt RE-4711, auf der Seite steht RE-4712." in told
        assert "Bruttobetrag: das XML sagt 345,00, auf der Seite steht 119,00." in told

    def test_what_stands_on_the_page_agrees_whatever_else_was_read_there(self) -> None:
        assert judged(GOOD, TEXT, seen=frozenset({"number", "issued_on", "gross"})).status is Status.OK

    def test_an_amount_that_is_nowhere_on_the_page_is_told(self) -> None:
        assert "Bruttobetrag 345,00 aus dem XML steht nicht auf der Seite" in notes(GOOD, seen=frozenset({"number"}))

    def test_without_a_text_there_is_nothing_to_compare(self) -> None:
        assert judged(GOOD, seen=None).status is Status.OK


class TestTheRightFolder:
    def test_an_advertising_invoice_among_the_others_is_told(self) -> None:
        assert "Falsches Dokument" in notes(replace(TEXT, lane=Lane.ADVERTISING))

    def test_an_invoice_that_does_not_speak_of_advertising_is_told_in_its_lane(self) -> None:
        assert "Nicht als Werberechnung erkannt" in notes(TEXT, lane=Lane.ADVERTISING)
        assert judged(replace(TEXT, mentions_advertising=True), lane=Lane.ADVERTISING).status is Status.OK
        assert judged(replace(TEXT, lane=Lane.ADVERTISING), lane=Lane.ADVERTISING).status is Status.OK


class TestWhatFollowsFromWhatIsPrinted:
    def test_net_from_gross_and_tax_where_the_rate_confirms_it(self) -> None:
        found = judged(replace(TEXT, net=None))
        assert (found.status, found.net_cents) == (Status.OK, 10000)
        assert "errechnet" in found.places["net"]

    def test_nothing_where_the_rate_contradicts(self) -> None:
        found = judged(replace(TEXT, net=None, tax=D("18.00")))
        assert (found.status, found.net_cents) == (Status.CHECK, None)

    def test_nothing_without_a_rate(self) -> None:
        assert judged(replace(TEXT, net=None, tax_groups=())).net_cents is None

    def test_tax_from_the_taxes_of_all_rates_where_they_close(self) -> None:
        two = (TaxGroup(D(19), None, D("19.00")), TaxGroup(D(7), None, D("7.00")))
        found = judged(replace(TEXT, net=D(200), tax=None, gross=D(226), tax_groups=two))
        assert (found.status, found.tax_cents) == (Status.OK, 2600)
        assert judged(replace(TEXT, net=D(200), tax=None, gross=D(227), tax_groups=two)).tax_cents is None

    def test_nothing_with_two_rates(self) -> None:
        two = (TaxGroup(D(19), None, None), TaxGroup(D(7), None, None))
        assert judged(replace(TEXT, net=None, tax_groups=two)).net_cents is None

    def test_a_small_amount_needs_gross_and_rate_only(self) -> None:
        found = judged(replace(TEXT, net=None, tax=None, number=None, issuer_vat_id=None))
        assert (found.status, found.net_cents, found.tax_cents) == (Status.OK, 10000, 1900)

    @pytest.mark.parametrize("change", [{"currency": "AUD"}, {"tax_groups": (TaxGroup(D(10), None, None),)}])
    def test_a_small_amount_of_other_countries_does_not(self, change: dict[str, object]) -> None:
        found = judged(replace(TEXT, net=None, tax=None, **change))  # type: ignore[arg-type]
        assert (found.status, found.net_cents) == (Status.CHECK, None)

    def test_a_larger_one_needs_both(self) -> None:
        assert judged(replace(TEXT, net=None, tax=None, gross=D("250.01"))).status is Status.CHECK

    def test_no_tax_under_reverse_charge(self) -> None:
        found = judged(replace(TEXT, tax=None, gross=D(100), reverse_charge=True, tax_groups=()))
        assert (found.status, found.tax_cents) == (Status.OK, 0)

    def test_no_tax_without_a_word_why_is_to_be_checked(self) -> None:
        assert "USt 0,00 ohne Angabe, warum" in notes(replace(TEXT, tax=D(0), gross=D(100), tax_groups=()))

    def test_a_tax_that_fits_no_rate_is_to_be_checked(self) -> None:
        assert "passt zu keinem üblichen Steuersatz" in notes(replace(TEXT, tax=D("3.70"), gross=D("103.70"), tax_groups=()))


def test_a_scan_is_always_compared_by_a_person() -> None:
    assert "mit dem Bild vergleichen" in notes(replace(TEXT, source=Source.OCR))


def test_an_invoice_for_somebody_else_is_told() -> None:
    assert "als Empfänger die USt-IdNr. DE987654321" in notes(GOOD, own="DE111111111")
    assert judged(GOOD, own="DE987654321").status is Status.OK
    assert "keine Eingangsrechnung" in notes(GOOD, own="DE123456789")


def test_who_issued_it() -> None:
    assert issuer_key("Muster  GmbH", None) == issuer_key("muster gmbh", "") == "mustergmbh"
    assert issuer_key("Muster GmbH", "DE123456789") == "DE123456789"
    assert issuer_key(None, None) is None


amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=2)


@given(net=amounts, tax=amounts, off=st.decimals(min_value=-5, max_value=5, places=2))
def test_sums_close_to_the_cent_or_are_to_be_checked(net: Decimal, tax: Decimal, off: Decimal) -> None:
    found = judged(replace(GOOD, net=net, tax=tax, gross=net + tax + off, tax_groups=()))
    assert (found.status is Status.OK) is (off == 0)


@given(st.builds(Reading, source=st.sampled_from(Source), profile=st.just("x"), net=st.none() | amounts, tax=st.none() | amounts,
                 gross=st.none() | amounts, kind=st.none() | st.sampled_from(Kind)))  # fmt: skip
def test_no_amount_is_there_that_no_source_shows(reading: Reading) -> None:
    """Without a rate nothing is calculated."""
    assume(not reading.reverse_charge)
    assume(any(value is not None for value in (reading.number, reading.net, reading.tax, reading.gross)))
    found = judged(reading)
    for cents, shown in ((found.net_cents, reading.net), (found.tax_cents, reading.tax), (found.gross_cents, reading.gross)):
        assert (cents is None) is (shown is None)
        assert cents is None or abs(cents) == abs(shown or D(0)) * 100


@pytest.mark.parametrize("category", ["AE", "E", "G", "K", "O", "Z"])
def test_tax_where_the_category_allows_none_is_to_be_checked(category: str) -> None:
    wrong = replace(GOOD, net=D(100), tax=D(19), gross=D(119), tax_groups=(TaxGroup(D(19), D(100), D(19), category),))
    assert f"obwohl die Steuerkategorie {category}" in notes(wrong)
    free = replace(GOOD, net=D(100), tax=D(0), gross=D(100), tax_groups=(TaxGroup(D(0), D(100), D(0), category),))
    assert judged(free).status is Status.OK


@pytest.mark.parametrize("profile", ["Factur-X MINIMUM", "ZUGFeRD 2.0 BASIC WL"])
def test_the_head_of_an_invoice_alone_is_to_be_checked(profile: str) -> None:
    assert "keine vollständige Rechnung" in notes(replace(GOOD, profile=profile))
    on_its_page = replace(GOOD, source=Source.TEXT, profile="generic_de")
    assert judged(replace(GOOD, profile=profile), on_its_page).status is Status.OK


def test_an_iban_with_wrong_check_digits_is_to_be_checked_before_it_is_paid() -> None:
    for right in ("DE89370400440532013000", "TR330006100519786457841326", "4711", None):
        assert judged(replace(GOOD, iban=right)).status is Status.OK
    for wrong in ("DE89370400440532013001", "TR330006100519786457841327", "DE8937040044053201300"):
        assert f"IBAN {wrong}" in notes(replace(GOOD, iban=wrong))


def test_two_invoices_in_one_file_are_to_be_checked_and_not_called_none() -> None:
    twice = Reading(Source.TEXT, "language-de", kind=Kind.INVOICE, doubts=("Rechnungsnummer: mehrere verschiedene Angaben (1, 2).",))
    found = judged(twice)
    assert (found.status, found.notes[0]) == (Status.CHECK, twice.doubts[0])
