"""Doing a piece of work on a database again where that helps, and saying in our words why not.

A piece of work is one transaction or one reading statement, given as a function that may be called more than once. It therefore writes
states and compares with what is there ("set to done", "insert what is missing"), so that done twice is the same as done once: that is
what makes it safe after a commit whose answer was lost.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from temu_assets.errors import ConfigurationError, InternalError, TemuAssetsError, TransientError
from temu_assets.sql.address import place
from temu_assets.sql.failures import Failure, Kind
from temu_assets.sql.servers import dialect_of

T = TypeVar("T")

DatabaseError = DBAPIError | PoolTimeoutError
DATABASE_ERRORS = (DBAPIError, PoolTimeoutError)
"""What SQLAlchemy raises when a database does not do what it was asked: as a type, and for ``except``."""

_PAUSES = {
    Kind.CONFLICT: (0.2, 0.4, 0.8, 1.6, 3.2),
    Kind.DUPLICATE: (0.1, 0.4),
    Kind.SLOW: (1.0,),
    # Together about as long as a server takes to start again.
    Kind.GONE: (0.1, 0.4, 1.0, 2.0, 4.0, 8.0, 15.0),
}
"""Seconds to wait before each further try; what is not here is not tried again."""

_PASSING = {Kind.GONE, Kind.CONFLICT, Kind.SLOW, Kind.BUSY, Kind.LOCKED}
"""What can be over with the next run; the rest waits for a person."""

_SENTENCES = {
    Kind.GONE: "did not answer: {code}",
    Kind.CONFLICT: "was held up by other work there, also when asked again ({code}: a deadlock, a lock, or no memory for the moment)",
    Kind.SLOW: "did not answer within the time limit (SQL_LOGIN_TIMEOUT_SECONDS, SQL_QUERY_TIMEOUT_SECONDS): {code}",
    Kind.BUSY: "has given this program every connection it may have",
    Kind.LOCKED: "is locked ({code})",
    Kind.FULL: "has no room left ({code})",
    Kind.DENIED: "does not let this login do what is needed ({code})",
    Kind.UNUSABLE: "cannot be used ({code})",
    Kind.UNTRUSTED: "shows a certificate that cannot be checked on this machine ({code}); nothing was sent",
    Kind.MISSING: "lacks a table or column ({code})",
}
_REMEDIES = {
    Kind.CONFLICT: "nothing, if it is rare; else look who holds locks there at that time. The next run continues where this one stopped.",
    Kind.BUSY: "nothing, if it is rare; else raise SQL_POOL_SIZE or SQL_MAX_OVERFLOW. The next run continues where this one stopped.",
    Kind.LOCKED: "end what holds it, if that lasts; the next run continues where this one stopped.",
    Kind.UNTRUSTED: "give the server a proper certificate, or name its host in SQL_HOSTNAME_IN_CERTIFICATE (docs/sql-server.md, "
    "Encryption). In a network of its own SQL_TRUST_SERVER_CERTIFICATE=true switches the check off.",
}


@dataclass(frozen=True, slots=True)
class Words:
    """How a database is called in a message, which setting names it, and what a person can do about it."""

    title: str
    setting: str
    example: str
    if_gone: str
    if_denied: str
    if_unusable: str
    if_full: str
    if_missing: str


@dataclass
class Reached:
    """How often a connection of an engine was taken and was good."""

    times: int = 0

    def once_more(self, *_: object) -> None:
        """Count."""
        self.times += 1


_REACHED: WeakKeyDictionary[Engine, Reached] = WeakKeyDictionary()


def reached(engine: Engine) -> Reached:
    """The count of an engine. The first call adds a listener to it, so that comes before several threads use the engine."""
    if engine not in _REACHED:
        _REACHED[engine] = Reached()
        event.listen(engine, "checkout", _REACHED[engine].once_more)
    return _REACHED[engine]


class Attempts:
    """One database, as far as trying again goes."""

    def __init__(self, engine: Engine, words: Words, *, pause: Callable[[float], None] = time.sleep) -> None:
        self.engine = engine
        self._dialect = dialect_of(engine)
        self._words = words
        self._pause = pause
        self._look_ends_at: float | None = None
        self._reached = reached(engine)
        self._reached_before = self._reached.times

    def run(self, once: Callable[[], T], *, done: Callable[[], int] = int) -> T:
        """The result of ``once``; it is called again when the server took it back or was away for a moment.

        ``done`` counts what a failure does not take back: where there is more of it than at the failure before, it is a first one again.
        """
        number, before = 0, done()
        while True:
            self.require_time_to_look()
            try:
                return once()
            except DATABASE_ERRORS as error:
                failed = error
            if done() > before:
                number, before = 0, done()
            pause = self.pause_after(failed, number)
            if pause is None:
                # Outside of "except", so that what the server said is not kept as the context either.
                raise self.in_our_words(failed)
            self._pause(pause)
            number += 1

    @property
    def was_reached(self) -> bool:
        """Whether the server was there since this began: an engine may have been kept since long before."""
        return self._reached.times > self._reached_before

    def look_within(self, seconds: float) -> None:
        """From now on nothing is tried twice, and after so many seconds nothing more is begun: ``run`` raises TransientError then."""
        self._look_ends_at = time.monotonic() + seconds

    def require_time_to_look(self) -> None:
        """Raises TransientError once the time of ``look_within`` is over; for work that asks many things in one go."""
        if self._look_ends_at is not None and time.monotonic() > self._look_ends_at:
            raise TransientError(
                f"{self._words.title} ({place(self.engine.url)}) answers so slowly that the look was broken off; nothing was started.",
                remedy="nothing, if it is rare: the next look is soon. Else look what keeps the server busy at that time.",
            )

    def wait(self, seconds: float) -> None:
        """Wait between two tries."""
        self._pause(seconds)

    def pause_after(self, error: DatabaseError, number: int) -> float | None:
        """Seconds to wait before the try after try ``number`` (from 0); None when another makes no sense."""
        if self._look_ends_at is not None:
            return None
        kind = self.failure(error).kind
        pauses = _PAUSES.get(kind, ())
        # A server that was never reached is more likely a wrong setting than one that starts again.
        if number >= len(pauses) or (kind in (Kind.GONE, Kind.SLOW) and not self.was_reached):
            return None
        return pauses[number] * random.uniform(0.8, 1.2)  # noqa: S311 — so that two that met do not meet again

    def failure(self, error: DatabaseError) -> Failure:
        """What an error means."""
        if isinstance(error, PoolTimeoutError):
            return Failure(Kind.BUSY, "")
        if error.orig is None:
            return Failure(Kind.BUG, type(error).__name__)
        failure = self._dialect.failure(error.orig)
        is_refused = failure.kind in (Kind.UNTRUSTED, Kind.DENIED, Kind.NO_DRIVER)
        return Failure(Kind.GONE, failure.code) if error.connection_invalidated and not is_refused else failure

    def in_our_words(self, error: DatabaseError) -> TemuAssetsError:
        """The error a person sees. The cause is left out: a server quotes the values it refused, and they can be a buyer's."""
        failure = self.failure(error)
        code = failure.code or type(error).__name__
        name = f"{self._words.title} ({place(self.engine.url)})"
        if failure.kind in _SENTENCES:
            told = f"{name} {failure.what or _SENTENCES[failure.kind].format(code=code)}."
            return (TransientError if failure.kind in _PASSING else ConfigurationError)(told, remedy=self._remedy(failure.kind))
        if failure.kind is Kind.NO_DRIVER:
            return ConfigurationError(
                f"The driver that {self._words.setting} names is not installed ({code}).",
                remedy="see which ones are with `temu-assets doctor`; docs/sql-server.md says how to install one.",
            )
        column = f", column {failure.column}" if failure.column else ""
        statement = (error.statement if isinstance(error, DBAPIError) else None) or ""
        return InternalError(
            f"{name} refused a statement with {type(error).__name__} {code}{column}: {statement[:200]}",
            remedy="report this with the message as it is; nothing of this step was kept, and it can be run again.",
        )

    def _remedy(self, kind: Kind) -> str:
        of_this_database = {
            Kind.FULL: self._words.if_full,
            Kind.DENIED: self._words.if_denied,
            Kind.UNUSABLE: self._words.if_unusable,
            Kind.MISSING: self._words.if_missing,
        }
        return _REMEDIES.get(kind) or of_this_database.get(kind, self._words.if_gone)
