"""The job ``datev_processing`` through Dagster, over real files and databases: from the folder where files are dropped to the report."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from temu_assets.bookkeeping import results
from temu_assets.bookkeeping.processing import process
from temu_assets.errors import InternalError
from temu_assets.resources import JtlResource, TemuResource
from temu_assets.toci.tables import datev_documents
from temu_assets_tests.bookkeeping.extf_files import Booking
from temu_assets_tests.bookkeeping.office import Office, datev_file, open_office
from temu_assets_tests.bookkeeping.test_zips import packed
from temu_assets_tests.seller import WITHOUT_CHECKS, Seller, failed_checks, failure, metadata_of

ORDER, ORDER_2 = "302-1234567-1234567", "302-7654321-7654321"
SECRET_NAME = "Rosalinde Geheimzuhalten"
JANUARY = datev_file(
    Booking("11,90", document=ORDER, text="RE-1 Muster"),
    Booking("23,80", document=ORDER_2, text=f"RE-2 {SECRET_NAME}"),
    Booking("5,00", "H", document=ORDER, text="GS-1"),
)
CRITICAL = datev_file(Booking("11,90", document=ORDER, text="RE-7"), Booking("11,90", document=ORDER, contra="0", text="RE-8"))


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    with open_office(tmp_path, monkeypatch) as office:
        yield office


@pytest.fixture
def at_sellers(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> Office:
    """A seller with a JTL that answers, and K1 switched on."""
    monkeypatch.setenv("DATEV_CORRECTIONS", "K1")
    return Office(new_seller.data, new_seller.toci, new_seller.instance)


def in_jtl(seller: Seller, external: str, customer: str, **columns: object) -> None:
    with seller.sandbox.jtl.transaction() as jtl:
        (number,) = jtl.execute("SELECT COUNT(*) FROM tAuftrag").fetchone()
        given = {
            "cAuftragsNr": f"AU-D{number}", "cExterneAuftragsnummer": external, "cKundenNr": customer, "dErstellt": "2026-01-15T10:00:00",
            **columns,
        }  # fmt: skip
        marks = ", ".join("?" * len(given))
        jtl.execute(f"INSERT INTO tAuftrag ({', '.join(given)}) VALUES ({marks})", tuple(given.values()))


def test_without_settings_and_without_any_shop_it_works_and_asks_neither_temu_nor_jtl(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(*_: object) -> None:
        raise AssertionError("was asked")

    monkeypatch.setattr(TemuResource, "connect", asked)
    monkeypatch.setattr(JtlResource, "connect", asked)
    assert office.run(checks=True).success
    assert office.reports() == []
    office.drop("EXTF_Januar.csv", JANUARY)
    result = office.run(checks=True)
    assert result.success
    assert failed_checks(result) == set()
    assert (office.waiting(), office.outputs()) == ([], {"EXTF_Januar.csv": JANUARY})


def test_without_corrections_a_file_leaves_byte_for_byte_as_it_came(office: Office) -> None:
    """Quoted and unquoted, broken at the end of nothing, with odd bytes: whatever is read is passed on."""
    unquoted = JANUARY.replace(b'"', b"")
    variants = {
        "EXTF_quoted.csv": JANUARY,
        "EXTF_unquoted.csv": unquoted.replace(b"RE-1", b"RE-101").replace(b"RE-2", b"RE-102").replace(b"GS-1", b"GS-2"),
        "EXTF_umlaut.csv": datev_file(Booking(text="RE-201 M\xfcller & S\xf6hne \u20ac")),
        "EXTF_ohne_Ende.csv": datev_file(Booking(text="RE-301"))[:-2],
    }
    office.drop("alle.zip", packed(*variants.items()))
    assert office.run().success
    assert office.outputs() == variants
    assert {name: content for name, content in office.archive().items() if not name.endswith(".zip")} == {
        next(Path(row.archived_as).name for row in office.rows() if row.file_name == name): content for name, content in variants.items()
    }


def test_what_a_run_did_is_in_rows_metadata_and_report(office: Office) -> None:
    office.drop("EXTF_Januar.csv", JANUARY)
    office.drop("EXTF_kritisch.csv", CRITICAL)
    office.drop("Foto.png", b"\x89PNG")
    office.drop("EXTF_leer.csv", b"")
    result = office.run()
    assert result.success
    taken, done, told = (metadata_of(result, name) for name in ("datev_batches", "datev_processed", "datev_report"))
    assert (taken["dagster/row_count"], taken["refused"], taken["done_before"]) == (3, 1, 0)
    assert {name: done[name] for name in ("files", "ok", "withheld", "refused", "outputs", "changes", "dagster/row_count")} == {
        "files": 3, "ok": 1, "withheld": 1, "refused": 1, "outputs": 1, "changes": 0, "dagster/row_count": 5,
    }  # fmt: skip
    assert (done["debit_cents"], done["credit_cents"]) == (3570 + 2380, 500)
    assert done["errors"] >= 1
    assert (told["dagster/row_count"], told["refused"]) == (4, 2)
    assert Path(told["report"]) == office.reports()[0]
    assert {row.file_name: row.status for row in office.rows()} == {
        "EXTF_Januar.csv": "ok", "EXTF_kritisch.csv": "zurückgehalten", "Foto.png": "Fehler", "EXTF_leer.csv": "Fehler",
    }  # fmt: skip
    assert office.outputs() == {"EXTF_Januar.csv": JANUARY}
    row = office.row("EXTF_Januar.csv")
    assert (row.row_count, row.debit_cents, row.credit_cents, json.loads(row.outputs)) == (3, 3570, 500, ["EXTF_Januar.csv"])
    assert {(each.document_number, each.kind, each.amount_cents) for each in office.rows(datev_documents) if each.sha256 == row.sha256} == {
        ("RE-1", "S", 1190), ("RE-2", "S", 2380), ("GS-1", "H", 500),
    }  # fmt: skip


def test_the_sums_of_the_report_are_those_of_the_file(office: Office) -> None:
    office.drop("EXTF_Januar.csv", JANUARY)
    assert office.run().success
    sheets = office.sheets()
    (overview,) = sheets["Übersicht"]
    assert overview[12:16] == (35.7, 5, 35.7, 5)
    by_group: dict[str, list[tuple[Any, ...]]] = {}
    for row in sheets["Summen"]:
        by_group.setdefault(row[1], []).append(row)
    for rows in by_group.values():
        assert round(sum(row[4] for row in rows), 2) in (35.7, 0)
        assert all(round(row[4] - row[5], 2) == row[6] for row in rows)


def test_what_a_booking_says_is_in_no_event_and_in_no_log(office: Office, capfd: pytest.CaptureFixture[str]) -> None:
    office.drop("EXTF_Januar.csv", JANUARY)
    office.drop("EXTF_kaputt.csv", JANUARY.replace(b"11,90", b"1.1,9").replace(b'"S"', b'"X"'))
    result = office.run(checks=True)
    assert result.success
    told = "".join(str(record.event_log_entry) for record in office.instance.get_records_for_run(result.run_id).records)
    out, err = capfd.readouterr()
    assert "EXTF_Januar.csv" in told
    for text in (SECRET_NAME, SECRET_NAME.split()[1]):
        assert text not in told + out + err


def test_the_same_file_again_is_said_to_be_done_and_makes_no_report(office: Office) -> None:
    office.drop("EXTF_Januar.csv", JANUARY)
    office.run()
    office.drop("EXTF_Januar.csv", JANUARY)
    result = office.run()
    assert metadata_of(result, "datev_batches")["done_before"] == 1
    told = metadata_of(result, "datev_report")
    assert (told["dagster/row_count"], told["report"]) == (0, "nothing to report")
    assert (len(office.reports()), len(office.rows()), office.waiting()) == (1, 1, [])


def test_an_output_that_was_taken_away_is_written_again_when_the_file_comes_again(office: Office) -> None:
    office.drop("EXTF_Januar.csv", JANUARY)
    office.run()
    (office.data / "csv_verarbeiter" / "ausgang" / "EXTF_Januar.csv").unlink()
    assert office.run().success
    assert office.outputs() == {}
    office.drop("EXTF_Januar.csv", JANUARY)
    office.run()
    assert office.outputs() == {"EXTF_Januar.csv": JANUARY}


def test_another_content_under_a_name_never_replaces_the_first_one(office: Office) -> None:
    """Neither in one run, nor later, nor where the first one was taken away to the tax adviser."""
    contents = [datev_file(Booking(text=f"RE-{number}")) for number in range(4)]
    office.drop("a.zip", packed(("EXTF_Januar.csv", contents[0])))
    office.drop("b.zip", packed(("EXTF_Januar.csv", contents[1])))
    assert office.run().success
    (office.data / "csv_verarbeiter" / "ausgang" / "EXTF_Januar.csv").unlink()
    office.drop("EXTF_Januar.csv", contents[2])
    assert office.run().success
    office.drop("extf_januar.csv", contents[3])
    assert office.run().success
    assert list(office.outputs().values()) == contents[1:]
    assert sorted(name.casefold() for name in office.outputs()) == ["extf_januar_2.csv", "extf_januar_3.csv", "extf_januar_4.csv"]


def test_a_file_somebody_put_into_the_output_folder_stays(office: Office) -> None:
    folder = office.data / "csv_verarbeiter" / "ausgang"
    folder.mkdir(parents=True)
    (folder / "EXTF_Januar.csv").write_bytes(b"of somebody")
    office.drop("EXTF_Januar.csv", JANUARY)
    assert office.run().success
    assert office.outputs() == {"EXTF_Januar.csv": b"of somebody", "EXTF_Januar_2.csv": JANUARY}


def test_by_other_rules_a_file_is_processed_again_and_what_they_no_longer_make_is_gone(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.drop("EXTF_kritisch.csv", CRITICAL)
    monkeypatch.setenv("DATEV_CRITICAL_FILES", "prefix")
    assert office.run().success
    assert office.outputs() == {"#_EXTF_kritisch.csv": CRITICAL}
    monkeypatch.setenv("DATEV_CRITICAL_FILES", "withhold")
    office.drop("EXTF_kritisch.csv", CRITICAL)
    assert office.run().success
    assert (office.outputs(), office.row("EXTF_kritisch.csv").status) == ({}, "zurückgehalten")
    assert len(office.reports()) == 2


def test_what_somebody_changed_in_the_output_folder_is_left_and_told(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.drop("EXTF_kritisch.csv", CRITICAL)
    monkeypatch.setenv("DATEV_CRITICAL_FILES", "prefix")
    office.run()
    (office.data / "csv_verarbeiter" / "ausgang" / "#_EXTF_kritisch.csv").write_bytes(b"by hand")
    monkeypatch.setenv("DATEV_CRITICAL_FILES", "withhold")
    office.drop("EXTF_kritisch.csv", CRITICAL)
    assert office.run().success
    assert office.outputs() == {"#_EXTF_kritisch.csv": b"by hand"}


def test_what_a_run_that_died_wrote_is_replaced_also_by_other_rules(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else both would lie there, and both would be booked."""
    office.drop("EXTF_Januar.csv", datev_file(Booking(lock="")))
    with monkeypatch.context() as patched:
        patched.setattr("temu_assets.bookkeeping.batch_store.finish", _die)
        assert not office.run().success
    before = office.outputs()
    monkeypatch.setenv("DATEV_CORRECTIONS", "K8")
    assert office.run().success
    assert office.outputs().keys() == before.keys() == {"EXTF_Januar.csv"}
    assert office.outputs() != before


