"""What JTL is told each article costs: exact to the cent, for exactly the pieces that are still to ship.

The gross amount is the truth (fact sheet jtl-wawi, section 1.11). Amounts belong to lines by TEMU's sub-order number, never by
position (fault 3); pieces are counted after cancellation (fault 4); no price is ever guessed or zero (fault 2); the rate of
each amount is its own (fault 17).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from temu_assets.orders.countries import Country
from temu_assets.orders.holds import Hold, HoldReason
from temu_assets.orders.jtl_format import clean, cut_at_word
from temu_assets.orders.order import LineAmounts, OrderAmounts, OrderLine
from temu_assets.orders.vat import TaxEvidence, vat_rate
from temu_assets.texts import stored_length

NAME_LENGTH = 255
SHIPPING_NAME = "TEMU Versand"

_CENT = Decimal("0.01")


class LineKind(StrEnum):
    """What a JTL order line stands for."""

    GOODS = "goods"
    SHIPPING = "shipping"


@dataclass(frozen=True, slots=True)
class JtlLine:
    """One line of the JTL order. ``unit_gross`` in the order's currency with two digits, ``vat_rate`` in percent."""

    kind: LineKind
    sku: str
    name: str
    quantity: int
    unit_gross: Decimal
    vat_rate: Decimal

    @property
    def unit_net(self) -> Decimal:
        """The net price with five digits; adding the tax again and rounding gives ``unit_gross``."""
        return (self.unit_gross / (1 + self.vat_rate / 100)).quantize(Decimal("0.00001"), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class _PricedLine:
    line: OrderLine
    total_cents: int
    vat_rate: Decimal


def price(lines: Sequence[OrderLine], amounts: OrderAmounts, country: Country) -> tuple[JtlLine, ...] | Hold:
    """The JTL lines of ``lines`` and of the shipping to ``country``, or the hold that says which price is in doubt.

    ``lines`` are the open lines of one order, at least one, that ``holds.hold`` lets pass. Quantity times price over the JTL
    lines of one TEMU line is its gross total, to the cent.
    """
    priced = []
    for line in lines:
        result = _price_line(line, amounts, country)
        if isinstance(result, Hold):
            return result
        priced.append(result)
    main_rate = max(priced, key=lambda line: (line.total_cents, line.line.line_id)).vat_rate
    shipping = _shipping_line(amounts, country, main_rate)
    if isinstance(shipping, Hold):
        return shipping
    goods = [jtl_line for line in priced for jtl_line in _spread(line)]
    return (*goods, *shipping)


def _price_line(line: OrderLine, amounts: OrderAmounts, country: Country) -> _PricedLine | Hold:
    found = [amount for amount in amounts.lines if amount.line_id == line.line_id]
    if not found:
        return _missing(line.line_id)
    if len(found) > 1:
        return _mismatch(line.line_id, "TEMU gave more than one price for it")
    total = _gross_total(line, found[0])
    if isinstance(total, Hold):
        return total
    rate = vat_rate(_line_evidence(found[0]), country, raw_rate=found[0].raw_rate)
    if rate is None:
        return _unknown_vat(f"line {line.line_id}", country)
    units = line.quantity * sum(article.units for article in line.articles)
    if total < units:
        return _mismatch(line.line_id, f"{total} cents for {units} units is less than a cent each")
    return _PricedLine(line, total, rate)


def _gross_total(line: OrderLine, amount: LineAmounts) -> int | Hold:
    """Cents for the pieces still to ship: TEMU's own total when it is for as many pieces, else the unit price times them."""
    by_unit = None if amount.unit_gross_cents is None else amount.unit_gross_cents * line.quantity
    total = amount.total_gross_cents if amount.quantity == line.quantity else None
    if total is None:
        total = by_unit
    if total is None or total <= 0:
        return _missing(line.line_id)
    if by_unit is not None and abs(total - by_unit) > line.quantity:
        return _mismatch(line.line_id, f"its total of {total} cents is not {line.quantity} times {amount.unit_gross_cents} cents")
    return total


def _line_evidence(amount: LineAmounts) -> list[TaxEvidence]:
    evidence = []
    gross = amount.total_gross_cents
    if gross is None and amount.unit_gross_cents is not None:
        gross = amount.unit_gross_cents * amount.quantity
    if gross is not None and amount.tax_cents is not None:
        evidence.append(TaxEvidence(gross, amount.tax_cents, max(amount.quantity, 1)))
    if amount.unit_gross_cents is not None and amount.unit_net_cents is not None:
        evidence.append(TaxEvidence(amount.unit_gross_cents, amount.unit_gross_cents - amount.unit_net_cents, 1))
    return evidence


def _spread(priced: _PricedLine) -> Iterator[JtlLine]:
    """The total spread evenly over all units of the line; the first units bear the cents that remain.

    Each article becomes one JTL line, or two where its units differ by a cent.
    """
    line = priced.line
    units = line.quantity * sum(article.units for article in line.articles)
    cents, dearer = divmod(priced.total_cents, units)
    name = _line_name(line)
    for article in line.articles:
        count = line.quantity * article.units
        dearer_here = min(dearer, count)
        dearer -= dearer_here
        for quantity, unit_cents in ((count - dearer_here, cents), (dearer_here, cents + 1)):
            if quantity:
                yield JtlLine(
                    kind=LineKind.GOODS,
                    sku=clean(article.sku),
                    name=name or clean(article.sku),
                    quantity=quantity,
                    unit_gross=unit_cents * _CENT,
                    vat_rate=priced.vat_rate,
                )


def _line_name(line: OrderLine) -> str:
    """Name and variant within JTL's length; the name is cut first, because the variant tells the packer which one."""
    name, variant = clean(line.name), clean(line.variant)
    if not name or not variant:
        return cut_at_word(name or variant, NAME_LENGTH)
    room = NAME_LENGTH - stored_length(variant) - 2
    if room < NAME_LENGTH // 2:
        return cut_at_word(f"{name}, {variant}", NAME_LENGTH)
    return f"{cut_at_word(name, room)}, {variant}"


def _shipping_line(amounts: OrderAmounts, country: Country, main_rate: Decimal) -> tuple[JtlLine, ...] | Hold:
    gross = _shipping_gross(amounts, main_rate)
    if gross is None or gross < 0:
        return Hold(
            HoldReason.MISSING_PRICE,
            "TEMU gave no shipping cost for the order. It is fetched again by itself; if it stays away, enter the order in JTL by hand.",
        )
    if gross == 0:
        return ()
    rate = _shipping_rate(gross, amounts, country, main_rate)
    if rate is None:
        return _unknown_vat("the shipping cost", country)
    return (JtlLine(LineKind.SHIPPING, sku="", name=SHIPPING_NAME, quantity=1, unit_gross=gross * _CENT, vat_rate=rate),)


def _shipping_gross(amounts: OrderAmounts, main_rate: Decimal) -> int | None:
    net = amounts.shipping_net_cents
    if amounts.shipping_gross_cents is not None or net is None:
        return amounts.shipping_gross_cents
    if amounts.shipping_tax_cents is not None:
        return net + amounts.shipping_tax_cents
    return int((net * (1 + main_rate / 100)).quantize(Decimal(1), ROUND_HALF_UP))


def _shipping_rate(gross: int, amounts: OrderAmounts, country: Country, main_rate: Decimal) -> Decimal | None:
    """The rate of the shipping's own tax, else of its net amount, else of the goods.

    A net amount equal to the gross one says nothing: it is not certain that TEMU's ``shippingAmountTotal`` is net.
    """
    tax = amounts.shipping_tax_cents
    if tax is None and amounts.shipping_gross_cents is not None and amounts.shipping_net_cents not in (None, gross):
        tax = gross - (amounts.shipping_net_cents or 0)
    if tax is None:
        return main_rate
    return vat_rate([TaxEvidence(gross, tax, 1)], country)


def _missing(line_id: str) -> Hold:
    return Hold(
        HoldReason.MISSING_PRICE,
        f"TEMU gave no price for line {line_id}. It is fetched again by itself; if it stays away, enter the order in JTL by hand.",
    )


def _mismatch(line_id: str, what: str) -> Hold:
    return Hold(
        HoldReason.PRICE_MISMATCH,
        f"The price of line {line_id} contradicts itself: {what}. Compare it with the TEMU Seller Center and enter the order in "
        f"JTL by hand.",
    )


def _unknown_vat(of: str, country: Country) -> Hold:
    rates = ", ".join(f"{rate.normalize():f}" for rate in country.vat_rates) or "none"
    return Hold(
        HoldReason.UNKNOWN_VAT,
        f"Net, gross and tax of {of} fit no VAT rate of {country.german_name} ({rates} %) or of Germany (19, 7, 0 %). Ask your "
        f"tax adviser which rate is right and enter the order in JTL by hand.",
    )
