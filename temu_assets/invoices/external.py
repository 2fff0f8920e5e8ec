"""The outside world of invoices in the lineage. Nothing here is executed."""

from __future__ import annotations

import dagster as dg

invoice_inbox = dg.AssetSpec(
    "invoice_inbox",
    group_name="outside",
    kinds={"pdf", "xml"},
    description="Invoices as PDF or e-invoice, dropped into data/pdf_reader/eingang/rechnungen or .../werbung: by hand, by the upload "
    "page, by a mail program. TEMU has no interface for its own invoices to sellers; download them in Seller Center.",
)

EXTERNAL_ASSETS = [invoice_inbox]