def _die(*_: object, **__: object) -> None:
    raise RuntimeError


def test_a_file_that_is_none_does_not_keep_the_others_from_their_turn(office: Office) -> None:
    office.drop("EXTF_a.csv", b"<html>")
    office.drop("EXTF_b.csv", JANUARY)
    office.drop("z.zip", b"PK no zip")
    result = office.run(checks=True)
    assert result.success
    assert office.outputs() == {"EXTF_b.csv": JANUARY}
    assert {row[0] for row in office.sheets()["Fehler"]} == {"EXTF_a.csv", "z.zip"}
    assert failed_checks(result) == {"every_datev_file_was_read"}


def test_a_damaged_archive_is_told_and_the_file_is_taken_when_it_comes_again(office: Office) -> None:
    office.drop("EXTF_Januar.csv", JANUARY)
    whole = WITHOUT_CHECKS.resolve_implicit_global_asset_job_def()
    assert whole.execute_in_process(instance=office.instance, asset_selection=[dg.AssetKey("datev_batches")]).success
    (office.data / office.row("EXTF_Januar.csv").archived_as).write_bytes(JANUARY[:-5])
    assert office.run().success
    assert office.row("EXTF_Januar.csv").status == "Fehler"
    assert "noch einmal in den Ordner eingang" in office.sheets()["Fehler"][0][2]
    office.drop("EXTF_Januar.csv", JANUARY)
    assert office.run().success
    assert office.outputs() == {"EXTF_Januar.csv": JANUARY}


