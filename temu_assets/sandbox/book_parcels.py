"""Objections about parcels: every parcel JTL has sent is confirmed at TEMU exactly once, with its carrier and lines."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from temu_assets.sandbox.book_orders import JtlOrder, jtl_orders, line_codes
from temu_assets.sandbox.jtl import JtlStandIn
from temu_assets.sandbox.state import Order, Package, Status
from temu_assets.sandbox.temu_shop import TemuShop

# JTL's shipping method -> TEMU's brand. A method that is not here must never be confirmed.
BRANDS = {"DHL Paket": "DHL", "DPD Paket": "DPD", "GLS": "GLS", "UPS": "UPS", "Hermes Paket": "Hermes"}


@dataclass(slots=True)
class SentParcel:
    """A parcel JTL has handed over under a number; pieces by article number in small letters."""

    number: str
    method: str
    pieces: Counter[str] = field(default_factory=Counter)


def sent_parcels(jtl: JtlStandIn) -> dict[str, list[SentParcel]]:
    """Return the sent parcels with a number by external order number."""
    parcels: dict[int, SentParcel] = {}
    found: dict[str, list[SentParcel]] = {}
    for row in jtl.rows(
        "SELECT v.kVersand, v.cIdentCode, m.cName, a.cExterneAuftragsnummer FROM tVersand AS v"
        " JOIN tLieferschein AS l ON l.kLieferschein = v.kLieferschein"
        " JOIN tAuftrag AS a ON a.kAuftrag = l.kBestellung"
        " LEFT JOIN tversandart AS m ON m.kVersandArt = v.kVersandArt"
        " WHERE v.dVersendet IS NOT NULL AND TRIM(COALESCE(v.cIdentCode, '')) <> '' AND a.nType = 1"
    ):
        parcel = SentParcel(row["cIdentCode"].replace(" ", ""), row["cName"] or "")
        parcels[row["kVersand"]] = parcel
        found.setdefault(row["cExterneAuftragsnummer"], []).append(parcel)
    for row in jtl.rows(
        "SELECT c.kVersand, p.cArtNr, c.fAnzahl FROM tVersandPos AS c"
        " JOIN tLieferscheinPos AS d ON d.kLieferscheinPos = c.kLieferscheinPos"
        " JOIN tAuftragPosition AS p ON p.kAuftragPosition = d.kBestellPos"
        " WHERE p.kAuftragStueckliste IS NULL OR p.kAuftragStueckliste = p.kAuftragPosition"
    ):
        if row["kVersand"] in parcels:
            parcels[row["kVersand"]].pieces[str(row["cArtNr"]).casefold()] += int(row["fAnzahl"])
    return found


def parcel_objections(shop: TemuShop, jtl: JtlStandIn) -> list[str]:
    """Return what is wrong with the shipments."""
    sent, in_jtl = sent_parcels(jtl), jtl_orders(jtl)
    objections: list[str] = []
    for order in shop.state.orders.values():
        if order.ready_since is None:
            continue
        objections.extend(_order_objections(shop, order, sent.get(order.parent_sn, []), in_jtl.get(order.parent_sn, [])))
    return objections


def _order_objections(shop: TemuShop, order: Order, sent: list[SentParcel], in_jtl: list[JtlOrder]) -> list[str]:
    packages = shop.packages_of(order.parent_sn)
    by_number = {parcel.number: parcel for parcel in sent}
    objections = []
    for package in packages:
        parcel = by_number.get(package.tracking_number)
        if parcel is None:
            objections.append(f"Order {order.parent_sn}: TEMU was told the number {package.tracking_number}, which JTL did not send.")
        else:
            objections.extend(_package_objections(shop, order, package, parcel))
    confirmed = {package.tracking_number for package in packages}
    missing = [parcel for parcel in sent if parcel.number not in confirmed]
    if missing and (confirmed or _has_to_be_confirmed(shop, order, sent, in_jtl)):
        objections.extend(f"Order {order.parent_sn}: JTL sent the parcel {parcel.number}, TEMU does not know it." for parcel in missing)
    return objections


def _has_to_be_confirmed(shop: TemuShop, order: Order, sent: list[SentParcel], in_jtl: list[JtlOrder]) -> bool:
    """Tell whether everything TEMU wants has left under numbers and carriers TEMU takes."""
    if not order.shippable or not in_jtl or any(parcel.method not in BRANDS for parcel in sent):
        return False
    wanted: Counter[str] = Counter()
    for line in order.open_lines:
        for sku, units in line_codes(shop, line):
            wanted[sku] += line.quantity * units
    left = sum((parcel.pieces for parcel in sent), Counter[str]())
    return in_jtl[0].finished or all(left[sku] >= pieces for sku, pieces in wanted.items())


def _package_objections(shop: TemuShop, order: Order, package: Package, parcel: SentParcel) -> list[str]:
    brands = [carrier.brand for carrier in shop.state.carriers.get(order.region_id, []) if carrier.carrier_id == package.carrier_id]
    objections = []
    if brands != [BRANDS.get(parcel.method, "")]:
        objections.append(
            f"Order {order.parent_sn}: parcel {parcel.number} went with {parcel.method}, TEMU was told"
            f" {brands[0] if brands else package.carrier_id}."
        )
    plain = {line.order_sn: line for line in order.lines if len(line_codes(shop, line)) == 1}
    told: Counter[str] = Counter()
    for content in package.contents:
        line = plain.get(content.order_sn)
        if line is not None and line.status != Status.CANCELLED:
            sku, units = line_codes(shop, line)[0]
            told[sku] += content.quantity * units
    objections.extend(
        f"Order {order.parent_sn}: TEMU was told {pieces} of {sku} in parcel {parcel.number}, it holds {parcel.pieces[sku]}."
        for sku, pieces in sorted(told.items())
        if parcel.pieces and parcel.pieces[sku] < pieces
    )
    return objections
