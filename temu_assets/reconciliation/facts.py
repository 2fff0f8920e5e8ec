"""What our own tables say, as the comparison needs it. Values only; instants are aware UTC, money is in cents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from temu_assets.temu.order_status import HAS_LEFT, TemuStatus


@dataclass(frozen=True, slots=True)
class OurLine:
    """One line. ``quantity``: pieces TEMU wants; ``exported_quantity``: pieces JTL was given, None: never given.

    ``articles``: article number and units in one piece; the number is empty where nobody gave one. ``total_cents``: what the pieces JTL
    was given cost the buyer, None: not known.
    """

    line_id: str
    sku_id: str
    status: int
    quantity: int
    exported_quantity: int | None
    by_seller: bool
    articles: tuple[tuple[str, int], ...]
    total_cents: int | None

    @property
    def is_wanted(self) -> bool:
        """Whether the seller has, or had, to ship something of it."""
        return self.by_seller and self.quantity > 0 and self.status != TemuStatus.CANCELLED


def line_cents(pieces: int, *, told_for: int | None, total: int | None, unit: int | None) -> int | None:
    """What so many pieces cost, as at export: TEMU's total where it is for as many pieces, else its unit price times them."""
    if told_for == pieces and total is not None:
        return total
    return None if unit is None else unit * pieces


@dataclass(frozen=True, slots=True)
class Shipping:
    """What TEMU told of the shipping, in cents; None: it did not."""

    gross: int | None
    net: int | None
    tax: int | None


@dataclass(frozen=True, slots=True)
class OurOrder:
    """One order. ``settled_at``: when the last came in that it needs to be handed to JTL. ``shipping`` is None where prices are not known,
    ``currency`` empty.

    ``is_flagged``: a request of the buyer's or an alert of TEMU's is to be settled first.
    """

    order_id: str
    status: int
    temu_updated_at: datetime
    ordered_at: datetime
    ship_by: datetime | None
    currency: str
    is_flagged: bool
    is_held: bool
    settled_at: datetime
    exported_at: datetime | None
    jtl_order_number: str | None
    jtl_confirmed_at: datetime | None
    shipping: Shipping | None
    lines: tuple[OurLine, ...]

    @property
    def has_left_at_temu(self) -> bool:
        """Whether TEMU counts something of it as shipped."""
        return self.status in HAS_LEFT

    @property
    def quantities(self) -> Mapping[str, int]:
        """Pieces TEMU wants, by line."""
        return {line.line_id: line.quantity for line in self.lines}


@dataclass(frozen=True, slots=True)
class OurParcel:
    """A parcel as we know it, and what TEMU was told. ``reported_at`` None: nothing yet."""

    parcel_id: int
    tracking: str
    reported_tracking: str | None
    reported_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShownStock:
    """A SKU whose target TEMU was seen to show, and nothing has to be sent for. ``synced_at``: when a read-back last showed it."""

    sku_id: str
    sku: str
    target: int
    synced_at: datetime | None
