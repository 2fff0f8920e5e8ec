"""Invoices from the folder to the Excel file, as Dagster runs it: every file once, every file with a row, nothing guessed, nothing lost."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import dagster as dg
import pytest

from temu_assets.invoices.kinds import Kind
from temu_assets.invoices.reading import Lane
from temu_assets.invoices.sheet import HEADS
from temu_assets.toci import problems
from temu_assets.toci.problems import ProblemState
from temu_assets_tests.invoices.e_invoices import Invoice, Party, cii, ubl
from temu_assets_tests.invoices.office import Office
from temu_assets_tests.invoices.pdfs import encrypted, text_pdf, with_attachment

E_INVOICE = Invoice(number="RE-2026-0815")
PAGE = ["Muster Handel GmbH", "Rechnung RE-2026-0815", "Datum: 05.03.2026", "Gesamtbetrag 119,00 EUR"]
HYBRID = with_attachment(text_pdf(PAGE), "factur-x.xml", cii(E_INVOICE))
AMAZON_ADS = [
    "Amazon Online Germany GmbH", "Domagkstr. 28, 80807 München", "USt-IdNr.: DE111111125", "", "Rechnung für Werbung (Amazon Ads)",
    "Nummer der Rechnung: ADS-DE-4711", "Datum der Rechnung: 03-11-2026", "Rechnungszeitraum: 01-10-2026 - 31-10-2026",
    "Zwischensumme 100,00 EUR", "VAT (19%) - GERMANY 19,00 EUR", "Fälliger Gesamtbetrag 119,00 EUR",
]  # fmt: skip


def metadata(result: dg.ExecuteInProcessResult, asset: str) -> dict[str, object]:
    (event,) = (each for each in result.get_asset_materialization_events() if each.asset_key == dg.AssetKey(asset))
    return {name: value.value for name, value in event.materialization.metadata.items()}


def failed_checks(result: dg.ExecuteInProcessResult) -> set[str]:
    return {each.check_name for each in result.get_asset_check_evaluations() if not each.passed}


def test_an_e_invoice_is_a_row_with_real_numbers_and_days(office: Office) -> None:
    office.drop("Rechnung.pdf", HYBRID)
    (row,) = office.read()
    assert tuple(row) == HEADS
    assert HEADS[:16] == (
        "Datei", "Land", "Dokumenttyp", "Rechnungsnummer", "Rechnungsdatum", "Zeitraum von", "Zeitraum bis", "Netto", "USt", "Brutto",
        "Währung", "Aussteller", "USt-IdNr", "Status", "Hinweis", "Quelle",
    )  # fmt: skip
    assert [row[head] for head in HEADS[:16]] == [
        "Rechnung.pdf", "DE", "Rechnung", "RE-2026-0815", datetime(2026, 3, 5), datetime(2026, 2, 1), datetime(2026, 2, 28), 100, 19, 119,
        "EUR", "Muster Handel GmbH", "DE123456789", "ok", None, "XML",
    ]  # fmt: skip
    assert (row["Steuersätze"], row["Fällig am"], row["IBAN"]) == ("19 %: 100,00 + 19,00", datetime(2026, 4, 4), "DE02120300000000202051")
    assert "Brutto: BT-112" in row["Fundstellen"]


def test_a_data_folder_named_from_where_the_program_works_is_found_by_the_readers_too(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by default: TEMU_DATA_DIR is ``data``. The processes that read documents work elsewhere."""
    monkeypatch.chdir(office.data.parent)
    monkeypatch.setenv("TEMU_DATA_DIR", office.data.name)
    office.drop("Rechnung.pdf", HYBRID)
    (row,) = office.read()
    assert row["Status"] == "ok"


