"""Dagster's webserver and daemon really started, as an administrator starts them, with the sandbox behind them and a home of their own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from temu_assets.sandbox.run import RunningSandbox, open_sandbox

PROJECT = Path(__file__).parent.parent.parent
WORKSPACE = ("-w", str(PROJECT / "workspace.yaml"))
LONGEST_SECONDS = 180.0
HERE = {"repositoryLocationName": "temu_assets", "repositoryName": "__repository__"}
_WELL = "{ instance { daemonHealth { allDaemonStatuses { required healthy } } } locationStatusesOrError { __typename } }"
_LOG = """query($id: ID!) { logsForRun(runId: $id) { ... on EventConnection { events {
    ... on MessageEvent { message } ... on ErrorEvent { error { message } } } } } }"""
ENDED = frozenset({"SUCCESS", "FAILURE", "CANCELED"})
_START = "mutation($params: ExecutionParams!) { launchRun(executionParams: $params) { ... on LaunchRunSuccess { run { runId } } } }"


@dataclass(frozen=True)
class Server:
    """A webserver at ``url`` and a daemon, on the settings in ``environment``; they and their runs work in ``folder``."""

    url: str
    folder: Path
    environment: dict[str, str]
    sandbox: RunningSandbox

    def ask(self, query: str, **variables: object) -> Any:
        """What a GraphQL query or mutation answers; fails on an answer that holds errors."""
        answer = httpx.post(f"{self.url}/graphql", json={"query": query, "variables": variables}, timeout=60, trust_env=False)
        content = answer.json()
        assert "errors" not in content, content["errors"]
        return content["data"]

    def at(self, url: str) -> Server:
        """The same behind another webserver."""
        return replace(self, url=url)

    def start(self, job: str, **config: object) -> str:
        """Start a job as a person would, with the run configuration of its assets; its run's id."""
        params = {"selector": HERE | {"jobName": job}, "runConfigData": {"ops": {name: {"config": each} for name, each in config.items()}}}
        return str(self.ask(_START, params=params)["launchRun"]["run"]["runId"])

    def status(self, run_id: str) -> str:
        """How a run stands, in Dagster's word."""
        return str(self.ask("query($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }", id=run_id)["runOrError"]["status"])

    def wait_for(self, run_id: str, status: str = "SUCCESS") -> None:
        """Wait until a run is over; fails unless it ended so."""
        until(lambda: self.status(run_id) in ENDED, f"the end of run {run_id}")
        assert self.status(run_id) == status, self.messages(run_id)[-5:]

    def messages(self, run_id: str) -> list[str]:
        """What a run's log says, oldest first, with the errors in it."""
        events = self.ask(_LOG, id=run_id)["logsForRun"]["events"]
        return [" ".join(filter(None, (event["message"], (event.get("error") or {}).get("message")))) for event in events]

    def is_well(self) -> bool:
        """Whether the webserver answers and every daemon it needs has given a sign of life."""
        try:
            daemons = self.ask(_WELL)["instance"]["daemonHealth"]["allDaemonStatuses"]
        except httpx.TransportError:
            return False
        return all(daemon["healthy"] for daemon in daemons if daemon["required"])


@contextmanager
def open_server(folder: Path, *, orders: int = 10, **settings: str) -> Iterator[Server]:
    """Start both in an empty folder and wait until they are well; ``settings`` are further ones of the environment.

    The sandbox is set as a real shop would be, so schedules and sensors are off until somebody switches them on.
    """
    home = folder / "dagster"
    home.mkdir()
    shutil.copy(PROJECT / "dagster.yaml", home)
    with open_sandbox(folder / "sandbox", orders=orders, requests_per_second=None) as sandbox:
        access = sandbox.shop.state.access
        environment = os.environ | {
            "DAGSTER_HOME": str(home),
            "PYTHONPATH": str(PROJECT),
            "TEMU_APP_KEY": access.app_key,
            "TEMU_APP_SECRET": access.app_secret,
            "TEMU_ACCESS_TOKEN": access.token,
            "TEMU_API_ENDPOINT": sandbox.server.url,
            "TEMU_REQUESTS_PER_SECOND": "2000",
            "TEMU_DATA_DIR": str(folder / "data"),
            "JTL_DATABASE_URL": sandbox.jtl.url,
            **settings,
        }
        subprocess.run(
            [sys.executable, "-m", "dagster", "instance", "migrate"], env=environment, cwd=folder, check=True, capture_output=True
        )
        port = free_port()
        server = Server(f"http://127.0.0.1:{port}", folder, environment, sandbox)
        with webserver(server, port), daemon(server):
            until(server.is_well, f"webserver and daemon to be well; see {folder}/*.log")
            yield server


def webserver(server: Server, port: int, *options: str) -> AbstractContextManager[object]:
    """A webserver at a port of 127.0.0.1."""
    return _running(server, "dagster_webserver", *WORKSPACE, "-h", "127.0.0.1", "-p", str(port), *options)


def daemon(server: Server) -> AbstractContextManager[object]:
    """The daemon; there may be one only."""
    return _running(server, "dagster._daemon", "run", *WORKSPACE)


@contextmanager
def _running(server: Server, module: str, *arguments: str) -> Iterator[None]:
    """A program of Dagster's beside the server, for as long as the block runs; what it says goes into a file in the server's folder."""
    with (server.folder / f"{module}.log").open("wb") as log:
        # A session of its own, so that what it has started can be ended with it.
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            env=server.environment, cwd=server.folder, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        try:
            yield
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def free_port() -> int:
    """A port on 127.0.0.1 that nobody listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for what has to happen; fails when it does not."""
    end = time.monotonic() + LONGEST_SECONDS
    while not condition():
        assert time.monotonic() < end, f"waited {LONGEST_SECONDS:.0f} s for {what}"
        time.sleep(0.1)
