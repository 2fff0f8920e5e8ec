"""Lines and tables that print the tax: rate, net and tax of each rate, and the tax of the whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from temu_assets.invoices.figures import CURRENCY_WORDS, Amount
from temu_assets.invoices.profiles import Labelled
from temu_assets.invoices.text_document import Document
from temu_assets.invoices.text_labels import Rank
from temu_assets.invoices.text_layout import Cell, Line, column_of
from temu_assets.invoices.text_money import (
    CENT,
    HIGHEST_RATE,
    Money,
    adds_up,
    head_of,
    heads_over,
    single_words,
    tax_in,
    tax_on,
    words_beside,
)

_MOST_ROWS = 12
_LONG_WORD = 4
_AMOUNT_LIKE = re.compile(r"\d[.,]\d\d(?!\d)")
_TOLERANCE = 5 * CENT
_NO_TAX = {Labelled.VAT_ID, Labelled.BUYER_VAT_ID, Labelled.TAX_NUMBER, Labelled.OTHER, Labelled.ITEM, Labelled.NUMBER, Labelled.ISSUED_ON}
_TOTALS = {Labelled.NET, Labelled.GROSS, Labelled.PAYABLE, Labelled.SUBTOTAL, Labelled.PREPAID}


@dataclass(frozen=True, slots=True)
class RateLine:
    """What one line says about one rate. ``fits``: some printed amount is what the tax was taken from."""

    rate: Decimal
    net: Decimal | None
    tax: Decimal
    currency: str | None
    place: str
    fits: bool = True
    repaired: bool = False


@dataclass(slots=True)
class Taxes:
    """All the document says about tax.

    ``seen``: some line is about tax, whether it could be read or not. ``unread``: some line that may be about it could not be read.
    ``rates_inside``: rates that amounts are told to include, without the tax.
    """

    lines: list[RateLine] = field(default_factory=list)
    totals: list[Money] = field(default_factory=list)
    seen: bool = False
    unread: bool = False
    rates_inside: set[Decimal] = field(default_factory=set)
    doubts: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Words:
    tax: frozenset[str]
    allowed: frozenset[str]
    base: frozenset[str]
    inside: frozenset[str]
    long: tuple[str, ...]


class _Shares:
    """Which taxes the printed amounts may have been taken for, by rate."""

    def __init__(self, printed: set[Decimal]) -> None:
        self._printed = printed
        self._by_rate: dict[Decimal, set[Decimal]] = {}

    def fit(self, rate: Decimal, tax: Decimal) -> bool:
        """Whether some printed amount is what the tax was taken from, to the cent."""
        if rate not in self._by_rate:
            self._by_rate[rate] = {share for each in self._printed for share in (tax_on(each, rate), tax_in(each, rate))}
        return any(tax + change in self._by_rate[rate] for change in (Decimal(0), CENT, -CENT))


def taxes(document: Document) -> Taxes:
    """What lines such as "zzgl. 19 % USt 19,00" and tables of rates say."""
    found = Taxes()
    known = _words(document)
    printed = _Shares({each.value for amounts in document.amounts for each in amounts if not each.rate and each.value is not None})
    in_tables: set[int] = set()
    for number, line in enumerate(document.lines):
        if _is_head(document, line):
            in_tables |= _table(document, number, known, found)
    for number, line in enumerate(document.lines):
        if number not in in_tables:
            found.lines += _bare_row(document, line)
            _line(document, line, known, printed, found)
            _inside(document, line, known, found)
    return found


def _words(document: Document) -> _Words:
    languages = document.languages
    tax = single_words(text for language in languages for text in language.tax_words)
    fillers = single_words(text for each in languages for text in (*each.tax_fillers, *each.fillers, *each.inside_words))
    base = single_words(text for language in languages for text in language.base_words)
    inside = single_words(text for language in languages for text in language.inside_words)
    long = tuple(sorted(word for word in tax if len(word) >= _LONG_WORD and word != "steuer"))
    return _Words(tax, tax | fillers | base | CURRENCY_WORDS, base, inside, long)


def _bare_row(document: Document, line: Line) -> Iterator[RateLine]:
    """A row of nothing but a rate, net, tax and gross, which close: no head is needed to know them."""
    amounts = document.amounts_of(line)
    figures = [each for each in amounts if not each.rate]
    rates = [each.value for each in amounts if each.rate]
    words = {word for word in words_beside(line, 0, len(line.text), amounts) if len(word) > 1} - CURRENCY_WORDS
    if len(rates) == 1 and rates[0] and rates[0] <= HIGHEST_RATE and len(figures) == 3 and not words and adds_up(*figures):
        read = _made(rates[0], figures[0], figures[1], f"{line.place}: Steuerzeile, {rates[0].normalize():f} %")
        if read is not None and _shares(rates[0], figures[0], figures[1]):
            yield read


def _inside(document: Document, line: Line, known: _Words, found: Taxes) -> None:
    """Finds what only says which rate is included: "Gesamtbetrag inkl. 19 % MwSt. 50,00 EUR"."""
    words = {token.folded for token in line.tokens}
    rates = [each.value for each in document.amounts_of(line) if each.rate and each.value]
    if words & known.tax and words & known.inside and len(rates) == 1 and rates[0] is not None and rates[0] <= HIGHEST_RATE:
        found.rates_inside.add(rates[0])


def _line(document: Document, line: Line, known: _Words, printed: _Shares, found: Taxes) -> None:
    amounts = document.amounts_of(line)
    for number, cell in enumerate(line.cells):
        own = [each for each in amounts if cell.start <= each.start < cell.end]
        words = words_beside(line, cell.start, cell.end, own)
        if not words & known.tax or not words <= known.allowed:
            found.unread = found.unread or _may_be_tax(document, line, cell, words, known)
            continue
        hits = [hit for hit in document.hits_of(line) if cell.start <= hit.start < cell.end]
        opening = hits[0].means if hits and not line.text[cell.start : hits[0].start].strip(" (+-") else None
        if opening in _TOTALS or any(hit.means in _NO_TAX for hit in hits):
            continue
        beside = [*own, *_following(document, line, number, known)]
        rates = [each for each in beside if each.rate]
        figures = [each for each in beside if not each.rate]
        found.seen = found.seen or bool(figures)
        if not figures:
            continue
        if len(rates) > 1:
            found.unread = True
            continue
        has_figures_before = any(each.end <= cell.start for each in amounts)
        rank = hits[0].rank if opening is Labelled.TAX else Rank.MEDIUM
        if not rates:
            if len(figures) == 1 and not has_figures_before:
                found.totals.append(Money(figures[0].value, figures[0].currency, rank, _place(line, cell.start), figures[0].repaired))
            else:
                found.unread = True
            continue
        read = _rate_line(line, rates[0].value, figures, known, _place(line, cell.start))
        # Beside other amounts, or as "inkl. 19 % USt", it may be a column of an item or the price itself.
        is_sure = number == 0 and not has_figures_before and not words & known.inside
        if read is not None and (is_sure or printed.fit(read.rate, read.tax)):
            found.lines.append(replace(read, fits=printed.fit(read.rate, read.tax)))
        else:
            found.unread = True


def _may_be_tax(document: Document, line: Line, cell: Cell, words: frozenset[str], known: _Words) -> bool:
    """Whether a word for tax, or one that begins with it, stands beside an amount, and not as part of another label."""
    if not any(word in known.tax or word.startswith(known.long) for word in words):
        return False
    has_amount = any(not each.rate for each in document.amounts_of(line)) or _AMOUNT_LIKE.search(line.text, cell.start, cell.end)
    meanings = {hit.means for hit in document.hits_of(line) if cell.start <= hit.start < cell.end}
    return bool(has_amount) and not meanings & (_NO_TAX | _TOTALS)


def _following(document: Document, line: Line, number: int, known: _Words) -> Iterator[Amount]:
    """The amounts of the cells to the right that hold nothing else."""
    for cell in line.cells[number + 1 :]:
        own = [each for each in document.amounts_of(line) if cell.start <= each.start < cell.end]
        if words_beside(line, cell.start, cell.end, own) - CURRENCY_WORDS - known.base:
            return
        yield from own


def _rate_line(line: Line, rate: Decimal | None, figures: Sequence[Amount], known: _Words, place: str) -> RateLine | None:
    """Net and tax of a rate: what follows "auf" is the net; of two amounts without it, that which is the share of the other is tax."""
    values = [each.value for each in figures]
    if rate is None or rate > HIGHEST_RATE or None in values:
        return None
    based = [each for each in figures if _word_before(line, each) in known.base]
    others = [each for each in figures if each not in based]
    if len(based) <= 1 and len(others) == 1:
        return _made(rate, based[0] if based else None, others[0], place)
    if based or len(figures) > 3:
        return None
    first, second = figures[0], figures[1]
    if len(figures) == 3:
        return _made(rate, first, second, place) if adds_up(*figures) and _shares(rate, first, second) else None
    ways = [pair for pair in ((first, second), (second, first)) if _shares(rate, *pair)]
    return _made(rate, *ways[0], place) if len(ways) == 1 else None


def _made(rate: Decimal, net: Amount | None, tax: Amount, place: str) -> RateLine | None:
    if tax.value is None or (not rate and tax.value):
        return None
    return RateLine(rate, net.value if net else None, tax.value, tax.currency, place, repaired=tax.repaired or bool(net and net.repaired))


def _shares(rate: Decimal, net: Amount, tax: Amount) -> bool:
    return abs(tax_on(net.value or Decimal(0), rate) - (tax.value or Decimal(0))) <= CENT


def _word_before(line: Line, amount: Amount) -> str:
    before = [token for token in line.tokens if token.end <= amount.start]
    if not before or "  " in line.text[before[-1].end : amount.start]:
        return ""
    return before[-1].folded


def _place(line: Line, start: int) -> str:
    return f"{line.place}: {line.text[start : start + 60].split('  ')[0].strip()}"


def _is_head(document: Document, line: Line) -> bool:
    meanings = {head_of(hit) for hit in document.hits_of(line)}
    has_amounts = any(not each.rate for each in document.amounts_of(line))
    return Labelled.RATE in meanings and bool(meanings & {Labelled.NET, Labelled.TAX}) and Labelled.ITEM not in meanings and not has_amounts


def _table(document: Document, head: int, known: _Words, found: Taxes) -> set[int]:
    """Reads the rows under the heads of a table of rates; gives the numbers of the lines it took."""
    taken: set[int] = set()
    for number in range(head + 1, min(head + 1 + _MOST_ROWS, len(document.lines))):
        line = document.lines[number]
        if line.page != document.lines[head].page or not any(not each.rate for each in document.amounts_of(line)):
            break
        row = _row(document, line, known)
        if row is None:
            continue
        taken.add(number)
        found.seen = True
        if isinstance(row, RateLine):
            found.lines.append(row)
        else:
            found.doubts.append(row)
    return taken


def _row(document: Document, line: Line, known: _Words) -> RateLine | str | None:
    """A row of a table of rates; a doubt where it does not close; None where it is another row."""
    heads = heads_over(document, line)
    amounts = document.amounts_of(line)
    strange = {word for word in words_beside(line, 0, len(line.text), amounts) if len(word) > 1 and not word.isdigit()} - known.allowed
    if heads is None or strange or any(hit.means in _TOTALS for hit in document.hits_of(line)):
        return None
    columns: dict[Labelled, Amount] = {}
    spans = [span for span, _ in heads]
    for amount in amounts:
        column = column_of(line.span(amount.start, amount.end), spans)
        means = Labelled.RATE if amount.rate else heads[column][1] if column is not None else None
        if means is None or means in columns:
            return None
        columns[means] = amount
    rate = columns[Labelled.RATE].value if Labelled.RATE in columns else _bare_rate(line, amounts, heads)
    net, tax, gross = (columns.get(means) for means in (Labelled.NET, Labelled.TAX, Labelled.GROSS))
    if rate is None or rate > HIGHEST_RATE or tax is None or tax.value is None:
        return None
    read = _made(rate, net, tax, f"{line.place}: Steuertabelle, {rate.normalize():f} %")
    closes = adds_up(net, tax, gross) if net is not None and gross is not None else True
    shares = net is None or net.value is None or abs(tax_on(net.value, rate) - tax.value) <= _TOLERANCE
    if read is None:
        return None
    return read if closes and shares else f"Die Steuertabelle geht für {rate.normalize():f} % nicht auf ({line.place})."


def _bare_rate(line: Line, amounts: Sequence[Amount], heads: Sequence[tuple[tuple[float, float], Labelled]]) -> Decimal | None:
    """A rate without a percent sign, under its head."""
    for token in line.tokens:
        if token.folded.isdigit() and len(token.folded) <= 2 and not any(each.start <= token.start < each.end for each in amounts):
            column = column_of(line.span(token.start, token.end), [span for span, _ in heads])
            if column is not None and heads[column][1] is Labelled.RATE:
                return Decimal(token.folded)
    return None
