"""Column types that mean the same on SQLite, SQL Server and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, Unicode, UnicodeText
from sqlalchemy.dialects.mssql import DATETIME2, NVARCHAR
from sqlalchemy.types import TypeDecorator, TypeEngine

_EXACT = "Latin1_General_BIN2"
"""SQL Server compares text without regard to case unless a column says otherwise: two keys, or a corrected name, would be taken for one."""


def text_type(length: int | None = None) -> TypeEngine[str]:
    """Text of at most ``length`` characters, or any length; compared exactly on every server. Blanks at the end do not count."""
    plain = UnicodeText() if length is None else Unicode(length)
    return plain.with_variant(NVARCHAR(length, collation=_EXACT), "mssql")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, stored as naive UTC with microseconds. A naive value is refused: it would be somebody's local time."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> DateTime:
        """DATETIME2 on SQL Server: plain DATETIME rounds to 3 ms."""
        return DATETIME2(6) if dialect.name == "mssql" else DateTime()  # type: ignore[no-untyped-call]  # SQLAlchemy left it untyped

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 — SQLAlchemy's signature
        """Aware to naive UTC; raises ValueError for a naive value."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "a naive datetime cannot be stored; give it a time zone"
            raise ValueError(msg)
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 — SQLAlchemy's signature
        """Naive UTC to aware."""
        return None if value is None else value.replace(tzinfo=UTC)
