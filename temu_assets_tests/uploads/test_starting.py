"""Runs the page starts: one at a time for each job, once more for what came meanwhile, and what failed is said."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from temu_assets.uploads.starting import Runs, RunState, dagster_run
from temu_assets_tests.uploads import fake_run
from temu_assets_tests.uploads.conftest import CSV, PDF, Open, until

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def runs_of(page: Open) -> list[str]:
    log = page.data / fake_run.LOG
    return log.read_text().splitlines() if log.exists() else []


def settled(page: Open) -> bool:
    return not any(run["is_running"] for run in page.runs().values())


def test_files_that_come_together_are_read_by_one_run_under_the_servers_dagster(page: Open) -> None:
    for number in range(5):
        page.upload(f"{number}.pdf", PDF + bytes([number]))
    until(lambda: set(page.states().values()) == {"ok"} and settled(page))
    assert runs_of(page) == [f"fetch_invoices {page.data.parent / 'home'}"]


def test_what_comes_while_a_run_is_under_way_is_read_by_one_more(page: Open) -> None:
    (page.data / fake_run.HOLD).touch()
    page.upload("a.pdf")
    until(lambda: page.states() == {"a.pdf": "ok"})
    assert page.runs()["fetch_invoices"]["is_running"]
    page.upload("b.pdf", PDF + b"b")
    page.upload("c.pdf", PDF + b"c", "werbung")
    assert len(runs_of(page)) == 1
    # The other job has a run of its own meanwhile.
    page.upload("EXTF_a.csv", CSV, "datev")
    until(lambda: len(runs_of(page)) == 2)
    assert page.states()["b.pdf"] == "wartet"
    (page.data / fake_run.HOLD).unlink()
    until(lambda: set(page.states().values()) == {"ok", "prüfen"} and settled(page))
    assert sorted(line.split()[0] for line in runs_of(page)) == ["datev_processing", "fetch_invoices", "fetch_invoices"]


def test_a_run_that_failed_is_said_until_one_succeeds(page: Open) -> None:
    (page.data / fake_run.FAIL).touch()
    page.upload("a.pdf")
    until(lambda: page.runs()["fetch_invoices"]["failed_at"] is not None)
    assert page.states() == {"a.pdf": "wartet"}
    assert page.runs()["datev_processing"]["failed_at"] is None
    (page.data / fake_run.FAIL).unlink()
    assert page.visitor.post("/runs/werbung").status_code == 202
    until(lambda: page.states() == {"a.pdf": "ok"} and settled(page))
    assert page.runs()["fetch_invoices"]["failed_at"] is None


def test_a_refused_file_starts_nothing(page: Open) -> None:
    assert page.upload("a.exe").status_code == 415
    assert not page.runs()["fetch_invoices"]["is_running"]


def test_a_run_that_cannot_start_has_failed() -> None:
    async def try_it() -> RunState:
        runs = Runs(lambda _: ["/nowhere/at/all"], {}, lambda: NOW, quiet_seconds=0)
        runs.ask("fetch_invoices")
        await asyncio.to_thread(until, lambda: runs.state("fetch_invoices").failed_at is not None)
        await runs.end()
        return runs.state("fetch_invoices")

    assert asyncio.run(try_it()).failed_at == NOW


def test_what_runs_ends_with_the_page_as_by_ctrl_c(tmp_path: Path) -> None:
    code = (
        "import pathlib, sys, time\n"
        "try:\n    pathlib.Path(sys.argv[1], 'began').touch(); time.sleep(60)\n"
        "except KeyboardInterrupt:\n    pathlib.Path(sys.argv[1], 'interrupted').touch()"
    )

    async def try_it() -> None:
        runs = Runs(lambda _: [sys.executable, "-c", code, str(tmp_path)], os.environ, lambda: NOW, quiet_seconds=0)
        runs.ask("fetch_invoices")
        await asyncio.to_thread(until, (tmp_path / "began").exists)
        await runs.end()

    # As the server does, whose handler its children do not inherit; tests started in the background would hand down that it is ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        asyncio.run(try_it())
    finally:
        signal.signal(signal.SIGINT, before)
    assert (tmp_path / "interrupted").exists()


def test_what_is_asked_for_at_the_end_is_not_begun() -> None:
    async def try_it() -> RunState:
        runs = Runs(lambda _: [sys.executable, "-c", "raise SystemExit(1)"], os.environ, lambda: NOW, quiet_seconds=60)
        runs.ask("fetch_invoices")
        await asyncio.sleep(0)
        await runs.end()
        return runs.state("fetch_invoices")

    assert asyncio.run(try_it()).failed_at is None


def test_a_run_is_what_a_person_would_type() -> None:
    assert dagster_run("fetch_invoices")[1:] == ["-m", "dagster", "job", "execute", "-m", "temu_assets.definitions", "-j", "fetch_invoices"]
