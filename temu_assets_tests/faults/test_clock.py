"""Clocks that jump, and the two nights on which Germany's do: nothing is missed, nothing is done twice, no window is negative."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._utils.schedules import schedule_execution_time_iterator
from hypothesis import given
from hypothesis import strategies as st

from temu_assets import connections
from temu_assets.definitions import defs
from temu_assets.errors import TransientError
from temu_assets.jtl.values import to_instant
from temu_assets.sandbox.jtl_shipping import ParcelToShip
from temu_assets.temu.client import TemuClient
from temu_assets.temu.listing import Item, Reading
from temu_assets.toci import leases, sync_state
from temu_assets.toci.leases import hold
from temu_assets.toci.sync_state import Mark
from temu_assets.toci.tables import temu_parcels
from temu_assets_tests.automation.outcomes import starts_a_run
from temu_assets_tests.automation.test_orders_sensor import look
from temu_assets_tests.faults.invariants import recover, require_agreement
from temu_assets_tests.seller import CONFIRM, LIST, Seller

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)
AUTUMN, SPRING = "2026-10-25", "2026-03-29"
BEFORE_THE_CHANGE = {AUTUMN: datetime(2026, 10, 24, 22, 30, tzinfo=UTC), SPRING: datetime(2026, 3, 28, 23, 30, tzinfo=UTC)}


class Time:
    """The time of TEMU, of JTL and of this machine, which is ``wrong`` by so much."""

    def __init__(self, seller: Seller, monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
        self.moment = moment
        self.wrong = timedelta()
        self._reads = count()
        monkeypatch.setattr(seller.sandbox.shop, "clock", lambda: self.moment.timestamp())
        monkeypatch.setattr(seller.sandbox.jtl, "_clock", lambda: self.moment.timestamp())
        monkeypatch.setattr(Seller, "now", lambda _: self.ours)
        monkeypatch.setattr(connections, "TemuClient", partial(TemuClient, clock=lambda: self.ours.timestamp()))

    @property
    def ours(self) -> datetime:
        """What this machine takes for the time; no two moments of it are the same."""
        return self.moment + self.wrong + timedelta(microseconds=next(self._reads))


@pytest.fixture
def clock(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> Time:
    """A summer's noon on which orders were listed once."""
    clock = Time(new_seller, monkeypatch, datetime(2026, 7, 1, 10, tzinfo=UTC))
    assert new_seller.run().success
    clock.moment += HOUR
    return clock


def complete_until(seller: Seller) -> datetime:
    """To the second, as TEMU counts."""
    until = seller.complete_until()
    assert until is not None
    return until.replace(microsecond=0)


@pytest.mark.parametrize("night", [AUTUMN, SPRING])
def test_a_night_on_which_the_clocks_change_misses_and_doubles_nothing(
    new_seller: Seller, monkeypatch: pytest.MonkeyPatch, night: str
) -> None:
    """Half past two comes twice in October and never in March; JTL writes local time without saying which."""
    clock = Time(new_seller, monkeypatch, BEFORE_THE_CHANGE[night])
    orders: list[str] = []
    marks: list[datetime] = []
    for _ in range(5):
        orders.append(new_seller.place())
        assert new_seller.run().success
        new_seller.sandbox.jtl.run_worker()
        new_seller.sandbox.jtl.ship(orders[-1], [ParcelToShip(tracking=f"0034043417700000000{len(orders)}")])
        marks.append(complete_until(new_seller))
        assert marks[-1] == clock.moment
        clock.moment += HOUR
    recover(new_seller)

    local = [str(row["dVersendet"])[:16] for row in new_seller.sandbox.jtl.rows("SELECT dVersendet FROM tVersand ORDER BY kVersand")]
    assert local.count(f"{night} 02:30") == (2 if night == AUTUMN else 0)
    assert marks == sorted(marks)
    shipped = [row.shipped_at for row in new_seller.rows(temu_parcels)]
    assert all(timedelta() <= real - read <= HOUR for real, read in zip(marks, shipped, strict=True))
    assert [new_seller.in_jtl(order) for order in orders] == [1] * 5
    assert new_seller.calls()[CONFIRM] == 5


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)))
def test_a_local_time_of_jtl_is_never_read_as_later_than_it_was(moment: datetime) -> None:
    """Fault 17: in the doubled hour it may be an hour early, at no other time anything at all."""
    moment = moment.replace(microsecond=0)
    local = moment.astimezone(BERLIN)
    told = to_instant(local.strftime("%Y-%m-%d %H:%M:%S"))
    assert moment - told == (HOUR if local.fold else timedelta())


def test_a_local_time_that_does_not_exist_is_read_all_the_same() -> None:
    assert to_instant("2026-03-29 02:30:00") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def ticks(cron: str, day: str) -> list[datetime]:
    """When a schedule ticks on a German day, as the daemon reckons."""
    start = datetime.fromisoformat(day).replace(tzinfo=BERLIN)
    end = (start + timedelta(days=1)).replace(tzinfo=BERLIN)
    found: list[datetime] = []
    for tick in schedule_execution_time_iterator(start.timestamp(), cron, "Europe/Berlin", ascending=True):
        if tick.timestamp() >= end.timestamp():
            return found
        found.append(tick.astimezone(UTC))
    raise AssertionError


