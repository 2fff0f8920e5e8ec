"""Objections about orders: every shippable one in JTL exactly once, with the right pieces, cents, VAT and address."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from temu_assets.sandbox.amounts import main_rate, payable_gross, shipping_gross
from temu_assets.sandbox.jtl import JtlStandIn
from temu_assets.sandbox.state import Order, OrderLine, Status
from temu_assets.sandbox.temu_shop import TemuShop

COUNTRIES = {76: "DE", 13: "AT", 69: "FR"}
_GOODS, _SHIPPING = 1, 2
_LONGEST = {"street": 255, "name": 255, "postcode": 24}


@dataclass(slots=True)
class JtlOrder:
    """One order as JTL has it: pieces and gross cents by article number in small letters, without set parts."""

    key: int
    external: str
    cancelled: bool
    finished: bool
    address: tuple[str, str, str, str]
    pieces: Counter[str] = field(default_factory=Counter)
    cents: Counter[str] = field(default_factory=Counter)
    rates: dict[str, set[Decimal]] = field(default_factory=dict)
    shipping_cents: int = 0
    shipping_rate: Decimal | None = None


def jtl_orders(jtl: JtlStandIn) -> dict[str, list[JtlOrder]]:
    """Return JTL's orders of this marketplace by external number; cancelled ones too."""
    orders = {
        row["kAuftrag"]: JtlOrder(
            key=row["kAuftrag"],
            external=row["cExterneAuftragsnummer"],
            cancelled=bool(row["nStorno"]),
            finished=row["nKomplettAusgeliefert"] > 0,
            address=(row["cStrasse"] or "", row["cPLZ"] or "", row["cOrt"] or "", row["cISO"] or ""),
        )
        for row in jtl.rows(
            "SELECT a.kAuftrag, a.cExterneAuftragsnummer, a.nStorno, a.nKomplettAusgeliefert,"
            " d.cStrasse, d.cPLZ, d.cOrt, d.cISO FROM tAuftrag AS a"
            " LEFT JOIN tAdresse AS d ON d.kKunde = a.kKunde AND d.nTyp = 0"
            " WHERE a.nType = 1 AND a.cExterneAuftragsnummer LIKE 'PO-%' ORDER BY a.kAuftrag, d.kAdresse"
        )
    }
    for row in jtl.rows(
        "SELECT kAuftrag, cArtNr, fAnzahl, fVkNetto, fMwSt, nType FROM tAuftragPosition"
        " WHERE kAuftragStueckliste IS NULL OR kAuftragStueckliste = kAuftragPosition"
    ):
        order = orders.get(row["kAuftrag"])
        if order is None:
            continue
        rate, quantity = Decimal(str(row["fMwSt"])), Decimal(str(row["fAnzahl"]))
        unit = (Decimal(str(row["fVkNetto"])) * (100 + rate)).quantize(Decimal(1), ROUND_HALF_UP)
        if row["nType"] == _SHIPPING:
            order.shipping_cents += int(unit * quantity)
            order.shipping_rate = rate
        elif row["nType"] == _GOODS:
            sku = str(row["cArtNr"]).casefold()
            order.pieces[sku] += int(quantity)
            order.cents[sku] += int(unit * quantity)
            order.rates.setdefault(sku, set()).add(rate)
    found: dict[str, list[JtlOrder]] = {}
    for order in orders.values():
        found.setdefault(order.external, []).append(order)
    return found


def known_articles(jtl: JtlStandIn) -> set[str]:
    """Return the article numbers JTL sells, in small letters."""
    return {str(row[0]).casefold() for row in jtl.rows("SELECT cArtNr FROM tArtikel WHERE COALESCE(nDelete, 0) = 0")}


def has_to_be_in_jtl(order: Order, articles: set[str]) -> bool:
    """Tell whether nothing stands in the way of an order: shippable, complete, and all of it known to JTL."""
    return (
        order.status == Status.UNSHIPPED
        and order.shippable
        and not order.cash_on_delivery
        and order.region_id in COUNTRIES
        and all(len(getattr(order.address, name)) <= length for name, length in _LONGEST.items())
        and all(line.products and all(product.ext_code.casefold() in articles for product in line.products) for line in order.open_lines)
    )


