"""Taking over the predecessor's database: its tables are moved aside, ours are made, its rows are taken over. All or nothing.

It is one transaction under the lock of migrations, so whatever dies leaves the database as it was or as it is to be. Their tables are
renamed and otherwise left alone. A second time nothing is done: the tables that lie aside are counted again as of the moment they were
taken over.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, inspect

from temu_assets.adoption.report import Report
from temu_assets.adoption.taking import Taking
from temu_assets.errors import ConfigurationError
from temu_assets.sql.address import place
from temu_assets.sql.servers import dialect_of
from temu_assets.toci import sync_state
from temu_assets.toci.database import Toci
from temu_assets.toci.predecessor import ASIDE, tables_aside, their_tables
from temu_assets.toci.revision import VERSION, read_revision
from temu_assets.toci.sync_state import Mark
from temu_assets.toci.tables import metadata

_BACK = "To take them over again, drop our tables and give theirs their old names back"


class _DryRunError(Exception):
    """Ends the transaction of a dry run, which is thereby rolled back."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report


def adopt(toci: Toci, *, now: datetime, is_dry_run: bool = False) -> Report | None:
    """Take the predecessor's tables over; None when the database holds none of them. In a dry run nothing is kept.

    Raises ConfigurationError, with nothing changed, when the database holds what cannot be told apart.
    """

    def work(connection: Connection) -> Report | None:
        dialect_of(toci.engine).lock_migration(connection)
        theirs, aside = their_tables(connection), tables_aside(connection)
        if theirs and aside:
            raise ConfigurationError(
                f"Our database ({place(toci.engine.url)}) holds tables of the predecessor ({', '.join(theirs)}) beside others that were "
                f"moved aside before ({', '.join(aside.values())}).",
                remedy="find out which of the two are the right ones, rename or drop the others by hand, then run this again. "
                "Is the predecessor still running, and has it made its tables anew?",
            )
        if aside:
            return _counted_again(connection, toci, aside, now=now)
        if not theirs:
            return None
        report = _taken_over(connection, toci, theirs, now=now)
        if is_dry_run:
            raise _DryRunError(report)
        return report

    try:
        return toci.write(work)
    except _DryRunError as ended:
        return ended.report


def _taken_over(connection: Connection, toci: Toci, theirs: Mapping[str, str], *, now: datetime) -> Report:
    # Alembic takes 0.1 s to import and is wanted only now.
    from temu_assets.toci.migrate import migrate_within

    _refuse_strangers(connection, toci, theirs)
    aside = {name: _move_aside(connection, name, spelled) for name, spelled in theirs.items()}
    migrate_within(connection)
    report = Report(now, aside)
    Taking(connection, toci.shop, aside, report, writes=True).run()
    sync_state.remember_instant(connection, toci.shop, Mark.ADOPTED_AT, now, now=now)
    return report


def _counted_again(connection: Connection, toci: Toci, aside: Mapping[str, str], *, now: datetime) -> Report:
    has_ours = read_revision(connection) is not None
    at = sync_state.read_instant(connection, toci.shop, Mark.ADOPTED_AT) if has_ours else None
    if at is None:
        raise ConfigurationError(
            f"Our database ({place(toci.engine.url)}) holds tables of the predecessor that were moved aside "
            f"({', '.join(aside.values())}), but not for the shop '{toci.shop}'.",
            remedy=f"compare TEMU_SHOP with what it was then. {_BACK}; or drop them, if they are no longer wanted.",
        )
    # The same moment: it was this very call, and the answer to its commit was lost.
    report = Report(at, aside, is_repeated=at != now)
    Taking(connection, toci.shop, aside, report, writes=False).run()
    return report


def _refuse_strangers(connection: Connection, toci: Toci, theirs: Mapping[str, str]) -> None:
    """Tables under names of ours that are neither ours nor known as the predecessor's."""
    if read_revision(connection) is not None:
        return
    ours = {*metadata.tables, VERSION.name}
    strangers = sorted(name for name in inspect(connection).get_table_names() if name.casefold() in ours and name not in theirs.values())
    if strangers:
        raise ConfigurationError(
            f"Our database ({place(toci.engine.url)}) holds tables under names of ours that are not the predecessor's as it is known "
            f"({', '.join(strangers)}).",
            remedy="rename them by hand if they are to be kept, then run this again; or set TOCI_DATABASE_URL to an empty database.",
        )


def _move_aside(connection: Connection, name: str, spelled: str) -> str:
    """The name one of their tables has now. Of its keys only those are renamed whose names ours need."""
    dialect = dialect_of(connection.engine)
    ours = {str(table.primary_key.name).casefold() for table in metadata.tables.values()}
    for key in dialect.key_names(connection, spelled):
        if key.casefold() in ours:
            dialect.rename_key(connection, spelled, key, ASIDE + key)
    dialect.rename_table(connection, spelled, ASIDE + name)
    return ASIDE + name
