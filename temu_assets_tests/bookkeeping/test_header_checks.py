"""What is said about the name of a DATEV file, its header, and the file as a whole."""

from __future__ import annotations

from datetime import date

import pytest

from temu_assets.bookkeeping.extf import Row
from temu_assets.bookkeeping.findings import Severity
from temu_assets.bookkeeping.header import header_of
from temu_assets.bookkeeping.processing import process
from temu_assets_tests.bookkeeping.extf_files import JERA, NAME, Booking, Quoting, Style, extf
from temu_assets_tests.bookkeeping.process_files import codes, never, rules, run, told

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO


@pytest.mark.parametrize("style", [Style(), JERA, Style(quoting=Quoting.ALL), Style(quoting=Quoting.MIXED)])
def test_a_file_as_it_should_be_has_no_findings(style: Style) -> None:
    assert run(style=style).findings == ()


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        (NAME, False),
        ("extf_klein.CSV", False),
        ("Buchungsstapel.csv", True),
        ("EXTF_Buchungsstapel.txt", True),
        ("EXTFBuchungen.csv", True),
        ("DTVF_Buchungsstapel.csv", True),
    ],
)
def test_h01_the_name_has_to_begin_as_datev_wants_it(name: str, wrong: bool) -> None:
    processed = run(name=name)
    assert [(found.severity, found.line, found.value) for found in told(processed, "H01")] == ([(ERROR, 0, name)] if wrong else [])
    assert processed.outputs[0].name == name


def test_h01_files_of_datev_itself_begin_with_dtvf() -> None:
    assert codes(run(header={1: "DTVF"}, name="DTVF_Stapel.csv")) == set()
    assert codes(run(header={4: "Buchungen"})) == {"H01"}


@pytest.mark.parametrize(
    ("position", "value", "wrong"),
    [
        (11, "1001", False), (11, "9999999", False), (11, "1000", True), (11, "10000000", True), (11, "", True), (11, "1.001", True),
        (12, "1", False), (12, "99999", False), (12, "0", True), (12, "100000", True), (12, "", True),
        (14, "4", False), (14, "8", False), (14, "3", True), (14, "9", True), (14, "", True),
        (13, "", True), (13, "2026", True), (13, "20260230", True), (13, "01.01.2026", True),
        (15, "", True), (15, "20260132", True), (16, "", True), (16, "2,0E+07", True), (16, "10000101", True),
    ],
)  # fmt: skip
def test_h02_the_fields_datev_sorts_by_are_there_and_possible(position: int, value: str, wrong: bool) -> None:
    found = [finding for finding in told(run(header={position: value}), "H02") if finding.severity is ERROR]
    assert [(finding.line, finding.value) for finding in found] == ([(1, value)] if wrong else [])


def test_h02_the_title_may_have_thirty_characters() -> None:
    assert told(run(header={17: "x" * 30}), "H02") == []
    assert [found.severity for found in told(run(header={17: "x" * 31}), "H02")] == [WARNING]


@pytest.mark.parametrize(
    ("year", "first", "last", "wrong"),
    [
        ("20260101", "20260101", "20261231", 0),
        ("20260101", "20260101", "20260101", 0),
        ("20260101", "20251201", "20260131", 1),
        ("20260101", "20261201", "20270131", 1),
        ("20260101", "20270101", "20270131", 2),
        ("20250701", "20260101", "20260630", 0),
        ("20250701", "20260101", "20260701", 1),
        ("20240229", "20250228", "20250228", 0),
        ("20240229", "20250301", "20250301", 2),
        ("20260101", "20260201", "20260131", 1),
    ],
)
def test_h03_the_period_lies_within_one_fiscal_year(year: str, first: str, last: str, wrong: int) -> None:
    found = told(run(header={13: year, 15: first, 16: last}), "H03")
    assert [finding.severity for finding in found] == [ERROR] * wrong


def test_h04_accounts_as_long_as_the_header_says() -> None:
    assert told(run(Booking(account="10000", contra="4400"), header={14: "4"}), "H04") == []
    short = told(run(Booking(account="10000", contra="4400")), "H04")
    assert [(found.severity, found.line) for found in short] == [(WARNING, 1)]
    long = run(Booking(), Booking(day="0301"), header={14: "4"})
    assert [(found.severity, found.value) for found in told(long, "H04")] == [(ERROR, "4")]
    assert "4 Konten" in told(long, "H04")[0].hint
    assert [found.line for found in told(long, "R05")] == [3, 3, 4, 4]


@pytest.mark.parametrize(("flag", "severity"), [("0", None), ("1", WARNING), ("", WARNING), ("2", ERROR)])
def test_h05_a_batch_that_is_locked_is_told(flag: str, severity: Severity | None) -> None:
    found = told(run(header={21: flag}), "H05")
    assert [finding.severity for finding in found] == ([] if severity is None else [severity])


