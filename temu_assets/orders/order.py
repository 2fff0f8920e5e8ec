"""The vocabulary of an order as TEMU tells it: what was bought, by whom, for how much, and how far it has got.

Only values and what follows from a single value belong here. What blocks an order is in ``holds``, how it becomes a JTL
order in ``jtl_order``. Source: fact sheet temu-api, sections 2, 3.1 to 3.5 and 7.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from temu_assets.temu.order_status import TemuStatus


class PriceSource(StrEnum):
    """Which TEMU answer the prices come from; the second is the substitute where the first is not granted."""

    AMOUNT_QUERY = "amount_query"
    INVOICE_DETAIL = "invoice_detail"


@dataclass(frozen=True, slots=True)
class Article:
    """One article of the seller inside an order line; a bundle has several."""

    sku: str
    units: int
    """Units of this article in one piece of the line (TEMU's ``soldFactor``)."""


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One TEMU sub-order."""

    line_id: str
    status: int
    quantity: int
    """Pieces still to ship, after cancellation."""
    original_quantity: int
    cancelled_quantity: int
    goods_id: str
    sku_id: str
    articles: tuple[Article, ...]
    name: str
    variant: str
    by_seller: bool
    """False where a warehouse of TEMU's partners ships the line."""

    @property
    def is_open(self) -> bool:
        """Whether the seller has to ship something of this line."""
        return self.by_seller and self.quantity > 0 and self.status != TemuStatus.CANCELLED


@dataclass(frozen=True, slots=True)
class BuyerAddress:
    """The delivery address exactly as TEMU gave it; an empty text means that TEMU gave none."""

    recipient: str
    recipient_extra: str
    first_name: str
    last_name: str
    mobile: str
    mail: str
    country_name: str
    state: str
    city: str
    district: str
    line1: str
    line2: str
    line3: str
    line_all: str
    postcode: str
    drop_point: str


@dataclass(frozen=True, slots=True)
class LineAmounts:
    """What TEMU says one line costs the buyer, in cents; ``None`` means that TEMU did not say it."""

    line_id: str
    quantity: int
    """Pieces that ``total_gross_cents`` and ``tax_cents`` are for; may differ from what is still to ship."""
    unit_gross_cents: int | None
    unit_net_cents: int | None
    total_gross_cents: int | None
    tax_cents: int | None
    raw_rate: int | None
    """The tax rate in TEMU's own unit, percent times 1e5, 1e6 or 1e7: evidence only where the amounts are too small."""


@dataclass(frozen=True, slots=True)
class OrderAmounts:
    """The prices of one order, in cents; ``None`` means that TEMU did not say it."""

    currency: str
    source: PriceSource
    lines: tuple[LineAmounts, ...]
    shipping_gross_cents: int | None
    shipping_net_cents: int | None
    shipping_tax_cents: int | None


@dataclass(frozen=True, slots=True)
class TemuOrder:
    """One parent order. All instants are aware UTC; address and amounts are ``None`` until TEMU has given them."""

    order_id: str
    status: int
    region_id: int
    ordered_at: datetime
    paid_at: datetime | None
    ship_by: datetime | None
    cancellation_requested: bool
    address_change_requested: bool
    risk_alert: bool
    cash_on_delivery: bool
    lines: tuple[OrderLine, ...]
    address: BuyerAddress | None
    amounts: OrderAmounts | None
    is_erased: bool = False
    """Whether the buyer's data were erased here on purpose, so that TEMU is not asked for them again."""

    @property
    def open_lines(self) -> tuple[OrderLine, ...]:
        """The lines that count: what the seller has to ship, and nothing cancelled (fault 4)."""
        return tuple(line for line in self.lines if line.is_open)
