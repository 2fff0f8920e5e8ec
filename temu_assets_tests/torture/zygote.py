"""A process that has the program in memory and forks a child for each run, so that a run starts at once and can be killed.

``python -m temu_assets_tests.torture.zygote`` reads orders from its standard input, a line of JSON each, and answers each with a line.
It has one thread only: a fork would copy no other.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import signal
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import IO, Any

import dagster as dg
import httpx
import pytest
from dagster._serdes import serialize_value

import temu_assets.toci.migrate
from temu_assets import crash_points
from temu_assets.definitions import defs
from temu_assets.inventory import sending
from temu_assets.sql import attempts
from temu_assets.temu import exchange, transport

WITHOUT_CHECKS = dg.Definitions(assets=defs.assets, jobs=defs.jobs, resources=defs.resources, executor=defs.executor)
LONGEST_RUN_S = 120.0
BETWEEN_LOOKS_S = 0.001

_TLS = httpx.create_ssl_context()


def main() -> None:
    """Run until the input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    _import_what_runs_import()
    gc.collect()
    gc.freeze()
    assert threading.active_count() == 1
    for line in sys.stdin:
        order = json.loads(line)
        answers.write(json.dumps(_warm_up(order) if order["is_warm_up"] else _fork(order)) + "\n")
        answers.flush()


def _import_what_runs_import() -> None:
    """What the program imports where it is used, and then once a run."""
    import alembic.command
    import lxml.etree
    import pandas

    for job in defs.jobs or ():
        defs.resolve_job_def(job.name)
        WITHOUT_CHECKS.resolve_job_def(job.name)
    del alembic, lxml, pandas


def _warm_up(order: dict[str, Any]) -> dict[str, Any]:
    """A run in this process, so that what Dagster and others work out once is there in every child."""
    before = dict(os.environ)
    os.environ.update(order["environment"])
    _shorten_pauses(order["patience_s"])
    is_green = _run(order["job"], Path(order["output"]), with_checks=order["with_checks"])
    os.environ.clear()
    os.environ.update(before)
    gc.collect()
    gc.freeze()
    assert threading.active_count() == 1, threading.enumerate()
    return {"exit_code": 0 if is_green else 1, "is_hung": False}


def _fork(order: dict[str, Any]) -> dict[str, Any]:
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        _be_the_child(order)
    status, is_hung = _wait(child, began, order["kill_after_s"])
    return {
        "exit_code": os.waitstatus_to_exitcode(status),
        "is_hung": is_hung,
        "seconds": time.monotonic() - began,
    }


def _wait(child: int, began: float, kill_after_s: float | None) -> tuple[int, bool]:
    """How the child ended, and whether it had to be ended because it took too long."""
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status, False
        passed = time.monotonic() - began
        if kill_after_s is not None and passed > kill_after_s:
            os.kill(child, signal.SIGKILL)
            return os.waitpid(child, 0)[1], False
        if passed > LONGEST_RUN_S:
            os.kill(child, signal.SIGKILL)
            return os.waitpid(child, 0)[1], True
        time.sleep(BETWEEN_LOOKS_S)


def _be_the_child(order: dict[str, Any]) -> None:
    """One run; never returns. Exit code 0 is a green run, 1 a red one, 3 a failure of the harness."""
    code = 3
    try:
        output = Path(order["output"])
        log = os.open(output / "runs.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.environ.update(order["environment"])
        os.chdir(order["folder"])
        _shorten_pauses(order["patience_s"])
        gc.disable()
        crash_points.arm(order["at"], order["trace"])
        code = 0 if _run(order["job"], output, with_checks=order["with_checks"]) else 1
    except BaseException:  # noqa: BLE001 — whatever it is, a child must not go on as its parent
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _run(job: str, output: Path, *, with_checks: bool) -> bool:
    definitions = defs if with_checks else WITHOUT_CHECKS
    with dg.DagsterInstance.ephemeral() as instance, (output / "events.jsonl").open("a", encoding="utf-8") as events:
        _keep_events(instance, events)
        result = definitions.resolve_job_def(job).execute_in_process(instance=instance, raise_on_error=False)
        return result.success


def _keep_events(instance: dg.DagsterInstance, file: IO[str]) -> None:
    """Write every event as Dagster would store it, so that it can be searched also after the run was killed."""
    storage = instance.event_log_storage
    store = storage.store_event

    def keep(event: Any) -> Any:
        file.write(serialize_value(event) + "\n")
        file.flush()
        return store(event)

    storage.store_event = keep  # type: ignore[method-assign]  # this one instance only


def _shorten_pauses(patience_s: float) -> None:
    """Try as often as in real life, without the waiting between; a call waits ``patience_s`` for its answer."""
    patch = pytest.MonkeyPatch()
    patch.setattr(transport, "pause_before", lambda *_, **__: 0.0)
    patch.setattr(exchange, "READ_S", patience_s)
    patch.setattr(sending, "READ_BACK_PAUSES", (0.05, 0.1, 0.3))
    patch.setattr(attempts, "_PAUSES", {kind: tuple(0.0 for _ in pauses) for kind, pauses in attempts._PAUSES.items()})
    patch.setattr(httpx, "create_ssl_context", lambda *_, **__: _TLS)


if __name__ == "__main__":
    logging.getLogger("alembic").setLevel(logging.WARNING)
    assert temu_assets.toci.migrate
    main()
