"""Findings about one file while it is looked at: all are counted, and of each code the first thousand are told."""

from __future__ import annotations

from dataclasses import dataclass, field

from temu_assets.bookkeeping.columns import header_name, name_of
from temu_assets.bookkeeping.findings import Finding, Severity

MOST_OF_A_CODE = 1000
_LONGEST_VALUE = 120
_WORST = (Severity.ERROR, Severity.WARNING, Severity.INFO)


@dataclass(slots=True)
class _Told:
    findings: list[Finding] = field(default_factory=list)
    count: int = 0
    first_line: int = 0
    untold: set[Severity] = field(default_factory=set)


@dataclass(slots=True)
class FindingLog:
    """``file``: the name the findings carry."""

    file: str
    _codes: dict[str, _Told] = field(default_factory=dict)

    def error(self, code: str, line: int, position: int, value: str, hint: str) -> None:
        """Something DATEV refuses, or that makes the books wrong. ``position``: the column, 0 for the whole line."""
        self._add(code, Severity.ERROR, line, name_of(position) if position else "", value, hint)

    def warning(self, code: str, line: int, position: int, value: str, hint: str) -> None:
        """Something somebody should look at."""
        self._add(code, Severity.WARNING, line, name_of(position) if position else "", value, hint)

    def info(self, code: str, line: int, position: int, value: str, hint: str) -> None:
        """Something to know."""
        self._add(code, Severity.INFO, line, name_of(position) if position else "", value, hint)

    def header(self, code: str, severity: Severity, position: int, value: str, hint: str) -> None:
        """Something about the header's field at this position."""
        self._add(code, severity, 1, header_name(position), value, hint)

    def of_file(self, code: str, severity: Severity, value: str, hint: str) -> None:
        """Something about the file as a whole."""
        self._add(code, severity, 0, "", value, hint)

    def count(self, code: str) -> int:
        """How many findings a code has, also those that are not told."""
        return self._codes[code].count if code in self._codes else 0

    def first_line(self, code: str) -> int:
        """The line of the first finding of a code; 0 where there is none."""
        return self._codes[code].first_line if code in self._codes else 0

    def findings(self) -> tuple[Finding, ...]:
        """All that are told, in the order of lines; for a code with more, one that says how many."""
        told = [finding for each in self._codes.values() for finding in each.findings]
        told.sort(key=lambda finding: (finding.line, finding.code))
        rest = [
            Finding(
                code,
                next(severity for severity in _WORST if severity in each.untold),
                self.file,
                0,
                "",
                str(each.count),
                f"{code} kommt insgesamt {each.count}-mal vor; einzeln aufgeführt sind die ersten {MOST_OF_A_CODE}.",
            )
            for code, each in sorted(self._codes.items())
            if each.untold
        ]
        return (*told, *rest)

    def _add(self, code: str, severity: Severity, line: int, column: str, value: str, hint: str) -> None:
        told = self._codes.setdefault(code, _Told(first_line=line))
        told.count += 1
        if len(told.findings) >= MOST_OF_A_CODE:
            told.untold.add(severity)
            return
        shown = value if len(value) <= _LONGEST_VALUE else value[:_LONGEST_VALUE] + "…"
        told.findings.append(Finding(code, severity, self.file, line, column, shown, hint))
