"""What a document calls itself, and sentences in it that say why there is no tax."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from temu_assets.invoices.profiles import Labelled, Statement, Title
from temu_assets.invoices.reading import Kind, Lane
from temu_assets.invoices.text_document import Document, Phrases
from temu_assets.invoices.text_folding import spellings
from temu_assets.invoices.text_labels import Rank
from temu_assets.invoices.text_layout import Line

_MOST_WORDS_BEHIND = 9
_LONGEST_TITLE = 30
_CLEARLY_LARGER = 1.25
NO_TAX = (Statement.REVERSE_CHARGE, Statement.SMALL_BUSINESS, Statement.INTRA_EU, Statement.EXPORT)


@dataclass(frozen=True, slots=True)
class _Called:
    title: Title
    text: str
    height: float
    goes_on: bool
    is_label: bool = False


def kind_of(document: Document, lane: Lane) -> tuple[Kind | None, str | None]:
    """What the document says it is, and a doubt where it says two things or something that is no invoice."""
    called = _titles(document)
    if len({each.title for each in called}) > 1:
        largest = max(each.height for each in called)
        called = [each for each in called if each.height * _CLEARLY_LARGER > largest]
    titles = {each.title for each in called}
    if not titles:
        strong = {hit.means for hit in document.all_hits(Labelled.NUMBER, Labelled.CREDIT_NUMBER) if hit.rank > Rank.MEDIUM}
        titles = {Title.CREDIT_NOTE if Labelled.CREDIT_NUMBER in strong else Title.INVOICE} if strong else set()
    if len(titles) > 1:
        told = " und ".join(sorted({f"'{each.text}'" for each in called}))
        return None, f"Das Dokument nennt sich {told}."
    if titles & {Title.CORRECTION, Title.OTHER}:
        text = called[0].text
        if Title.OTHER in titles:
            return Kind.OTHER, f"Das Dokument nennt sich '{text}': das ist keine Rechnung."
        return None, f"Das Dokument nennt sich '{text}': ob es eine Rechnung erhöht oder mindert, ist zu prüfen."
    if not titles:
        return None, None
    return _KINDS[titles == {Title.CREDIT_NOTE}, lane], None


_KINDS = {
    (False, Lane.INVOICES): Kind.INVOICE,
    (True, Lane.INVOICES): Kind.CREDIT_NOTE,
    (False, Lane.ADVERTISING): Kind.ADVERTISING,
    (True, Lane.ADVERTISING): Kind.ADVERTISING_CREDIT,
}


def _titles(document: Document) -> list[_Called]:
    """Titles of the first page: a cell that begins with one and goes on with a number or not at all, in a line without amounts."""
    phrases = sorted(
        (
            (words, title)
            for language in document.languages
            for title, texts in language.titles.items()
            for text in texts
            for words in spellings(text)
        ),
        key=lambda each: -len(each[0]),
    )
    found = []
    for line in document.lines:
        if line.page != document.lines[0].page:
            break
        if any(not each.rate for each in document.amounts_of(line)):
            continue
        for cell in line.cells:
            called = _title(line, cell.start, cell.end, phrases)
            if called is not None:
                is_label = any(hit.start < cell.end and hit.end > cell.start for hit in document.hits_of(line))
                found.append(replace(called, is_label=is_label))
    # "Lieferschein-Nr: 5" on an invoice is a label, not a title.
    is_sure = [each for each in found if each.title is not Title.OTHER or not each.is_label]
    return is_sure or [each for each in found if not each.goes_on]


def _title(line: Line, start: int, end: int, phrases: list[tuple[tuple[str, ...], Title]]) -> _Called | None:
    tokens = [token for token in line.tokens if start <= token.start < end]
    words = tuple(token.folded for token in tokens)
    spaced = ("".join(words),) if 5 < len(words) < _LONGEST_TITLE and all(len(word) == 1 for word in words) else words
    if len(spaced) > _MOST_WORDS_BEHIND + 4:
        return None
    for phrase, title in phrases:
        if spaced[: len(phrase)] != phrase:
            continue
        rest = spaced[len(phrase) :]
        if not rest or (len(rest) <= _MOST_WORDS_BEHIND and any(letter.isdigit() for word in rest for letter in word)):
            return _Called(title, line.text[tokens[0].start : tokens[min(len(phrase), len(tokens)) - 1].end], line.height, bool(rest))
        return None
    return None


def statements(document: Document, phrases: Phrases) -> Iterator[tuple[Statement, str]]:
    """The sentences that are there and not under a condition, each with its words."""
    seen: set[Statement] = set()
    conditions = frozenset(word for each in document.languages for text in each.conditions for words in spellings(text) for word in words)
    for language in document.languages:
        for statement, texts in language.statements.items():
            for text in texts:
                if statement not in seen and phrases.has(text, but_after=conditions):
                    seen.add(statement)
                    yield statement, text


def mentions_advertising(document: Document, phrases: Phrases) -> bool:
    """Whether a word for advertising occurs."""
    return any(phrases.has(text) for language in document.languages for text in language.advertising)
