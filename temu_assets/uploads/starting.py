"""Runs that read what was dropped: started by the page, as a person would on the command line, so that Dagster's UI shows them."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

QUIET_SECONDS = 1.0
"""So long nothing more may have come before a run starts."""
LONGEST_WAIT_SECONDS = 10.0
_ENDING_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class RunState:
    """``is_asked``: a run is about to start; ``failed_at``: when the last one failed, None after one that did not."""

    is_asked: bool = False
    is_running: bool = False
    failed_at: datetime | None = None


@dataclass(slots=True)
class _Job:
    is_running: bool = False
    asked_first: float | None = None
    asked_last: float = 0.0
    failed_at: datetime | None = None
    work: asyncio.Task[None] | None = None


@dataclass(slots=True)
class Runs:
    """One run of a job at a time. ``command``: what is typed for a job. Everything here is called in the server's event loop."""

    command: Callable[[str], Sequence[str]]
    environment: Mapping[str, str]
    now: Callable[[], datetime]
    quiet_seconds: float = QUIET_SECONDS
    _jobs: dict[str, _Job] = field(default_factory=dict)
    _processes: set[subprocess.Popen[bytes]] = field(default_factory=set)
    _is_ending: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, job: str) -> None:
        """Start a run once nothing more comes; while one runs, another one after it."""
        state = self._jobs.setdefault(job, _Job())
        state.asked_last = asyncio.get_running_loop().time()
        if state.asked_first is None:
            state.asked_first = state.asked_last
        if state.work is None or state.work.done():
            state.work = asyncio.create_task(self._work(job, state))

    def state(self, job: str) -> RunState:
        """What is with a job now."""
        state = self._jobs.get(job, _Job())
        return RunState(state.asked_first is not None, state.is_running, state.failed_at)

    async def end(self) -> None:
        """End what runs, as Ctrl+C would; Dagster notes that it was cancelled, and the next run goes on."""
        for state in self._jobs.values():
            if state.work is not None and not state.is_running:
                state.work.cancel()
        await asyncio.to_thread(self._end_processes)

    async def _work(self, job: str, state: _Job) -> None:
        while state.asked_first is not None and not self._is_ending:
            await self._until_quiet(state)
            state.asked_first = None
            state.is_running = True
            try:
                code = await asyncio.to_thread(self._run, job)
            finally:
                state.is_running = False
            state.failed_at = self.now() if code else None

    async def _until_quiet(self, state: _Job) -> None:
        loop = asyncio.get_running_loop()
        while state.asked_first is not None:
            due = min(state.asked_last + self.quiet_seconds, state.asked_first + LONGEST_WAIT_SECONDS)
            if (left := due - loop.time()) <= 0:
                return
            await asyncio.sleep(left)

    def _run(self, job: str) -> int:
        """Run a job to its end; returns its exit code. What it prints goes where this program prints."""
        with self._lock:
            if self._is_ending:
                return 0
            try:
                process = subprocess.Popen(  # noqa: S603 — our own interpreter
                    list(self.command(job)), env=dict(self.environment), stdin=subprocess.DEVNULL
                )
            except OSError:
                return 1
            self._processes.add(process)
        try:
            return process.wait()
        finally:
            self._processes.discard(process)

    def _end_processes(self) -> None:
        with self._lock:
            self._is_ending = True
            running = list(self._processes)
        for process in running:
            process.send_signal(signal.SIGTERM if os.name == "nt" else signal.SIGINT)
        for process in running:
            try:
                process.wait(_ENDING_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def dagster_run(job: str) -> list[str]:
    """The command line of a run."""
    return [sys.executable, "-m", "dagster", "job", "execute", "-m", "temu_assets.definitions", "-j", job]
