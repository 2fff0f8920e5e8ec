"""Amounts that stand beside or below their labels, and rows of totals under the heads of a table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from temu_assets.invoices.figures import CURRENCY_WORDS, Amount
from temu_assets.invoices.profiles import Labelled
from temu_assets.invoices.text_document import Document
from temu_assets.invoices.text_folding import spellings
from temu_assets.invoices.text_labels import Hit, Rank
from temu_assets.invoices.text_layout import Line, column_of

CENT = Decimal("0.01")
SUMS = (Labelled.NET, Labelled.SUBTOTAL, Labelled.GROSS, Labelled.PAYABLE, Labelled.PREPAID)
_MOST_ROWS = 150
HIGHEST_RATE = Decimal(30)
_AMOUNT_LIKE = re.compile(r"\d[.,]\d\d(?!\d)")
_COLUMNS = (Labelled.NET, Labelled.TAX, Labelled.GROSS)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount as one label gives it; ``value`` is None where it can be read two ways. ``repaired``: a letter was read as a digit.

    ``among``: the amounts of a sentence that begins with the label.
    """

    value: Decimal | None
    currency: str | None
    rank: Rank
    place: str
    repaired: bool = False
    among: frozenset[Decimal] = frozenset()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words that may stand between a label and its amount, in any language."""

    fillers: frozenset[str]
    net: frozenset[str]
    gross: frozenset[str]
    tax: frozenset[str]
    discounts: tuple[str, ...]

    @property
    def allowed(self) -> frozenset[str]:
        """All of them."""
        return self.fillers | self.net | self.gross | CURRENCY_WORDS


def vocabulary(document: Document) -> Vocabulary:
    """The words of the document's language, and of the others."""
    languages = document.languages
    return Vocabulary(
        single_words(text for language in languages for text in (*language.fillers, *language.tax_words)),
        single_words(text for language in languages for text in language.net_words),
        single_words(text for language in languages for text in language.gross_words),
        single_words(text for language in languages for text in language.tax_words),
        tuple(" ".join(words) for language in languages for text in language.discount_words for words in spellings(text)),
    )


def single_words(texts: Iterator[str]) -> frozenset[str]:
    """The folded words of the texts."""
    return frozenset(word for text in texts for words in spellings(text) for word in words)


def sums(document: Document) -> Iterator[tuple[Labelled, Money]]:
    """What labels such as "Gesamtbetrag" and "Nettobetrag" say."""
    known = vocabulary(document)
    for hit in document.all_hits(*SUMS, Labelled.TAX):
        if hit.muddled or _is_discount(hit.line, known):
            continue
        # Everyday words for tax stand in many lines, which text_tax.py reads; an issuer's own label is taken at its word.
        if (hit.means is Labelled.TAX and hit.rank < Rank.PROFILE) or hit.joined:
            yield from _below(document, hit, hit.means)
            continue
        region = _region(document, hit, known)
        if region is None:
            if hit.means is Labelled.GROSS and hit.rank > Rank.WEAK and _AMOUNT_LIKE.search(hit.line.text, hit.end):
                told = frozenset(each.value for each in document.amounts_of(hit.line) if not each.rate and each.value is not None)
                yield hit.means, Money(None, None, hit.rank, hit.place, among=told)
            continue
        means, rank, found = region
        if len(found) == 1 or len({(each.value, each.currency) for each in found}) == 1:
            yield means, _money(found[0], hit, hit.line, rank)
        elif found and hit.means is Labelled.GROSS:
            yield from _row(document, hit, found)
        elif not found:
            level = _plain_amount(document, document.level(hit))
            yield from ([(means, _money(level[1], hit, level[0], rank))] if level is not None else _below(document, hit, means))


def _is_discount(line: Line, known: Vocabulary) -> bool:
    """Whether the line is about a discount for early payment: its amounts are none of the invoice."""
    text = f" {' '.join(token.folded for token in line.tokens)} "
    return any(f" {word} " in text for word in known.discounts)


def _region(document: Document, hit: Hit, known: Vocabulary) -> tuple[Labelled, Rank, list[Amount]] | None:
    """What the label means with the words behind it, how surely, and the amounts to its right; None where it is something else.

    "Summe" alone means little; "Summe netto" and "Summe inkl. MwSt." mean what they say.
    """
    line = hit.line
    found: list[Amount] = []
    means, rank = hit.means, hit.rank
    for number, (start, end) in enumerate(document.pieces(hit)):
        amounts = [each for each in document.amounts_of(line) if start <= each.start and each.end <= end]
        words = words_beside(line, start, end, amounts)
        if not words <= known.allowed:
            if number == 0:
                return None
            break
        if words & (known.net | known.gross):
            qualified = _qualified(hit.means, words, known)
            if qualified is None:
                return None
            means, rank = qualified, max(rank, Rank.MEDIUM)
        found += [each for each in amounts if not each.rate and not _is_tax_inside(line, each, end, known)]
    return means, rank, _without_asides(line, found)


