"""A document ready to be searched: its lines with their labels and amounts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from temu_assets.invoices.figures import Amount, Style, find_amounts
from temu_assets.invoices.profiles import IssuerProfile, Labelled, Language, Profiles
from temu_assets.invoices.text_dates import DateOrder
from temu_assets.invoices.text_folding import spellings
from temu_assets.invoices.text_labels import Hit, find_labels, label_table
from temu_assets.invoices.text_layout import Line, column_of

_HEIGHTS_BELOW = 3.2
_MOST_LINES_BELOW = 12
_LEVEL_SHARE = 0.5
"""How much two lines have to share of their height for one to stand beside the other."""
_MOST_FIGURES = 60
"""A line with more amounts or labels is no line of an invoice: none of them is taken."""
"""How many line heights below a label its value may stand."""

_WORDS_BEFORE = 60
"""How many characters before a phrase a word such as "falls" makes it conditional."""


@dataclass(slots=True)
class Document:
    """The lines of a document, by what profile and language it is read, and the labels and amounts in it, by the line's number."""

    lines: list[Line]
    language: Language
    languages: Sequence[Language]
    style: Style
    dates: DateOrder
    ocr: bool
    hits: list[list[Hit]] = field(default_factory=list)
    amounts: list[list[Amount]] = field(default_factory=list)
    numbers: dict[tuple[int, int], int] = field(default_factory=dict)

    def all_hits(self, *meanings: Labelled) -> Iterator[Hit]:
        """The labels of these meanings, in order."""
        return (hit for hits in self.hits for hit in hits if hit.means in meanings)

    def number_of(self, line: Line) -> int:
        """The line's number in the document."""
        return self.numbers[line.page, line.row]

    def hits_of(self, line: Line) -> list[Hit]:
        """The labels of a line."""
        return self.hits[self.number_of(line)]

    def amounts_of(self, line: Line) -> list[Amount]:
        """The amounts and rates of a line."""
        return self.amounts[self.number_of(line)]

    def pieces(self, hit: Hit) -> list[tuple[int, int]]:
        """What stands to the right of a label, as ranges of its line: the rest of its cell, then the cells up to the next label."""
        line, hits = hit.line, self.hits_of(hit.line)
        limit = next((other.start for other in hits if other.start >= hit.end), len(line.text))
        cell = line.cell_at(hit.end - 1)
        found = [(hit.end, min(limit, line.cells[cell].end))]
        found += [(other.start, min(limit, other.end)) for other in line.cells[cell + 1 :] if other.start < limit]
        return found

    def below(self, line: Line, start: int, end: int) -> tuple[Line, int, int] | None:
        """The cell right under a piece of a line, in the next line that has anything there; None where it belongs to another column."""
        span = line.span(start, end)
        heads = [line.span(cell.start, cell.end) for cell in line.cells]
        own = line.cell_at(start)
        number = self.number_of(line)
        for under in self.lines[number + 1 : number + 1 + _MOST_LINES_BELOW]:
            if under.page != line.page or under.top - line.top > _HEIGHTS_BELOW * max(line.height, 6.0):
                return None
            for cell in under.cells:
                stands = under.span(cell.start, cell.end)
                if min(stands[1], span[1]) - max(stands[0], span[0]) > 0:
                    return (under, cell.start, cell.end) if column_of(stands, heads) == own else None
        return None

    def level(self, hit: Hit) -> tuple[Line, int, int] | None:
        """The nearest cell to the right of a label in a line that begins a little higher or lower, as values in another size do."""
        line, number = hit.line, self.number_of(hit.line)
        edge = line.span(hit.start, hit.end)[1]
        for other in (*self.lines[number + 1 : number + 2], *self.lines[max(0, number - 1) : number]):
            overlap = min(line.top + line.height, other.top + other.height) - max(line.top, other.top)
            if other.page != line.page or overlap < _LEVEL_SHARE * min(line.height, other.height):
                continue
            for cell in other.cells:
                if other.span(cell.start, cell.end)[0] > edge:
                    return other, cell.start, cell.end
        return None

    def has_label(self, line: Line, start: int, end: int) -> bool:
        """Whether a label begins in a piece of a line."""
        return any(start <= hit.start < end for hit in self.hits_of(line))


def document_of(lines: list[Line], profiles: Profiles, profile: IssuerProfile | None, language: Language, *, ocr: bool) -> Document:
    """The lines with everything that can be told of each by itself."""
    style = Style((profile and profile.decimals) or language.decimals, language.blank_thousands, language.crown)
    table = label_table(profiles, profile, language)
    languages = [language, *(other for other in profiles.languages.values() if other is not language)]
    document = Document(lines, language, languages, style, (profile and profile.dates) or language.dates, ocr)
    for number, line in enumerate(lines):
        hits, amounts = find_labels(line, table), find_amounts(line.text, style, ocr=ocr)
        document.hits.append(hits if len(hits) <= _MOST_FIGURES else [])
        document.amounts.append(amounts if len(amounts) <= _MOST_FIGURES else [])
        document.numbers[line.page, line.row] = number
    return document


def _places(text: str, wanted: str) -> Iterator[int]:
    at = text.find(wanted)
    while at >= 0:
        yield at
        at = text.find(wanted, at + 1)


def _opening(line: Line, number: int) -> str:
    """A line break where the word is the first of its cell."""
    return "\n" if not number or line.cell_at(line.tokens[number - 1].start) != line.cell_at(line.tokens[number].start) else ""


class Phrases:
    """All words of a document, to look for phrases in."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._text = f" {' '.join(token.folded for line in lines for token in line.tokens)} "
        self._openings = "".join(f"{_opening(line, number)}{token.folded} " for line in lines for number, token in enumerate(line.tokens))

    def has(self, phrase: str, *, but_after: frozenset[str] = frozenset()) -> bool:
        """Whether the words of the phrase stand there one after another, none of ``but_after`` shortly before them."""
        return any(
            not but_after & set(self._text[max(0, at - _WORDS_BEFORE) : at].split())
            for words in spellings(phrase)
            for at in _places(self._text, f" {' '.join(words)} ")
        )

    def opens_a_cell(self, phrase: str) -> bool:
        """Whether a cell begins with the phrase."""
        return any(f"\n{' '.join(words)} " in self._openings for words in spellings(phrase))

    def count(self, words: Sequence[str]) -> int:
        """How often the words occur, counted together."""
        return sum(self._text.count(f" {' '.join(spelled)} ") for word in words for spelled in spellings(word))
