"""The bookkeeping's folders and our database, as the stages meet them, without Dagster."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Row, Table, select

from temu_assets.bookkeeping.taking import TakenFiles, Taking
from temu_assets.data_folders import DATEV_ARCHIVE, DATEV_IN, DATEV_OUT, DATEV_REPORTS
from temu_assets.toci.database import Toci
from temu_assets.toci.tables import datev_batches

NOW = datetime(2026, 2, 3, 10, 20, 30, tzinfo=UTC)
LONG_AGO = NOW.timestamp() - 3600


@dataclass
class Desk:
    """``now`` moves on by a second each time it is asked, so that the order of things is certain."""

    toci: Toci
    data: Path
    moment: datetime = field(default=NOW)
    pauses: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment

    @property
    def inbox(self) -> Path:
        return self.data / DATEV_IN

    @property
    def outbox(self) -> Path:
        return self.data / DATEV_OUT

    @property
    def reports(self) -> Path:
        return self.data / DATEV_REPORTS

    def drop(self, name: str, content: bytes) -> Path:
        """A file is dropped, and nobody has written to it for an hour."""
        path = self.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (LONG_AGO, LONG_AGO))
        return path

    def take(self, *, rules: str = "rules", most_bytes: int = 10_000_000) -> TakenFiles:
        return Taking(self.toci, self.data, most_bytes, rules, self.now, self.pauses.append).run()

    def rows(self, table: Table = datev_batches) -> list[Row[Any]]:
        keys = table.primary_key if table is not datev_batches else (table.c.taken_at, table.c.file_name)
        with self.toci.engine.begin() as connection:
            return list(connection.execute(select(table).order_by(*keys)))

    def row(self, name: str) -> Row[Any]:
        (found,) = (row for row in self.rows() if row.file_name == name)
        return found

    def waiting(self) -> list[str]:
        """Names in the folder where files are dropped."""
        return sorted(path.name for path in self.inbox.iterdir()) if self.inbox.exists() else []

    def archived(self) -> list[bytes]:
        """What the archive holds."""
        return [path.read_bytes() for path in sorted((self.data / DATEV_ARCHIVE).rglob("*")) if path.is_file()]
