"""The order that JTL has from before, brought there by the seller's former tool (``already_in_jtl``)."""

from __future__ import annotations

from temu_assets.sandbox.amounts import main_rate, payable_gross, shipping_gross
from temu_assets.sandbox.jtl import JtlStandIn
from temu_assets.sandbox.jtl_format import CUSTOMER, DELIVERY, OrderXml
from temu_assets.sandbox.jtl_stock import refresh
from temu_assets.sandbox.jtl_worker import insert_order
from temu_assets.sandbox.temu_shop import TemuShop

XML_PLATFORM = 5


def hand_over_known_order(shop: TemuShop, jtl: JtlStandIn) -> None:
    """Create the named order in JTL as its worker would have."""
    order = shop.order(shop.named["already_in_jtl"])
    address = {
        "cVorname": order.address.name.split()[0],
        "cNachname": order.address.name.split()[-1],
        "cStrasse": order.address.street,
        "cPLZ": order.address.postcode,
        "cOrt": order.address.city,
        "cLand": "DE",
    }
    positions = [
        _position(line.products[0].ext_code, payable_gross(order, line), line.quantity, line.rate, "standard") for line in order.open_lines
    ]
    positions.append(_position("", shipping_gross(order), 1, main_rate(order), "versandkosten"))
    xml = OrderXml(
        head={
            "cVersandartName": "TEMU",
            "cZahlungsartName": "TEMU",
            "cBestellNr": "",
            "cExterneBestellNr": order.parent_sn,
            "cWaehrung": "EUR",
            "dErstellt": jtl.moment[:10],
        },
        positions=positions,
        customer={**{field.name: "" for field in CUSTOMER}, **address},
        delivery={**{field.name: "" for field in DELIVERY}, **address},
    )
    with jtl.transaction() as connection:
        insert_order(connection, xml, platform=XML_PLATFORM, moment=jtl.moment)
        refresh(connection)


def _position(sku: str, gross_cents: int, quantity: int, rate: int, kind: str) -> dict[str, str]:
    net = gross_cents / quantity / (1 + rate / 10000) / 100
    return {
        "cName": sku or "TEMU Versand",
        "cArtNr": sku,
        "fAnzahl": f"{quantity}.00",
        "fPreisEinzelNetto": f"{net:.5f}",
        "fMwSt": f"{rate / 100:.2f}",
        "fRabatt": "0.00",
        "cPosTyp": kind,
    }
