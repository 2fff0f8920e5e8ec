"""C03: what the invoices of each marketplace come to, held against JTL's orders under the same numbers. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from temu_assets.bookkeeping.cross_checks import DEBIT, BatchDocument
from temu_assets.bookkeeping.findings import Finding, Severity


@dataclass(frozen=True, slots=True)
class MarketplaceSum:
    """Invoices of one marketplace against JTL: gross in EUR, over orders JTL has; how many orders differ, and how many it does not have."""

    marketplace: str
    in_files: Decimal
    in_jtl: Decimal
    differing: tuple[str, ...]
    unknown: int


def sums_against_jtl(documents: Iterable[BatchDocument], totals: Mapping[str, Decimal]) -> list[MarketplaceSum]:
    """What the invoices of each marketplace come to, and what JTL's orders under the same numbers do (``totals``, gross)."""
    billed: defaultdict[str, defaultdict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for each in documents:
        if each.document.side == DEBIT and each.document.order_number:
            billed[each.document.marketplace][each.document.order_number] += each.document.amount
    sums = []
    for marketplace, orders in sorted(billed.items()):
        there = {number: amount for number, amount in orders.items() if number in totals}
        sums.append(
            MarketplaceSum(
                marketplace=marketplace,
                in_files=sum(there.values(), Decimal()),
                in_jtl=sum((totals[number] for number in there), Decimal()),
                differing=tuple(sorted(number for number, amount in there.items() if amount != totals[number])),
                unknown=len(orders) - len(there),
            )
        )
    return sums


def sum_findings(sums: Iterable[MarketplaceSum]) -> list[Finding]:
    """The sums as the report tells them: a difference as a warning, agreement as information."""
    return [_sum_finding(each) for each in sums]


def money(amount: Decimal) -> str:
    """As Germans write it: 1.234,56."""
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))


def _sum_finding(each: MarketplaceSum) -> Finding:
    value = f"Dateien {money(each.in_files)}, JTL {money(each.in_jtl)}"
    unknown = f" {each.unknown} Bestellungen sind in JTL nicht zu finden und nicht mitgezählt." if each.unknown else ""
    if not each.differing:
        told = f"Rechnungen und JTL-Aufträge ({each.marketplace or 'ohne Marktplatz'}) stimmen überein.{unknown}"
        return Finding("C03", Severity.INFO, "", 0, "Umsatz", value, told)
    orders = f"Bei {len(each.differing)} Bestellungen ({each.marketplace or 'ohne Marktplatz'})"
    shown = ", ".join(each.differing[:5]) + (", …" if len(each.differing) > 5 else "")
    return Finding(
        "C03", Severity.WARNING, "", 0, "Umsatz", value,
        f"{orders} weicht die Rechnung vom JTL-Auftrag ab: {shown}. Bitte prüfen, ob Teilrechnungen, Nachlässe "
        f"oder Änderungen dahinterstehen.{unknown}",
    )  # fmt: skip
