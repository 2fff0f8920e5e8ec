"""The units' own commands really started on one host: they answer, a schedule ticks, nothing listens but to this machine, and stopping
lets a run end."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import httpx

from temu_assets.sandbox.faults import Fault, FaultKind
from temu_assets_tests.api.server import until
from temu_assets_tests.deploy.installed import Installed, wait_for_a_tick
from temu_assets_tests.deploy.listening import addresses_of
from temu_assets_tests.seller import ADDRESS

LOOPBACK = {"0100007F", "0000000000000000FFFF00000100007F"}
"""127.0.0.1 as /proc writes it: by itself, and as an IPv6 socket sees it."""


def test_every_service_answers(host: Installed) -> None:
    until(lambda: host.answers("3001", "/healthz"), "the upload page")
    assert httpx.get(f"{host.url()}/server_info", trust_env=False).json()["dagster_webserver_version"] == dg.__version__
    assert {name: process.poll() for name, process in host.processes.items()} == dict.fromkeys(host.processes)


def test_the_staff_can_look_and_start_nothing(host: Installed) -> None:
    until(lambda: host.answers("3002", "/server_info"), "the read-only webserver")
    launch = (
        "mutation { launchRun(executionParams: {selector: {repositoryLocationName: "
        '"temu_assets", repositoryName: "__repository__", jobName: "reconcile"}, runConfigData: {}}) { __typename } }'
    )
    assert host.ask(launch, "3002")["launchRun"]["__typename"] == "UnauthorizedError"


def test_nothing_listens_but_to_this_machine(host: Installed) -> None:
    sessions = {process.pid for process in host.processes.values()}
    found = addresses_of(sessions)
    assert {port for _, port in found} == set(host.ports.values())
    assert {address for address, _ in found} <= LOOPBACK


def test_a_schedule_ticks_and_its_run_goes_through_the_code_server(host: Installed) -> None:
    assert host.wait_until_over(host.launch("temu_inventory_full_sync")).popitem()[1] == "SUCCESS"
    assert wait_for_a_tick(host, "temu_inventory_sync_schedule") == "SUCCESS"


def test_stopping_lets_the_run_under_way_end(host: Installed) -> None:
    """TEMU answers a few questions a byte at a time, so that the run is in the middle when everything is told to stop."""
    host.sandbox.server.faults.order(Fault(kind=FaultKind.DRIP, endpoint=ADDRESS, seconds=0.005, times=10))
    run = host.launch("temu_orders_sync")
    until(lambda: host.sandbox.server.journal.counts().get(ADDRESS, 0) > 0, "the run to be in the middle")
    assert host.status(run) == "STARTED"
    ended = host.stop()
    assert set(ended) == {"code", "daemon", "webserver", "readonly", "uploads"}
    assert {name: code for name, code in ended.items() if code} == {}
    with dg.DagsterInstance.from_config(str(host.works_in / "dagster")) as instance:
        (record,) = instance.get_run_records(dg.RunsFilter(run_ids=[run]))
    assert record.dagster_run.status is dg.DagsterRunStatus.SUCCESS


def test_it_starts_again_where_it_was(host: Installed) -> None:
    host.start("migrate", "code", "daemon", "webserver")
    until(host.is_well, "all services to be well again")
    assert host.wait_until_over(host.launch("temu_orders_sync")).popitem()[1] == "SUCCESS"


def test_what_they_make_is_for_their_user_only(host: Installed) -> None:
    """The services run under UMask=0077; here the program's own mask is looked at, which holds without systemd too."""
    database = host.works_in / "data/sandbox/toci.db"
    assert database.stat().st_mode & 0o077 == 0
    assert Path(host.works_in / "dagster").stat().st_mode & 0o077 == 0
