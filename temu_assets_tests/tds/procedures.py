"""Stored procedures of the system, called by message or with EXEC."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from temu_assets_tests.tds import settings
from temu_assets_tests.tds.backend import StatementFailed
from temu_assets_tests.tds.batches import Statement
from temu_assets_tests.tds.describing import describe_parameters, type_information
from temu_assets_tests.tds.errors import SqlError, syntax_error
from temu_assets_tests.tds.faults import Executed
from temu_assets_tests.tds.lexing import Cursor, Kind, SyntaxFault, Token, split_at_commas, text_of, tokens_of
from temu_assets_tests.tds.names import literal
from temu_assets_tests.tds.rpc import Call, Parameter
from temu_assets_tests.tds.session import Session, as_sql_error
from temu_assets_tests.tds.sqltypes import INT, NVARCHAR_MAX, SqlType, Value, parse_type
from temu_assets_tests.tds.tables import describe, rename
from temu_assets_tests.tds.tokens import Answer, Done, DoneToken

GRANTED, TIMED_OUT, VICTIM, REFUSED = 0, -1, -3, -999
_LOCK_TIMEOUT, _DEADLOCK = "55P03", "40P01"
_SHARED = {"shared", "intentshared"}


@dataclass(slots=True)
class Invocation:
    """A procedure being called: its arguments by name and place, and what it gives back."""

    session: Session
    name: str
    parameters: list[Parameter]
    answer: Answer
    token: DoneToken
    status: int = 0
    returned: list[tuple[int, str, Value]] = field(default_factory=list)

    def argument(self, place: int, *names: str) -> Value | None:
        """An argument by its name, or by its place where it has none."""
        for parameter in self.parameters:
            if parameter.name.lower() in names:
                return parameter.value
        if place < len(self.parameters) and not self.parameters[place].name:
            return self.parameters[place].value
        return None

    def text(self, place: int, name: str, default: str = "") -> str:
        """An argument as text."""
        value = self.argument(place, name)
        return default if value is None or value.text is None else value.text


# --- how they are called ---


def call(session: Session, request: Call, answer: Answer) -> None:
    """A call that came as a message. Raises ConnectionKilled, Cancelled, BackendGone."""
    name = Cursor(tokens_of(request.procedure)).name()[-1]
    run = Invocation(session, name, list(request.parameters), answer, DoneToken.IN_PROCEDURE)
    try:
        _run(run)
    except (SqlError, SyntaxFault, NotImplementedError, EOFError) as problem:
        error = as_sql_error(problem) if not isinstance(problem, EOFError) else syntax_error(str(problem))
        answer.message(error.info, session.server.name, run.name)
        run.status = error.number
        answer.return_status(run.status)
        answer.done(DoneToken.PROCEDURE, Done.ERROR | Done.MORE)
        return
    answer.return_status(run.status)
    for ordinal, name, value in run.returned:
        answer.return_value(ordinal, name, value)
    flags = Done.MORE | (Done.IN_TRANSACTION if session.transactions else Done.FINAL)
    answer.done(DoneToken.PROCEDURE, flags)


def execute(session: Session, statement: Statement, answer: Answer, token: DoneToken) -> None:
    """EXEC in a batch. Raises SqlError."""
    cursor = Cursor(list(statement.tokens))
    if cursor.peek() in {"EXEC", "EXECUTE"}:
        cursor.next()
    if cursor.peek() == "(":
        sql = session.value_of(text_of(cursor.inside_parentheses())).text or ""
        session.run_batch(sql, {}, answer, token)
        return
    into = ""
    if cursor.tokens[cursor.place].kind is Kind.VARIABLE and cursor.peek(1) == "=":
        into = cursor.next().text
        cursor.next()
    name = cursor.name()[-1]
    parameters = [_parameter(session, piece) for piece in split_at_commas(cursor.rest())]
    run = Invocation(session, name, [parameter for parameter, _ in parameters], answer, token)
    _run(run)
    if into:
        session.assign(into, Value(INT, str(run.status)))
    for ordinal, _, value in run.returned:
        if variable := parameters[ordinal][1]:
            session.assign(variable, value)
    session.done(answer, token)


def _parameter(session: Session, tokens: list[Token]) -> tuple[Parameter, str]:
    """An argument of EXEC, and the variable its output goes to."""
    name = ""
    if len(tokens) > 2 and tokens[0].kind is Kind.VARIABLE and tokens[1].text == "=":
        name, tokens = tokens[0].text, tokens[2:]
    is_output = tokens[-1].word in {"OUTPUT", "OUT"}
    tokens = tokens[:-1] if is_output else tokens
    if len(tokens) == 1 and tokens[0].is_name and tokens[0].word not in {"NULL", "DEFAULT"}:
        value = Value(NVARCHAR_MAX, tokens[0].name)
    elif tokens[0].word == "DEFAULT":
        value = Value(NVARCHAR_MAX, None)
    else:
        value = session.value_of(text_of(tokens))
    return Parameter(name, value, is_output), tokens[0].text if is_output else ""


def _run(run: Invocation) -> None:
    procedure = _PROCEDURES.get(run.name.lower())
    if procedure is None:
        raise SqlError(2812, f"Could not find stored procedure '{run.name}'.", state=62)
    if procedure in _RUNS_SQL:
        procedure(run)
        return
    shown = tuple(f"{parameter.name}={parameter.value}" for parameter in run.parameters)
    executed = Executed(run.session.spid, run.session.database.name, f"EXEC {run.name}", shown)
    if run.token is DoneToken.IN_PROCEDURE:
        run.session.watched(executed, lambda: procedure(run))
    else:
        procedure(run)


# --- statements with parameters ---


def _execute_sql(run: Invocation) -> None:
    sql = run.text(0, "@stmt")
    declared = _declared(run.text(1, "@params"))
    _run_sql(run, sql, declared, run.parameters[2:])


def _prepare(run: Invocation) -> None:
    declared, sql = _declared(run.text(1, "@params")), run.text(2, "@stmt")
    run.returned.append((0, run.parameters[0].name, Value(INT, str(_keep(run.session, sql, declared)))))


def _prepare_and_execute(run: Invocation) -> None:
    declared, sql = _declared(run.text(1, "@params")), run.text(2, "@stmt")
    handle = _keep(run.session, sql, declared)
    run.returned.append((0, run.parameters[0].name, Value(INT, str(handle))))
    _run_sql(run, sql, declared, run.parameters[3:])


def _execute_prepared(run: Invocation) -> None:
    handle = int(run.text(0, "@handle", "0"))
    if handle not in run.session.prepared:
        raise SqlError(8179, f"Could not find prepared statement with handle {handle}.", state=4)
    sql, declared = run.session.prepared[handle]
    _run_sql(run, sql, declared, run.parameters[1:])


def _unprepare(run: Invocation) -> None:
    run.session.prepared.pop(int(run.text(0, "@handle", "0")), None)


def _keep(session: Session, sql: str, declared: list[tuple[str, SqlType]]) -> int:
    handle = max(session.prepared, default=0) + 1
    session.prepared[handle] = (sql, declared)
    return handle


def _declared(text: str) -> list[tuple[str, SqlType]]:
    """Names and types of ``@P1 int, @P2 nvarchar(50)``."""
    found = []
    for piece in split_at_commas(tokens_of(text)):
        words = [token for token in piece[1:] if token.word not in {"OUTPUT", "OUT", "AS"}]
        spelled = text_of(words).replace(" (", "(").replace("( ", "(").replace(" )", ")")
        try:
            found.append((piece[0].text.lower(), parse_type(spelled)))
        except ValueError:
            raise SqlError(2715, f"Column, parameter, or variable: Cannot find data type {spelled}.") from None
    return found


def _run_sql(run: Invocation, sql: str, declared: list[tuple[str, SqlType]], given: Sequence[Parameter]) -> None:
    values: dict[str, Value] = {}
    for place, parameter in enumerate(given):
        name = parameter.name.lower() or (declared[place][0] if place < len(declared) else f"@p{place + 1}")
        kind = dict(declared).get(name, parameter.value.type)
        values[name] = _as_declared(parameter.value, kind)
    missing = [name for name, _ in declared if name not in values]
    if missing:
        raise SqlError(8178, f"The parameterized query expects the parameter '{missing[0]}', which was not supplied.")
    before = run.session.error
    run.session.run_batch(sql, values, run.answer, run.token)
    run.status = run.session.error if run.session.error != before else 0


def _as_declared(value: Value, kind: SqlType) -> Value:
    if kind.is_text == value.type.is_text and kind.is_binary == value.type.is_binary:
        return Value(kind, value.text)
    return Value(value.type, value.text)


def _describe_undeclared(run: Invocation) -> None:
    columns, rows = describe_parameters(run.session, run.text(0, "@tsql"))
    run.answer.columns(columns)
    run.answer.rows(columns, rows)
    run.session.done(run.answer, run.token, 0xC1, len(rows))


# --- locks ---


def _get_lock(run: Invocation) -> None:
    session = run.session
    resource = run.text(0, "@resource")
    mode = run.text(1, "@lockmode").lower()
    owner = run.text(2, "@lockowner", "Transaction").lower()
    timeout = run.argument(3, "@locktimeout")
    if owner == "transaction" and not session.transactions:
        run.status = REFUSED
        raise SqlError(15626, "You attempted to acquire a transactional application lock without an active transaction.", severity=16)
    kind = "_xact" if owner == "transaction" else ""
    shared = "_shared" if mode in _SHARED else ""
    milliseconds = session.lock_timeout if timeout is None or timeout.text is None else int(timeout.text)
    session.backend.run(f"SET lock_timeout = {0 if milliseconds < 0 else max(milliseconds, 1)}")
    try:
        session.backend.execute(f"SELECT pg_advisory{kind}_lock{shared}(hashtextextended({literal(resource)}, 0))", [])
    except StatementFailed as error:
        run.status = {_LOCK_TIMEOUT: TIMED_OUT, _DEADLOCK: VICTIM}.get(error.said.sqlstate, REFUSED)
    else:
        run.status = GRANTED
    finally:
        settings.apply_all(session)


def _release_lock(run: Invocation) -> None:
    resource = run.text(0, "@resource")
    ((released,),) = run.session.backend.run(f"SELECT pg_advisory_unlock(hashtextextended({literal(resource)}, 0))")
    if released != "t":
        run.status = REFUSED
        raise SqlError(
            1223,
            f"Cannot release the application lock (Database Principal: 'public', Resource: '{resource}') because it is not currently held.",
        )


# --- the rest ---


def _type_information(run: Invocation) -> None:
    columns, rows = type_information(int(run.text(0, "@data_type", "0")))
    run.answer.columns(columns)
    run.answer.rows(columns, rows)
    run.session.done(run.answer, run.token, 0xC1, len(rows))


def _rename(run: Invocation) -> None:
    old = Cursor(tokens_of(run.text(0, "@objname"))).name()
    kind = run.text(2, "@objtype").upper()
    new = run.text(1, "@newname")
    run.session.change(lambda: rename(old, new, kind, run.session.surroundings()), "ALTER")


def _set_property(run: Invocation) -> None:
    _describe(run, run.argument(1, "@value"), first=2)


def _drop_property(run: Invocation) -> None:
    _describe(run, None, first=1)


def _describe(run: Invocation, value: Value | None, *, first: int) -> None:
    """Comments of tables and columns are kept; properties of other names and things are accepted and forgotten."""
    schema, table, column = (run.text(first + 1 + level * 2, f"@level{level}name") for level in range(3))
    if run.text(0, "@name") == "MS_Description" and table:
        text = value.text if value is not None and value.text is not None else ""
        run.session.change(lambda: describe((schema, table), column, text, run.session.surroundings()), "ALTER")


def _reset(run: Invocation) -> None:
    run.session.reset(keeps_transaction=False)


_PROCEDURES: dict[str, Callable[[Invocation], None]] = {
    "sp_executesql": _execute_sql,
    "sp_prepare": _prepare,
    "sp_prepexec": _prepare_and_execute,
    "sp_execute": _execute_prepared,
    "sp_unprepare": _unprepare,
    "sp_describe_undeclared_parameters": _describe_undeclared,
    "sp_datatype_info": _type_information,
    "sp_datatype_info_100": _type_information,
    "sp_getapplock": _get_lock,
    "sp_releaseapplock": _release_lock,
    "sp_rename": _rename,
    "sp_addextendedproperty": _set_property,
    "sp_updateextendedproperty": _set_property,
    "sp_dropextendedproperty": _drop_property,
    "sp_reset_connection": _reset,
}
_RUNS_SQL = {_execute_sql, _prepare, _prepare_and_execute, _execute_prepared, _unprepare, _describe_undeclared, _type_information}
