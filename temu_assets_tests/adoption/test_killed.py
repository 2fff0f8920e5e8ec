"""Setting our database up, and taking over the predecessor's: killed at every statement and commit, then done again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from temu_assets.toci.database import Toci, open_engine
from temu_assets_tests.adoption import predecessor
from temu_assets_tests.adoption.predecessor import exported, order, product, shipped

KILL_EVERYWHERE = """
import os, shutil, signal, sqlite3, sys
from datetime import UTC, datetime
from pathlib import Path
from pydantic import SecretStr
from temu_assets.adoption.adopt import adopt
from temu_assets.crash_points import arm
from temu_assets.toci.database import Toci, open_engine
from temu_assets.toci.migrate import migrate

WORK = {"adopt": lambda toci: adopt(toci, now=datetime(2026, 2, 1, 8, 0, tzinfo=UTC)), "migrate": migrate}[sys.argv[1]]
start, copy, trace = Path(sys.argv[2]), Path("copy.db"), Path("trace")

def fresh():
    for path in Path().glob("copy.db*"):
        path.unlink()
    shutil.copy(start, copy)

def work(**told):
    arm(**told)
    toci = Toci(open_engine(SecretStr(f"sqlite:///{copy}")), "temu")
    WORK(toci)
    toci.close()
    arm()

def content():
    with sqlite3.connect(copy) as connection:
        return list(connection.iterdump())

fresh()
work(trace=str(trace))
expected = content()
passed = trace.read_text().split()
# For the database, after a statement is before the next one.
points = [f"{name}#{passed[:number + 1].count(name)}" for number, name in enumerate(passed) if name != "toci_statement_after"]
for point in points:
    fresh()
    child = os.fork()
    if not child:
        work(at=point)
        os._exit(0)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL, point
    work()
    assert content() == expected, f"killed at {point}, then done again: not the same"
print(len(points))
"""


@pytest.mark.skipif(os.name == "nt", reason="forks")
@pytest.mark.parametrize("what", ["migrate", "adopt"])
def test_whatever_statement_it_dies_at_doing_it_again_ends_the_same(tmp_path: Path, what: str) -> None:
    toci = Toci(open_engine(SecretStr(f"sqlite:///{tmp_path / 'start.db'}")), "temu")
    with toci.engine.begin() as connection:
        if what == "adopt":
            predecessor.build(connection, of_orders=[order(1), exported(2), shipped(3, "1", temu_gemeldet=True)], of_products=[product(1)])
    toci.close()
    command = [sys.executable, "-c", KILL_EVERYWHERE, what, "start.db"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) > 20
