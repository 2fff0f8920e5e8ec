"""I1 to I4: orders at TEMU and in JTL."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from xml.etree import ElementTree

from temu_assets_tests.torture.checker.books import Books
from temu_assets_tests.torture.checker.findings import Finding, Harm
from temu_assets_tests.torture.checker.jtl import JtlOrder
from temu_assets_tests.torture.checker.temu import AUSTRIA, FRANCE, GERMANY, UNSHIPPED, Order

KNOWN_REGIONS = (GERMANY, AUSTRIA, FRANCE)
_FILLED = ("cStrasse", "cPLZ", "cOrt")


def has_to_be_in_jtl(books: Books, order: Order) -> bool:
    """Whether nothing stands in the way of an order: TEMU lets it be shipped, and JTL knows all of it."""
    return (
        order.status == UNSHIPPED
        and order.is_shippable
        and not order.is_cash_on_delivery
        and order.region in KNOWN_REGIONS
        and all(line.articles and all(article in books.jtl.articles for article, _ in line.articles) for line in order.open_lines)
    )


def each_order_is_in_jtl_once(books: Books) -> Iterator[Finding]:
    """I1: every order that can be shipped is in JTL, and none was ever given to it twice."""
    for order in books.temu.orders.values():
        handed_over, in_jtl = len(books.jtl.handed_over.get(order.number, ())), len(books.jtl.orders.get(order.number, ()))
        if handed_over > 1:
            yield Finding("I1", Harm.DOUBLED, f"Order {order.number} was handed to JTL {handed_over} times.")
        elif in_jtl + books.jtl.waiting[order.number] > 1:
            yield Finding("I1", Harm.DOUBLED, f"Order {order.number} is in JTL {in_jtl + books.jtl.waiting[order.number]} times.")
        is_parked = books.temu_failed and books.ours.in_inbox(order.number)
        if has_to_be_in_jtl(books, order) and not books.jtl.has(order.number) and not is_parked:
            yield Finding("I1", Harm.LOST, f"Order {order.number} can be shipped and is not in JTL.")


def no_order_is_invented(books: Books) -> Iterator[Finding]:
    """I2: JTL has no order that TEMU does not know, or never let be shipped."""
    for number in {*books.jtl.orders, *books.jtl.handed_over}:
        order = books.temu.orders.get(number)
        if order is None:
            yield Finding("I2", Harm.WRONG, f"JTL was given order {number}, which TEMU does not know.")
        elif not order.was_ready:
            yield Finding("I2", Harm.WRONG, f"JTL was given order {number}, which could never be shipped.")


def pieces_and_cents_are_equal(books: Books) -> Iterator[Finding]:
    """I3: what JTL has of an order is what TEMU sold; more only where TEMU took pieces back after the order went to JTL."""
    for number, in_jtl in books.jtl.orders.items():
        order = books.temu.orders.get(number)
        if order is not None:
            yield from _differences(order, in_jtl[0])


def _differences(order: Order, found: JtlOrder) -> Iterator[Finding]:
    least, most = order.pieces(), order.pieces(when_ready=True)
    for article in sorted({*most, *found.pieces}):
        if not least[article] <= found.pieces[article] <= most[article]:
            yield Finding(
                "I3", Harm.WRONG, f"Order {order.number}: JTL has {found.pieces[article]} of {article}, TEMU sold {least[article]}."
            )
    if found.pieces == least:
        yield from _wrong_money(order, found)
    if not order.has_other_address and (found.street, found.postcode, found.city) != tuple(
        order.address[name] for name in ("street", "postcode", "city")
    ):
        yield Finding("I3", Harm.WRONG, f"Order {order.number}: JTL has another address than TEMU.")


def _wrong_money(order: Order, found: JtlOrder) -> Iterator[Finding]:
    cents = sum(line.gross_cents(line.quantity) for line in order.lines if line.is_ours)
    if found.cents != cents:
        yield Finding("I3", Harm.WRONG, f"Order {order.number}: JTL charges {found.cents} cents for the goods, TEMU {cents}.")
    if found.shipping_cents != order.shipping_cents:
        yield Finding(
            "I3", Harm.WRONG, f"Order {order.number}: JTL charges {found.shipping_cents} cents for shipping, TEMU {order.shipping_cents}."
        )
    for line in order.lines:
        for article, _ in line.articles if line.quantity and line.is_ours else ():
            if Decimal(line.rate) / 100 not in found.rates.get(article, set()):
                yield Finding("I3", Harm.WRONG, f"Order {order.number}: JTL does not tax {article} with {line.rate / 100:g} %.")


def no_order_is_empty(books: Books) -> Iterator[Finding]:
    """I4: nothing was ever given to JTL without goods, price or address."""
    for number, texts in books.jtl.handed_over.items():
        for text in texts:
            yield from (Finding("I4", Harm.WRONG, f"Order {number} was handed to JTL {lack}.") for lack in _lacks(text))


def _lacks(text: str) -> Iterator[str]:
    root = ElementTree.fromstring(text)
    goods = [position for position in root.iter("twarenkorbpos") if position.findtext("cPosTyp") == "standard"]
    if not goods:
        yield "without goods"
    if any(not position.findtext("cArtNr") for position in goods):
        yield "with goods that have no article number"
    if any(Decimal(position.findtext("fPreisEinzelNetto") or 0) <= 0 for position in goods):
        yield "without a price"
    if any(Decimal(position.findtext("fAnzahl") or 0) <= 0 for position in goods):
        yield "with no pieces of something"
    addresses = list(root.iter("tlieferadresse"))
    if not addresses or any(not (address.findtext(name) or "").strip() for address in addresses for name in _FILLED):
        yield "without an address"
