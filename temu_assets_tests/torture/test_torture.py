"""The most telling of the places where ``make torture`` kills, and a few random days."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from temu_assets_tests.torture.__main__ import SEED
from temu_assets_tests.torture.bench import Result
from temu_assets_tests.torture.cases import Case, all_cases, run_case, some_pairs
from temu_assets_tests.torture.checker import Harm, Places
from temu_assets_tests.torture.conftest import Day
from temu_assets_tests.torture.left_behind import Before
from temu_assets_tests.torture.schedules import run_schedule
from temu_assets_tests.torture.table import table
from temu_assets_tests.torture.world import put_back

EFFECTS = {
    "orders": "jtl_commit_before",
    "parcels": "temu_send:bg.logistics.shipment.v2.confirm",
    "changes": "temu_send:bg.logistics.shipment.shippingtype.update",
    "listing": "temu_send:bg.local.goods.stock.edit",
}
"""In which run of the day what leaves the house, and the point right before it does."""


def around(points: Sequence[str], effect: str) -> list[str]:
    """Where to kill around the first time something leaves: said that it will, just before, done, and said that it was."""
    first = points.index(effect)
    said = max(place for place, point in enumerate(points[:first]) if point == "toci_commit_after")
    done = points.index(effect.replace("_before", "_after").replace("_send:", "_received:"), first)
    noted = points.index("toci_commit_before", done)
    named = [f"{point}#{number}" for point, number in numbered(points)]
    return [named[place] for place in (said, first, done, noted, noted + 1)]


def numbered(points: Sequence[str]) -> list[tuple[str, int]]:
    """The points, each with how often it was passed by then."""
    times: Counter[str] = Counter()
    result = []
    for point in points:
        times[point] += 1
        result.append((point, times[point]))
    return result


@pytest.mark.parametrize("stage", EFFECTS)
def test_a_run_killed_around_what_leaves_the_house_loses_and_doubles_nothing(stage: str, day: Day) -> None:
    places = around(day.passed[stage], EFFECTS[stage])
    assert len(set(places)) == 5
    for at in places:
        result = run_case(day.bench, Case(stage, at), is_thorough=False)
        assert result.killed == 1, f"{at} was not passed"
        assert result.findings == [], at


@pytest.mark.parametrize("point", ["file_written#1", "file_renamed#1", "temu_received:bg.order.list.v2.get#1"])
def test_a_run_killed_while_it_keeps_the_answers_fetches_them_again(point: str, day: Day) -> None:
    result = run_case(day.bench, Case("orders", point))
    assert (result.killed, result.findings) == (1, [])


def test_two_runs_killed_one_after_the_other(day: Day) -> None:
    confirmed = "temu_received:bg.logistics.shipment.v2.confirm#1"
    result = run_case(day.bench, Case("parcels", confirmed, "temu_received:bg.logistics.shipment.v2.get#1"))
    assert (result.killed, result.findings) == (2, [])


@pytest.mark.parametrize("number", [1, 2])
def test_a_random_day(number: int, day: Day) -> None:
    result = run_schedule(day.bench, number, SEED, [case.at for case in all_cases(day.passed)])
    assert result.findings == []


def test_every_kind_of_effect_has_its_points(day: Day) -> None:
    passed = set().union(*day.passed.values())
    assert {point.partition(":")[0] for point in passed} == {
        *(f"{database}_{what}_{side}" for database in ("toci", "jtl") for what in ("statement", "commit") for side in ("before", "after")),
        "temu_send", "temu_received", "file_written", "file_renamed", "cursor_save_before", "cursor_save_after",
    }  # fmt: skip
    sent, received = ({point.partition(":")[2] for point in passed if point.startswith(side)} for side in ("temu_send", "temu_received"))
    assert sent == received


def test_what_is_drawn_depends_on_the_seed_alone(day: Day) -> None:
    cases = all_cases(day.passed)
    assert len(cases) == sum(map(len, day.passed.values())) == len({case.name for case in cases})
    assert some_pairs(cases, 20, SEED) == some_pairs(cases, 20, SEED) != some_pairs(cases, 20, SEED + 1)


def test_a_case_is_called_by_its_name() -> None:
    for case in (Case("orders", "jtl_commit_after#1"), Case("parcels", "temu_send:a.b#2", "toci_commit_after#3")):
        assert Case.named(case.name) == case
    for name in ("orders", "orders:jtl_commit_after", "nothing:jtl_commit_after#1"):
        with pytest.raises(ValueError, match="is no case"):
            Case.named(name)


def test_the_same_left_behind_is_recovered_from_once(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case("stock", "toci_commit_before#1")
    results = []
    for fingerprint in ("one", "one", "another"):
        monkeypatch.setattr(Before, "fingerprint", lambda *_, what=fingerprint: what)
        results.append(run_case(day.bench, case, is_thorough=False))
    assert [result.is_recovered for result in results] == [True, False, True]
    assert run_case(day.bench, case).is_recovered


CHANGES = {
    "a moment": ("UPDATE temu_orders SET changed_at = '2030-01-01 00:00:00.000000'", True),
    "a state": ("UPDATE outbox SET state = 'sending' WHERE effect = 'shipment'", False),
    "a moment that is gone": ("UPDATE temu_orders SET exported_at = NULL", False),
    "a row that is gone": ("DELETE FROM problems", False),
    "a lease that is held": ("UPDATE leases SET expires_at = '2999-01-01 00:00:00.000000'", False),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_left_behind_is_the_same_but_for_moments(name: str, day: Day, tmp_path: Path) -> None:
    statement, is_same = CHANGES[name]
    worlds = [Places(tmp_path / "one"), Places(tmp_path / "another")]
    for world, change in zip(worlds, ("UPDATE temu_orders SET changed_at = '2029-01-01 00:00:00.000000'", statement), strict=True):
        put_back(day.ended, world.folder)
        with closing(sqlite3.connect(world.ours)) as connection, connection:
            connection.execute("UPDATE temu_orders SET changed_at = '2028-01-01 00:00:00.000000'")
            assert connection.execute(change).rowcount > 0
    before = Before.of(Places(day.ended))
    assert (before.fingerprint(worlds[0]) == before.fingerprint(worlds[1])) is is_same


def test_a_file_more_is_something_else_left_behind(day: Day, tmp_path: Path) -> None:
    put_back(day.ended, tmp_path / "world")
    places, before = Places(tmp_path / "world"), Before.of(Places(day.ended))
    as_it_was = before.fingerprint(places)
    (places.data / ".half.tmp").touch()
    assert before.fingerprint(places) != as_it_was


def test_the_table_counts_by_point() -> None:
    results = [
        Result("orders:a#1", "a", killed=1, seconds=1.2),
        Result("orders:a#2", "a", killed=1, seconds=1.2),
        Result("orders:b#1", "b"),
    ]
    lines = table(results).splitlines()
    assert [line.split() for line in lines[1:]] == [
        ["a", "2", "2", "0", "0", "0", "2"], ["b", "1", "0", "0", "0", "0", "0"], ["all", "3", "2", "0", "0", "0", "2"],
    ]  # fmt: skip
    assert Harm.LOST.value in lines[0]
