"""What an order of the predecessor's is to us: plain rows in, plain rows out. Pure.

They kept one row an order with two marks that matter: ``xml_erstellt`` (they believe JTL has it, also where the insert had failed) and
``temu_gemeldet`` (TEMU was told a tracking number). Neither is repeated, and neither is believed: JTL is asked whether it has the order.
Address and prices are not taken over, because TEMU is asked for both before anything is exported.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temu_assets.adoption.statuses import status_of
from temu_assets.adoption.values import Theirs, cents_of, flag_of, id_of, instant_of, pieces_of, text_of
from temu_assets.orders.countries import COUNTRY_BY_REGION
from temu_assets.orders.holds import NEVER_LISTED
from temu_assets.temu.order_status import TemuStatus
from temu_assets.texts import cut, stored_length

ORDER_COLUMNS = (
    "id", "bestell_id", "bestellstatus", "status", "xml_erstellt", "temu_gemeldet", "kaufdatum", "versanddatum", "created_at", "updated_at",
    "trackingnummer", "land_iso", "versandkosten",
)  # fmt: skip
ITEM_COLUMNS = (
    "id", "bestellartikel_id", "order_id", "bestell_id", "produktname", "sku", "sku_id", "variation", "menge", "netto_einzelpreis",
    "brutto_einzelpreis", "gesamtpreis_netto", "gesamtpreis_brutto",
)  # fmt: skip

STOPPABLE = timedelta(days=30)
"""So long after its last change a cancelled order counts as exported: later nothing of it leaves that somebody could still stop."""

_NOT_TOLD = datetime(2000, 1, 1, tzinfo=UTC)
"""Of when TEMU's last word is: whatever it tells next has to count as newer, and their times are not to be trusted to the second."""

_KEY_LENGTH = 50
_REGION = re.compile(r"PO-(\d{3})-", re.IGNORECASE)
_REGION_BY_COUNTRY = {country.iso2: region for region, country in COUNTRY_BY_REGION.items()} | {"UK": 210}
_EXPORTED_WORDS = frozenset({"xml_erstellt", "versendet"})
_CLOSED = (TemuStatus.SHIPPED, TemuStatus.DELIVERED, TemuStatus.PARTLY_DELIVERED)
_OF_LINE = {TemuStatus.PARTLY_SHIPPED: TemuStatus.UNSHIPPED, TemuStatus.PARTLY_DELIVERED: TemuStatus.SHIPPED}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that is not taken over. ``name`` is an order number or a row of theirs, never a buyer's data."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Claims:
    """What their row claims, before anything is judged."""

    exported: bool
    reported: bool
    cancelled: bool


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """An order as it is taken over. ``exported_at`` and ``reported_at`` are None where it was not."""

    order_id: str
    status: TemuStatus
    unknown_word: str | None
    region_id: int
    ordered_at: datetime
    exported_at: datetime | None
    reported_at: datetime | None
    tracking: str
    shipping_net_cents: int | None

    @property
    def is_open(self) -> bool:
        """Whether something of it may still have to leave, so that TEMU has to be asked how it stands."""
        return self.status not in (*_CLOSED, TemuStatus.CANCELLED)


def claims(theirs: Theirs) -> Claims:
    """What the predecessor believed of an order."""
    state = text_of(theirs, "status").casefold()
    return Claims(
        exported=flag_of(theirs, "xml_erstellt") or state in _EXPORTED_WORDS,
        reported=flag_of(theirs, "temu_gemeldet"),
        cancelled=TemuStatus.CANCELLED in (status_of(state), status_of(text_of(theirs, "bestellstatus"))),
    )


def order_facts(theirs: Theirs, *, now: datetime) -> OrderFacts | LeftOut:
    """An order of theirs in our words, or why it cannot be taken over."""
    order_id = text_of(theirs, "bestell_id")
    if not order_id or stored_length(order_id) > _KEY_LENGTH:
        # Whatever stands there instead of an order number is not repeated.
        return LeftOut(row_name(theirs), "without an order number" if not order_id else f"order number longer than {_KEY_LENGTH}")
    claimed = claims(theirs)
    status, unknown = _status(theirs, claimed)
    changed = instant_of(theirs, "updated_at", "created_at", "kaufdatum", until=now) or now
    counts = claimed.exported and not (claimed.cancelled and is_old(theirs, now=now))
    return OrderFacts(
        order_id=order_id,
        status=status,
        unknown_word=unknown,
        region_id=_region(order_id, text_of(theirs, "land_iso")),
        ordered_at=instant_of(theirs, "kaufdatum", "created_at", until=now) or now,
        exported_at=changed if counts else None,
        reported_at=(instant_of(theirs, "versanddatum", until=now) or changed) if claimed.reported else None,
        tracking=cut(text_of(theirs, "trackingnummer"), 255),
        shipping_net_cents=cents_of(theirs, "versandkosten"),
    )


