"""What each section of ``docs/api.md`` that changes something is to bring about, looked at from outside the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from temu_assets.sandbox.faults import Fault, FaultKind
from temu_assets_tests.api.reader import Reader
from temu_assets_tests.api.server import HERE, until

Look = Callable[[Reader], Iterator[None]]
LOOKS: dict[str, Look] = {}
WANTED = {"parent_order_status": 2, "days_back": 14, "backfill": True}

_NEWEST = "{ runsOrError(limit: 1) { ... on Runs { results { runId jobName runConfig tags { key value } assetSelection { path } } } } }"
_LISTED = """query($asset: AssetKeyInput!) { assetOrError(assetKey: $asset) { ... on Asset { assetMaterializations(limit: 1) {
    runId metadataEntries { label ... on IntMetadataEntry { intValue } } } } } }"""
_OBSERVED = (
    """query($asset: AssetKeyInput!) { assetOrError(assetKey: $asset) { ... on Asset { assetObservations(limit: 1) { runId } } } }"""
)
_WAITING = "SELECT COUNT(*) FROM tXMLBestellImport"
_SCHEDULE = """query($which: ScheduleSelector!) { scheduleOrError(scheduleSelector: $which) { ... on Schedule {
    cronSchedule scheduleState { id status } } } }"""
_SENSOR = "query($which: SensorSelector!) { sensorOrError(sensorSelector: $which) { ... on Sensor { sensorState { id status } } } }"
_EVENTS = "query($run: ID!) { logsForRun(runId: $run) { ... on EventConnection { events { ... on MessageEvent { eventType message } } } } }"


def around(section: str) -> Callable[[Look], Look]:
    """What is made ready before each runnable block of a section, and looked at after it."""

    def keep(look: Look) -> Look:
        LOOKS[section] = look
        return look

    return keep


def newest(reader: Reader) -> dict[str, Any]:
    """The run that was started last."""
    found: list[dict[str, Any]] = reader.server.ask(_NEWEST)["runsOrError"]["results"]
    return found[0] if found else {"runId": ""}


def a_run(reader: Reader, job: str) -> Iterator[dict[str, Any]]:
    """Yields twice: before, and with the one new run, which is one of the job and went well."""
    before = newest(reader)["runId"]
    yield {}
    run = newest(reader)
    assert run["runId"] != before
    assert run["jobName"] == job
    reader.server.wait_for(run["runId"])
    yield run


@around("Start a job")
def _started(reader: Reader) -> Iterator[None]:
    before = newest(reader)["runId"]
    yield
    if "RunConfigValidationInvalid" in reader.output:
        assert newest(reader)["runId"] == before
        return
    run = newest(reader)
    assert run["runId"] not in ("", before)
    reader.server.wait_for(run["runId"])
    assert run["runId"] in (reader.python.get("run"), reader.variable("RUN"))
    given = run["runConfig"]["ops"]["raw_orders"]["config"]
    assert {"days_back", "backfill"} <= set(given)
    assert given.items() <= WANTED.items()
    assert {"key": "why", "value": "looking for an order"} in run["tags"]
    # Each listed all orders of these days: the parameters got as far as the stage.
    (last,) = reader.server.ask(_LISTED, asset={"path": ["raw_orders"]})["assetOrError"]["assetMaterializations"]
    assert last["runId"] == run["runId"]
    assert next(entry["intValue"] for entry in last["metadataEntries"] if entry["label"] == "listed") > 40


@around("Only some assets")
def _alone(reader: Reader) -> Iterator[None]:
    for run in a_run(reader, "__ASSET_JOB"):
        if not run:
            yield
        else:
            assert {each["path"][0] for each in run["assetSelection"]} in ({"order_tracking", "tracking_upload"}, {"raw_skus"})


@around("Only show what would be done")
def _shown_only(reader: Reader) -> Iterator[None]:
    sandbox = reader.server.sandbox
    sandbox.shop.place_order()
    sandbox.jtl.sell_out("DECKEL-BL")
    earlier = reader.python["run"]
    waiting = sandbox.jtl.rows(_WAITING)[0][0]
    stock = {sku.sku_id: sku.stock for sku in sandbox.shop.state.skus.values()}
    before = newest(reader)["runId"]
    yield
    run = newest(reader)
    assert run["runId"] != before
    reader.server.wait_for(run["runId"])
    assert sandbox.jtl.rows(_WAITING)[0][0] == waiting
    assert {sku.sku_id: sku.stock for sku in sandbox.shop.state.skus.values()} == stock
    effect = next(asset for asset in run["runConfig"]["ops"] if run["runConfig"]["ops"][asset]["config"]["dry_run"])
    (observed,) = reader.server.ask(_OBSERVED, asset={"path": [effect]})["assetOrError"]["assetObservations"]
    assert observed["runId"] == run["runId"]
    reader.python["run"] = earlier


@around("Do it again")
def _again(reader: Reader) -> Iterator[None]:
    for run in a_run(reader, "temu_orders_sync"):
        if not run:
            yield
        else:
            assert {"key": "dagster/parent_run_id", "value": reader.variable("RUN")} in run["tags"]
            assert run["runConfig"]["ops"]["raw_orders"]["config"] == WANTED


@around("End a run")
def _ended(reader: Reader) -> Iterator[None]:
    faults = reader.server.sandbox.server.faults
    faults.order(Fault(kind=FaultKind.UNHEARD, endpoint="bg.order.list.v2.get", seconds=30, times=9))
    earlier = reader.variable("RUN")
    run = reader.server.start("temu_orders_sync")
    until(lambda: sum(fault.times for fault in faults.waiting()) < 9, "the run to ask TEMU")
    reader.type(f"RUN={run}")
    reader.python["run"] = run
    yield
    faults.clear()
    reader.server.wait_for(run, "CANCELED")
    reader.type(f"RUN={earlier}")
    reader.python["run"] = earlier


@around("Switch a schedule on")
def _schedule_on(reader: Reader) -> Iterator[None]:
    which = HERE | {"scheduleName": "temu_orders_sync_schedule"}
    state = reader.server.ask(_SCHEDULE, which=which)["scheduleOrError"]["scheduleState"]
    reader.server.ask("mutation($id: String!) { stopRunningSchedule(id: $id) { __typename } }", id=state["id"])
    yield
    assert reader.server.ask(_SCHEDULE, which=which)["scheduleOrError"]["scheduleState"]["status"] == "RUNNING"


@around("Switch a schedule off")
def _schedule_off(reader: Reader) -> Iterator[None]:
    which = HERE | {"scheduleName": "temu_orders_sync_schedule"}
    reader.server.ask("mutation($which: ScheduleSelector!) { startSchedule(scheduleSelector: $which) { __typename } }", which=which)
    yield
    assert reader.server.ask(_SCHEDULE, which=which)["scheduleOrError"]["scheduleState"]["status"] == "STOPPED"


@around("Another time for a job")
def _another_time(reader: Reader) -> Iterator[None]:
    which = HERE | {"scheduleName": "temu_inventory_sync_schedule"}
    assert reader.server.ask(_SCHEDULE, which=which)["scheduleOrError"]["cronSchedule"] == "*/30 * * * *"
    yield
    assert reader.server.ask(_SCHEDULE, which=which)["scheduleOrError"]["cronSchedule"] == "*/15 * * * *"


@around("Switch a sensor on")
def _sensor_on(reader: Reader) -> Iterator[None]:
    which = HERE | {"sensorName": "invoice_files_sensor"}
    assert reader.server.ask(_SENSOR, which=which)["sensorOrError"]["sensorState"]["status"] == "STOPPED"
    yield
    assert reader.server.ask(_SENSOR, which=which)["sensorOrError"]["sensorState"]["status"] == "RUNNING"


@around("Switch a sensor off")
def _sensor_off(reader: Reader) -> Iterator[None]:
    which = HERE | {"sensorName": "invoice_files_sensor"}
    assert reader.server.ask(_SENSOR, which=which)["sensorOrError"]["sensorState"]["status"] == "RUNNING"
    yield
    assert reader.server.ask(_SENSOR, which=which)["sensorOrError"]["sensorState"]["status"] == "STOPPED"


@around("The live log")
def _live(reader: Reader) -> Iterator[None]:
    for run in a_run(reader, "temu_orders_sync"):
        if not run:
            yield
        else:
            assert_whole_log(reader, run["runId"])


@around("The history of all runs")
def _history(reader: Reader) -> Iterator[None]:
    yield
    assert reader.rows


@around("Orders")
def _orders_by_command(reader: Reader) -> Iterator[None]:
    for run in a_run(reader, "temu_orders_sync"):
        if not run:
            yield
        else:
            assert run["runConfig"]["ops"]["raw_orders"]["config"] == {"parent_order_status": 2, "days_back": 7, "backfill": False}


@around("The other modes")
def _modes_by_command(reader: Reader) -> Iterator[None]:
    before = newest(reader)["runId"]
    yield
    run = newest(reader)
    assert run["runId"] != before
    assert run["jobName"] in {"temu_tracking_sync", "temu_inventory_sync", "__ASSET_JOB"}
    reader.server.wait_for(run["runId"])


def assert_whole_log(reader: Reader, run_id: str) -> None:
    """The last block printed every event of the run up to its end."""
    events = reader.server.ask(_EVENTS, run=run_id)["logsForRun"]["events"]
    end = next(index for index, event in enumerate(events) if event["eventType"] == "RUN_SUCCESS")
    printed = reader.output
    for event in events[: end + 1]:
        wanted = f"{event['eventType']} {event['message']}"
        assert wanted in printed
        printed = printed.replace(wanted, "", 1)
