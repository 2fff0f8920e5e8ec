"""The sensor that looks for new orders: one call a look, a run only for news, and an outage is not "nothing new"."""

from __future__ import annotations

from datetime import timedelta

import dagster as dg
import pytest

from temu_assets.automation.sensors import build_orders_sensor
from temu_assets.automation.triggers import ALL_ON
from temu_assets_tests.automation.outcomes import nothing_new, starts_a_run
from temu_assets_tests.seller import LIST, Seller

SENSOR = build_orders_sensor(ALL_ON)


def look(seller: Seller, cursor: str | None = None) -> dg.SensorResult | dg.SkipReason:
    found = SENSOR(dg.build_sensor_context(instance=seller.instance, cursor=cursor))
    assert isinstance(found, dg.SensorResult | dg.SkipReason)
    return found


def test_the_first_look_starts_a_run_without_a_call(new_seller: Seller) -> None:
    assert starts_a_run(look(new_seller))
    assert new_seller.calls() == {}


def test_with_nothing_new_a_look_costs_one_call_and_starts_nothing(new_seller: Seller) -> None:
    new_seller.place()
    new_seller.run_through()
    new_seller.calls()
    assert "nothing we do not know" in nothing_new(look(new_seller))
    assert new_seller.calls() == {LIST: 1}


def test_a_new_order_and_a_changed_one_start_a_run(new_seller: Seller) -> None:
    assert new_seller.run().success
    order = new_seller.place()
    assert starts_a_run(look(new_seller))
    assert new_seller.run().success
    assert not starts_a_run(look(new_seller))
    new_seller.at_temu(order).updated_at += 1
    new_seller.later += timedelta(seconds=3)
    assert starts_a_run(look(new_seller))


def test_an_order_jtl_was_not_given_while_it_was_away_is_news(new_seller: Seller) -> None:
    """The runs that try again are over, and TEMU has nothing new to tell: it must not lie until the next morning."""
    assert new_seller.run().success
    order = new_seller.place()
    new_seller.sandbox.jtl.go_away()
    assert not new_seller.run().success
    new_seller.sandbox.jtl.come_back()
    found = look(new_seller)
    assert starts_a_run(found)
    assert isinstance(found, dg.SensorResult)
    assert not starts_a_run(look(new_seller, found.cursor))
    assert new_seller.run().success
    assert new_seller.waiting_rows() == 1
    assert new_seller.row(order).exported_at is not None
    done = look(new_seller, found.cursor)
    assert nothing_new(done)


def test_an_order_that_is_held_is_no_news(new_seller: Seller) -> None:
    assert new_seller.run().success
    order = new_seller.place()
    with new_seller.sandbox.jtl.transaction() as jtl:
        jtl.execute("UPDATE tArtikel SET nDelete = 1")
    assert new_seller.run().success
    assert new_seller.holds() == {order: "unknown_article"}
    assert not starts_a_run(look(new_seller))


def test_the_same_news_start_no_second_run_at_once_but_a_few_minutes_later(new_seller: Seller) -> None:
    """A run that failed on it is repeated, not every 30 seconds."""
    assert new_seller.run().success
    new_seller.place()
    first = look(new_seller)
    assert isinstance(first, dg.SensorResult)
    assert isinstance(look(new_seller, first.cursor), dg.SkipReason)
    new_seller.later += timedelta(seconds=301)
    assert starts_a_run(look(new_seller, first.cursor))


@pytest.mark.parametrize("status", [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED])
def test_while_a_run_is_under_way_nobody_asks_temu(new_seller: Seller, status: dg.DagsterRunStatus) -> None:
    """Fault 20."""
    new_seller.place()
    new_seller.instance.add_run(dg.DagsterRun(job_name="temu_orders_sync", status=status))
    found = look(new_seller)
    assert isinstance(found, dg.SkipReason)
    assert "under way" in (found.skip_message or "")
    assert new_seller.calls() == {}


def test_an_outage_is_a_failed_look_and_not_nothing_new(new_seller: Seller) -> None:
    """Faults 9 and 10."""
    assert new_seller.run().success
    new_seller.fault("http_status", LIST, status=503, times=5)
    with pytest.raises(dg.Failure, match="503"):
        look(new_seller)


def test_an_order_that_cannot_be_read_starts_one_run_and_no_more(new_seller: Seller) -> None:
    assert new_seller.run().success
    new_seller.place()
    bad = {"kind": "remove_field", "endpoint": LIST, "path": "pageItems.0.orderList"}
    new_seller.fault(**bad)
    assert starts_a_run(look(new_seller))
    new_seller.fault(**bad)
    assert new_seller.run().success
    new_seller.fault(**bad)
    assert nothing_new(look(new_seller))


@pytest.mark.parametrize(
    ("path", "value"),
    [("pageItems.0.parentOrderMap.parentOrderStatus", 2**40), ("pageItems.0.parentOrderMap.updateTime", 4_000_000_000)],
    ids=["a status that fits no column", "a time that lies in the future"],
)
def test_an_order_that_is_set_aside_starts_one_run_and_no_more(new_seller: Seller, path: str, value: int) -> None:
    assert new_seller.run().success
    new_seller.place()
    new_seller.fault("set_field", LIST, path=path, value=value, times=3)
    assert starts_a_run(look(new_seller))
    assert new_seller.run().success
    assert {kind for kind, _ in new_seller.problems()} == {"order_data"}
    assert nothing_new(look(new_seller))