def is_old(theirs: Theirs, *, now: datetime) -> bool:
    """Whether nothing has happened to an order for so long that nobody could stop it any more."""
    changed = instant_of(theirs, "updated_at", "created_at", "kaufdatum", until=now)
    return changed is not None and changed < now - STOPPABLE


def order_row(facts: OrderFacts, *, shop: str, now: datetime) -> dict[str, object]:
    """The row of ``temu_orders``."""
    return {
        "shop": shop,
        "order_id": facts.order_id,
        "status": facts.status.value,
        "region_id": facts.region_id,
        "ordered_at": facts.ordered_at,
        "temu_updated_at": _NOT_TOLD,
        "cancellation_requested": False,
        "address_change_requested": False,
        "address_changed": False,
        "risk_alert": False,
        "cash_on_delivery": False,
        "import_status": NEVER_LISTED,
        "shipping_net_cents": facts.shipping_net_cents,
        "exported_at": facts.exported_at,
        "first_seen_at": now,
        "changed_at": now,
    }


def item_row(theirs: Theirs, facts: OrderFacts, *, position: int, goods_id: str, sku_id: str, shop: str) -> dict[str, object] | LeftOut:
    """The row of ``temu_order_items``; ``goods_id`` and ``sku_id`` are what their products say, or empty.

    They kept one article a line and no number of units in it; TEMU tells both before the line is exported.
    """
    line_id = text_of(theirs, "bestellartikel_id")
    pieces = pieces_of(theirs, "menge")
    if not line_id or stored_length(line_id) > _KEY_LENGTH:
        return LeftOut(facts.order_id, "line without a line number" if not line_id else f"line number longer than {_KEY_LENGTH}")
    if pieces is None:
        return LeftOut(facts.order_id, "line without a whole number of pieces")
    sku = text_of(theirs, "sku")
    is_cancelled = facts.status is TemuStatus.CANCELLED
    gross, net = cents_of(theirs, "gesamtpreis_brutto"), cents_of(theirs, "gesamtpreis_netto")
    return {
        "shop": shop,
        "line_id": line_id,
        "order_id": facts.order_id,
        "position": position,
        "status": _OF_LINE.get(facts.status, facts.status).value,
        "quantity": 0 if is_cancelled else pieces,
        "original_quantity": pieces,
        "cancelled_quantity": pieces if is_cancelled else 0,
        "goods_id": goods_id,
        "sku_id": id_of(theirs, "sku_id") or sku_id,
        "sku": cut(sku, 200),
        "articles": json.dumps([[sku, 1]]),
        "name": cut(text_of(theirs, "produktname"), 1000),
        "variant": cut(text_of(theirs, "variation"), 1000),
        "by_seller": True,
        "amount_quantity": pieces,
        "unit_gross_cents": cents_of(theirs, "brutto_einzelpreis"),
        "unit_net_cents": cents_of(theirs, "netto_einzelpreis"),
        "total_gross_cents": gross,
        "tax_cents": None if gross is None or net is None else gross - net,
        # They exported what was ordered, cancelled pieces included (fault 4).
        "exported_quantity": pieces if facts.exported_at is not None else None,
        "reported_at": facts.reported_at,
    }


def row_name(theirs: Theirs) -> str:
    """A name for a row that has no usable number."""
    return f"row {id_of(theirs, 'id') or '?'}"


def _status(theirs: Theirs, claimed: Claims) -> tuple[TemuStatus, str | None]:
    """TEMU's status, and their word where it was not understood and would have mattered."""
    word = text_of(theirs, "bestellstatus")
    told = status_of(word)
    if claimed.cancelled:
        return TemuStatus.CANCELLED, None
    if claimed.reported:
        return told if told in _CLOSED else TemuStatus.SHIPPED, None
    return told or TemuStatus.UNSHIPPED, None if told else word[:30] or "(empty)"


def _region(order_id: str, country: str) -> int:
    """TEMU's region, from the order's number or else from the country; 0, which is none, where neither tells."""
    found = _REGION.match(order_id)
    return int(found[1]) if found else _REGION_BY_COUNTRY.get(country.upper(), 0)