@pytest.mark.parametrize(("chart", "wrong"), [("03", False), ("04", False), ("", False), ("4", True), ("49", True)])
def test_h06_a_chart_of_accounts_nobody_expects_is_told(chart: str, wrong: bool) -> None:
    assert [found.severity for found in told(run(header={27: chart}), "H06")] == [WARNING] * wrong


@pytest.mark.parametrize(("currency", "severity"), [("EUR", None), ("", WARNING), ("CHF", WARNING), ("Euro", ERROR)])
def test_h07_the_currency(currency: str, severity: Severity | None) -> None:
    bookings = Booking(more={3: ""})
    found = told(run(bookings, header={22: currency}), "H07")
    assert [finding.severity for finding in found] == ([] if severity is None else [severity])


def test_r19_a_header_that_went_through_excel() -> None:
    processed = run(header={6: "2,0E+16"}, style=Style(quoting=Quoting.NONE, padding=94))
    assert [(found.severity, found.line) for found in told(processed, "R19")] == [(ERROR, 1), (WARNING, 1)]
    assert processed.outputs[0].content == extf(header={6: "2,0E+16"}, style=Style(quoting=Quoting.NONE, padding=94))


def test_f01_encodings_datev_reads_wrongly_are_told() -> None:
    umlauts = Booking(text="RE-2026-0001 Müller")
    assert [found.severity for found in told(run(umlauts, style=Style("utf-8")), "F01")] == [WARNING]
    assert [found.severity for found in told(run(umlauts, style=Style("utf-8-sig")), "F01")] == [INFO]
    assert told(run(umlauts), "F01") == []
    twice = told(run(Booking(text="RE-2026-0001 MÃ¼ller"), Booking(day="0301", text="RE-2 MÃ¤rz")), "F01")
    assert [(found.severity, found.line, found.value) for found in twice] == [(WARNING, 3, "Ã¼")]
    assert "2 Zeilen" in twice[0].hint


@pytest.mark.parametrize(
    ("header", "columns", "severity"),
    [
        ({}, 125, None), ({5: "12"}, 125, INFO), ({5: "13"}, 124, INFO), ({5: "13"}, 100, WARNING), ({5: "99"}, 125, INFO),
        ({5: ""}, 125, INFO), ({2: "510"}, 125, WARNING),
    ],
)  # fmt: skip
def test_f02_versions_and_columns_that_do_not_fit(header: dict[int, str], columns: int, severity: Severity | None) -> None:
    found = told(run(header=header, style=Style(columns=columns)), "F02")
    assert [finding.severity for finding in found] == ([] if severity is None else [severity])


def test_f02_columns_that_are_named_otherwise_are_an_error() -> None:
    content = extf().decode("cp1252").replace("Belegfeld 1;Belegfeld 2", "Buchungstext;Belegfeld 2").encode("cp1252")
    processed = process(content, NAME, rules(), never)
    assert [(found.severity, found.line, found.column, found.value) for found in told(processed, "F02")] == [
        (ERROR, 2, "Belegfeld 1", "Buchungstext")
    ]


def test_f03_no_booking_and_too_many() -> None:
    assert [found.severity for found in told(run("", ""), "F03")] == [WARNING]
    many = run(*["1,00;S;EUR;;;;10000000;4400000;;0201;A;;;A"] * 100_000, style=Style(quoting=Quoting.NONE, columns=14))
    assert [(found.severity, found.value) for found in told(many, "F03")] == [(ERROR, "100000")]


def test_f04_other_line_ends_and_blank_lines_are_mentioned() -> None:
    assert [found.severity for found in told(run(style=Style(end="\n")), "F04")] == [INFO]
    assert told(run(style=Style(closed=False)), "F04") == []
    assert [found.line for found in told(run(Booking(), "", Booking(day="0301")), "F04")] == [4]


@pytest.mark.parametrize(
    ("year", "text", "day"),
    [
        ("20260101", "0201", date(2026, 1, 2)), ("20250701", "0201", date(2026, 1, 2)), ("20250701", "0107", date(2025, 7, 1)),
        ("20250701", "3006", date(2026, 6, 30)), ("20240101", "2902", date(2024, 2, 29)), ("20260101", "2902", None),
        ("20230701", "2902", date(2024, 2, 29)), ("20240301", "2902", None), ("20260101", "3102", None), ("20260101", "0000", None),
        ("20260101", "201", None), ("20260101", "02.01", None), ("20240229", "2802", date(2025, 2, 28)), ("", "0201", date(2026, 1, 2)),
    ],
)  # fmt: skip
def test_the_year_of_a_document_comes_from_the_fiscal_year(year: str, text: str, day: date | None) -> None:
    header = header_of(Row(f'"EXTF";700;21;"Buchungsstapel";13;;;;;;1001;1;{year};4;20260101;20260131', "", 1))
    assert header.document_day(text) == day


def test_the_header_is_handed_on_for_the_report() -> None:
    named = dict(run().header)
    assert len(named) == 31
    assert (named["Beraternummer"], named["Bezeichnung"], named["Festschreibung"]) == ("29098", "Belege 2026/01", "0")
