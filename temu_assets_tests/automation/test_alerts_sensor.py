"""The sensor that tells a person: what a tick says, the heartbeat, and the token of a real (sandbox) shop."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import dagster as dg
import pytest

from temu_assets.automation.alerts_sensor import build_alerts_sensor, planned_jobs
from temu_assets.automation.job_plan import DEFAULTS
from temu_assets.automation.triggers import ALL_ON, Triggers
from temu_assets.toci import job_runs
from temu_assets.toci.job_runs import RunEnd, RunStart, RunStatus
from temu_assets.toci.processes import this_host, this_process
from temu_assets.toci.revision import ensure_current
from temu_assets_tests.alerts.receivers import Receiver, free_port, receiver
from temu_assets_tests.seller import Seller


@dataclass
class Watched:
    """A shop somebody is told about."""

    seller: Seller
    hook: Receiver

    def tick(self) -> str:
        found = build_alerts_sensor(ALL_ON)(dg.build_sensor_context(instance=self.seller.instance))
        assert isinstance(found, dg.SkipReason)
        return found.skip_message or ""

    def end(self, status: RunStatus) -> None:
        """A run that ended like this, as our history has it."""
        toci, now, run_id = self.seller.toci, self.seller.now(), str(uuid.uuid4())
        start = RunStart(
            run_id, "temu_orders_sync", "orders", "temu_orders_sensor", True, run_id, 0, False, now, this_host(), this_process()
        )
        end = RunEnd(status, now, {}, failed_stage="raw_orders", error="TEMU said no. What to do: ask.", error_kind="ConfigurationError")
        toci.write(lambda connection: job_runs.begin(connection, toci.shop, start))
        toci.write(lambda connection: job_runs.finish(connection, toci.shop, run_id, end))

    def subjects(self) -> list[str]:
        return [each.json["subject"] for each in self.hook.received if each.method == "POST"]


@pytest.fixture
def watched(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    with receiver() as hook:
        monkeypatch.setenv("ALERT_WEBHOOK_URL", hook.url)
        ensure_current(new_seller.toci)
        yield Watched(new_seller, hook)


def test_without_any_way_it_says_so(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALERT_WEBHOOK_URL")
    assert watched.tick().startswith("No way to tell anybody is set")
    monkeypatch.setenv("ALERT_HEARTBEAT_URL", watched.hook.url)
    assert watched.tick().startswith("The heartbeat was told. No way to tell anybody is set")


def test_a_run_that_failed_is_told_and_that_it_is_well_again(watched: Watched) -> None:
    assert watched.tick() == "Nothing new; 0 open."
    watched.end(RunStatus.FAILURE)
    assert watched.tick() == "Told by webhook: 1."
    (message,) = watched.subjects()
    assert "temu_orders_sync failed" in message
    assert "Nothing new" in watched.tick()
    watched.seller.later += timedelta(minutes=1)
    watched.end(RunStatus.SUCCESS)
    assert watched.tick() == "Told by webhook: 1."
    assert "all clear" in watched.subjects()[-1]


def test_the_end_of_the_token_is_told_with_the_look_after_temu_said_it(watched: Watched) -> None:
    access = watched.seller.sandbox.shop.state.access
    access.expires_at = int((watched.seller.now() + timedelta(days=6, hours=12)).timestamp())
    assert watched.tick() == "Nothing new; 0 open."
    assert watched.tick() == "Told by webhook: 1."
    assert watched.subjects() == ["[temu-assets temu] the TEMU access token expires in 7 days"]
    access.expires_at = int((watched.seller.now() + timedelta(days=90)).timestamp())
    watched.seller.later += timedelta(hours=7)
    watched.tick()
    watched.tick()
    assert watched.subjects()[1:] == ["[temu-assets temu] all clear: the TEMU access token expires in 7 days"]


def test_a_way_that_fails_is_a_failed_tick_and_the_heartbeat_only_a_warning(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERT_HEARTBEAT_URL", f"http://127.0.0.1:{free_port()}/secret")
    assert watched.tick().startswith("The heartbeat was not told: The service of ALERT_HEARTBEAT_URL cannot be reached")
    watched.end(RunStatus.FAILURE)
    watched.hook.answers.append((500, ""))
    with pytest.raises(dg.Failure, match="did not take the message"):
        watched.tick()
    assert "Told by webhook: 1." in watched.tick()


def test_the_heartbeat_is_told_also_when_our_database_is_away(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERT_HEARTBEAT_URL", watched.hook.url)
    (watched.seller.data).mkdir(exist_ok=True)
    (watched.seller.data / "file").touch()
    monkeypatch.setenv("TOCI_DATABASE_URL", f"sqlite:///{watched.seller.data}/file/toci.db")
    for _ in range(5):
        with pytest.raises(dg.Failure):
            watched.tick()
        watched.seller.later += timedelta(minutes=1)
    assert [each.method for each in watched.hook.received].count("GET") == 5
    assert watched.subjects() == ["[temu-assets temu] our own database cannot be used"]


def test_what_is_planned_is_known_to_the_alerts() -> None:
    jobs = {job.name: job for job in planned_jobs(ALL_ON)}
    assert jobs.keys() == DEFAULTS.jobs.keys()
    assert (jobs["temu_inventory_sync"].pause, jobs["temu_inventory_sync"].is_on) == (timedelta(minutes=30), True)
    assert (jobs["fetch_invoices"].pause, jobs["fetch_invoices"].is_on) == (None, False)
    assert jobs["temu_orders_sync"].retries == DEFAULTS.jobs["temu_orders_sync"].retries
    off = replace(DEFAULTS, jobs={name: replace(job, enabled=False) for name, job in DEFAULTS.jobs.items()})
    assert not any(job.is_on for job in planned_jobs(Triggers(off, on_by_default=True)))
