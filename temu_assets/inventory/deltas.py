"""Which targets differ from what TEMU shows, per goods and in the order in which they are sent.

Set arithmetic with pandas, without any I/O.
"""

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
    # pandas takes 0.3 s to import and only this stage wants it.
    import pandas as pd

    frame = pd.DataFrame(
        {
            "goods_id": [row.goods_id for row in rows],
            "sku_id": [row.sku_id for row in rows],
            "target": pd.array([row.target for row in rows], dtype="Int64"),
            "shown": pd.array([row.temu_stock for row in rows], dtype="Int64"),
        }
    )
    due = frame[(frame["target"] != frame["shown"]).fillna(value=True)].copy()
    due["urgency"] = int(Urgency.DECREASE)
    due.loc[(due["target"] > due["shown"]).fillna(value=False), "urgency"] = int(Urgency.INCREASE)
    due.loc[due["target"] == 0, "urgency"] = int(Urgency.ZERO)
    due["urgency"] = due.groupby("goods_id", sort=False)["urgency"].transform("min")
    changes = []
    for goods_id, skus in due.sort_values("urgency", kind="stable").groupby("goods_id", sort=False):
        targets = {str(sku_id): int(pieces) for sku_id, pieces in zip(skus["sku_id"], skus["target"], strict=True)}
        changes.append(GoodsChange(str(goods_id), targets, Urgency(int(skus["urgency"].iloc[0]))))
    return tuple(changes)
