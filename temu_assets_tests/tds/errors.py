"""SQL Server's errors, and which of them PostgreSQL means."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from temu_assets_tests.tds.names import TEMPORARY
from temu_assets_tests.tds.tokens import ErrorInfo

ROLLS_BACK = {241, 242, 245, 1205, 3960, 8114}
"""Errors that end the batch and roll back the transaction even with XACT_ABORT OFF: deadlocks and failed conversions."""
ENDS_BATCH = ROLLS_BACK | {102, 105, 156, 207, 208, 229, 2714, 3701, 3902}
"""Errors after which the rest of the batch is not run."""
TERMINATED = ErrorInfo(3621, 0, 0, "The statement has been terminated.")


class SqlError(Exception):
    """An error as SQL Server tells it."""

    def __init__(self, number: int, text: str, *, severity: int = 16, state: int = 1, is_terminated: bool = False) -> None:
        super().__init__(f"{number}: {text}")
        self.info = ErrorInfo(number, state, severity, text)
        self.is_terminated = is_terminated

    @property
    def number(self) -> int:
        """SQL Server's number of the error."""
        return self.info.number


class Cancelled(Exception):  # noqa: N818 — asked for by the client
    """The client has sent an attention while the statement ran."""


class BackendGone(Exception):  # noqa: N818 — an event
    """PostgreSQL ended the session's connection."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What PostgreSQL said."""

    sqlstate: str
    message: str
    detail: str = ""
    schema: str = ""
    table: str = ""
    column: str = ""
    constraint: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """Where the error happened, in T-SQL's names. ``key`` is PK, UQ or IX for the index that refused a key, ``spelled`` by folded name."""

    spid: int
    database: str
    verb: str
    table: str
    column: str
    constraint: str
    key: str
    spelled: Mapping[str, str]
    is_snapshot: bool

    def spelling(self, name: str) -> str:
        """A name as the statement spells it; PostgreSQL only knows it folded."""
        return self.spelled.get(name, f"#{name.removeprefix(TEMPORARY)}" if name.startswith(TEMPORARY) else name)


def deadlock(spid: int) -> SqlError:
    """Error 1205."""
    return SqlError(
        1205,
        f"Transaction (Process ID {spid}) was deadlocked on lock resources with another process and has been chosen as the deadlock "
        "victim. Rerun the transaction.",
        severity=13,
        state=51,
    )


def lock_timeout() -> SqlError:
    """Error 1222."""
    return SqlError(1222, "Lock request time out period exceeded.", state=51)


def syntax_error(near: str) -> SqlError:
    """Error 102."""
    return SqlError(102, f"Incorrect syntax near '{near}'.", severity=15)


def invalid_object(name: str) -> SqlError:
    """Error 208."""
    return SqlError(208, f"Invalid object name '{name}'.")


def not_supported(what: str) -> SqlError:
    """Not SQL Server's: this server has no notion of it."""
    return SqlError(40508, f"The test server does not know: {what}.")


def from_postgres(said: Diagnosis, scene: Scene) -> SqlError:
    """The error SQL Server would have raised."""
    make = _BY_STATE.get(said.sqlstate)
    if make is not None:
        return make(said, scene)
    return SqlError(50000, f"PostgreSQL: {said.message} ({said.sqlstate})")


def _duplicate(said: Diagnosis, scene: Scene) -> SqlError:
    found = re.search(r"=\((.*)\) already exists", said.detail, re.DOTALL)
    values = found[1] if found else "?"
    if scene.key == "IX":
        text = f"Cannot insert duplicate key row in object '{scene.table}' with unique index '{scene.constraint}'."
    else:
        kind = "PRIMARY KEY" if scene.key == "PK" else "UNIQUE KEY"
        text = f"Violation of {kind} constraint '{scene.constraint}'. Cannot insert duplicate key in object '{scene.table}'."
    number = 2601 if scene.key == "IX" else 2627
    return SqlError(number, f"{text} The duplicate key value is ({values}).", severity=14, is_terminated=True)


