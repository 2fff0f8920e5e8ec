"""What a take-over did, in counts, with the reason and a few names for everything that was left out. No SQL, no buyer's data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

NAMED = 5
"""So many of what was left out for one reason are named."""


class Kind(StrEnum):
    """What is counted."""

    ORDERS = "orders"
    EXPORTED = "exported"
    REPORTED = "reported"
    CANCELLED = "cancelled"
    ITEMS = "items"
    PRODUCTS = "products"


@dataclass(slots=True)
class Reason:
    """How often something was left out for one reason, and the first names."""

    count: int = 0
    names: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Tally:
    """One line of the report."""

    theirs: int = 0
    taken: int = 0
    reasons: dict[str, Reason] = field(default_factory=dict)

    @property
    def left_out(self) -> int:
        """How many were not taken over."""
        return sum(reason.count for reason in self.reasons.values())

    def take(self) -> None:
        """Count one that was taken over."""
        self.theirs += 1
        self.taken += 1

    def leave(self, name: str, reason: str) -> None:
        """Count one that was not."""
        self.theirs += 1
        noted = self.reasons.setdefault(reason, Reason())
        noted.count += 1
        if len(noted.names) < NAMED and name not in noted.names:
            noted.names.append(name)


@dataclass(slots=True)
class Report:
    """What was found and taken over. ``at`` is when; ``tables``: their name -> the name it has aside."""

    at: datetime
    tables: Mapping[str, str]
    is_repeated: bool = False
    tallies: dict[Kind, Tally] = field(default_factory=lambda: {kind: Tally() for kind in Kind})
    unknown_words: Counter[str] = field(default_factory=Counter)
    open_orders: int = 0
    oldest_open: datetime | None = None

    def note_open(self, ordered_at: datetime) -> None:
        """Count an order of which something may still have to leave."""
        self.open_orders += 1
        self.oldest_open = ordered_at if self.oldest_open is None else min(self.oldest_open, ordered_at)
