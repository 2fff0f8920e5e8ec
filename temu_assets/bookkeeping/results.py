"""What was found, changed and written for one DATEV file, in full, as JSON beside the reports. It holds booking texts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from temu_assets.bookkeeping.findings import Change, Document, Finding, NotFound, Processed, Severity, Sums, TotalsRow
from temu_assets.data_folders import DATEV_REPORTS
from temu_assets.durable import write_file
from temu_assets.errors import ConfigurationError

DETAILS = DATEV_REPORTS / "details"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class WrittenOutput:
    """A file in the output folder: its name there, the digest of what was written, bytes."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Result:
    """The result for the file with this digest, by the rules with that one. The contents of outputs are not among it."""

    sha256: str
    rules: str
    processed_at: datetime
    processed: Processed
    outputs: tuple[WrittenOutput, ...]


def result_path(sha256: str) -> str:
    """Where the result of a file lies, below the data folder."""
    return (DETAILS / f"{sha256[:16]}.json").as_posix()


def write_result(data_dir: Path, result: Result) -> None:
    """Write a result, replacing an earlier one. Raises ConfigurationError when the folder cannot be written."""
    path = data_dir / result_path(result.sha256)
    try:
        write_file(path, json.dumps(as_json(result), separators=(",", ":")).encode())
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be written ({error.strerror or type(error).__name__}).",
            remedy="let the program's user write there and make room on the disk; the file is processed again by the next run.",
        ) from None


def read_result(data_dir: Path, sha256: str) -> Result | None:
    """The result of a file; None when it is gone, or is not what was written for this file."""
    try:
        told = json.loads((data_dir / result_path(sha256)).read_bytes())
        result = _from_json(told)
    except (FileNotFoundError, ValueError, KeyError, TypeError, ArithmeticError):
        return None
    except OSError as error:
        raise ConfigurationError(
            f"{data_dir / result_path(sha256)} cannot be read ({error.strerror or type(error).__name__}).",
            remedy="let the program's user read its data folder (TEMU_DATA_DIR); the next run goes on from here.",
        ) from None
    return result if result.sha256 == sha256 else None


def as_json(result: Result) -> dict[str, Any]:
    """A result as it is written; amounts as text, so that they stay exact. Lists of many are rows without names, to stay small."""
    done = result.processed
    return {
        "sha256": result.sha256,
        "rules": result.rules,
        "processed_at": result.processed_at.isoformat(),
        "file": done.file,
        "header": [list(pair) for pair in done.header],
        "outputs": _rows(result.outputs),
        "withheld": done.withheld,
        "marked_rows": done.marked_rows,
        "before": _row(done.before),
        "after": _row(done.after),
        "findings": _rows(done.findings),
        "changes": _rows(done.changes),
        "not_found": _rows(done.not_found),
        "totals": _rows(done.totals),
        "documents": _rows(done.documents),
    }


def _rows(records: tuple[Any, ...]) -> list[list[Any]]:
    if not records:
        return []
    names = [field.name for field in fields(records[0])]
    return [[_plain(getattr(record, name)) for name in names] for record in records]


def _row(record: Any) -> list[Any]:
    return _rows((record,))[0]


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Decimal) else value


def _from_json(told: dict[str, Any]) -> Result:
    processed = Processed(
        file=told["file"],
        header=tuple((name, value) for name, value in told["header"]),
        outputs=(),
        withheld=told["withheld"],
        findings=_each(_finding, told["findings"]),
        changes=_each(Change, told["changes"]),
        not_found=_each(NotFound, told["not_found"]),
        before=_sums(*told["before"]),
        after=_sums(*told["after"]),
        totals=_each(_totals_row, told["totals"]),
        documents=_each(_document, told["documents"]),
        marked_rows=told["marked_rows"],
    )
    outputs = _each(WrittenOutput, told["outputs"])
    return Result(told["sha256"], told["rules"], datetime.fromisoformat(told["processed_at"]), processed, outputs)


def _each(make: Callable[..., T], rows: list[list[Any]]) -> tuple[T, ...]:
    return tuple(make(*row) for row in rows)


def _finding(code: str, severity: str, file: str, line: int, column: str, value: str, hint: str) -> Finding:
    return Finding(code, Severity(severity), file, line, column, value, hint)


def _sums(rows: int, debit: str, credit: str) -> Sums:
    return Sums(rows, Decimal(debit), Decimal(credit))


def _totals_row(group: str, name: str, rows: int, debit: str, credit: str) -> TotalsRow:
    return TotalsRow(group, name, rows, Decimal(debit), Decimal(credit))


def _document(number: str, order_number: str, side: str, marketplace: str, amount: str, first_line: int) -> Document:
    return Document(number, order_number, side, marketplace, Decimal(amount), first_line)
