"""Orders on JTL's side: which it has, which wait to be imported, handing new ones over, and what an order must refer to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection

from temu_assets.errors import ConfigurationError, InternalError, RecordError
from temu_assets.jtl import statements
from temu_assets.jtl.database import Jtl
from temu_assets.jtl.tables import ORDER_TABLES, RECONCILED_TABLES, xml_bestell_import
from temu_assets.jtl.values import to_int, to_local, to_text
from temu_assets.sql.attempts import DATABASE_ERRORS
from temu_assets.sql.chunks import in_chunks
from temu_assets.sql.failures import Failure, Kind
from temu_assets.sql.repeated import Repeated

_ORDERS = statements.orders(statements.NUMBERS)
_TEXTS_AT_ONCE = 200
_EXTERNAL_NUMBER = re.compile(r"<cExterneBestellNr>\s*([^<]*?)\s*</cExterneBestellNr>")


@dataclass(frozen=True, slots=True)
class KnownOrder:
    """An order JTL has: its key, its number, and whether JTL cancelled or completed it."""

    order_id: str
    key: int
    number: str
    is_cancelled: bool
    is_finished: bool


def known_orders(jtl: Jtl, order_ids: Sequence[str]) -> dict[str, list[KnownOrder]]:
    """The orders JTL has, by TEMU order id. More than one for an id is a double; an id JTL does not have is absent."""
    jtl.require(ORDER_TABLES)
    asked = list({order_id.casefold(): order_id for order_id in order_ids}.values())
    return _sorted_by_order(jtl.rows_of_chunks(Repeated(_ORDERS, statements.NUMBERS.key), in_chunks(asked)), asked)


def _sorted_by_order(rows: Iterable[Sequence[Any]], order_ids: Sequence[str]) -> dict[str, list[KnownOrder]]:
    """JTL's orders by TEMU order id. JTL does not mind the case of its numbers, TEMU's have one spelling."""
    spelled = {order_id.casefold(): order_id for order_id in order_ids}
    found: dict[str, list[KnownOrder]] = {}
    for number, key, jtl_number, cancelled, finished in rows:
        order_id = spelled.get(to_text(number).casefold())
        if order_id is not None:
            order = KnownOrder(order_id, to_int(key), to_text(jtl_number), bool(to_int(cancelled)), to_int(finished) > 0)
            found.setdefault(order_id, []).append(order)
    return found


def orders_since(jtl: Jtl, prefix: str, since: datetime) -> dict[str, list[KnownOrder]]:
    """The orders JTL made since then (aware) under external numbers that begin like this, by number in capital letters."""
    jtl.require(RECONCILED_TABLES)
    rows = jtl.rows(statements.recent_orders(prefix, to_local(since)))
    return _sorted_by_order(rows, [to_text(number).upper() for number, *_ in rows])


def live_doubles(known: Mapping[str, Sequence[KnownOrder]]) -> dict[str, str]:
    """Of which orders JTL has more than one that is not cancelled: in words, by order id."""
    live = {key: [order for order in orders if not order.is_cancelled] for key, orders in known.items()}
    return {
        key: f"JTL has order {key} more than once: {', '.join(order.number for order in orders)}."
        for key, orders in live.items()
        if len(orders) > 1
    }


@dataclass(slots=True)
class ImportRows:
    """What JTL's import table was last seen to hold: the key of the waiting row by order id, all of them up to the key ``up_to``."""

    waiting: dict[str, int] = field(default_factory=dict)
    up_to: int = 0

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        """Note rows of key and text."""
        for key, text in rows:
            self.waiting |= dict.fromkeys(_EXTERNAL_NUMBER.findall(text or ""), key)
            self.up_to = max(self.up_to, key)


