"""Labels in the lines of a document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from weakref import WeakKeyDictionary

from temu_assets.invoices.profiles import IssuerProfile, Labelled, Language, Profiles, Strength
from temu_assets.invoices.text_folding import spellings
from temu_assets.invoices.text_layout import Line


class Rank(IntEnum):
    """How surely a label means its field: an issuer's own label before those of its language."""

    WEAK = 1
    MEDIUM = 2
    STRONG = 3
    PROFILE = 4


_RANKS = {Strength.WEAK: Rank.WEAK, Strength.MEDIUM: Rank.MEDIUM, Strength.STRONG: Rank.STRONG}


@dataclass(frozen=True, slots=True)
class Label:
    """A label as folded words."""

    words: tuple[str, ...]
    means: Labelled
    rank: Rank


@dataclass(frozen=True, slots=True)
class Hit:
    """A label in a line, at ``start`` to ``end`` of its text.

    ``joined``: it follows another label directly, as in a narrow row of heads; no value of its own stands beside it.
    ``muddled``: two labels share one value, such as "Rechnungsnummer / Kundennummer".
    """

    line: Line
    means: Labelled
    rank: Rank
    start: int
    end: int
    joined: bool = False
    muddled: bool = False

    @property
    def place(self) -> str:
        """Where it stands, for a person."""
        return f"{self.line.place}: {self.line.text[self.start : self.end].strip()}"


LabelTable = dict[str, list[Label]]
"""Labels by their first word, the longest first."""


_TABLES: WeakKeyDictionary[Profiles, dict[tuple[str | None, str, bool], LabelTable]] = WeakKeyDictionary()
"""Tables once made, by issuer and language; they are needed for every document."""


def label_table(profiles: Profiles, profile: IssuerProfile | None, language: Language, *, alone: bool = False) -> LabelTable:
    """The labels that count for a document: those of the issuer before those of the language before those of all other languages.

    ``alone``: those of the language only.
    """
    tables = _TABLES.setdefault(profiles, {})
    key = (profile.id if profile else None, language.language, alone)
    if key not in tables:
        others = () if alone else (other for other in profiles.languages.values() if other.language != language.language)
        tables[key] = _table((*_of_issuer(profile), *_of_language(language), *(label for other in others for label in _of_language(other))))
    return tables[key]


def _table(labels: Iterable[Label]) -> LabelTable:
    known: dict[tuple[str, ...], Label] = {}
    for label in labels:
        known.setdefault(label.words, label)
    table: LabelTable = {}
    for label in sorted(known.values(), key=lambda label: -len(label.words)):
        table.setdefault(label.words[0], []).append(label)
    return table


def _of_issuer(profile: IssuerProfile | None) -> Iterator[Label]:
    for means, texts in profile.labels.items() if profile else ():
        yield from _labels(texts, means, Rank.PROFILE)


def _of_language(language: Language) -> Iterator[Label]:
    for means, strengths in language.labels.items():
        for strength, texts in strengths.items():
            yield from _labels(texts, means, _RANKS[strength])


def _labels(texts: Iterable[str], means: Labelled, rank: Rank) -> Iterator[Label]:
    for text in texts:
        for words in sorted(spellings(text)):
            yield Label(words, means, rank)


_BETWEEN_JOINED = re.compile(r"[\s/|()·:,.-]*")
_BETWEEN_MUDDLED = re.compile(r"[^/&+]*[/&+][^/&+]*")
_RATE = re.compile(r"\d{1,2}(?:[.,]\d{1,2})? ?%")
_MOST_WORDS_OF_A_VALUE = 5


def find_labels(line: Line, table: LabelTable) -> list[Hit]:
    """The labels of a line from left to right: each at the beginning of a cell, or behind the value of the label before it."""
    hits: list[Hit] = []
    tokens = line.tokens
    cells = [line.cell_at(token.start) for token in tokens]
    number = 0
    while number < len(tokens):
        label = _longest(line, number, table)
        step = 1
        if label is not None:
            first, last = tokens[number], tokens[number + len(label.words) - 1]
            opens = number == 0 or cells[number - 1] != cells[number]
            before = hits[-1] if hits and line.cell_at(hits[-1].start) == cells[number] else None
            joined = before is not None and _BETWEEN_JOINED.fullmatch(line.text, before.end, first.start) is not None
            # Behind an amount "netto" and "MwSt" say what it is.
            is_remark = label.means is Labelled.TAX or (label.rank is Rank.WEAK and label.means in {Labelled.NET, Labelled.GROSS})
            follows = before is not None and not is_remark and _holds_value(line.text[before.end : first.start])
            if opens or joined or follows:
                _add(hits, Hit(line, label.means, label.rank, first.start, last.end, joined=joined and not opens))
                step = len(label.words)
        number += step
    return hits


def _longest(line: Line, number: int, table: LabelTable) -> Label | None:
    for label in table.get(line.tokens[number].folded, ()):
        span = line.tokens[number : number + len(label.words)]
        if tuple(token.folded for token in span) == label.words and "  " not in line.text[span[0].start : span[-1].end]:
            return label
    return None


def _holds_value(between: str) -> bool:
    """Whether what stands between two labels may be the value of the first; a rate alone is none."""
    return any(letter.isdigit() for letter in _RATE.sub("", between)) and len(between.split()) <= _MOST_WORDS_OF_A_VALUE


def _add(hits: list[Hit], hit: Hit) -> None:
    before = hits[-1] if hits else None
    if before is None or not hit.joined:
        hits.append(hit)
        return
    between = hit.line.text[before.end : hit.start]
    if hit.means is Labelled.NET and hit.rank is Rank.WEAK and before.means in {Labelled.GROSS, Labelled.SUBTOTAL} and "  " not in between:
        return  # "Summe netto": the second word tells which sum
    if hit.means is before.means and not _is_column(hit.means, between):
        hits[-1] = Hit(hit.line, hit.means, max(hit.rank, before.rank), before.start, hit.end, before.joined, before.muddled)
        return
    if _BETWEEN_MUDDLED.fullmatch(between):
        hits[-1] = Hit(hit.line, before.means, before.rank, before.start, before.end, before.joined, muddled=True)
        hit = Hit(hit.line, hit.means, hit.rank, hit.start, hit.end, hit.joined, muddled=True)
    hits.append(hit)


def _is_column(means: Labelled, between: str) -> bool:
    """Whether two labels of one meaning are two columns, not one label in two languages."""
    return means in {Labelled.ITEM, Labelled.OTHER} and not between.strip()
