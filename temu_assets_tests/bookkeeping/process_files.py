"""Processes invented DATEV files, the way the tests of the rules need it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from temu_assets.bookkeeping.extf import ExtfFile, parse
from temu_assets.bookkeeping.findings import Finding, Processed, Severity
from temu_assets.bookkeeping.processing import process
from temu_assets.bookkeeping.rules import Rules
from temu_assets.office_settings import Correction
from temu_assets_tests.bookkeeping.extf_files import NAME, SPEC, Booking, Style, extf

DAY = date(2026, 2, 3)


def rules(*corrections: str, **more: Any) -> Rules:
    """Rules with these corrections."""
    return Rules(corrections=frozenset(Correction(each) for each in corrections), marked_on=DAY, **more)


def never(numbers: Sequence[str]) -> Mapping[str, frozenset[str]]:
    """A look-up that must not be asked."""
    raise AssertionError(f"JTL was asked for {numbers}")


class Jtl:
    """A look-up that knows these customers, and how often it was asked for what."""

    def __init__(self, customers: Mapping[str, Sequence[str]]) -> None:
        self.customers = {number: frozenset(each) for number, each in customers.items()}
        self.asked: list[list[str]] = []

    def __call__(self, numbers: Sequence[str]) -> Mapping[str, frozenset[str]]:
        self.asked.append(list(numbers))
        return {number: self.customers[number] for number in numbers if number in self.customers}


def run(
    *bookings: Booking | str,
    given: Rules | None = None,
    style: Style = SPEC,
    header: Mapping[int, str] | None = None,
    look_up: Any = never,
    name: str = NAME,
) -> Processed:
    """Process a file with these bookings."""
    return process(extf(bookings or (Booking(),), style, header), name, given or rules(), look_up)


def told(processed: Processed, code: str) -> list[Finding]:
    """The findings with this code."""
    return [finding for finding in processed.findings if finding.code == code]


def codes(processed: Processed, *, least: Severity = Severity.WARNING) -> set[str]:
    """Codes of warnings and errors; of errors alone for ``least`` error."""
    wanted = {Severity.ERROR} if least is Severity.ERROR else {Severity.ERROR, Severity.WARNING}
    return {finding.code for finding in processed.findings if finding.severity in wanted}


def output(processed: Processed, number: int = 0) -> ExtfFile:
    """One of the files that are handed on, taken apart."""
    return parse(processed.outputs[number].content)


def column(processed: Processed, position: int) -> list[str]:
    """A column of the first file that is handed on."""
    return [row.values()[position - 1] for row in output(processed).bookings]
