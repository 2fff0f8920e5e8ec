"""Which revision our own database has, asked at the start of every stage without the weight of the migrations."""

from __future__ import annotations

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select

from temu_assets.toci.database import Toci

NEWEST = "0005"
"""The last file in ``migrations/versions``; a test holds the two together."""

VERSION = Table("alembic_version", MetaData(), Column("version_num", String(32)))


def ensure_current(toci: Toci) -> None:
    """What every run does first: an empty database is set up, an older one brought up or refused (see ``migrate.bring_up``)."""
    revision = toci.read(read_revision)
    if revision != NEWEST:
        # Alembic takes 0.1 s to import and is wanted only now.
        from temu_assets.toci.migrate import bring_up

        bring_up(toci, revision)


def read_revision(connection: Connection) -> str | None:
    """The revision, or None for a database without our tables."""
    if not inspect(connection).has_table(VERSION.name):
        return None
    return connection.execute(select(VERSION.c.version_num)).scalar_one_or_none()
