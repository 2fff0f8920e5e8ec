"""What the UI shows as wrong with invoices. None of it stops a later stage."""

from __future__ import annotations

import dagster as dg

from temu_assets.invoices.kinds import Kind
from temu_assets.problem_checks import Watch, checks_of, open_problems_of

ERROR = dg.AssetCheckSeverity.ERROR
_READ = "Every file that was dropped could be read. One that could not has a row in the Excel file that says why."
_CLEAR = "Every document says what the tax office wants to know, its sums close to the cent, and XML and page agree."

INVOICE_CHECKS = [
    checks_of(
        "invoices",
        Watch("every_invoice_was_read", _READ, open_problems_of(Kind.INVOICE_UNREADABLE), ERROR),
        Watch("every_invoice_is_clear", _CLEAR, open_problems_of(Kind.INVOICE_TO_CHECK)),
    ),
    checks_of(
        "advertising_invoices",
        Watch("every_advertising_invoice_was_read", _READ, open_problems_of(Kind.ADVERTISING_UNREADABLE), ERROR),
        Watch("every_advertising_invoice_is_clear", _CLEAR, open_problems_of(Kind.ADVERTISING_TO_CHECK)),
    ),
]
