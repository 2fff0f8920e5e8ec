"""One process that reads documents, as seen from outside: started, asked, watched, ended together with whatever it started."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

import temu_assets
from temu_assets.errors import ConfigurationError
from temu_assets.invoices.jobs import LARGEST_ANSWER, Job, Limits, Ready, question_line, read_answer, start_line
from temu_assets.invoices.reading import Outcome

START_SECONDS = 60
"""Loading takes a fifth of a second; on a machine that is busy or just started much longer."""
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "TESSDATA_PREFIX")


class Ended(Exception):  # noqa: N818 - what happened, not a fault of this program
    """The process ended instead of answering. ``status``: as of ``subprocess``, minus the signal; ``is_late``: we ended it, over time."""

    def __init__(self, status: int, *, is_late: bool) -> None:
        super().__init__(status, is_late)
        self.status = status
        self.is_late = is_late


class ReaderProcess:
    """Made and asked by one thread, which lives as long as it: on Linux the process ends with the thread that made it."""

    def __init__(self, limits: Limits, folder: Path) -> None:
        """Start it. ``folder``: where it works, and the only place for its temporary files. Raises OSError."""
        self.files_read = 0
        self._limits = limits
        self._lock = threading.Lock()
        self._is_late = False
        self._status: int | None = None
        self._process = subprocess.Popen(  # noqa: S603 - no shell, and no argument comes from a file
            [sys.executable, "-P", "-m", "temu_assets.invoices.child", str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=_environment(folder),
            start_new_session=True,
        )
        self._questions = cast("IO[bytes]", self._process.stdin)
        self._answers = cast("IO[bytes]", self._process.stdout)

    @property
    def pid(self) -> int:
        """Its id, which is the id of its group as well."""
        return self._process.pid

    @property
    def is_usable(self) -> bool:
        """Whether it can be asked for another document."""
        return self._status is None and not self._is_late

    def begin(self, profiles: tuple[tuple[str, str], ...]) -> None:
        """Hand it limits and issuer profiles. Raises Ended, and ConfigurationError for profiles it refuses."""
        ready: Ready = json.loads(self._ask(start_line(self._limits, profiles), START_SECONDS))
        if ready["refused"] is not None:
            what, remedy = ready["refused"]
            raise ConfigurationError(what, remedy=remedy)

    def read(self, job: Job) -> Outcome:
        """Have a document read. Raises Ended."""
        answer = self._ask(question_line(job), self._limits.seconds)
        try:
            outcome = read_answer(answer)
        except ValueError:
            raise Ended(self.end(), is_late=False) from None
        self.files_read += 1
        return outcome

    def stop(self) -> None:
        """End it and what it started, at once and from any thread; whoever waits for its answer gets Ended."""
        with self._lock:
            if self._status is None:
                with suppress(ProcessLookupError):
                    if sys.platform == "win32":
                        self._process.kill()
                    else:
                        os.killpg(self._process.pid, signal.SIGKILL)

    def end(self) -> int:
        """End it and take note of how it ended: its exit status, or minus the signal."""
        # Its id is not given to another process before it is waited for.
        self.stop()
        with self._lock:
            self._status = status = self._process.wait()
        for pipe in (self._questions, self._answers):
            with suppress(OSError):
                pipe.close()
        return status

    def _ask(self, line: bytes, seconds: float) -> bytes:
        timer = threading.Timer(seconds, self._end_late)
        timer.daemon = True
        timer.start()
        try:
            # One that has ended is noticed by its answer.
            with suppress(OSError):
                self._questions.write(line)
                self._questions.flush()
            answer = self._answers.readline(LARGEST_ANSWER + 1)
        finally:
            timer.cancel()
        if not answer.endswith(b"\n"):
            raise Ended(self.end(), is_late=self._is_late)
        return answer

    def _end_late(self) -> None:
        self._is_late = True
        self.stop()


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of ours: no settings, no secrets."""
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))
    return {**passed_on, **temporary, "PYTHONPATH": str(Path(temu_assets.__file__).parent.parent)}
