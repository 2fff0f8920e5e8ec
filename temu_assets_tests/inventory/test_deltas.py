"""Which targets are sent, and in which order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from temu_assets.inventory.deltas import GoodsChange, SkuStock, Urgency, to_send
from temu_assets_tests.inventory.samples import sku_stock


@st.composite
def listings(draw: st.DrawFn) -> list[SkuStock]:
    figures = st.integers(0, 4)
    drawn = draw(st.lists(st.tuples(st.integers(1, 4), figures, st.none() | figures, st.none() | figures), max_size=12))
    return [
        sku_stock(str(number), target, shown, goods_id=str(600 + goods), confirmed=confirmed)
        for number, (goods, target, shown, confirmed) in enumerate(drawn)
    ]


def test_only_what_differs_or_is_unknown_is_sent() -> None:
    """Fault 8."""
    rows = [sku_stock("1", 5, 5), sku_stock("2", 5, 4), sku_stock("3", 0, 0), sku_stock("4", 7, None)]
    assert to_send(rows) == (GoodsChange("601", {"2": 5, "4": 7}, Urgency.DECREASE),)


def test_a_sold_out_sku_is_sent() -> None:
    """Fault 7."""
    assert to_send([sku_stock("1", 0, 3)]) == (GoodsChange("601", {"1": 0}, Urgency.ZERO),)


def test_nothing_known_sends_nothing() -> None:
    assert to_send([]) == ()


def test_zeros_go_before_decreases_and_decreases_before_increases() -> None:
    rows = [
        sku_stock("1", 9, 5, goods_id="601"),
        sku_stock("2", 4, 5, goods_id="602"),
        sku_stock("3", 9, None, goods_id="603"),
        sku_stock("4", 0, 5, goods_id="604"),
        sku_stock("5", 9, 5, goods_id="604"),
        sku_stock("6", 0, None, goods_id="605"),
    ]
    changes = to_send(rows)
    assert [(change.goods_id, change.urgency) for change in changes] == [
        ("604", Urgency.ZERO),
        ("605", Urgency.ZERO),
        ("602", Urgency.DECREASE),
        ("603", Urgency.DECREASE),
        ("601", Urgency.INCREASE),
    ]
    assert changes[0].targets == {"4": 0, "5": 9}


@given(listings())
def test_after_sending_everything_shows_its_target_and_nothing_is_left(rows: list[SkuStock]) -> None:
    sent = {sku_id: pieces for change in to_send(rows) for sku_id, pieces in change.targets.items()}
    after = [sku_stock(row.sku_id, row.target, sent.get(row.sku_id, row.temu_stock), goods_id=row.goods_id) for row in rows]
    assert all(row.temu_stock == row.target for row in after)
    assert to_send(after) == ()


@given(listings())
def test_each_goods_is_one_call_and_each_sku_is_sent_at_most_once(rows: list[SkuStock]) -> None:
    changes = to_send(rows)
    goods = [change.goods_id for change in changes]
    skus = [sku_id for change in changes for sku_id in change.targets]
    assert len(goods) == len(set(goods))
    assert len(skus) == len(set(skus))
    assert [change.urgency for change in changes] == sorted(change.urgency for change in changes)
    belongs_to = {row.sku_id: row.goods_id for row in rows}
    assert all(belongs_to[sku_id] == change.goods_id for change in changes for sku_id in change.targets)
