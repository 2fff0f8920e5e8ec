"""The page of faults is complete: every row is there, every test it names exists, and every fault of the predecessor has a test."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
PAGE = TESTS.parent / "docs" / "fault-matrix.md"
FAULTS_OF_THE_PREDECESSOR = range(1, 25)

ROWS = {
    "API": [
        "too many requests",
        "a broken server",
        "HTTP 200 with a failure in it",
        "no answer, before or after it was done",
        "a damaged answer",
        "a slow drip",
        "rows doubled or in another order",
        "orders arrive between two pages",
        "the total changes, an empty page, one page for ever",
        "one SKU refused inside a good answer",
        "what was done is shown late",
        "a field missing, new, null, of another type, huge",
        "token expired, address not allowed, clock wrong",
    ],
    "Database": [
        "deadlock",
        "the connection dies in a transaction",
        "commit done, its answer lost",
        "restart, login denied, no connection left, away",
        "lock time-out, snapshot conflict, log or disk full",
        "a value that does not fit",
        "the file is damaged",
    ],
    "Process": [
        "killed between any two steps",
        "told to end, out of memory",
        "two runs at once",
        "the clock jumps",
        "25 October and 29 March",
    ],
    "Disk": ["full, read-only, broken, over quota"],
    "Files": ["cut, empty, exchanged, one bit flipped, gone", "picked up while it is written"],
    "JTL": ["a row unread for hours", "a row refused with a text", "an order deleted by a user", "one row becomes two orders"],
}


def rows() -> list[list[str]]:
    """The cells of the page's table."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def named_tests() -> list[str]:
    return [name for row in rows() for name in re.findall(r"`([^`]+)`", row[4])]


def docstrings() -> Iterator[str]:
    """Of every test, and of the files they stand in."""
    for path in TESTS.rglob("test_*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        documented: list[ast.Module | ast.FunctionDef] = [tree]
        documented += (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))
        yield from filter(None, map(ast.get_docstring, documented))


def test_every_fault_of_every_area_has_its_row() -> None:
    assert [(row[0], row[1]) for row in rows()] == [(area, fault) for area, faults in ROWS.items() for fault in faults]


def test_every_row_says_how_what_is_expected_and_by_which_test() -> None:
    assert [row for row in rows() if len(row) != 5 or not all(row) or "::" not in row[4]] == []


@pytest.mark.parametrize("name", sorted(set(named_tests())))
def test_a_test_the_page_names_is_there(name: str) -> None:
    file, _, function = name.partition("::")
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_test_of_a_fault_is_on_the_page() -> None:
    of_this_folder = {
        f"faults/{path.name}::{node.name}"
        for path in Path(__file__).parent.glob("test_*.py")
        if path.name != Path(__file__).name
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }
    assert of_this_folder - set(named_tests()) == set()


def test_every_fault_of_the_predecessor_has_a_test_that_carries_its_number() -> None:
    carried = {
        int(number)
        for text in docstrings()
        for numbers in re.findall(r"[Ff]aults? (\d+(?:(?:, | and | to )\d+)*)", text)
        for number in re.findall(r"\d+", numbers)
    }
    assert carried >= set(FAULTS_OF_THE_PREDECESSOR)
    assert carried <= set(FAULTS_OF_THE_PREDECESSOR)
