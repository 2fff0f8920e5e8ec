"""Where things lie below the data folder."""

from __future__ import annotations

from pathlib import Path

TEMU_ANSWERS = Path("temu", "api_responses")
"""TEMU's answers as they came."""
ORDER_ARCHIVE = Path("temu", "export")
"""Orders as JTL was given them."""
FOR_IMPORT_BY_HAND = Path("temu", "xml")
"""Orders that wait for a person to import them into JTL, where they are delivered as files."""
DRY_RUNS = Path("temu", "dry_run")
"""Orders as a dry run would have handed them over; below it a folder for each run."""

INVOICES_IN = Path("pdf_reader", "eingang")
"""Where invoices are dropped; below it a folder for each lane."""
INVOICES_OUT = Path("pdf_reader", "ausgang")
"""The Excel files of invoices."""
INVOICES_TMP = Path("pdf_reader", "tmp")
"""What is being read right now."""
INVOICE_ARCHIVE = Path("pdf_reader", "archiv")
"""Invoices as they came."""
DATEV_IN = Path("csv_verarbeiter", "eingang")
"""Where DATEV files are dropped, as CSV or ZIP."""
DATEV_OUT = Path("csv_verarbeiter", "ausgang")
"""DATEV files as they are handed on."""
DATEV_REPORTS = Path("csv_verarbeiter", "reports")
"""What was found and changed in them."""
DATEV_ARCHIVE = Path("csv_verarbeiter", "archiv")
"""DATEV files as they came."""
LOGS = Path("logs")
"""What runs say about themselves, in files that are kept small."""
