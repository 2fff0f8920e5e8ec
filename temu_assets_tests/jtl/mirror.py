"""The sandbox's JTL, a SQLite file, shown on a real server: its tables are copied there, and what is handed over there is brought to it."""

from __future__ import annotations

from sqlalchemy import Boolean, delete, insert, select

from temu_assets.sandbox.jtl import JtlStandIn
from temu_assets_tests.jtl.books import Books, typed

_FROM = {"stored_stock": "vLagerbestandProLager"}
_HANDED_OVER = "tXMLBestellImport"


class Mirror:
    """``show`` copies JTL's state to the server; ``run_worker`` lets JTL take what waits there."""

    def __init__(self, jtl: JtlStandIn, books: Books) -> None:
        self.jtl = jtl
        self.books = books

    def show(self) -> None:
        """The server shows what JTL has now. The import table stays: it lives on the server alone."""
        with self.books.engine.begin() as connection:
            for name, table in self.books.tables.items():
                if name == _HANDED_OVER:
                    continue
                wanted = [column.name for column in table.columns if column.name != "kStock"]
                found = self.jtl.rows(f"SELECT {', '.join(wanted)} FROM {_FROM.get(name, name)}")
                rows = [
                    {
                        column: bool(value) if isinstance(table.c[column].type, Boolean) else value
                        for column, value in zip(wanted, tuple(row), strict=True)
                    }
                    for row in found
                ]
                connection.execute(delete(table))
                if "kStock" in table.c:
                    rows = [{"kStock": key, **row} for key, row in enumerate(rows)]
                if rows:
                    connection.execute(insert(table), [typed(table, row) for row in rows])

    def run_worker(self) -> None:
        """JTL's worker takes the rows that wait on the server; what it makes of them is shown."""
        table = self.books.tables[_HANDED_OVER]
        with self.books.engine.begin() as connection:
            waiting = connection.execute(select(table.c.cText, table.c.nPlattform).order_by(table.c.kXMLBestellImport)).all()
            connection.execute(delete(table))
        for xml, platform in waiting:
            self.jtl.hand_over(xml, platform=platform)
        self.jtl.run_worker()
        self.show()
