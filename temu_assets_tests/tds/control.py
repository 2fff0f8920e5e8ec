"""The server as a test sees it: started, set up, watched and disturbed from here, living in a process of its own."""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from temu_assets_tests.tds import KEY_VARIABLE
from temu_assets_tests.tds.faults import Executed, Matching, When
from temu_assets_tests.tds.postgres import Postgres
from temu_assets_tests.tds.urls import Driver, url

_STOPS_WITHIN = 20.0


class TsqlServer:
    """A T-SQL server on a free port of this machine; a context manager."""

    def __init__(self, postgres: Postgres, *, user: str = "tests", password: str = "Pa55-word", name: str = "TESTSERVER") -> None:
        self.user, self.password, self.name = user, password, name
        self.port = 0
        self._postgres = postgres
        self._logins = {user.lower(): password}
        self._delay = 0.0
        self._actions: list[Callable[[], None]] = []
        # The control connection is used by one caller at a time; callbacks have one of their own.
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="tds")
        key = secrets.token_bytes(16)
        place = str(Path(self._folder.name) / "control")
        address = self._postgres.address
        with Listener(place, family="AF_UNIX", authkey=key) as listener:
            self._process = subprocess.Popen(
                [
                    sys.executable, "-m", "temu_assets_tests.tds.serve", place, str(address.folder), str(address.port), self.user,
                    self.password, self.name,
                ],
                env={**os.environ, KEY_VARIABLE: key.hex(), "PYTHONPATH": os.pathsep.join(sys.path)},
            )  # fmt: skip
            self._control, self._callbacks = listener.accept(), listener.accept()
        self.port = self._control.recv()
        threading.Thread(target=self._call_back, args=(self._callbacks,), name="tds-callbacks", daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._control.close()
        try:
            self._process.wait(_STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._callbacks.close()
        self._folder.cleanup()

    # --- what a test sets up ---

    def create_database(self, name: str, *, collation: str = "Latin1_General_CI_AS", snapshot: bool = True) -> None:
        """A new, empty database. ``snapshot``: whether it says of itself that READ COMMITTED reads versions."""
        self._ask("create_database", name, collation, snapshot)

    def drop_database(self, name: str) -> None:
        """Drop a database and whoever is in it."""
        self._ask("drop_database", name)

    def add_login(self, name: str, password: str, permissions: set[str] | None = None) -> None:
        """Another login. With ``permissions``, for instance ``{"SELECT"}``, it may do that with every table, and nothing else."""
        self._logins[name.lower()] = password
        self._ask("add_login", name, password, permissions)

    def url(self, database: str, driver: Driver = "mssqlpython", *, encrypt: bool = False, user: str = "", **options: str) -> str:
        """SQLAlchemy's URL of a database. Raises DriverMissing when the driver is not here."""
        user = user or self.user
        return url(driver, user, self._logins[user.lower()], self.port, database, encrypt=encrypt, options=options)

    def run_in_postgres(self, database: str, sql: str) -> list[list[str | None]]:
        """Look behind the scenes: a statement in PostgreSQL's own words."""
        rows: list[list[str | None]] = self._ask("run_in_postgres", database, sql)
        return rows

    # --- what happened ---

    @property
    def statements(self) -> list[Executed]:
        """Every statement that arrived, in order."""
        found: list[Executed] = self._ask("statements")
        return found

    @property
    def round_trips(self) -> int:
        """How many messages clients have sent after their login."""
        count: int = self._ask("round_trips")
        return count

    @property
    def sessions(self) -> list[int]:
        """The process ids of the sessions that are open."""
        found: list[int] = self._ask("sessions")
        return found

    @property
    def encrypted_sessions(self) -> list[int]:
        """Those of them inside TLS."""
        found: list[int] = self._ask("encrypted_sessions")
        return found

    # --- what shall go wrong ---

    @property
    def delay(self) -> float:
        """Seconds every answer waits."""
        return self._delay

    @delay.setter
    def delay(self, seconds: float) -> None:
        self._delay = seconds
        self._ask("set_delay", seconds)

    def kill_next(self, matching: Matching = None, when: When = "before", *, nth: int = 1) -> None:
        """Drop the connection when the n-th matching statement arrives, or after it was executed and before its answer.

        Of a statement of its own, without a transaction, the effect stays; inside a transaction it is undone.
        """
        self._ask("kill_next", matching, when, nth)

    def fail_next(self, number: int, matching: Matching = None, *, nth: int = 1, text: str | None = None) -> None:
        """Raise this error in place of executing the n-th matching statement."""
        self._ask("fail_next", number, matching, nth, text)

    def delay_next(self, seconds: float, matching: Matching = None, when: When = "before", *, nth: int = 1) -> None:
        """Let the n-th matching statement wait."""
        self._ask("delay_next", seconds, matching, when, nth)

    def call_next(self, action: Callable[[], None], matching: Matching = None, when: When = "before", *, nth: int = 1) -> None:
        """Call something in this process at the n-th matching statement, which waits for it: what another session does meanwhile."""
        self._actions.append(action)
        self._ask("call_next", len(self._actions) - 1, matching, when, nth)

    def clear(self) -> None:
        """Forget the log, the count and the faults that have not happened."""
        self._delay = 0.0
        self._ask("clear")

    def kill(self, spid: int) -> bool:
        """End a session, as KILL does; False when there is none of this number."""
        found: bool = self._ask("kill", spid)
        return found

    def kill_all(self) -> None:
        """End all sessions, as a restart of the server does."""
        self._ask("kill_all")

    def _ask(self, method: str, *arguments: object) -> Any:
        with self._lock:
            self._control.send((method, arguments))
            is_good, answer = self._control.recv()
        if not is_good:
            raise answer
        return answer

    def _call_back(self, callbacks: Connection[None, int]) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                number = callbacks.recv()
                try:
                    self._actions[number]()
                finally:
                    callbacks.send(None)
