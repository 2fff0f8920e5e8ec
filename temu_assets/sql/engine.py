"""Opening a database server with everything its kind needs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL

from temu_assets.crash_points import crash_point, is_armed
from temu_assets.errors import ConfigurationError
from temu_assets.redaction import keep_values_out_of_logs
from temu_assets.sql.attempts import reached
from temu_assets.sql.limits import Limits
from temu_assets.sql.rested import ask_after_a_rest
from temu_assets.sql.servers import named


def open_server(url: URL, limits: Limits, setting: str, *, is_guest: bool, **options: Any) -> Engine:
    """An engine; nothing is connected yet. ``is_guest``: the database belongs to other people, whose work goes first.

    Parameters are kept out of every exception: they can be a buyer's data. Raises ConfigurationError for a kind of server this program
    does not know.
    """
    try:
        dialect = named(url.get_backend_name())
    except ValueError as error:
        raise ConfigurationError(f"{setting}: {error}.", remedy="see docs/sql-server.md for the databases that can be used.") from None
    keep_values_out_of_logs()
    engine = create_engine(url, hide_parameters=True, **dialect.engine_options(url, limits), **options)
    dialect.set_up(engine, limits, is_guest=is_guest)
    if dialect.keeps_connections and limits.pool_pre_ping:
        ask_after_a_rest(engine)
    reached(engine)
    if is_armed():
        _mark_effects(engine, "jtl" if is_guest else "toci")
    return engine


def _mark_effects(engine: Engine, database: str) -> None:
    """Put a crash point before and after everything the database is told."""
    event.listen(engine, "before_cursor_execute", lambda *_: crash_point(f"{database}_statement_before"))
    event.listen(engine, "after_cursor_execute", lambda *_: crash_point(f"{database}_statement_after"))
    dialect: Any = engine.dialect  # SQLAlchemy has no event after a commit
    genuine_commit = dialect.do_commit

    def commit(connection: Any) -> None:
        crash_point(f"{database}_commit_before")
        genuine_commit(connection)
        crash_point(f"{database}_commit_after")

    dialect.do_commit = commit
