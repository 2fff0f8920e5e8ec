"""Which revision our own database has, asked at the start of every stage without the weight of the migrations."""

from __future__ import annotations

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select
from sqlalchemy.exc import DBAPIError

from temu_assets.sql.failures import Kind
from temu_assets.sql.sqlite import READ_ONLY
from temu_assets.toci.database import Toci

NEWEST = "0005"
"""The last file in ``migrations/versions``; a test holds the two together."""

VERSION = Table("alembic_version", MetaData(), Column("version_num", String(32)))
_ASKED = select(VERSION.c.version_num)


def ensure_current(toci: Toci) -> None:
    """What every run does first: an empty database is set up, an older one brought up or refused (see ``migrate.bring_up``)."""
    revision = revision_of(toci)
    if revision != NEWEST:
        # Alembic takes 0.1 s to import and is wanted only now.
        from temu_assets.toci.migrate import bring_up

        bring_up(toci, revision)


def revision_of(toci: Toci) -> str | None:
    """As ``read_revision``, in one statement: the server says itself when the table is not there. Errors as in ``Toci.read``."""

    def once() -> str | None:
        with toci.engine.connect().execution_options(**{READ_ONLY: True}) as connection:
            try:
                return connection.execute(_ASKED).scalar_one_or_none()
            except DBAPIError as error:
                if toci.attempts.failure(error).kind is not Kind.MISSING:
                    raise
                return None

    return toci.attempts.run(once)


def read_revision(connection: Connection) -> str | None:
    """The revision, or None for a database without our tables."""
    if not inspect(connection).has_table(VERSION.name):
        return None
    return connection.execute(_ASKED).scalar_one_or_none()
