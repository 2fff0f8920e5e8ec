"""What is said about single bookings."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from temu_assets.bookkeeping.findings import Processed, Severity
from temu_assets.bookkeeping.vat_rates import COUNTRIES, is_valid, rates_on
from temu_assets.office_settings import DocumentField
from temu_assets_tests.bookkeeping.extf_files import AMAZON, EBAY, JERA, TEMU, TEMU_2, Booking, Quoting, Style
from temu_assets_tests.bookkeeping.process_files import codes, rules, run, told

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO


def severities(processed: Processed, code: str) -> list[Severity]:
    return [finding.severity for finding in told(processed, code)]


@pytest.mark.parametrize(
    ("booking", "column"),
    [
        (Booking(amount=""), "Umsatz (ohne Soll/Haben-Kz)"),
        (Booking(side=""), "Soll/Haben-Kennzeichen"),
        (Booking(account=""), "Konto"),
        (Booking(day=""), "Belegdatum"),
    ],
)
def test_r01_what_every_booking_needs(booking: Booking, column: str) -> None:
    processed = run(Booking(day="0301"), booking)
    (found,) = told(processed, "R01")
    assert (found.severity, found.line, found.column, found.value) == (ERROR, 4, column, "")
    assert codes(processed, least=ERROR) == {"R01"}


@pytest.mark.parametrize(
    ("amount", "severity"),
    [
        ("119,00", None), ("0,01", None), ("9999999999,99", None), ("64083", None), ("1234,5", WARNING), ("0,00", ERROR), ("0", ERROR),
        ("-119,00", ERROR), ("+119,00", ERROR), ("119.00", ERROR), ("1.234,00", ERROR), ("119,000", ERROR), ("12345678901,00", ERROR),
        ("119,00 EUR", ERROR), ("x", ERROR), (" 119,00", ERROR), ("٣,00", ERROR),
    ],
)  # fmt: skip
def test_r02_amounts(amount: str, severity: Severity | None) -> None:
    processed = run(Booking(amount=amount), style=Style("utf-8-sig"))
    assert severities(processed, "R02") == ([] if severity is None else [severity])


@pytest.mark.parametrize(("side", "wrong"), [("S", False), ("H", False), ("s", True), ("Soll", True), ("+", True)])
def test_r03_sides(side: str, wrong: bool) -> None:
    assert severities(run(Booking(side=side)), "R03") == [ERROR] * wrong


@pytest.mark.parametrize(
    ("day", "severity"),
    [
        ("0201", None), ("3101", None), ("0102", WARNING), ("3112", WARNING), ("3102", ERROR), ("0000", ERROR), ("2902", ERROR),
        ("0113", ERROR), ("02.01", ERROR), ("02012026", ERROR), ("1", ERROR), ("01 1", ERROR), ("991", ERROR),
    ],
)  # fmt: skip
def test_r04_document_dates(day: str, severity: Severity | None) -> None:
    assert severities(run(Booking(day=day)), "R04") == ([] if severity is None else [severity])


def test_r04_service_dates() -> None:
    assert severities(run(Booking(more={115: "02012026", 116: "02012026"})), "R04") == []
    assert severities(run(Booking(more={115: "02012026"})), "R04") == [WARNING]
    assert severities(run(Booking(more={115: "20260102", 116: "0201"})), "R04") == [ERROR, ERROR]


@pytest.mark.parametrize(
    ("account", "wrong"),
    [("10000000", False), ("4400000", False), ("1", False), ("100000000", True), ("0", True), ("1000A", True), ("-1", True)],
)  # fmt: skip
def test_r05_accounts(account: str, wrong: bool) -> None:
    assert severities(run(Booking(account=account)), "R05") == [ERROR] * wrong


@pytest.mark.parametrize(
    ("contra", "critical"),
    [("", True), ("0", True), ("00", True), ("20", True), (" 7 ", True), ("21", False), ("9999", True), ("85", False), ("4400000", False)],
)
def test_r06_contra_accounts_that_stand_for_a_missing_one(contra: str, critical: bool) -> None:
    processed = run(Booking(contra=contra), given=rules(critical_accounts=((0, 20), (9999, 9999))))
    assert severities(processed, "R06") == [ERROR] * critical
    assert bool(processed.withheld) is critical


def test_r06_a_contra_account_of_zero_that_is_not_critical_is_none_all_the_same() -> None:
    assert codes(run(Booking(contra="0"), given=rules(critical_accounts=((9999, 9999),))), least=ERROR) == {"R05"}


@pytest.mark.parametrize(
    ("document", "severity"),
    [
        (AMAZON, None), ("RE_2026$&%*+-/1", None), ("x" * 36, None), ("", WARNING), ("x" * 37, WARNING), ("RE 1", ERROR),
        ("RE.1", ERROR), ("RE,1", ERROR), ("RE;1", ERROR), ("RE:1", ERROR), ("Größe1", ERROR), (" RE1", ERROR), ("RE#1", ERROR),
        ("RÉ1", ERROR),
        ("١٢٣", ERROR),
    ],
)  # fmt: skip
def test_r07_belegfeld_1(document: str, severity: Severity | None) -> None:
    processed = run(Booking(document=document), style=Style("utf-8-sig"))
    assert severities(processed, "R07") == ([] if severity is None else [severity])


def test_r07_matters_less_where_there_are_no_open_items() -> None:
    depreciation = Booking(account="6220000", contra="0650000", document="")
    assert severities(run(depreciation), "R07") == [INFO]
    assert severities(run(depreciation, header={14: ""}), "R07") == [WARNING]


@pytest.mark.parametrize(
    ("more", "severity"),
    [({12: "x" * 12}, None), ({12: "x" * 13}, WARNING), ({40: "x" * 16}, WARNING), ({95: "x" * 31}, WARNING), ({92: "x" * 300}, None)],
)
def test_r09_texts_that_are_too_long(more: dict[int, str], severity: Severity | None) -> None:
    assert severities(run(Booking(more=more)), "R09") == ([] if severity is None else [severity])


def test_r09_the_booking_text_has_sixty_characters() -> None:
    assert told(run(Booking(text="RE-1 " + "ä" * 55)), "R09") == []
    (found,) = told(run(Booking(text="RE-1 " + "ä" * 56)), "R09")
    assert (found.severity, found.column) == (WARNING, "Buchungstext")
    assert "61 Zeichen" in found.hint


@pytest.mark.parametrize(
    ("account", "contra", "key", "wrong"),
    [
        ("10000000", "4400000", "240", True), ("10000000", "4400000", "", False), ("10000000", "4400000", "0", False),
        ("10000000", "4400000", "9", True), ("4400000", "10000000", "240", True), ("10000000", "4320000", "240", False),
        ("10000000", "4400000", "40", False), ("10000000", "4400000", "20", False), ("10000000", "4400001", "9", False),
        ("44000000", "4320000", "9", False), ("10000000", "8400000", "401", True), ("10000000", "4400000", "0240", True),
    ],
)  # fmt: skip
def test_r10_keys_on_automatic_accounts(account: str, contra: str, key: str, wrong: bool) -> None:
    booking = Booking(account=account, contra=contra, key=key, more={40: "FR", 41: "20,00"} if "240" in key else {})
    assert severities(run(booking), "R10") == [ERROR] * wrong


OSS = "4320000"


@pytest.mark.parametrize(
    ("key", "contra", "more", "severity"),
    [
        ("240", OSS, {40: "FR", 41: "20,00"}, None),
        ("241", OSS, {40: "FR", 41: "20,00"}, None),
        ("285", OSS, {40: "DE", 41: "19,00"}, None),
        ("240", OSS, {41: "20,00"}, ERROR),
        ("240", OSS, {40: "FR"}, ERROR),
        ("0240", OSS, {}, ERROR),
        ("285", OSS, {}, ERROR),
        ("240", OSS, {40: "DE", 41: "19,00"}, ERROR),
        ("241", OSS, {40: "DE", 41: "19,00"}, ERROR),
        ("240", OSS, {40: "FR12345678901", 41: "20,00"}, WARNING),
        ("", OSS, {41: "20,00"}, WARNING),
        ("", "4400000", {40: "FR", 41: "20,00"}, WARNING),
        ("", "4400000", {40: "DE", 41: "19,00"}, None),
        ("", "4125000", {40: "FR12345678901"}, None),
    ],
)
def test_r11_distance_sales(key: str, contra: str, more: dict[int, str], severity: Severity | None) -> None:
    assert severities(run(Booking(key=key, contra=contra, more=more)), "R11") == ([] if severity is None else [severity])


@pytest.mark.parametrize(
    ("country", "rate", "side", "day", "wrong"),
    [
        ("FR", "20,00", "S", "0201", False), ("FR", "5,5", "S", "0201", False), ("FR", "19,00", "S", "0201", True),
        ("AT", "20", "S", "0201", False), ("SK", "23,00", "S", "0201", False), ("SK", "20,00", "S", "0201", True),
        ("EE", "24,00", "S", "0201", False), ("EE", "22,00", "S", "0201", True), ("EE", "22,00", "H", "0201", False),
        ("GR", "24,00", "S", "0201", True), ("EL", "24,00", "S", "0201", False), ("GB", "20,00", "S", "0201", True),
        ("US", "0,00", "S", "0201", True), ("FR", "0,00", "S", "0201", True), ("FR", "zwanzig", "S", "0201", True),
        ("fr", "20,00", "S", "0201", False), ("FR", "20,00", "S", "9999", False),
    ],
)  # fmt: skip
def test_r12_rates_of_the_country_on_the_day(country: str, rate: str, side: str, day: str, wrong: bool) -> None:
    booking = Booking(key="240", contra=OSS, side=side, day=day, more={40: country, 41: rate})
    assert severities(run(booking), "R12") == [WARNING] * wrong


def test_r12_the_service_date_decides_where_there_is_one() -> None:
    booking = Booking(key="240", contra=OSS, more={40: "SK", 41: "20,00", 115: "15122024", 116: "15122024"})
    assert told(run(booking), "R12") == []


@pytest.mark.parametrize(
    ("country", "day", "rates"),
    [
        ("DE", date(2020, 12, 31), {"16", "5"}), ("DE", date(2021, 1, 1), {"19", "7"}), ("CZ", date(2023, 12, 31), {"21", "15", "10"}),
        ("CZ", date(2024, 1, 1), {"21", "12"}), ("FI", date(2024, 9, 1), {"25.5", "14", "10"}),
        ("LU", date(2023, 5, 1), {"16", "13", "7", "3"}),
        ("RO", date(2025, 8, 1), {"21", "11", "9"}), ("DE", date(2000, 1, 1), set()), ("CH", date(2026, 1, 1), set()),
    ],
)  # fmt: skip
def test_rates_change_on_their_day(country: str, day: date, rates: set[str]) -> None:
    assert rates_on(country, day) == {Decimal(rate) for rate in rates}


def test_every_country_of_the_eu_has_rates() -> None:
    assert len(COUNTRIES) == 28
    assert all(Decimal(15) <= max(rates_on(country, date(2026, 1, 15))) <= Decimal(27) for country in COUNTRIES)


def test_a_late_invoice_may_have_the_old_rate_and_a_credit_note_for_a_year() -> None:
    old, change = Decimal(20), date(2025, 1, 1)
    assert is_valid("SK", old, change.replace(day=20), is_credit=False)
    assert not is_valid("SK", old, date(2025, 3, 1), is_credit=False)
    assert is_valid("SK", old, date(2025, 3, 1), is_credit=True)
    assert not is_valid("SK", old, date(2026, 6, 1), is_credit=True)


DEBTORS = (("amazon", "10000100"), ("temu", "10000200"), ("temu", "10000201"))


@pytest.mark.parametrize(
    ("account", "document", "found"),
    [
        ("10000100", AMAZON, set()), ("10000200", TEMU, set()), ("10000201", TEMU, set()), ("10009999", AMAZON, {"R13"}),
        ("10000300", "RE-1", {"R13"}), ("10000200", AMAZON, {"R14"}), ("10000100", TEMU, {"R14"}), ("10000300", TEMU, {"R14"}),
        ("10000300", EBAY, {"R13"}), ("1200000", TEMU, set()),
    ],
)  # fmt: skip
def test_r13_and_r14_debtors_of_marketplaces(account: str, document: str, found: set[str]) -> None:
    given = rules(debtors=DEBTORS, default_debtor="10009999")
    assert codes(run(Booking(account=account, document=document), given=given)) == found
    turned = Booking(account="4320000", contra=account, document=document, side="H")
    assert codes(run(turned, given=given)) == found


def test_r13_and_r14_say_nothing_where_no_debtors_are_set() -> None:
    assert codes(run(Booking(account="10000300", document=TEMU))) == set()


@pytest.mark.parametrize(
    ("more", "severity"),
    [
        ({3: "CHF", 4: "1,240402", 5: "100,00", 6: "EUR"}, None), ({3: "CHF"}, ERROR), ({3: "CHF", 4: "1,240402"}, ERROR),
        ({4: "1,240402"}, ERROR), ({3: "CHF", 4: "0,000000", 5: "100,00", 6: "EUR"}, ERROR), ({6: "EUR"}, None), ({3: ""}, None),
        ({3: "CHF", 4: "1.24", 5: "100,00", 6: "EUR"}, ERROR),
    ],
)  # fmt: skip
def test_r15_foreign_currency(more: dict[int, str], severity: Severity | None) -> None:
    assert severities(run(Booking(more=more)), "R15") == ([] if severity is None else [severity])


def test_r16_the_same_booking_twice() -> None:
    processed = run(Booking(), Booking(day="0301"), Booking(), Booking(text="RE-2"), Booking())
    assert [(found.severity, found.line) for found in told(processed, "R16")] == [(WARNING, 5), (WARNING, 7)]
    assert "Zeile 3" in told(processed, "R16")[0].hint


def test_r17_characters_datev_does_not_have() -> None:
    assert told(run(Booking(text="RE-1 Łódź"), style=Style("utf-8-sig")), "R17")[0].hint.startswith("„Łź“")
    assert told(run(Booking(text="RE-1 „Müller“ – 5 €"), style=Style("utf-8-sig")), "R17") == []
    assert severities(run(Booking(text="RE-1\tMüller")), "R17") == [WARNING]
    assert severities(run(Booking(text="RE-1\r\nMüller")), "R17") == [WARNING]


@pytest.mark.parametrize(
    ("flags", "header", "found"),
    [
        (["0", "0"], "0", []), (["", "", "0"], "0", ["3"]), (["0", "1"], "0", ["4"]), (["1", "1"], "1", []), (["0", "1"], "1", ["4"]),
        (["", "1"], "0", ["3", "4"]), (["2", "0"], "0", ["3"]),
    ],
)  # fmt: skip
def test_r18_lock_flags_are_told_together(flags: list[str], header: str, found: list[str]) -> None:
    bookings = [Booking(lock=flag, text=f"RE-{number}") for number, flag in enumerate(flags)]
    assert [str(each.line) for each in told(run(*bookings, header={21: header}), "R18")] == found


def test_r18_says_nothing_where_the_file_has_no_such_column() -> None:
    assert told(run(style=Style(columns=14)), "R18") == []


def test_r19_what_excel_does() -> None:
    assert [(found.severity, found.column) for found in told(run(Booking(day="201")), "R19")] == [(WARNING, "Belegdatum")]
    processed = run(Booking(account="1,0E+07", document="2,8E+16", more={95: "1E+5"}))
    assert [(found.severity, found.column) for found in told(processed, "R19")] == [
        (ERROR, "Konto"), (ERROR, "Belegfeld 1"), (ERROR, "Auftragsnummer"),
    ]  # fmt: skip
    assert told(processed, "R05") == []


@pytest.mark.parametrize(
    ("more", "wrong"),
    [({21: "Art", 22: "Inhalt"}, 0), ({21: "Art"}, 1), ({22: "Inhalt"}, 1), ({48: "Art"}, 1), ({87: "Inhalt"}, 1), ({49: "a", 50: "b"}, 2)],
)
def test_r20_information_stands_in_pairs(more: dict[int, str], wrong: int) -> None:
    assert severities(run(Booking(more=more)), "R20") == [WARNING] * wrong


def test_r21_a_row_with_a_semicolon_in_its_text_is_told_and_left_alone() -> None:
    plain = ";".join(Booking().values(124))
    shifted = plain.replace("Mustermann", "Muster; Mann")
    processed = run(plain, shifted, given=rules("K1", document_field=DocumentField.INVOICE_NUMBER), style=JERA)
    assert [(found.severity, found.line) for found in told(processed, "R21")] == [(ERROR, 4)]
    assert [change.line for change in processed.changes] == [3]
    assert shifted in processed.outputs[0].content.decode("cp1252")


def test_r21_says_nothing_where_all_rows_end_with_a_semicolon() -> None:
    row = ";".join(Booking().values(124)) + ";"
    assert told(run(row, row.replace("0201", "0301"), style=JERA), "R21") == []


@pytest.mark.parametrize(
    ("text", "open_quote"), [('"Zum Löwen', True), ('5" Rohr', False), ('"Zum Löwen" GmbH', False), ('Zum "Löwen"', False)]
)
def test_r21_a_text_with_an_open_quote_is_told_and_left_alone(text: str, open_quote: bool) -> None:
    row = ";".join(Booking(day="201").values(124)).replace("RE-2026-0001 Mustermann", text)
    processed = run(row, given=rules("K3"), style=JERA)
    assert severities(processed, "R21") == [ERROR] * open_quote
    assert len(processed.changes) == (0 if open_quote else 1)
    assert text in processed.outputs[0].content.decode("cp1252")


def test_a_finding_a_thousand_times_is_told_a_thousand_times_and_counted() -> None:
    processed = run(*[Booking(amount="0,00", text=f"RE-{number:06d}") for number in range(1203)], style=Style(quoting=Quoting.NONE))
    found = told(processed, "R02")
    assert len(found) == 1001
    assert (found[-1].severity, found[-1].value, found[-1].line) == (ERROR, "1203", 0)
    assert "1203-mal" in found[-1].hint


def test_t01_a_second_invoice_for_a_temu_order() -> None:
    first, second = Booking(document=TEMU, text="RE-2026-0001 A"), Booking(document=TEMU, text="RE-2026-0002 A", day="0301")
    (found,) = told(run(first, second), "T01")
    assert (found.severity, found.line, found.value) == (ERROR, 4, "RE-2026-0002")
    assert "RE-2026-0001 (Zeile 3)" in found.hint
    credited = Booking(document=TEMU, text="RE-2026-0001 Storno", side="H")
    assert told(run(first, credited, second), "T01") == []
    assert told(run(first, Booking(document=TEMU, text="RE-2026-0001 A", contra="4300000")), "T01") == []
    assert told(run(first, Booking(document=TEMU_2, text="RE-2026-0002 B")), "T01") == []
    assert told(run(Booking(text="RE-1000"), Booking(text="RE-1001")), "T01") == []


def test_t01_parts_of_one_order_are_one_order() -> None:
    bookings = (Booking(document=f"{TEMU}_1", text="RE-2026-0001 A"), Booking(document=f"{TEMU}_2", text="RE-2026-0002 A"))
    assert len(told(run(*bookings), "T01")) == 1


def test_t02_an_invoice_of_the_seller_where_temu_issues_it() -> None:
    own, temus = Booking(document=TEMU, text="RE-2026-0001 A"), Booking(document=TEMU_2, text="TEMU-DE-77 B")
    given = rules(temu_invoice_numbers=r"TEMU-DE-\d+")
    (found,) = told(run(own, temus, Booking(), given=given), "T02")
    assert (found.severity, found.line, found.value) == (ERROR, 3, "RE-2026-0001")
    assert told(run(own, temus), "T02") == []
