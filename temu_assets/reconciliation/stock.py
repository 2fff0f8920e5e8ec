"""What TEMU shows as stock against what it was last seen to show. Pure; nothing is sent from here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from temu_assets.reconciliation.facts import ShownStock
from temu_assets.toci.problems import Finding

SHOWN_LATE = timedelta(minutes=10)
"""TEMU shows a change after some seconds; within this time another figure says nothing."""


def comparable(rows: Iterable[ShownStock], shown: Mapping[str, int], in_motion: Collection[str], *, now: datetime) -> list[ShownStock]:
    """Rows of which ``shown`` says something. ``in_motion``: an order of theirs is not in our tables yet, which changes the figure."""

    def says_something(row: ShownStock) -> bool:
        if shown[row.sku_id] == row.target:
            return True
        return row.sku_id not in in_motion and (row.synced_at is None or now - row.synced_at > SHOWN_LATE)

    return [row for row in rows if row.sku_id in shown and says_something(row)]


def differing(rows: Iterable[ShownStock], shown: Mapping[str, int]) -> dict[str, Finding]:
    """SKUs that show another figure, by SKU id; ``shown`` has a figure for every row."""
    return {
        row.sku_id: Finding(
            f"TEMU shows a stock of {shown[row.sku_id]} for '{row.sku}', and was last seen to show {row.target}, which is right.",
            "Run temu_inventory_full_sync now: it reads what TEMU shows and sends what differs. It does so every night; if the problem "
            "comes back, somebody or another program sets this SKU's stock.",
        )
        for row in rows
        if shown[row.sku_id] != row.target
    }
