"""One document becomes readings: embedded or bare XML first, then the text of its pages, then OCR."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from temu_assets.invoices.agreement import on_the_pages
from temu_assets.invoices.e_invoice import NotAnInvoice, UnreadableXml, is_e_invoice, read_e_invoice
from temu_assets.invoices.file_kinds import begins_like_xml
from temu_assets.invoices.jobs import Limits
from temu_assets.invoices.ocr import recognise
from temu_assets.invoices.pdf import FIRST_PAGES, LAST_PAGES, Pdf, open_pdf
from temu_assets.invoices.profiles import Profiles
from temu_assets.invoices.reading import Lane, Outcome, Page, Reading, Source
from temu_assets.invoices.text_reading import read_text
from temu_assets.invoices.unreadable import (
    DamagedPage,
    InternalFault,
    NoInvoice,
    TooLarge,
    TooMuchMemory,
    Unreadable,
)
from temu_assets.invoices.visibility import HIDDEN_TEXT, what_is_seen

FEWEST_CHARACTERS = 40
"""Pages with fewer are taken for scans; a scanner's own stamp is not longer."""
_OCR_SHARE = 0.7
_SEEN_DPI, _SEEN_PIXELS = 100, 2_000_000
_NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")


@dataclass(frozen=True, slots=True)
class _FromXml:
    reading: Reading | None
    notes: tuple[str, ...]


def read_document(content: bytes, lane: Lane, limits: Limits, profiles: Profiles) -> Outcome:
    """What a file says, whatever it is: this never raises, a file that cannot be read has ``failure``."""
    try:
        return _read(content, lane, limits, profiles)
    except Unreadable as error:
        return Outcome(failure=error.why)
    except MemoryError:
        return Outcome(failure=TooMuchMemory(limits.memory_mb).why)
    except Exception as error:  # noqa: BLE001 - one document must not stop the others, and its values must not be told
        return Outcome(failure=InternalFault(type(error).__name__).why)


def _read(content: bytes, lane: Lane, limits: Limits, profiles: Profiles) -> Outcome:
    if len(content) > limits.max_bytes:
        raise TooLarge(len(content), limits.max_bytes)
    if begins_like_xml(content):
        return _bare_xml(content)
    with open_pdf(content, max_pages=limits.max_pages) as pdf:
        return _pdf(pdf, lane, limits, profiles)


def _bare_xml(content: bytes) -> Outcome:
    try:
        return Outcome((read_e_invoice(content),))
    except (NotAnInvoice, UnreadableXml) as error:
        return Outcome(failure=error.why)


def _pdf(pdf: Pdf, lane: Lane, limits: Limits, profiles: Profiles) -> Outcome:
    from_xml = _embedded(pdf.attachments())
    pages, notes = _text(pdf)
    has_text = sum(len(word.text) for page in pages for line in page.lines for word in line) >= FEWEST_CHARACTERS
    readings = [from_xml.reading] if from_xml.reading is not None else []
    if has_text:
        read, pages = _read_pages(pdf, pages, lane, profiles)
    elif readings:
        read = None
    else:
        recognised = recognise(pdf, seconds=limits.seconds * _OCR_SHARE)
        notes += recognised.notes
        read = read_text(recognised.pages, Source.OCR, lane, profiles) if recognised.pages else None
    if read is not None:
        readings.append(read)
    if len(pdf.numbers) < pdf.page_count and from_xml.reading is None:
        notes.append(f"Das Dokument hat {pdf.page_count} Seiten; gelesen wurden die ersten {FIRST_PAGES} und die letzten {LAST_PAGES}.")
    return Outcome(
        readings=tuple(readings),
        failure=None if readings else (notes.pop(0) if notes and not has_text else NoInvoice().why),
        pages=pdf.page_count,
        notes=(*from_xml.notes, *pdf.notes, *notes),
        seen=on_the_pages(from_xml.reading, pages) if from_xml.reading is not None else None,
    )


def _read_pages(pdf: Pdf, pages: list[Page], lane: Lane, profiles: Profiles) -> tuple[Reading | None, list[Page]]:
    """What the pages say as far as a person sees it too, and what is seen of them. Text a scanner recognised is OCR, whoever made it."""
    source = Source.OCR if any(page.is_recognised for page in pages) else Source.TEXT
    read = read_text(pages, source, lane, profiles)
    seen = [_seen(pdf, page) for page in pages]
    if seen == pages:
        return read, pages
    without = read_text(seen, source, lane, profiles)
    if _values(without) == _values(read):
        return read, seen
    return without and replace(without, doubts=(HIDDEN_TEXT, *without.doubts)), seen


def _values(reading: Reading | None) -> Reading | None:
    return reading and replace(reading, places={}, doubts=())


def _seen(pdf: Pdf, page: Page) -> Page:
    try:
        picture = pdf.picture(page.number, dpi=_SEEN_DPI, most_pixels=_SEEN_PIXELS, turns=page.turns)
    except DamagedPage:
        return page
    return what_is_seen(page, picture.pixels, picture.width, picture.scale)


def _text(pdf: Pdf) -> tuple[list[Page], list[str]]:
    pages, notes = [], []
    for number in pdf.numbers:
        try:
            pages.append(pdf.page(number))
        except DamagedPage as error:
            notes.append(error.why)
    return pages, notes


def _embedded(attachments: Iterable[tuple[str, bytes]]) -> _FromXml:
    """The e-invoice among the attached files: one with the standards' names before others."""
    found: list[Reading] = []
    notes: list[str] = []
    for name, content in sorted(attachments, key=lambda attached: _rank(attached[0])):
        if not (_rank(name) < len(_NAMES) or is_e_invoice(content)):
            continue
        try:
            found.append(read_e_invoice(content))
        except (NotAnInvoice, UnreadableXml) as error:
            notes.append(f"Die eingebettete E-Rechnung ist nicht lesbar: {error.why}")
    if len({_essence(reading) for reading in found}) > 1:
        notes.append("Das PDF enthält mehrere E-Rechnungen, die sich widersprechen; gelesen wurde die erste.")
    return _FromXml(found[0] if found else None, tuple(notes))


def _rank(name: str) -> int:
    folded = name.casefold()
    return _NAMES.index(folded) if folded in _NAMES else len(_NAMES)


def _essence(reading: Reading) -> Sequence[object]:
    return (reading.kind, reading.number, reading.issued_on, reading.currency, reading.net, reading.tax, reading.gross)
