"""Dagster's own history in PostgreSQL, with ``deploy/dagster-postgres.yaml``: a schedule, eight runs at once, nothing lost of either."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator

import dagster as dg
import pytest
import yaml
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.engine import make_url

from temu_assets_tests.api.server import until
from temu_assets_tests.databases import TOCI_URL
from temu_assets_tests.deploy.conftest import EVERY_MINUTE
from temu_assets_tests.deploy.files import DEPLOY, PROJECT
from temu_assets_tests.deploy.installed import Installed, installed, wait_for_a_tick

AT_ONCE = 8
# Two of each that has a lease, and the two that may run in the background at once.
JOBS = (*("temu_tracking_sync", "temu_orders_sync", "temu_inventory_sync") * 2, "fetch_invoices", "datev_processing")


@pytest.fixture(scope="module")
def history() -> str:
    """The URL of an empty database for Dagster beside the one for our tables."""
    given = make_url(os.environ[TOCI_URL])
    engine = create_engine(given, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS dagster_test"))
        connection.execute(text("CREATE DATABASE dagster_test"))
    return given.set(drivername="postgresql+psycopg2", database="dagster_test").render_as_string(hide_password=False)


@pytest.fixture(scope="module")
def host(history: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    root = tmp_path_factory.mktemp("host")
    (root / "jobs.toml").write_text(EVERY_MINUTE, encoding="utf-8")
    settings = f"TEMU_JOBS_FILE={root}/jobs.toml\nTEMU_REQUESTS_PER_SECOND=2000\n"
    with (
        pytest.MonkeyPatch.context() as patch,
        installed(root, settings=settings, dagster_yaml=DEPLOY / "dagster-postgres.yaml", DAGSTER_PG_URL=history) as host,
    ):
        # The tests look into the history as well.
        patch.setenv("DAGSTER_PG_URL", history)
        host.start("migrate", "code", "daemon", "webserver")
        until(host.is_well, f"all services to be well; see {root}/*.log")
        yield host


needs_postgresql = pytest.mark.skipif(
    TOCI_URL not in os.environ or sys.platform != "linux",
    reason=f"needs PostgreSQL for Dagster's history: .ci/with-postgres sets {TOCI_URL}",
)


def test_it_is_the_usual_configuration_with_another_storage() -> None:
    """Whatever is tuned for one holds for the other."""
    usual = yaml.safe_load((PROJECT / "dagster.yaml").read_text(encoding="utf-8"))
    here = yaml.safe_load((DEPLOY / "dagster-postgres.yaml").read_text(encoding="utf-8"))
    assert here.pop("storage") == {"postgres": {"postgres_url": {"env": "DAGSTER_PG_URL"}}}
    assert here["concurrency"]["runs"].pop("max_concurrent_runs") == AT_ONCE
    usual["concurrency"]["runs"].pop("max_concurrent_runs")
    assert here["run_coordinator"]["config"].pop("dequeue_num_workers") == AT_ONCE
    assert here["run_coordinator"]["config"].pop("dequeue_use_threads") is True
    assert here == usual


@needs_postgresql
def test_eight_runs_at_once_all_end_well_and_nothing_of_them_is_lost(host: Installed) -> None:
    assert host.wait_until_over(host.launch("temu_inventory_full_sync")).popitem()[1] == "SUCCESS"
    # Each of a kind of its own, or they would wait for each other in the queue.
    runs = [host.launch(job, temu__kind=f"test-{number}") for number, job in enumerate(JOBS)]
    assert [host.wait_until_over(run)[run] for run in runs] == ["SUCCESS"] * AT_ONCE
    with dg.DagsterInstance.from_config(str(host.works_in / "dagster")) as instance:
        for run in runs:
            said = Counter(event.dagster_event_type for event in instance.all_logs(run))
            assert said[dg.DagsterEventType.RUN_SUCCESS] == 1
            assert said[dg.DagsterEventType.ASSET_MATERIALIZATION] == said[dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED] > 1
        records = instance.get_run_records(dg.RunsFilter(run_ids=runs))
    spans = [(record.start_time or 0, record.end_time or 0) for record in records]
    together = max(sum(start <= moment <= end for start, end in spans) for moment, _ in spans)
    assert together > 4, f"only {together} runs were under way at once"


@needs_postgresql
def test_a_schedule_ticks(host: Installed) -> None:
    assert wait_for_a_tick(host, "temu_inventory_sync_schedule") == "SUCCESS"


@needs_postgresql
def test_nobody_stumbled_over_a_lock(host: Installed) -> None:
    said = "".join(path.read_text(encoding="utf-8", errors="replace") for path in host.root.glob("*.log"))
    assert "Traceback" not in said, said[-3000:]
    for word in ("deadlock", "could not serialize", "database is locked", "OperationalError"):
        assert word not in said


@needs_postgresql
def test_the_history_is_in_postgresql_and_nowhere_else(host: Installed, history: str) -> None:
    assert list((host.works_in / "dagster").rglob("*.db")) == []
    with create_engine(history, poolclass=NullPool).connect() as connection:
        runs = connection.execute(text("SELECT count(*) FROM runs")).scalar_one()
        silent = connection.execute(text("SELECT count(*) FROM runs WHERE run_id NOT IN (SELECT run_id FROM event_logs)")).scalar_one()
    assert runs > AT_ONCE
    assert silent == 0
