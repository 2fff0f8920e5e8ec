"""From the predecessor's tables to ours, a page of rows at a time, inside the caller's transaction.

Without ``writes`` the same is read and counted, and nothing is stored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Table

from temu_assets.adoption.orders import ITEM_COLUMNS, ORDER_COLUMNS, LeftOut, OrderFacts, claims, item_row, order_facts, order_row
from temu_assets.adoption.products import PRODUCT_COLUMNS, product_row
from temu_assets.adoption.reading import pages
from temu_assets.adoption.report import Kind, Report
from temu_assets.adoption.values import Theirs, id_of, text_of
from temu_assets.orders.parcel_store import TOLD_BEFORE
from temu_assets.toci import outbox, problems
from temu_assets.toci.fitting import misfit
from temu_assets.toci.kinds import ORDER_DATA
from temu_assets.toci.outbox import Effect, Entry, State
from temu_assets.toci.problems import Finding, ProblemState
from temu_assets.toci.tables import temu_order_items, temu_orders, temu_products
from temu_assets.toci.writing import Row, upsert

TAKEN_OVER = "taken over from the predecessor"

_TWICE = "there twice; the first one counts"
_ITS_ORDER = "its order was left out or is not there"
_TOO_OLD_TO_STOP = "cancelled more than 30 days ago: nothing of it leaves any more"


@dataclass(slots=True)
class Taking:
    """One take-over. ``tables`` are theirs: the name as they called it -> where it is now."""

    connection: Connection
    shop: str
    tables: Mapping[str, str]
    report: Report
    writes: bool
    _facts: dict[str, OrderFacts] = field(default_factory=dict)
    _order_by_row: dict[str, str] = field(default_factory=dict)
    _lines: set[str] = field(default_factory=set)
    _positions: Counter[str] = field(default_factory=Counter)
    _goods: dict[str, str] = field(default_factory=dict)
    _sku_ids: dict[str, str] = field(default_factory=dict)

    def run(self) -> None:
        """Products first, because a line of an order takes its goods number from them."""
        for name, columns, take in (
            ("temu_products", PRODUCT_COLUMNS, self._take_products),
            ("temu_orders", ORDER_COLUMNS, self._take_orders),
            ("temu_order_items", ITEM_COLUMNS, self._take_items),
        ):
            if name in self.tables:
                for page in pages(self.connection, self.tables[name], columns):
                    take(page)
        self._ask_temu_for_the_open_ones()

    @property
    def _now(self) -> datetime:
        return self.report.at

    def _take_products(self, page: Iterable[Theirs]) -> None:
        tally, rows = self.report.tallies[Kind.PRODUCTS], list[Row]()
        for theirs in page:
            row = self._fitting(temu_products, product_row(theirs, shop=self.shop, now=self._now), text_of(theirs, "sku"))
            if isinstance(row, LeftOut):
                tally.leave(row.name, row.reason)
            elif (sku_id := str(row["sku_id"])) in self._goods:
                tally.leave(sku_id, _TWICE)
            else:
                tally.take()
                self._goods[sku_id] = str(row["goods_id"])
                self._sku_ids[str(row["sku"]).casefold()] = sku_id
                rows.append(row)
        self._write(temu_products, rows)

    def _take_orders(self, page: Iterable[Theirs]) -> None:
        rows, taken = list[Row](), list[OrderFacts]()
        for theirs in page:
            found = order_facts(theirs, now=self._now)
            if isinstance(found, OrderFacts) and found.order_id in self._facts:
                # Their lines may hang on either of the two rows.
                self._note_row(theirs, found.order_id)
                found = LeftOut(found.order_id, _TWICE)
            if isinstance(found, OrderFacts):
                row = self._fitting(temu_orders, order_row(found, shop=self.shop, now=self._now), found.order_id)
                if isinstance(row, LeftOut):
                    found = row
                else:
                    rows.append(row)
                    taken.append(found)
                    self._facts[found.order_id] = found
                    self._note_row(theirs, found.order_id)
            self._count(theirs, found)
        self._write(temu_orders, rows)
        self._write_outbox(taken)

    def _note_row(self, theirs: Theirs, order_id: str) -> None:
        if row := id_of(theirs, "id"):
            self._order_by_row[row] = order_id

    def _count(self, theirs: Theirs, found: OrderFacts | LeftOut) -> None:
        claimed, tallies = claims(theirs), self.report.tallies
        kinds = [Kind.ORDERS]
        kinds += [Kind.EXPORTED] if claimed.exported else []
        kinds += [Kind.REPORTED] if claimed.reported else []
        kinds += [Kind.CANCELLED] if claimed.cancelled else []
        for kind in kinds:
            if isinstance(found, LeftOut):
                tallies[kind].leave(found.name, found.reason)
            elif kind is Kind.EXPORTED and found.exported_at is None:
                tallies[kind].leave(found.order_id, _TOO_OLD_TO_STOP)
            else:
                tallies[kind].take()
        if isinstance(found, OrderFacts):
            if found.unknown_word is not None:
                self.report.unknown_words[found.unknown_word] += 1
            if found.is_open:
                self.report.note_open(found.ordered_at)

    def _take_items(self, page: Iterable[Theirs]) -> None:
        tally, rows = self.report.tallies[Kind.ITEMS], list[Row]()
        for theirs in page:
            row = self._item(theirs)
            if isinstance(row, LeftOut):
                tally.leave(row.name, row.reason)
            else:
                tally.take()
                self._lines.add(str(row["line_id"]))
                rows.append(row)
        self._write(temu_order_items, rows)

    def _item(self, theirs: Theirs) -> Row | LeftOut:
        order_id = text_of(theirs, "bestell_id")
        if order_id not in self._facts:
            order_id = self._order_by_row.get(id_of(theirs, "order_id"), "")
        facts = self._facts.get(order_id)
        if facts is None:
            return LeftOut(f"row {id_of(theirs, 'id') or '?'}", _ITS_ORDER)
        sku_id = id_of(theirs, "sku_id") or self._sku_ids.get(text_of(theirs, "sku").casefold(), "")
        position = self._positions[order_id] + 1
        row = item_row(theirs, facts, position=position, goods_id=self._goods.get(sku_id, ""), sku_id=sku_id, shop=self.shop)
        fitting = self._fitting(temu_order_items, row, order_id)
        if isinstance(fitting, LeftOut):
            return fitting
        if fitting["line_id"] in self._lines:
            return LeftOut(order_id, "line number " + _TWICE)
        self._positions[order_id] = position
        return fitting

    @staticmethod
    def _fitting(table: Table, row: Row | LeftOut, name: str) -> Row | LeftOut:
        if isinstance(row, LeftOut):
            return row
        wrong = misfit(table, row)
        return row if wrong is None else LeftOut(name, wrong)

    def _write(self, table: Table, rows: Sequence[Row]) -> None:
        if self.writes:
            upsert(self.connection, table, rows)

    def _write_outbox(self, orders: Sequence[OrderFacts]) -> None:
        if not self.writes:
            return
        exported = [Entry(facts.order_id, State.DONE, evidence=TAKEN_OVER) for facts in orders if facts.exported_at is not None]
        told = [
            Entry(facts.order_id, State.DONE, evidence=TOLD_BEFORE + facts.tracking) for facts in orders if facts.reported_at is not None
        ]
        outbox.record(self.connection, self.shop, Effect.JTL_ORDER, exported, now=self._now)
        outbox.record(self.connection, self.shop, Effect.SHIPMENT, told, now=self._now)

    def _ask_temu_for_the_open_ones(self) -> None:
        """The next run asks TEMU for them by number; until it has answered nothing of them leaves the house."""
        findings = {
            order_id: Finding(
                f"Order {order_id} was taken over from the predecessor, and TEMU has not listed it since.",
                "Nothing for now: every run asks TEMU for it by number, and nothing of it is sent before TEMU has answered. If that lasts, "
                "look for it in the Seller Center, settle it there, and mark the problem as handled.",
            )
            for order_id, facts in self._facts.items()
            if facts.is_open
        }
        if self.writes:
            problems.report(self.connection, self.shop, ORDER_DATA, findings, now=self._now, complete=False, state=ProblemState.RETRY)
