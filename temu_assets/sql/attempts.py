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

from sqlalchemy import Engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from temu_assets.errors import ConfigurationError, InternalError, TemuAssetsError, TransientError
from temu_assets.sql.dialects import dialect_of
from temu_assets.sql.failures import Failure, Kind

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

_NEXT_RUN = "the next run continues where this one stopped"


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


class Attempts:
    """One database, as far as trying again goes."""

    def __init__(self, engine: Engine, words: Words, *, pause: Callable[[float], None] = time.sleep) -> None:
        self.engine = engine
        self._dialect = dialect_of(engine)
        self._words = words
        self._pause = pause
        self._was_reached = False
        event.listen(engine, "connect", self._reached)

    def run(self, once: Callable[[], T]) -> T:
        """The result of ``once``; it is called again when the server took it back or was away for a moment."""
        number = 0
        while True:
            try:
                return once()
            except DATABASE_ERRORS as error:
                failed = error
            pause = self.pause_after(failed, number)
            if pause is None:
                # Outside of "except", so that what the server said is not kept as the context either.
                raise self.in_our_words(failed)
            self._pause(pause)
            number += 1

    def wait(self, seconds: float) -> None:
        """Wait between two tries."""
        self._pause(seconds)

    def pause_after(self, error: DatabaseError, number: int) -> float | None:
        """Seconds to wait before the try after try ``number`` (from 0); None when another makes no sense."""
        kind = self.failure(error).kind
        pauses = _PAUSES.get(kind, ())
        # A server that was never reached is more likely a wrong setting than one that starts again.
        if number >= len(pauses) or (kind in (Kind.GONE, Kind.SLOW) and not self._was_reached):
            return None
        return pauses[number] * random.uniform(0.8, 1.2)  # noqa: S311 — so that two that met do not meet again

    def failure(self, error: DatabaseError) -> Failure:
        """What an error means."""
        if isinstance(error, PoolTimeoutError):
            return Failure(Kind.LOCKED, "", what="has every connection of this program in use")
        if error.orig is None:
            return Failure(Kind.BUG, type(error).__name__)
        failure = self._dialect.failure(error.orig)
        return Failure(Kind.GONE, failure.code) if error.connection_invalidated else failure

    def in_our_words(self, error: DatabaseError) -> TemuAssetsError:
        """The error a person sees. The cause is left out: a server quotes the values it refused, and they can be a buyer's."""
        words, where = self._words, place(self.engine.url)
        failure = self.failure(error)
        code = failure.code or type(error).__name__
        match failure.kind:
            case Kind.GONE | Kind.CONFLICT:
                return TransientError(f"{words.title} ({where}) did not answer: {code}.", remedy=words.if_gone)
            case Kind.SLOW:
                limits = "SQL_LOGIN_TIMEOUT_SECONDS, SQL_QUERY_TIMEOUT_SECONDS"
                return TransientError(
                    f"{words.title} ({where}) did not answer within the time limit ({limits}): {code}.", remedy=words.if_gone
                )
            case Kind.LOCKED:
                return TransientError(f"{words.title} ({where}) {failure.what}.", remedy=f"end what holds it, if that lasts; {_NEXT_RUN}.")
            case Kind.FULL:
                return ConfigurationError(f"{words.title} ({where}) {failure.what or f'has no room left ({code})'}.", remedy=words.if_full)
            case Kind.DENIED:
                wrong = failure.what or f"does not let this login do what is needed ({code})"
                return ConfigurationError(f"{words.title} ({where}) {wrong}.", remedy=words.if_denied)
            case Kind.UNUSABLE:
                return ConfigurationError(
                    f"{words.title} ({where}) {failure.what or f'cannot be used ({code})'}.", remedy=words.if_unusable
                )
            case Kind.NO_DRIVER:
                return ConfigurationError(
                    f"The driver that {words.setting} names is not installed ({code}).",
                    remedy="see which ones are with `temu-assets doctor`; docs/sql-server.md says how to install one.",
                )
            case Kind.MISSING:
                return ConfigurationError(
                    f"{words.title} ({where}) {failure.what or f'lacks a table or column ({code})'}.", remedy=words.if_missing
                )
            case Kind.VALUE | Kind.DUPLICATE | Kind.BUG:
                column = f", column {failure.column}" if failure.column else ""
                return InternalError(
                    f"{words.title} ({where}) refused a statement with {type(error).__name__} {code}{column}: {_statement(error)[:200]}",
                    remedy="report this with the message as it is; nothing of this step was kept, and it can be run again.",
                )

    def _reached(self, *_: object) -> None:
        self._was_reached = True


def _statement(error: DatabaseError) -> str:
    return (error.statement if isinstance(error, DBAPIError) else None) or ""


def place(url: URL) -> str:
    """Where a database is, without user, password and options: they can be secret."""
    if url.host is None:
        return url.database or url.get_backend_name()
    port = f":{url.port}" if url.port else ""
    return f"{url.host}{port}/{url.database or ''}"
