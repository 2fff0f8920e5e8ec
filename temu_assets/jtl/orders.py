"""Orders on JTL's side: which it has, which wait to be imported, handing new ones over, and what an order must refer to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from temu_assets.errors import InternalError
from temu_assets.jtl import statements
from temu_assets.jtl.database import Jtl
from temu_assets.jtl.tables import ORDER_TABLES
from temu_assets.jtl.values import to_int, to_text
from temu_assets.sql.chunks import in_chunks

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
    found: dict[str, list[KnownOrder]] = {}
    spelled = {order_id.casefold(): order_id for order_id in order_ids}
    for chunk in in_chunks(list(spelled.values())):
        for row in jtl.rows(statements.orders(chunk)):
            number, key, jtl_number, cancelled, finished = row
            order_id = spelled.get(to_text(number).casefold())
            if order_id is not None:
                order = KnownOrder(order_id, to_int(key), to_text(jtl_number), bool(to_int(cancelled)), to_int(finished) > 0)
                found.setdefault(order_id, []).append(order)
    return found


def waiting_orders(jtl: Jtl) -> dict[str, int]:
    """Orders handed over and not yet taken, with the key of the row that waits."""
    jtl.require(ORDER_TABLES)
    waiting: dict[str, int] = {}
    for key, text in jtl.rows(statements.waiting_order_xml()):
        waiting |= dict.fromkeys(_EXTERNAL_NUMBER.findall(text or ""), key)
    return waiting


def hand_over(jtl: Jtl, xml_by_order: Mapping[str, str], *, platform: int) -> dict[str, int]:
    """Insert orders into JTL's import table, one row each, in one transaction. Returns the row key by order id."""
    if not xml_by_order:
        return {}
    rows = [{"cText": xml, "nPlattform": platform, "nRechnung": 0} for xml in xml_by_order.values()]
    insert = statements.insert_order_xml()
    key_column = insert.table.c.kXMLBestellImport
    with jtl.hand_over() as connection:
        keys = connection.execute(insert.returning(key_column, sort_by_parameter_order=True), rows).scalars().all()
    if len(keys) != len(rows):
        raise InternalError(
            f"JTL's import table took {len(keys)} of {len(rows)} rows.",
            remedy="report this; the next run asks JTL for each of them first.",
        )
    return dict(zip(xml_by_order, keys, strict=True))


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
