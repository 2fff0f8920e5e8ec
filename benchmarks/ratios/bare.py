"""The bare script the program is measured against: ``python -m benchmarks.ratios.bare``, settings from the environment.

The same calls with as many of them under way at once, the same rows in our tables and in JTL's import table, written in bulk. And nothing
else: nothing kept on disk, nothing compared, nothing asked twice, no second try, no check. Nobody should run a shop with it.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

import httpx
from sqlalchemy import Column, Integer, MetaData, Table, Text, create_engine, insert

from temu_assets.toci.tables import temu_order_items, temu_orders

CONCURRENCY = 8
"""What TEMU_CONCURRENCY is by default."""
PAGE_SIZE = 100
DAYS_BACK = 7
_UNSHIPPED = 2
_FLAGS = {"pending_buyer_cancellation", "pending_buyer_address_change", "pending_risk_control_alert"}
_COUNTRIES = {76: ("DE", "19.00"), 69: ("FR", "20.00"), 13: ("AT", "20.00")}
_PAYMENT = ("cBankName", "cBLZ", "cKontoNr", "cKartenNr", "dGueltigkeit", "cCVV", "cKartenTyp", "cInhaber", "cIBAN", "cBIC")

Json = dict[str, Any]


class Temu:
    """Signed calls, and no more."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._url, self._key, self._token = settings["TEMU_API_ENDPOINT"], settings["TEMU_APP_KEY"], settings["TEMU_ACCESS_TOKEN"]
        self._secret = settings["TEMU_APP_SECRET"]
        self._client = httpx.Client(timeout=30, trust_env=False)

    def close(self) -> None:
        self._client.close()

    def call(self, endpoint: str, **params: object) -> Json:
        body: Json = {
            "type": endpoint,
            "app_key": self._key,
            "access_token": self._token,
            "timestamp": int(time.time()),
            "data_type": "JSON",
            "version": "V1",
            **params,
        }
        texts = {name: value if isinstance(value, str) else json.dumps(value, separators=(",", ":")) for name, value in body.items()}
        joined = self._secret + "".join(name + texts[name] for name in sorted(texts)) + self._secret
        body["sign"] = hashlib.md5(joined.encode(), usedforsecurity=False).hexdigest().upper()
        answer: Json = self._client.post(self._url, json=body).json()
        if not answer["success"]:
            raise RuntimeError(f"{endpoint}: {answer['errorCode']} {answer['errorMsg']}")
        result: Json = answer["result"]
        return result


def list_orders(temu: Temu, pool: ThreadPoolExecutor) -> list[Json]:
    """Every page of what changed in the last days."""
    now = int(time.time())

    def page(number: int) -> Json:
        return temu.call(
            "bg.order.list.v2.get",
            pageNumber=number,
            pageSize=PAGE_SIZE,
            updateAtStart=now - DAYS_BACK * 86_400,
            updateAtEnd=now,
            sortby="updateTime",
        )

    first = page(1)
    rest = pool.map(page, range(2, math.ceil(first["totalItemNum"] / PAGE_SIZE) + 1))
    return [item for answer in (first, *rest) for item in answer["pageItems"]]


def is_to_be_sent(item: Json) -> bool:
    parent, lines = item["parentOrderMap"], item["orderList"]
    flagged = any(label["value"] and label["name"] in _FLAGS for label in parent["parentOrderLabel"])
    by_seller = any(line["quantity"] and line["fulfillmentType"] == "fulfillBySeller" for line in lines)
    return bool(parent["parentOrderStatus"] == _UNSHIPPED and not flagged and parent["orderPaymentType"] != "COD" and by_seller)


def details(temu: Temu, order_id: str) -> tuple[Json, Json]:
    """Address and amounts of an order."""
    address = temu.call("bg.order.shippinginfo.v2.get", parentOrderSn=order_id)
    if any("*" in str(address[name]) for name in ("receiptName", "addressLine1", "mobile")):
        address = temu.call("bg.order.decryptshippinginfo.get", parentOrderSn=order_id)
    return address, temu.call("bg.order.amount.query", parentOrderSn=order_id)


