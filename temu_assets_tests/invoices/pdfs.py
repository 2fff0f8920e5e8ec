"""Makes the PDFs the tests read: pages of text, scans, attachments, passwords, and files that are broken or mean harm."""

from __future__ import annotations

import io
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pypdfium2
from reportlab.lib import pdfencrypt
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

A4 = (595.27, 841.89)
LEFT, TOP, LEADING, COLUMN = 60.0, 60.0, 16.0, 150.0


@dataclass(frozen=True)
class At:
    """Text at a place: ``x`` from the left (of its right end with ``is_right``), ``y`` of its base line from the top, in points."""

    x: float
    y: float
    text: str
    size: float = 10.0
    font: str = "Helvetica"
    is_right: bool = False
    angle: float = 0.0
    """Degrees against the clock."""


Drawn = Sequence[str | At]
"""What one page shows, in drawing order. Strings are lines from the top; a tab in one starts the next column."""


def text_pdf(
    *pages: Drawn, rotate: int = 0, size: tuple[float, float] = A4, password: str | None = None, owner_password: str | None = None
) -> bytes:
    """A PDF with one page for each sequence.

    ``rotate``: the pages are written lying, and a viewer turns them by so many degrees. ``owner_password`` alone opens for everybody.
    """
    buffer = io.BytesIO()
    encrypt = pdfencrypt.StandardEncryption(password or "", owner_password or "owner") if password or owner_password else None
    canvas = Canvas(buffer, pagesize=size, encrypt=encrypt, invariant=True)
    for page in pages:
        canvas.setPageRotation(rotate)
        canvas.transform(*_lying(rotate, *size))
        for item in _placed(page):
            _draw(canvas, item, size[1])
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def encrypted(*pages: Drawn, password: str) -> bytes:
    """As ``text_pdf``, and only the password opens it."""
    return text_pdf(*pages, password=password)


def with_attachment(pdf: bytes, name: str, content: bytes) -> bytes:
    """The PDF with one more file embedded, as ZUGFeRD, Factur-X and XRechnung do."""
    document = pypdfium2.PdfDocument(pdf)
    document.new_attachment(name).set_data(content)
    buffer = io.BytesIO()
    document.save(buffer)
    document.close()
    return buffer.getvalue()


def image_only(pdf: bytes, dpi: int = 200) -> bytes:
    """The PDF as a scanner would give it: an image for every page, no text."""
    document = pypdfium2.PdfDocument(pdf)
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=True)
    for page in document:
        width, height = page.get_size()
        canvas.setPageSize((width, height))
        canvas.drawImage(ImageReader(page.render(scale=dpi / 72, grayscale=True).to_pil()), 0, 0, width, height)
        canvas.showPage()
        page.close()
    document.close()
    canvas.save()
    return buffer.getvalue()


def content_pdf(content: bytes, *, page_entries: bytes = b"", filters: bytes = b"", objects: Mapping[int, bytes] | None = None) -> bytes:
    """A PDF of one page with this content stream as it is; ``filters`` such as ``/Filter/FlateDecode``; font F1 is Helvetica."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 4 0 R>>>>/Contents 5 0 R" + page_entries + b">>"
    return objects_pdf(
        {
            1: b"<</Type/Catalog/Pages 2 0 R>>",
            2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            3: page,
            4: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
            5: stream(content, filters),
            **(objects or {}),
        }
    )


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """A stream object."""
    return b"<</Length %d%s>>stream\n%s\nendstream" % (len(content), entries, content)


def objects_pdf(objects: Mapping[int, bytes]) -> bytes:
    """A PDF of these objects by number; object 1 is the catalogue."""
    parts, places, length = [b"%PDF-1.5\n"], {}, 9
    for number, body in sorted(objects.items()):
        places[number] = length
        parts.append(b"%d 0 obj\n%s\nendobj\n" % (number, body))
        length += len(parts[-1])
    last = max(objects)
    rows = [b"%010d 00000 n \n" % places[number] if number in places else b"0000000000 65535 f \n" for number in range(last + 1)]
    parts.append(b"xref\n0 %d\n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (last + 1, b"".join(rows), last + 1, length))
    return b"".join(parts)


def bomb(megabytes: int) -> bytes:
    """A page whose content is small in the file and unpacks, through two filters, to blanks of this many megabytes."""
    packer = zlib.compressobj(9)
    beginning = packer.compress(b" " * 1_000_000) + packer.flush(zlib.Z_FULL_FLUSH)
    # After a full flush the same bytes unpack to the same blanks again.
    again = packer.compress(b" " * 1_000_000) + packer.flush(zlib.Z_FULL_FLUSH)
    once = beginning + again * (megabytes - 1) + packer.flush()
    return content_pdf(zlib.compress(once, 9), filters=b"/Filter[/FlateDecode/FlateDecode]")


def _lying(rotate: int, width: float, height: float) -> tuple[float, ...]:
    """Turns the drawing against what the viewer does."""
    turned = {90: (0, 1, -1, 0, height, 0), 180: (-1, 0, 0, -1, width, height), 270: (0, -1, 1, 0, 0, width)}
    return turned.get(rotate, (1, 0, 0, 1, 0, 0))


def _placed(page: Drawn) -> list[At]:
    placed, y = [], TOP
    for item in page:
        if isinstance(item, At):
            placed.append(item)
        else:
            placed += [At(LEFT + number * COLUMN, y, part) for number, part in enumerate(item.split("\t")) if part]
            y += LEADING
    return placed


def _draw(canvas: Canvas, item: At, height: float) -> None:
    canvas.saveState()
    canvas.translate(item.x, height - item.y)
    canvas.rotate(item.angle)
    canvas.setFont(item.font, item.size)
    (canvas.drawRightString if item.is_right else canvas.drawString)(0, 0, item.text)
    canvas.restoreState()