@pytest.mark.parametrize(("day", "nine", "hours"), [(AUTUMN, 8, 25), (SPRING, 7, 23), ("2026-06-01", 7, 24)])
def test_schedules_tick_as_often_as_they_should_on_a_long_and_on_a_short_day(day: str, nine: int, hours: int) -> None:
    crons = {schedule.name: str(schedule.cron_schedule) for schedule in defs.schedules or () if isinstance(schedule, dg.ScheduleDefinition)}
    assert ticks(crons["temu_orders_sync_schedule"], day) == [datetime.fromisoformat(day).replace(hour=nine, tzinfo=UTC)]
    assert len(ticks(crons["temu_inventory_full_sync_schedule"], day)) == 1
    assert len(ticks(crons["temu_inventory_sync_schedule"], day)) == 2 * hours


@pytest.mark.parametrize("wrong", [timedelta(days=1), timedelta(minutes=-50), timedelta(days=-1), timedelta(seconds=-1)], ids=str)
@pytest.mark.parametrize("seen", ["at once", "much later"])
def test_an_order_is_found_although_the_clock_was_wrong_for_one_run(new_seller: Seller, clock: Time, wrong: timedelta, seen: str) -> None:
    """Fault 1: "complete until" never lies beyond what TEMU had when it was asked, however far our clock was ahead."""
    clock.wrong = wrong
    during = new_seller.place()
    assert new_seller.run().success
    assert complete_until(new_seller) <= clock.moment

    clock.wrong = timedelta()
    clock.moment += 2 * HOUR
    after = new_seller.place()
    clock.moment += 2 * HOUR if seen == "at once" else timedelta(days=2)
    recover(new_seller)

    assert [new_seller.in_jtl(order) for order in (during, after)] == [1, 1]
    assert complete_until(new_seller) == clock.moment


@pytest.mark.parametrize("jump", [timedelta(hours=3), timedelta(hours=-3)], ids=str)
def test_a_clock_that_jumps_in_the_middle_of_a_run_hides_no_order(
    new_seller: Seller, clock: Time, monkeypatch: pytest.MonkeyPatch, jump: timedelta
) -> None:
    first = new_seller.place()

    def and_jumps(self: Reading) -> Iterator[list[Item]]:
        yield from read_pages(self)
        clock.wrong = jump

    read_pages = Reading.pages
    with monkeypatch.context() as patched:
        patched.setattr(Reading, "pages", and_jumps)
        assert new_seller.run().success
    clock.wrong = timedelta()
    clock.moment += HOUR
    second = new_seller.place()
    clock.moment += 4 * HOUR
    recover(new_seller)
    assert [new_seller.in_jtl(order) for order in (first, second)] == [1, 1]


def test_a_mark_in_the_future_starts_a_run_that_lists_again_what_it_may_hide(new_seller: Seller, clock: Time) -> None:
    """However it got there: of the time before it nobody knows whether it was listed."""
    order = new_seller.place()
    clock.moment += 6 * HOUR
    with new_seller.toci.engine.begin() as connection:
        future = clock.moment + timedelta(days=10)
        sync_state.remember_instant(connection, "temu", Mark.ORDERS_COMPLETE_UNTIL, future, now=clock.moment)
    assert starts_a_run(look(new_seller))
    recover(new_seller)
    assert new_seller.in_jtl(order) == 1
    assert complete_until(new_seller) == clock.moment
    assert not starts_a_run(look(new_seller))


def test_a_clock_wrong_by_more_than_temu_allows_costs_one_call_and_is_corrected(new_seller: Seller, clock: Time) -> None:
    """3000011 and 3000012: no storm of calls, and no person needed."""
    new_seller.calls()
    for wrong in (301, -301):
        clock.wrong = timedelta(seconds=wrong)
        assert new_seller.run().success
        assert new_seller.calls() == {LIST: 2}
    require_agreement(new_seller)


class _Shifted(datetime):
    """``datetime`` of a machine whose clock was set."""

    by = timedelta()

    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]  # narrower: always aware
        return datetime.now(UTC) + cls.by


@pytest.fixture
def shifted(monkeypatch: pytest.MonkeyPatch) -> type[_Shifted]:
    monkeypatch.setattr(leases, "datetime", _Shifted)
    monkeypatch.setattr(_Shifted, "by", timedelta())
    return _Shifted


def test_who_holds_a_lease_stops_when_the_clock_is_set_forward(new_seller: Seller, shifted: type[_Shifted]) -> None:
    """Fault 20: it cannot know whether it was paused for that long, and others may think so."""
    assert new_seller.run().success
    with hold(new_seller.toci, "jtl_order", "run A") as lease:
        lease.check()
        shifted.by = HOUR
        with pytest.raises(TransientError, match="lost its turn"):
            lease.check()
        with hold(new_seller.toci, "jtl_order", "run B", wait_seconds=0) as other:
            other.check()


def test_a_clock_set_back_gives_a_held_lease_to_nobody_else_and_a_free_one_to_the_next(new_seller: Seller, shifted: type[_Shifted]) -> None:
    assert new_seller.run().success
    with hold(new_seller.toci, "jtl_order", "run A") as lease:
        shifted.by = -HOUR
        lease.check()
        with (
            pytest.raises(TransientError, match="worked on by run A"),
            hold(new_seller.toci, "jtl_order", "run B", wait_seconds=0),
        ):
            pytest.fail("two at once")
    with hold(new_seller.toci, "jtl_order", "run B", wait_seconds=0) as other:
        other.check()
