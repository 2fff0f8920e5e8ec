"""A house with everything alerts need: our database, a mail server, a receiver of webhooks, and a clock that is moved by hand."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import event, select

from temu_assets.alerts.facts import Job
from temu_assets.alerts.looking import Outcome, look
from temu_assets.alerts.ways import ways
from temu_assets.settings import Settings, load_settings
from temu_assets.toci import job_runs, problems
from temu_assets.toci.database import Toci, open_engine
from temu_assets.toci.job_runs import RunEnd, RunStart, RunStatus
from temu_assets.toci.problems import Finding
from temu_assets.toci.processes import this_host, this_process
from temu_assets.toci.revision import ensure_current
from temu_assets.toci.tables import alerts
from temu_assets_tests.alerts.jobs import JOBS, ORDERS
from temu_assets_tests.alerts.receivers import MailServer, Receiver, mail_server, receiver
from temu_assets_tests.databases import empty_toci_url

MINUTE = timedelta(minutes=1)


@dataclass
class House:
    """``wait`` moves the clock. Most is done to it as the program itself would: runs by ``job_runs``, problems by ``problems.report``."""

    toci: Toci
    mail: MailServer
    hook: Receiver
    now: datetime = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
    jobs: tuple[Job, ...] = JOBS
    extra: dict[str, Any] = field(default_factory=dict)

    def wait(self, time: timedelta = MINUTE) -> None:
        self.now += time

    def settings(self) -> Settings:
        return load_settings()

    def look(self, jobs: tuple[Job, ...] | None = None) -> Outcome:
        settings = self.settings()
        return look(
            self.toci, settings, ways(settings), self.jobs if jobs is None else jobs, "a test", now=self.now, wait_seconds=5, **self.extra
        )

    def begin(self, job: str = ORDERS, **details: Any) -> RunStart:
        run_id = str(uuid.uuid4())
        start = {
            "job_type": "orders", "started_by": "temu_orders_sensor", "is_triggered": True, "first_run_id": run_id, "attempt": 0,
            "dry_run": False, "started_at": self.now, "host": this_host(), "process": this_process(),
        } | details  # fmt: skip
        run = RunStart(run_id=run_id, job_id=job, **start)  # type: ignore[arg-type]  # from a table
        self.toci.write(lambda connection: job_runs.begin(connection, self.toci.shop, run))
        return run

    def end(self, run: RunStart, status: RunStatus = RunStatus.SUCCESS, **details: Any) -> None:
        end = RunEnd(status, self.now, {}, **details)
        assert self.toci.write(lambda connection: job_runs.finish(connection, self.toci.shop, run.run_id, end))

    def succeed(self, job: str = ORDERS, **details: Any) -> None:
        self.end(self.begin(job, **details))

    def fail(self, job: str = ORDERS, error_kind: str = "ConfigurationError", *, may_pass: bool = False, **details: Any) -> None:
        self.end(
            self.begin(job, **details),
            RunStatus.FAILURE,
            failed_stage="raw_orders",
            error="TEMU did not like it. What to do: correct the setting.",
            error_kind=error_kind,
            may_pass=may_pass,
        )

    def report(self, kind: str, findings: Mapping[str, tuple[str, str]]) -> None:
        found = {key: Finding(*words) for key, words in findings.items()}
        self.toci.write(lambda connection: problems.report(connection, self.toci.shop, kind, found, now=self.now))

    def hooked(self) -> list[str]:
        """The subjects the webhook got."""
        return [str(request.json["subject"]) for request in self.hook.received]

    def rows(self) -> dict[tuple[str, str], Any]:
        with self.toci.engine.begin() as connection:
            return {(row.kind, row.key): row for row in connection.execute(select(alerts))}


def _does_not_wait(connection: object, _: object) -> None:
    """For the disk: what is looked at here needs no power cut to survive."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = OFF")


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """With mail and a webhook."""
    monkeypatch.chdir(tmp_path)
    url = empty_toci_url(tmp_path / "toci.db")
    with mail_server() as mail, receiver() as hook:
        for name, value in {
            "TOCI_DATABASE_URL": url,
            "TEMU_DATA_DIR": str(tmp_path / "data"),
            "ALERT_MAIL_HOST": "127.0.0.1",
            "ALERT_MAIL_PORT": str(mail.port),
            "ALERT_MAIL_SECURITY": "none",
            "ALERT_MAIL_FROM": "temu@example.invalid",
            "ALERT_MAIL_TO": "office@example.invalid",
            "ALERT_WEBHOOK_URL": hook.url,
        }.items():
            monkeypatch.setenv(name, value)
        toci = Toci(open_engine(SecretStr(url)), "sandbox")
        event.listen(toci.engine, "connect", _does_not_wait)
        ensure_current(toci)
        yield House(toci, mail, hook)
        toci.close()