def _null(said: Diagnosis, scene: Scene) -> SqlError:
    return SqlError(
        515,
        f"Cannot insert the value NULL into column '{scene.column}', table '{scene.database}.{scene.table}'; column does not allow nulls. "
        f"{scene.verb} fails.",
        state=2,
        is_terminated=True,
    )


def _truncated(said: Diagnosis, scene: Scene) -> SqlError:
    # The check of the column puts the value that fits into its message.
    return SqlError(
        2628,
        f"String or binary data would be truncated in table '{scene.database}.{scene.table}', column '{scene.column}'. "
        f"Truncated value: '{said.message}'.",
        is_terminated=True,
    )


def _conflict(kind: str) -> Callable[[Diagnosis, Scene], SqlError]:
    def make(said: Diagnosis, scene: Scene) -> SqlError:
        verb, found = scene.verb, kind
        if kind == "FOREIGN KEY" and "is still referenced" in said.detail:
            found = "REFERENCE"
        return SqlError(
            547,
            f'The {verb} statement conflicted with the {found} constraint "{scene.constraint}". The conflict occurred in database '
            f'"{scene.database}", table "{scene.table}".',
            state=0,
            is_terminated=True,
        )

    return make


def _not_a_number(said: Diagnosis, scene: Scene) -> SqlError:
    found = re.match(r'invalid input syntax for type (\w+(?: \w+)*): "(.*)"', said.message, re.DOTALL)
    kind, value = (found[1], found[2]) if found else ("int", "?")
    if kind in {"integer", "bigint", "smallint"}:
        name = {"integer": "int"}.get(kind, kind)
        return SqlError(245, f"Conversion failed when converting the nvarchar value '{value}' to data type {name}.")
    if kind == "uuid":
        return SqlError(8169, "Conversion failed when converting from a character string to uniqueidentifier.", state=2)
    name = {"double precision": "float"}.get(kind, kind)
    return SqlError(8114, f"Error converting data type nvarchar to {name}.", state=5)


def _overflow(said: Diagnosis, scene: Scene) -> SqlError:
    found = re.search(r"(bigint|integer|smallint|numeric)", said.message)
    name = {"integer": "int", None: "numeric"}.get(found[1] if found else None, found[1] if found else "numeric")
    if "out of range for type" in said.message:
        return SqlError(248, f"The conversion of the nvarchar value overflowed an {name} column.")
    return SqlError(8115, f"Arithmetic overflow error converting expression to data type {name}.", state=2, is_terminated=True)


def _unknown_column(said: Diagnosis, scene: Scene) -> SqlError:
    found = re.search(r'column "?([^"]*?)"? (?:of|does)', said.message)
    name = (found[1] if found else "?").rpartition(".")[2]
    return SqlError(207, f"Invalid column name '{scene.spelling(name)}'.")


def _unknown_table(said: Diagnosis, scene: Scene) -> SqlError:
    found = re.search(r'relation "(.*?)" does not exist|missing FROM-clause entry for table "(.*?)"', said.message)
    name = (found[1] or found[2]) if found else "?"
    schema, _, table = name.rpartition(".")
    if found and found[2]:
        return SqlError(4104, f'The multi-part identifier "{scene.spelling(name)}" could not be bound.')
    shown = scene.spelling(table)
    return invalid_object(
        shown if schema in {"", "pg_temp"} or (schema == "dbo" and "dbo" not in scene.spelled) else f"{scene.spelling(schema)}.{shown}"
    )


def _exists(said: Diagnosis, scene: Scene) -> SqlError:
    found = re.search(r'(?:relation|constraint|schema) "(.*?)"', said.message)
    name = found[1] if found else "?"
    return SqlError(2714, f"There is already an object named '{scene.spelling(name)}' in the database.", state=6)


def _denied(said: Diagnosis, scene: Scene) -> SqlError:
    schema, _, table = scene.table.rpartition(".")
    found = re.search(r"permission denied for (?:table|view|relation|schema) (\S+)", said.message)
    name = table or (scene.spelling(found[1]) if found else "?")
    return SqlError(
        229,
        f"The {scene.verb} permission was denied on the object '{name}', database '{scene.database}', schema '{schema or 'dbo'}'.",
        severity=14,
        state=5,
    )


