"""Faults on order, and the log of what was executed."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from temu_assets_tests.tds.errors import SqlError, deadlock, lock_timeout

When = Literal["before", "after"]
Matching = str | re.Pattern[str] | None
"""Which statements are meant: text they contain whatever its case, a pattern, or None for every one."""

_TEXTS = {
    596: "Cannot continue the execution because the session is in the kill state.",
    701: "There is insufficient system memory in resource pool 'default' to run this query.",
    1105: "Could not allocate space for object in database because the 'PRIMARY' filegroup is full.",
    3960: "Snapshot isolation transaction aborted due to update conflict. Retry the transaction.",
    9002: "The transaction log for database is full due to 'LOG_BACKUP'.",
    40501: "The service is currently busy. Retry the request after 10 seconds.",
}


@dataclass(frozen=True, slots=True)
class Executed:
    """A statement that arrived. COMMIT, ROLLBACK, BEGIN TRANSACTION and SAVE stand for the requests of the protocol as well."""

    session: int
    database: str
    text: str
    parameters: tuple[str, ...]
    error: int | None = None


class ConnectionKilled(Exception):  # noqa: N818 — ordered by a test
    """The connection ends here, without an answer."""


@dataclass(slots=True)
class _Fault:
    matching: Matching
    nth: int
    when: When
    action: Callable[[Executed, int], None]
    seen: int = 0

    def is_due(self, statement: Executed) -> bool:
        """Count the statement if it is meant; True for the one that is the fault's turn."""
        if not matches(statement, self.matching):
            return False
        self.seen += 1
        return self.seen == self.nth


def matches(statement: Executed, matching: Matching) -> bool:
    """Whether a statement is meant."""
    if matching is None:
        return True
    if isinstance(matching, str):
        return matching.lower() in statement.text.lower()
    return matching.search(statement.text) is not None


@dataclass(slots=True)
class Faults:
    """What shall go wrong next, for all sessions of a server."""

    statements: list[Executed] = field(default_factory=list)
    round_trips: int = 0
    _planned: list[_Fault] = field(default_factory=list)
    _due: dict[int, list[_Fault]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def kill_next(self, matching: Matching, when: When, nth: int) -> None:
        """Drop the connection at a statement."""
        self._plan(_Fault(matching, nth, when, _kill))

    def fail_next(self, number: int, matching: Matching, nth: int, text: str | None) -> None:
        """Raise an error instead of executing a statement."""

        def fail(_statement: Executed, spid: int) -> None:
            raise error_numbered(number, spid, text)

        self._plan(_Fault(matching, nth, "before", fail))

    def delay_next(self, seconds: float, matching: Matching, when: When, nth: int) -> None:
        """Let a statement wait."""
        self._plan(_Fault(matching, nth, when, lambda _statement, _spid: time.sleep(seconds)))

    def call_next(self, action: Callable[[], None], matching: Matching, when: When, nth: int) -> None:
        """Call something of the test's own at a statement."""
        self._plan(_Fault(matching, nth, when, lambda _statement, _spid: action()))

    def clear(self) -> None:
        """Forget what is planned and what was logged."""
        with self._lock:
            self.statements.clear()
            self._planned.clear()
            self.round_trips = 0

    def arrived(self) -> None:
        """Count a message of a client."""
        with self._lock:
            self.round_trips += 1

    def log(self, statement: Executed) -> int:
        """Write a statement down; returns its place in the log."""
        with self._lock:
            self.statements.append(statement)
            return len(self.statements) - 1

    def before(self, statement: Executed) -> None:
        """Do what is planned before a statement."""
        with self._lock:
            due = [fault for fault in self._planned if fault.is_due(statement)]
            self._planned = [fault for fault in self._planned if fault not in due]
            self._due[statement.session] = [fault for fault in due if fault.when == "after"]
        for fault in due:
            if fault.when == "before":
                fault.action(statement, statement.session)

    def after(self, statement: Executed) -> None:
        """Do what is planned after a statement and before its answer."""
        with self._lock:
            due = self._due.pop(statement.session, [])
        for fault in due:
            fault.action(statement, statement.session)

    def failed(self, place: int, number: int) -> None:
        """Note the error of a statement in the log."""
        with self._lock:
            if place < len(self.statements):
                self.statements[place] = replace(self.statements[place], error=number)

    def _plan(self, fault: _Fault) -> None:
        with self._lock:
            self._planned.append(fault)


def error_numbered(number: int, spid: int, text: str | None = None) -> SqlError:
    """An error by its number."""
    if text is None and number == 1205:
        return deadlock(spid)
    if text is None and number == 1222:
        return lock_timeout()
    return SqlError(number, text or _TEXTS.get(number, f"Error {number}."))


def _kill(_statement: Executed, _spid: int) -> None:
    raise ConnectionKilled
