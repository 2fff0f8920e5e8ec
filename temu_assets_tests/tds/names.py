"""Names: T-SQL's are compared without regard to case and may be long, PostgreSQL's are exact and short."""

from __future__ import annotations

import hashlib

TEMPORARY = "temp$"
_LONGEST = 60

KNOWN_COLLATIONS = (
    "Latin1_General_CI_AS", "Latin1_General_CS_AS", "Latin1_General_CI_AI", "Latin1_General_BIN", "Latin1_General_BIN2",
    "Latin1_General_100_CI_AS", "Latin1_General_100_CS_AS", "Latin1_General_100_BIN2", "Latin1_General_100_CI_AS_SC",
    "Latin1_General_100_CI_AS_SC_UTF8", "Latin1_General_100_BIN2_UTF8", "SQL_Latin1_General_CP1_CI_AS", "SQL_Latin1_General_CP1_CS_AS",
    "German_PhoneBook_CI_AS", "German_PhoneBook_100_CI_AS",
)  # fmt: skip
"""Collations every database has besides its own."""


def fold(name: str) -> str:
    """The name PostgreSQL knows something by (the same rule as ``tds.fold`` in the catalog)."""
    folded = TEMPORARY + name[1:].lower() if name.startswith("#") else name.lower()
    if len(folded.encode()) <= _LONGEST:
        return folded
    return f"{folded[:45]}${hashlib.md5(folded.encode()).hexdigest()[:12]}"


def quoted(name: str) -> str:
    """A name for PostgreSQL, already folded."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def literal(text: str) -> str:
    """A text for PostgreSQL."""
    escaped = text.replace("'", "''")
    return f"'{escaped}'"


def schema_of(parts: tuple[str, ...]) -> str:
    """The schema PostgreSQL finds a table in."""
    if parts[-1].startswith("#"):
        return "pg_temp"
    schema = fold(parts[-2]) if len(parts) > 1 and parts[-2] else "dbo"
    return "info" if schema == "information_schema" else schema


def table_name(parts: tuple[str, ...]) -> str:
    """A table as PostgreSQL wants it written."""
    return f"{quoted(schema_of(parts))}.{quoted(fold(parts[-1]))}"


def collation_name(name: str) -> str:
    """A collation as PostgreSQL wants it written."""
    return f"tds.{quoted(name.lower())}"


def index_name(table: tuple[str, ...], name: str) -> str:
    """An index's name is its own within a table only, PostgreSQL wants it to be so within a schema."""
    digest = hashlib.md5(f"{schema_of(table)}.{fold(table[-1])}".encode()).hexdigest()[:8]
    return fold(f"{name}${digest}")


def collation_definition(name: str) -> str:
    """How PostgreSQL compares text under a collation of SQL Server's."""
    upper = name.upper()
    if "_BIN" in upper:
        return "provider = libc, locale = 'C'"
    if "_CS" in upper:
        return "provider = icu, locale = 'und', deterministic = true"
    return f"provider = icu, locale = 'und-u-ks-level{1 if '_AI' in upper else 2}', deterministic = false"


def create_collation(name: str) -> str:
    """The statement that makes a collation of SQL Server's known."""
    return f"CREATE COLLATION IF NOT EXISTS {collation_name(name)} ({collation_definition(name)})"
