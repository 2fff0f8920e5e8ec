"""One session's connection to PostgreSQL: transactions, savepoints around statements, and what its errors mean."""

from __future__ import annotations

import threading

from psycopg import pq
from psycopg.pq.abc import PGconn, PGresult

from temu_assets_tests.tds.errors import BackendGone, Cancelled, Diagnosis
from temu_assets_tests.tds.postgres import PostgresFault, rows_of
from temu_assets_tests.tds.sqltypes import Value

_GOOD = {pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK, pq.ExecStatus.EMPTY_QUERY}
_OIDS = {
    "tinyint": 21, "smallint": 21, "int": 23, "bigint": 20, "decimal": 1700, "numeric": 1700, "money": 1700, "smallmoney": 1700,
    "float": 701, "real": 700, "datetime": 1114, "smalldatetime": 1114, "datetime2": 1114, "datetimeoffset": 1184, "date": 1082,
    "time": 1083, "uniqueidentifier": 2950, "binary": 17, "varbinary": 17, "image": 17, "timestamp": 17,
}  # fmt: skip
_TEXT_OID = 25
_CANCELLED = "57014"
_SAVEPOINT = "tds_statement"


class StatementFailed(Exception):  # noqa: N818 — becomes an error of SQL Server's
    """PostgreSQL refused a statement; what it did has been undone."""

    def __init__(self, said: Diagnosis) -> None:
        super().__init__(f"{said.sqlstate} {said.message}")
        self.said = said


class Backend:
    """The connection. Statements run one at a time; ``cancel`` may be called by any thread."""

    def __init__(self, connection: PGconn) -> None:
        self.connection = connection
        self.is_in_transaction = False
        self._pending = ""
        self._cancel = connection.get_cancel()
        self._lock = threading.Lock()
        ((oid,),) = self.run("SELECT 'tds.flag'::regtype::oid")
        self.flag_oid = int(oid or 0)
        """What PostgreSQL calls the type that stands for BIT."""

    def run(self, sql: str) -> list[list[str | None]]:
        """Statements of our own. Raises PostgresFault, BackendGone."""
        result = self._checked(self.connection.exec_(sql.encode()))
        if result.status not in _GOOD:
            raise PostgresFault(f"{result.error_message.decode(errors='replace')} in {sql[:500]}")
        return rows_of(result)

    def execute(self, sql: str, values: list[Value]) -> PGresult:
        """A client's statement. Raises StatementFailed, Cancelled; inside a transaction what was done before stays."""
        return self._guarded(lambda: self._exec_params(sql, values))

    def execute_script(self, statements: list[str]) -> None:
        """Several statements that succeed or fail as one. Raises as ``execute``."""
        if statements:
            self._guarded(lambda: self.connection.exec_(";\n".join(statements).encode()))

    def begin(self, isolation: str) -> None:
        """Start a transaction, in truth with its first statement: drivers open one long before, and set its isolation after that."""
        self._pending = f"BEGIN ISOLATION LEVEL {isolation}"
        self.is_in_transaction = True

    def isolate(self, isolation: str) -> None:
        """Another isolation for a transaction in which nothing has happened yet."""
        if self._pending:
            self.begin(isolation)

    def commit(self) -> None:
        """End the transaction. Raises StatementFailed when PostgreSQL refuses to."""
        self.is_in_transaction = False
        if self._pending:
            self._pending = ""
            return
        result = self._checked(self.connection.exec_(b"COMMIT"))
        if result.status not in _GOOD:
            raise StatementFailed(_diagnosis(result))

    def rollback(self) -> None:
        """Undo the transaction."""
        self.is_in_transaction = False
        if self._pending:
            self._pending = ""
        else:
            self.run("ROLLBACK")

    def save(self, name: str) -> None:
        """A point to come back to."""
        self._begin()
        self.run(f"SAVEPOINT {name}")

    def rollback_to(self, name: str) -> bool:
        """Come back to it; False when there is none, and then the transaction is lost."""
        self._begin()
        return self._checked(self.connection.exec_(f"ROLLBACK TO SAVEPOINT {name}".encode())).status in _GOOD

    def cancel(self) -> None:
        """Stop what runs."""
        with self._lock:
            if self.connection.status == pq.ConnStatus.OK:
                self._cancel.cancel()

    def close(self) -> None:
        """End the connection; an open transaction is undone."""
        with self._lock:
            self.connection.finish()

    def _guarded(self, run: object) -> PGresult:
        assert callable(run)
        self._begin()
        if self.is_in_transaction:
            self.run(f"SAVEPOINT {_SAVEPOINT}")
        result: PGresult = self._checked(run())
        if result.status in _GOOD:
            if self.is_in_transaction:
                self.run(f"RELEASE SAVEPOINT {_SAVEPOINT}")
            return result
        said = _diagnosis(result)
        if self.is_in_transaction:
            self.run(f"ROLLBACK TO SAVEPOINT {_SAVEPOINT}")
        if said.sqlstate == _CANCELLED:
            raise Cancelled
        raise StatementFailed(said)

    def _begin(self) -> None:
        pending, self._pending = self._pending, ""
        if pending:
            self.run(pending)

    def _exec_params(self, sql: str, values: list[Value]) -> PGresult:
        return self.connection.exec_params(
            sql.encode(),
            [None if value.text is None else value.text.encode() for value in values],
            [self._oid(value) for value in values],
        )

    def _oid(self, value: Value) -> int:
        return self.flag_oid if value.type.name == "bit" else _OIDS.get(value.type.name, _TEXT_OID)

    def _checked(self, result: PGresult) -> PGresult:
        if self.connection.status != pq.ConnStatus.OK:
            raise BackendGone(self.connection.error_message.decode(errors="replace"))
        return result


def _diagnosis(result: PGresult) -> Diagnosis:
    def said(field: pq.DiagnosticField) -> str:
        raw = result.error_field(field)
        return raw.decode(errors="replace") if raw else ""

    return Diagnosis(
        sqlstate=said(pq.DiagnosticField.SQLSTATE),
        message=said(pq.DiagnosticField.MESSAGE_PRIMARY),
        detail=said(pq.DiagnosticField.MESSAGE_DETAIL),
        schema=said(pq.DiagnosticField.SCHEMA_NAME),
        table=said(pq.DiagnosticField.TABLE_NAME),
        column=said(pq.DiagnosticField.COLUMN_NAME),
        constraint=said(pq.DiagnosticField.CONSTRAINT_NAME),
    )
