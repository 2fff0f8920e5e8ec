"""What a standard is called that an e-invoice follows, by the identifier it gives (BT-24)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_LEVELS = {
    "minimum": "MINIMUM", "basicwl": "BASIC WL", "basic": "BASIC", "comfort": "COMFORT", "en16931": "EN 16931", "extended": "EXTENDED",
    "xrechnung": "XRECHNUNG",
}  # fmt: skip
HEADS_ONLY = frozenset({"MINIMUM", "BASIC WL"})
"""Levels without items: by law such a file is no invoice without its page."""
_LEVEL = re.compile(r"\dp\d:([a-z0-9-]+)$")
_XRECHNUNG = re.compile(r"xrechnung_(\d+\.\d+)")


class Syntax(StrEnum):
    """How the XML is built."""

    CII = "CII"
    ZUGFERD_1 = "ZUGFeRD 1.0"
    UBL = "UBL"


@dataclass(frozen=True, slots=True)
class Profile:
    """The name of the standard; ``is_invoice``: whether § 14 UStG takes it for a complete e-invoice."""

    name: str
    is_invoice: bool = True


def profile_of(guideline: str, syntax: Syntax) -> Profile:
    """The profile of an identifier; of one that is unknown, the syntax alone."""
    known = guideline.lower().replace(" ", "")
    level = _level(known)
    if syntax is Syntax.ZUGFERD_1:
        return Profile(f"{syntax} {level}" if level else f"{syntax}")
    if "xrechnung" in known and level is None:
        version = _XRECHNUNG.search(known)
        parts = ["XRechnung", version[1] if version else "", "Extension" if "extension" in known else "", syntax]
        return Profile(" ".join(part for part in parts if part))
    if "peppol" in known:
        return Profile(f"Peppol BIS {syntax}")
    family = "ZUGFeRD 2.0" if "zugferd.de:2p0" in known else "Factur-X" if "factur-x" in known else None
    if family and level:
        return Profile(f"{family} {level}", is_invoice=level not in HEADS_ONLY)
    if known.startswith("urn:cen.eu:en16931:2017"):
        return Profile("Factur-X EN 16931" if syntax is Syntax.CII else f"EN 16931 {syntax}")
    return Profile(family or f"{syntax}")


def _level(known: str) -> str | None:
    found = _LEVEL.search(known)
    return _LEVELS.get(found[1].replace("-", "")) if found else None
