"""Numbers, dates and periods that stand beside or below a label."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from temu_assets.invoices.profiles import Labelled
from temu_assets.invoices.text_dates import DateOrder, find_dates, parse_date, period_at
from temu_assets.invoices.text_document import Document
from temu_assets.invoices.text_labels import Hit, Rank
from temu_assets.invoices.text_layout import Line

T = TypeVar("T")
LONGEST_NUMBER = 60


@dataclass(frozen=True, slots=True)
class Candidate(Generic[T]):
    """A value as one label gives it; ``value`` is None where it can be read two ways, and ``text`` is what was printed."""

    value: T | None
    rank: Rank
    place: str
    text: str = ""


_LEAD = re.compile(r"(?:[\s:=#…·|>*_.°º]|[-–](?=\s))*")
_TAIL = re.compile(r"[\s.,;:|*]+$")
_ASIDE = re.compile(r"\s*\([^()\d]{0,80}\)$")
_CHUNK = re.compile(r"[^\W_](?:[^\W_]|[./\\_+*&#–-])*")
_PLAIN_CHUNK = re.compile(r"[A-Z0-9](?:[A-Z0-9]|[./_–-])*|[/–-]")
_DATED = re.compile(r"\s+(?:vom|dated|of|from|du|del|de|van|från|z dnia|z)\s+(?=\d)")
_DAY_WORD = re.compile(r"(?:[^\W\d]{2,10}\.?,\s+)?(?:(?:den|am|vom|le|du|il|el|dnia|the|d\.)\s+)?")
_TIME = re.compile(r",?\s*(?:um\s+|at\s+)?\d{1,2}:\d\d(?::\d\d)?(?:\s*(?:Uhr|h|AM|PM))?", re.IGNORECASE)
_FROM = re.compile(r"(?:(?:vom|von|from|du|dal|del|od|från|van|de)\s+)?", re.IGNORECASE)
_TOWN_AND_DATE = re.compile(r"[^\W\d][^\d,:]{1,40},\s+(?:(?:den|le|il|dnia|am)\s+)?(?=\d)")


def numbers(document: Document, meaning: Labelled) -> Iterator[Candidate[str]]:
    """The values of labels that name a document."""
    for hit in document.all_hits(meaning):
        if hit.joined or hit.muddled:
            continue
        beside = _beside(document, hit)
        # A title with something far to the right or below it is no number with its label.
        titled = hit.rank is Rank.WEAK
        own, others = beside[0], beside[1:2]
        value = number_in(own) if own else None
        if value is None and not own and (not titled or hit.line.text[hit.end :].lstrip().startswith(":")):
            value = next((number_in(text) for text in others), None)
            level = document.level(hit) if value is None and not titled else None
            if level is not None and not document.has_label(*level):
                value = number_in(_text(level), single=True)
            is_alone = value is None and not titled and not _is_item_head(document, hit)
            below = document.below(hit.line, hit.start, hit.end) if is_alone else None
            if below is not None and not document.has_label(*below) and not _goes_on(document, below):
                value = number_in(_text(below), single=True)
        if value is not None:
            yield Candidate(value, hit.rank, hit.place, value)


def number_in(text: str, *, single: bool = False) -> str | None:
    """The number a text is: one word with a digit, or a few words of capitals and digits. None for a date, and for anything else."""
    stripped = _stripped(text)
    dated = _DATED.search(stripped)
    if dated and any(each.start == dated.end() for each in find_dates(stripped)):
        stripped = stripped[: dated.start()]
    stripped = _TAIL.sub("", _ASIDE.sub("", stripped))
    chunks = stripped.split()
    while chunks and chunks[-1] in {"/", "-", "–"}:
        chunks.pop()
    stripped = " ".join(chunks)
    if not chunks or len(stripped) > LONGEST_NUMBER or not any(letter.isdigit() for letter in stripped):
        return None
    if any(parse_date(chunk) for chunk in chunks):
        return None
    if len(chunks) == 1:
        return stripped if _CHUNK.fullmatch(stripped) else None
    is_plain = not single and len(chunks) <= 5 and all(_PLAIN_CHUNK.fullmatch(chunk) for chunk in chunks)
    return stripped if is_plain else None


def dates(document: Document, meaning: Labelled) -> Iterator[Candidate[date]]:
    """The values of labels that name a day."""
    for hit in document.all_hits(meaning):
        if hit.joined or hit.muddled:
            continue
        found = next((each for text in _texts(document, hit) if (each := date_in(text, document.dates)) is not None), None)
        if found is not None:
            yield Candidate(found[0], hit.rank, hit.place, found[1])


def date_in(text: str, order: DateOrder) -> tuple[date | None, str] | None:
    """The day a text is, with the text itself; its value is None where it can be read two ways. A time may follow."""
    stripped = _stripped(text)
    word = _DAY_WORD.match(stripped)
    start = word.end() if word else 0
    found = find_dates(stripped[:80], order)
    if not found or found[0].start != start or len(found) > 1:
        return None
    rest = _ASIDE.sub("", _TIME.sub("", stripped[found[0].end :], count=1))
    if rest.strip(" .,;:|*)"):
        return None
    return found[0].value, stripped[start : found[0].end]


def periods(document: Document, meaning: Labelled, *, among_items: bool) -> Iterator[Candidate[tuple[date, date]]]:
    """The values of labels that name a time of service, above the list of items or in it; one day is a period too."""
    heads = [document.number_of(line) for line, hits in zip(document.lines, document.hits, strict=True) if _is_list_head(hits)]
    for hit in document.all_hits(meaning):
        if hit.joined or hit.muddled or (bool(heads) and document.number_of(hit.line) > heads[0]) != among_items:
            continue
        for text in _texts(document, hit):
            found = _period_in(text, document.dates)
            if found is not None:
                yield Candidate(found, hit.rank, hit.place, text.strip())
                break


def numbers_with_dates(document: Document) -> Iterator[tuple[Candidate[str], Candidate[date]]]:
    """The values of labels such as "Rechnungsnr./-datum", where a slash parts the two."""
    for hit in document.all_hits(Labelled.NUMBER_AND_DATE):
        for text in _texts(document, hit):
            number, slash, day = _stripped(text).rpartition(" / ")
            value, when = number_in(number), date_in(day, document.dates)
            if slash and value is not None and when is not None:
                yield Candidate(value, hit.rank, hit.place, value), Candidate(when[0], hit.rank, hit.place, when[1])
                break


def dates_behind_numbers(document: Document, *meanings: Labelled) -> Iterator[Candidate[date]]:
    """The day in "Rechnung Nr. 4711 vom 03.04.2026"."""
    for hit in document.all_hits(*meanings):
        text = _beside(document, hit)[0]
        dated = _DATED.search(text)
        if dated and not hit.joined and number_in(text) is not None:
            found = date_in(text[dated.end() :], document.dates)
            if found is not None:
                yield Candidate(found[0], max(hit.rank, Rank.MEDIUM), hit.place, found[1])


def dates_behind_towns(document: Document) -> Iterator[Candidate[date]]:
    """The day in "Musterstadt, den 03.04.2026", on the first page."""
    for line in document.lines:
        if line.page != document.lines[0].page:
            return
        for cell in line.cells:
            text = line.text[cell.start : cell.end]
            town = _TOWN_AND_DATE.match(text)
            found = date_in(text[town.end() :], document.dates) if town else None
            if found is not None:
                yield Candidate(found[0], Rank.WEAK, f"{line.place}: {text}", found[1])


def best(candidates: Iterable[Candidate[T]], name: str) -> tuple[Candidate[T] | None, str | None]:
    """The candidate the strongest labels agree on, or a doubt for a person; neither where there is no candidate."""
    found = list(candidates)
    if not found:
        return None, None
    top = max(each.rank for each in found)
    best_ones = [each for each in found if each.rank is top]
    unclear = next((each for each in best_ones if each.value is None), None)
    if unclear is not None:
        return None, f"{name} {unclear.text} ist nicht eindeutig zu lesen ({unclear.place})."
    if len({each.value for each in best_ones}) > 1:
        told = ", ".join(dict.fromkeys(each.text for each in best_ones[:6]))
        return None, f"{name}: mehrere verschiedene Angaben ({told})."
    return best_ones[0], None


def _texts(document: Document, hit: Hit) -> Iterator[str]:
    """What may be the value: the rest of the cell; else the cell beside, then the cell below, where no other label stands."""
    beside = _beside(document, hit)
    if beside[0]:
        yield beside[0]
        return
    yield from beside[1:2]
    level = document.level(hit)
    if level is not None and not document.has_label(*level):
        yield _text(level)
    below = None if _is_item_head(document, hit) else document.below(hit.line, hit.start, hit.end)
    if below is not None and not document.has_label(*below) and not _goes_on(document, below):
        yield _text(below)


def _is_item_head(document: Document, hit: Hit) -> bool:
    """Whether the label is a head of the list of items."""
    return any(other.means is Labelled.ITEM for other in document.hits_of(hit.line))


def _is_list_head(hits: list[Hit]) -> bool:
    """Whether a line with these labels is the head of the list of items."""
    return sum(hit.means is Labelled.ITEM for hit in hits) > 1


def _goes_on(document: Document, cell: tuple[Line, int, int]) -> bool:
    """Whether the cell below is of the same kind, a day or a number: a column of a list, not the value of one label."""
    following = document.below(*cell)
    if following is None or document.has_label(*following):
        return False
    texts = _text(cell), _text(following)
    is_day = [date_in(text, document.dates) is not None for text in texts]
    return all(is_day) or (not any(is_day) and all(number_in(text, single=True) is not None for text in texts))


def _text(cell: tuple[Line, int, int]) -> str:
    line, start, end = cell
    return line.text[start:end]


def _beside(document: Document, hit: Hit) -> list[str]:
    line = hit.line
    return [_stripped(line.text[start:end]) for start, end in document.pieces(hit)]


def _period_in(text: str, order: DateOrder) -> tuple[date, date] | None:
    stripped = _stripped(text)
    word = _FROM.match(stripped)
    start = word.end() if word else 0
    period = period_at(stripped[:120], start, order)
    if period is not None and not _ASIDE.sub("", stripped[period.end :]).strip(" .,;:|*)"):
        return period.first, period.last
    day = date_in(text, order)
    return (day[0], day[0]) if day is not None and day[0] is not None else None


def _stripped(text: str) -> str:
    lead = _LEAD.match(text)
    return text[lead.end() if lead else 0 :].strip()
