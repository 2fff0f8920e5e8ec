"""The characters of a PDF page with their places, from PDFium. What is not upright on the page is told apart."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from ctypes import c_double
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from temu_assets.invoices.page_lines import ASCENT, BLANK, GUESSED_BLANK, Glyph, lines_of, spelled, words_of
from temu_assets.invoices.reading import Page, Word

MOST_CHARACTERS = 50_000
"""So many of a page are read; a page full of small print has about a tenth."""
_UPRIGHT_SHARE = 0.3
_TOLERANCE = math.radians(10)
_spelled = lru_cache(maxsize=4096)(spelled)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Characters of one font on a base line that begins at ``x``, ``y``. ``turn``: quarters against the clock, None for anything else.

    ``is_unpainted``: there for searching only, nothing of it is drawn.
    """

    turn: int | None
    size: float
    x: float
    y: float
    is_unpainted: bool = False


_Character = tuple[str, float, float, float, float, _Stretch | None]
"""Text, left, right, bottom and top as PDFium counts (from the bottom); no stretch for blanks."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """The visible part of a page in PDFium's coordinates, and how many quarters it is turned with the clock to be read."""

    left: float
    bottom: float
    right: float
    top: float
    turns: int

    @property
    def size(self) -> tuple[float, float]:
        width, height = self.right - self.left, self.top - self.bottom
        return (height, width) if self.turns % 2 else (width, height)

    def span(self, left: float, right: float, bottom: float, top: float) -> tuple[float, float]:
        """Left and right end of a box, as read."""
        if self.turns == 0:
            return left - self.left, right - self.left
        if self.turns == 1:
            return bottom - self.bottom, top - self.bottom
        if self.turns == 2:
            return self.right - right, self.right - left
        return self.top - top, self.top - bottom

    def base(self, x: float, y: float) -> float:
        """How far down the base line through a point is, as read."""
        return (self.top - y, x - self.left, y - self.bottom, self.right - x)[self.turns]


def read_page(page: Any, number: int) -> tuple[Page, bool]:
    """A page of pypdfium2 as lines of words, and whether all its text was read. Raises PdfiumError for a page that is damaged."""
    text_page = page.get_textpage()
    try:
        characters, is_all = _characters(text_page)
    finally:
        text_page.close()
    left, bottom, right, top = page.get_bbox()
    turns = _upright(characters, page.get_rotation() // 90 % 4)
    frame = _Frame(left, bottom, right, top, turns)
    upright = list(_glyphs(characters, frame))
    lines = (*lines_of(words_of(upright)), *_asides(characters, frame))
    width, height = frame.size
    unpainted = sum(1 for *_, stretch in characters if stretch is not None and stretch.is_unpainted)
    painted = sum(1 for *_, stretch in characters if stretch is not None and not stretch.is_unpainted)
    return Page(number, lines, width, height, turns, is_recognised=unpainted > painted), is_all


def _characters(text_page: Any) -> tuple[list[_Character], bool]:
    from pypdfium2 import raw

    handle, count = text_page.raw, text_page.count_chars()
    unicode_of, box_of = raw.FPDFText_GetUnicode, raw.FPDFText_GetLooseCharBox
    found: list[_Character] = []
    box = raw.FS_RECTF()
    stretch, last_bottom, last_top = None, math.nan, math.nan
    for index in range(min(count, MOST_CHARACTERS)):
        code = unicode_of(handle, index)
        # A hyphen at the end of a line comes as a control character.
        text = "-" if code == 2 and raw.FPDFText_IsHyphen(handle, index) == 1 else _spelled(code)
        if not text:
            continue
        if not box_of(handle, index, box):
            continue
        left, right, bottom, top = box.left, box.right, box.bottom, box.top
        if text == BLANK:
            is_guessed = raw.FPDFText_IsGenerated(handle, index) == 1
            found.append((GUESSED_BLANK if is_guessed else BLANK, left, right, bottom, top, None))
            continue
        if stretch is None or bottom != last_bottom or top != last_top:
            stretch = _stretch(handle, index)
            last_bottom, last_top = bottom, top
        found.append((text, left, right, bottom, top, stretch))
    return found, count <= MOST_CHARACTERS


def _stretch(handle: object, index: int) -> _Stretch | None:
    """None for what has no place or no size."""
    from pypdfium2 import raw

    matrix, x, y = raw.FS_MATRIX(), c_double(), c_double()
    if not raw.FPDFText_GetMatrix(handle, index, matrix) or not raw.FPDFText_GetCharOrigin(handle, index, x, y):
        return None
    size = raw.FPDFText_GetFontSize(handle, index) * math.hypot(matrix.c, matrix.d)
    if not (0.1 < size < 10_000 and math.isfinite(x.value) and math.isfinite(y.value)):
        return None
    quarters = math.atan2(matrix.b, matrix.a) / (math.pi / 2)
    nearest = round(quarters)
    is_straight = abs(quarters - nearest) * (math.pi / 2) <= _TOLERANCE
    drawn = raw.FPDFText_GetTextObject(handle, index)
    is_unpainted = bool(drawn) and raw.FPDFTextObj_GetTextRenderMode(drawn) == raw.FPDF_TEXTRENDERMODE_INVISIBLE
    return _Stretch(nearest % 4 if is_straight else None, size, x.value, y.value, is_unpainted)


def _upright(characters: Iterable[_Character], page_turns: int) -> int:
    """How the page is read: as it says, unless most of its text lies another way."""
    by_turn = Counter(stretch.turn for *_, stretch in characters if stretch is not None)
    if not by_turn or by_turn[page_turns] >= _UPRIGHT_SHARE * by_turn.total():
        return page_turns
    most, _ = by_turn.most_common(1)[0]
    return page_turns if most is None else most


def _glyphs(characters: Iterable[_Character], frame: _Frame) -> Iterator[Glyph]:
    width, height = frame.size
    turns, span, base_of = frame.turns, frame.span, frame.base
    stretch_before, base = None, 0.0
    for text, left, right, bottom, top, stretch in characters:
        if stretch is None:
            if not text.strip():
                yield text, *span(left, right, bottom, top), 0.0, 0.0
            continue
        if stretch.turn != turns:
            continue
        if stretch is not stretch_before:
            stretch_before, base = stretch, base_of(stretch.x, stretch.y)
        begin, end = span(left, right, bottom, top)
        if end >= 0 and begin <= width and 0 <= base <= height + stretch.size:
            yield text, begin, end, base, stretch.size


def _asides(characters: Iterable[_Character], frame: _Frame) -> Iterator[tuple[Word, ...]]:
    """Text that lies across (notes along the margin, stamps): each a line of one word in drawing order, below all others."""
    text, place = "", (0.0, 0.0, 0.0, 0.0)
    turn: int | None = None
    for character, left, right, bottom, top, stretch in characters:
        if stretch is None:
            text += BLANK if text else ""
            continue
        if stretch.turn == frame.turns:
            continue
        if text and stretch.turn != turn:
            yield (_aside(text, place),)
            text = ""
        if not text:
            turn, place = stretch.turn, (*frame.span(left, right, bottom, top), frame.base(stretch.x, stretch.y), stretch.size)
        text += character
    if text:
        yield (_aside(text, place),)


def _aside(text: str, place: tuple[float, float, float, float]) -> Word:
    left, right, base, size = place
    return Word(" ".join(text.split()), left, right, base - ASCENT * size, size)
