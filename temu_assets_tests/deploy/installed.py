"""The program as ``install.sh`` lays it down, in a folder of the test's, and its units started as systemd would start them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from temu_assets.sandbox.run import RunningSandbox, open_sandbox
from temu_assets_tests.api.server import free_port, until
from temu_assets_tests.deploy.files import SYSTEMD, Unit, read_unit

PORTS = ("3000", "3001", "3002", "4000")
IN_ORDER = ("migrate", "code", "daemon", "webserver", "readonly", "uploads")
"""Each after those it requires; a test of the units holds that."""
_WELL = "{ instance { daemonHealth { allDaemonStatuses { required healthy } } } }"


@dataclass
class Installed:
    """``root`` stands for the host's file system; ``ports`` say which free port each of ours is here."""

    root: Path
    environment: Mapping[str, str]
    sandbox: RunningSandbox
    ports: dict[str, int]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def works_in(self) -> Path:
        return self.root / "var/lib/temu-assets"

    def url(self, port: str = "3000") -> str:
        return f"http://127.0.0.1:{self.ports[port]}"

    def here(self, text: str) -> str:
        """A path or number of the units as it is in this test."""
        if text in self.ports:
            return str(self.ports[text])
        programs = str(Path(sys.executable).parent)
        text = text.replace("/opt/temu-assets/current/bin", programs)
        for folder in ("/etc/temu-assets", "/var/lib/temu-assets"):
            text = text.replace(folder, f"{self.root}{folder}")
        for port, number in self.ports.items():
            text = text.replace(f"-p {port}", f"-p {number}")
        return text

    def start(self, *names: str) -> None:
        """Start units in order: what is done once is done, what stays is there and answers as its ExecStartPost asks."""
        for name in names or IN_ORDER:
            unit = read_unit(f"temu-assets-{name}.service")
            environment = {**self.environment, **self._environment_of(unit)}
            folder = self.here(unit.all("WorkingDirectory")[0])
            with (self.root / f"{name}.log").open("ab") as log:
                for command in unit.commands():
                    words = [self.here(word) for word in command]
                    if unit.one("Type") == "oneshot":
                        subprocess.run(words, env=environment, cwd=folder, stdout=log, stderr=log, check=True)
                    else:
                        self.processes[name] = subprocess.Popen(
                            words, env=environment, cwd=folder, stdout=log, stderr=log, start_new_session=True
                        )
                for command in unit.commands("ExecStartPost"):
                    words = [self.here(word) for word in command]
                    subprocess.run(words, env=environment, cwd=folder, stdout=log, stderr=log, check=True, timeout=90)

    def _environment_of(self, unit: Unit) -> dict[str, str]:
        return dict(self.here(line).split("=", 1) for line in unit.all("Environment"))

    def stop(self, *names: str) -> dict[str, int]:
        """Stop units in the reverse order of their start, by asking the main process alone (KillMode=mixed); how each ended."""
        ended = {}
        for name in reversed(names or tuple(self.processes)):
            process = self.processes.pop(name)
            process.send_signal(signal.SIGTERM)
            ended[name] = process.wait(90)
        return ended

    def kill_all(self) -> None:
        for process in self.processes.values():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def ask(self, query: str, port: str = "3000", **variables: object) -> Any:
        content = self.graphql(query, port, **variables)
        assert "errors" not in content, content["errors"]
        return content["data"]

    def graphql(self, query: str, port: str = "3000", **variables: object) -> Any:
        answer = httpx.post(f"{self.url(port)}/graphql", json={"query": query, "variables": variables}, timeout=60, trust_env=False)
        return answer.json()

    def answers(self, port: str, path: str) -> bool:
        """Whether the service on this port of ours says yes to a question that needs no login."""
        try:
            return httpx.get(f"{self.url(port)}{path}", timeout=60, trust_env=False).is_success
        except httpx.TransportError:
            return False

    def is_well(self) -> bool:
        try:
            daemons = self.ask(_WELL)["instance"]["daemonHealth"]["allDaemonStatuses"]
        except httpx.TransportError:
            return False
        return all(daemon["healthy"] for daemon in daemons if daemon["required"])

    def runs(self, **tags: str) -> list[tuple[str, str]]:
        """Id and status of each run with these tags, the newest first; ``dagster__x`` is the tag ``dagster/x``."""
        found = self.ask(
            "query($f: RunsFilter!) { runsOrError(filter: $f) { ... on Runs { results { runId status } } } }",
            f={"tags": [{"key": key.replace("__", "/"), "value": value} for key, value in tags.items()]},
        )["runsOrError"]["results"]
        return [(run["runId"], run["status"]) for run in found]

    def launch(self, job: str, **tags: str) -> str:
        """Start a run as the button in the UI does; its id."""
        answer = self.ask(
            "mutation($p: ExecutionParams!) { launchRun(executionParams: $p) { __typename"
            " ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }",
            p={
                "selector": {"repositoryLocationName": "temu_assets", "repositoryName": "__repository__", "jobName": job},
                "runConfigData": {},
                "executionMetadata": {"tags": [{"key": key.replace("__", "/"), "value": value} for key, value in tags.items()]},
            },
        )["launchRun"]
        assert answer["__typename"] == "LaunchRunSuccess", answer
        return str(answer["run"]["runId"])

    def status(self, run_id: str) -> str:
        return str(self.ask("query($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }", id=run_id)["runOrError"]["status"])

    def wait_until_over(self, *run_ids: str) -> dict[str, str]:
        until(lambda: all(self.status(run) in ("SUCCESS", "FAILURE", "CANCELED") for run in run_ids), f"{len(run_ids)} runs to be over")
        return {run: self.status(run) for run in run_ids}


