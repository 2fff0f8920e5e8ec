"""Pieces sold on TEMU that JTL does not know of yet (fault 16)."""

from __future__ import annotations

import pytest

from temu_assets.inventory.in_flight import NewOrderLine, PromisedPieces, pieces_in_flight, promised, promised_by_new
from temu_assets.toci.database import Toci
from temu_assets_tests.inventory.samples import add_order, list_skus, listed


def promises(toci: Toci) -> list[PromisedPieces]:
    with toci.engine.begin() as connection:
        return promised(connection, toci.shop)


@pytest.mark.parametrize("status", [1, 2, 41])
def test_open_orders_promise_their_pieces(toci: Toci, status: int) -> None:
    add_order(toci, "PO-1", [("FLASCHE", 3), ("DECKEL", 1)], quantity=2, status=status)
    assert promises(toci) == [PromisedPieces("PO-1", "FLASCHE", 6), PromisedPieces("PO-1", "DECKEL", 2)]


@pytest.mark.parametrize(
    "changed",
    [
        {"status": 3},
        {"status": 4},
        {"status": 5},
        {"line_status": 3},
        {"quantity": 0},
        {"by_seller": False},
        {"is_confirmed": True},
    ],
    ids=str,
)
def test_what_is_cancelled_shipped_or_in_jtl_promises_nothing(toci: Toci, changed: dict[str, int]) -> None:
    add_order(toci, "PO-1", [("FLASCHE", 1)], **changed)  # type: ignore[arg-type]  # the table above names its parameters
    assert promises(toci) == []


@pytest.mark.parametrize("articles", [[], [("", 1)], [(" ", 1)]])
def test_a_line_without_an_article_number_counts_for_the_code_of_its_sku(toci: Toci, articles: list[tuple[str, int]]) -> None:
    with toci.engine.begin() as connection:
        list_skus(connection, toci.shop, [listed(1001, "FLASCHE")])
    add_order(toci, "PO-1", articles, quantity=2, sku_id="1001")
    assert promises(toci) == [PromisedPieces("PO-1", "FLASCHE", 2)]


def test_of_listed_orders_those_count_that_our_tables_do_not_hold(toci: Toci) -> None:
    with toci.engine.begin() as connection:
        list_skus(connection, toci.shop, [listed(1001, "FLASCHE")])
    add_order(toci, "PO-1", [("FLASCHE", 1)])
    lines = [
        NewOrderLine("PO-1", "1001", "FLASCHE", 1),
        NewOrderLine("PO-2", "1001", "DECKEL", 3),
        NewOrderLine("PO-2", "1001", "", 2),
        NewOrderLine("", "1001", "", 1),
        NewOrderLine("PO-3", "9999", "", 4),
    ]
    with toci.engine.begin() as connection:
        assert promised_by_new(connection, toci.shop, lines) == [
            PromisedPieces("PO-2", "DECKEL", 3),
            PromisedPieces("PO-2", "FLASCHE", 2),
            PromisedPieces("", "FLASCHE", 1),
            PromisedPieces("PO-3", "", 4),
        ]


def test_another_shops_orders_do_not_count(toci: Toci) -> None:
    add_order(toci, "PO-1", [("FLASCHE", 1)])
    assert promises(Toci(toci.engine, "other")) == []


def test_pieces_add_up_over_orders_without_regard_to_case_and_without_what_jtl_has() -> None:
    promise = [
        PromisedPieces("PO-1", "Flasche", 2),
        PromisedPieces("PO-2", "FLASCHE", 1),
        PromisedPieces("PO-3", "flasche", 9),
        PromisedPieces("PO-4", "", 1),
    ]
    assert pieces_in_flight(promise, known_to_jtl={"PO-3"}) == {"flasche": 3}
