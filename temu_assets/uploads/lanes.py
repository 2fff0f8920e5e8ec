"""What can be dropped where: the lanes of the page, the folder each fills, what it takes, and the job that reads it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from temu_assets.data_folders import DATEV_IN, INVOICES_IN
from temu_assets.settings import Settings
from temu_assets.uploads.sniffing import FileKind

MB = 1_000_000
ZIP_TIMES = 4
"""A ZIP of invoices may be so many times as large as the largest of them, packed and unpacked."""


class LaneName(StrEnum):
    """The lanes, as addresses and folders name them."""

    INVOICES = "rechnungen"
    ADVERTISING = "werbung"
    DATEV = "datev"


@dataclass(frozen=True, slots=True)
class Lane:
    """``folder`` is relative to the data folder; ``most_bytes`` counts for one file, ``most_zip_bytes`` for a ZIP, packed and unpacked.

    ``unpacks``: files of a ZIP are put into the folder one by one; otherwise the ZIP as it is.
    ``setting``: the one that says how large files may be.
    """

    name: LaneName
    folder: Path
    job: str
    kinds: frozenset[FileKind]
    most_bytes: int
    most_zip_bytes: int
    unpacks: bool
    setting: str

    def limit(self, name: str) -> int:
        """The largest size in bytes of a file with this name."""
        return self.most_zip_bytes if FileKind.ZIP.is_ending_of(name) else self.most_bytes


def lanes_of(settings: Settings) -> dict[LaneName, Lane]:
    """The lanes with the limits that are set."""
    invoice_bytes, datev_bytes = settings.invoice_max_mb * MB, settings.datev_max_mb * MB
    invoice_kinds = frozenset({FileKind.PDF, FileKind.XML, FileKind.ZIP})
    lanes = [
        Lane(name, INVOICES_IN / name, "fetch_invoices", invoice_kinds, invoice_bytes, invoice_bytes * ZIP_TIMES, unpacks=True,
             setting="INVOICE_MAX_MB")
        for name in (LaneName.INVOICES, LaneName.ADVERTISING)
    ]  # fmt: skip
    datev_kinds = frozenset({FileKind.CSV, FileKind.ZIP})
    lanes.append(
        Lane(LaneName.DATEV, DATEV_IN, "datev_processing", datev_kinds, datev_bytes, datev_bytes, unpacks=False, setting="DATEV_MAX_MB")
    )
    return {lane.name: lane for lane in lanes}
