"""Many documents read by a few processes at once, each process limited and ended when a document is too much for it."""

from __future__ import annotations

import queue
import signal
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from temu_assets.errors import ConfigurationError
from temu_assets.invoices.jobs import Job, Limits
from temu_assets.invoices.reader_process import Ended, ReaderProcess
from temu_assets.invoices.reading import Outcome
from temu_assets.invoices.unreadable import Crashed, TooMuchMemory, TooSlow, Unreadable

__all__ = ["Job", "Limits", "Workers"]

MOST_FILES = 200
"""After so many documents a process is replaced, whatever it has kept in memory by then."""


class Workers:
    """A context: inside, documents are read by up to ``count`` processes; none of them is left when it ends, however it ends.

    ``profiles``: file name and text of the seller's own issuer profiles. ``folder``: where the processes work.
    """

    def __init__(self, limits: Limits, profiles: tuple[tuple[str, str], ...], count: int, folder: Path) -> None:
        self._limits = limits
        self._profiles = profiles
        self._count = count
        self._folder = folder.resolve()
        self._lock = threading.Lock()
        self._is_stopping = False
        self._threads: list[threading.Thread] = []
        self._processes: set[ReaderProcess] = set()
        self._waiting: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[tuple[Job, Outcome] | BaseException] = queue.SimpleQueue()

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop()

    @property
    def pids(self) -> list[int]:
        """The ids of the processes that are there now."""
        with self._lock:
            return sorted(process.pid for process in self._processes)

    def read(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Outcome]]:
        """Each document with what was read or why nothing was, in the order they are done. Jobs are taken a few ahead.

        Raises ConfigurationError when the processes do not start or refuse the profiles.
        """
        todo, under_way = iter(jobs), 0
        while True:
            while under_way < 2 * self._count and (job := next(todo, None)) is not None:
                self._hand_over(job)
                under_way += 1
            if not under_way:
                return
            result = self._done.get()
            if isinstance(result, BaseException):
                raise result
            under_way -= 1
            yield result

    def _hand_over(self, job: Job) -> None:
        self._waiting.put(job)
        if len(self._threads) < self._count:
            thread = threading.Thread(target=self._serve, name=f"invoices-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self) -> None:
        """One thread, which has one process at a time."""
        process: ReaderProcess | None = None
        try:
            while (job := self._waiting.get()) is not None and not self._is_stopping:
                process, outcome = self._read(job, process)
                self._done.put((job, outcome))
        except BaseException as error:  # noqa: BLE001 - raised where the results are waited for
            self._done.put(error)
        finally:
            if process is not None:
                self._end(process)

    def _read(self, job: Job, process: ReaderProcess | None) -> tuple[ReaderProcess | None, Outcome]:
        """A process that ended may have been ended by what it read before, or from outside: once more in a fresh one."""
        for is_last in (False, True):
            if process is None or not process.is_usable or process.files_read >= MOST_FILES:
                if process is not None:
                    self._end(process)
                process = self._begun()
            try:
                return process, process.read(job)
            except Ended as ended:
                self._end(process)
                process = None
                reason = self._reason(ended)
                if is_last or isinstance(reason, TooSlow) or self._is_stopping:
                    break
        return None, Outcome(failure=reason.why)

    def _reason(self, ended: Ended) -> Unreadable:
        if ended.is_late or ended.status in _TIMES:
            return TooSlow(self._limits.seconds)
        return TooMuchMemory(self._limits.memory_mb) if ended.status in _MEMORY else Crashed()

    def _begun(self) -> ReaderProcess:
        """A process that is ready. Raises ConfigurationError."""
        for _ in range(2):
            process = ReaderProcess(self._limits, self._folder)
            with self._lock:
                self._processes.add(process)
                if self._is_stopping:
                    process.stop()
            try:
                process.begin(self._profiles)
            except Ended as ended:
                self._end(process)
                status = ended.status
            except BaseException:
                self._end(process)
                raise
            else:
                return process
        raise ConfigurationError(
            f"The process that reads invoices does not start (status {status}).",
            remedy="raise INVOICE_MEMORY_MB, or run `python -m temu_assets.invoices.child 0` to see what is missing.",
        )

    def _end(self, process: ReaderProcess) -> None:
        process.end()
        with self._lock:
            self._processes.discard(process)

    def _stop(self) -> None:
        with self._lock:
            self._is_stopping = True
            for process in self._processes:
                process.stop()
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()


def _signals(*names: str) -> frozenset[int]:
    """As exit statuses; Windows knows few of them."""
    return frozenset(-getattr(signal, name) for name in names if hasattr(signal, name))


_TIMES = _signals("SIGXCPU", "SIGALRM")
# How PDFium and tesseract end when they get no more memory.
_MEMORY = _signals("SIGABRT")
