"""Pages as lines of cells: what stands beside and below what."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from temu_assets.invoices.reading import Page, Word
from temu_assets.invoices.text_folding import cleaned, fold

COLUMN_GAP = "  "
_TOKEN = re.compile(r"[^\W_]+")
_WIDE_BLANKS = re.compile(r" {2,}")
LONGEST_LINE = 4000
"""A longer line is no line of an invoice; the rest of it is not read."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a line, folded, at ``start`` to ``end`` of the line's text."""

    folded: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A run of text in a line, apart from its neighbours by a wide gap."""

    start: int
    end: int


@dataclass(slots=True)
class Line:
    """One line of a page. ``row`` counts through the page; ``top`` and ``height`` are in points."""

    page: int
    row: int
    text: str
    cells: list[Cell]
    tokens: list[Token]
    top: float
    height: float
    _starts: list[int] = field(default_factory=list)
    _words: list[Word] = field(default_factory=list)
    _cell_starts: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._cell_starts = [cell.start for cell in self.cells]

    @property
    def place(self) -> str:
        """Where the line stands, for a person."""
        return f"Seite {self.page}"

    def cell_at(self, index: int) -> int:
        """Which cell the character belongs to."""
        return max(0, bisect_right(self._cell_starts, index) - 1)

    def span(self, start: int, end: int) -> tuple[float, float]:
        """From where to where the characters reach, in points from the left of the page."""
        return self._x(start), self._x(max(start, end - 1), after=True)

    def _x(self, index: int, *, after: bool = False) -> float:
        number = max(0, bisect_right(self._starts, index) - 1)
        word, offset = self._words[number], index - self._starts[number] + (1 if after else 0)
        length = max(1, len(word.text))
        return word.left + (word.right - word.left) * min(offset, length) / length


def lines_of(pages: Sequence[Page]) -> list[Line]:
    """All lines with text of all pages, in order."""
    lines = []
    for page in pages:
        for row, run in enumerate(page.lines):
            line = _line(page.number, row, run)
            if line is not None:
                lines.append(line)
    return lines


def _line(page: int, row: int, run: Sequence[Word]) -> Line | None:
    parts: list[str] = []
    starts: list[int] = []
    kept: list[Word] = []
    length = 0
    for word in run:
        text = cleaned(word.text)
        stripped = text.strip()[:LONGEST_LINE]
        if not stripped or length > LONGEST_LINE:
            continue
        plain = Word(_WIDE_BLANKS.sub(COLUMN_GAP, stripped), word.left, word.right, word.top, word.height)
        if kept:
            blank = _between(kept[-1], plain)
            parts.append(blank)
            length += len(blank)
        starts.append(length)
        kept.append(plain)
        parts.append(plain.text)
        length += len(plain.text)
    if not kept:
        return None
    text = "".join(parts)
    top = min(word.top for word in kept)
    height = max(word.height for word in kept)
    tokens = [Token(fold(match[0]), match.start(), match.end()) for match in _TOKEN.finditer(text)]
    return Line(page, row, text, _cells(text), tokens, top, height, starts, kept)


def _between(left: Word, right: Word) -> str:
    gap, height = right.left - left.right, max(left.height, right.height)
    if gap > 1.2 * max(height, 6.0):
        return COLUMN_GAP
    return " " if gap > 0.12 * height else ""


def _cells(text: str) -> list[Cell]:
    cells, start = [], 0
    for gap in _WIDE_BLANKS.finditer(text):
        cells.append(Cell(start, gap.start()))
        start = gap.end()
    return [*cells, Cell(start, len(text))]


def column_of(span: tuple[float, float], heads: Sequence[tuple[float, float]]) -> int | None:
    """Under which of the heads something stands: the one it overlaps most; None if none, or two as much."""
    overlaps = [min(span[1], head[1]) - max(span[0], head[0]) for head in heads]
    if not overlaps:
        return None
    best = max(range(len(overlaps)), key=overlaps.__getitem__)
    if overlaps[best] <= 0:
        return None
    return None if sum(overlap > 0.9 * overlaps[best] for overlap in overlaps) > 1 else best
