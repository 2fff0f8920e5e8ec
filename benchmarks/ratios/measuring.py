"""What a command costs: seconds, processor seconds and the most memory, of its process and all it waited for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from temu_assets.cli.demo_home import OF_A_SHOP

PROJECT = Path(__file__).parent.parent.parent

# A child counts the memory of what started it as its own, up to its first exec. So it is started by an interpreter of almost no size.
_LAUNCH = """
import json, os, sys, time
start = time.monotonic()
child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, used = os.wait4(child, 0)
told = {
    "wall_s": time.monotonic() - start,
    "cpu_s": used.ru_utime + used.ru_stime,
    "peak_mb": used.ru_maxrss / 1024,
    "exit_code": os.waitstatus_to_exitcode(status),
}
with open(sys.argv[1], "w") as file:
    json.dump(told, file)
"""


class FailedError(RuntimeError):
    """A command that was to be measured did not do its work: there is nothing to tell of it."""


@dataclass(frozen=True, slots=True)
class Usage:
    """``cpu_s``: user and system time. ``peak_mb``: the largest resident set."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    output: str


def measure(command: Sequence[str], environment: Mapping[str, str]) -> Usage:
    """Run a command to its end in an empty folder. Raises FailedError, with what it said last, when it fails."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "usage.json"
        launcher = [sys.executable, "-I", "-S", "-c", _LAUNCH, str(told), *command]
        done = subprocess.run(launcher, cwd=folder, env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if not told.exists():
            raise FailedError(f"{' '.join(command)} was not started:\n{done.stdout[-2000:]}")
        usage = json.loads(told.read_text())
    if usage["exit_code"]:
        raise FailedError(f"{' '.join(command)} ended with {usage['exit_code']}:\n{done.stdout[-4000:]}")
    return Usage(usage["wall_s"], usage["cpu_s"], usage["peak_mb"], done.stdout)


def clean_environment(*modules: Path) -> dict[str, str]:
    """This process's environment without any setting of the program's or of Dagster's; ``modules``: folders of further modules.

    What uses it must run in a folder without ``.env``: Dagster puts what stands there over the environment.
    """
    ours = (*OF_A_SHOP, "DAGSTER_", "TEST_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    found = os.pathsep.join(str(each) for each in (*modules, PROJECT))
    return kept | {"CREDENTIALS_DIRECTORY": str(PROJECT / "no-credentials"), "PYTHONPATH": found}
