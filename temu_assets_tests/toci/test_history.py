"""The rows of a run's history, on every server: begun, finished once, asked, and removed after years."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, Table, func, insert, select

from temu_assets.operations import pruning
from temu_assets.operations.pruning import prune_history
from temu_assets.toci import job_runs, scheduler_logs
from temu_assets.toci.database import Toci
from temu_assets.toci.job_runs import RunEnd, RunStart, RunStatus
from temu_assets.toci.scheduler_logs import Level, LogLine
from temu_assets.toci.tables import alerts, lead_times
from temu_assets.toci.tables import job_runs as runs_table
from temu_assets.toci.tables import scheduler_logs as logs_table

NOW = datetime(2026, 11, 26, 12, 0, 0, 123456, tzinfo=UTC)
RUN = RunStart("run-1", "temu_orders_sync", "orders", "command line", False, "run-1", 0, False, NOW, "host", "1@2@3")
WELL = RunEnd(RunStatus.SUCCESS, NOW + timedelta(seconds=2.5), {"raw_orders": {"listed": 61, "seconds": 0.5}}, failed_checks=2)


def begin(toci: Toci, run: RunStart) -> None:
    toci.write(lambda connection: job_runs.begin(connection, toci.shop, run))


def finish(toci: Toci, run_id: str, end: RunEnd) -> bool:
    return toci.write(lambda connection: job_runs.finish(connection, toci.shop, run_id, end))


def read(toci: Toci, run_id: str = "run-1") -> job_runs.JobRun:
    run = toci.read(lambda connection: job_runs.read(connection, toci.shop, run_id))
    assert run is not None
    return run


def test_a_run_is_read_as_it_was_written(toci: Toci) -> None:
    begin(toci, RUN)
    assert (read(toci).start, read(toci).end, read(toci).status, read(toci).seconds) == (RUN, None, RunStatus.RUNNING, None)
    assert finish(toci, "run-1", WELL)
    assert (read(toci).start, read(toci).end, read(toci).seconds) == (RUN, WELL, 2.5)


def test_a_run_ends_once(toci: Toci) -> None:
    """Who was taken for dead and ends after all does not turn its row, nor does one write tried twice."""
    begin(toci, RUN)
    assert finish(toci, "run-1", replace(WELL, status=RunStatus.KILLED, error="gone", may_pass=True))
    assert not finish(toci, "run-1", WELL)
    assert not finish(toci, "never begun", WELL)
    assert read(toci).status is RunStatus.KILLED


def test_a_run_that_begins_again_is_one_row_that_works(toci: Toci) -> None:
    begin(toci, RUN)
    finish(toci, "run-1", WELL)
    begin(toci, replace(RUN, process="4@5@6"))
    assert (read(toci).status, read(toci).start.process) == (RunStatus.RUNNING, "4@5@6")
    assert [each.start.run_id for each in toci.read(lambda connection: job_runs.unfinished(connection, toci.shop))] == ["run-1"]


def test_what_statistics_ask(toci: Toci) -> None:
    for number, status in enumerate((RunStatus.SUCCESS, RunStatus.FAILURE, RunStatus.SUCCESS)):
        run = replace(RUN, run_id=f"run-{number}", job_id="b" if number else "a", started_at=NOW + timedelta(hours=number))
        begin(toci, run)
        finish(toci, run.run_id, RunEnd(status, run.started_at + timedelta(seconds=number), {}))
    outcomes = toci.read(lambda connection: job_runs.outcomes(connection, toci.shop, NOW + timedelta(minutes=1)))
    assert [(each.job_id, each.status, each.seconds) for each in outcomes] == [("b", RunStatus.FAILURE, 1.0), ("b", RunStatus.SUCCESS, 2.0)]
    last = toci.read(lambda connection: job_runs.last_successes(connection, toci.shop))
    assert last == {"a": NOW, "b": NOW + timedelta(hours=2, seconds=2)}


def line(number: int, message: str = "one") -> LogLine:
    return LogLine(Level.INFO, f"{message} {number}", RunStatus.RUNNING, NOW + timedelta(seconds=number))


def write(toci: Toci, lines: list[LogLine], run: RunStart = RUN) -> None:
    toci.write(lambda connection: scheduler_logs.write(connection, toci.shop, run, lines))


def sentences(toci: Toci, run_id: str = "run-1") -> list[LogLine]:
    return toci.read(lambda connection: scheduler_logs.read(connection, toci.shop, run_id))


def test_sentences_are_written_once_however_often(toci: Toci) -> None:
    write(toci, [line(0)])
    write(toci, [line(0, "never written over"), line(1)])
    write(toci, [line(0), line(1)])
    assert sentences(toci) == [line(0), line(1)]


def test_a_sentence_too_long_for_its_column_is_cut(toci: Toci) -> None:
    write(toci, [line(0, "\N{PILE OF POO}\0" * 3000)])
    assert sentences(toci)[0].message == "\N{PILE OF POO}" * 1000


@pytest.fixture
def years(toci: Toci) -> Toci:
    """Runs of three years, each with two sentences; lead times and alerts; and what must stay."""
    for year in range(3):
        start = replace(RUN, run_id=f"run-{year}", started_at=NOW - timedelta(days=365 * year + 1))
        begin(toci, start)
        finish(toci, start.run_id, RunEnd(RunStatus.SUCCESS, start.started_at, {}))
        write(toci, [replace(line(number), at=start.started_at) for number in range(2)], start)
    begin(toci, replace(RUN, run_id="works", started_at=NOW - timedelta(days=2000)))
    long_ago = NOW - timedelta(days=2000)
    took = {"shop": toci.shop, "effect": "stock", "done_at": long_ago, "began_at": long_ago, "seconds": 1}
    told = {
        "shop": toci.shop, "kind": "k", "subject": "s", "text": "t", "remedy": "r", "count": 1, "first_seen_at": long_ago,
        "last_seen_at": long_ago,
    }  # fmt: skip

    def more(connection: Connection) -> None:
        connection.execute(insert(lead_times), [took | {"key": str(number)} for number in range(7)])
        connection.execute(insert(alerts), [told | {"key": "over", "resolved_at": long_ago}, told | {"key": "holds", "resolved_at": None}])

    toci.write(more)
    return toci


def test_what_is_older_goes_and_what_works_or_holds_stays(years: Toci, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "BATCH", 3)
    counts = prune_history(years, keep=timedelta(days=730), now=NOW)
    assert counts == {"scheduler_logs": 2, "job_runs": 1, "lead_times": 7, "alerts": 1}
    left = years.read(lambda connection: job_runs.since(connection, years.shop, NOW - timedelta(days=9999)))
    assert {run.start.run_id for run in left} == {"run-0", "run-1", "works"}
    assert sentences(years, "run-2") == []
    assert len(sentences(years, "run-1")) == 2
    assert rows_of(years, lead_times) == 0
    assert years.read(lambda connection: connection.execute(select(alerts.c.key)).scalars().all()) == ["holds"]
    assert prune_history(years, keep=timedelta(days=730), now=NOW) == dict.fromkeys(counts, 0)


def test_for_ever_is_for_ever(years: Toci) -> None:
    assert prune_history(years, keep=timedelta(), now=NOW) == {}
    assert (rows_of(years, runs_table), rows_of(years, logs_table)) == (4, 6)


def test_another_shops_history_is_not_touched(years: Toci) -> None:
    other = Toci(years.engine, "another")
    prune_history(other, keep=timedelta(days=1), now=NOW)
    assert rows_of(years, runs_table) == 4


def rows_of(toci: Toci, table: Table) -> int:
    return toci.read(lambda connection: connection.execute(select(func.count()).select_from(table)).scalar_one())