def order_row(item: Json, found: tuple[Json, Json] | None, now: datetime) -> Json:
    parent = item["parentOrderMap"]
    address, amounts = found or ({}, {})
    extra, sums = address.get("addressExtra") or {}, amounts.get("parentOrderMap")
    return {
        "shop": "temu",
        "order_id": parent["parentOrderSn"],
        "status": parent["parentOrderStatus"],
        "region_id": parent["regionId"],
        "ordered_at": _moment(parent["parentOrderTime"]),
        "paid_at": _moment(parent["parentConfirmTime"]),
        "ship_by": _moment(parent["expectShipLatestTime"]),
        "temu_updated_at": _moment(parent["updateTime"]),
        "cancellation_requested": False,
        "address_change_requested": False,
        "address_changed": False,
        "risk_alert": False,
        "cash_on_delivery": parent["orderPaymentType"] == "COD",
        "recipient": address.get("receiptName") or "",
        "recipient_extra": address.get("receiptAdditionalName") or "",
        "first_name": extra.get("firstName") or "",
        "last_name": extra.get("lastName") or "",
        "mobile": address.get("mobile") or "",
        "mail": address.get("mail") or "",
        "country_name": address.get("regionName1") or "",
        "state": address.get("regionName2") or "",
        "city": address.get("regionName3") or "",
        "line1": address.get("addressLine1") or "",
        "line2": address.get("addressLine2") or "",
        "line3": address.get("addressLine3") or "",
        "line_all": address.get("addressLineAll") or "",
        "postcode": address.get("postCode") or "",
        "address_fetched_at": now if found else None,
        "currency": "EUR" if found else None,
        "shipping_gross_cents": sums and sums["shipAmountTotalTaxIncl"]["amount"],
        "shipping_net_cents": sums and sums["shippingAmountTotal"]["amount"],
        "shipping_tax_cents": sums and sums["shipTaxAmount"]["amount"],
        "price_source": "amount_query" if found else None,
        "amounts_fetched_at": now if found else None,
        "import_status": _UNSHIPPED,
        "exported_at": now if found else None,
        "exported_address_hash": hashlib.sha256(repr(address).encode()).hexdigest() if found else None,
        "first_seen_at": now,
        "changed_at": now,
    }


def line_rows(item: Json, found: tuple[Json, Json] | None) -> list[Json]:
    prices = {line["orderSn"]: line for line in found[1]["orderList"]} if found else {}
    return [
        _line_row(item["parentOrderMap"]["parentOrderSn"], position, line, prices.get(line["orderSn"]))
        for position, line in enumerate(item["orderList"], start=1)
    ]


def _line_row(order_id: str, position: int, line: Json, price: Json | None) -> Json:
    articles = [[product["extCode"], product["soldFactor"]] for product in line["productList"]]
    return {
        "shop": "temu",
        "line_id": line["orderSn"],
        "order_id": order_id,
        "position": position,
        "status": line["orderStatus"],
        "quantity": line["quantity"],
        "original_quantity": line["originalOrderQuantity"],
        "cancelled_quantity": line["canceledQuantityBeforeShipment"],
        "goods_id": str(line["goodsId"]),
        "sku_id": str(line["skuId"]),
        "sku": articles[0][0] if articles else "",
        "articles": json.dumps(articles),
        "name": line["goodsName"],
        "variant": line["spec"],
        "by_seller": line["fulfillmentType"] == "fulfillBySeller",
        "amount_quantity": price and price["quantity"],
        "unit_gross_cents": price and price["unitRetailPriceVatIncl"]["amount"],
        "unit_net_cents": price and price["unitRetailPriceVatExcl"]["amount"],
        "total_gross_cents": price and price["retailPriceTotalTaxIncl"]["amount"],
        "tax_cents": price and price["productTaxAmount"]["amount"],
        "raw_tax_rate": price and price["productTaxRate"],
        "exported_quantity": line["quantity"] if price else None,
    }


