"""A comparison of the whole seller, and what people and accidents do to the three sides behind the program's back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Table, delete, update

from temu_assets.reconciliation.kinds import Kind
from temu_assets.toci.kinds import DOUBLE
from temu_assets_tests.seller import Seller

OURS = {*(kind.value for kind in Kind), DOUBLE}


def differences(seller: Seller) -> dict[tuple[str, str], str]:
    """The differences that are open, by kind and key."""
    return {key: reason for key, reason in seller.problems().items() if key[0] in OURS}


def compare(seller: Seller) -> dict[tuple[str, str], str]:
    """Run the comparison; what it has found, by kind and key."""
    assert seller.run("reconcile").success
    return differences(seller)


def the_difference(seller: Seller, kind: str, key: str) -> str:
    """Run the comparison; the reason of the one difference it has found, of this kind and key."""
    found = compare(seller)
    assert found.keys() == {(kind, key)}, found
    return found[kind, key]


def in_jtl_for_days(seller: Seller, *items: tuple[str, int], **details: Any) -> str:
    """An order JTL took long ago, as our tables know."""
    order = seller.place(*items, **details)
    seller.run_through()
    seller.later += timedelta(days=1)
    assert seller.run().success
    return order


def sent_for_days(seller: Seller, *items: tuple[str, int]) -> str:
    """An order JTL shipped long ago, and TEMU was told."""
    order = in_jtl_for_days(seller, *items)
    seller.sandbox.jtl.ship(order)
    assert seller.run().success
    assert seller.run().success
    assert seller.sandbox.shop.packages_of(order)
    seller.later += timedelta(days=2)
    return order


def many_sent_for_days(seller: Seller, number: int) -> list[str]:
    """So many orders JTL shipped long ago, and TEMU was told."""
    orders = [seller.place() for _ in range(number)]
    seller.run_through()
    for order in orders:
        seller.sandbox.jtl.ship(order)
    assert seller.run().success
    seller.later += timedelta(days=2)
    assert seller.run().success
    return orders


def change_ours(seller: Seller, table: Table, order: str, **values: object) -> None:
    """Our own row is not what it should be."""
    with seller.toci.engine.begin() as connection:
        connection.execute(update(table).where(table.c.order_id == order).values(**values))


def lose_ours(seller: Seller, table: Table, order: str) -> None:
    """Our own row is gone."""
    with seller.toci.engine.begin() as connection:
        connection.execute(delete(table).where(table.c.order_id == order))


def change_jtl(seller: Seller, sql: str, *parameters: object) -> None:
    """Somebody works in JTL."""
    with seller.sandbox.jtl.transaction() as jtl:
        jtl.execute(sql, parameters)


def xml_of(seller: Seller, order: str) -> str:
    """What JTL was given."""
    (file,) = (seller.data / "temu" / "export").rglob(f"{order}.xml")
    return file.read_text(encoding="ascii")
