"""The tokens of an answer."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, IntFlag

from temu_assets_tests.tds.sqltypes import COLLATION, SqlType, Value, encoder, null, type_info

_PRODUCT = "Microsoft SQL Server"
_VERSION = bytes((15, 0, 0x10, 0x0A))


class Done(IntFlag):
    """Flags of DONE, DONEPROC and DONEINPROC."""

    FINAL = 0
    MORE = 0x01
    ERROR = 0x02
    IN_TRANSACTION = 0x04
    COUNT = 0x10
    ATTENTION = 0x20


class DoneToken(IntEnum):
    """Which of the three ends it is."""

    DONE = 0xFD
    PROCEDURE = 0xFE
    IN_PROCEDURE = 0xFF


class Change(IntEnum):
    """What an ENVCHANGE tells."""

    DATABASE = 1
    LANGUAGE = 2
    PACKET_SIZE = 4
    COLLATION = 7
    BEGIN = 8
    COMMIT = 9
    ROLLBACK = 10
    RESET = 18


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a result."""

    name: str
    type: SqlType
    is_nullable: bool = True
    is_identity: bool = False


@dataclass(frozen=True, slots=True)
class ErrorInfo:
    """An error or, below class 11, a notice."""

    number: int
    state: int
    severity: int
    text: str


class Answer:
    """The bytes of an answer as they grow."""

    def __init__(self) -> None:
        self.data = bytearray()
        self._last_done: int | None = None

    def columns(self, columns: Sequence[Column]) -> None:
        """COLMETADATA."""
        self.data += struct.pack("<BH", 0x81, len(columns))
        for column in columns:
            flags = (1 if column.is_nullable else 0) | (0x10 if column.is_identity else 0) | 0x08
            self.data += struct.pack("<IH", 0, flags) + type_info(column.type) + _short_text(column.name)

    def rows(self, columns: Sequence[Column], rows: Sequence[Sequence[str | None]]) -> None:
        """ROW, or NBCROW where a row has NULLs."""
        encoders = [encoder(column.type) for column in columns]
        for row in rows:
            if None not in row:
                self.data.append(0xD1)
                for encode, value in zip(encoders, row, strict=True):
                    self.data += encode(value)  # type: ignore[arg-type]  # none is None
                continue
            bitmap = bytearray((len(row) + 7) // 8)
            for index, value in enumerate(row):
                if value is None:
                    bitmap[index // 8] |= 1 << index % 8
            self.data.append(0xD2)
            self.data += bitmap
            for encode, value in zip(encoders, row, strict=True):
                if value is not None:
                    self.data += encode(value)

    def message(self, info: ErrorInfo, server: str, procedure: str = "", line: int = 1) -> None:
        """ERROR or INFO."""
        body = struct.pack("<IBB", info.number, info.state, info.severity)
        body += struct.pack("<H", len(info.text.encode("utf-16-le")) // 2) + info.text.encode("utf-16-le")
        body += _short_text(server) + _short_text(procedure) + struct.pack("<I", line)
        self.data += struct.pack("<BH", 0xAA if info.severity > 10 else 0xAB, len(body)) + body

    def change(self, kind: Change, new: str | bytes, old: str | bytes = "") -> None:
        """ENVCHANGE, with texts or bytes."""
        body = bytes((kind,)) + b"".join(_short_text(v) if isinstance(v, str) else bytes((len(v),)) + v for v in (new, old))
        self.data += struct.pack("<BH", 0xE3, len(body)) + body

    def collation(self) -> None:
        """ENVCHANGE of the collation of the database."""
        self.change(Change.COLLATION, COLLATION, b"")

    def login_accepted(self, tds_version: int) -> None:
        """LOGINACK."""
        body = b"\x01" + struct.pack(">I", tds_version) + _short_text(_PRODUCT) + _VERSION
        self.data += struct.pack("<BH", 0xAD, len(body)) + body

    def return_status(self, status: int) -> None:
        """What a procedure returned."""
        self.data += struct.pack("<Bi", 0x79, status)

    def return_value(self, ordinal: int, name: str, value: Value) -> None:
        """An output parameter."""
        self.data += struct.pack("<BH", 0xAC, ordinal) + _short_text(name) + struct.pack("<BIH", 1, 0, 1) + type_info(value.type)
        self.data += null(value.type) if value.text is None else encoder(value.type)(value.text)

    def done(self, token: DoneToken, flags: Done, command: int = 0, count: int = 0) -> None:
        """The end of a statement, a procedure or a batch."""
        self._last_done = len(self.data)
        self.data += struct.pack("<BHHQ", token, flags, command, count)

    def finish(self) -> None:
        """Take MORE from the last end: nothing follows."""
        if self._last_done is None:
            self.done(DoneToken.DONE, Done.FINAL)
            return
        (flags,) = struct.unpack_from("<H", self.data, self._last_done + 1)
        struct.pack_into("<H", self.data, self._last_done + 1, flags & ~Done.MORE)


def _short_text(text: str) -> bytes:
    raw = text.encode("utf-16-le")
    return bytes((len(raw) // 2,)) + raw
