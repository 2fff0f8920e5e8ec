"""A client's session: its state, and the statements of its batches one after the other."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from psycopg.pq.abc import PGresult

from temu_assets_tests.tds import settings
from temu_assets_tests.tds.backend import Backend, StatementFailed
from temu_assets_tests.tds.batches import Condition, Node, Statement, statements_of
from temu_assets_tests.tds.catalog import Catalog, TableShape, Version
from temu_assets_tests.tds.errors import (
    ENDS_BATCH,
    ROLLS_BACK,
    TERMINATED,
    Cancelled,
    Diagnosis,
    Scene,
    SqlError,
    from_postgres,
    not_supported,
    syntax_error,
)
from temu_assets_tests.tds.faults import Executed, Faults
from temu_assets_tests.tds.lexing import Cursor, Kind, SyntaxFault, Token, split_at_commas, text_of
from temu_assets_tests.tds.names import collation_name, fold, literal, quoted, schema_of, table_name
from temu_assets_tests.tds.results import columns_of
from temu_assets_tests.tds.sqltypes import INT, NVARCHAR_MAX, SqlType, Value, parse_type
from temu_assets_tests.tds.tables import Surroundings, change_tables
from temu_assets_tests.tds.tokens import Answer, Change, Done, DoneToken, ErrorInfo
from temu_assets_tests.tds.translation import DATABASE_COLLATION, SYSTEM, Slot, Translated, translate

_COMMANDS = {"SELECT": 0xC1, "INSERT": 0xC3, "DELETE": 0xC4, "UPDATE": 0xC5}
_QUERIES = {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "("}
_CHANGES = {"CREATE", "ALTER", "DROP", "TRUNCATE"}
_INSERT_HEAD = re.compile(r'^INSERT INTO (?:"(?:[^"]|"")*"\.)?"(?:[^"]|"")*" \((?:"(?:[^"]|"")*"(?:, )?)+\)')


class EndOfBatch(Exception):  # noqa: N818 — control flow
    """What is left of the batch is not run."""


@dataclass(slots=True)
class Database:
    """A database as its sessions see it."""

    name: str
    postgres_name: str
    collation: str
    is_snapshot: bool
    version: Version = field(default_factory=Version)


@dataclass(frozen=True, slots=True)
class Surrounding:
    """What a session needs of its server."""

    name: str
    collation: str
    collations: frozenset[str]
    faults: Faults
    connect: Callable[[Database, str], Backend]
    database: Callable[[str], Database | None]
    databases: Callable[[], list[Database]]
    sessions: Callable[[], list[Session]]
    kill: Callable[[int], bool]


class Session:
    """One login. Its statements are run by one thread; ``cancel`` is called by the one that reads."""

    def __init__(self, spid: int, server: Surrounding, database: Database, login: str, host: str, program: str) -> None:
        self.spid = spid
        self.server = server
        self.login, self.host, self.program = login, host, program
        self.database = database
        self.prepared: dict[int, tuple[str, list[tuple[str, SqlType]]]] = {}
        self.is_cancelled = threading.Event()
        self._enter(database)
        self._reset_state()

    # --- the connection behind it ---

    def _enter(self, database: Database) -> None:
        self.database = database
        self.backend = self.server.connect(database, self.login)
        self.catalog = Catalog(self.backend.run, database.version)

    def _reset_state(self) -> None:
        self.transactions = 0
        self.transaction_id = 0
        self.is_implicit = False
        self.is_quiet = False
        self.aborts = False
        self.isolation = "READ COMMITTED"
        self.lock_timeout = -1
        self.deadlock_patience = settings.PATIENCE["NORMAL"]
        self.row_count = 0
        self.error = 0
        self.identity_table: tuple[str, ...] = ()
        self.variables: dict[str, Value] = {}
        self.spelled: dict[str, str] = {}
        self._tell_postgres()

    def _tell_postgres(self) -> None:
        told = {
            "database": self.database.name,
            "collation": self.database.collation,
            "server_collation": self.server.collation,
            "server": self.server.name,
            "login": self.login,
            "host": self.host,
            "program": self.program,
            "transaction": "0",
        }
        self.backend.run("SET search_path = tds, dbo, pg_catalog")
        self.backend.run("; ".join(f"SET tds.{quoted(name)} = {literal(value)}" for name, value in told.items()))

    def reset(self, *, keeps_transaction: bool) -> None:
        """What a pool asks for before it hands the connection to somebody else."""
        if self.transactions and not keeps_transaction:
            self.backend.rollback()
        self.prepared.clear()
        if not self.transactions or not keeps_transaction:
            self.backend.run("DISCARD ALL")
            self._reset_state()

    def use(self, name: str, answer: Answer) -> None:
        """USE: another database, which is another connection. Raises SqlError."""
        database = self.server.database(name)
        if database is None:
            raise SqlError(911, f"Database '{name}' does not exist. Make sure that the name is entered correctly.")
        if self.transactions:
            raise not_supported("USE inside a transaction")
        before = self.database.name
        if database is not self.database:
            self.backend.close()
            self._enter(database)
            self._tell_postgres()
            settings.apply_all(self)
        answer.change(Change.DATABASE, database.name, before)
        answer.message(ErrorInfo(5701, 2, 0, f"Changed database context to '{database.name}'."), self.server.name)

    def cancel(self) -> None:
        """Stop the statement that runs; called from another thread."""
        self.is_cancelled.set()
        self.backend.cancel()

    def close(self) -> None:
        """End the session; an open transaction is undone."""
        self.backend.cancel()
        self.backend.close()

    # --- transactions ---

    def begin(self, answer: Answer) -> None:
        """BEGIN TRANSACTION, which nests by counting."""
        if self.transactions == 0:
            self.backend.begin(settings.in_postgres(self.isolation))
            self.transaction_id += 1
            answer.change(Change.BEGIN, self._descriptor(), b"")
        self.transactions += 1

    def commit(self, answer: Answer) -> None:
        """COMMIT. Raises SqlError when there is nothing to commit."""
        if self.transactions == 0:
            raise SqlError(3902, "The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.")
        self.transactions -= 1
        if self.transactions:
            return
        try:
            self.backend.commit()
        except StatementFailed as error:
            answer.change(Change.ROLLBACK, b"", self._descriptor())
            raise self._explain(error.said, "COMMIT", ()) from error
        answer.change(Change.COMMIT, b"", self._descriptor())

    def rollback(self, answer: Answer) -> None:
        """ROLLBACK of the whole transaction. Raises SqlError when there is none."""
        if self.transactions == 0:
            raise SqlError(3903, "The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION.")
        self.abort(answer)

    def save(self, name: str) -> None:
        """SAVE TRANSACTION."""
        if self.transactions == 0:
            raise SqlError(628, "Cannot issue SAVE TRANSACTION when there is no active transaction.")
        self.backend.save(quoted(fold("save$" + name)))

    def rollback_to(self, name: str) -> None:
        """ROLLBACK TRANSACTION to a name given by SAVE. Raises SqlError."""
        if not self.backend.rollback_to(quoted(fold("save$" + name))):
            self.abort(Answer())
            raise SqlError(3908, f"Cannot roll back {name}. No transaction or savepoint of that name was found.")
        self.database.version.number += 1

    def abort(self, answer: Answer) -> None:
        """Undo the transaction, if there is one, and tell the client."""
        if self.transactions:
            self.backend.rollback()
            self.transactions = 0
            # PostgreSQL takes settings back with the transaction, SQL Server does not.
            settings.apply_all(self)
            self.database.version.number += 1
            answer.change(Change.ROLLBACK, b"", self._descriptor())

    def _descriptor(self) -> bytes:
        return self.spid.to_bytes(4, "little") + self.transaction_id.to_bytes(4, "little")

    # --- batches ---

    def run_batch(self, sql: str, parameters: Mapping[str, Value], answer: Answer, token: DoneToken) -> None:
        """Run every statement; errors become tokens. Raises ConnectionKilled, Cancelled, BackendGone."""
        outer, self.variables = self.variables, dict(parameters)
        try:
            nodes = statements_of(sql)
        except SyntaxFault as error:
            self.tell(syntax_error(str(error)), answer)
            answer.done(token, Done.ERROR | Done.MORE)
            self.variables = outer
            return
        try:
            for node in nodes:
                self._run_node(node, answer, token)
        except EndOfBatch:
            pass
        finally:
            self.variables = outer

    def _run_node(self, node: Node, answer: Answer, token: DoneToken) -> None:
        if isinstance(node, Statement):
            self._run_statement(node, answer, token)
            return
        branch: list[tuple[Node, ...]] = []
        self._protected(lambda: branch.append(self._branch(node)), answer, token)
        for inner in branch[0] if branch else ():
            self._run_node(inner, answer, token)

    def _branch(self, node: Condition) -> tuple[Node, ...]:
        return node.then if self.value_of(f"CASE WHEN {node.condition} THEN 1 ELSE 0 END").text == "1" else node.otherwise

    def _run_statement(self, statement: Statement, answer: Answer, token: DoneToken) -> None:
        # Messages name things as the statement does.
        self.spelled = {fold(token.name): token.name for token in statement.tokens if token.is_name}
        used = [f"{name}={value}" for name, value in self.variables.items()]
        executed = Executed(self.spid, self.database.name, statement.text, tuple(used))
        self._protected(lambda: self.watched(executed, lambda: self._dispatch(statement, answer, token)), answer, token)

    def watched(self, executed: Executed, action: Callable[[], None]) -> None:
        """Log a statement, run it, and let the faults that are planned happen. Raises SqlError, ConnectionKilled."""
        faults = self.server.faults
        place = faults.log(executed)
        try:
            faults.before(executed)
            action()
        except SqlError as error:
            faults.failed(place, error.number)
            raise
        faults.after(executed)

    def _protected(self, action: Callable[[], None], answer: Answer, token: DoneToken) -> None:
        try:
            action()
        except (SqlError, SyntaxFault, NotImplementedError) as problem:
            error = as_sql_error(problem)
            self.error = error.number
            self.tell(error, answer)
            if error.number in ROLLS_BACK or (self.aborts and error.info.severity > 10):
                self.abort(answer)
            answer.done(token, self._flags(Done.ERROR | Done.MORE))
            if error.number in ENDS_BATCH or self.aborts:
                raise EndOfBatch from error
        else:
            self.error = 0

    def tell(self, error: SqlError, answer: Answer) -> None:
        """The tokens of an error."""
        answer.message(error.info, self.server.name)
        if error.is_terminated:
            answer.message(TERMINATED, self.server.name)

    def _flags(self, flags: Done) -> Done:
        return flags | (Done.IN_TRANSACTION if self.transactions else Done.FINAL)

    def done(self, answer: Answer, token: DoneToken, command: int = 0, count: int | None = None) -> None:
        """The end of a statement, with the number of its rows unless NOCOUNT is on."""
        flags = Done.MORE if count is None or self.is_quiet else Done.MORE | Done.COUNT
        answer.done(token, self._flags(flags), command, count or 0)

    def _dispatch(self, statement: Statement, answer: Answer, token: DoneToken) -> None:
        first = statement.first
        if first in _QUERIES:
            self._query(statement, answer, token)
        elif first in _CHANGES:
            self._change(statement, answer, token)
        elif first in {"EXEC", "EXECUTE"} or (statement.tokens[0].is_name and first not in _SIMPLE):
            self._execute(statement, answer, token)
        elif first in _SIMPLE:
            _SIMPLE[first](self, Cursor(list(statement.tokens[1:])), answer)
            self.done(answer, token)
        else:
            raise SyntaxFault(first)

    # --- queries ---

    def _query(self, statement: Statement, answer: Answer, token: DoneToken) -> None:
        translated = translate(statement.text)
        self._refuse_other_databases(translated)
        if self.is_implicit and self.transactions == 0 and translated.reads_tables:
            self.begin(answer)
        sql, values = self.fill(translated)
        if translated.kind == "INSERT" and self.identity_table == _key(translated.target):
            sql = _INSERT_HEAD.sub(lambda head: f"{head[0]} OVERRIDING SYSTEM VALUE", sql)
        try:
            result = self.backend.execute(sql, values)
        except StatementFailed as error:
            raise self._explain(error.said, translated.kind, translated.target) from error
        self.row_count = result.ntuples if translated.kind == "SELECT" else result.command_tuples or 0
        if translated.kind == "INSERT" and self.identity_table == _key(translated.target):
            self._follow_identity(translated.target)
        if translated.assigns:
            self._assign(translated.assigns, result)
            self.done(answer, token, _COMMANDS["SELECT"])
            return
        if translated.returns_rows:
            columns, rows = columns_of(result, self.catalog, translated.names, self.backend.flag_oid)
            answer.columns(columns)
            answer.rows(columns, rows)
        self.done(answer, token, _COMMANDS[translated.kind], self.row_count)

    def fill(self, translated: Translated) -> tuple[str, list[Value]]:
        """The statement with numbered parameters. NULL is written out: only so PostgreSQL takes it for any type."""
        pieces: list[str] = []
        values: list[Value] = []
        numbers: dict[str, int] = {}
        for part in translated.parts:
            if isinstance(part, str):
                pieces.append(part)
            elif part.name == DATABASE_COLLATION:
                pieces.append(collation_name(self.database.collation))
            else:
                value = self._variable(part)
                if value.text is None:
                    pieces.append("NULL")
                    continue
                if part.name not in numbers:
                    values.append(value)
                    numbers[part.name] = len(values)
                pieces.append(f"${numbers[part.name]}")
        return "".join(pieces), values

    def _variable(self, slot: Slot) -> Value:
        if slot.name.startswith(SYSTEM):
            return self._system_variable(slot.name.removeprefix(SYSTEM))
        if slot.name not in self.variables:
            raise SqlError(137, f'Must declare the scalar variable "{slot.name}".', severity=15, state=2)
        return self.variables[slot.name]

    def _system_variable(self, name: str) -> Value:
        known: dict[str, Callable[[], int | str]] = {
            "trancount": lambda: self.transactions,
            "rowcount": lambda: self.row_count,
            "spid": lambda: self.spid,
            "error": lambda: self.error,
            "lock_timeout": lambda: self.lock_timeout,
            "version": lambda: settings.VERSION,
            "servername": lambda: self.server.name,
            "language": lambda: "us_english",
            "microsoftversion": lambda: 0x0F001139,
            "max_precision": lambda: 38,
            "nestlevel": lambda: 0,
            "options": lambda: 5496 | (512 if self.is_quiet else 0),
            "textsize": lambda: 2147483647,
        }
        if name == "identity":
            return self.value_of("SCOPE_IDENTITY()")
        if name not in known:
            raise SqlError(137, f'Must declare the scalar variable "@@{name}".', severity=15, state=2)
        found = known[name]()
        return Value(INT if isinstance(found, int) else NVARCHAR_MAX, str(found))

    def value_of(self, expression: str) -> Value:
        """What an expression is worth now. Raises SqlError."""
        translated = translate(f"SELECT {expression}")
        sql, values = self.fill(translated)
        try:
            result = self.backend.execute(sql, values)
        except StatementFailed as error:
            raise self._explain(error.said, "SELECT", ()) from error
        columns, rows = columns_of(result, self.catalog, translated.names, self.backend.flag_oid)
        return Value(columns[0].type, rows[0][0] if rows else None)

    def _assign(self, names: tuple[str, ...], result: PGresult) -> None:
        columns, rows = columns_of(result, self.catalog, names, self.backend.flag_oid)
        if rows:
            for name, column, text in zip(names, columns, rows[-1], strict=True):
                self.assign(name, Value(column.type, text))

    def assign(self, name: str, value: Value) -> None:
        """Set a variable, which keeps the type it was declared with. Raises SqlError."""
        known = self.variables.get(name.lower())
        if known is None:
            raise SqlError(137, f'Must declare the scalar variable "{name}".', severity=15, state=2)
        text = value.text
        if text is not None and known.type.is_integer:
            try:
                text = str(int(Decimal(text)))
            except ArithmeticError:
                raise SqlError(245, f"Conversion failed when converting the nvarchar value '{text}' to data type int.") from None
        self.variables[name.lower()] = Value(known.type, text)

    def _refuse_other_databases(self, translated: Translated) -> None:
        others = {name for name in translated.databases if name.lower() != self.database.name.lower()}
        if others:
            raise not_supported(f"tables of another database ({', '.join(sorted(others))})")

    def _follow_identity(self, target: tuple[str, ...]) -> None:
        """Numbers given by hand are followed by higher ones."""
        shape = self.catalog.find(target)
        for column in shape.columns.values() if shape else ():
            if column.identity:
                table, name = table_name(target), fold(column.name)
                sequence = f"pg_get_serial_sequence({literal(table)}, {literal(name)})"
                self.backend.run(f"SELECT setval({sequence}, greatest(max({quoted(name)}), 1)) FROM {table}")

    # --- tables, procedures ---

    def _change(self, statement: Statement, answer: Answer, token: DoneToken) -> None:
        if self.is_implicit and self.transactions == 0:
            self.begin(answer)
        self.change(lambda: change_tables(statement.tokens, statement.text, self.surroundings()), statement.first)
        self.done(answer, token)

    def change(self, make: Callable[[], list[str]], verb: str) -> None:
        """Run statements that change tables. Raises SqlError."""
        try:
            self.backend.execute_script(make())
        except StatementFailed as error:
            raise self._explain(error.said, verb, ()) from error
        finally:
            self.database.version.number += 1

    def surroundings(self) -> Surroundings:
        """What statements about tables depend on."""
        return Surroundings(self.catalog, self.database.collation, self.server.collation, self.server.collations)

    def _execute(self, statement: Statement, answer: Answer, token: DoneToken) -> None:
        # Here, because procedures run batches themselves.
        from temu_assets_tests.tds.procedures import execute

        execute(self, statement, answer, token)

    # --- errors ---

    def _explain(self, said: Diagnosis, verb: str, target: tuple[str, ...]) -> SqlError:
        shape = self._shape(said, target)
        column = said.column
        if shape is not None and fold(said.column) in shape.columns:
            column = shape.columns[fold(said.column)].name
        constraint, key = said.constraint, "IX"
        if said.sqlstate == "23505":
            constraint, key = self.catalog.index_named(said.constraint, said.schema)
        name = shape.full_name if shape else ".".join(target)
        is_snapshot = self.isolation == "SNAPSHOT"
        scene = Scene(self.spid, self.database.name, verb, name, column, constraint, key, self.spelled, is_snapshot)
        return from_postgres(said, scene)

    def _shape(self, said: Diagnosis, target: tuple[str, ...]) -> TableShape | None:
        if said.sqlstate in {"40P01", "40001"}:
            return None
        if said.table and said.schema:
            ((oid,),) = self.backend.run(f"SELECT to_regclass({literal(f'{quoted(said.schema)}.{quoted(said.table)}')})::oid")
            if oid:
                return self.catalog.by_oid(int(oid))
        return self.catalog.find(target) if target else None

    def describe_to_postgres(self) -> None:
        """Tell PostgreSQL what the views of databases and sessions show."""
        databases = [{"name": d.name, "collation": d.collation, "snapshot": int(d.is_snapshot)} for d in self.server.databases()]
        sessions = [
            {"session_id": s.spid, "login": s.login, "host": s.host, "program": s.program, "transactions": s.transactions}
            | {"isolation": settings.ISOLATION_NUMBERS[s.isolation]}
            for s in self.server.sessions()
        ]
        self.backend.run(
            f"SET tds.databases = {literal(json.dumps(databases))}; SET tds.sessions = {literal(json.dumps(sessions))}; "
            f"SET tds.transaction = '{self.transactions}'"
        )


def as_sql_error(problem: Exception) -> SqlError:
    """What a client is told of it."""
    if isinstance(problem, SqlError):
        return problem
    return syntax_error(str(problem)) if isinstance(problem, SyntaxFault) else not_supported(str(problem))


def _key(parts: tuple[str, ...]) -> tuple[str, ...]:
    return (schema_of(parts), fold(parts[-1])) if parts else ("", "")


# --- statements of a few words ---

Simple = Callable[[Session, Cursor, Answer], None]


def _set(session: Session, cursor: Cursor, answer: Answer) -> None:
    if cursor.tokens and cursor.tokens[0].kind is Kind.VARIABLE:
        name = cursor.next().text
        cursor.expect("=")
        session.assign(name, session.value_of(text_of(cursor.rest())))
        return
    if cursor.skip("IDENTITY_INSERT"):
        parts = cursor.name()
        session.identity_table = _key(parts) if cursor.skip("ON") else ()
        return
    settings.set_option(session, cursor)


def _declare(session: Session, cursor: Cursor, answer: Answer) -> None:
    for piece in split_at_commas(cursor.rest()):
        item = Cursor(piece)
        name = item.next().text.lower()
        item.skip("AS")
        words: list[Token] = []
        while not item.is_at_end and item.peek() != "=":
            words.append(item.next())
        try:
            kind = parse_type(text_of(words).replace(" ", "") if len(words) > 1 else text_of(words))
        except ValueError:
            raise SqlError(2715, f"Column, parameter, or variable {name}: Cannot find data type {text_of(words)}.") from None
        session.variables[name] = Value(kind, None)
        if item.skip("="):
            session.assign(name, session.value_of(text_of(item.rest())))


def _begin(session: Session, cursor: Cursor, answer: Answer) -> None:
    session.begin(answer)


def _commit(session: Session, cursor: Cursor, answer: Answer) -> None:
    session.commit(answer)


def _rollback(session: Session, cursor: Cursor, answer: Answer) -> None:
    for word in ("TRAN", "TRANSACTION", "WORK"):
        cursor.skip(word)
    if cursor.is_at_end:
        session.rollback(answer)
    else:
        session.rollback_to(cursor.next().name)


def _save(session: Session, cursor: Cursor, answer: Answer) -> None:
    cursor.next()
    session.save(cursor.next().name)


def _use(session: Session, cursor: Cursor, answer: Answer) -> None:
    session.use(cursor.next().name, answer)


def _print(session: Session, cursor: Cursor, answer: Answer) -> None:
    value = session.value_of(text_of(cursor.rest()))
    answer.message(ErrorInfo(0, 1, 0, value.text or ""), session.server.name)


def _raiserror(session: Session, cursor: Cursor, answer: Answer) -> None:
    arguments = [session.value_of(text_of(piece)).text or "" for piece in split_at_commas(cursor.inside_parentheses())]
    severity, state = int(arguments[1]), int(arguments[2])
    text = arguments[0]
    for value in arguments[3:]:
        text = re.sub(r"%[sdiu]", value.replace("\\", r"\\"), text, count=1)
    if severity <= 10:
        answer.message(ErrorInfo(50000, state, severity, text), session.server.name)
        return
    raise SqlError(50000, text, severity=severity, state=state)


def _throw(session: Session, cursor: Cursor, answer: Answer) -> None:
    number, text, state = (session.value_of(text_of(piece)).text or "" for piece in split_at_commas(cursor.rest()))
    error = SqlError(int(number), text, state=int(state))
    session.tell(error, answer)
    if session.aborts:
        session.abort(answer)
    answer.done(DoneToken.DONE, Done.ERROR | Done.MORE)
    raise EndOfBatch


def _kill(session: Session, cursor: Cursor, answer: Answer) -> None:
    spid = int(cursor.next().text)
    if not session.server.kill(spid):
        raise SqlError(6106, f"Process ID {spid} is not an active process ID.")


def _wait(session: Session, cursor: Cursor, answer: Answer) -> None:
    cursor.expect("DELAY")
    clock = session.value_of(text_of(cursor.rest())).text or "0:0"
    seconds = 0.0
    for part in clock.split(":"):
        seconds = seconds * 60 + float(part)
    if clock.count(":") == 1:
        seconds *= 60
    end = time.monotonic() + seconds
    if session.is_cancelled.wait(max(0.0, end - time.monotonic())):
        raise Cancelled


def _permission(verb: str) -> Simple:
    def change(session: Session, cursor: Cursor, answer: Answer) -> None:
        permissions = []
        while not cursor.skip("ON"):
            permissions.append(cursor.next().text)
        parts = cursor.name()
        cursor.next()
        role = cursor.next().name
        word = "GRANT" if verb == "GRANT" else "REVOKE"
        joint = "TO" if verb == "GRANT" else "FROM"
        session.backend.run(f"{word} {' '.join(permissions)} ON {table_name(parts)} {joint} {quoted('login_' + role.lower())}")

    return change


def _nothing(session: Session, cursor: Cursor, answer: Answer) -> None:
    """Accepted, and without effect."""


_SIMPLE: dict[str, Simple] = {
    "SET": _set,
    "DECLARE": _declare,
    "BEGIN": _begin,
    "COMMIT": _commit,
    "ROLLBACK": _rollback,
    "SAVE": _save,
    "USE": _use,
    "PRINT": _print,
    "RAISERROR": _raiserror,
    "THROW": _throw,
    "KILL": _kill,
    "WAITFOR": _wait,
    "GRANT": _permission("GRANT"),
    "DENY": _permission("DENY"),
    "REVOKE": _permission("REVOKE"),
    "DBCC": _nothing,
    "RETURN": _nothing,
}
