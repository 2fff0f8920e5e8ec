"""PostgreSQL, for our own database. Codes: SQLSTATE, as PostgreSQL documents them; the driver is psycopg."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine import URL

from temu_assets.sql.dialects import Dialect
from temu_assets.sql.failures import Failure, Kind
from temu_assets.sql.limits import Limits

_BY_CODE = {
    "40001": Kind.CONFLICT,  # serialization failure
    "40P01": Kind.CONFLICT,  # deadlock
    "55P03": Kind.CONFLICT,  # lock time-out
    "57014": Kind.SLOW,  # statement time-out
    "23505": Kind.DUPLICATE,
    "42501": Kind.DENIED,
    "3D000": Kind.DENIED,  # no database of this name
    "42P01": Kind.MISSING,
    "42703": Kind.MISSING,
    "3F000": Kind.MISSING,
}
_BY_CLASS = {
    "08": Kind.GONE,
    "57": Kind.GONE,  # the server ends, or ended this connection
    "28": Kind.DENIED,
    "53": Kind.FULL,
    "58": Kind.UNUSABLE,
    "22": Kind.VALUE,
    "23": Kind.VALUE,
}
_TOO_MANY_CONNECTIONS = "53300"


class PostgreSql(Dialect):
    """A PostgreSQL server."""

    stands_still = "REPEATABLE READ"

    def engine_options(self, url: URL, limits: Limits) -> dict[str, Any]:
        """The driver is told how long a login and an answer may take, and whose connection it is."""
        told = {
            "connect_timeout": limits.login_timeout_seconds,
            "application_name": "temu-assets",
            # The server's own limit of a statement says nothing where the server is gone without a word.
            "tcp_user_timeout": limits.query_timeout_seconds * 1000,
            "keepalives_idle": limits.query_timeout_seconds,
            "keepalives_interval": 5,
            "keepalives_count": 3,
        }
        return super().engine_options(url, limits) | {
            "connect_args": {name: value for name, value in told.items() if name not in url.query}
        }

    def set_up(self, engine: Engine, limits: Limits, *, is_guest: bool) -> None:  # noqa: ARG002 — no priority among sessions here
        """Locks and statements do not wait for ever."""

        @event.listens_for(engine, "connect")
        def _on_connect(connection: Any, _record: object) -> None:
            with connection.cursor() as cursor:
                cursor.execute(f"SET lock_timeout = {limits.lock_timeout_seconds * 1000}")
                cursor.execute(f"SET statement_timeout = {limits.query_timeout_seconds * 1000}")
            connection.commit()

    def failure(self, error: BaseException) -> Failure:
        """By SQLSTATE; an error without one never reached the server, or lost it."""
        code = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)  # psycopg, and psycopg2
        if code is None:
            named = {each.__name__ for each in type(error).__mro__}
            kind = Kind.GONE if named & {"OperationalError", "InterfaceError"} else Kind.BUG
            return Failure(Kind.VALUE if "DataError" in named else kind, type(error).__name__)
        kind = Kind.GONE if code == _TOO_MANY_CONNECTIONS else _BY_CODE.get(code) or _BY_CLASS.get(code[:2], Kind.BUG)
        return Failure(kind, code, column=getattr(getattr(error, "diag", None), "column_name", None))

    def lock_migration(self, connection: Connection) -> None:
        """An advisory lock, released with the transaction."""
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(7363)"))