def _is_tax_inside(line: Line, amount: Amount, end: int, known: Vocabulary) -> bool:
    """Whether the amount is the tax in another one: "inkl. 26,00 EUR USt"."""
    before = next((token.folded for token in reversed(line.tokens) if token.end <= amount.start), None)
    following = next((token.folded for token in line.tokens if amount.end <= token.start < end), None)
    return before in known.gross and following in known.tax


def words_beside(line: Line, start: int, end: int, amounts: Sequence[Amount]) -> frozenset[str]:
    """The words of a piece of a line that belong to no amount."""
    return frozenset(
        token.folded
        for token in line.tokens
        if start <= token.start < end and not any(each.start <= token.start < each.end for each in amounts)
    )


def _qualified(means: Labelled, words: frozenset[str], known: Vocabulary) -> Labelled | None:
    is_net, is_gross = bool(words & known.net), bool(words & known.gross)
    if is_net and is_gross:
        return None
    if is_net:
        return {Labelled.GROSS: Labelled.NET, Labelled.NET: Labelled.NET, Labelled.SUBTOTAL: Labelled.SUBTOTAL}.get(means)
    if is_gross:
        return None if means in {Labelled.NET, Labelled.SUBTOTAL} else means
    return means


def _without_asides(line: Line, found: list[Amount]) -> list[Amount]:
    """An amount in brackets beside another is the same in another currency, or a remark; alone it is a negative one."""
    bracketed = [each for each in found if line.text[each.start - 1 : each.start] == "(" and line.text[each.end : each.end + 1] == ")"]
    if len(bracketed) < len(found):
        return [each for each in found if each not in bracketed]
    return [
        Amount(each.start, each.end, None if each.value is None else -abs(each.value), each.currency, each.whole, each.repaired)
        for each in found
    ]


def _money(amount: Amount, hit: Hit, line: Line, rank: Rank | None = None) -> Money:
    place = hit.place if line is hit.line else f"{hit.place} (darunter)"
    return Money(amount.value, amount.currency, hit.rank if rank is None else rank, place, amount.repaired)


def _below(document: Document, hit: Hit, means: Labelled) -> Iterator[tuple[Labelled, Money]]:
    """The amount right under a label that stands alone over it; never under a head of the list of items, nor at the top of a column."""
    line = hit.line
    hits = document.hits_of(line)
    if hit.rank is Rank.WEAK or any(each.means is Labelled.ITEM for each in hits):
        return
    if any(not each.rate for each in document.amounts_of(line)):
        return
    if hit.means is Labelled.TAX and not {Labelled.NET, Labelled.GROSS} <= {each.means for each in hits}:
        return
    if line.text[hit.end : hit.end + 3].strip(" .(").startswith("%"):
        return
    cell = _amount_under(document, line, hit.start, hit.end)
    if cell is None:
        return
    under, amount = cell
    below = _amount_under(document, under, amount.start, amount.end)
    if below is None or (_closes(document, under) and not _closes(document, below[0])):
        yield means, _money(amount, hit, under)


def _closes(document: Document, line: Line) -> bool:
    """Whether net, tax and gross stand in the line, each under its head, and add up."""
    columns = by_heads(document, line, [each for each in document.amounts_of(line) if not each.rate]) or {}
    return all(means in columns for means in _COLUMNS)


def _amount_under(document: Document, line: Line, start: int, end: int) -> tuple[Line, Amount] | None:
    return _plain_amount(document, document.below(line, start, end))


def _plain_amount(document: Document, cell: tuple[Line, int, int] | None) -> tuple[Line, Amount] | None:
    """The amount a cell is, nothing else beside it."""
    if cell is None or document.has_label(*cell):
        return None
    line, start, end = cell
    amounts = [each for each in document.amounts_of(line) if start <= each.start and each.end <= end]
    is_plain = not words_beside(line, start, end, amounts) - CURRENCY_WORDS
    return (line, amounts[0]) if len(amounts) == 1 and not amounts[0].rate and is_plain else None


def _row(document: Document, hit: Hit, found: list[Amount]) -> Iterator[tuple[Labelled, Money]]:
    """A row of totals: which amount is net, tax and gross, by the heads above or, for three of them, by their sum."""
    line = hit.line
    columns = by_heads(document, line, found) or _by_sum(document, found)
    if columns is None:
        return
    net, tax, gross = (columns.get(each) for each in _COLUMNS)
    closes = net is not None and tax is not None and gross is not None and adds_up(net, tax, gross)
    has_rate = any(each.rate and each.start >= hit.end for each in document.amounts_of(line))
    rank = Rank.WEAK if has_rate or not closes else max(hit.rank, Rank.STRONG)
    for means, amount in columns.items():
        yield means, _money(amount, hit, line, rank)


