"""The brake: a run that would sell out or raise an unusual share of the listing sends the rest and asks a person.

A wrong warehouse, an empty stock table or a wrong database look exactly like a real sell-out to a program; to a person they do not.
Measured against our own last confirmed targets, so a SKU's first target neither counts nor is held. A decrease that leaves something is
always sent. A raise by no more than the pieces that were in flight then and are not any more is explained: JTL has taken the orders in, or
they were cancelled. The basis ``warehouse`` does not subtract orders, so there every import raises.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from temu_assets.inventory.deltas import SkuStock
from temu_assets.toci.problems import Finding

SHOWN_SKUS = 20

HOW_TO_RELEASE = (
    "look in JTL whether these figures are right. If they are: temu-assets release-brake shows them and lets the next run send them, or "
    "start stock_deltas once with the run configuration release_brake: true (Launchpad: ops -> stock_deltas -> config). If not, correct "
    "JTL or the stock settings; the next run calculates again."
)


@dataclass(frozen=True, slots=True)
class BrakeLimits:
    """Shares from 0 to 1 that a run may not exceed, and below how many known SKUs the brake does not act."""

    zero_share: float
    raise_share: float
    min_skus: int


@dataclass(frozen=True, slots=True)
class Braked:
    """What is held back: SKUs that would go to 0 and SKUs that would be raised; empty where the brake did not act."""

    known: int
    zeros: tuple[SkuStock, ...] = ()
    raises: tuple[SkuStock, ...] = ()

    @property
    def rows(self) -> tuple[SkuStock, ...]:
        """The SKUs that are not sent, those that would go to 0 first."""
        return (*self.zeros, *self.raises)

    @property
    def held(self) -> frozenset[str]:
        """The SKU ids that are not sent."""
        return frozenset(row.sku_id for row in self.rows)

    def without(self, released: Mapping[str, int]) -> Braked:
        """What is still held after a person agreed to these pieces, by SKU id: to a 0 that was shown, and to a raise up to what was."""

        def is_agreed(row: SkuStock) -> bool:
            pieces = released.get(row.sku_id)
            return pieces is not None and (row.target == pieces or 0 < row.target < pieces)

        return Braked(
            self.known,
            tuple(row for row in self.zeros if not is_agreed(row)),
            tuple(row for row in self.raises if not is_agreed(row)),
        )

    def findings(self) -> dict[str, Finding]:
        """What is held back and how to release it, by ``zero`` and ``raise``, with the first 20 SKUs; empty when nothing is."""
        sorts = {"zero": (self.zeros, "go to 0"), "raise": (self.raises, "be raised")}
        return {
            key: Finding(f"{len(rows)} of {self.known} SKUs would {verb} and are held back: {_listed(rows)}.", HOW_TO_RELEASE)
            for key, (rows, verb) in sorts.items()
            if rows
        }


def brake(rows: Sequence[SkuStock], due: Collection[str], limits: BrakeLimits, *, besides: int) -> Braked:
    """Judge what is about to be sent: ``due`` are the ids of those of ``rows`` that would be.

    ``besides``: how many SKUs with a target that was confirmed are not among ``rows``, because nothing is sent of them.
    """
    confirmed = [row for row in rows if row.confirmed_target is not None]
    known = len(confirmed) + besides
    if known < limits.min_skus or not known:
        return Braked(known)
    changing = [(row, row.confirmed_target) for row in confirmed if row.sku_id in due]
    zeros = tuple(row for row, confirmed in changing if confirmed and row.target == 0)
    raises = tuple(row for row, confirmed in changing if confirmed is not None and row.target > confirmed + row.landed)
    return Braked(
        known,
        zeros if len(zeros) > limits.zero_share * known else (),
        raises if len(raises) > limits.raise_share * known else (),
    )


def _listed(rows: Sequence[SkuStock]) -> str:
    shown = ", ".join(f"{row.sku} ({row.confirmed_target} -> {row.target})" for row in rows[:SHOWN_SKUS])
    more = len(rows) - SHOWN_SKUS
    return f"{shown} and {more} more" if more > 0 else shown
