"""Which words of a page a person can see: text may be white, covered, cut off, without paint or too small, and still be in the file.

Whoever pays or books an invoice sees the picture of it, so text that is not in the picture must not become a value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from temu_assets.invoices.page_lines import ASCENT
from temu_assets.invoices.reading import Page, Word

HIDDEN_TEXT = (
    "Das PDF enthält Text, den man auf der Seite nicht sieht und der andere Werte ergeben hätte; gelesen wurde nur, was zu sehen ist. "
    "Bitte mit der Seite vergleichen und beim Aussteller nachfragen."
)
_LEAST_CONTRAST = 24
"""Of 255 steps from black to white."""
_LEAST_ROWS, _LEAST_COLUMNS = 0.4, 0.15
"""The share of a word's box that is not of one grey; lines that are ruled through it leave less of the one or of the other."""
_DIGIT_HEIGHT = 0.7
_SMALLEST_SHARE = 1 / 300
"""Letters smaller than this part of the page's shorter side cannot be read: 2 points on A4."""


def what_is_seen(page: Page, pixels: bytes, width: int, scale: float) -> Page:
    """The page with those words only that show in its picture.

    ``pixels``: grey, one byte each, in rows of ``width``, as the page is read; ``scale`` in pixels per point.
    """
    smallest = min(page.width, page.height) * _SMALLEST_SHARE
    lines = [tuple(word for word in line if word.height >= smallest and _has_ink(word, pixels, width, scale)) for line in page.lines]
    return replace(page, lines=tuple(line for line in lines if line))


def _has_ink(word: Word, pixels: bytes, width: int, scale: float) -> bool:
    if not any(character.isalnum() for character in word.text):
        return True
    base = word.top + ASCENT * word.height
    left, right = max(round(word.left * scale), 0), min(round(word.right * scale), width)
    top, bottom = max(round((base - _DIGIT_HEIGHT * word.height) * scale), 0), min(round(base * scale), len(pixels) // width)
    if right <= left or bottom <= top:
        return False
    rows = [pixels[row * width + left : row * width + right] for row in range(top, bottom)]
    inside = b"".join(rows)
    columns = [inside[column :: right - left] for column in range(right - left)]
    return _share(rows) >= _LEAST_ROWS and _share(columns) >= _LEAST_COLUMNS


def _share(stripes: Sequence[bytes]) -> float:
    """How many rows or columns are not all of one grey."""
    return sum(1 for stripe in stripes if max(stripe) - min(stripe) >= _LEAST_CONTRAST) / len(stripes)
