"""What is corrected where it is asked for, and that nothing else changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.bookkeeping.columns import name_of
from temu_assets.bookkeeping.document_field import replaced
from temu_assets.bookkeeping.extf import parse
from temu_assets.bookkeeping.findings import Change, NotFound, Severity
from temu_assets.bookkeeping.processing import process
from temu_assets.bookkeeping.rules import Rules
from temu_assets.errors import TransientError
from temu_assets.office_settings import Correction, CriticalFiles, DocumentField
from temu_assets_tests.bookkeeping.extf_files import AMAZON, AMAZON_2, EBAY, JERA, NAME, TEMU, TEMU_2, Booking, Quoting, Style, extf
from temu_assets_tests.bookkeeping.process_files import Jtl, column, never, output, rules, run, told

DOCUMENT, TEXT, DEBTOR = 11, 14, 7
ORDER = rules("K1", document_field=DocumentField.ORDER_NUMBER)
INVOICE = rules("K1", document_field=DocumentField.INVOICE_NUMBER)


def test_nothing_is_changed_where_nothing_is_asked_for() -> None:
    messy = (Booking(document=f" {AMAZON}_1 ", day="201", text="x" * 80, lock=""), Booking(document="Größe 1"), "", "kaputt")
    for style in (Style(), JERA, Style(quoting=Quoting.MIXED, end="\n", closed=False)):
        processed = run(*messy, style=style, given=rules(critical_files=CriticalFiles.PREFIX))
        assert processed.outputs[0].content == extf(messy, style)
        assert (processed.changes, processed.not_found, processed.marked_rows) == ((), (), 0)


def test_k1_puts_the_customer_number_in_the_place_of_an_order_number() -> None:
    jtl = Jtl({AMAZON: ["K-1"], TEMU: ["K2"]})
    processed = run(Booking(), Booking(document=TEMU), Booking(document="RE-7"), Booking(document=""), given=rules("K1"), look_up=jtl)
    assert column(processed, DOCUMENT) == ["K-1", "K2", "RE-7", ""]
    assert processed.changes == (
        Change("K1", NAME, 3, "Belegfeld 1", AMAZON, "K-1"),
        Change("K1", NAME, 4, "Belegfeld 1", TEMU, "K2"),
    )


def test_t4_k1_finds_part_shipments_and_numbers_with_blanks() -> None:
    jtl = Jtl({AMAZON: ["K1"], TEMU: ["K2"]})
    documents = [f"{AMAZON}_1", f" {AMAZON}", f"{TEMU}_12 ", f"{TEMU}-D01"]
    processed = run(*[Booking(document=document) for document in documents], given=rules("K1"), look_up=jtl)
    assert column(processed, DOCUMENT) == ["K1", "K1", "K2", "K2"]
    assert jtl.asked == [[AMAZON, TEMU]]


def test_t5_jtl_is_asked_once_for_all_numbers_of_a_file() -> None:
    jtl = Jtl({})
    bookings = [Booking(document=f"028-{number % 700:07d}-7654321") for number in range(1000)]
    run(*bookings, given=rules("K1", "K2", "K4", "K5"), look_up=jtl)
    assert len(jtl.asked) == 1
    assert len(jtl.asked[0]) == len(set(jtl.asked[0])) == 700


def test_t5_an_error_of_jtl_is_never_not_found() -> None:
    def away(numbers: Sequence[str]) -> Mapping[str, frozenset[str]]:
        raise TransientError("JTL does not answer.", remedy="wait.")

    with pytest.raises(TransientError):
        run(Booking(), given=rules("K1"), look_up=away)


@pytest.mark.parametrize("given_rules", [rules("K4", "K5"), ORDER, INVOICE, rules()])
def test_t5_jtl_is_not_asked_where_it_need_not(given_rules: Rules) -> None:
    run(Booking(), given=given_rules)
    run(Booking(document="RE-1", text=f"RE-1 {AMAZON}"), given=rules("K1"))


@pytest.mark.parametrize(
    ("customers", "reason"),
    [({}, "fehlt in JTL"), ({AMAZON: []}, "in JTL ohne Kundennummer"), ({AMAZON: ["K1", "K2"]}, "mehrdeutig: 2 Kundennummern")],
)
def test_r08_without_a_single_customer_the_field_stays(customers: Mapping[str, Sequence[str]], reason: str) -> None:
    processed = run(Booking(document=f"{AMAZON}_1"), Booking(day="0301"), given=rules("K1", "K2"), look_up=Jtl(customers))
    assert processed.outputs[0].content == extf([Booking(document=f"{AMAZON}_1"), Booking(day="0301")])
    assert processed.not_found == (NotFound(NAME, 3, AMAZON, reason), NotFound(NAME, 4, AMAZON, reason))
    assert [(found.severity, found.line) for found in told(processed, "R08")] == [(Severity.WARNING, 3), (Severity.WARNING, 4)]


def test_r08_what_only_may_be_an_order_number_is_no_order_that_is_missing() -> None:
    processed = run(Booking(document="MHD8E3G"), Booking(document="b79ztbrvqm"), given=rules("K1"), look_up=Jtl({"b79ztbrvqm": ["K9"]}))
    assert processed.not_found == ()
    assert [(found.severity, found.line) for found in told(processed, "R08")] == [(Severity.INFO, 3)]
    assert column(processed, DOCUMENT) == ["MHD8E3G", "K9"]


def test_k1_leaves_a_booking_that_names_orders_of_two_marketplaces() -> None:
    processed = run(Booking(text=f"RE-1 {TEMU}"), Booking(text=f"RE-1 {AMAZON_2}"), given=rules("K1"), look_up=Jtl({AMAZON: ["K1"]}))
    assert column(processed, DOCUMENT) == [AMAZON, "K1"]
    assert [(found.severity, found.line) for found in told(processed, "K1")] == [(Severity.WARNING, 3)]


@pytest.mark.parametrize("number", ["K 1", "Größe", "K.1", "x" * 37])
def test_k1_never_writes_what_belegfeld_1_does_not_take(number: str) -> None:
    processed = run(Booking(), given=rules("K1"), look_up=Jtl({AMAZON: [number]}))
    assert processed.changes == ()
    assert [found.severity for found in told(processed, "K1")] == [Severity.WARNING]


@pytest.mark.parametrize(
    ("booking", "document"),
    [
        (Booking(document="K-77", text=f"RE-1 {AMAZON} Muster"), AMAZON),
        (Booking(document="", text=f"RE-1 ({TEMU})"), TEMU),
        (Booking(document="K-77", more={95: f"{TEMU}_1"}), TEMU),
        (Booking(document="K-77", more={48: "Bestellung", 49: AMAZON}), AMAZON),
        (Booking(document="K-77", more={86: "Bestellung", 87: AMAZON}), AMAZON),
        (Booking(document="K-77", more={48: AMAZON, 21: "Bestellung", 22: AMAZON}), "K-77"),
        (Booking(document="K-77", more={12: EBAY}), EBAY),
        (Booking(document="K-77", text=f"RE-1 {AMAZON}", more={95: AMAZON}), AMAZON),
        (Booking(document="K-77", text=f"RE-1 {AMAZON} {AMAZON_2}"), "K-77"),
        (Booking(document="K-77", text="RE-1"), "K-77"),
        (Booking(document=AMAZON, text=f"RE-1 {AMAZON_2}"), AMAZON),
        (Booking(document=f"{AMAZON}_1", text=f"RE-1 {AMAZON_2}"), f"{AMAZON}_1"),
    ],
)
def test_k1_puts_the_order_number_into_belegfeld_1(booking: Booking, document: str) -> None:
    processed = run(booking, given=ORDER)
    assert column(processed, DOCUMENT) == [document]
    assert len(processed.changes) == (document != booking.document)


@pytest.mark.parametrize(
    ("document", "text", "becomes"),
    [
        (AMAZON, "RE-2026-0001 Muster", "RE-2026-0001"),
        (f"{AMAZON}_1", "Rechnung RE-2026-0001, Muster", "RE-2026-0001"),
        (AMAZON, f"{TEMU} RE-2026-0001", AMAZON),
        (AMAZON, "Muster RE-2026-0001", AMAZON),
        (AMAZON, "RE.2026.1 Muster", AMAZON),
        (AMAZON, "01.02.2026 Muster", AMAZON),
        (AMAZON, "12 Stück", AMAZON),
        (AMAZON, "", AMAZON),
        ("RE-1", "RE-2026-0001 Muster", "RE-1"),
        ("", "RE-2026-0001 Muster", ""),
    ],
)
def test_k1_puts_the_invoice_number_in_the_place_of_an_order_number(document: str, text: str, becomes: str) -> None:
    processed = run(Booking(document=document, text=text), given=INVOICE)
    assert column(processed, DOCUMENT) == [becomes]
    assert len(told(processed, "K1")) == (document in (AMAZON, f"{AMAZON}_1") and becomes == document)


def test_k2_marks_changed_bookings_in_the_first_free_pair() -> None:
    taken = {48: "Art", 49: "Inhalt", 50: "", 51: "nur Inhalt", 52: "nur Art"}
    bookings = (Booking(), Booking(document=TEMU, more=taken), Booking(document="RE-1"), Booking(document="RE-1", day="201"))
    processed = run(*bookings, given=rules("K1", "K2", "K3"), look_up=Jtl({AMAZON: ["K1"], TEMU: ["K2"]}))
    assert processed.marked_rows == 3
    rows = [row.values() for row in output(processed).bookings]
    assert [rows[0][position - 1] for position in (48, 49)] == ["Prüfung", "Amazon-Bestellnummer geprüft 2026-02-03 (K1)"]
    assert [rows[1][position - 1] for position in range(48, 56)] == [
        "Art", "Inhalt", "", "nur Inhalt", "nur Art", "", "Prüfung", "TEMU-Bestellnummer geprüft 2026-02-03 (K1)",
    ]  # fmt: skip
    assert rows[2][47:87] == [""] * 40
    assert [rows[3][position - 1] for position in (48, 49)] == ["Prüfung", "Buchung geprüft 2026-02-03 (K3)"]
    assert [(change.code, change.line, change.column, change.old) for change in processed.changes][:3] == [
        ("K1", 3, "Belegfeld 1", AMAZON), ("K2", 3, "Zusatzinformation - Art 1", ""), ("K2", 3, "Zusatzinformation- Inhalt 1", ""),
    ]  # fmt: skip


def test_k2_alone_marks_nothing() -> None:
    assert run(Booking(), given=rules("K2")).outputs[0].content == extf([Booking()])


def test_k2_without_a_free_pair_or_columns_for_one_leaves_it_at_that() -> None:
    full = dict.fromkeys(range(48, 88), "x")
    processed = run(Booking(day="201", more=full), given=rules("K2", "K3"))
    assert [(change.code, change.new) for change in processed.changes] == [("K3", "0201")]
    assert [(found.severity, found.line) for found in told(processed, "K2")] == [(Severity.INFO, 3)]
    narrow = run(Booking(day="201"), given=rules("K2", "K3"), style=Style(columns=48))
    assert [change.code for change in narrow.changes] == ["K3"]
    assert [(found.severity, found.line) for found in told(narrow, "K2")] == [(Severity.INFO, 2)]
    assert run(Booking(day="201"), given=rules("K2", "K3"), style=Style(columns=49)).marked_rows == 1


def test_a_row_that_is_too_short_gets_separators_and_no_more() -> None:
    row = f"119,00;S;;;;;10000000;4400000;;201;{AMAZON};;;RE-1"
    processed = run(row, Booking(), given=rules("K2", "K3"), style=JERA)
    changed = processed.outputs[0].content.decode("cp1252").split("\r\n")[2]
    assert changed == row.replace(";201;", ";0201;") + ";" * 34 + "Prüfung;Buchung geprüft 2026-02-03 (K3)"


@pytest.mark.parametrize(
    ("day", "becomes"),
    [("201", "0201"), ("931", "931"), ("101", "0101"), ("0201", "0201"), ("21", "21"), ("x01", "x01"), ("000", "000"), ("²01", "²01")],
)
def test_k3_pads_days_that_are_days_then(day: str, becomes: str) -> None:
    assert column(run(Booking(day=day), given=rules("K3"), style=Style("utf-8-sig")), 10) == [becomes]


@pytest.mark.parametrize(
    ("document", "becomes"),
    [(f"{AMAZON}_1", AMAZON), (f" {TEMU}_2 ", TEMU), ("RE-1_1", "RE-1_1"), (AMAZON, AMAZON), (f" {AMAZON}", f" {AMAZON}")],
)
def test_t4_k4_takes_the_suffix_of_part_shipments_off(document: str, becomes: str) -> None:
    assert column(run(Booking(document=document), given=rules("K4")), DOCUMENT) == [becomes]


def test_k4_takes_it_off_where_k1_found_nothing() -> None:
    processed = run(Booking(document=f"{AMAZON}_1"), given=rules("K1", "K4"), look_up=Jtl({}))
    assert column(processed, DOCUMENT) == [AMAZON]
    assert [change.code for change in processed.changes] == ["K4"]


@pytest.mark.parametrize(
    ("document", "becomes"),
    [
        ("Größe", "Groesse"), ("ÄÖÜß", "AeOeUess"), ("Café", "Cafe"), ("RE 1", "RE-1"), ("RE. 1", "RE-1"), (" RE1 ", "RE1"),
        ("RE:1;2", "RE-1-2"),
        ("RE#", "RE"), ("...", ""), ("RE_$&%*+-/1", "RE_$&%*+-/1"), ("Łódź", "Lodz"), ("RE\t1", "RE-1"), ("-RE 1-", "RE-1"), ("№1", "No1"),
    ],
)  # fmt: skip
def test_k5_writes_forbidden_characters_otherwise(document: str, becomes: str) -> None:
    assert replaced(document) == becomes
    processed = run(Booking(document=document), given=rules("K5"), style=Style("utf-8-sig"))
    assert column(processed, DOCUMENT) == [becomes or document]


@given(st.text(max_size=20))
def test_k5_leaves_nothing_forbidden(text: str) -> None:
    once = replaced(text)
    assert once.isascii()
    assert " " not in once
    assert replaced(once) == once


def test_k5_never_makes_one_number_of_two() -> None:
    documents = ["RE 1", "RE.1", "RE 2", "RE-2", "RE 3", "RE 3", " RE-4", "RE-4 ", "RE-4"]
    processed = run(*[Booking(document=document) for document in documents], given=rules("K5"))
    assert column(processed, DOCUMENT) == ["RE 1", "RE.1", "RE 2", "RE-2", "RE-3", "RE-3", "RE-4", "RE-4", "RE-4"]
    assert [found.line for found in told(processed, "K5")] == [3, 4, 5]


def test_k5_leaves_what_would_get_too_long() -> None:
    document = "ä" * 19
    assert column(run(Booking(document=document), given=rules("K5")), DOCUMENT) == [document]


def test_k6_cuts_long_texts() -> None:
    processed = run(Booking(text="RE-1 " + "x" * 60), Booking(text="y" * 60), given=rules("K6"))
    assert column(processed, TEXT) == ["RE-1 " + "x" * 55, "y" * 60]
    assert told(processed, "R09") == []


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        (f"RE-1 {'x' * 40} {TEMU}", f"RE-1 {'x' * 40}"),
        (f"RE-1 {'x' * 40} {TEMU}_1", f"RE-1 {'x' * 40}"),
        (f"RE-1 {'x' * 30} PO-076-{'1' * 30}", f"RE-1 {'x' * 30}"),
        (f"{'x' * 40} {AMAZON} y", f"{'x' * 40} {AMAZON}"),
        (f"RE-1 {'x' * 40} Berlin-Charlottenburg", f"RE-1 {'x' * 40} Berlin-Charlot"),
        (f"{'x' * 70} {TEMU}", "x" * 60),
    ],
)
def test_k6_leaves_no_half_of_an_order_number(text: str, becomes: str) -> None:
    assert column(run(Booking(text=text), given=rules("K6")), TEXT) == [becomes]


DEBTORS = (("amazon", "10000100"), ("temu", "10000200"), ("temu", "10000201"), ("ebay", "4400000"))


@pytest.mark.parametrize(
    ("booking", "becomes"),
    [
        (Booking(), "10000100"),
        (Booking(document=TEMU), "10000200"),
        (Booking(document=TEMU, account="10000201"), "10000201"),
        (Booking(document="K-1", text=f"RE-1 {TEMU}"), "10000200"),
        (Booking(document="RE-1"), "10000000"),
        (Booking(document="MHD8E3G"), "10000000"),
        (Booking(account="70000000"), "70000000"),
        (Booking(account="4400000", contra="10000000"), "4400000"),
        (Booking(contra="70000000"), "10000000"),
        (Booking(contra="10000001"), "10000000"),
        (Booking(document=EBAY), "10000000"),
        (Booking(account=""), ""),
        (Booking(text=f"RE-1 {TEMU}"), "10000000"),
        (Booking(text=f"RE-1 {AMAZON_2}"), "10000100"),
    ],
)
def test_k7_books_on_the_debtor_of_the_marketplace(booking: Booking, becomes: str) -> None:
    processed = run(booking, given=rules("K7", debtors=DEBTORS))
    assert column(processed, DEBTOR) == [becomes]
    assert len(told(processed, "K7")) == (booking.document == EBAY)


@pytest.mark.parametrize(
    ("flag", "setting", "header", "becomes"),
    [
        ("", "", "0", "0"),
        ("", "", "1", "1"),
        ("", "1", "0", "1"),
        ("", "", "", ""),
        ("1", "0", "0", "1"),
        ("0", "1", "1", "0"),
        ("", "", "x", ""),
    ],
)
def test_k8_fills_an_empty_lock_flag(flag: str, setting: str, header: str, becomes: str) -> None:
    processed = run(Booking(lock=flag), given=rules("K8", lock_flag=setting), header={21: header})
    assert column(processed, 114) == [becomes]


def test_k8_needs_the_column() -> None:
    booking = Booking(lock="")
    assert run(booking, given=rules("K8"), style=Style(columns=113)).changes == ()
    assert run(booking, given=rules("K8"), style=Style(columns=116)).changes[0].column == "Festschreibung"


def test_corrections_follow_one_another() -> None:
    booking = Booking(document=f"{AMAZON}_1", day="201", text="RE-1 " + "x" * 60, lock="")
    given_rules = rules(*(each.value for each in Correction), debtors=DEBTORS)
    processed = run(booking, given=given_rules, look_up=Jtl({AMAZON: ["K1"]}))
    assert [change.code for change in processed.changes] == ["K1", "K3", "K6", "K7", "K8", "K2", "K2"]
    assert processed.changes[-1].new == "Amazon-Bestellnummer geprüft 2026-02-03 (K1, K3, K6, K7, K8)"
    assert processed.marked_rows == 1


def test_t1_a_correction_rewrites_no_field_but_its_own() -> None:
    booking = Booking(amount="0119,00", account="010000000", day="0101", more={3: "", 37: "1E5", 92: "2026", 49: "05"})
    for style in (Style(), JERA, Style(quoting=Quoting.ALL), Style(quoting=Quoting.MIXED)):
        processed = run(booking, given=rules("K1"), style=style, look_up=Jtl({AMAZON: ["K-1"]}))
        assert processed.outputs[0].content == extf([booking], style).replace(AMAZON.encode(), b"K-1")


WORDS = ["x" * 43, "RE-2026-0001", "Rechnung", AMAZON, f"{TEMU}_1", TEMU_2, "Größe", '"', ";", "5 Stück", "x" * 70, "\r\n", "Ł"]
DOCUMENTS = [AMAZON, f"{AMAZON}_1", f" {TEMU} ", f"{TEMU}-D01", EBAY, "MHD8E3G", "RE 1", "RE.1", "RE-1", "Größe", "", "ä" * 30, '"RE"']
BOOKINGS = st.builds(
    Booking,
    amount=st.sampled_from(["119,00", "0,01", "1.000,00", "", "-5,00", "64083"]),
    side=st.sampled_from(["S", "H", "", "x"]),
    account=st.sampled_from(["10000000", "10000100", "70000000", "4400000", ""]),
    contra=st.sampled_from(["4400000", "8400000", "10000000", "1200000", "7"]),
    day=st.sampled_from(["0201", "201", "2802", "2902", "931", "", "3101"]),
    document=st.sampled_from(DOCUMENTS),
    text=st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join),
    lock=st.sampled_from(["", "0", "1"]),
    more=st.dictionaries(st.sampled_from([12, 21, 48, 49, 50, 51, 87, 95]), st.sampled_from(["a", AMAZON, TEMU, '"', "a;b"]), max_size=3),
)
STYLES = st.builds(
    Style,
    encoding=st.sampled_from(["utf-8", "utf-8-sig"]),
    end=st.sampled_from(["\r\n", "\n"]),
    quoting=st.sampled_from(list(Quoting)),
    columns=st.sampled_from([14, 48, 60, 116, 124, 125]),
    closed=st.booleans(),
)
RULES = st.builds(
    Rules,
    corrections=st.frozensets(st.sampled_from(list(Correction))),
    document_field=st.sampled_from(list(DocumentField)),
    critical_files=st.just(CriticalFiles.PREFIX),
    debtors=st.just(DEBTORS),
    marked_on=st.just(date(2026, 2, 3)),
)
CUSTOMERS = {AMAZON: ["K-1"], TEMU: ["K-1", "K-2"], TEMU_2: ["K 3"], EBAY: []}
FIELD_OF = {"K1": [11], "K4": [11], "K5": [11], "K3": [10], "K6": [14], "K7": [7], "K8": [114], "K2": list(range(48, 88))}


@given(bookings=st.lists(BOOKINGS, max_size=4), style=STYLES, given_rules=RULES)
def test_corrections_change_their_own_fields_and_nothing_else(bookings: list[Booking], style: Style, given_rules: Rules) -> None:
    content = extf(bookings, style)
    processed = process(content, NAME, given_rules, Jtl(CUSTOMERS))
    before, after = parse(content), parse(processed.outputs[0].content)
    assert (before.header, before.column_names, len(before.rows)) == (after.header, after.column_names, len(after.rows))
    changed = {(change.line, change.column) for change in processed.changes}
    allowed = {name_of(position) for code in given_rules.corrections for position in FIELD_OF[code.value]}
    assert {column for _, column in changed} <= allowed
    for row, other in zip(before.rows, after.rows, strict=True):
        assert row.end == other.end
        width = max(len(row.fields()), len(other.fields()))
        fields = [each.fields() + [""] * (width - len(each.fields())) for each in (row, other)]
        differing = {(row.line, name_of(position + 1)) for position in range(width) if fields[0][position] != fields[1][position]}
        assert differing == {each for each in changed if each[0] == row.line}
    assert (processed.before.rows, processed.before.debit, processed.before.credit) == (
        processed.after.rows, processed.after.debit, processed.after.credit,
    )  # fmt: skip


@given(bookings=st.lists(BOOKINGS, max_size=4), style=STYLES, given_rules=RULES)
def test_what_was_processed_is_not_changed_again(bookings: list[Booking], style: Style, given_rules: Rules) -> None:
    once = process(extf(bookings, style), NAME, given_rules, Jtl(CUSTOMERS)).outputs[0].content
    again = process(once, NAME, replace(given_rules, marked_on=date(2026, 2, 4)), Jtl(CUSTOMERS))
    assert again.changes == ()
    assert again.outputs[0].content == once


@given(bookings=st.lists(BOOKINGS, max_size=4), style=STYLES)
def test_without_corrections_every_byte_stays(bookings: list[Booking], style: Style) -> None:
    content = extf(bookings, style)
    assert process(content, NAME, Rules(critical_files=CriticalFiles.PREFIX), never).outputs[0].content == content