def xml(order: Json, lines: Sequence[Json]) -> str:
    """The order as JTL's import takes it."""
    country, vat = _COUNTRIES.get(order["region_id"], _COUNTRIES[76])
    day = f"{order['ordered_at']:%Y-%m-%d}"
    text = {name: escape(value or "") for name, value in order.items() if value is None or isinstance(value, str)}
    first, last = text["first_name"] or text["recipient"].rpartition(" ")[0], text["last_name"] or text["recipient"].rpartition(" ")[2]
    place = {
        "cFirma": "",
        "cStrasse": text["line1"] or text["line_all"],
        "cAdressZusatz": text["line2"],
        "cPLZ": text["postcode"],
        "cOrt": text["city"],
        "cBundesland": text["state"],
        "cLand": country,
        "cTel": "",
        "cMobil": text["mobile"],
        "cFax": "",
        "cMail": text["mail"],
    }
    customer = _leaves(
        {
            **dict.fromkeys(("cKundenNr", "cAnrede", "cTitel"), ""),
            "cVorname": first,
            "cNachname": last,
            **place,
            "cUSTID": "",
            "cWWW": "",
            "cHerkunft": "TEMU",
            "dErstellt": day,
        }
    )
    delivery = _leaves({"cAnrede": "", "cVorname": first, "cNachname": last, "cTitel": "", **place})
    payment = _leaves(dict.fromkeys(_PAYMENT, ""))
    goods = "".join(
        _position(f"{line['name']} {line['variant']}", line["sku"], line["unit_net_cents"], line["unit_gross_cents"], vat, line["quantity"])
        for line in lines
        if line["quantity"]
    )
    if order["shipping_gross_cents"]:
        goods += _position("TEMU Versand", "", order["shipping_net_cents"], order["shipping_gross_cents"], vat, 1, kind="versandkosten")
    head = _leaves(
        {
            "cSprache": "ger",
            "cWaehrung": "EUR",
            "cBestellNr": "",
            "cExterneBestellNr": text["order_id"],
            "cVersandartName": "TEMU",
            "cVersandInfo": "",
            "dVersandDatum": "",
            "cTracking": "",
            "dLieferDatum": "",
            "cKommentar": f"TEMU {text['order_id']}",
            "cBemerkung": "",
            "dErstellt": day,
            "cZahlungsartName": "TEMU",
            "dBezahltDatum": day,
        }
    )
    made = (
        f'<?xml version="1.0" encoding="ISO-8859-1"?>\n<tBestellungen>\n  <tBestellung kFirma="1" kBenutzer="1">\n{head}{goods}'
        f"    <tkunde>\n{customer}    </tkunde>\n    <tlieferadresse>\n{delivery}    </tlieferadresse>\n"
        f"    <tzahlungsinfo>\n{payment}    </tzahlungsinfo>\n  </tBestellung>\n</tBestellungen>\n"
    )
    return made.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _position(name: str, sku: str, net_cents: int, gross_cents: int, vat: str, quantity: int, *, kind: str = "standard") -> str:
    values = {
        "cName": escape(name)[:255],
        "cArtNr": escape(sku),
        "cBarcode": "",
        "cSeriennummer": "",
        "cEinheit": "",
        "fPreisEinzelNetto": f"{net_cents / 100:.5f}",
        "fPreis": f"{gross_cents / 100:.2f}",
        "fMwSt": vat,
        "fAnzahl": f"{quantity:.2f}",
        "cPosTyp": kind,
        "fRabatt": "0.00",
    }
    return f"    <twarenkorbpos>\n{_leaves(values)}    </twarenkorbpos>\n"


def _leaves(values: Mapping[str, str]) -> str:
    return "".join(f"      <{name}>{value}</{name}>\n" if value else f"      <{name}/>\n" for name, value in values.items())


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def import_table(dialect: str) -> Table:
    """JTL's import table; SQLite knows no schema."""
    columns = (Column("cText", Text), Column("nPlattform", Integer), Column("nRechnung", Integer))
    return Table("tXMLBestellImport", MetaData(), *columns, schema=None if dialect == "sqlite" else "dbo")


def fetch(temu: Temu) -> tuple[list[Json], dict[str, tuple[Json, Json]]]:
    """The list, and by order number the details of every order that is to be sent."""
    with ThreadPoolExecutor(CONCURRENCY) as pool:
        items = list_orders(temu, pool)
        wanted = [item["parentOrderMap"]["parentOrderSn"] for item in items if is_to_be_sent(item)]
        found = dict(zip(wanted, pool.map(lambda order_id: details(temu, order_id), wanted), strict=True))
    temu.close()
    return items, found


def main(settings: Mapping[str, str]) -> None:
    items, found = fetch(Temu(settings))
    now = datetime.now(UTC)
    orders, lines, documents = [], [], []
    for item in items:
        answers = found.get(item["parentOrderMap"]["parentOrderSn"])
        order, of_order = order_row(item, answers, now), line_rows(item, answers)
        orders.append(order)
        lines += of_order
        if answers:
            documents.append({"cText": xml(order, of_order), "nPlattform": 5, "nRechnung": 0})
    toci = create_engine(settings["TOCI_DATABASE_URL"], hide_parameters=True)
    with toci.begin() as connection:
        connection.execute(insert(temu_orders), orders)
        connection.execute(insert(temu_order_items), lines)
    toci.dispose()
    jtl = create_engine(settings["JTL_DATABASE_URL"], hide_parameters=True)
    with jtl.begin() as connection:
        connection.execute(insert(import_table(jtl.dialect.name)), documents)
    jtl.dispose()
    print(json.dumps({"listed": len(items), "handed over": len(documents)}))


if __name__ == "__main__":
    main(os.environ)
