"""How the program before this one works, rebuilt as a yardstick: ``python -m benchmarks.ratios.predecessor orders|tracking|stock``.

One call to TEMU at a time, one row at a time with a commit each, one question to JTL per order and per article, and the whole listing
sent in every stock run. Its method in our words and on our tables, without its faults: all pages are read, and amounts are matched by
line. On files only.
"""

from __future__ import annotations

import json
import os
import sys
import uuid
from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, RowMapping, Table, create_engine, insert, select, text, update

from benchmarks.ratios.bare import Json, Temu, details, import_table, is_to_be_sent, line_rows, list_orders, order_row, xml
from temu_assets.sandbox.fixtures import CARRIERS
from temu_assets.toci.tables import temu_inventory, temu_order_items, temu_orders, temu_products

_GERMANY = 76
_PAGE = 100
_ONE_PARCEL = 0
_TRACKING = text(
    "SELECT v.cIdentCode, v.dVersendet, m.cName FROM tAuftrag AS a JOIN tLieferschein AS l ON l.kBestellung = a.kAuftrag"
    " JOIN tVersand AS v ON v.kLieferschein = l.kLieferschein JOIN tversandart AS m ON m.kVersandArt = v.kVersandArt"
    " WHERE a.cExterneAuftragsnummer = :order_id LIMIT 1"
)
_STOCK = text(
    "SELECT a.kArtikel, b.fVerfuegbar FROM tArtikel AS a JOIN tlagerbestand AS b ON b.kArtikel = a.kArtikel WHERE a.cArtNr = :sku LIMIT 1"
)


class Predecessor:
    """One process of it."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._temu = Temu(settings)
        self._toci = create_engine(settings["TOCI_DATABASE_URL"], hide_parameters=True)
        self._jtl = create_engine(settings["JTL_DATABASE_URL"], hide_parameters=True)
        self._data = Path(settings["TEMU_DATA_DIR"])

    def close(self) -> None:
        self._temu.close()
        self._toci.dispose()
        self._jtl.dispose()

    def orders(self) -> None:
        """TEMU to JSON files, to rows, to one XML per order in JTL's import table."""
        now = datetime.now(UTC)
        with ThreadPoolExecutor(1) as one_by_one:
            items = list_orders(self._temu, one_by_one)
        answers = {order_id: details(self._temu, order_id) for item in items if is_to_be_sent(item) for order_id in [_number(item)]}
        (self._data / "api_response_orders.json").write_text(json.dumps(items), encoding="utf-8")
        (self._data / "api_response_details.json").write_text(json.dumps(answers), encoding="utf-8")
        for item in items:
            found = answers.get(_number(item))
            order, lines = order_row(item, found, now), line_rows(item, found)
            _save(self._toci, temu_orders, "order_id", order | {"exported_at": None})
            for line in lines:
                _save(self._toci, temu_order_items, "line_id", line)
        for order_id in answers:
            self._hand_over(order_id, now)

    def _hand_over(self, order_id: str, now: datetime) -> None:
        with self._toci.connect() as connection:
            order = dict(connection.execute(select(temu_orders).where(temu_orders.c.order_id == order_id)).mappings().one())
            lines = [dict(row) for row in _lines(connection, order_id)]
        document = xml(order, lines)
        (self._data / f"temu_order_{order_id}.xml").write_text(document, encoding="utf-8")
        with self._jtl.begin() as connection:
            connection.execute(insert(import_table("sqlite")), {"cText": document, "nPlattform": 5, "nRechnung": 0})
        with self._toci.begin() as connection:
            connection.execute(update(temu_orders).where(temu_orders.c.order_id == order_id).values(exported_at=now))

    def tracking(self) -> None:
        """JTL's parcel of each order, then one confirmation each."""
        now = datetime.now(UTC)
        with self._toci.connect() as connection:
            handed_over = connection.scalars(select(temu_orders.c.order_id).where(temu_orders.c.exported_at.is_not(None))).all()
        sent: dict[str, tuple[str, str]] = {}
        for order_id in handed_over:
            with self._jtl.connect() as connection:
                parcel = connection.execute(_TRACKING, {"order_id": order_id}).first()
            if parcel is not None and parcel.cIdentCode and parcel.dVersendet:
                sent[order_id] = parcel.cIdentCode, parcel.cName
                with self._toci.begin() as connection:
                    connection.execute(update(temu_orders).where(temu_orders.c.order_id == order_id).values(jtl_confirmed_at=now))
        for order_id, (tracking, method) in sent.items():
            self._report(order_id, tracking, method, now)

    def _report(self, order_id: str, tracking: str, method: str, now: datetime) -> None:
        with self._toci.connect() as connection:
            region = connection.scalars(select(temu_orders.c.region_id).where(temu_orders.c.order_id == order_id)).one()
            lines = [row for row in _lines(connection, order_id) if row["quantity"]]
        contents = [
            {
                "parentOrderSn": order_id,
                "orderSn": line["line_id"],
                "goodsId": int(line["goods_id"]),
                "skuId": int(line["sku_id"]),
                "quantity": line["quantity"],
            }
            for line in lines
        ]
        carrier = next(each.carrier_id for each in CARRIERS.get(region, CARRIERS[_GERMANY]) if method.startswith(each.brand))
        parcel = {"carrierId": carrier, "trackingNumber": tracking, "orderSendInfoList": contents}
        try:
            self._temu.call("bg.logistics.shipment.v2.confirm", sendType=_ONE_PARCEL, sendRequestList=[parcel])
        except RuntimeError:
            return  # written to its log, and tried again by the next run
        with self._toci.begin() as connection:
            connection.execute(update(temu_order_items).where(temu_order_items.c.order_id == order_id).values(reported_at=now))

    def stock(self) -> None:
        """The listing to rows, JTL's stock article by article, and all of it to TEMU goods by goods."""
        now = datetime.now(UTC)
        by_goods: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for item in self._listing():
            _save(self._toci, temu_products, "sku_id", _product_row(item, now))
            with self._jtl.connect() as connection:
                found = connection.execute(_STOCK, {"sku": item["skuSn"]}).first()
            if found is None:
                continue
            _save(self._toci, temu_inventory, "sku_id", _inventory_row(item, found.kArtikel, int(found.fVerfuegbar), now))
            if found.fVerfuegbar > 0:
                by_goods[item["goodsId"]].append((item["skuId"], int(found.fVerfuegbar)))
        for goods_id, targets in by_goods.items():
            self._send(goods_id, targets, now)

    def _listing(self) -> list[Json]:
        items: list[Json] = []
        for search_type in (2, 3):
            page, rows = 0, _PAGE
            while rows == _PAGE:
                page += 1
                found = self._temu.call(
                    "bg.local.goods.sku.list.query",
                    pageNo=page,
                    pageSize=_PAGE,
                    skuSearchType=search_type,
                    skuStatusFilterType=search_type,
                )["skuList"]
                items += found
                rows = len(found)
        return items

    def _send(self, goods_id: int, targets: list[tuple[int, int]], now: datetime) -> None:
        edits = [{"skuId": sku_id, "stockTarget": pieces} for sku_id, pieces in targets]
        try:
            self._temu.call(
                "bg.local.goods.stock.edit",
                goodsId=goods_id,
                stockType=0,
                skuStockTargetList=edits,
                requestUniqueKey=uuid.uuid4().hex,
            )
        except RuntimeError:
            return  # as above
        for sku_id, _ in targets:
            with self._toci.begin() as connection:
                done = update(temu_inventory).where(temu_inventory.c.sku_id == str(sku_id))
                connection.execute(done.values(needs_sync=False, synced_at=now))


