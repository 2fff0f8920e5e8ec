"""Characters with places become words and lines in reading order, however the PDF draws them."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import attrgetter

from temu_assets.invoices.reading import Word

Glyph = tuple[str, float, float, float, float]
"""A character upright on its page: text, left, right, base line from the top, size of its font; in points.

Its text is one blank for a blank that the PDF draws, and empty where the PDF reader thinks that one is missing; these have no base line.
"""
BLANK, GUESSED_BLANK = " ", ""
ASCENT = 0.8
"""So much of a font's size lies above the base line."""
_SAME_WORD, _SPACED_OUT, _KERNED = 0.12, 0.5, -0.3
_OVERHANG = 0.3
"""A slanted letter reaches into the blank before it by less."""
_SAME_LINE, _SAME_PLACE = 0.35, 0.25
_OTHER_SPELLINGS = {0xAD: "-", 0x2010: "-", 0x2011: "-"}
_NOT_SHOWN = {"Cc", "Cf", "Cs", "Co", "Cn"}


@dataclass(slots=True)
class Run:
    """A word being built: where its base line is, and how large its font. Points, from the left and from the top."""

    text: str
    left: float
    right: float
    base: float
    size: float

    @property
    def word(self) -> Word:
        """The word as everybody else knows it; an accent drawn on its own becomes one with its letter."""
        text = self.text if self.text.isascii() else unicodedata.normalize("NFC", self.text)
        return Word(text, self.left, self.right, self.base - ASCENT * self.size, self.size)


def spelled(code: int) -> str:
    """What is read where a PDF has this character: a blank for every kind of blank, nothing for what nobody sees.

    Soft hyphens are drawn and mean "-" in many PDFs; ligatures become their letters.
    """
    if code in _OTHER_SPELLINGS:
        return _OTHER_SPELLINGS[code]
    character = chr(code) if 0 <= code <= 0x10FFFF else "\0"
    if character.isspace():
        return BLANK
    if unicodedata.category(character) in _NOT_SHOWN:
        return ""
    return unicodedata.normalize("NFKC", character) if 0xFB00 <= code <= 0xFB06 else character


def words_of(glyphs: Iterable[Glyph]) -> list[Run]:
    """Neighbours in drawing order that touch become words. Letters at one place stay both: a ligature comes as its letters."""
    words: list[Run] = []
    word: Run | None = None
    drawn_blank = guessed_blank = False
    last_text, last_left, edge = "", math.nan, math.nan
    for text, left, right, base, size in glyphs:
        if text == BLANK:
            drawn_blank, edge = True, right
            continue
        if text == GUESSED_BLANK:
            guessed_blank, edge = True, right
            continue
        if left < edge < left + _OVERHANG * size:
            left = edge
        if word is not None and abs(base - word.base) < 0.1 * size and 0.7 * size < word.size < 1.4 * size:
            gap = (left - word.right) / size
            touches = _KERNED < gap <= _SAME_WORD or left == last_left
            if touches or (
                # Headings with their letters spaced out; digits never, they could be two numbers.
                _SAME_WORD < gap < _SPACED_OUT and not guessed_blank and not drawn_blank and text.isalpha() and last_text.isalpha()
            ):
                word.text += BLANK + text if drawn_blank else text
                word.right = max(right, word.right)
                last_text, last_left, edge, drawn_blank, guessed_blank = text, left, math.nan, False, False
                continue
            if unicodedata.combining(text[0]):
                word.text += text
                continue
        word = Run(text, left, right, base, size)
        words.append(word)
        last_text, last_left, edge, drawn_blank, guessed_blank = text, left, math.nan, False, False
    return words


@dataclass(slots=True)
class _Line:
    base: float
    size: float
    words: list[Run] = field(default_factory=list)

    def takes(self, word: Run) -> bool:
        """Whether the base lines or the middles are about level."""
        near = _SAME_LINE * min(self.size, word.size)
        lower = word.base - self.base
        return abs(lower) < near or abs(lower - 0.3 * (word.size - self.size)) < near


def lines_of(words: Iterable[Run]) -> tuple[tuple[Word, ...], ...]:
    """The words by line from the top, and in each from the left; a word drawn twice at one place stays once."""
    lines: list[_Line] = []
    for word in sorted(words, key=attrgetter("base")):
        if not lines or not lines[-1].takes(word):
            lines.append(_Line(word.base, word.size))
        lines[-1].words.append(word)
    return tuple(tuple(word.word for word in _once(sorted(line.words, key=attrgetter("left")))) for line in lines)


def _once(words: list[Run]) -> list[Run]:
    kept: list[Run] = []
    for word in words:
        near = _SAME_PLACE * word.size
        is_again = False
        for other in reversed(kept):
            if word.left - other.left >= near:
                break
            is_again = is_again or (other.text == word.text and abs(other.base - word.base) < near)
        if not is_again:
            kept.append(word)
    return kept