def test_every_file_has_a_row_and_one_that_is_broken_stops_no_other(office: Office) -> None:
    office.drop("a.pdf", HYBRID)
    office.drop("b.xml", ubl(replace(E_INVOICE, number="RE-2")))
    office.drop("c.pdf", encrypted(PAGE, password="x"))
    office.drop("d.pdf", HYBRID[: len(HYBRID) // 2])
    office.drop("e.pdf", b"")
    office.drop("f.pdf", b"<!doctype html><html><body>Ihre Rechnung</body></html>")
    office.drop("g.xml", b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>')
    office.drop("h.pdf", with_attachment(text_pdf(PAGE), "factur-x.xml", cii(replace(E_INVOICE, number="G-3", type_code="381"))))
    rows = {row["Datei"]: row for row in office.read()}
    assert list(rows) == [f"{letter}.{'xml' if letter in 'bg' else 'pdf'}" for letter in "abcdefgh"]
    assert {name: row["Status"] for name, row in rows.items()} == {
        "a.pdf": "ok", "b.xml": "ok", "c.pdf": "Fehler", "d.pdf": "Fehler", "e.pdf": "Fehler", "f.pdf": "Fehler", "g.xml": "Fehler",
        "h.pdf": "prüfen",
    }  # fmt: skip
    assert all(row["Hinweis"] for row in rows.values() if row["Status"] != "ok")
    assert (rows["h.pdf"]["Dokumenttyp"], rows["h.pdf"]["Brutto"]) == ("Gutschrift", -119)
    assert "G-3" in rows["h.pdf"]["Hinweis"]
    assert office.waiting() == []
    assert len(office.archived()) == 8


def test_originals_are_archived_unchanged_and_a_second_run_changes_nothing(office: Office) -> None:
    office.drop("a.pdf", HYBRID)
    first = office.read()
    stored = office.rows()
    assert office.archived() == [HYBRID]
    assert office.read() == first
    assert office.rows() == stored


def test_a_content_is_read_once_whatever_it_is_called(office: Office) -> None:
    office.drop("a.pdf", HYBRID)
    office.drop("copy of a.pdf", HYBRID)
    result = office.run()
    assert metadata(result, "invoice_documents")["known_already"] == 1
    assert len(office.excel()) == 1
    office.drop("again.pdf", HYBRID)
    assert len(office.read()) == 1
    assert office.waiting() == []


def test_a_number_used_before_is_told_for_the_later_document(office: Office) -> None:
    office.drop("first.xml", cii(E_INVOICE))
    assert office.read()[0]["Status"] == "ok"
    office.drop("second.xml", cii(replace(E_INVOICE, gross="238.00", net="200.00", tax="38.00", lines_net="200.00", groups=())))
    office.drop("other issuer.xml", cii(replace(E_INVOICE, seller=Party(name="Andere GmbH", vat_id="DE222222222"))))
    rows = {row["Datei"]: row for row in office.read()}
    assert rows["first.xml"]["Status"] == rows["other issuer.xml"]["Status"] == "ok"
    assert "gibt es schon: first.xml" in rows["second.xml"]["Hinweis"]


def test_of_many_with_one_number_each_names_the_first_alone_in_whatever_order_they_are_read(office: Office) -> None:
    for number in range(30):
        office.drop(f"{number:02}.xml", cii(replace(E_INVOICE, lines=(f"Klebeband {number}",))))
    clear, *others = sorted(office.read(), key=lambda row: str(row["Status"]))
    assert clear["Status"] == "ok"
    assert {row["Hinweis"] for row in others} == {f"Rechnungsnummer RE-2026-0815 dieses Ausstellers gibt es schon: {clear['Datei']}."}
    assert len(others) == 29


def test_an_advertising_invoice_in_the_wrong_folder_is_mended_by_dropping_it_again(office: Office) -> None:
    office.drop("ads.pdf", text_pdf(AMAZON_ADS))
    assert failed_checks(office.run(checks=True)) == {"every_invoice_is_clear"}
    (row,) = office.excel()
    assert row["Status"] == "prüfen"
    assert "gehört nach eingang/werbung" in row["Hinweis"]
    office.drop("ads.pdf", text_pdf(AMAZON_ADS), Lane.ADVERTISING)
    assert failed_checks(office.run(checks=True)) == set()
    assert office.excel() == []
    (row,) = office.excel(Lane.ADVERTISING)
    assert (row["Rechnungsnummer"], row["Rechnungsdatum"], row["Zeitraum von"], row["Netto"], row["USt"], row["Brutto"], row["Land"]) == (
        "ADS-DE-4711", datetime(2026, 11, 3), datetime(2026, 10, 1), 100, 19, 119, "DE",
    )  # fmt: skip
    assert (row["Dokumenttyp"], row["Status"], row["Hinweis"]) == ("Werberechnung", "ok", None)


def test_other_programs_folders_are_collected_from(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scans").mkdir()
    scan = tmp_path / "scans" / "scan.pdf"
    scan.write_bytes(HYBRID)
    os.utime(scan, (1_000_000, 1_000_000))
    monkeypatch.setenv("INVOICE_FOLDERS", f"rechnungen={tmp_path / 'scans'}")
    office.drop("b.xml", cii(replace(E_INVOICE, number="RE-2")))
    assert {row["Datei"] for row in office.read()} == {"scan.pdf", "b.xml"}
    assert not scan.exists()
    assert HYBRID in office.archived()


def test_text_of_a_file_is_no_formula(office: Office) -> None:
    office.drop("=cmd.xml", cii(replace(E_INVOICE, number='=HYPERLINK("http://example.invalid")')))
    (row,) = office.read()
    assert row["Datei"] == "=cmd.xml"
    assert row["Rechnungsnummer"].startswith("=HYPERLINK")


def test_a_file_somebody_still_writes_is_left_and_told(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    path = office.drop("growing.pdf", HYBRID[:100])
    monkeypatch.setattr(time, "sleep", lambda _: os.utime(path))
    os.utime(path)
    result = office.run()
    assert result.success
    assert metadata(result, "invoice_documents")["still_being_written"] == 1
    assert office.waiting() == ["growing.pdf"]
    assert office.rows() == []


def test_an_excel_file_that_is_in_use_makes_the_run_red_and_loses_nothing(office: Office) -> None:
    office.drop("a.pdf", HYBRID)
    folder = office.data / "pdf_reader" / "ausgang" / "rechnungen.xlsx"
    folder.mkdir(parents=True)
    result = office.run()
    assert not result.success
    assert office.rows()[0].status == "ok"
    folder.rmdir()
    assert len(office.read()) == 1


def test_what_is_not_ok_is_a_problem_that_a_person_settles(office: Office) -> None:
    office.drop("broken.pdf", b"%PDF-1.7 nothing")
    office.drop("unclear.xml", cii(replace(E_INVOICE, gross="120.00")))
    assert failed_checks(office.run(checks=True)) == {"every_invoice_was_read", "every_invoice_is_clear"}
    (broken,), (unclear,) = office.problems(Kind.INVOICE_UNREADABLE), office.problems(Kind.INVOICE_TO_CHECK)
    assert broken.key.endswith(" broken.pdf")
    assert "Brutto ist 120,00" in unclear.reason
    office.toci.write(
        lambda connection: problems.mark(connection, office.toci.shop, Kind.INVOICE_TO_CHECK, [unclear.key], ProblemState.HANDLED)
    )
    assert office.run().success
    assert office.problems(Kind.INVOICE_TO_CHECK)[0].state is ProblemState.HANDLED
    assert office.problems(Kind.INVOICE_UNREADABLE)[0].state is ProblemState.OPEN


PROFILE = """
id: sonderbar
issuer: Sonderbar & Co
vat_ids: [DE333333335]
lane: rechnungen
kind: Rechnung
language: de
country: DE
all_of: [Sonderbar & Co]
any_of: [Rechnung]
labels:
  number: [Vorgang]
  issued_on: [geschrieben am]
  net: [ohne Steuer]
  tax: [der Staat bekommt]
  gross: [unterm Strich]
"""


def test_a_document_is_read_again_with_a_profile_of_the_sellers_own(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = ["Sonderbar & Co", "Rechnung", "USt-IdNr. DE333333335", "Vorgang: S-77", "geschrieben am: 03.11.2026",
            "ohne Steuer: 100,00 EUR", "der Staat bekommt: 19,00 EUR", "unterm Strich: 119,00 EUR"]  # fmt: skip
    office.drop("odd.pdf", text_pdf(page))
    assert office.read()[0]["Status"] == "Fehler"
    (problem,) = office.problems(Kind.INVOICE_UNREADABLE)
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "sonderbar.yaml").write_text(PROFILE, encoding="utf-8")
    monkeypatch.setenv("INVOICE_PROFILES", str(tmp_path / "profiles"))
    assert office.read()[0]["Status"] == "Fehler"
    office.toci.write(
        lambda connection: problems.mark(connection, office.toci.shop, Kind.INVOICE_UNREADABLE, [problem.key], ProblemState.RETRY)
    )
    assert metadata(office.run(), "invoices")["read"] == 1
    (row,) = office.excel()
    assert (row["Status"], row["Rechnungsnummer"], row["Brutto"], row["Gelesen nach"]) == ("ok", "S-77", 119, "sonderbar")
    assert office.problems(Kind.INVOICE_UNREADABLE) == []
    assert metadata(office.run(), "invoices")["read"] == 0


def test_profiles_that_cannot_be_used_stop_the_reading_and_lose_nothing(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "profiles"
    folder.mkdir()
    (folder / "mine.yaml").write_text("id: [", encoding="utf-8")
    monkeypatch.setenv("INVOICE_PROFILES", str(folder))
    office.drop("a.pdf", HYBRID)
    assert not office.run().success
    assert [row.read_at for row in office.rows()] == [None]
    (folder / "mine.yaml").unlink()
    assert [row["Status"] for row in office.read()] == ["ok"]


def test_days_in_the_database_are_days(office: Office) -> None:
    office.drop("a.xml", cii(E_INVOICE))
    office.read()
    (row,) = office.rows()
    assert (row.issued_on, row.net_cents, row.gross_cents, row.lane, row.source) == (date(2026, 3, 5), 10000, 11900, "rechnungen", "XML")
