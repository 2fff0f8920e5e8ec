"""What the checker finds: sentences, each with the invariant it breaks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Harm(StrEnum):
    """What it costs the seller."""

    LOST = "lost"
    DOUBLED = "doubled"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """An invariant (I1 to I9) that does not hold, and what breaks it."""

    invariant: str
    harm: Harm
    what: str

    def __str__(self) -> str:
        return f"{self.invariant} {self.harm}: {self.what}"
