"""What the SQL Server under JTL tells of itself and of our login. Asked by ``doctor`` only, and of SQL Server only."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from temu_assets.jtl import statements
from temu_assets.jtl.database import Jtl
from temu_assets.jtl.tables import metadata, xml_bestell_import
from temu_assets.jtl.tables import version as version_table
from temu_assets.jtl.values import to_int, to_text

NEEDED: tuple[tuple[str, str], ...] = (
    *((table.fullname, "SELECT") for table in metadata.sorted_tables),
    (xml_bestell_import.fullname, "INSERT"),
)
"""All the program needs; docs/sql/jtl-rights.sql grants exactly this."""

FOREIGN: tuple[tuple[str, str], ...] = tuple(
    asked
    for table in metadata.sorted_tables
    for right in ("INSERT", "UPDATE", "DELETE")
    if (asked := (table.fullname, right)) not in NEEDED
)
"""What it must not be able to do: what it reads is JTL's alone, triggers hang on it, and what waits for JTL's worker is not changed."""


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """A server and one database on it. ``keeps_row_versions`` is READ_COMMITTED_SNAPSHOT; ``is_jtl``: JTL's import table is in it."""

    version: str
    database: str
    collation: str
    keeps_row_versions: bool
    is_jtl: bool

    @property
    def major(self) -> int:
        """13 is SQL Server 2016, 14 is 2017, 15 is 2019, 16 is 2022."""
        return int(self.version.partition(".")[0])


@dataclass(frozen=True, slots=True)
class Rights:
    """What the login lacks, what it may do beyond, and roles that allow everything; in words."""

    missing: tuple[str, ...]
    foreign: tuple[str, ...]
    roles: tuple[str, ...]


def read_server(connection: Connection) -> ServerFacts:
    """The server and the database a connection leads to, JTL's or ours."""
    version, database, collation, row_versions, import_table = connection.execute(statements.server_facts()).one()
    return ServerFacts(to_text(version), to_text(database), to_text(collation), bool(to_int(row_versions)), import_table is not None)


def read_rights(jtl: Jtl) -> Rights:
    """What our login may do in JTL's database; nothing is tried out."""
    (found,) = jtl.rows(statements.rights([*NEEDED, *FOREIGN]))
    ((is_sysadmin, is_owner),) = jtl.rows(statements.roles())
    granted = {asked: answer == 1 for asked, answer in zip([*NEEDED, *FOREIGN], found, strict=True)}
    return Rights(
        # Without its version JTL still does everything; doctor then says that it does not know it.
        missing=tuple(f"{right} on {name}" for name, right in NEEDED if not granted[name, right] and name != version_table.fullname),
        foreign=tuple(f"{right} on {name}" for name, right in FOREIGN if granted[name, right]),
        roles=tuple(role for role, member in (("sysadmin", is_sysadmin), ("db_owner", is_owner)) if member == 1),
    )
