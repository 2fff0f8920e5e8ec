"""What ``temu-assets doctor`` says about invoices and DATEV files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from temu_assets.bookkeeping.marketplaces import shapes_from
from temu_assets.bookkeeping.rules_given import rules_given
from temu_assets.cli.doctor_lines import About, Level, Line, ok
from temu_assets.invoices.ocr import tesseract
from temu_assets.invoices.profiles import load_profiles
from temu_assets.invoices.reading_stage import read_profiles
from temu_assets.settings import Settings


def invoice_lines(settings: Settings) -> Iterator[Line]:
    """Whether the issuer profiles can be used, and whether scans can be read. Raises ConfigurationError for a wrong profile."""
    own = read_profiles(settings.invoice_profiles)
    load_profiles(own)
    yield ok(About.INVOICES, f"the issuer profiles are right, {len(own)} files of your own among them")
    if tesseract() is None:
        yield Line(
            About.OCR,
            Level.OK,
            "this machine has no tesseract with German, so scanned invoices are left to a person",
            "nothing, unless you get scans: apt install tesseract-ocr tesseract-ocr-deu",
        )
    else:
        yield ok(About.OCR, "tesseract with German is there")


def datev_lines(settings: Settings) -> Iterator[Line]:
    """Which corrections are on. Raises ConfigurationError for order number shapes that cannot be used."""
    rules = rules_given(settings, now=datetime.now(UTC))
    shapes_from(rules.marketplaces)
    corrections = ", ".join(sorted(rules.corrections)) or "none: files are checked and passed on unchanged"
    yield ok(About.DATEV, f"corrections that are on: {corrections}")
