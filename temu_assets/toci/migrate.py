"""Bringing our own database to the newest shape, forward only.

An empty database is set up by the first run, under a lock, so that two first runs do not collide. An older one migrates itself on SQLite;
on a server it stops the run and names the command, because there somebody plans when a table changes. The steps are the files in
``migrations/versions``; each is given Alembic's operations as an argument, because Alembic's global ``op`` belongs to whoever set it
last, and Dagster uses Alembic in the same process.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, String, insert, inspect, update
from sqlalchemy.dialects import registry
from sqlalchemy.schema import Column, PrimaryKeyConstraint

from temu_assets.errors import ConfigurationError
from temu_assets.sql.address import place
from temu_assets.sql.servers import dialect_of, named
from temu_assets.toci.database import Toci
from temu_assets.toci.predecessor import their_tables
from temu_assets.toci.revision import VERSION, read_revision

_FOLDER = Path(__file__).parent / "migrations"


@dataclass(frozen=True, slots=True)
class Migrated:
    """From which revision to which; ``before`` is None for an empty database."""

    before: str | None
    after: str


def migrate(toci: Toci) -> Migrated:
    """Bring the database to the newest revision; does nothing when it is there already."""

    def work(connection: Connection) -> Migrated:
        lock(connection)
        return migrate_within(connection)

    return toci.write(work)


def lock(connection: Connection) -> None:
    """Wait until nobody else migrates; held until the transaction ends."""
    dialect_of(connection.engine).lock_migration(connection)


def migrate_within(connection: Connection, *, to: str | None = None) -> Migrated:
    """The same inside the caller's transaction, which holds the lock; ``to`` an older revision only where a backup is put back."""
    steps = _steps()
    if to is not None:
        steps = steps[: [step.revision for step in steps].index(to) + 1]
    before = read_revision(connection)
    _refuse_newer(steps, before, connection.engine)
    if before is None:
        _refuse_foreign(connection, connection.engine)
    _upgrade(Operations(MigrationContext.configure(connection)), steps, before)
    return Migrated(before, steps[-1].revision)


def bring_up(toci: Toci, revision: str | None) -> None:
    """What a run does with a database that is not at the newest revision.

    Raises ConfigurationError when a server database has an older revision, or any a newer one.
    """
    _refuse_newer(_steps(), revision, toci.engine)
    if revision is not None and toci.engine.dialect.name != "sqlite":
        raise ConfigurationError(
            f"Our database has the tables of an older version of this program (revision {revision}).",
            remedy="stop the schedules, make a backup, then run `temu-assets migrate` "
            f"(or give your DBA what `temu-assets migrate --sql --from {revision}` prints).",
        )
    migrate(toci)


def script(server: str, *, since: str | None = None) -> str:
    """The SQL that brings a database from revision ``since`` (None: empty) to the newest, for a person to apply.

    ``server`` is mssql, postgresql or sqlite. Raises ConfigurationError for a revision there never was.
    """
    steps = _steps()
    if since is not None and since not in revisions():
        raise ConfigurationError(f"There is no revision {since}.", remedy=f"take one of {', '.join(revisions())}, or leave --from out.")
    dialect = registry.load(server)()
    named(server).adjust(dialect)
    buffer = io.StringIO()
    context = MigrationContext.configure(dialect=dialect, opts={"as_sql": True, "output_buffer": buffer, "literal_binds": True})
    with context.begin_transaction():
        _upgrade(Operations(context), steps, since)
    return named(server).script_head + buffer.getvalue()


def revisions() -> list[str]:
    """Every revision there ever was, first to last."""
    return [step.revision for step in _steps()]


@dataclass(frozen=True, slots=True)
class _Step:
    """A file of ``migrations/versions``."""

    revision: str
    module: ModuleType

    def upgrade(self, operations: Operations) -> None:
        self.module.upgrade(operations)


def _steps() -> list[_Step]:
    """Every step there ever was, first to last."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config).walk_revisions()
    return [_Step(each.revision, each.module) for each in reversed(list(scripts))]


def _upgrade(operations: Operations, steps: list[_Step], before: str | None) -> None:
    revisions = [step.revision for step in steps]
    to_do = steps[0 if before is None else revisions.index(before) + 1 :]
    if before is None:
        operations.create_table(
            VERSION.name, Column("version_num", String(32), nullable=False), PrimaryKeyConstraint("version_num", name="alembic_version_pkc")
        )
        operations.execute(insert(VERSION).values(version_num=steps[-1].revision))
    for step in to_do:
        step.upgrade(operations)
    if before is not None and to_do:
        operations.execute(update(VERSION).values(version_num=steps[-1].revision))


def _refuse_newer(steps: list[_Step], revision: str | None, engine: Engine) -> None:
    if revision is not None and revision not in {step.revision for step in steps}:
        raise ConfigurationError(
            f"Our database ({place(engine.url)}) was made by a newer version of this program (revision {revision}).",
            remedy="run the newer version, or restore the backup that belongs to this one.",
        )


def _refuse_foreign(connection: Connection, engine: Engine) -> None:
    """JTL's own database, or tables of the predecessor's: those only ``temu-assets adopt`` may move aside."""
    inspector = inspect(connection)
    if inspector.has_table("tXMLBestellImport"):  # the one table of JTL's that this program must know by heart
        raise ConfigurationError(
            f"TOCI_DATABASE_URL leads to JTL's own database ({place(engine.url)}); our tables do not belong there.",
            remedy="create a database of its own for this program (docs/sql/toci-rights.sql) and name that one.",
        )
    theirs = their_tables(connection)
    if theirs:
        raise ConfigurationError(
            f"Our database ({place(engine.url)}) holds the predecessor's tables ({', '.join(theirs)}), not ours.",
            remedy="run `temu-assets adopt`: it moves them aside and takes over what they know, so that nothing is exported or reported "
            "again. Or set TOCI_DATABASE_URL to an empty database.",
        )
