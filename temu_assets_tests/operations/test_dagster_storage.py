"""Dagster's storage is cleaned of what is old and of nothing else, on SQLite and on PostgreSQL, wherever the cleaning is killed."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.engine import make_url

from temu_assets.operations import dagster_databases, dagster_storage
from temu_assets.operations.dagster_storage import StorageCleaning
from temu_assets_tests.databases import TOCI_URL

IN_A_YEAR = datetime.now(UTC) + timedelta(days=365)
MONTH, QUARTER = timedelta(days=30), timedelta(days=90)
NO_RUN = "00000000-0000-0000-0000-000000000000"


@dg.asset(config_schema={"breaks": dg.Field(bool, default_value=False)})
def stock(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    print("something printed")  # noqa: T201 — what is captured of it is cleaned too
    if context.op_execution_context.op_config["breaks"]:
        raise dg.Failure("broken")
    return dg.MaterializeResult(metadata={"pieces": 3})


@dg.asset_check(asset=stock)
def stock_is_there() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=True)


JOB = dg.Definitions(assets=[stock], asset_checks=[stock_is_there]).resolve_implicit_global_asset_job_def()


@pytest.fixture(params=["sqlite", "postgresql"])
def instance(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """An instance that keeps what it is told, in a home of its own."""
    config = "telemetry:\n  enabled: false\n"
    if request.param == "postgresql":
        if TOCI_URL not in os.environ or not os.environ[TOCI_URL].startswith("postgresql"):
            pytest.skip(f"needs PostgreSQL: .ci/with-postgres sets {TOCI_URL}")
        config += f"storage:\n  postgres:\n    postgres_url: {empty_postgresql()}\n"
    (tmp_path / "dagster.yaml").write_text(config, encoding="utf-8")
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        yield instance


def empty_postgresql() -> str:
    given = make_url(os.environ[TOCI_URL])
    with create_engine(given, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS dagster_clean_test"))
        connection.execute(text("CREATE DATABASE dagster_clean_test"))
    return given.set(drivername="postgresql+psycopg2", database="dagster_clean_test").render_as_string(hide_password=False)


def run(instance: dg.DagsterInstance, *, breaks: bool = False) -> str:
    config = {"ops": {"stock": {"config": {"breaks": breaks}}}}
    return JOB.execute_in_process(instance=instance, raise_on_error=False, run_config=config).run_id


def clean(instance: dg.DagsterInstance, now: datetime = IN_A_YEAR, **told: Callable[[], float]) -> dict[str, int]:
    return StorageCleaning(instance, now=now, own_run=NO_RUN, say=print, **told).clean(keep_runs=MONTH, keep_failed_runs=QUARTER)


def runs(instance: dg.DagsterInstance) -> set[str]:
    return {each.run_id for each in instance.get_runs()}


def left_on_disk(instance: dg.DagsterInstance, run_id: str) -> list[Path]:
    return [path for path in Path(instance.root_directory).rglob("*") if run_id in path.name]


def test_what_is_old_goes_and_the_last_results_stay(instance: dg.DagsterInstance) -> None:
    first, second = run(instance), run(instance)
    failed = run(instance, breaks=True)
    last = run(instance)
    counts = clean(instance)
    assert runs(instance) == {last}
    assert (counts["runs_before"], counts["runs_deleted"], counts["failed_runs_deleted"], counts["runs_after"]) == (4, 2, 1, 1)
    assert counts["bytes_before"] > 0
    for gone in (first, second, failed):
        assert left_on_disk(instance, gone) == []
    assert runs_of_events(instance) == {last}
    event = instance.get_latest_materialization_event(dg.AssetKey("stock"))
    assert event is not None
    assert event.run_id == last
    assert dagster_databases.runs_of_last_checks(instance) == {last}
    assert checks_kept(instance) == {last}


def test_a_success_goes_before_a_failure_and_nothing_before_its_time(instance: dg.DagsterInstance) -> None:
    well, failed, last = run(instance), run(instance, breaks=True), run(instance)
    now = datetime.now(UTC)
    assert clean(instance, now + timedelta(days=29))["runs_after"] == 3
    clean(instance, now + timedelta(days=31))
    assert runs(instance) == {failed, last}
    clean(instance, now + timedelta(days=91))
    assert runs(instance) == {last}
    assert well not in runs(instance)


def test_the_last_materialization_is_kept_though_a_newer_run_failed(instance: dg.DagsterInstance) -> None:
    well, _ = run(instance), run(instance, breaks=True)
    clean(instance)
    assert runs(instance) == {well}


def test_a_run_that_works_is_never_touched(instance: dg.DagsterInstance) -> None:
    states = (dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING)
    under_way = {instance.create_run_for_job(JOB, status=status).run_id for status in states}
    instance.report_run_failed(instance.create_run_for_job(JOB))
    clean(instance)
    assert runs(instance) == under_way


class Killed(BaseException):
    """As SIGKILL: nothing is tidied up."""


@pytest.mark.parametrize("at", ["_delete_captured", "delete_events", "delete_run", "_remove_file"])
def test_what_a_killed_cleaning_left_is_finished_by_the_next(
    instance: dg.DagsterInstance, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, _ = run(instance), run(instance)
    owner = {"delete_events": instance.event_log_storage, "delete_run": instance}.get(at, StorageCleaning)

    def dies(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(owner, at, dies)
        with pytest.raises(Killed):
            clean(instance)
    later = IN_A_YEAR + timedelta(days=2)
    clean(instance, later)
    assert old not in runs(instance)
    assert len(runs(instance)) == 1
    assert left_on_disk(instance, old) == []
    assert len(checks_kept(instance)) == 1


def test_a_run_deleted_in_the_ui_leaves_nothing_for_longer_than_a_day(instance: dg.DagsterInstance) -> None:
    old, _ = run(instance), run(instance)
    instance.delete_run(old)
    assert left_on_disk(instance, old) != []
    now = datetime.now(UTC)
    assert clean(instance, now)["orphans_removed"] == 0
    assert clean(instance, now + timedelta(days=2))["orphans_removed"] == 1
    assert left_on_disk(instance, old) == []


def test_it_ends_in_time_and_goes_on_the_next_night(instance: dg.DagsterInstance) -> None:
    for _ in range(3):
        run(instance)
    # Every look at the clock takes half of the time there is.
    ticks = iter(number * dagster_storage.LONGEST_SECONDS / 2 for number in range(100))
    counts = clean(instance, clock=lambda: next(ticks))
    assert counts["runs_after"] == 2
    assert clean(instance)["runs_after"] == 1


def test_more_than_a_batch(instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dagster_storage, "BATCH", 1)
    for _ in range(3):
        run(instance)
    assert clean(instance)["runs_deleted"] == 2


def test_room_in_files_is_given_back(instance: dg.DagsterInstance) -> None:
    run(instance)
    with dagster_databases._events(instance) as connection:
        connection.execute(text("CREATE TABLE much (content TEXT)"))
        connection.execute(text("INSERT INTO much VALUES (:content)"), {"content": "x" * 2 * dagster_databases.LEAST_ROOM_BYTES})
    with dagster_databases._events(instance) as connection:
        connection.execute(text("DROP TABLE much"))
    counts = clean(instance)
    if dagster_databases.folder_of_run_files(instance) is not None:  # a server sees to it by itself
        assert counts["bytes_after"] < counts["bytes_before"]
        assert counts["bytes_won_by_writing_files_anew"] > dagster_databases.LEAST_ROOM_BYTES
    run(instance)


def runs_of_events(instance: dg.DagsterInstance) -> set[str]:
    with dagster_databases._events(instance) as connection:
        return set(connection.execute(text("SELECT run_id FROM event_logs")).scalars())


def checks_kept(instance: dg.DagsterInstance) -> set[str]:
    with dagster_databases._events(instance) as connection:
        return set(connection.execute(text("SELECT run_id FROM asset_check_executions")).scalars())
