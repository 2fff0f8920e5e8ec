"""Targets in our database, and the number and kind of statements it takes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, make_url, select, update
from sqlalchemy.sql.elements import ClauseElement

from temu_assets.inventory.calculation import Calculated
from temu_assets.inventory.in_flight import NewOrderLine, promised, promised_by_new
from temu_assets.inventory.kinds import HeldKind
from temu_assets.inventory.product_rows import listed_products, mark_not_listed
from temu_assets.inventory.sending_rows import confirm, mark_sending, park, parked_skus, report, tried_again
from temu_assets.inventory.stock import Held
from temu_assets.inventory.target_rows import confirmed_besides, settle, targets_to_send, waiting_targets, write_targets
from temu_assets.toci import outbox, sync_state
from temu_assets.toci.database import Toci
from temu_assets.toci.outbox import Effect, State
from temu_assets.toci.problems import Finding, ProblemState
from temu_assets.toci.sync_state import Mark
from temu_assets.toci.tables import problems, temu_inventory
from temu_assets_tests.inventory.samples import NOW, calculated, list_skus, listed, product

HOUR = timedelta(hours=1)
REFUSAL = Finding("refused", "look.")
HELD = Held(HeldKind.ARTICLE_UNKNOWN, "unknown", "correct it.")


def state_of(toci: Toci, sku_id: str) -> State:
    with toci.engine.begin() as connection:
        return outbox.some(connection, toci.shop, Effect.STOCK, [sku_id])[sku_id].state


def test_a_new_sku_starts_with_the_listed_stock_and_later_runs_leave_it_alone(toci: Toci) -> None:
    for stock in (5, 8):
        with toci.engine.begin() as connection:
            write_targets(connection, toci.shop, [calculated("1", 9, listed_stock=stock)], now=NOW)
    with toci.engine.begin() as connection:
        row = connection.execute(select(temu_inventory)).one()
    assert (row.target, row.temu_stock, row.confirmed_target, row.needs_sync, row.differs_since) == (9, 5, None, True, NOW)


def test_a_listing_that_shows_the_target_confirms_it(toci: Toci) -> None:
    with toci.engine.begin() as connection:
        write_targets(connection, toci.shop, [calculated("1", 5)], now=NOW)
        row = connection.execute(select(temu_inventory)).one()
    assert (row.confirmed_target, row.needs_sync, row.differs_since) == (5, False, None)


def test_pieces_that_landed_are_those_in_flight_when_the_last_target_was_confirmed(toci: Toci) -> None:
    with toci.engine.begin() as connection:
        for pieces, in_flight, landed in [(5, 4, []), (8, 1, [3]), (9, 6, [0])]:
            write_targets(connection, toci.shop, [calculated("1", pieces, in_flight=in_flight)], now=NOW)
            rows, _ = targets_to_send(connection, toci.shop)
            assert [row.landed for row in rows] == landed
        confirm(connection, toci.shop, {"1": 9}, now=NOW)
        write_targets(connection, toci.shop, [calculated("1", 9, in_flight=2)], now=NOW)
        assert connection.execute(select(temu_inventory.c.confirmed_in_flight)).scalar_one() == 2
        held = Calculated(product(sku_id="1", before=9), HELD, None)
        write_targets(connection, toci.shop, [held], now=NOW)
        assert connection.execute(select(temu_inventory.c.confirmed_in_flight)).scalar_one() == 2


def test_how_long_a_sku_differs_is_counted_from_the_first_time(toci: Toci) -> None:
    for hours, target in enumerate([9, 8, 5, 7]):
        with toci.engine.begin() as connection:
            write_targets(connection, toci.shop, [calculated("1", target)], now=NOW + hours * HOUR)
            since = connection.execute(select(temu_inventory.c.differs_since)).scalar_one()
        assert since == [NOW, NOW, None, NOW + 3 * HOUR][hours]


def test_a_held_sku_keeps_its_target_and_is_not_sent(toci: Toci) -> None:
    with toci.engine.begin() as connection:
        write_targets(connection, toci.shop, [calculated("1", 9)], now=NOW)
        held = Calculated(product(sku_id="1", before=9), HELD, None)
        write_targets(connection, toci.shop, [held], now=NOW + HOUR)
        row = connection.execute(select(temu_inventory)).one()
        assert (row.target, row.is_held, row.needs_sync, row.reason) == (9, True, False, "unknown")
        assert targets_to_send(connection, toci.shop) == ([], NOW + HOUR)
        assert waiting_targets(connection, toci.shop) == 0


def test_a_refused_0_does_not_rest(toci: Toci) -> None:
    """Faults 7 and 11: it is sold out and still on sale."""
    with toci.engine.begin() as connection:
        write_targets(connection, toci.shop, [calculated("1", 0), calculated("2", 9)], now=NOW)
        park(connection, toci.shop, {"1": REFUSAL, "2": REFUSAL}, {"1": 0, "2": 9, "3": 5}, now=NOW)
        assert parked_skus(connection, toci.shop, now=NOW) == {"2"}
        assert tried_again(connection, toci.shop, now=NOW) == {"1"}
    assert state_of(toci, "1") is State.PARKED


def test_a_refused_target_rests_for_a_day_or_until_it_changes(toci: Toci) -> None:
    """Fault 11."""
    with toci.engine.begin() as connection:
        write_targets(connection, toci.shop, [calculated("1", 9), calculated("2", 9)], now=NOW)
        mark_sending(connection, toci.shop, ["1", "2"], now=NOW)
        park(connection, toci.shop, dict.fromkeys(["1", "2"], REFUSAL), {"1": 9, "2": 9}, now=NOW)
        assert parked_skus(connection, toci.shop, now=NOW + 23 * HOUR) == {"1", "2"}
        assert parked_skus(connection, toci.shop, now=NOW + 25 * HOUR) == frozenset()
        write_targets(connection, toci.shop, [calculated("1", 9, before=9), calculated("2", 4, before=9)], now=NOW + HOUR)
        assert parked_skus(connection, toci.shop, now=NOW + HOUR) == {"1"}
    assert (state_of(toci, "1"), state_of(toci, "2")) == (State.PARKED, State.PENDING)


def test_a_person_can_have_a_refused_target_tried_at_once(toci: Toci) -> None:
    with toci.engine.begin() as connection:
        write_targets(connection, toci.shop, [calculated("1", 9)], now=NOW)
        park(connection, toci.shop, {"1": REFUSAL}, {"1": 9}, now=NOW)
        connection.execute(update(problems).values(state=ProblemState.RETRY.value))
        assert parked_skus(connection, toci.shop, now=NOW) == frozenset()


@pytest.mark.parametrize(("offered", "state"), [(["1"], ProblemState.OPEN), ([], ProblemState.CLOSED)])
def test_a_refusal_stays_open_as_long_as_the_sku_is_offered(toci: Toci, offered: list[str], state: ProblemState) -> None:
    with toci.engine.begin() as connection:
        park(connection, toci.shop, {"1": REFUSAL}, {"1": 9}, now=NOW)
        report(connection, toci.shop, offered=offered, not_shown={}, braked={}, is_whole=True, now=NOW)
        assert connection.execute(select(problems.c.state)).scalar_one() == state


def test_once_a_target_is_on_its_way_nobody_knows_what_temu_shows(toci: Toci) -> None:
    """A crash after the call must not leave the old figure behind: a target that returns to it would never be sent."""
    with toci.engine.begin() as connection:
        write_targets(connection, toci.shop, [calculated("1", 9)], now=NOW)
        mark_sending(connection, toci.shop, ["1"], now=NOW)
        write_targets(connection, toci.shop, [calculated("1", 5, before=9)], now=NOW)
        ((row,), _) = targets_to_send(connection, toci.shop)
    assert (row.target, row.temu_stock) == (5, None)


def test_what_follows_from_a_row_is_right_whatever_it_said_before(toci: Toci) -> None:
    """Only rows that say something else are written, and none of them is forgotten."""
    kinds = itertools.product([None, 5], [None, 5, 6], [False, True], [False, True], [None, NOW], [None, 5, 6], [None, 1, 2], [None, NOW])
    rows = [
        {
            "shop": toci.shop,
            "sku_id": f"{number:04d}",
            "goods_id": "601",
            "sku": "TASSE",
            "reason": "sum",
            "in_flight": 2,
            "computed_at": NOW,
            "target": target,
            "temu_stock": shown,
            "is_held": is_held,
            "needs_sync": needs_sync,
            "differs_since": since,
            "confirmed_target": confirmed,
            "confirmed_in_flight": in_flight,
            "changed_at": changed_at,
        }
        for number, (target, shown, is_held, needs_sync, since, confirmed, in_flight, changed_at) in enumerate(kinds)
    ]

    def expected(row: dict[str, Any]) -> tuple[object, ...]:
        is_shown = row["target"] is not None and row["target"] == row["temu_stock"]
        is_due = not row["is_held"] and row["target"] is not None and not is_shown
        return (
            row["sku_id"],
            row["target"] if is_shown else row["confirmed_target"],
            2 if is_shown and not row["is_held"] else row["confirmed_in_flight"],
            is_due,
            (row["differs_since"] or NOW + HOUR) if is_due else None,
            row["changed_at"] if is_due else None,
        )

    columns = temu_inventory.c
    told = (
        columns.sku_id,
        columns.confirmed_target,
        columns.confirmed_in_flight,
        columns.needs_sync,
        columns.differs_since,
        columns.changed_at,
    )
    some = [str(row["sku_id"]) for row in rows[::7]]
    with toci.engine.begin() as connection:
        connection.execute(insert(temu_inventory), rows)
        settle(connection, toci.shop, now=NOW + HOUR, sku_ids=some)
        only = connection.execute(select(*told).where(columns.sku_id.in_(some)).order_by(columns.sku_id)).all()
        untouched = connection.execute(select(columns.sku_id).where(columns.differs_since == NOW + HOUR)).scalars().all()
        assert [tuple(row) for row in only] == [expected(row) for row in rows[::7]]
        assert set(untouched) <= set(some)
        settle(connection, toci.shop, now=NOW + HOUR)
        assert [tuple(row) for row in connection.execute(select(*told).order_by(columns.sku_id))] == [expected(row) for row in rows]


def test_only_what_temu_does_not_show_or_refused_is_loaded_to_be_sent_and_the_rest_is_counted(toci: Toci) -> None:
    with toci.engine.begin() as connection:
        write_targets(connection, toci.shop, [calculated(str(number), 5) for number in range(6)], now=NOW)
        confirm(connection, toci.shop, dict.fromkeys(["0", "1", "2", "3"], 5), now=NOW)
        write_targets(connection, toci.shop, [calculated("0", 9, before=5)], now=NOW)
        mark_sending(connection, toci.shop, ["1"], now=NOW)
        park(connection, toci.shop, {"2": REFUSAL}, {"2": 5}, now=NOW)
        write_targets(connection, toci.shop, [Calculated(product(sku_id="5", before=5), HELD, None)], now=NOW)
        rows, _ = targets_to_send(connection, toci.shop)
        assert [row.sku_id for row in rows] == ["0", "1", "2"]
        assert confirmed_besides(connection, toci.shop, rows) == 2


def test_what_was_not_written_because_nothing_changed_is_as_fresh_as_what_was(toci: Toci) -> None:
    with toci.engine.begin() as connection:
        list_skus(connection, toci.shop, [listed(1), listed(2), listed(3)])
        write_targets(connection, toci.shop, [calculated(sku_id, 5) for sku_id in "123"], now=NOW)
        mark_not_listed(connection, toci.shop, {"1", "2"})
        write_targets(connection, toci.shop, [calculated("1", 7, before=5)], now=NOW + HOUR)
        columns = temu_inventory.c
        changed = connection.scalars(select(columns.sku_id).where(columns.computed_at == NOW + HOUR)).all()
        assert changed == ["1"]
        assert targets_to_send(connection, toci.shop)[1] == NOW + HOUR


def test_targets_written_down_before_there_was_a_mark_are_as_old_as_the_oldest(toci: Toci) -> None:
    """Right after an update of the program; they must not pass for fresh, or for never calculated, which is not checked."""
    with toci.engine.begin() as connection:
        write_targets(connection, toci.shop, [calculated(sku_id, 5) for sku_id in "12"], now=NOW)
        write_targets(connection, toci.shop, [calculated("2", 7, before=5)], now=NOW + HOUR)
        sync_state.forget(connection, toci.shop, Mark.TARGETS_CALCULATED_AT)
        assert targets_to_send(connection, toci.shop)[1] == NOW


def test_what_a_listing_lost_during_the_calculation_is_left_alone(toci: Toci) -> None:
    """Else it would be sent, and as nobody calculates it again it would stop everything else as too old."""
    with toci.engine.begin() as connection:
        list_skus(connection, toci.shop, [listed(1), listed(2)])
        write_targets(connection, toci.shop, [calculated(sku_id, 9) for sku_id in "12"], now=NOW)
        mark_not_listed(connection, toci.shop, {"1"})
        write_targets(connection, toci.shop, [calculated(sku_id, 7, before=9) for sku_id in "12"], now=NOW + HOUR)
        rows, _ = targets_to_send(connection, toci.shop)
        assert [row.sku_id for row in rows] == ["1"]
        assert waiting_targets(connection, toci.shop) == 1
        write_targets(connection, toci.shop, [], now=NOW + 8 * HOUR)
        assert targets_to_send(connection, toci.shop)[1] == NOW + 8 * HOUR


@contextmanager
def statements(toci: Toci) -> Iterator[list[ClauseElement]]:
    issued: list[ClauseElement] = []

    def note(_connection: Connection, statement: object, *_: object) -> None:
        if isinstance(statement, ClauseElement):
            issued.append(statement)

    event.listen(toci.engine, "before_execute", note)
    yield issued
    event.remove(toci.engine, "before_execute", note)


def everything_once(toci: Toci, skus: int) -> None:
    """Each statement of the inventory, for this many SKUs."""
    ids = [str(1000 + number) for number in range(skus)]
    with toci.engine.begin() as connection:
        list_skus(connection, toci.shop, [listed(int(sku_id)) for sku_id in ids])
        listed_products(connection, toci.shop)
        promised(connection, toci.shop)
        promised_by_new(connection, toci.shop, [NewOrderLine(f"PO-{sku_id}", sku_id, "", 1) for sku_id in ids])
        confirmed_besides(connection, toci.shop, [])
        write_targets(connection, toci.shop, [calculated(sku_id, 9) for sku_id in ids], now=NOW)
        targets_to_send(connection, toci.shop)
        waiting_targets(connection, toci.shop)
        parked_skus(connection, toci.shop, now=NOW)
        mark_sending(connection, toci.shop, ids, now=NOW)
        confirm(connection, toci.shop, dict.fromkeys(ids, 9), now=NOW)
        park(connection, toci.shop, dict.fromkeys(ids, REFUSAL), dict.fromkeys(ids, 9), now=NOW)
        report(connection, toci.shop, offered=ids, not_shown={}, braked={}, is_whole=True, now=NOW)
        mark_not_listed(connection, toci.shop, ids[1:])


def test_the_number_of_statements_does_not_grow_with_the_number_of_skus(toci: Toci) -> None:
    with statements(toci) as for_few:
        everything_once(Toci(toci.engine, "small"), 2)
    with statements(toci) as for_many:
        everything_once(Toci(toci.engine, "large"), 500)
    assert len(for_many) == len(for_few)


@pytest.mark.parametrize("server", ["mssql+pyodbc://", "postgresql+psycopg2://"])
def test_every_statement_is_one_the_servers_know(toci: Toci, server: str) -> None:
    dialect = make_url(server).get_dialect()()
    with statements(toci) as issued:
        everything_once(toci, 2)
    texts = [str(statement.compile(dialect=dialect)) for statement in issued]
    assert not [text for text in texts if "MERGE" in text.upper()]
    settled = next(text for text in texts if text.startswith("UPDATE temu_inventory SET") and "CASE" in text)
    assert "needs_sync=CASE WHEN" in settled
