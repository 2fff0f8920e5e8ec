"""A PDF file: what is attached to it, the text of its pages with places, and pictures of them. Read by PDFium, Chromium's reader.

PDFium is written in C++ and reads whatever anybody sends: it runs in the limited process of ``workers.py`` only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import c_ulong, create_string_buffer
from dataclasses import dataclass, field
from typing import Any

from temu_assets.invoices.file_kinds import begins_like_xml, is_pdf, looks_like
from temu_assets.invoices.pdf_text import read_page
from temu_assets.invoices.reading import Page
from temu_assets.invoices.unreadable import (
    Damaged,
    DamagedPage,
    EmptyFile,
    NeedsPassword,
    NoPages,
    NotADocument,
    TooManyPages,
    UnknownEncryption,
)

FIRST_PAGES, LAST_PAGES = 12, 8
"""Of a long document so many pages are read from both ends: the figures stand there, between them are items and terms."""
MOST_ATTACHMENTS = 50
LARGEST_ATTACHMENT = 20_000_000
_END = b"%%EOF"
_END_WITHIN = 4096
_PASSWORD, _SECURITY = 4, 5
_POINTS_PER_INCH = 72
_LONGEST_SIDE = 20_000


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as grey pixels, row by row, one byte each; ``scale`` in pixels per point."""

    width: int
    height: int
    pixels: bytes
    scale: float


@dataclass(slots=True)
class Pdf:
    """An open PDF. ``notes``: German sentences about what was not read, for a person to look at."""

    page_count: int
    notes: list[str]
    _document: Any = field(repr=False)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The pages that are read, counted from 1."""
        if self.page_count <= FIRST_PAGES + LAST_PAGES:
            return tuple(range(1, self.page_count + 1))
        return (*range(1, FIRST_PAGES + 1), *range(self.page_count - LAST_PAGES + 1, self.page_count + 1))

    def attachments(self) -> list[tuple[str, bytes]]:
        """Name and content of the attached files that are or may be XML. What is too large is left out with a note."""
        from pypdfium2 import PdfiumError

        found = []
        count = self._document.count_attachments()
        for index in range(min(count, MOST_ATTACHMENTS)):
            try:
                name, content = _attachment(self._document, index)
            except PdfiumError:
                self.notes.append(f"Der {index + 1}. Anhang des PDF ist beschädigt und wurde nicht gelesen.")
                continue
            if content is None:
                self.notes.append(f"Der {index + 1}. Anhang des PDF ist zu groß und wurde nicht gelesen.")
            elif name.casefold().endswith(".xml") or begins_like_xml(content):
                found.append((name, content))
        if count > MOST_ATTACHMENTS:
            self.notes.append(f"Das PDF hat {count} Anhänge; angesehen wurden die ersten {MOST_ATTACHMENTS}.")
        return found

    def page(self, number: int) -> Page:
        """The text of a page, counted from 1. Raises DamagedPage."""
        self._make_fields_text(number)
        with self._opened(number) as page:
            read, is_all = read_page(page, number)
        if not is_all:
            self.notes.append(f"Seite {number} hat ungewöhnlich viel Text; gelesen wurde nur der Anfang.")
        return read

    def picture(self, number: int, *, dpi: int, most_pixels: int, turns: int | None = None) -> Picture:
        """A page as it looks, counted from 1; coarser than ``dpi`` where it would have more pixels. Raises DamagedPage.

        ``turns``: quarters with the clock it is turned by; None for as a viewer shows it.
        """
        with self._opened(number) as page:
            more_turns = 0 if turns is None else (turns - page.get_rotation() // 90) % 4
            width, height = page.get_size()
            scale = min(dpi / _POINTS_PER_INCH, (most_pixels / max(width * height, 1.0)) ** 0.5, _LONGEST_SIDE / max(width, height, 1.0))
            bitmap = page.render(scale=scale, rotation=90 * more_turns, grayscale=True)
            try:
                rows = memoryview(bitmap.buffer).cast("B")
                pixels = b"".join(rows[start : start + bitmap.width] for start in range(0, bitmap.height * bitmap.stride, bitmap.stride))
                return Picture(bitmap.width, bitmap.height, pixels, scale)
            finally:
                bitmap.close()

    def _make_fields_text(self, number: int) -> None:
        """What was typed into the fields of a form is none of the page's text until it is made so."""
        from pypdfium2 import raw

        if self._document.get_formtype() != raw.FORMTYPE_NONE:
            with self._opened(number) as page:
                raw.FPDFPage_Flatten(page.raw, raw.FLAT_NORMALDISPLAY)

    @contextmanager
    def _opened(self, number: int) -> Iterator[Any]:
        from pypdfium2 import PdfiumError

        try:
            page = self._document[number - 1]
            try:
                yield page
            finally:
                page.close()
        except PdfiumError:
            raise DamagedPage(number) from None


@contextmanager
def open_pdf(content: bytes, *, max_pages: int) -> Iterator[Pdf]:
    """Open a PDF; one that the empty password opens as well. Raises Unreadable, and nothing else, for whatever is no such file."""
    from pypdfium2 import PdfDocument, PdfiumError

    if not content:
        raise EmptyFile
    if not is_pdf(content):
        raise NotADocument(*looks_like(content))
    try:
        document = PdfDocument(content)
    except PdfiumError as error:
        raise _REASONS.get(error.err_code or 0, Damaged) from None
    try:
        pages = len(document)
        if pages > max_pages:
            raise TooManyPages(pages, max_pages)
        yield Pdf(pages, _cut_off(content), document)
    finally:
        document.close()


_REASONS = {0: NoPages, _PASSWORD: NeedsPassword, _SECURITY: UnknownEncryption}


def _cut_off(content: bytes) -> list[str]:
    """PDFium rebuilds what is left of a file that was cut off, without a word about what is missing."""
    if _END in content.rstrip(b"\0\r\n\t ")[-_END_WITHIN:]:
        return []
    return ["Das Ende der PDF-Datei fehlt; vermutlich wurde sie nicht vollständig übertragen."]


def _attachment(document: Any, index: int) -> tuple[str, bytes | None]:
    """Name and content of an attached file; no content for one that is too large. Raises PdfiumError."""
    from pypdfium2 import PdfiumError, raw

    attachment = document.get_attachment(index)
    size, written = c_ulong(), c_ulong()
    if not raw.FPDFAttachment_GetFile(attachment.raw, None, 0, size):
        raise PdfiumError("no content")
    if size.value > LARGEST_ATTACHMENT:
        return attachment.get_name(), None
    buffer = create_string_buffer(max(size.value, 1))
    if not raw.FPDFAttachment_GetFile(attachment.raw, buffer, size.value, written) or written.value > size.value:
        raise PdfiumError("no content")
    return attachment.get_name(), buffer.raw[: written.value]
