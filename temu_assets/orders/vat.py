"""The VAT rate of an amount, found from net, gross and tax, and snapped to the rates that exist.

The scale of TEMU's own rate number is not known for certain, so that number decides only between rates that the amounts
cannot tell apart. Source: fact sheets temu-api, section 3.5, and jtl-wawi, section 1.11; fault 17.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from temu_assets.orders.countries import GERMANY, Country

_RAW_SCALES = (10**5, 10**6, 10**7)
_HALF_CENT = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class TaxEvidence:
    """A gross amount and the tax in it, in cents, with the number of pieces the tax may have been rounded for."""

    gross_cents: int
    tax_cents: int
    pieces: int


@dataclass(frozen=True, slots=True, order=True)
class _Fit:
    """How well a rate explains the evidence; the smaller, the better."""

    rounding: int
    """0: the tax was rounded once; 1: rounded per piece; 2: within one cent per piece."""
    abroad: bool
    """False for a rate of the destination country."""
    distance: Decimal


def vat_rate(evidence: Sequence[TaxEvidence], country: Country, *, raw_rate: int | None = None) -> Decimal | None:
    """The rate in percent that explains all ``evidence``, or ``None`` when no rate does or there is none to explain.

    Candidates are the rates of the destination and of Germany. Where several fit (small amounts) ``raw_rate``, TEMU's own
    number, decides; else the closest, the destination's first.
    """
    fits = {}
    if evidence:
        for rate in dict.fromkeys((*country.vat_rates, *GERMANY.vat_rates)):
            fit = _fit(rate, evidence, abroad=rate not in country.vat_rates)
            if fit is not None:
                fits[rate] = fit
    stated = {rate: fit for rate, fit in fits.items() if raw_rate in {rate * scale for scale in _RAW_SCALES}}
    candidates = stated or fits
    return min(candidates, key=candidates.__getitem__) if candidates else None


def _fit(rate: Decimal, evidence: Sequence[TaxEvidence], *, abroad: bool) -> _Fit | None:
    roundings, distances = [], []
    for amount in evidence:
        if amount.gross_cents <= 0:
            return None
        distance = abs(amount.gross_cents * rate / (100 + rate) - amount.tax_cents)
        if distance > amount.pieces:
            return None
        distances.append(distance)
        roundings.append(0 if distance <= _HALF_CENT else 1 if distance <= _HALF_CENT * amount.pieces else 2)
    return _Fit(max(roundings), abroad, sum(distances, Decimal(0)))
