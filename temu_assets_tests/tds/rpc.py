"""Procedure calls as messages: one or many in a message, with typed parameters."""

from __future__ import annotations

from dataclasses import dataclass

from temu_assets_tests.tds.reading import Reader
from temu_assets_tests.tds.sqltypes import Value, read_value

_BY_NUMBER = {
    1: "sp_cursor", 2: "sp_cursoropen", 3: "sp_cursorprepare", 4: "sp_cursorexecute", 5: "sp_cursorprepexec", 6: "sp_cursorunprepare",
    7: "sp_cursorfetch", 8: "sp_cursoroption", 9: "sp_cursorclose", 10: "sp_executesql", 11: "sp_prepare", 12: "sp_execute",
    13: "sp_prepexec", 14: "sp_prepexecrpc", 15: "sp_unprepare",
}  # fmt: skip
_ENDS_CALL = {0xFE, 0xFF, 0x80}
_OUTPUT = 0x01


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a call; ``name`` is empty where it is known by its place."""

    name: str
    value: Value
    is_output: bool


@dataclass(frozen=True, slots=True)
class Call:
    """One procedure call."""

    procedure: str
    parameters: tuple[Parameter, ...]


def read_calls(payload: bytes) -> list[Call]:
    """The calls of an RPC message, in order."""
    reader = Reader(payload)
    reader.skip_all_headers()
    calls = []
    while not reader.is_at_end:
        calls.append(_read_call(reader))
    return calls


def _read_call(reader: Reader) -> Call:
    length = reader.number("<H")
    procedure = _BY_NUMBER[reader.number("<H")] if length == 0xFFFF else reader.take(length * 2).decode("utf-16-le")
    reader.number("<H")
    parameters = []
    while not reader.is_at_end:
        if reader.peek() in _ENDS_CALL:
            reader.byte()
            break
        name = reader.text("<B")
        status = reader.byte()
        parameters.append(Parameter(name, read_value(reader), bool(status & _OUTPUT)))
    return Call(procedure, tuple(parameters))