def _number(item: Json) -> str:
    return str(item["parentOrderMap"]["parentOrderSn"])


def _lines(connection: Connection, order_id: str) -> list[RowMapping]:
    return list(connection.execute(select(temu_order_items).where(temu_order_items.c.order_id == order_id)).mappings())


def _save(engine: Engine, table: Table, key: str, row: Json) -> None:
    """Look, then insert or update, in a transaction of its own."""
    same = table.c[key] == row[key]
    with engine.begin() as connection:
        if connection.execute(select(table.c[key]).where(same)).first() is None:
            connection.execute(insert(table).values(row))
        else:
            connection.execute(update(table).where(same).values(row))


def _product_row(item: Json, now: datetime) -> Json:
    return {
        "shop": "temu",
        "sku_id": str(item["skuId"]),
        "goods_id": str(item["goodsId"]),
        "sku": item["skuSn"],
        "goods_name": item["goodsName"],
        "variant": item["specName"],
        "is_active": True,
        "is_listed": True,
        "listed_stock": item["stock"],
        "listed_at": now,
        "first_seen_at": now,
    }


def _inventory_row(item: Json, article: int, pieces: int, now: datetime) -> Json:
    return {
        "shop": "temu",
        "sku_id": str(item["skuId"]),
        "goods_id": str(item["goodsId"]),
        "sku": item["skuSn"],
        "jtl_article_id": article,
        "target": pieces,
        "reason": "",
        "in_flight": 0,
        "is_held": False,
        "needs_sync": pieces > 0,
        "computed_at": now,
    }


if __name__ == "__main__":
    predecessor = Predecessor(os.environ)
    {"orders": predecessor.orders, "tracking": predecessor.tracking, "stock": predecessor.stock}[sys.argv[1]]()
