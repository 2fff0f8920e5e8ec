"""What was measured, and whether it keeps its bound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """``measured`` is judged against ``bound``: at most that, or at least that with ``at_least``. Without a bound it is only told.

    ``text`` says what it was made of, with units. ``raw`` are the single readings it is made of.
    """

    item: str
    what: str
    measured: float
    unit: str
    bound: float | None = None
    at_least: bool = False
    text: str = ""
    raw: dict[str, list[float]] = field(default_factory=dict)

    @property
    def holds(self) -> bool | None:
        """Whether the bound is kept; None where there is none."""
        if self.bound is None:
            return None
        return self.measured >= self.bound if self.at_least else self.measured <= self.bound


def ratio(
    item: str,
    what: str,
    *,
    ours: Sequence[float],
    theirs: Sequence[float],
    unit: str,
    bound: float,
    names: tuple[str, str],
    more: str = "",
) -> Figure:
    """Medians of repeated readings against each other; ``names`` say whose they are, ``more`` goes on after them."""
    one, other = median(ours), median(theirs)
    text = f"{names[0]} {one:.2f} {unit}, {names[1]} {other:.2f} {unit}, {len(ours)} times each{more}"
    return Figure(item, what, one / other, "x", bound, text=text, raw={names[0]: list(ours), names[1]: list(theirs)})
