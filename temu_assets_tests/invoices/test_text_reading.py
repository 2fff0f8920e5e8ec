"""Invented invoices of many layouts: what is read is what is printed, and what is not sure is not read."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.invoices.profiles import Profiles, load_profiles
from temu_assets.invoices.reading import Kind, Lane, Page, Reading, Source, TaxGroup, Word
from temu_assets.invoices.text_reading import read_text
from temu_assets_tests.invoices.samples import SAMPLES, Sample, pages_of
from temu_assets_tests.invoices.samples_traps import TRAPS

PROFILES = load_profiles()


@pytest.fixture
def profiles() -> Profiles:
    return PROFILES


def told(reading: Reading, name: str) -> object:
    if name == "rates":
        return {f"{group.rate:.0f}": str(group.tax) for group in reading.tax_groups if group.rate is not None}
    if name == "rate_nets":
        return {f"{group.rate:.0f}": str(group.net) for group in reading.tax_groups if group.rate is not None}
    return getattr(reading, name)


@pytest.mark.parametrize("sample", [*SAMPLES, *TRAPS], ids=lambda sample: sample.name)
def test_a_document_is_read_as_a_careful_person_reads_it(sample: Sample, profiles: Profiles) -> None:
    reading = read_text(pages_of(sample.text), Source.TEXT, sample.lane, profiles)
    assert reading is not None
    assert {name: told(reading, name) for name in sample.expected} == dict(sample.expected)


def read(text: str, profiles: Profiles, source: Source = Source.TEXT) -> Reading:
    reading = read_text(pages_of(text), source, Lane.INVOICES, profiles)
    assert reading is not None
    return reading


def test_only_pages_without_text_give_no_reading(profiles: Profiles) -> None:
    assert read_text((), Source.TEXT, Lane.INVOICES, profiles) is None
    assert read_text((Page(1, (), 595.0, 842.0),), Source.TEXT, Lane.INVOICES, profiles) is None
    blank = Page(1, ((Word(" \x00 ", 0.0, 10.0, 10.0, 10.0),),), 595.0, 842.0)
    assert read_text((blank,), Source.TEXT, Lane.INVOICES, profiles) is None
    reading = read("Lieber Kunde, vielen Dank!", profiles)
    assert (reading.number, reading.gross, reading.kind, reading.doubts) == (None, None, None, ())


@pytest.mark.parametrize(
    ("line", "gross", "net"),
    [
        ("Gesamtbetrag 100,00 EUR netto, 119,00 EUR brutto", None, None),
        ("Gesamtbetrag 100,00 EUR (netto)", None, "100.00"),
        ("Gesamtbetrag 100,00 EUR zzgl. MwSt.", None, "100.00"),
        ("Rechnungsbetrag 119,00 EUR (inkl. 19,00 EUR MwSt)", "119.00", None),
        ("Rechnungsbetrag inkl. 19,00 EUR USt      119,00 EUR", "119.00", None),
        ("Rechnungsbetrag abzüglich Gutschrift 50,00", None, None),
        ("Endbetrag nach Rabatt 90,00 EUR", None, None),
        ("Gesamtbetrag vor Rabatt 90,00 EUR", None, None),
        ("Gesamtbetrag (1 USD = 0,91 EUR) 119,00 EUR", None, None),
        ("Gesamtbetrag - 119,00 EUR", None, None),
        ("Gesamtbetrag 3 119,00 EUR", None, None),
        ("Gesamtbetrag 12,345 EUR", None, None),
        ("Gesamtbetrag 1.190 EUR", "1190.00", None),
        ("Zahlbetrag 5,00 EUR", None, None),
        ("Skonto 2 %: Zahlbetrag 5,00 EUR", None, None),
        ("Summe Seite 1     119,00 EUR", None, None),
        ("Übertrag          119,00 EUR", None, None),
    ],
)
def test_words_beside_a_sum_change_what_it_means(line: str, gross: str | None, net: str | None, profiles: Profiles) -> None:
    reading = read(f"Rechnungsnummer: 5\n{line}", profiles)
    assert (reading.gross, reading.net) == (gross and Decimal(gross), net and Decimal(net))


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("Rechnungsnummer: RE-1 / Kunde 77", "RE-1"),
        ("Rechnungsnummer: 2026 / 0815", "2026 / 0815"),
        ("Rechnungs-Nr. 4711 vom 03.04.2026", "4711"),
        ("Rechnungsnummer: 12345 (bitte angeben)", "12345"),
        ("Rechnungsnummer: 03.04.2026", None),
        ("Rechnungsnummer: siehe oben", None),
        ("Rechnungsnummer: 12345 Musterstadt", None),
        ("Rechnungsnummer / Kundennummer: 1 / 2", None),
        ("Ihre Rechnungsnummer: 5", None),
        ("Zu Rechnungsnummer: 5", None),
        ("Bestellnummer: 5", None),
        ("Bitte Rechnungsnummer 5 angeben", None),
        ("Rechnungsnummer Datum: 5 03.04.2026", None),
    ],
)
def test_a_number_is_taken_with_its_own_label_only(line: str, number: str | None, profiles: Profiles) -> None:
    assert read(line, profiles).number == number


def test_a_letter_for_a_digit_in_a_scan_counts_only_where_the_sum_closes(profiles: Profiles) -> None:
    text = "Rechnungsnummer: 5\nNettobetrag   1O0,00 EUR\n19 % USt   l9,00 EUR\nBruttobetrag   119,00 EUR"
    reading = read(text, profiles, Source.OCR)
    assert (reading.net, reading.tax, reading.gross) == (Decimal("100.00"), Decimal("19.00"), Decimal("119.00"))
    wrong = read(text.replace("119,00", "1l8,00"), profiles, Source.OCR)
    assert (wrong.net, wrong.tax, wrong.gross) == (None, None, None)
    assert any("unleserlich" in doubt for doubt in wrong.doubts)
    assert read(text, profiles).net is None


def test_a_rate_that_is_only_told_to_be_included_is_kept_for_small_amounts(profiles: Profiles) -> None:
    reading = read("Quittung\nDatum: 03.02.2026\nGesamtbetrag inkl. 19 % MwSt.   23,80 EUR", profiles)
    assert reading.tax_groups == (TaxGroup(Decimal(19), None, None, "S"),)
    assert (reading.gross, reading.net, reading.tax) == (Decimal("23.80"), None, None)


def test_why_there_is_no_tax_is_told_by_its_sentence(profiles: Profiles) -> None:
    base = "Rechnungsnummer: 5\nGesamtbetrag   500,00 EUR\n"
    small = read(base + "Gemäß § 19 Abs. 1 UStG wird keine Umsatzsteuer berechnet.", profiles)
    assert (small.tax, small.places["tax"]) == (Decimal("0.00"), "keine USt: § 19 Abs. 1 UStG")
    assert small.tax_groups == (TaxGroup(Decimal(0), None, Decimal("0.00"), "E"),)
    reverse = read(base + "Steuerschuldnerschaft des Leistungsempfängers", profiles)
    assert (reverse.tax, reverse.reverse_charge, reverse.tax_groups[0].category) == (Decimal("0.00"), True, "AE")
    assert read(base, profiles).tax is None
    if_so = read(base + "Sofern anwendbar gilt die Steuerschuldnerschaft des Leistungsempfängers", profiles)
    assert (if_so.tax, if_so.reverse_charge) == (None, None)
    both = read(base + "19 % USt   79,83 EUR\nReverse Charge", profiles)
    assert both.reverse_charge is None
    assert any("Reverse" in doubt for doubt in both.doubts)


def test_a_value_in_larger_letters_stands_beside_its_label_all_the_same(profiles: Profiles) -> None:
    """Another size has another top, so that label and value are two lines; the left column runs between them."""

    def word(text: str, left: float, top: float, height: float) -> Word:
        return Word(text, left, left + len(text) * height * 0.55, top, height)

    lines = (
        (word("Rechnungsnummer", 364, 82.8, 6.9),),
        (word("80333", 53, 83.6, 10.8), word("471102", 538, 83.6, 10.8)),
        (word("Rechnungsdatum", 364, 97.5, 6.9),),
        (word("Deutschland", 53, 98.3, 10.8), word("05.03.2026", 519, 98.3, 10.8)),
        (word("Rechnungsbetrag", 364, 112.1, 6.9),),
        (word("Kiel", 53, 113.3, 10.8), word("119,00", 519, 113.3, 10.8)),
    )
    reading = read_text((Page(1, lines, 595.0, 842.0),), Source.TEXT, Lane.INVOICES, profiles)
    assert reading is not None
    assert (reading.number, reading.issued_on, reading.gross) == ("471102", date(2026, 3, 5), Decimal("119.00"))


def test_the_time_of_the_service_is_that_above_the_items(profiles: Profiles) -> None:
    text = """
