"""Tracking numbers as people and scanners leave them in JTL, and as TEMU shows them."""

from __future__ import annotations


def without_blanks(tracking: str) -> str:
    """The number as TEMU is told it: blanks inside are dropped. Empty where there is none."""
    return "".join(tracking.split())


def comparable(tracking: str) -> str:
    """For comparing only: neither blanks nor case count."""
    return without_blanks(tracking).casefold()
