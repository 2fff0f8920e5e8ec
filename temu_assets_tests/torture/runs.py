"""Runs of the program as the harness orders them: one job in a process of its own, which may be killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Self

from temu_assets.settings import Settings
from temu_assets_tests.torture.world import World


class End(StrEnum):
    """How a run ended."""

    GREEN = "green"
    RED = "red"
    KILLED = "killed"
    HUNG = "hung"


class HarnessError(RuntimeError):
    """The harness itself failed; what it says is no verdict on the program."""


def last_words(log: Path) -> str:
    """The end of a log."""
    return log.read_text(encoding="utf-8", errors="replace")[-3000:] if log.exists() else "nothing was said"


@dataclass(frozen=True, slots=True)
class Death:
    """When a run is to die: at places it passes (``name#occurrence``, several separated by commas), or some seconds after its start."""

    at: str = ""
    after_s: float | None = None


ALIVE = Death()
_ENDS = {0: End.GREEN, 1: End.RED, -9: End.KILLED}


def _without_a_real_shop(environment: Mapping[str, str]) -> dict[str, str]:
    """Whoever starts this may have a real shop in the environment: no run here may touch it."""
    return {
        name: value for name, value in environment.items() if name.lower() not in Settings.model_fields and not name.startswith("DAGSTER_")
    }


class Zygote:
    """The process that forks the runs; usable as a context manager. It works in ``folder``, and leaves there what it says itself."""

    def __init__(self, folder: Path) -> None:
        self._log = (folder / "zygote.log").open("w", encoding="utf-8")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "temu_assets_tests.torture.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            encoding="utf-8",
            cwd=folder,
            env=_without_a_real_shop(os.environ) | {"PYTHONPATH": str(Path(__file__).parents[2])},
        )

    def run(
        self,
        world: World,
        job: str,
        death: Death = ALIVE,
        *,
        trace: Path | None = None,
        with_checks: bool = False,
        is_warm_up: bool = False,
    ) -> End:
        """Let a run happen in a world; returns when its process is gone. ``is_warm_up``: in the process that forks the others."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {
            "job": job,
            "folder": str(world.places.folder),
            "output": str(world.places.output),
            "environment": world.environment,
            "at": death.at,
            "trace": str(trace or ""),
            "kill_after_s": death.after_s,
            "patience_s": world.patience_s,
            "with_checks": with_checks,
            "is_warm_up": is_warm_up,
        }
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise HarnessError(f"The process that forks the runs has ended: {last_words(Path(self._log.name))}")
        told = json.loads(answer)
        if told["is_hung"]:
            return End.HUNG
        if told["exit_code"] not in _ENDS:
            raise HarnessError(f"A run of {job} ended with {told['exit_code']}: {last_words(world.places.output / 'runs.log')}")
        return _ENDS[told["exit_code"]]

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