def _serialization(said: Diagnosis, scene: Scene) -> SqlError:
    if not scene.is_snapshot:
        return deadlock(scene.spid)
    return SqlError(
        3960,
        "Snapshot isolation transaction aborted due to update conflict. You cannot use snapshot isolation to access table "
        f"'{scene.table}' directly or indirectly in database '{scene.database}' to update, delete, or insert the row that has been "
        "modified or deleted by another transaction. Retry the transaction or change the isolation level for the update/delete statement.",
        state=2,
    )


def _plain(number: int, text: str, *, severity: int = 16, is_terminated: bool = False) -> Callable[[Diagnosis, Scene], SqlError]:
    return lambda said, scene: SqlError(number, text, severity=severity, is_terminated=is_terminated)


def _near(said: Diagnosis, scene: Scene) -> SqlError:
    found = re.search(r'at or near "(.*?)"', said.message)
    return syntax_error(found[1] if found else said.message)


def _unknown_function(said: Diagnosis, scene: Scene) -> SqlError:
    found = re.search(r"function (?:\w+\.)?(\w+)\(", said.message)
    if found:
        return SqlError(195, f"'{found[1]}' is not a recognized built-in function name.", severity=15, state=10)
    return SqlError(402, f"The data types are incompatible in the operator: {said.message}.")


_BY_STATE: dict[str, Callable[[Diagnosis, Scene], SqlError]] = {
    "40P01": lambda said, scene: deadlock(scene.spid),
    "40001": _serialization,
    "55P03": lambda said, scene: lock_timeout(),
    "23505": _duplicate,
    "23502": _null,
    "23503": _conflict("FOREIGN KEY"),
    "23514": _conflict("CHECK"),
    "TD628": _truncated,
    "TD220": lambda said, scene: SqlError(
        220, f"Arithmetic overflow error for data type tinyint, value = {said.message}.", state=2, is_terminated=True
    ),
    "22001": _plain(8152, "String or binary data would be truncated.", is_terminated=True),
    "22P02": _not_a_number,
    "22003": _overflow,
    "22012": _plain(8134, "Divide by zero error encountered.", is_terminated=True),
    "22007": _plain(241, "Conversion failed when converting date and/or time from character string."),
    "22008": _plain(242, "The conversion of a nvarchar data type to a datetime data type resulted in an out-of-range value."),
    "42P01": _unknown_table,
    "42703": _unknown_column,
    "42702": lambda said, scene: SqlError(
        209, f"Ambiguous column name '{(re.findall(r'column reference .(.*?). is', said.message) or ['?'])[0]}'."
    ),
    "42P07": _exists,
    "42710": _exists,
    "42P06": _exists,
    "42701": lambda said, scene: SqlError(2705, f"Column names in each table must be unique. {said.message}."),
    "42501": _denied,
    "42601": _near,
    "42883": _unknown_function,
    "42725": _unknown_function,
    "42804": lambda said, scene: SqlError(206, f"Operand type clash: {said.message}."),
    "3F000": lambda said, scene: SqlError(
        2760, f"The specified schema name \"{(re.findall(r'schema .(.*?). does', said.message) or ['?'])[0]}\" either does not exist or "
        "you do not have permission to use it."
    ),
    "42P22": _plain(
        468, 'Cannot resolve the collation conflict between "SQL_Latin1_General_CP1_CI_AS" and the database\'s in the equal to operation.'
    ),
    "428C9": lambda said, scene: SqlError(
        544,
        f"Cannot insert explicit value for identity column in table '{scene.table.rpartition('.')[2]}' when IDENTITY_INSERT is set to OFF.",
    ),
    "21000": _plain(
        512,
        "Subquery returned more than 1 value. This is not permitted when the subquery follows =, !=, <, <= , >, >= or when the subquery "
        "is used as an expression.",
    ),
    "42803": lambda said, scene: SqlError(8120, f"{said.message}."),
    "53100": _plain(1105, "Could not allocate space for object in database because the 'PRIMARY' filegroup is full.", severity=17),
}  # fmt: skip
