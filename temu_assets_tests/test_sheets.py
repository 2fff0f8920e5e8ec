"""Excel files: what a person and a program read from them is what was written, and text is never a formula."""

from __future__ import annotations

import io
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from temu_assets.errors import ConfigurationError
from temu_assets.sheets import Cell, Sheet, workbook, write_workbook


def read_back(rows: list[list[Cell]]) -> list[list[object]]:
    book = load_workbook(io.BytesIO(workbook([Sheet("Blatt", ["A", "B", "C"][: len(rows[0])], rows)])))
    assert book.sheetnames == ["Blatt"]
    return [[cell.value for cell in row] for row in book["Blatt"].iter_rows(min_row=2)]


def test_numbers_and_days_are_real_ones() -> None:
    book = load_workbook(io.BytesIO(workbook([Sheet("B", ["x"], [[Decimal("-1234.50")], [date(2026, 3, 5)], [7], [None], ["text"]])])))
    cells = [row[0] for row in book["B"].iter_rows(min_row=2)]
    assert [(cell.value, cell.data_type) for cell in cells] == [
        (-1234.5, "n"), (datetime(2026, 3, 5), "d"), (7, "n"), (None, "n"), ("text", "s"),
    ]  # fmt: skip
    assert (cells[0].number_format, cells[1].number_format) == ("#,##0.00", "dd.mm.yyyy")


@pytest.mark.parametrize("text", ["=1+1", "+49 30", "-1", "@SUM(A1)", "\t=1", "#N/A", "#REF!", '=HYPERLINK("http://example.invalid")'])
def test_text_is_never_a_formula(text: str) -> None:
    book = load_workbook(io.BytesIO(workbook([Sheet("B", ["x"], [[text]])])))
    cell = book["B"]["A2"]
    assert (cell.value, cell.data_type, cell.number_format) == (text, "s", "@")


@given(st.text(max_size=50))
def test_any_text_can_be_written_and_read(text: str) -> None:
    ((value,),) = read_back([[text]])
    kept = "".join(
        sign for sign in text if sign in "\t\n\r" or (ord(sign) >= 32 and sign not in "\ufffe\uffff" and not 0xD800 <= ord(sign) <= 0xDFFF)
    )
    assert one_kind_of_line_end(str(value or "")) == one_kind_of_line_end(kept)


def one_kind_of_line_end(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2))
def test_any_amount_comes_back_to_the_cent(amount: Decimal) -> None:
    ((value,),) = read_back([[amount]])
    assert Decimal(str(value)).quantize(Decimal("0.01")) == amount


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "out" / "a.xlsx"
    for text in ("first", "second"):
        write_workbook(path, [Sheet("B", ["x"], [[text]])])
    assert load_workbook(path)["B"]["A2"].value == "second"
    assert [file.name for file in path.parent.iterdir()] == ["a.xlsx"]


def test_a_file_that_cannot_be_replaced_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").mkdir()
    with pytest.raises(ConfigurationError, match=r"a\.xlsx cannot be written.*close it in Excel"):
        write_workbook(tmp_path / "a.xlsx", [Sheet("B", ["x"], [])])
