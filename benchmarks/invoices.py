"""Reading many invoices, measured: ``python -m benchmarks.invoices [--documents 1000]``.

The job ``fetch_invoices`` as Dagster runs it, over PDFs made for it: two of five with an e-invoice inside, two of five with text alone,
one of five with text on ten pages. Told: seconds, documents per second, what became of them, and the peak memory of the run and of the
largest process that reads. No scans: OCR takes seconds a page and is tesseract's time.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
from openpyxl import load_workbook

from temu_assets.data_folders import INVOICES_IN, INVOICES_OUT
from temu_assets.definitions import defs
from temu_assets.invoices.reading import Lane
from temu_assets_tests.invoices.e_invoices import Group, Invoice, cii
from temu_assets_tests.invoices.pdfs import text_pdf, with_attachment


def document(number: int) -> bytes:
    """An invented invoice; every one has its own number, day and sum."""
    net = 100_00 + 37 * number
    tax = round(net * 19 / 100)
    day = date(2026, 1, 1) + timedelta(days=number % 300)
    page = [
        "Muster Handel GmbH", "Musterweg 1, 12345 Musterstadt", "", "Beispiel & Söhne KG", "Beispielallee 2", "54321 Beispielort", "",
        f"Rechnung Nr. RE-2026-{number:05d}", f"Rechnungsdatum: {day:%d.%m.%Y}", "Leistungszeitraum: 01.01.2026 - 31.01.2026", "",
        *(f"{line}\tKlebeband {line}\t2 Stück\t{said(line * 100)}" for line in range(1, 25)), "",
        f"Nettobetrag\t\t\t{said(net)} EUR", f"zzgl. 19 % USt\t\t\t{said(tax)} EUR", f"Gesamtbetrag\t\t\t{said(net + tax)} EUR",
        "Muster Handel GmbH, Musterweg 1, 12345 Musterstadt, USt-IdNr.: DE123456789", "IBAN: DE02 1203 0000 0000 2020 51",
    ]  # fmt: skip
    if number % 5 == 4:
        return text_pdf(page[:11], *[page[11:35]] * 8, page[35:])
    pdf = text_pdf(page)
    if number % 5 in (2, 3):
        return pdf
    plain_net, plain_tax, plain_gross = f"{net / 100:.2f}", f"{tax / 100:.2f}", f"{(net + tax) / 100:.2f}"
    invoice = Invoice(
        number=f"RE-2026-{number:05d}",
        issued_on=day,
        net=plain_net,
        lines_net=plain_net,
        tax=plain_tax,
        gross=plain_gross,
        payable=plain_gross,
        groups=(Group(net=plain_net, tax=plain_tax),),
    )
    return with_attachment(pdf, "factur-x.xml", cii(invoice))


def said(cents: int) -> str:
    """As German invoices print it."""
    return f"{cents / 100:,.2f}".translate(str.maketrans(",.", ".,"))


def megabytes(who: int) -> int:
    """Peak memory; Linux counts in KB, macOS in bytes."""
    return resource.getrusage(who).ru_maxrss // (1_000_000 if sys.platform == "darwin" else 1000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=1000)
    documents = parser.parse_args().documents
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        os.environ |= {"TEMU_DATA_DIR": folder}
        inbox = data / INVOICES_IN / Lane.INVOICES.value
        inbox.mkdir(parents=True)
        for number in range(documents):
            path = inbox / f"{number:05d}.pdf"
            path.write_bytes(document(number))
            os.utime(path, (time.time() - 60, time.time() - 60))
        size = sum(path.stat().st_size for path in inbox.iterdir())
        before = megabytes(resource.RUSAGE_SELF)
        started = time.monotonic()
        with dg.DagsterInstance.ephemeral() as instance:
            result = defs.resolve_job_def("fetch_invoices").execute_in_process(instance=instance, raise_on_error=False)
        seconds = time.monotonic() - started
        rows = list(load_workbook(data / INVOICES_OUT / "rechnungen.xlsx").worksheets[0].iter_rows(min_row=2, values_only=True))
    became = Counter(f"{row[13]} ({row[15]})" for row in rows)
    print(f"documents                       {documents:>8} ({size / 1e6:.1f} MB)")
    print(f"seconds                         {seconds:>8.1f}")
    print(f"documents a second              {documents / seconds:>8.1f}")
    print(f"peak memory of the run, MB      {megabytes(resource.RUSAGE_SELF):>8} ({before} before it)")
    print(f"peak memory of a reader, MB     {megabytes(resource.RUSAGE_CHILDREN):>8}")
    for what, count in sorted(became.items()):
        print(f"{what:<32}{count:>8}")
    if not result.success or len(rows) != documents:
        sys.exit(f"{len(rows)} rows for {documents} documents")


if __name__ == "__main__":
    main()