def order_objections(shop: TemuShop, jtl: JtlStandIn) -> list[str]:
    """Return what is wrong with the orders."""
    in_jtl, articles = jtl_orders(jtl), known_articles(jtl)
    objections = [f"JTL has an order {external} that TEMU does not know." for external in in_jtl if external not in shop.state.orders]
    for order in shop.state.orders.values():
        found = in_jtl.get(order.parent_sn, [])
        if len(found) > 1:
            objections.append(f"Order {order.parent_sn} is in JTL {len(found)} times.")
        elif not found and has_to_be_in_jtl(order, articles):
            objections.append(f"Order {order.parent_sn} can be shipped but is not in JTL.")
        elif found and order.ready_since is None:
            objections.append(f"Order {order.parent_sn} is in JTL although it was never ready to ship.")
        elif found:
            objections.extend(_content_objections(shop, order, found[0]))
    return objections


def line_codes(shop: TemuShop, line: OrderLine) -> list[tuple[str, int]]:
    """Return article numbers in small letters and units per piece of a line; one without codes sells the SKU it belongs to."""
    sku = shop.state.skus.get(line.sku_id)
    listed = [(sku.code.casefold(), 1)] if sku is not None and sku.code else []
    return [(product.ext_code.casefold(), product.sold_factor) for product in line.products] or listed


def _content_objections(shop: TemuShop, order: Order, found: JtlOrder) -> list[str]:
    lines = [line for line in order.lines if line.by_seller and (line.ready_quantity or line.quantity)]
    least: Counter[str] = Counter()
    most: Counter[str] = Counter()
    for line in lines:
        for sku, units in line_codes(shop, line):
            least[sku] += line.quantity * units
            most[sku] += max(line.quantity, line.ready_quantity or 0) * units
    objections = [
        f"Order {order.parent_sn}: JTL has {found.pieces[sku]} of {sku}, TEMU wants {least[sku]}."
        for sku in sorted({*least, *found.pieces})
        if not least[sku] <= found.pieces[sku] <= most[sku]
    ]
    if found.pieces == +least:
        objections.extend(_money_objections(shop, order, lines, found))
    if not order.address_changed_after_ready:
        objections.extend(_address_objections(order, found))
    return objections


def _money_objections(shop: TemuShop, order: Order, lines: list[OrderLine], found: JtlOrder) -> list[str]:
    cents: Counter[str] = Counter()
    bundles = 0
    objections: list[str] = []
    for line in lines:
        if not line.quantity:
            continue
        codes = line_codes(shop, line)
        if len(codes) == 1:
            cents[codes[0][0]] += payable_gross(order, line)
        else:
            bundles += payable_gross(order, line)
        rate = Decimal(line.rate) / 100
        objections.extend(
            f"Order {order.parent_sn}: JTL does not tax all of {sku} with TEMU's {rate:g} %."
            for sku, _ in codes
            if found.rates.get(sku) != {rate}
        )
    in_bundles = {sku for line in lines if len(line.products) > 1 for sku, _ in line_codes(shop, line)}
    objections.extend(
        f"Order {order.parent_sn}: JTL charges {found.cents[sku]} cents for {sku}, TEMU {cents[sku]}."
        for sku in sorted(cents)
        if sku not in in_bundles and found.cents[sku] != cents[sku]
    )
    total = sum(cents.values()) + bundles
    if sum(found.cents.values()) != total:
        objections.append(f"Order {order.parent_sn}: JTL charges {sum(found.cents.values())} cents for the goods, TEMU {total}.")
    if found.shipping_cents != shipping_gross(order):
        objections.append(f"Order {order.parent_sn}: JTL charges {found.shipping_cents} cents for shipping, TEMU {shipping_gross(order)}.")
    elif found.shipping_cents and found.shipping_rate != Decimal(main_rate(order)) / 100:
        objections.append(
            f"Order {order.parent_sn}: JTL taxes shipping with {found.shipping_rate} %, TEMU with {main_rate(order) / 100:g} %."
        )
    return objections


def _address_objections(order: Order, found: JtlOrder) -> list[str]:
    street, postcode, city, country = found.address
    wanted = (
        ("street", order.address.street, street),
        ("postcode", order.address.postcode, postcode),
        ("town", order.address.city, city),
        ("country", COUNTRIES.get(order.region_id, ""), country),
    )
    # The values are a buyer's: only the field is named.
    return [f"Order {order.parent_sn}: the {name} in JTL is not TEMU's." for name, expected, actual in wanted if expected != actual]
