"""From a file that is dropped to a table that is downloaded, with the job Dagster runs."""

from __future__ import annotations

import io
from pathlib import Path

from openpyxl import load_workbook
from reportlab.pdfgen.canvas import Canvas

from temu_assets.uploads import starting
from temu_assets_tests.bookkeeping.extf_files import NAME, Booking, extf
from temu_assets_tests.uploads.conftest import PDF, Open, open_page, until

LINES = (
    "Muster Großhandel GmbH · Beispielweg 1 · 12345 Musterstadt", "USt-IdNr.: DE123456788", "Rechnung", "Rechnungsnummer: R-2026-0815",
    "Rechnungsdatum: 20.11.2026", "Nettobetrag: 100,00 EUR", "Umsatzsteuer 19 %: 19,00 EUR", "Gesamtbetrag: 119,00 EUR",
)  # fmt: skip


def invoice() -> bytes:
    written = io.BytesIO()
    canvas = Canvas(written)
    for number, line in enumerate(LINES):
        canvas.drawString(72, 760 - 20 * number, line)
    canvas.save()
    return written.getvalue()


def has_settled(page: Open) -> bool:
    return not any(run["is_running"] for run in page.runs().values())


def test_an_invoice_that_is_dropped_is_read_by_dagster_and_its_table_can_be_downloaded(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    with open_page(tmp_path, command=starting.dagster_run) as page:
        document = invoice()
        assert page.upload("Rechnung Muster.pdf", document).status_code == 201
        assert page.upload("kaputt.pdf", PDF).status_code == 201
        until(lambda: has_settled(page))
        assert page.runs()["fetch_invoices"]["failed_at"] is None
        told = {file["name"]: file for file in page.outcomes()}
        assert told["Rechnung Muster.pdf"]["state"] in {"ok", "prüfen"}
        assert "119,00 EUR" in told["Rechnung Muster.pdf"]["detail"]
        assert told["kaputt.pdf"]["state"] == "Fehler"
        assert told["kaputt.pdf"]["reason"]
        assert page.waiting() == {}
        table = load_workbook(io.BytesIO(page.visitor.get("/results/rechnungen/rechnungen.xlsx").content)).worksheets[0]
        names = {row[0] for row in table.iter_rows(min_row=2, values_only=True)}
        assert names == {"Rechnung Muster.pdf", "kaputt.pdf"}
        page.upload("noch einmal.pdf", document)
        until(lambda: has_settled(page) and page.states()["noch einmal.pdf"] == "schon verarbeitet")


def test_a_datev_file_that_is_dropped_is_checked_by_dagster_and_can_be_downloaded_as_it_came(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    with open_page(tmp_path, command=starting.dagster_run) as page:
        content = extf([Booking(), Booking(text="RE-2026-0002")])
        assert page.upload(NAME, content, "datev").status_code == 201
        assert page.upload("EXTF_kaputt.csv", b'"EXTF";700;16;"Debitoren";5\r\n', "datev").status_code == 201
        until(lambda: has_settled(page))
        assert page.runs()["datev_processing"]["failed_at"] is None
        assert page.states() == {NAME: "ok", "EXTF_kaputt.csv": "Fehler"}
        assert page.visitor.get(f"/results/datev/{NAME}").content == content
        assert page.waiting("datev") == {}
