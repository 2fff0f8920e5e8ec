"""Every effect that outlives the process has a crash point before and after it: held in the source, and in a run."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from temu_assets import crash_points
from temu_assets.crash_points import AT, TRACE, arm, crash_point
from temu_assets.toci.revision import ensure_current
from temu_assets_tests.seller import COMPANIES, LIST, Seller
from temu_assets_tests.test_architecture import MODULES, Module, imports

EFFECTS = {
    "durable": {"os.open", "os.fdopen", "unlink", "replace", "rmdir"},
    "sql.engine": {"create_engine"},
    "temu.exchange": {"stream"},
    "operations.log_files": {"os.open", "replace"},  # appends; a log is the one file that grows
    "crash_points": {"open"},  # what happens at a point is none
}
"""The only places with effects, each with crash points around them, and what they call."""

FILE_METHODS = {"unlink", "rename", "write_text", "write_bytes", "touch", "rmdir", "symlink_to", "hardlink_to"}
MODULES_WITH_EFFECTS = {"shutil", "subprocess", "tempfile", "smtplib", "socket", "ftplib", "urllib.request", "requests"}
READING = {"r", "rb"}
BESIDE_THE_WORK = ("sandbox.", "cli.", "backup.", "toci.migrations.", "uploads.")
"""What a person starts by hand, and what another world does. Files that are uploaded get their names in durable.py."""
TO_A_PERSON = {"alerts.http", "alerts.mail"}
"""What tells a person that something is wrong. It changes no order, parcel or stock; a message that was sent and not written down, because
the process was killed between (crash point alert_sent), is sent again."""
ONLY_READING = {"invoices.child", "invoices.ocr", "invoices.reader_process", "alerts.disks"}
"""What reads a stranger's file in a process of its own, of which nothing outlives that process; and what asks how full a disk is."""


PROGRAM = """
from temu_assets.crash_points import crash_point
for name in "abab":
    crash_point(name)
    print(name, flush=True)
print("end")
"""


def effects(module: Module) -> Iterator[str]:
    """What a module calls that leaves something behind."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
        whole = ast.unparse(called)
        if whole in {"os.open", "os.fdopen", "os.system", "os.remove", "os.rename", "os.replace"}:
            yield whole
        elif name == "open" and whole != "gzip.open":
            mode = next((each.value for each in node.args[-1:] if isinstance(each, ast.Constant)), "r")
            if mode not in READING:
                yield "open"
        elif name in {"create_engine", *FILE_METHODS} or (name in {"stream", "post", "get", "request"} and "client" in whole):
            yield name
        elif name == "replace" and len(node.args) == 1 and not node.keywords:
            # Path.replace(target); str.replace has two.
            yield name


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_effects_happen_only_where_crash_points_are(module: Module) -> None:
    if module.name.startswith(BESIDE_THE_WORK) or module.name in ONLY_READING | TO_A_PERSON:
        return
    found = set(effects(module))
    assert found <= EFFECTS.get(module.name, set()), (
        f"{module.name} has effects of its own: use durable.py, sql/engine.py or temu/exchange.py"
    )
    heavy = {each.target for each in imports(module) if each.target.startswith(tuple(MODULES_WITH_EFFECTS))}
    assert heavy == set()


@pytest.mark.parametrize("name", [name for name in EFFECTS if name != "crash_points"])
def test_the_places_with_effects_are_still_those(name: str) -> None:
    (module,) = (module for module in MODULES if module.name == name)
    assert set(effects(module)) == EFFECTS[name]
    points = [node for node in ast.walk(module.tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "crash_point"]
    assert len(points) >= 2


def passed(path: Path) -> Counter[str]:
    return Counter(path.read_text(encoding="utf-8").splitlines())


def test_a_run_passes_all_of_them(new_seller: Seller, tmp_path: Path) -> None:
    order = new_seller.place()
    # A first run asks a database that is still empty, and that statement fails.
    ensure_current(new_seller.toci)
    trace = tmp_path / "trace"
    arm(trace=str(trace))
    try:
        new_seller.run_through()
        new_seller.sandbox.jtl.ship(order)
        assert new_seller.run().success
        assert new_seller.run("temu_inventory_full_sync").success
    finally:
        arm()
    found = passed(trace)
    for before, after in [
        (f"{database}_{what}_before", f"{database}_{what}_after") for database in ("toci", "jtl") for what in ("statement", "commit")
    ]:
        assert found[before] == found[after] > 0
    assert found["cursor_save_before"] == found["cursor_save_after"] > 0
    calls = new_seller.calls()
    assert {name.partition(":")[2]: count for name, count in found.items() if name.startswith("temu_send:")} == calls
    assert {name.partition(":")[2]: count for name, count in found.items() if name.startswith("temu_received:")} == calls
    assert calls.keys() >= {LIST, COMPANIES}
    assert found["file_written"] == found["file_renamed"] > 2


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_the_process_dies_at_the_chosen_occurrence_and_nowhere_else(tmp_path: Path) -> None:
    def run(at: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, AT: at, TRACE: str(tmp_path / "trace")}
        return subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=False)

    killed = run("b#2")
    assert killed.returncode == -signal.SIGKILL
    assert killed.stdout.split() == ["a", "b", "a"]
    assert passed(tmp_path / "trace") == {"a": 2, "b": 2}
    assert run("b#3,c#1").stdout.split()[-1] == "end"


def test_nothing_is_counted_unless_somebody_asks() -> None:
    before = dict(crash_points._points._passed)
    crash_point("anything")
    assert dict(crash_points._points._passed) == before == {}
    assert not crash_points.is_armed()
