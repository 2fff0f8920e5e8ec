"""A perfect little sync, straight from the shop's own state: what the books must have nothing to object to.

It knows the answers instead of asking for them, so it shows what is right, not how to get there.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

from temu_assets.sandbox.amounts import main_rate, payable_gross, shipping_gross
from temu_assets.sandbox.book_orders import COUNTRIES, has_to_be_in_jtl, known_articles
from temu_assets.sandbox.book_parcels import BRANDS
from temu_assets.sandbox.confirm_api import confirm
from temu_assets.sandbox.jtl import JtlStandIn
from temu_assets.sandbox.params import Params
from temu_assets.sandbox.state import Order, OrderLine
from temu_assets.sandbox.temu_shop import TemuShop

HEADER = '<?xml version="1.0" encoding="ISO-8859-1"?>'


def element(name: str, value: object = "") -> str:
    text = escape(str(value)).encode("ascii", "xmlcharrefreplace").decode()
    return f"<{name}>{text}</{name}>" if text else f"<{name}/>"


def position(sku: str, quantity: int, gross_cents: int, rate: int, kind: str = "standard") -> str:
    net = gross_cents / (1 + rate / 10000) / 100
    fields = {
        "cName": sku or "TEMU Versand",
        "cArtNr": sku,
        "cBarcode": "",
        "cSeriennummer": "",
        "cEinheit": "",
        "fPreisEinzelNetto": f"{net:.5f}",
        "fPreis": f"{gross_cents / 100:.2f}",
        "fMwSt": f"{rate / 100:.2f}",
        "fAnzahl": f"{quantity}.00",
        "cPosTyp": kind,
        "fRabatt": "0.00",
    }
    return f"<twarenkorbpos>{''.join(element(*field) for field in fields.items())}</twarenkorbpos>"


def spread(total: int, units: dict[str, int]) -> list[tuple[str, int, int]]:
    """Return (article, pieces, cents each) that add up to the total to the cent."""
    rows = []
    left, pieces_left = total, sum(units.values())
    for sku, pieces in units.items():
        share = left * pieces // pieces_left
        left, pieces_left = left - share, pieces_left - pieces
        each, more = divmod(share, pieces)
        rows += [(sku, pieces - more, each), (sku, more, each + 1)]
    return [each for each in rows if each[1]]


def line_positions(order: Order, line: OrderLine) -> list[str]:
    units = {product.ext_code: line.quantity * product.sold_factor for product in line.products}
    return [position(sku, pieces, cents, line.rate) for sku, pieces, cents in spread(payable_gross(order, line), units)]


def order_xml(order: Order) -> str:
    address = order.address
    place = "".join(
        element(*field)
        for field in {
            "cFirma": "",
            "cStrasse": address.street,
            "cAdressZusatz": address.line2 or "",
            "cPLZ": address.postcode,
            "cOrt": address.city,
            "cBundesland": address.state,
            "cLand": COUNTRIES[order.region_id],
            "cTel": "",
            "cMobil": "",
            "cFax": "",
            "cMail": "",
        }.items()
    )
    names = element("cVorname") + element("cNachname", address.name)
    goods = [text for line in order.open_lines for text in line_positions(order, line)]
    if order.shipping_net_cents:
        goods.append(position("", 1, shipping_gross(order), main_rate(order), "versandkosten"))
    return "".join(
        (
            HEADER,
            '<tBestellungen><tBestellung kFirma="1" kBenutzer="1">',
            "<cSprache>ger</cSprache><cWaehrung>EUR</cWaehrung><cBestellNr/>",
            element("cExterneBestellNr", order.parent_sn),
            "<cVersandartName>TEMU</cVersandartName><cVersandInfo/><dVersandDatum/><cTracking/><dLieferDatum/>",
            "<cKommentar/><cBemerkung/><dErstellt>2026-01-01</dErstellt><cZahlungsartName>TEMU</cZahlungsartName>",
            "<dBezahltDatum>2026-01-01</dBezahltDatum>",
            *goods,
            f"<tkunde><cKundenNr/><cAnrede/><cTitel/>{names}{place}<cUSTID/><cWWW/><cHerkunft>TEMU</cHerkunft>",
            "<dErstellt>2026-01-01</dErstellt></tkunde>",
            f"<tlieferadresse><cAnrede/>{names}<cTitel/>{place}</tlieferadresse>",
            "</tBestellung></tBestellungen>",
        )
    )


def export_orders(shop: TemuShop, jtl: JtlStandIn) -> list[str]:
    articles = known_articles(jtl)
    ready = [order for order in shop.state.orders.values() if has_to_be_in_jtl(order, articles)]
    for order in ready:
        jtl.hand_over(order_xml(order))
    jtl.run_worker()
    return [order.parent_sn for order in ready]


def confirm_parcels(shop: TemuShop, jtl: JtlStandIn) -> None:
    """Confirm what JTL has shipped, one call per order; contents are dealt out to the lines in their order."""
    for order in list(shop.state.orders.values()):
        sent = jtl.rows(
            "SELECT v.kVersand, v.cIdentCode, m.cName FROM tVersand AS v"
            " JOIN tLieferschein AS l USING (kLieferschein) JOIN tAuftrag AS a ON a.kAuftrag = l.kBestellung"
            " JOIN tversandart AS m ON m.kVersandArt = v.kVersandArt WHERE a.cExterneAuftragsnummer = ?",
            (order.parent_sn,),
        )
        if not sent or not order.shippable:
            continue
        left = {line.order_sn: line.quantity for line in order.open_lines}
        packages = []
        for parcel in sent:
            contents = {
                row[0].casefold(): row[1]
                for row in jtl.rows(
                    "SELECT p.cArtNr, SUM(c.fAnzahl) FROM tVersandPos AS c JOIN tLieferscheinPos AS d"
                    " USING (kLieferscheinPos) JOIN tAuftragPosition AS p ON p.kAuftragPosition = d.kBestellPos"
                    " WHERE c.kVersand = ? GROUP BY p.cArtNr",
                    (parcel["kVersand"],),
                )
            }
            rows = []
            for line in order.open_lines:
                product = line.products[0]
                held = contents.get(product.ext_code.casefold(), 0) // product.sold_factor
                pieces = min(left[line.order_sn], int(held))
                if pieces:
                    left[line.order_sn] -= pieces
                    contents[product.ext_code.casefold()] -= pieces * product.sold_factor
                    rows.append({"parentOrderSn": order.parent_sn, "orderSn": line.order_sn, "quantity": pieces})
            carrier = next(c for c in shop.state.carriers[order.region_id] if c.brand == BRANDS[parcel["cName"]])
            packages.append({"carrierId": carrier.carrier_id, "trackingNumber": parcel["cIdentCode"], "orderSendInfoList": rows})
        confirm(shop, Params({"sendType": 1, "sendRequestList": packages}))