def test_a_bug_with_one_file_is_red_and_told_without_values_after_the_others_are_done(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(content: bytes, name: str, *more: Any) -> Any:
        if name == "EXTF_a.csv":
            raise KeyError(SECRET_NAME)
        return process(content, name, *more)

    office.drop("EXTF_a.csv", CRITICAL)
    office.drop("EXTF_b.csv", JANUARY)
    with monkeypatch.context() as patched:
        patched.setattr("temu_assets.bookkeeping.batch_processing.process", broken)
        told = failure(office.run())
    assert "EXTF_a.csv" in told
    assert "KeyError" in told
    assert SECRET_NAME not in told
    assert office.outputs() == {"EXTF_b.csv": JANUARY}
    assert office.row("EXTF_a.csv").processed_at is None
    assert office.run().success
    assert office.row("EXTF_a.csv").status == "zurückgehalten"


def test_a_broken_rule_is_red_for_its_file_alone(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise InternalError("The sums before and after differ.", remedy="report this.")

    monkeypatch.setattr("temu_assets.bookkeeping.batch_processing.process", broken)
    office.drop("EXTF_a.csv", JANUARY)
    assert "sums before and after differ" in failure(office.run())
    assert office.outputs() == {}


def test_k1_puts_the_customer_in_place_of_the_order(new_seller: Seller, at_sellers: Office) -> None:
    in_jtl(new_seller, ORDER, "10042")
    at_sellers.drop("EXTF_Januar.csv", JANUARY)
    result = at_sellers.run(checks=True)
    assert result.success
    (output,) = at_sellers.outputs().values()
    assert output == JANUARY.replace(ORDER.encode(), b"10042")
    done = metadata_of(result, "datev_processed")
    assert (done["changes"], done["not_found"]) == (2, 1)
    assert failed_checks(result) == {"every_order_number_is_known_to_jtl"}
    assert at_sellers.sheets()["Nicht gefunden"][0][:3] == ("EXTF_Januar.csv", 4, ORDER_2)
    assert [row[4:] for row in at_sellers.sheets()["Änderungen"]] == [(ORDER, "10042")] * 2


def test_k1_while_jtl_is_away_writes_nothing_and_a_later_run_does_it(
    new_seller: Seller, at_sellers: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T5: that JTL could not be asked never looks like "not found"."""
    in_jtl(new_seller, ORDER, "10042")
    in_jtl(new_seller, ORDER_2, "10043")
    at_sellers.drop("EXTF_Januar.csv", JANUARY)
    with monkeypatch.context() as patched:
        patched.setenv("JTL_DATABASE_URL", f"sqlite:///{new_seller.data / 'gone.db'}")
        told = failure(at_sellers.run())
    assert "1 DATEV file(s) are not processed: they wait in the archive" in told
    assert (at_sellers.outputs(), at_sellers.reports(), at_sellers.waiting()) == ({}, [], [])
    assert at_sellers.row("EXTF_Januar.csv").processed_at is None
    assert at_sellers.run().success
    assert at_sellers.row("EXTF_Januar.csv").not_found_count == 0
    assert list(at_sellers.outputs()) == ["EXTF_Januar.csv"]


def test_sums_are_held_against_jtl_on_request_only(new_seller: Seller, at_sellers: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATEV_CORRECTIONS", "")
    monkeypatch.setenv("DATEV_JTL_SUMS", "true")
    in_jtl(new_seller, ORDER_2, "10043", kAuftrag=9_000_001)
    with new_seller.sandbox.jtl.transaction() as jtl:
        jtl.execute("INSERT INTO tAuftragPosition (kAuftrag, fAnzahl, fVkNetto, fMwSt, nType) VALUES (9000001, 2, 10, 19, 1)")
    at_sellers.drop("EXTF_Januar.csv", JANUARY)
    result = at_sellers.run()
    assert result.success
    assert metadata_of(result, "datev_report")["sums_against_jtl"] == 1
    (told,) = [row for row in at_sellers.sheets()["Befunde"] if row[3] == "C03"]
    assert told[5] == "Dateien 23,80, JTL 23,80"
    assert "1 Bestellungen sind in JTL nicht zu finden" in told[6]


def test_a_second_invoice_for_a_temu_order_is_told_across_files_and_a_credit_note_settles_it(office: Office) -> None:
    order = "PO-123-12345678901234567"
    office.drop("EXTF_1.csv", datev_file(Booking(document=order, text="TEMU-1")))
    assert "no_second_invoice_for_a_temu_order" not in failed_checks(office.run(checks=True))
    office.drop("EXTF_2.csv", datev_file(Booking(document=order, text="RE-50")))
    result = office.run(checks=True)
    assert "no_second_invoice_for_a_temu_order" in failed_checks(result)
    assert metadata_of(result, "datev_report")["second_invoices"] == 1
    office.drop("EXTF_3.csv", datev_file(Booking(side="H", document=order, text="GS-50")))
    assert "no_second_invoice_for_a_temu_order" not in failed_checks(office.run(checks=True))


def test_a_document_in_two_files_is_told(office: Office) -> None:
    office.drop("EXTF_1.csv", datev_file(Booking(text="RE-1"), Booking(text="RE-2")))
    office.drop("EXTF_2.csv", datev_file(*(Booking(text=f"RE-{number}") for number in (2, 3, 4))))
    result = office.run(checks=True)
    assert "no_document_is_in_two_files" in failed_checks(result)
    assert metadata_of(result, "datev_report")["in_two_files"] == 1


@pytest.mark.parametrize("corrected_as", ["EXTF_kritisch.csv", "EXTF_Export_20260204.csv"], ids=["the same name", "a new export"])
def test_a_check_is_green_again_once_the_file_came_corrected(office: Office, corrected_as: str) -> None:
    office.drop("EXTF_kritisch.csv", CRITICAL)
    failed = failed_checks(office.run(checks=True))
    assert {"no_file_is_withheld", "no_datev_errors"} <= failed
    office.drop(corrected_as, datev_file(Booking(text="RE-7"), Booking(contra="4400000", text="RE-8")))
    assert not failed_checks(office.run(checks=True)) & {"no_file_is_withheld", "no_datev_errors", "no_document_is_in_two_files"}


def test_a_refused_zip_no_longer_counts_once_one_of_its_name_was_taken(office: Office) -> None:
    office.drop("Januar.zip", packed(("Foto.png", b"")))
    assert failed_checks(office.run(checks=True)) == {"every_datev_file_was_read"}
    office.drop("Januar.zip", packed(("EXTF_Januar.csv", JANUARY)))
    assert failed_checks(office.run(checks=True)) == set()


def test_what_is_wrong_is_no_longer_shown_when_newer_files_came_for_two_weeks(new_seller: Seller, at_sellers: Office) -> None:
    at_sellers.drop("Foto.png", b"")
    assert failed_checks(at_sellers.run(checks=True)) == {"every_datev_file_was_read"}
    new_seller.later = timedelta(days=15)
    assert failed_checks(at_sellers.run(checks=True)) == {"every_datev_file_was_read"}
    at_sellers.drop("EXTF_Januar.csv", datev_file(Booking(document="")))
    assert "every_datev_file_was_read" not in failed_checks(at_sellers.run(checks=True))


def test_an_instruction_in_a_cell_stays_text_in_the_report_and_the_file(office: Office) -> None:
    content = datev_file(Booking(amount="0,00", text="=1+1"))
    office.drop("EXTF_Formel.csv", content)
    assert office.run().success
    assert office.outputs() == {"EXTF_Formel.csv": content}


def test_results_are_kept_in_full(office: Office) -> None:
    office.drop("EXTF_Januar.csv", JANUARY)
    office.run()
    result = results.read_result(office.data, office.row("EXTF_Januar.csv").sha256)
    assert result is not None
    assert result.processed.before.rows == 3
    assert [each.name for each in result.outputs] == ["EXTF_Januar.csv"]


def test_old_reports_are_removed_on_request_only(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = office.data / "csv_verarbeiter" / "reports"
    folder.mkdir(parents=True)
    (folder / "auswertung_2020-01-01_101010.xlsx").write_bytes(b"")
    assert metadata_of(office.run(), "datev_report")["old_files_removed"] == 0
    monkeypatch.setenv("DATEV_KEEP_REPORTS_DAYS", "30")
    assert metadata_of(office.run(), "datev_report")["old_files_removed"] == 1
    assert list(folder.iterdir()) == []


def test_two_runs_at_once_do_each_file_once(office: Office) -> None:
    """A sensor's tick and a button."""
    files = {f"EXTF_{number:02d}.csv": datev_file(Booking(text=f"RE-{number}")) for number in range(10)}
    for name, content in files.items():
        office.drop(name, content)
    with dg.DagsterInstance.ephemeral() as other:
        ended: list[dg.ExecuteInProcessResult] = []
        both = [Office(office.data, office.toci, instance) for instance in (office.instance, other)]
        threads = [threading.Thread(target=lambda each=each: ended.append(each.run())) for each in both]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [result.success for result in ended] == [True, True]
    assert office.outputs() == files
    told = sum(metadata_of(result, "datev_batches")["dagster/row_count"] for result in ended)
    assert (told, len(office.rows())) == (10, 10)
    assert sum(metadata_of(result, "datev_processed")["files"] for result in ended) == 10
    assert sum(metadata_of(result, "datev_report")["dagster/row_count"] for result in ended) == 10
