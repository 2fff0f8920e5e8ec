"""Bringing our own database to the newest shape, forward only.

An empty database is set up by the first run, under a lock, so that two first runs do not collide. An older one migrates itself on SQLite;
on a server it stops the run and names the command, because there somebody plans when a table changes.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from temu_assets.errors import ConfigurationError
from temu_assets.toci.database import Toci

_ALEMBIC = threading.Lock()
"""Alembic keeps what it works on in globals, and a sensor may look while another does."""

_FOLDER = Path(__file__).parent / "migrations"


@dataclass(frozen=True, slots=True)
class Migrated:
    """From which revision to which; ``before`` is None for an empty database."""

    before: str | None
    after: str


def migrate(toci: Toci) -> Migrated:
    """Bring the database to the newest revision; does nothing when it is there already."""
    config = _config()
    newest = _newest(config)
    with _ALEMBIC, toci.write() as connection:
        _lock(connection)
        before = _revision(connection)
        _refuse_newer(config, before, toci.engine)
        if before != newest:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    return Migrated(before, newest)


def bring_up(toci: Toci, revision: str | None) -> None:
    """What a run does with a database that is not at the newest revision.

    Raises ConfigurationError when a server database has an older revision, or any a newer one.
    """
    _refuse_newer(_config(), revision, toci.engine)
    if revision is not None and toci.engine.dialect.name != "sqlite":
        raise ConfigurationError(
            f"Our database has the tables of an older version of this program (revision {revision}).",
            remedy="stop the schedules, make a backup, then run `temu-assets migrate`.",
        )
    migrate(toci)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.set_main_option("path_separator", "os")
    return config


def _newest(config: Config) -> str:
    newest = ScriptDirectory.from_config(config).get_current_head()
    assert newest is not None  # noqa: S101 — the package ships migrations
    return newest


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_newer(config: Config, revision: str | None, engine: Engine) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision is not None and revision not in known:
        raise ConfigurationError(
            f"Our database ({engine.url.render_as_string(hide_password=True)}) was made by a newer version of this program "
            f"(revision {revision}).",
            remedy="run the newer version, or restore the backup that belongs to this one.",
        )


def _lock(connection: Connection) -> None:
    """One migration at a time; released with the transaction. SQLite needs none: the write transaction is the lock."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(7363)"))
    elif connection.dialect.name == "mssql":
        connection.execute(
            text(
                "EXEC sp_getapplock @Resource = 'temu_assets_migrate', @LockMode = 'Exclusive', "
                "@LockOwner = 'Transaction', @LockTimeout = 60000"
            )
        )
