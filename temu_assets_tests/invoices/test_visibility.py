"""Text a person cannot see never becomes a value, in whatever way it is hidden; and what can be seen is read as before."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal

import pypdfium2
import pytest
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from temu_assets.invoices.document import read_document
from temu_assets.invoices.jobs import Limits
from temu_assets.invoices.profiles import load_profiles
from temu_assets.invoices.reading import Lane, Outcome, Source
from temu_assets.invoices.visibility import HIDDEN_TEXT
from temu_assets_tests.invoices import e_invoices, pdfs

HEAD = [
    "Muster Lieferant GmbH",
    "Musterweg 1, 12345 Berlin",
    "USt-IdNr. DE123456789",
    "Rechnung Nr. RE-2026-17",
    "Rechnungsdatum: 03.11.2026",
]
SEEN = ["Warenwert ohne Steuer  100,00", "darauf Steuer 19 v.H.  19,00", "Macht zusammen  119,00"]
HIDDEN = ["Nettobetrag: 900,00 EUR", "USt. 19 %: 171,00 EUR", "Gesamtbetrag: 1.071,00 EUR"]


def _lines(canvas: Canvas, top: float, lines: list[str], size: float = 10) -> None:
    canvas.setFont("Helvetica", size)
    for number, line in enumerate(lines):
        canvas.drawString(60, top - number * max(size, 1) * 1.6, line)


def _white(canvas: Canvas) -> None:
    canvas.setFillGray(1)
    _lines(canvas, 500, HIDDEN)


def _nearly_white(canvas: Canvas) -> None:
    canvas.setFillGray(0.97)
    _lines(canvas, 500, HIDDEN)


def _like_its_ground(canvas: Canvas) -> None:
    canvas.setFillGray(0.3)
    canvas.rect(50, 440, 300, 80, stroke=0, fill=1)
    canvas.setFillGray(0.31)
    _lines(canvas, 500, HIDDEN)


def _white_under_a_line(canvas: Canvas) -> None:
    for number in range(3):
        canvas.line(40, 503 - number * 16, 400, 503 - number * 16)
    _white(canvas)


def _without_paint(canvas: Canvas) -> None:
    text = canvas.beginText(60, 500)
    text.setFont("Helvetica", 10)
    text.setTextRenderMode(3)
    for line in HIDDEN:
        text.textLine(line)
    canvas.drawText(text)


def _covered(canvas: Canvas) -> None:
    _lines(canvas, 500, HIDDEN)
    canvas.setFillGray(1)
    canvas.rect(50, 440, 300, 80, stroke=0, fill=1)


def _transparent(canvas: Canvas) -> None:
    canvas.setFillAlpha(0)
    _lines(canvas, 500, HIDDEN)


def _cut_off(canvas: Canvas) -> None:
    path = canvas.beginPath()
    path.rect(0, 0, 10, 10)
    canvas.clipPath(path, stroke=0)
    _lines(canvas, 500, HIDDEN)


def _tiny(canvas: Canvas) -> None:
    _lines(canvas, 500, HIDDEN, size=1)


HIDINGS = [_white, _nearly_white, _like_its_ground, _white_under_a_line, _without_paint, _covered, _transparent, _cut_off, _tiny]


def _pdf(hide: Callable[[Canvas], None] | None, seen: list[str], rotation: int = 0) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=pdfs.A4, invariant=True)
    canvas.setPageRotation(rotation)
    _lines(canvas, 780, HEAD)
    if hide is not None:
        canvas.saveState()
        hide(canvas)
        canvas.restoreState()
    _lines(canvas, 380, seen)
    canvas.save()
    return buffer.getvalue()


def _read(content: bytes) -> Outcome:
    limits = Limits(max_bytes=1_000_000, max_pages=100, seconds=60, memory_mb=1024)
    return read_document(content, Lane.INVOICES, limits, load_profiles(()))


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("hide", HIDINGS)
def test_hidden_amounts_become_no_values(hide: Callable[[Canvas], None], rotation: int) -> None:
    (reading,) = _read(_pdf(hide, SEEN, rotation)).readings
    assert (reading.net, reading.tax, reading.gross) == (None, None, None)
    assert HIDDEN_TEXT in reading.doubts


@pytest.mark.parametrize("hide", HIDINGS)
def test_what_is_seen_counts_where_both_are_told(hide: Callable[[Canvas], None]) -> None:
    (reading,) = _read(_pdf(hide, ["Nettobetrag: 100,00 EUR", "USt. 19 %: 19,00 EUR", "Gesamtbetrag: 119,00 EUR"])).readings
    assert (reading.net, reading.tax, reading.gross) == (Decimal("100.00"), Decimal("19.00"), Decimal("119.00"))
    assert HIDDEN_TEXT in reading.doubts


def test_hidden_text_that_changes_nothing_is_nobody_s_business() -> None:
    def hide(canvas: Canvas) -> None:
        canvas.setFillGray(1)
        _lines(canvas, 500, ["#DRUCKSTRASSE 4711# Umschlag C6"])

    (reading,) = _read(_pdf(hide, ["Nettobetrag: 100,00 EUR", "USt. 19 %: 19,00 EUR", "Gesamtbetrag: 119,00 EUR"])).readings
    assert (reading.gross, reading.doubts) == (Decimal("119.00"), ())


def _drawn(fill: float, ground: float, size: float) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=pdfs.A4, invariant=True)
    canvas.setFillGray(ground)
    canvas.rect(0, 0, *pdfs.A4, stroke=0, fill=1)
    canvas.setFillGray(fill)
    _lines(canvas, 780, [*HEAD, "Nettobetrag: 100,00 EUR", "USt. 19 %: 19,00 EUR", "Gesamtbetrag: 119,00 EUR"], size)
    canvas.save()
    return buffer.getvalue()


@pytest.mark.parametrize(("fill", "ground"), [(0, 1), (1, 0), (0.6, 1), (1, 0.5), (0.7, 0.2)])
@pytest.mark.parametrize("size", [4.0, 6.0, 10.0, 30.0])
def test_what_can_be_seen_is_read(fill: float, ground: float, size: float) -> None:
    (reading,) = _read(_drawn(fill, ground, size)).readings
    assert (reading.gross, reading.number, reading.doubts) == (Decimal("119.00"), "RE-2026-17", ())


def test_an_amount_of_the_xml_that_is_hidden_on_the_page_is_not_on_it() -> None:
    xml = e_invoices.ubl(e_invoices.Invoice(number="RE-2026-17", gross="1071.00"))
    content = pdfs.with_attachment(_pdf(_white, ["Gesamtbetrag: 119,00 EUR"]), "xrechnung.xml", xml)
    outcome = _read(content)
    assert outcome.seen is not None
    assert "gross" not in outcome.seen


def test_the_text_a_scanner_put_behind_its_picture_is_ocr() -> None:
    lines = [*HEAD, "Nettobetrag: 100,00 EUR", "USt. 19 %: 19,00 EUR", "Gesamtbetrag: 119,00 EUR"]
    document = pypdfium2.PdfDocument(_pdf(None, lines))
    try:
        scan = document[0].render(scale=2).to_pil()
    finally:
        document.close()
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=pdfs.A4, invariant=True)
    canvas.drawImage(ImageReader(scan), 0, 0, *pdfs.A4)
    for top, part in ((780, HEAD), (380, lines)):
        text = canvas.beginText(60, top)
        text.setFont("Helvetica", 10, 16)
        text.setTextRenderMode(3)
        for line in part:
            text.textLine(line)
        canvas.drawText(text)
    canvas.save()
    (reading,) = _read(buffer.getvalue()).readings
    assert (reading.source, reading.gross) == (Source.OCR, Decimal("119.00"))


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_page_that_is_a_part_of_its_sheet_is_seen_at_its_place(rotation: int) -> None:
    lines = [*HEAD, "Nettobetrag: 100,00 EUR", "USt. 19 %: 19,00 EUR", "Gesamtbetrag: 119,00 EUR"]
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(900, 1200), cropBox=(40, 500, 640, 1100), invariant=True)
    canvas.setPageRotation(rotation)
    _lines(canvas, 800, lines)
    canvas.save()
    (reading,) = _read(buffer.getvalue()).readings
    assert (reading.gross, reading.number, reading.doubts) == (Decimal("119.00"), "RE-2026-17", ())
