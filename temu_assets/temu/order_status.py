"""Status of an order and of a line at TEMU, and what follows from it (fact sheet temu-api, section 2)."""

from __future__ import annotations

from enum import IntEnum


class TemuStatus(IntEnum):
    """Status of a parent order and of a line alike. TEMU may send others, so orders carry a plain ``int``."""

    PENDING = 1
    UNSHIPPED = 2
    CANCELLED = 3
    SHIPPED = 4
    DELIVERED = 5
    PARTLY_SHIPPED = 41
    PARTLY_DELIVERED = 51


STILL_OPEN = frozenset({TemuStatus.PENDING.value, TemuStatus.UNSHIPPED.value, TemuStatus.PARTLY_SHIPPED.value})
"""The seller has still to ship something, or may have to."""
HAS_LEFT = frozenset(
    {TemuStatus.SHIPPED.value, TemuStatus.DELIVERED.value, TemuStatus.PARTLY_SHIPPED.value, TemuStatus.PARTLY_DELIVERED.value}
)
"""Something of it is on its way, or there."""
LINE_STILL_HERE = frozenset({TemuStatus.PENDING.value, TemuStatus.UNSHIPPED.value})
"""A line that has left, whoever sent it, is no longer on the shelf."""
OVER = frozenset({TemuStatus.CANCELLED.value, TemuStatus.DELIVERED.value})
"""Nothing more will happen to it, but for what a buyer complains about."""


def status_name(status: int) -> str:
    """A status in words."""
    known = {each.value: each.name.lower().replace("_", " ") for each in TemuStatus} | {TemuStatus.UNSHIPPED.value: "to ship"}
    return known.get(status, f"status {status}")
