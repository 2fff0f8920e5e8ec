"""What one run sends: targets that differ, without those TEMU refused today and those the brake holds. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from temu_assets.inventory.brake import Braked, BrakeLimits, brake
from temu_assets.inventory.deltas import GoodsChange, SkuStock, to_send


@dataclass(frozen=True, slots=True)
class Plan:
    """The changes to send in their order, and what the brake holds back."""

    changes: tuple[GoodsChange, ...]
    braked: Braked


def plan(
    rows: Sequence[SkuStock],
    parked: Collection[str],
    limits: BrakeLimits | None,
    *,
    besides: int,
    tried_again: Collection[str] = (),
    released: Mapping[str, int] = MappingProxyType({}),
) -> Plan:
    """What to send of ``rows``; ``besides``: how many SKUs with a confirmed target are not among them.

    ``limits`` None releases the brake for all, ``released`` for these pieces by SKU id.

    ``parked`` are not sent, ``tried_again`` are: TEMU refused just this before. The brake has let them pass once, so it does not count
    them, lest they hold back what sells out today.
    """
    tried = [row for row in rows if row.sku_id not in parked]
    changes = to_send(tried)
    if limits is None:
        return Plan(changes, Braked(0))
    judged = [row for row in rows if row.sku_id not in tried_again]
    braked = brake(judged, {sku_id for change in changes for sku_id in change.targets}, limits, besides=besides).without(released)
    if not braked.held:
        return Plan(changes, braked)
    return Plan(to_send([row for row in tried if row.sku_id not in braked.held]), braked)
