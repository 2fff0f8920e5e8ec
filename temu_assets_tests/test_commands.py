"""Every command line of the README and of the pages in ``docs/`` is run as it stands there, in one folder, one after the other.

What cannot be run here is named below with its reason; a line that is neither run, nor left to the test of its page, nor named fails.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from temu_assets.sandbox.run import open_sandbox

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

RUN_ELSEWHERE = {
    "api.md": "temu_assets_tests/api",
    "sandbox.md": "temu_assets_tests/test_docs.py and temu_assets_tests/cli/test_sandbox.py",
    "deployment.md": "temu_assets_tests/deploy",
    "doctor.md": "temu_assets_tests/cli/test_doctor_page.py",
}
"""Pages whose lines need a world of their own, and the test that runs them."""

PROGRAMS = (
    ".venv/bin/", "make", "dagster", "temu-assets", "curl", "sudo", "systemctl", "docker", "sqlite3", "cp", "git", "apt", "apt-get",
    "helm", "kubectl", "nginx", "pm2", "psql", "export", "jq", "python", "pip", "chmod", "journalctl",
)  # fmt: skip

NOT_RUN = {
    r"make (test|torture|lint|drill|bench|audit|sbom|release)": "tests themselves, or a test runs what they call; see make -n",
    r"make (demo|ui)": "temu_assets_tests/cli/test_demo.py and temu_assets_tests/api run them",
    r"docker (run|exec) .*mssql.*": "needs Docker and Microsoft's image",
    r"\.venv/bin/python -m temu_assets_tests\.(torture|model|tds\.run) .*": "tests of the program itself",
    r"\.venv/bin/python -m pytest .*": "tests of the program itself",
    r"(\.venv/bin/)?python -m benchmarks\..*": "measurements; minutes long",
    r"(sudo |systemctl |docker ).*": "belongs to deployment.md, whose test looks at it; needs root or Docker",
    r"\.venv/bin/python -m pip install .*": "would change this very environment",
}

SERVERS = {
    r"\.venv/bin/temu-assets uploads": "http://127.0.0.1:",
}
"""They run until they are ended; what they print once they are there."""

REFUSED = {
    "backup restore": "not empty",
    "problems handle": "parcel_unclear",
    "problems retry": "stock_refused",
    "problems show": "There is no problem order_data",
    "forget": "PO-076-00000000000000001|ORDER",
    "adopt": "nothing to adopt",
    "alerts": "No way to tell anybody is set",
}
"""Where the world of this test has nothing to do it on, the refusal has to say why."""

DRY = "ops: {jtl_order_xml: {config: {dry_run: true}}}\n"
OLDER_ORDERS = "ops:\n  raw_orders:\n    config: {parent_order_status: 2, days_back: 30, backfill: true}\n"


@dataclass(frozen=True)
class Line:
    """One command line and where it stands."""

    page: str
    number: int
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.number} {self.text}"


def lines() -> Iterator[Line]:
    for page in PAGES:
        # A backslash at the end goes on in the next line.
        text = re.sub(r"\\\n +", "", page.read_text(encoding="utf-8"))
        for number, raw in enumerate(text.splitlines(), 1):
            found = re.match(r"^ {4,}(?:\$ )?((?:[A-Z_]+=\S+ +)*)(\S+)(.*)$", raw)
            if found and (found[2] in PROGRAMS or found[2].startswith(".venv/bin/")):
                yield Line(page.name, number, re.sub(r"\s+#\s.*$", "", raw.strip().removeprefix("$ ")).strip())


def once() -> list[Line]:
    """Each text once, where it first stands; without the pages that have tests of their own."""
    found: dict[str, Line] = {}
    for line in lines():
        if line.page not in RUN_ELSEWHERE:
            found.setdefault(line.text, line)
    return list(found.values())


def reason_not_to_run(text: str) -> str | None:
    return next((reason for pattern, reason in NOT_RUN.items() if re.fullmatch(pattern, text)), None)


@dataclass(frozen=True)
class World:
    """A folder as an administrator has it, and a sandbox behind its settings."""

    folder: Path
    environment: dict[str, str]
    upload_page: str

    def start(self, text: str) -> subprocess.Popen[str]:
        for ours, here in (("/backup/temu-assets/temu-assets-20261126T023000Z", self.backup), ("/backup/temu-assets", "backups")):
            text = text.replace(ours, str(here))
        text = text.replace("http://127.0.0.1:3001", self.upload_page)
        if text.endswith("temu-assets uploads"):
            text += f" --port {free_port()}"
        text = text.replace("/var/lib/temu-assets/dagster", self.environment["DAGSTER_HOME"])
        return subprocess.Popen(
            ["bash", "-c", text], cwd=self.folder, env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip

    @property
    def backup(self) -> str:
        return next((str(each) for each in sorted((self.folder / "backups").glob("temu-assets-*"))), "none-yet")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("shop")
    (folder / ".venv").symlink_to(sys.prefix)
    for name in (".env.example", "dagster.yaml", "workspace.yaml", "requirements.lock"):
        shutil.copy(ROOT / name, folder)
    (folder / "docs").symlink_to(ROOT / "docs")
    (folder / "older_orders.yaml").write_text(OLDER_ORDERS, encoding="utf-8")
    (folder / "dry.yaml").write_text(DRY, encoding="utf-8")
    home = folder / "dagster"
    home.mkdir()
    shutil.copy(ROOT / "dagster.yaml", home)
    with open_sandbox(folder / "elsewhere", orders=10, requests_per_second=None) as sandbox:
        access = sandbox.shop.state.access
        environment = {
            **os.environ,
            "DAGSTER_HOME": str(home),
            "PATH": f"{sys.prefix}/bin:{os.environ['PATH']}",
            "TEMU_APP_KEY": access.app_key,
            "TEMU_APP_SECRET": access.app_secret,
            "TEMU_ACCESS_TOKEN": access.token,
            "TEMU_API_ENDPOINT": sandbox.server.url,
            "TEMU_REQUESTS_PER_SECOND": "2000",
            "JTL_DATABASE_URL": sandbox.jtl.url,
            "UPLOAD_TOKEN": "a-token-for-this-test-and-no-other",
        }
        (folder / "r.pdf").write_bytes(b"%PDF-1.4 no invoice at all")
        port = free_port()
        world = World(folder, environment, f"http://127.0.0.1:{port}")
        page = world.start(f".venv/bin/temu-assets uploads --port {port}")
        wait_for(page, "http://127.0.0.1:")
        yield world
        end(page)


def test_there_are_lines_to_run_and_every_page_that_is_left_to_another_test_is_there() -> None:
    assert len(once()) > 30
    assert set(RUN_ELSEWHERE) <= {page.name for page in PAGES}
    for pattern in NOT_RUN:
        assert any(re.fullmatch(pattern, line.text) for line in lines()), f"{pattern} stands nowhere any more"


@pytest.mark.parametrize("target", sorted({line.text.split()[1] for line in lines() if re.match(r"make \w", line.text)}))
def test_make_knows_the_target(target: str) -> None:
    subprocess.run(["make", "-n", target], cwd=ROOT, check=True, capture_output=True)


@pytest.mark.parametrize("line", [each for each in once() if reason_not_to_run(each.text) is None], ids=str)
def test_the_command_does_what_the_page_says(line: Line, world: World) -> None:
    ready = next((said for pattern, said in SERVERS.items() if re.fullmatch(pattern, line.text)), None)
    process = world.start(line.text)
    if ready is not None:
        wait_for(process, ready)
        end(process)
        return
    output, _ = process.communicate(timeout=120)
    assert process.returncode in (0, 1), output
    assert "Usage:" not in output, output
    assert "Traceback" not in output, output
    if process.returncode:
        said = next((said for part, said in REFUSED.items() if part in line.text), None)
        assert said is not None, output
        assert re.search(said, output), output


def wait_for(process: subprocess.Popen[str], said: str) -> None:
    assert process.stdout is not None
    seen = ""
    deadline = time.monotonic() + 60
    while said not in seen:
        assert time.monotonic() < deadline
        line = process.stdout.readline()
        assert line, f"it ended: {seen}"
        seen += line


def end(process: subprocess.Popen[str]) -> None:
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=30)


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])
