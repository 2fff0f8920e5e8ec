"""The report: what its sheets say, its name, what happens to it when a run dies, and which old ones are removed."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import Connection

from temu_assets.bookkeeping import batch_store, document_store, results
from temu_assets.bookkeeping.batch_store import Arrival
from temu_assets.bookkeeping.cross_checks import BatchDocument
from temu_assets.bookkeeping.findings import Change, Document, Finding, NotFound, Processed, Severity, Sums, TotalsRow
from temu_assets.bookkeeping.old_reports import OldReports
from temu_assets.bookkeeping.report import IN_OTHER_FILES, GrossTotals, Reporting
from temu_assets.bookkeeping.report_sheets import DETAILS_GONE, Report
from temu_assets.bookkeeping.results import Result, WrittenOutput
from temu_assets.bookkeeping.statuses import Status
from temu_assets.toci import leases, sync_state
from temu_assets.toci.sync_state import Mark
from temu_assets_tests.bookkeeping.desk import NOW, Desk

HOSTILE = '=HYPERLINK("http://example.invalid")'


def processed(name: str = "EXTF_1.csv", *, withheld: str = "", documents: Sequence[Document] = ()) -> Processed:
    return Processed(
        file=name,
        header=(("Beraternummer", "1001"), ("Bezeichnung", "Belege 2026/01")),
        outputs=(),
        withheld=withheld,
        findings=(
            Finding("R06", Severity.ERROR, name, 4, "Gegenkonto (ohne BU-Schlüssel)", "0", "Konto zuordnen."),
            Finding("R09", Severity.WARNING, name, 5, "Buchungstext", HOSTILE, "Kürzen."),
        ),
        changes=(Change("K1", name, 3, "Belegfeld 1", "302-1", "10042"),),
        not_found=(NotFound(name, 6, "302-2", "In JTL nicht gefunden."),),
        before=Sums(4, Decimal("1234.56"), Decimal("-0.10")),
        after=Sums(4, Decimal("1234.56"), Decimal("-0.10")),
        totals=(TotalsRow("Monat", "2026-01", 4, Decimal("1234.56"), Decimal("-0.10")),),
        documents=tuple(documents),
        marked_rows=1,
    )


def store(desk: Desk, digest: str, done: Processed, *, came_in: str | None = None) -> Result:
    """A file that came and was processed."""
    digest = digest * 64
    arrival = Arrival(digest, done.file, f"archiv/{done.file}", 10, came_in)
    result = Result(digest, "rules", desk.now(), done, () if done.withheld else (WrittenOutput(done.file, "0" * 64, 10),))
    results.write_result(desk.data, result)
    now = desk.now()
    desk.toci.write(lambda connection: batch_store.take(connection, "shop", [arrival], now=now))
    desk.toci.write(lambda connection: batch_store.finish(connection, "shop", result))
    return result


def refuse(desk: Desk, digest: str, name: str, why: str) -> None:
    now = desk.now()
    arrival = Arrival(digest * 64, name, f"archiv/{name}", 10, refusal=why)
    desk.toci.write(lambda connection: batch_store.take(connection, "shop", [arrival], now=now))


def report_on(desk: Desk, totals: GrossTotals | None = None) -> Report | None:
    with leases.hold(desk.toci, "bookkeeping", "test") as lease:
        return Reporting(desk.toci, lease, desk.data, totals, desk.now).run()


def cells(desk: Desk, name: str) -> dict[str, list[tuple[Any, ...]]]:
    """What Excel shows of the newest report, by sheet, the heads first."""
    book = load_workbook(io.BytesIO((desk.reports / f"{name}.xlsx").read_bytes()))
    return {sheet.title: [tuple(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}


def reported(desk: Desk, totals: GrossTotals | None = None) -> dict[str, list[tuple[Any, ...]]]:
    report = report_on(desk, totals)
    assert report is not None
    return cells(desk, report.name)


def overview(desk: Desk) -> list[dict[str, Any]]:
    heads, *rows = reported(desk)["Übersicht"]
    return [dict(zip(heads, row, strict=True)) for row in rows]


def test_every_sheet_is_there_and_says_what_was_found(desk: Desk) -> None:
    store(desk, "a", processed())
    sheets = reported(desk)
    assert list(sheets) == ["Übersicht", "Änderungen", "Nicht gefunden", "Befunde", "Fehler", "Summen", "Kopfdaten"]
    assert sheets["Änderungen"][1:] == [("EXTF_1.csv", 3, "Belegfeld 1", "K1", "302-1", "10042")]
    assert sheets["Nicht gefunden"][1:] == [("EXTF_1.csv", 6, "302-2", "In JTL nicht gefunden.")]
    assert [row[:4] for row in sheets["Befunde"][1:]] == [("EXTF_1.csv", 4, "Fehler", "R06"), ("EXTF_1.csv", 5, "Warnung", "R09")]
    assert sheets["Fehler"][1:] == []
    assert sheets["Summen"][1:] == [("EXTF_1.csv", "Monat", "2026-01", 4, 1234.56, -0.1, 1234.66)]
    assert sheets["Kopfdaten"][1:] == [("EXTF_1.csv", "Beraternummer", "1001"), ("EXTF_1.csv", "Bezeichnung", "Belege 2026/01")]


def test_the_overview_tells_the_state_of_every_file(desk: Desk) -> None:
    store(desk, "a", processed(), came_in="Januar.zip")
    store(desk, "b", processed("EXTF_2.csv", withheld="Kritisches Konto in Zeile 4."))
    refuse(desk, "c", "Foto.png", "Kein DATEV.")
    first, second, third = overview(desk)
    assert (first["Datei"], first["Status"], first["Buchungen"], first["Änderungen"]) == ("EXTF_1.csv", "prüfen", 4, 1)
    assert (first["Offene Bestellnummern"], first["Fehler"], first["Warnungen"]) == (1, 1, 1)
    assert (first["Kritisches Konto"], first["Prüfvermerk gesetzt"], first["Verarbeitet"]) == ("ja", "ja", "ja")
    assert (first["Soll vorher"], first["Haben vorher"], first["Soll nachher"], first["Haben nachher"]) == (1234.56, -0.1, 1234.56, -0.1)
    assert (first["Ausgabe"], first["ZIP"], first["SHA-256"]) == ("EXTF_1.csv", "Januar.zip", "a" * 64)
    assert first["Aufgenommen"] == "03.02.2026 11:20"
    assert (second["Status"], second["Verarbeitet"], second["Ausgabe"]) == ("zurückgehalten", "nein", None)
    assert second["Grund"] == "Kritisches Konto in Zeile 4."
    assert (third["Status"], third["Verarbeitet"], third["Grund"], third["Buchungen"]) == ("Fehler", "nein", "Kein DATEV.", None)


def test_a_refused_file_is_among_the_errors(desk: Desk) -> None:
    refuse(desk, "c", "Foto.png", "Kein DATEV.")
    assert [row[:3] for row in reported(desk)["Fehler"][1:]] == [("Foto.png", None, "Kein DATEV.")]


def test_a_file_whose_details_are_gone_is_told_all_the_same(desk: Desk) -> None:
    store(desk, "a", processed())
    (desk.data / results.result_path("a" * 64)).write_text("{", encoding="utf-8")
    sheets = reported(desk)
    assert sheets["Fehler"][1][2] == DETAILS_GONE
    assert sheets["Befunde"][1:] == []


def test_what_looks_like_a_formula_is_text(desk: Desk) -> None:
    store(desk, "a", processed())
    report = report_on(desk)
    assert report is not None
    book = load_workbook(io.BytesIO((desk.reports / f"{report.name}.xlsx").read_bytes()))
    (cell,) = [cell for row in book["Befunde"].iter_rows() for cell in row if cell.value == HOSTILE]
    assert cell.data_type == "s"


def test_the_twin_says_the_same_and_amounts_stay_exact(desk: Desk) -> None:
    result = store(desk, "a", processed())
    refuse(desk, "c", "Foto.png", "Kein DATEV.")
    report = report_on(desk)
    assert report is not None
    twin = json.loads((desk.reports / f"{report.name}.json").read_bytes())
    assert [(each["file"], each["status"], each["trouble"]) for each in twin["files"]] == [
        ("EXTF_1.csv", "prüfen", ""),
        ("Foto.png", "Fehler", "Kein DATEV."),
    ]
    assert twin["files"][0]["result"]["before"] == [4, "1234.56", "-0.10"]
    assert results.read_result(desk.data, result.sha256) == result


def test_files_are_readable_by_the_programs_user_only(desk: Desk) -> None:
    store(desk, "a", processed())
    report_on(desk)
    written = [path for path in desk.reports.rglob("*") if path.is_file()]
    assert len(written) == 3
    assert os.name == "nt" or {path.stat().st_mode & 0o077 for path in written} == {0}


def test_a_file_is_reported_once_and_nothing_new_makes_no_report(desk: Desk) -> None:
    assert report_on(desk) is None
    assert not desk.reports.exists()
    store(desk, "a", processed())
    report = report_on(desk)
    assert report is not None
    assert desk.row("EXTF_1.csv").reported_in == f"{report.name}.xlsx"
    assert report_on(desk) is None


def test_the_name_is_day_and_time_in_germany(desk: Desk) -> None:
    desk.moment = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
    refuse(desk, "c", "Foto.png", "Kein DATEV.")
    report = report_on(desk)
    assert report is not None
    assert report.name.startswith("auswertung_2026-07-01_0030")


def test_t8_reports_of_the_same_second_do_not_overwrite_each_other(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Desk, "now", lambda self: NOW)
    names = []
    for digest in "abc":
        refuse(desk, digest, f"{digest}.png", "Kein DATEV.")
        report = report_on(desk)
        assert report is not None
        names.append(report.name)
    assert names == ["auswertung_2026-02-03_112030", "auswertung_2026-02-03_112030_2", "auswertung_2026-02-03_112030_3"]
    assert [cells(desk, name)["Fehler"][1][0] for name in names] == ["a.png", "b.png", "c.png"]


def test_a_report_that_was_begun_is_finished_under_its_name(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(desk, "a", "a.png", "Kein DATEV.")

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(batch_store, "report", die)
        with pytest.raises(KeyboardInterrupt):
            report_on(desk)
    (begun,) = desk.reports.glob("*.xlsx")
    refuse(desk, "b", "b.png", "Kein DATEV.")
    report = report_on(desk)
    assert report is not None
    assert f"{report.name}.xlsx" == begun.name
    assert [row[0] for row in cells(desk, report.name)["Fehler"][1:]] == ["a.png", "b.png"]
    assert len(list(desk.reports.glob("*.xlsx"))) == 1
    assert desk.toci.read(lambda connection: sync_state.read(connection, "shop", Mark.DATEV_REPORT_BEGUN)) is None


def invoice(number: str, order: str = "", market: str = "amazon", amount: str = "11.90") -> Document:
    return Document(number, order, "S", market, Decimal(amount), 3)


def test_what_shows_across_files_only_comes_first(desk: Desk) -> None:
    store(desk, "a", processed(documents=[invoice("RE-1"), invoice("TEMU-7", "PO-1", "temu")]))
    report_on(desk)
    store(desk, "b", processed("EXTF_2.csv", documents=[invoice("RE-1"), invoice("RE-9", "PO-1", "temu")]))
    across = [row[:4] for row in reported(desk)["Befunde"][1:3]]
    assert across == [("EXTF_2.csv", 3, "Fehler", "C01"), ("EXTF_2.csv", 3, "Fehler", "T01")]


def test_a_file_with_a_document_of_another_is_to_be_checked(desk: Desk) -> None:
    fine = replace(processed(documents=[invoice("RE-1")]), findings=(), not_found=())
    store(desk, "a", fine)
    assert [row["Status"] for row in overview(desk)] == ["ok"]
    store(desk, "b", replace(fine, file="EXTF_2.csv"))
    store(desk, "c", replace(fine, file="EXTF_3.csv", documents=()))
    second, third = overview(desk)
    assert (second["Status"], second["Fehler"], second["Grund"]) == ("prüfen", 1, IN_OTHER_FILES)
    assert (third["Status"], third["Fehler"], third["Grund"]) == ("ok", 0, None)
    told = desk.toci.read(lambda connection: batch_store.known(connection, "shop", ["a" * 64, "b" * 64, "c" * 64]))
    assert [(told[each * 64].status, told[each * 64].note) for each in "abc"] == [
        (Status.OK, ""), (Status.CHECK, IN_OTHER_FILES), (Status.OK, ""),
    ]  # fmt: skip


def test_a_withheld_file_doubles_nothing(desk: Desk) -> None:
    store(desk, "a", processed(withheld="Kritisches Konto.", documents=[invoice("RE-1"), invoice("TEMU-7", "PO-1", "temu")]))
    store(desk, "b", processed("EXTF_2.csv", documents=[invoice("RE-1"), invoice("RE-9", "PO-1", "temu")]))
    report = report_on(desk)
    assert report is not None
    assert report.across == ()


def test_a_number_that_is_in_another_file_is_no_gap(desk: Desk) -> None:
    store(desk, "a", processed(documents=[invoice("RE-105")]))
    report_on(desk)
    numbers = [f"RE-{number}" for number in range(100, 115) if number not in (105, 110)]
    store(desk, "b", processed("EXTF_2.csv", documents=[invoice(number) for number in numbers]))
    report = report_on(desk)
    assert report is not None
    assert [(finding.code, finding.value) for finding in report.across] == [("C02", "RE-110")]


def test_sums_are_held_against_jtl_where_that_is_wanted(desk: Desk) -> None:
    asked: list[Sequence[str]] = []

    def totals(numbers: Sequence[str]) -> Mapping[str, Decimal]:
        asked.append(numbers)
        return {"302-1": Decimal("12.00")}

    store(desk, "a", processed(documents=[invoice("RE-1", "302-1"), invoice("RE-2", "302-2"), invoice("RE-3")]))
    report = report_on(desk, totals)
    assert report is not None
    assert asked == [["302-1", "302-2"]]
    (finding,) = report.across
    assert (finding.code, finding.severity, finding.value) == ("C03", Severity.WARNING, "Dateien 11,90, JTL 12,00")


def test_numbers_longer_than_their_column_and_sums_beyond_all_books_are_stored_all_the_same(desk: Desk) -> None:
    long = "9" * 61
    documents = [invoice(long + "1", amount="1.005"), invoice(long + "2"), invoice("RE \0", amount="1e30")]
    done = replace(processed(documents=documents), before=Sums(2, Decimal("1e40"), Decimal("-1e40")))
    result = store(desk, "a", done)
    row = desk.row("EXTF_1.csv")
    assert (row.debit_cents, row.credit_cents) == (10**17, -(10**17))
    found = desk.toci.read(lambda connection: document_store.documents_of(connection, "shop", [result.sha256]))
    assert sorted((each.document.number, each.document.amount) for each in found) == [
        ("9" * 60, Decimal("12.91")),
        ("RE", Decimal(10) ** 15),
    ]


KEPT_FOR_EVER = (
    "auswertung_2026-02-03_112030.xlsx.bak", "auswertung.xlsx", "Steuerberater.xlsx", "auswertung_2020-13-99_112030.xlsx",
    "auswertung_2020-01-01_112030.pdf", ".auswertung_2020-01-01_112030.xlsx",
)  # fmt: skip


def test_t6_only_old_reports_under_our_names_are_removed(desk: Desk) -> None:
    """The predecessor's clean-up deleted everything."""
    old, young = "auswertung_2026-01-01_112030", "auswertung_2026-01-04_000000_2"
    result = store(desk, "a", processed())
    report_on(desk)
    waiting = store(desk, "b", processed("EXTF_2.csv"))
    for name in (*KEPT_FOR_EVER, f"{old}.xlsx", f"{old}.json", f"{old}_3.xlsx", f"{young}.xlsx"):
        (desk.reports / name).write_bytes(b"x")
    (desk.reports / f"{old}_4.xlsx").mkdir()
    for folder in (desk.inbox, desk.outbox, desk.data / "csv_verarbeiter" / "archiv"):
        folder.mkdir(parents=True)
        (folder / f"{old}.xlsx").write_bytes(b"x")
    everything = set(desk.data.rglob("*"))

    def remove(keep: int) -> set[str]:
        before = set(desk.data.rglob("*"))
        removed = OldReports(desk.toci, desk.data, keep, desk.now).remove()
        gone = {path.relative_to(desk.reports).as_posix() for path in before - set(desk.data.rglob("*"))}
        assert len(gone) == removed
        return gone

    assert remove(0) == set()
    assert set(desk.data.rglob("*")) == everything
    assert remove(30) == {f"{old}.xlsx", f"{old}.json", f"{old}_3.xlsx"}
    assert remove(30) == set()
    desk.moment += timedelta(days=31)
    detail = Path(results.result_path(result.sha256)).name
    assert remove(30) >= {f"details/{detail}", f"{young}.xlsx"}
    assert (desk.data / results.result_path(waiting.sha256)).exists()
    assert {path.name for path in desk.reports.iterdir()} == {*KEPT_FOR_EVER, f"{old}_4.xlsx", "details"}


def test_what_is_asked_across_files_does_not_take_the_square_of_their_documents(desk: Desk) -> None:
    if desk.toci.engine.dialect.name != "sqlite":
        pytest.skip("counts the steps of SQLite's machine")
    for digest in "ab":
        documents = [invoice(f"RE-{digest}{number}", f"PO-{digest}{number}") for number in range(2_000)]
        store(desk, digest, processed(f"EXTF_{digest}.csv", documents=documents))
    thousands = 0

    def count() -> int:
        nonlocal thousands
        thousands += 1
        return 0

    def ask(connection: Connection) -> list[BatchDocument]:
        driver: Any = connection.connection.driver_connection
        driver.set_progress_handler(count, 1_000)
        try:
            return document_store.documents_elsewhere(connection, "shop", ["a" * 64, "b" * 64])
        finally:
            driver.set_progress_handler(None, 0)

    assert desk.toci.read(ask) == []
    assert thousands < 2_000, "a few hundred steps for each of 4,000 documents"