Rechnungsnummer: 5
Leistungsdatum: 01.09.2026 - 30.09.2026
Menge    Bezeichnung        Preis
1        Strom              5,00
Abrechnungszeitraum: 15.09.2026 - 30.09.2026
"""
    reading = read(text, profiles)
    assert (reading.period_from, reading.period_to) == (date(2026, 9, 1), date(2026, 9, 30))
    among = read(text.replace("Leistungsdatum: 01.09.2026 - 30.09.2026\n", ""), profiles)
    assert among.period_from == date(2026, 9, 15)


def test_the_label_of_another_document_is_no_title(profiles: Profiles) -> None:
    assert read("R E C H N U N G\nLieferschein-Nr : 5\nRechnungsnummer: 6", profiles).kind is Kind.INVOICE
    assert read("Lieferschein-Nr : 5\nRechnungsnummer: 6", profiles).kind is Kind.INVOICE
    assert read("Lieferschein", profiles).kind is Kind.OTHER


def test_where_a_value_stood_is_told(profiles: Profiles) -> None:
    reading = read("Rechnungsnummer: 5\nNettobetrag 100,00 EUR\n19 % USt 19,00 EUR\nRechnungsbetrag 119,00 EUR", profiles)
    assert reading.places["number"] == "Seite 1: Rechnungsnummer"
    assert reading.places["gross"] == "Seite 1: Rechnungsbetrag"
    assert reading.places["tax"].startswith("Seite 1: 19 % USt")


def test_an_iban_counts_only_with_right_check_digits_and_if_it_is_the_only_one(profiles: Profiles) -> None:
    assert read("IBAN: DE89 3704 0044 0532 0130 00", profiles).iban == "DE89370400440532013000"
    assert read("IBAN: DE88 3704 0044 0532 0130 00", profiles).iban is None
    assert read("DE89370400440532013000\nDE02120300000000202051", profiles).iban is None
    assert read("Wir buchen von Ihrem Konto DE89370400440532013000 ab.", profiles).iban is None


@pytest.mark.parametrize(
    "piece",
    [
        "1 234 ",
        "1.234,",
        "Gesamtbetrag ",
        "DE12 3456 7890 ",
        "( ",
        "-- ",
        "Datum 01.01.2026  ",
        "a@",
        "l0O,",
        "19 % MwSt 19,00  ",
        "x" * 50,
    ],
)
def test_a_page_of_nothing_but_one_thing_is_read_without_end_or_error(piece: str, profiles: Profiles) -> None:
    text = piece * (60_000 // len(piece))
    one = Page(1, ((Word(text, 0.0, 600.0, 40.0, 10.0),),), 595.0, 842.0)
    many = Page(2, tuple((Word(text[at : at + 90], 0.0, 600.0, 40.0, 10.0),) for at in range(0, 60_000, 90)), 595.0, 842.0)
    reading = read_text((one, many), Source.OCR, Lane.INVOICES, profiles)
    assert reading is not None
    assert reading.gross is None


@given(st.lists(st.text(max_size=60), max_size=12), st.sampled_from([Source.TEXT, Source.OCR]))
def test_any_text_is_read_without_an_error(lines: list[str], source: Source) -> None:
    page = Page(1, tuple((Word(line, 10.0, 300.0, 20.0 + 12 * row, 10.0),) for row, line in enumerate(lines)), 595.0, 842.0)
    reading = read_text((page,), source, Lane.INVOICES, PROFILES)
    assert reading is None or reading.source is source