def waiting_orders(jtl: Jtl, *, is_unclear: bool = False) -> ImportRows:
    """Orders handed over and not yet taken.

    ``is_unclear``: a transaction of ours may still be about to commit, so what is being written is waited for.
    """
    jtl.require(ORDER_TABLES)
    # A JTL that has taken nothing for days holds more text than belongs into memory at once.
    statement = statements.waiting_order_xml(is_unclear=is_unclear)

    def look(connection: Connection) -> ImportRows:
        seen = ImportRows()
        # Not a cursor of the server's own (yield_per), which some open in a transaction only.
        for rows in connection.execute(statement).partitions(_TEXTS_AT_ONCE):
            seen.add(rows)
        return seen

    return jtl.read(look)


def import_rows(jtl: Jtl) -> dict[str, list[int]]:
    """The keys of the rows that wait in JTL's import table, by order id. Several rows of one order are several orders to come."""
    jtl.require(ORDER_TABLES)
    found: dict[str, list[int]] = {}
    for key, text in jtl.rows(statements.waiting_order_xml()):
        for order_id in set(_EXTERNAL_NUMBER.findall(text or "")):
            found.setdefault(order_id, []).append(to_int(key))
    return {order_id: sorted(keys) for order_id, keys in found.items()}


class _HandedOverBeforeError(Exception):
    """Somebody else has handed some of the orders over since JTL was asked; with what proves it, by order id."""

    def __init__(self, proofs: dict[str, str]) -> None:
        super().__init__()
        self.proofs = proofs


def hand_over(
    jtl: Jtl, xml_by_order: Mapping[str, str], *, platform: int, may_go_on: Callable[[], None], seen: ImportRows
) -> dict[str, str]:
    """Give orders to JTL's import table, one row each, in one transaction. Returns by order id what proves it.

    ``may_go_on`` raises when this run must not write any more; it is asked before every try. ``seen`` is what the import table held when
    JTL was asked for these orders; what has come since is looked through in the transaction itself, so that not even a run that was
    paused for hours right before it hands an order over twice. When the connection breaks, nobody knows whether the rows are there: JTL
    is asked before anything is sent again. Raises TransientError when JTL stays away; then the orders are unclear, and the next run asks.
    Raises RecordError when JTL refuses what one of them holds; then it has none of them.
    """
    proofs: dict[str, str] = {}
    number = 0
    while missing := {order_id: xml for order_id, xml in xml_by_order.items() if order_id not in proofs}:
        may_go_on()
        try:
            return proofs | jtl.write_once(partial(_insert, xml_by_order=missing, platform=platform, seen=seen))
        except _HandedOverBeforeError as before:
            proofs |= before.proofs
            continue
        except DATABASE_ERRORS as error:
            failed = error
        failure = jtl.attempts.failure(failed)
        if failure.kind is Kind.VALUE:
            if proofs:
                # What was found is there; the next run goes on with the rest.
                return proofs
            raise _refused(missing, failure)
        pause = jtl.attempts.pause_after(failed, number)
        if pause is None:
            raise jtl.attempts.in_our_words(failed)
        jtl.attempts.wait(pause)
        number += 1
        if failure.kind is not Kind.CONFLICT:
            proofs |= found_in_jtl(jtl, list(missing))
    return proofs


def found_in_jtl(jtl: Jtl, order_ids: Sequence[str]) -> dict[str, str]:
    """Which of these orders JTL's import table or JTL itself has, though nobody can say whether they were handed over; with the proof.

    The import table first: an order moves from there to JTL's orders, never back.
    """
    waiting = waiting_proofs(waiting_orders(jtl, is_unclear=True))
    return proofs_of(order_ids, waiting, known_orders(jtl, order_ids))


def proofs_of(order_ids: Sequence[str], waiting: Mapping[str, str], known: Mapping[str, Sequence[KnownOrder]]) -> dict[str, str]:
    """What proves, by order id, that JTL has an order: the order itself, or how it waits to become one."""
    return {key: waiting[key] for key in order_ids if key in waiting} | {key: order_proof(orders) for key, orders in known.items()}


