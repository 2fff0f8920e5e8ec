"""Where our database and JTL's lie while the program is measured: in files, or on the server TEST_TOCI_URL and TEST_JTL_URL name."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, delete, select

from benchmarks.ratios.bare import import_table
from temu_assets.sandbox.jtl import JtlStandIn
from temu_assets_tests.databases import JTL_URL, TOCI_URL, drop_everything
from temu_assets_tests.jtl.books import Books
from temu_assets_tests.jtl.mirror import Mirror

_EXTERNAL_NUMBER = re.compile(r"<cExterneBestellNr>([^<]+)</cExterneBestellNr>")


@dataclass(frozen=True, slots=True)
class Place:
    """``toci_url`` and ``jtl_url`` of a server, both emptied before use; both None: files."""

    name: str
    toci_url: str | None = None
    jtl_url: str | None = None

    def empty_toci(self, file: Path) -> str:
        """The URL of a database of ours without a table."""
        if self.toci_url is None:
            return f"sqlite:///{file}"
        drop_everything(self.toci_url)
        return self.toci_url

    @contextmanager
    def jtl(self, sandbox: Path) -> Iterator[JtlPlace]:
        """JTL's database of the sandbox in this folder, where this place has it."""
        stand_in = JtlStandIn(sandbox / "jtl.db")
        if self.jtl_url is None:
            yield JtlPlace(stand_in.url, None)
            return
        books = Books(self.jtl_url)
        try:
            mirror = Mirror(stand_in, books)
            mirror.show()
            yield JtlPlace(self.jtl_url, mirror)
        finally:
            books.close()


@dataclass(frozen=True, slots=True)
class JtlPlace:
    """JTL's database: the sandbox's own, or with ``mirror`` its likeness on a server."""

    url: str
    mirror: Mirror | None

    def handed_over(self) -> Counter[str]:
        """How often each order waits in the import table."""
        engine = create_engine(self.url)
        with engine.connect() as connection:
            texts = connection.scalars(select(import_table(engine.dialect.name).c.cText)).all()
        engine.dispose()
        return Counter(number for text in texts for number in _EXTERNAL_NUMBER.findall(text))

    def take_back(self) -> None:
        """Empty the import table, as if nothing had been handed over."""
        engine = create_engine(self.url)
        with engine.begin() as connection:
            connection.execute(delete(import_table(engine.dialect.name)))
        engine.dispose()


FILES = Place("SQLite")


def given_places() -> list[Place]:
    """Files, and the server where the environment names one."""
    if TOCI_URL not in os.environ:
        return [FILES]
    return [FILES, Place("T-SQL server", os.environ[TOCI_URL], os.environ[JTL_URL])]
