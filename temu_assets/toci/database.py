"""Opening our own database, and the only two ways to use it: a transaction that reads, and one that writes.

Both take the work as a function, because it may have to be done again: after a deadlock, a lost connection, a server that starts again,
or a commit whose answer was lost. So the work writes states, never increments, and touches nothing but the connection it is given; what
it found it returns. A transaction is never held open across a call to TEMU or JTL.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from pathlib import Path
from typing import TypeVar

from pydantic import SecretStr
from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL

from temu_assets.errors import ConfigurationError, InternalError
from temu_assets.sql.address import parse_url
from temu_assets.sql.attempts import DATABASE_ERRORS, Attempts, Words
from temu_assets.sql.engine import open_server
from temu_assets.sql.limits import Limits
from temu_assets.sql.sqlite import READ_ONLY

T = TypeVar("T")

_ELSEWHERE = "or set TEMU_DATA_DIR or TOCI_DATABASE_URL to another place."
_NOTHING_KEPT = "Nothing of this step was kept; the next run continues here."
WORDS = Words(
    title="Our database",
    setting="TOCI_DATABASE_URL",
    example="sqlite:///data/toci.db",
    if_gone="check that it runs and can be reached; the next run continues where this one stopped.",
    if_denied="check login and password, or let the program write there "
    f"(a file: it and its folder; a server: docs/sql/toci-rights.sql), {_ELSEWHERE} {_NOTHING_KEPT}",
    if_unusable=f"restore a backup if it was one, {_ELSEWHERE}",
    if_full=f"make room, look whether the disk is damaged or gone, {_ELSEWHERE} {_NOTHING_KEPT}",
    if_missing="run `temu-assets migrate`; if that changes nothing, restore the backup that belongs to this version.",
)


class Toci:
    """Our own database for one shop."""

    def __init__(self, engine: Engine, shop: str) -> None:
        self.engine = engine
        self.shop = shop
        self.attempts = Attempts(engine, WORDS)
        self.guard: Callable[[Connection], None] | None = None
        self.is_reading_only = False

    def under(self, guard: Callable[[Connection], None]) -> Toci:
        """The same database, where every ``write`` ends with ``guard``: what that raises takes everything back.

        At the end, because what it locks nobody else gets until the commit.
        """
        guarded = copy(self)
        guarded.guard = guard
        return guarded

    def reading_only(self) -> Toci:
        """The same database for what a dry run must leave as it is: writing raises InternalError before anything is written."""
        reading = copy(self)
        reading.is_reading_only = True
        return reading

    def read(self, work: Callable[[Connection], T]) -> T:
        """The result of ``work`` in a short transaction that only reads. Errors as in ``write``."""

        def once() -> T:
            with self.engine.connect().execution_options(**{READ_ONLY: True}) as connection, connection.begin():
                return work(connection)

        return self.attempts.run(once)

    def write(self, work: Callable[[Connection], T]) -> T:
        """The result of ``work`` in a short transaction, committed at its end or rolled back as a whole; done again where that helps.

        Raises TransientError when the database cannot be reached, ConfigurationError when it cannot be opened or written, InternalError
        when it refuses a statement.
        """
        self._require_writable()

        def once() -> T:
            with self.engine.begin() as connection:
                done = work(connection)
                if self.guard is not None:
                    self.guard(connection)
                return done

        return self.attempts.run(once)

    def write_once(self, work: Callable[[Connection], T]) -> T:
        """As ``write``, without trying again: for what is soon done anew anyway."""
        self._require_writable()
        try:
            with self.engine.begin() as connection:
                return work(connection)
        except DATABASE_ERRORS as error:
            failed = error
        raise self.attempts.in_our_words(failed)

    def _require_writable(self) -> None:
        if self.is_reading_only:
            raise InternalError(
                "A dry run was about to write down an effect in our database. It did not.",
                remedy="report this; nothing was sent or changed.",
            )

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


def open_engine(secret_url: SecretStr, limits: Limits | None = None) -> Engine:
    """An engine for our own database. Raises ConfigurationError for a URL that cannot be used."""
    return make_engine(find(secret_url), limits or Limits())


def find(secret_url: SecretStr) -> URL:
    """Where our own database is; a folder for its file is made. Raises ConfigurationError for a URL that cannot be used."""
    url = parse_url(secret_url, WORDS.setting, WORDS.example)
    if url.get_backend_name() == "sqlite":
        _make_folder(url)
    return url


def make_engine(url: URL, limits: Limits) -> Engine:
    """An engine for what ``find`` has found."""
    return open_server(url, limits, WORDS.setting, is_guest=False)


def _make_folder(url: URL) -> None:
    # "file:" is SQLite's own URL inside ours, with options of its own; it is no path.
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        return
    folder = Path(url.database).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"The folder of our database, {folder}, cannot be made ({error.strerror}).",
            remedy="give the program write access to it, or set TEMU_DATA_DIR or TOCI_DATABASE_URL to a place it may write.",
        ) from None