def adds_up(net: Amount, tax: Amount, gross: Amount) -> bool:
    """Whether net and tax are gross to the cent."""
    return None not in (net.value, tax.value, gross.value) and (net.value or 0) + (tax.value or 0) == gross.value


def heads_over(document: Document, line: Line) -> list[tuple[tuple[float, float], Labelled]] | None:
    """The heads of the table a line belongs to, with where they stand: the nearest line above with two of net, tax, gross and rate."""
    number = document.number_of(line)
    for above in reversed(document.lines[max(0, number - _MOST_ROWS) : number]):
        if above.page != line.page:
            return None
        heads = [(above.span(hit.start, hit.end), head_of(hit)) for hit in document.hits_of(above)]
        wanted = {means for _, means in heads} & {*_COLUMNS, Labelled.RATE}
        if len(wanted) >= 2 and not any(not each.rate for each in document.amounts_of(above)):
            labelled = {above.cell_at(hit.start) for hit in document.hits_of(above)}
            rest = [(above.span(cell.start, cell.end), Labelled.OTHER) for number, cell in enumerate(above.cells) if number not in labelled]
            return sorted([*heads, *rest])
    return None


def head_of(hit: Hit) -> Labelled:
    """What a head means: the word for tax with a percent sign is the head of the rates."""
    behind = hit.line.text[hit.end : hit.end + 8]
    is_rate = behind.lstrip(" .-([").removeprefix("in").lstrip().startswith("%")
    return Labelled.RATE if hit.means is Labelled.TAX and is_rate else hit.means


def by_heads(document: Document, line: Line, found: Sequence[Amount]) -> dict[Labelled, Amount] | None:
    """Which column each amount stands in; None where two stand in one, one in none, or their sum does not close."""
    heads = heads_over(document, line)
    if heads is None:
        return None
    in_order = _in_order([each for _, each in heads], found)
    if in_order is not None:
        return in_order
    columns: dict[Labelled, Amount] = {}
    for amount in found:
        number = column_of(line.span(amount.start, amount.end), [span for span, _ in heads])
        means = heads[number][1] if number is not None else None
        if means is None or means in columns:
            return None
        if means in {*_COLUMNS, Labelled.RATE}:
            columns[means] = amount
    return columns if _is_sound(columns) else None


def _is_sound(columns: Mapping[Labelled, Amount]) -> bool:
    """Whether net, tax and gross close, as far as they are there, and the tax and the rate are small enough to be such."""
    if all(means in columns for means in _COLUMNS) and not adds_up(*(columns[means] for means in _COLUMNS)):
        return False
    whole = next((columns[means].value for means in (Labelled.NET, Labelled.GROSS) if means in columns), None)
    tax, rate = (columns[means].value if means in columns else None for means in (Labelled.TAX, Labelled.RATE))
    is_rate = rate is None or abs(rate) <= HIGHEST_RATE
    return whole is not None and is_rate and (tax is None or abs(tax) * 100 <= abs(whole) * HIGHEST_RATE)


def _in_order(heads: Sequence[Labelled], found: Sequence[Amount]) -> dict[Labelled, Amount] | None:
    """The amounts taken in the order of the heads, where there are net, tax and gross and their sum closes."""
    wanted = [means for means in heads if means in _COLUMNS]
    if len(wanted) != 3 or len(set(wanted)) != 3 or len(found) != 3:
        return None
    columns = dict(zip(wanted, found, strict=True))
    return columns if _is_sound(columns) else None


def _by_sum(document: Document, found: Sequence[Amount]) -> dict[Labelled, Amount] | None:
    """Net, tax and gross in this order, where they close and the tax fits a rate the document names."""
    if len(found) != 3 or not adds_up(*found):
        return None
    net, tax = found[0].value or Decimal(0), found[1].value or Decimal(0)
    rates = {each.value for amounts in document.amounts for each in amounts if each.rate and each.value}
    if tax and not any(abs(tax_on(net, rate) - tax) <= CENT for rate in rates):
        return None
    return dict(zip(_COLUMNS, found, strict=True))


def tax_on(net: Decimal, rate: Decimal) -> Decimal:
    """The tax on a net amount, rounded as everybody rounds."""
    return (net * rate / 100).quantize(CENT, ROUND_HALF_UP)


def tax_in(gross: Decimal, rate: Decimal) -> Decimal:
    """The tax a gross amount contains, rounded as everybody rounds."""
    return (gross * rate / (100 + rate)).quantize(CENT, ROUND_HALF_UP)
