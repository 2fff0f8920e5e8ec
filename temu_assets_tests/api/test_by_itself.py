"""What happens without anybody: a schedule's tick comes, and a run whose process was killed is noticed and done again."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from temu_assets.operations.dead_runs import DIED
from temu_assets.sandbox.faults import Fault, FaultKind
from temu_assets.toci import job_runs
from temu_assets.toci.database import Toci, open_engine
from temu_assets.toci.job_runs import JobRun, RunStatus
from temu_assets_tests.api.server import HERE, Server, daemon, open_server, until

EVERY_MINUTE = """
[jobs.temu_inventory_sync]
cron = "* * * * *"
[sensors.dead_runs_sensor]
enabled = true
"""
SKU = "DECKEL-BL"
LIST = "bg.order.list.v2.get"
_ON = "mutation($which: ScheduleSelector!) { startSchedule(scheduleSelector: $which) { __typename } }"
_OFF = "mutation($id: String!) { stopRunningSchedule(id: $id) { __typename } }"
_RUNS = "query($tag: ExecutionTag!) { runsOrError(filter: {tags: [$tag]}) { ... on Runs { results { runId jobName } } } }"
_TICKS = """query($which: ScheduleSelector!) { scheduleOrError(scheduleSelector: $which) { ... on Schedule {
    scheduleState { id ticks { status runIds } } } } }"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The listing is read, an article that TEMU shows is sold out in JTL, and a schedule of every minute is switched on."""
    folder = tmp_path_factory.mktemp("server")
    jobs_file = folder / "jobs.toml"
    jobs_file.write_text(EVERY_MINUTE, encoding="utf-8")
    with open_server(folder, TEMU_JOBS_FILE=str(jobs_file)) as server:
        server.wait_for(server.start("temu_inventory_full_sync"))
        assert at_temu(server) > 0
        server.sandbox.jtl.sell_out(SKU)
        server.ask(_ON, which=HERE | {"scheduleName": "temu_inventory_sync_schedule"})
        yield server


@pytest.fixture(scope="module")
def toci(server: Server) -> Iterator[Toci]:
    toci = Toci(open_engine(SecretStr(f"sqlite:///{server.folder}/data/toci.db")), "temu")
    yield toci
    toci.close()


def at_temu(server: Server) -> int:
    return next(sku.stock for sku in server.sandbox.shop.state.skus.values() if sku.code == SKU)


def tagged(server: Server, key: str, value: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = server.ask(_RUNS, tag={"key": key, "value": value})["runsOrError"]["results"]
    return found


def in_our_history(toci: Toci, run_id: str) -> JobRun:
    run = toci.read(lambda connection: job_runs.read(connection, toci.shop, run_id))
    assert run is not None
    return run


def start_and_hold(server: Server) -> tuple[str, int]:
    """An orders run that waits for TEMU, and its process."""
    faults = server.sandbox.server.faults
    faults.order(Fault(kind=FaultKind.UNHEARD, endpoint=LIST, seconds=30, times=9))
    run_id = server.start("temu_orders_sync")
    until(lambda: 'Started execution of step "raw_orders".' in server.messages(run_id), "the run to begin")
    found = [re.match(r"Executing steps in process \(pid: (\d+)\)", each) for each in server.messages(run_id)]
    (process,) = [int(each[1]) for each in found if each]
    return run_id, process


def assert_noticed_and_done_again(server: Server, toci: Toci, killed: str) -> None:
    server.wait_for(killed, "FAILURE")
    until(lambda: bool(tagged(server, "dagster/parent_run_id", killed)), "Dagster to start it again")
    (again,) = tagged(server, "dagster/parent_run_id", killed)
    server.wait_for(str(again["runId"]))
    end = in_our_history(toci, killed).end
    assert end is not None
    assert (end.status, end.error_kind) == (RunStatus.KILLED, DIED)
    assert in_our_history(toci, str(again["runId"])).status is RunStatus.SUCCESS


def test_a_run_whose_process_was_killed_is_noticed_and_done_again(server: Server, toci: Toci) -> None:
    run_id, process = start_and_hold(server)
    os.kill(process, signal.SIGKILL)
    server.sandbox.server.faults.clear()
    assert_noticed_and_done_again(server, toci, run_id)


def test_a_schedule_that_was_switched_on_starts_a_run_that_does_its_work(server: Server, toci: Toci) -> None:
    until(lambda: bool(tagged(server, "dagster/schedule_name", "temu_inventory_sync_schedule")), "a tick of a schedule of every minute")
    run = tagged(server, "dagster/schedule_name", "temu_inventory_sync_schedule")[-1]
    run_id = str(run["runId"])
    server.wait_for(run_id)
    assert run["jobName"] == "temu_inventory_sync"
    state = server.ask(_TICKS, which=HERE | {"scheduleName": "temu_inventory_sync_schedule"})["scheduleOrError"]["scheduleState"]
    server.ask(_OFF, id=state["id"])
    assert {"status": "SUCCESS", "runIds": [run_id]} in state["ticks"]
    written = in_our_history(toci, run_id)
    assert written.start.started_by == "temu_inventory_sync_schedule"
    assert written.start.is_triggered
    assert written.status is RunStatus.SUCCESS
    assert at_temu(server) == 0


def test_a_run_that_died_with_the_daemon_is_noticed_after_its_restart_and_done_again(server: Server, toci: Toci) -> None:
    """As after a power cut: nobody is left who knew of the process."""
    run_id, process = start_and_hold(server)
    # The daemon, its code server and the run: each is in the session the daemon was started in.
    os.killpg(os.getpgid(process), signal.SIGKILL)
    server.sandbox.server.faults.clear()
    with daemon(server):
        assert_noticed_and_done_again(server, toci, run_id)
    # Dagster itself could not know.
    assert any("is gone and said nothing" in message for message in server.messages(run_id))
