"""What the UI shows as wrong with invoices. None of it stops a later stage."""

from __future__ import annotations

import dagster as dg

from temu_assets.invoices.kinds import Kind
from temu_assets.problem_checks import Watch, checks_of, open_problems_of

INVOICE_CHECKS = [
    checks_of(
        "invoice_documents",
        Watch(
            "every_document_was_read",
            "Every file that was dropped could be read. One that could not has a row in the Excel file that says why.",
            open_problems_of(Kind.UNREADABLE),
            dg.AssetCheckSeverity.ERROR,
        ),
        Watch(
            "every_invoice_is_clear",
            "Every invoice says what the tax office wants to know, its sums close to the cent, and XML and page agree.",
            open_problems_of(Kind.TO_CHECK),
        ),
    )
]
