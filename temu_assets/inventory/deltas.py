"""Which targets differ from what TEMU shows, per goods and in the order in which they are sent. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum


@dataclass(frozen=True, slots=True)
class SkuStock:
    """One SKU with a target. ``temu_stock`` None: unknown. ``confirmed_target`` None: TEMU was never seen to show a target of ours.

    ``landed`` are pieces that were in flight when that target was confirmed and are not any more.
    """

    sku_id: str
    goods_id: str
    sku: str
    target: int
    temu_stock: int | None
    confirmed_target: int | None
    reason: str = ""
    differs_since: datetime | None = None
    landed: int = 0


class Urgency(IntEnum):
    """What cannot wait goes first: an offer of something that is gone is an order nobody can fulfil."""

    ZERO = 0
    DECREASE = 1
    INCREASE = 2


@dataclass(frozen=True, slots=True)
class GoodsChange:
    """One call to TEMU: the targets of a goods' SKUs, by SKU id. ``urgency`` is that of its most urgent SKU."""

    goods_id: str
    targets: dict[str, int]
    urgency: Urgency


def to_send(rows: Sequence[SkuStock]) -> tuple[GoodsChange, ...]:
    """The changes TEMU needs, most urgent goods first, otherwise in the order of the rows.

    A SKU whose stock at TEMU is unknown is sent, and counts as a decrease because it may be one.
    """
    targets: dict[str, dict[str, int]] = {}
    urgencies: dict[str, Urgency] = {}
    for row in rows:
        if row.target != row.temu_stock:
            targets.setdefault(row.goods_id, {})[row.sku_id] = row.target
            urgencies[row.goods_id] = min(_urgency(row), urgencies.get(row.goods_id, Urgency.INCREASE))
    return tuple(GoodsChange(goods_id, targets[goods_id], urgencies[goods_id]) for goods_id in sorted(targets, key=urgencies.__getitem__))


def _urgency(row: SkuStock) -> Urgency:
    if row.target == 0:
        return Urgency.ZERO
    is_raise = row.temu_stock is not None and row.target > row.temu_stock
    return Urgency.INCREASE if is_raise else Urgency.DECREASE
