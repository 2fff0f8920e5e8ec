"""A job that takes what was dropped without reading it: what a file is told to be stands in its name. ``python -m ... JOB``."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from temu_assets.data_folders import DATEV_IN, INVOICES_IN
from temu_assets.settings import load_settings
from temu_assets.toci.database import Toci, open_engine
from temu_assets.toci.tables import datev_batches, invoice_documents
from temu_assets.toci.writing import upsert

HOLD = "hold"
"""A file of this name in the data folder keeps a run from ending."""
FAIL = "fail"
"""One of this name makes it fail at once."""
LOG = "runs.txt"
"""A line for each run."""


def main(job: str) -> int:
    settings = load_settings()
    data = settings.temu_data_dir
    with (data / LOG).open("a") as log:
        log.write(f"{job} {os.environ['DAGSTER_HOME']}\n")
    if (data / FAIL).exists():
        return 1
    toci = Toci(open_engine(settings.toci_url()), settings.shop)
    try:
        for lane in ("rechnungen", "werbung") if job == "fetch_invoices" else ():
            for path in files(data / INVOICES_IN / lane):
                take_invoice(toci, lane, path)
        for path in files(data / DATEV_IN) if job == "datev_processing" else ():
            take_batch(toci, path)
    finally:
        toci.close()
    while (data / HOLD).exists():
        time.sleep(0.01)
    return 0


def files(folder: Path) -> Iterator[Path]:
    if folder.exists():
        yield from (path for path in sorted(folder.iterdir()) if not path.name.startswith("."))


def common(toci: Toci, content: bytes, name: str) -> dict[str, object]:
    digest = hashlib.sha256(content).hexdigest()
    return {
        "shop": toci.shop, "sha256": digest, "file_name": name, "archived_as": "x", "size": len(content), "taken_at": datetime.now(UTC),
    }  # fmt: skip


def take_invoice(toci: Toci, lane: str, path: Path) -> None:
    row = common(toci, path.read_bytes(), path.name) | {"lane": lane}
    notes = {"pruefen": ["Die Rechnungsnummer fehlt."], "fehler": ["Die Datei ist mit einem Kennwort geschützt."]}
    word = next((word for word in notes if word in path.name), None)
    row |= {
        "read_at": datetime.now(UTC),
        "status": {None: "ok", "pruefen": "prüfen", "fehler": "Fehler"}[word],
        "notes": json.dumps(notes.get(word or "", [])),
        "number": "4711",
        "issuer": "Muster GmbH",
        "gross_cents": -123_456,
        "currency": "EUR",
    }
    known = _known(toci, str(row["sha256"]))
    if not known:
        toci.write(lambda connection: upsert(connection, invoice_documents, [row]))
    path.unlink()


def _known(toci: Toci, digest: str) -> bool:
    from sqlalchemy import select

    return bool(toci.read(lambda connection: connection.execute(select(1).where(invoice_documents.c.sha256 == digest)).all()))


def take_batch(toci: Toci, path: Path) -> None:
    members: list[tuple[str, bytes, str | None]] = [(path.name, path.read_bytes(), None)]
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            members = [(name, archive.read(name), path.name) for name in archive.namelist()]
    rows = [
        common(toci, content, name)
        | {
            "came_in": came_in,
            "processed_at": datetime.now(UTC),
            "status": "prüfen",
            "row_count": 3,
            "error_count": 1,
            "not_found_count": 2,
        }
        for name, content, came_in in members
    ]
    toci.write(lambda connection: upsert(connection, datev_batches, rows))
    path.unlink()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
