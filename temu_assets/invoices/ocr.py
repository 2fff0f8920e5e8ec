"""The text of scanned pages, by the program tesseract where the machine has it with German.

It runs in the limited process of ``workers.py`` too, and under its limits: memory and processor time are handed down to it.
"""

from __future__ import annotations

import html
import os
import re
import shutil
import statistics
import subprocess
import time
from dataclasses import dataclass
from functools import cache

from temu_assets.invoices import process_limits
from temu_assets.invoices.page_lines import Run, lines_of
from temu_assets.invoices.pdf import Pdf, Picture
from temu_assets.invoices.reading import Page
from temu_assets.invoices.unreadable import DamagedPage

MOST_PAGES, OF_THEM_LAST = 5, 2
DPI = 300
MOST_PIXELS = 12_000_000
"""A page of A4 at 300 dpi has nine millions."""
LANGUAGE = "deu"
NOT_INSTALLED = (
    "Die Datei hat keinen Text (Scan). Texterkennung (tesseract mit Deutsch) ist auf diesem Rechner nicht installiert; "
    "bitte von Hand erfassen oder nach der Installation noch einmal lesen lassen."
)
_SHORTEST = 2.0
_LEAST_CONFIDENCE = 20.0
_SPAN = re.compile(r"<span class='(ocr_\w+|ocrx_word)'[^>]*? title=[\"']([^\"'>]*)[\"'][^>]*>(?:<(?:strong|em)>)*([^<]*)")
_BOX = re.compile(r"bbox (\d+) (\d+) (\d+) (\d+)")
_BASE_LINE = re.compile(r"baseline (-?[\d.]+) (-?[\d.]+)")
_NUMBER = re.compile(r"(x_size|x_wconf) ([\d.]+)")
_PASSED_ON = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "TESSDATA_PREFIX")


@dataclass(frozen=True, slots=True)
class Recognised:
    """The pages that were recognised, and German sentences about those that were not."""

    pages: tuple[Page, ...]
    notes: tuple[str, ...]


def recognise(pdf: Pdf, *, seconds: float) -> Recognised:
    """The text of the pages of a scan: the first and the last of a long one. ``seconds``: the longest time for all of them."""
    program = tesseract()
    if program is None:
        return Recognised((), (NOT_INSTALLED,))
    numbers = _numbers(pdf.page_count)
    notes = [] if len(numbers) == pdf.page_count else [f"Texterkennung nur auf {len(numbers)} von {pdf.page_count} Seiten."]
    pages, ends = [], time.monotonic() + seconds
    for number in numbers:
        left = ends - time.monotonic()
        if left < _SHORTEST:
            notes.append(f"Für die Texterkennung ab Seite {number} reichte die Zeit nicht (Einstellung INVOICE_SECONDS).")
            break
        try:
            picture = pdf.picture(number, dpi=DPI, most_pixels=MOST_PIXELS)
            pages.append(_page(_asked(program, picture, left), number, picture))
        except DamagedPage as error:
            notes.append(error.why)
        except subprocess.TimeoutExpired:
            notes.append(f"Die Texterkennung von Seite {number} dauerte zu lange (Einstellung INVOICE_SECONDS).")
            break
        except (subprocess.CalledProcessError, OSError):
            notes.append(f"Die Texterkennung von Seite {number} ist gescheitert.")
    return Recognised(tuple(pages), tuple(notes))


def _numbers(count: int) -> tuple[int, ...]:
    if count <= MOST_PAGES:
        return tuple(range(1, count + 1))
    return (*range(1, MOST_PAGES - OF_THEM_LAST + 1), *range(count - OF_THEM_LAST + 1, count + 1))


def tesseract() -> str | None:
    """The path of tesseract, where this machine has it with German."""
    path = shutil.which("tesseract")
    return path if path is not None and LANGUAGE in _languages(path) else None


@cache
def _languages(program: str) -> frozenset[str]:
    try:
        told = subprocess.run(  # noqa: S603 - no shell, and no argument comes from a file
            [program, "--list-langs"], capture_output=True, check=True, timeout=10, env=_environment(), stdin=subprocess.DEVNULL
        )
    except (subprocess.SubprocessError, OSError):
        return frozenset()
    return frozenset(told.stdout.decode("ascii", "replace").split())


def _environment() -> dict[str, str]:
    return {"OMP_THREAD_LIMIT": "1", **{name: os.environ[name] for name in _PASSED_ON if name in os.environ}}


def _asked(program: str, picture: Picture, seconds: float) -> str:
    """What tesseract found, as hOCR. Raises SubprocessError, OSError."""
    run = subprocess.run(  # noqa: S603 - no shell, and no argument comes from a file
        [program, "stdin", "stdout", "-l", LANGUAGE, "--dpi", str(round(picture.scale * 72)), "--psm", "4", "hocr"],
        input=b"P5\n%d %d\n255\n%b" % (picture.width, picture.height, picture.pixels),
        capture_output=True,
        check=True,
        timeout=seconds,
        env=_environment(),
        preexec_fn=process_limits.as_helper(seconds),
    )
    return run.stdout.decode("utf-8", "replace")


def _page(found: str, number: int, picture: Picture) -> Page:
    return Page(number, lines_of(words_in(found, picture.scale)), picture.width / picture.scale, picture.height / picture.scale)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line tesseract sees, in points: a point of its base line, how steeply that falls to the right, and how large its font is."""

    x: float
    y: float
    slope: float
    size: float


def words_in(found: str, scale: float) -> list[Run]:
    """The words of tesseract's answer (hOCR), levelled: a page that was scanned at a slant is read as if it lay straight.

    ``scale``: pixels per point.
    """
    line: _Line | None = None
    words: list[tuple[Run, _Line]] = []
    for kind, title, text in _SPAN.findall(found):
        box, told = _BOX.search(title), {name: float(value) for name, value in _NUMBER.findall(title)}
        if box is None:
            continue
        left, top, right, bottom = (float(side) / scale for side in box.groups())
        if kind != "ocrx_word":
            base = _BASE_LINE.search(title)
            slope, below = (float(base[1]), float(base[2]) / scale) if base else (0.0, 0.0)
            line = _Line(left, bottom + below, slope, told.get("x_size", 0.0) / scale or bottom - top)
        elif line is not None and text.strip() and told.get("x_wconf", 0.0) >= _LEAST_CONFIDENCE:
            words.append((Run(html.unescape(text).strip(), left, right, line.y + line.slope * (left - line.x), line.size), line))
    slope = statistics.median(line.slope for _, line in words) if words else 0.0
    for word, _ in words:
        word.base -= slope * word.left
    return [word for word, _ in words]
