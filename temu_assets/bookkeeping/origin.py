"""Which document, order and marketplace a booking is about. Pure.

Belegfeld 1 has meant different things over time (customer number, order number, document number), so it is not taken for the document
number as such (trap T9). The number of the document is

1. Belegfeld 1, where it is no order number and the booking text names it too;
2. else the first word of the booking text, after words such as "Rechnung", where it has a digit and is no order number;
3. else Belegfeld 1, where it is no order number;
4. else none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from temu_assets.bookkeeping.columns import ACCOUNT, CONTRA, DOCUMENT_1, DOCUMENT_2, LONGEST_TEXT, NOTES, ORDER, REVERSAL, SIDE, TEXT
from temu_assets.bookkeeping.header import Header
from temu_assets.bookkeeping.marketplaces import OrderNumber, Shapes
from temu_assets.bookkeeping.sums import CREDIT, DEBIT

_LEADING_WORDS = frozenset(
    {
        "rechnung", "rechnungsnr", "rechnungsnummer", "rechnungskorrektur", "re", "rg", "rnr", "rgnr", "gutschrift", "gutschriftsnr", "gs",
        "gu", "storno", "stornorechnung", "beleg", "belegnr", "nr", "no", "invoice", "korrektur",
    }
)  # fmt: skip
_NUMBER = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9/_.+-]{3,35}", re.ASCII)
_DAY = re.compile(r"\d{1,2}[./-]\d{1,2}[./-](?:\d{2}|\d{4})|\d{4}-\d{2}-\d{2}", re.ASCII)
_AROUND = ",;:()#"
_FIRST_CONTENT, _LAST_CONTENT = NOTES[0][1], NOTES[-1][1]
_FINANCIAL = "1"
"""In the charts of accounts 03 and 04 alike, accounts of class 1 are banks, cash, transit and claims."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a booking is about; each is empty where it does not say. ``side``: S for what a debtor owes, H for what he is given back.

    ``is_in_document_field``: the order number is what Belegfeld 1 holds.
    ``marketplace``: of the order number, else the one whose debtor it is booked on. ``is_payment``: money came in, no document was issued.
    """

    order: OrderNumber | None
    is_in_document_field: bool
    number: str
    marketplace: str
    side: str
    is_payment: bool

    @property
    def order_number(self) -> str:
        """The order number as text."""
        return "" if self.order is None else self.order.number


@dataclass(frozen=True, slots=True)
class Recognition:
    """Tells what bookings are about, by the shapes of order numbers and the debtors of marketplaces."""

    shapes: Shapes
    header: Header
    marketplace_of_debtor: dict[str, str]

    def origin(self, values: Sequence[str]) -> Origin:
        """What the booking with these values is about."""
        document, text = _at(values, DOCUMENT_1), _at(values, TEXT)
        own = self.shapes.whole(document)
        order = own or next(self.elsewhere(values), None)
        account, contra = _at(values, ACCOUNT), _at(values, CONTRA)
        marketplace = order.marketplace if order else ""
        return Origin(
            order=order,
            is_in_document_field=own is not None,
            number=self._number("" if own else document.strip(), text),
            marketplace=marketplace or self.marketplace_of_debtor.get(account) or self.marketplace_of_debtor.get(contra, ""),
            side=self._side(_at(values, SIDE), account, contra, _at(values, REVERSAL)),
            is_payment=self._is_payment(account, contra) or self._is_payment(contra, account),
        )

    def elsewhere(self, values: Sequence[str]) -> Iterator[OrderNumber]:
        """Order numbers outside Belegfeld 1: booking text as far as DATEV keeps it, Auftragsnummer, Belegfeld 2, additional information."""
        yield from self.shapes.within(self.shapes.shortened(_at(values, TEXT), LONGEST_TEXT))
        for position in (ORDER, DOCUMENT_2):
            found = self.shapes.whole(_at(values, position)) if _at(values, position) else None
            if found is not None:
                yield found
        for content in filter(None, values[_FIRST_CONTENT - 1 : _LAST_CONTENT : 2]):
            yield from self.shapes.within(content)

    def is_contradicted(self, order: OrderNumber, values: Sequence[str]) -> bool:
        """Whether the booking names an order of another marketplace besides."""
        return any(other.is_certain and other.marketplace != order.marketplace for other in self.elsewhere(values))

    def number_in(self, text: str) -> str:
        """The document number a booking text begins with; empty where it does not."""
        for word in text.split(maxsplit=3)[:3]:
            if word.casefold().strip(".:#") in _LEADING_WORDS:
                continue
            word = word.strip(_AROUND).rstrip(".")
            is_number = _NUMBER.fullmatch(word) and not _DAY.fullmatch(word)
            # A word that only may be an order number is one of a document as well as not.
            order = self.shapes.whole(word) if is_number else None
            return word if is_number and (order is None or not order.is_certain) else ""
        return ""

    def _number(self, document: str, text: str) -> str:
        if document and document in text and any(word.strip(_AROUND) == document for word in text.split()):
            return document
        return self.number_in(text) or document

    def _side(self, side: str, account: str, contra: str, reversal: str) -> str:
        """The side as the debtor sees it, who may stand on either; a Generalumkehr takes back what it reverses."""
        if side not in (DEBIT, CREDIT):
            return ""
        is_other = self.header.is_debtor(contra) and not self.header.is_debtor(account)
        if is_other != (reversal in ("1", "G")):
            return CREDIT if side == DEBIT else DEBIT
        return side

    def _is_payment(self, account: str, other: str) -> bool:
        is_financial = len(account) == self.header.account_length and account.startswith(_FINANCIAL)
        return is_financial and self.header.is_personal(other)


def _at(values: Sequence[str], position: int) -> str:
    return values[position - 1] if position <= len(values) else ""
