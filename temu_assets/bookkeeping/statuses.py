"""What becomes of a DATEV file, in one word."""

from __future__ import annotations

from enum import StrEnum

from temu_assets.bookkeeping.findings import Processed, Severity


class Status(StrEnum):
    """What became of a file, as the report says it."""

    OK = "ok"
    CHECK = "prüfen"
    WITHHELD = "zurückgehalten"
    REFUSED = "Fehler"


def status_of(processed: Processed) -> Status:
    """Withheld, to be checked (an error, or an order number nobody knows), or ok; warnings alone are only counted."""
    if processed.withheld:
        return Status.WITHHELD
    has_errors = any(finding.severity is Severity.ERROR for finding in processed.findings)
    return Status.CHECK if has_errors or processed.not_found else Status.OK
