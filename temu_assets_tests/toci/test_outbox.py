"""The states of an effect, and what a small mark remembers."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from temu_assets.toci import outbox, sync_state
from temu_assets.toci.database import Toci
from temu_assets.toci.outbox import Effect, Entry, State
from temu_assets.toci.sync_state import Mark
from temu_assets.toci.tables import outbox as outbox_table
from temu_assets_tests.toci.moments import LATER, NOW

ONE_OF_EACH = [
    Entry("PO-1", State.PENDING),
    Entry("PO-2", State.SENDING, attempts=1),
    Entry("PO-3", State.DONE, evidence="JTL row 7", attempts=1),
    Entry("PO-4", State.PARKED, reason="no price", attempts=2, retry_at=LATER),
]


def record(toci: Toci, entries: list[Entry], now: datetime = NOW, *, shop: str = "shop", effect: Effect = Effect.JTL_ORDER) -> None:
    with toci.engine.begin() as connection:
        outbox.record(connection, shop, effect, entries, now=now)


def test_what_was_recorded_is_read_back(toci: Toci) -> None:
    record(toci, ONE_OF_EACH)
    with toci.engine.begin() as connection:
        assert outbox.entries(connection, "shop", Effect.JTL_ORDER) == {entry.key: entry for entry in ONE_OF_EACH}


def test_what_was_left_in_sending_is_found_by_the_next_run(toci: Toci) -> None:
    """Fault 6: such a row is unclear, and the other side is asked first."""
    record(toci, ONE_OF_EACH)
    with toci.engine.begin() as connection:
        assert set(outbox.entries(connection, "shop", Effect.JTL_ORDER, [State.SENDING])) == {"PO-2"}


def test_an_effect_goes_through_its_states_and_keeps_when_it_was_created(toci: Toci) -> None:
    for minute, entry in enumerate(
        [Entry("PO-1", State.PENDING), Entry("PO-1", State.SENDING), Entry("PO-1", State.DONE, evidence="row 7")]
    ):
        record(toci, [entry], NOW + timedelta(minutes=minute))
    with toci.engine.begin() as connection:
        row = connection.execute(select(outbox_table)).one()
    assert (row.state, row.evidence, row.created_at, row.changed_at) == ("done", "row 7", NOW, NOW + timedelta(minutes=2))


def test_effects_and_shops_are_apart(toci: Toci) -> None:
    record(toci, ONE_OF_EACH)
    with toci.engine.begin() as connection:
        assert outbox.entries(connection, "other", Effect.JTL_ORDER) == {}
        assert outbox.entries(connection, "shop", Effect.STOCK) == {}


def test_totals_name_every_state_even_those_with_nothing_in_them(toci: Toci) -> None:
    record(toci, [*ONE_OF_EACH, Entry("PO-5", State.DONE)])
    with toci.engine.begin() as connection:
        assert outbox.totals(connection, "shop", Effect.JTL_ORDER) == {
            State.PENDING: 1,
            State.SENDING: 1,
            State.DONE: 2,
            State.PARKED: 1,
        }
        assert outbox.totals(connection, "shop", Effect.SHIPMENT) == dict.fromkeys(State, 0)


def test_chosen_effects_are_found_among_more_than_one_statement_can_name(toci: Toci) -> None:
    record(toci, [Entry(f"PO-{number}", State.PENDING) for number in range(1500)])
    keys = [f"PO-{number}" for number in range(500, 2000)]
    with toci.engine.begin() as connection:
        assert set(outbox.some(connection, "shop", Effect.JTL_ORDER, keys)) == set(keys[:1000])


def test_a_reason_longer_than_its_column_is_cut(toci: Toci) -> None:
    record(toci, [Entry("PO-1", State.PARKED, reason="x" * 1200, evidence="y" * 1200)])
    with toci.engine.begin() as connection:
        entry = outbox.entries(connection, "shop", Effect.JTL_ORDER)["PO-1"]
    assert (len(entry.reason or ""), len(entry.evidence or "")) == (1000, 1000)


def test_a_mark_never_set_is_none_and_not_an_instant(toci: Toci) -> None:
    with toci.engine.begin() as connection:
        assert sync_state.read_instant(connection, "shop", Mark.ORDERS_COMPLETE_UNTIL) is None


def test_a_mark_is_the_last_instant_remembered_for_its_shop(toci: Toci) -> None:
    with toci.engine.begin() as connection:
        for shop, value in (("shop", NOW), ("other", NOW), ("shop", LATER.astimezone(ZoneInfo("Europe/Berlin")))):
            sync_state.remember_instant(connection, shop, Mark.ORDERS_COMPLETE_UNTIL, value, now=NOW)
    with toci.engine.begin() as connection:
        assert sync_state.read_instant(connection, "shop", Mark.ORDERS_COMPLETE_UNTIL) == LATER
        assert sync_state.read_instant(connection, "other", Mark.ORDERS_COMPLETE_UNTIL) == NOW