def _insert(connection: Connection, xml_by_order: Mapping[str, str], platform: int, seen: ImportRows) -> dict[str, str]:
    rows = [{"cText": xml, "nPlattform": platform, "nRechnung": 0} for xml in xml_by_order.values()]
    insert = statements.insert_order_xml()
    key_column = insert.table.c.kXMLBestellImport
    keys = connection.execute(insert.returning(key_column, sort_by_parameter_order=True), rows).scalars().all()
    if len(keys) != len(rows):
        raise InternalError(
            f"JTL's import table took {len(keys)} of {len(rows)} rows.",
            remedy="report this; nothing was kept, and the next run asks JTL for each of them first.",
        )
    # After the insert: two transactions at once each see the other's rows, or wait for each other until the server ends one of them.
    before = _handed_over_before(connection, list(xml_by_order), keys, seen)
    if before:
        raise _HandedOverBeforeError(before)
    return {order_id: waiting_proof(key) for order_id, key in zip(xml_by_order, keys, strict=True)}


def _handed_over_before(connection: Connection, order_ids: Sequence[str], keys: Sequence[int], seen: ImportRows) -> dict[str, str]:
    """Which of the orders somebody else has given to JTL since ``seen``, which goes on to the newest row."""
    # SQLite gives keys of removed rows out again, so a row above may be an older one there.
    above = seen.up_to if min(keys) > seen.up_to else 0
    seen.add(connection.execute(statements.waiting_order_xml(is_unclear=True, above=above, but=keys)).all())
    seen.up_to = max(seen.up_to, *keys)
    return proofs_of(order_ids, waiting_proofs(seen), _sorted_by_order(connection.execute(statements.orders(order_ids)).all(), order_ids))


def _refused(xml_by_order: Mapping[str, str], failure: Failure) -> RecordError | ConfigurationError:
    if failure.column is not None and failure.column not in xml_bestell_import.c:
        return ConfigurationError(
            f"JTL's import table wants something in its column {failure.column} ({failure.code}), which this program does not know.",
            remedy="a JTL update has changed dbo.tXMLBestellImport: report it. Meanwhile orders can go by file (JTL_ORDER_DELIVERY=file).",
        )
    where = f"column {failure.column}" if failure.column else "it does not say which column"
    return RecordError(
        f"JTL's import table refused {', '.join(xml_by_order)} ({failure.code}, {where}).",
        remedy="look at dbo.tXMLBestellImport in JTL: has an update changed it, or does a trigger refuse rows?",
    )


def waiting_proofs(rows: ImportRows) -> dict[str, str]:
    """What proves, by order id, that orders wait in the import table."""
    return {order_id: waiting_proof(key) for order_id, key in rows.waiting.items()}


def waiting_proof(key: int) -> str:
    """What proves that an order waits in the import table."""
    return f"row {key} of tXMLBestellImport"


def order_proof(orders: Sequence[KnownOrder]) -> str:
    """What proves that JTL has an order."""
    return f"order {orders[0].number}"


def known_articles(jtl: Jtl, skus: Iterable[str]) -> frozenset[str]:
    """Which article numbers JTL has, casefolded (JTL compares them without regard to case)."""
    jtl.require(ORDER_TABLES)
    return frozenset(
        to_text(number).casefold() for chunk in in_chunks(sorted(set(skus))) for (number,) in jtl.rows(statements.article_numbers(chunk))
    )


def missing_names(jtl: Jtl, *, shipping_method: str, payment_method: str) -> list[str]:
    """Settings whose name JTL does not have, in words; empty when all is well."""
    jtl.require(ORDER_TABLES)
    missing = []
    if not jtl.rows(statements.shipping_methods(shipping_method)):
        missing.append(f"shipping method '{shipping_method}' (JTL_VERSANDART)")
    if not jtl.rows(statements.payment_methods(payment_method)):
        missing.append(f"payment method '{payment_method}' (JTL_ZAHLUNGSART)")
    return missing
