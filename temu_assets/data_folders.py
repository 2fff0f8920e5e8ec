"""Where things lie below the data folder."""

from __future__ import annotations

from pathlib import Path

TEMU_ANSWERS = Path("temu", "api_responses")
"""TEMU's answers as they came."""
ORDER_ARCHIVE = Path("temu", "export")
"""Orders as JTL was given them."""
FOR_IMPORT_BY_HAND = Path("temu", "xml")
"""Orders that wait for a person to import them into JTL, where they are delivered as files."""
