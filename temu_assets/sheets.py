"""Excel files for people: real numbers and dates, text that is never a formula, there complete or not at all."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from temu_assets.durable import write_file
from temu_assets.errors import ConfigurationError

Cell = str | int | Decimal | date | None
"""Text, whole number, amount, day (aware moments have to be turned into text or a day before), or nothing."""

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_LONGEST_TEXT = 32_000
_MOST_ROWS = 1_048_575
_NO_PLAIN_TEXT = ("=", "+", "-", "@", "#", "\t", "\r")
"""What begins like this is a formula or an error to Excel, or to openpyxl."""
_AMOUNT, _DAY = "#,##0.00", "dd.mm.yyyy"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name (at most 31 characters), the heads of its columns, its rows, and the width of columns in characters."""

    name: str
    heads: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    widths: Sequence[int] = ()


def write_workbook(path: Path, sheets: Sequence[Sheet]) -> None:
    """Write an Excel file, replacing one that is there. Raises ConfigurationError when it cannot be replaced."""
    content = workbook(sheets)
    try:
        write_file(path, content)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be written ({error.strerror or type(error).__name__}).",
            remedy="close it in Excel, or let the program's user write there, and start the run again; nothing else is lost.",
        ) from None


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """The Excel file as it is written."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    bold = Font(bold=True)
    for sheet in sheets:
        page = book.create_sheet(sheet.name)
        page.freeze_panes = "A2"
        for number, width in enumerate(sheet.widths, start=1):
            page.column_dimensions[get_column_letter(number)].width = width
        head = [WriteOnlyCell(page, value=name) for name in sheet.heads]
        for cell in head:
            cell.font = bold
        page.append(head)
        last = 1
        for last, row in enumerate(sheet.rows, start=2):
            if last > _MOST_ROWS:
                page.append(["Weitere Zeilen passen nicht in ein Excel-Blatt."])
                break
            page.append([_cell(page, value) for value in row])
        page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.heads))}{last}"
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _cell(page: object, value: Cell) -> object:
    from openpyxl.cell import WriteOnlyCell

    if isinstance(value, str):
        text = plain(value)
        if not text.startswith(_NO_PLAIN_TEXT):
            return text
        # It is text, and stays it after somebody has clicked into the cell.
        cell = WriteOnlyCell(page, value=text)  # type: ignore[arg-type]
        cell.data_type = "s"
        cell.number_format = "@"
        return cell
    if isinstance(value, Decimal):
        cell = WriteOnlyCell(page, value=value)  # type: ignore[arg-type]
        cell.number_format = _AMOUNT
        return cell
    if isinstance(value, date):
        cell = WriteOnlyCell(page, value=value)  # type: ignore[arg-type]
        cell.number_format = _DAY
        return cell
    return value


def plain(text: str) -> str:
    """Text as a cell can hold it: without characters XML cannot carry, and not longer than Excel takes."""
    return _NOT_IN_XML.sub("", text)[:_LONGEST_TEXT]