@contextmanager
def installed(root: Path, *, settings: str, dagster_yaml: Path | None = None, **environment: str) -> Iterator[Installed]:
    """Lay everything down below ``root`` with a sandbox behind it; nothing runs yet, and nothing of it does in the end.

    ``settings``: what the administrator writes into ``temu-assets.env``; ``dagster_yaml``: instead of the usual one.
    """
    subprocess.run([str(SYSTEMD / "install.sh")], env={**os.environ, "DESTDIR": str(root)}, check=True)
    works_in = root / "var/lib/temu-assets"
    # The links lead to the host's /etc.
    for link, target in ((".env", "temu-assets.env"), ("dagster/dagster.yaml", "dagster.yaml")):
        (works_in / link).unlink()
        (works_in / link).symlink_to(root / "etc/temu-assets" / target)
    (root / "etc/temu-assets/temu-assets.env").write_text(settings, encoding="utf-8")
    if dagster_yaml is not None:
        shutil.copy(dagster_yaml, root / "etc/temu-assets/dagster.yaml")
    ports = {port: free_port() for port in PORTS}
    workspace = root / "etc/temu-assets/workspace.yaml"
    workspace.write_text(workspace.read_text(encoding="utf-8").replace("4000", str(ports["4000"])), encoding="utf-8")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("TEMU_", "JTL_", "TOCI_", "SQL_", "DAGSTER"))}
    with open_sandbox(works_in / "data/sandbox", orders=40, requests_per_second=None) as sandbox:
        here = Installed(root, {**clean, **environment}, sandbox, ports)
        try:
            yield here
        finally:
            here.kill_all()


def wait_for_a_tick(here: Installed, schedule: str) -> str:
    """Wait for the next run that a schedule starts by itself, and for its end; its status."""
    before = here.runs(dagster__schedule_name=schedule)
    until(lambda: len(here.runs(dagster__schedule_name=schedule)) > len(before), f"{schedule} to tick")
    (run, _) = here.runs(dagster__schedule_name=schedule)[-len(before) - 1]
    return here.wait_until_over(run)[run]
