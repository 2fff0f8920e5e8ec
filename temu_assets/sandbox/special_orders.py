"""The special orders of the seeded shop, each found by its name in ``shop.named``.

Source: fact sheet temu-api, section 9.11.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from temu_assets.sandbox.people import AUSTRIA, FRANCE, GERMANY, SPECIAL_ADDRESSES
from temu_assets.sandbox.state import Package, PackageContent, Status
from temu_assets.sandbox.temu_shop import TemuShop

UNKNOWN_REGION = 999
_DHL = 141252268


@dataclass(slots=True)
class Builder:
    """Places orders by SKU code and moves them to the state a fixture wants."""

    shop: TemuShop
    codes: dict[str, int]

    def place(self, name: str, items: tuple[tuple[str, int], ...], *, address: str, region_id: int, pending: bool) -> str:
        """Place a named order."""
        return self.shop.place_order(
            [(self.codes[code], quantity) for code, quantity in items],
            name=name,
            region_id=region_id,
            pending=pending,
            address=replace(SPECIAL_ADDRESSES[address]),
            shipping_net_cents=0 if name == "free_shipping" else 251,
        )

    def ship(self, parent_sn: str, *, number: str, lines: int | None = None) -> None:
        """Ship an order outside this program: the first ``lines`` lines, or all."""
        order = self.shop.order(parent_sn)
        sent = order.open_lines[:lines]
        contents = [PackageContent(parent_sn, line.order_sn, line.sku_id, line.quantity) for line in sent]
        self.shop.add_package(Package(self.shop.next_package_sn(), _DHL, number, None, self.shop.now, contents))
        for line in sent:
            line.status, line.shipped_at = Status.SHIPPED, self.shop.now
        order.status = Status.PARTLY_SHIPPED if order.open_lines else Status.SHIPPED
        order.shipped_at = self.shop.now
        self.shop.touch(order)


Step = Callable[[Builder, str], None]


@dataclass(frozen=True, slots=True)
class _Special:
    name: str
    items: tuple[tuple[str, int], ...] = (("FLASCHE-750-BL", 1),)
    address: str = "shared"
    region_id: int = GERMANY
    pending: bool = False
    then: tuple[Step, ...] = field(default=())


def _cancel(position: int, pieces: int | None = None) -> Step:
    def step(builder: Builder, parent_sn: str) -> None:
        line = builder.shop.order(parent_sn).lines[position]
        builder.shop.cancel_line(parent_sn, line.order_sn, pieces)

    return step


def _set(name: str, value: object) -> Step:
    def step(builder: Builder, parent_sn: str) -> None:
        setattr(builder.shop.order(parent_sn), name, value)

    return step


def _last_line_elsewhere(builder: Builder, parent_sn: str) -> None:
    builder.shop.order(parent_sn).lines[-1].by_seller = False


def _without_codes(builder: Builder, parent_sn: str) -> None:
    for line in builder.shop.order(parent_sn).lines:
        line.products = []


def _request_cancellation(builder: Builder, parent_sn: str) -> None:
    builder.shop.request_cancellation(parent_sn)


_TWO_LINES = (("FLASCHE-750-BL", 2), ("DECKEL-SW", 3))

_SPECIALS = (
    _Special("umlauts", (("FLASCHE-750-BL", 2),), "umlauts"),
    _Special("quotes", (("BROTDOSE-WS", 1),), "quotes"),
    _Special("emoji", (("KISSEN-45-BL", 2),), "emoji"),
    _Special("polish", (("THERMO-500-SW", 1),), "polish"),
    _Special("packstation", (("SCHIRM-SW", 1),), "packstation"),
    _Special("drop_point", (("SCHIRM-BL", 1),), "drop_point"),
    _Special("care_of", (("UHR-WAND-WS", 1),), "care_of"),
    _Special("square", (("BILD-A3-SW", 1),), "square"),
    _Special("company_second_line", (("MESSER-20-SW", 2),), "company_second_line"),
    _Special("company", (("LADER-30W-WS", 5),), "company"),
    _Special("leading_zero", (("KORB-FALT-BL", 1),), "leading_zero"),
    _Special("noble_name", (("DECKE-150-WS", 1),), "noble_name"),
    _Special("one_word", (("SIEB-18-SW", 1),), "one_word"),
    _Special("address_too_long", (("SIEB-18-BL", 1),), "too_long"),
    _Special("masked_address", (("BOX-3L-BL", 2),), "masked"),
    _Special("austria", (("FLASCHE-750-BL", 3),), "austria", AUSTRIA),
    _Special("france", (("KOCHBUCH-1", 2), ("BRETT-BAMBUS-SW", 1)), "france", FRANCE),
    _Special("unknown_country", address="nowhere", region_id=UNKNOWN_REGION),
    _Special("partly_cancelled_line", _TWO_LINES, then=(_cancel(1, 2),)),
    _Special("fully_cancelled_line", _TWO_LINES, then=(_cancel(1),)),
    _Special("amounts_before_cancellation", _TWO_LINES, then=(_cancel(1, 1), _set("amounts_before_cancellation", value=True))),
    _Special("bundle_factor", (("KREIDE-24-BL-3ER", 2),)),
    _Special("bundle_two_articles", (("PICKNICK-BUENDEL", 1), ("BALL-22-BL", 1))),
    _Special("two_lines_one_sku", (("BALL-22-SW", 2), ("BALL-22-SW", 1))),
    _Special("same_address_1", (("NAPF-SW", 1),), "shared"),
    _Special("same_address_2", (("LEINE-HUND-SW", 1),), "shared"),
    _Special("missing_ext_code", (("GIESSKANNE-BL", 1),), then=(_without_codes,)),
    _Special("no_code", (("", 1),)),
    _Special("unknown_article", (("NICHT-IN-JTL", 1),)),
    _Special("duplicate_code", (("NAPF-XL", 2),)),
    _Special("bill_of_materials", (("SET-KUECHE", 2),)),
    _Special("untracked", (("AUFKLEBER", 4),)),
    _Special("oversold", (("KABEL-C-2M-ROT", 6),)),
    _Special("child_article", (("PULLOVER-M", 1),)),
    _Special("cent_difference", (("FLASCHE-750-WS", 2),)),
    _Special("three_lines", (("PUZZLE-500-BL", 1), ("KREIDE-24-SW", 2), ("KRATZBAUM-WS", 1))),
    _Special("free_shipping", (("STIRNLAMPE-SW", 1),)),
    _Special("reduced_vat", (("KOCHBUCH-1", 1),)),
    _Special("mixed_vat", (("KOCHBUCH-1", 3), ("ORGANIZER-WS", 1))),
    _Special("pending", (("ISOMATTE-BL", 1),), pending=True),
    _Special("pending_two_pieces", (("ISOMATTE-SW", 2),), pending=True),
    _Special("pending_cancellation", then=(_request_cancellation,)),
    _Special("address_change", then=(lambda b, sn: b.shop.request_address_change(sn),)),
    _Special("risk_alert", then=(lambda b, sn: b.shop.alert_risk(sn),)),
    _Special("cash_on_delivery", then=(_set("cash_on_delivery", value=True),)),
    _Special("cooperative_line", (("HANDSCHUH-SW", 1), ("SCHERE-SW", 1)), then=(_last_line_elsewhere,)),
    _Special("shipped", then=(lambda b, sn: b.ship(sn, number="00340434161094000001"),)),
    _Special("partly_shipped", _TWO_LINES, then=(lambda b, sn: b.ship(sn, number="00340434161094000002", lines=1),)),
    _Special("delivered", then=(lambda b, sn: b.ship(sn, number="00340434161094000003"), lambda b, sn: b.shop.deliver(sn))),
    _Special("cancelled", _TWO_LINES, then=(lambda b, sn: b.shop.cancel_order(sn),)),
    _Special("already_in_jtl", (("PFLANZTOPF-BL", 1),)),
)


def place_special_orders(builder: Builder, *, at: Callable[[float], None]) -> None:
    """Place them all, spread over the shop's history: ``at`` moves the clock to a share of it (0 to 1)."""
    for place, special in enumerate(_SPECIALS):
        at((place + 1) / (len(_SPECIALS) + 1))
        parent_sn = builder.place(
            special.name,
            special.items,
            address=special.address,
            region_id=special.region_id,
            pending=special.pending,
        )
        for step in special.then:
            step(builder, parent_sn)
