"""T-SQL's types: their spelling, and their bytes on the wire."""

from __future__ import annotations

import re
import struct
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from temu_assets_tests.tds.reading import Reader

MAX = -1
"""The length of NVARCHAR(MAX) and its kind."""

COLLATION = bytes((0x09, 0x04, 0xD0, 0x00, 0x34))
"""What a client is told of the collation of text: code page 1252, without regard to case. Comparing is the server's business."""

_FIRST_DAY = date(1, 1, 1)
_FIRST_DAY_1900 = date(1900, 1, 1)
_TICKS = 300
_SYNONYMS = {
    "integer": "int", "dec": "decimal", "character": "char", "character varying": "varchar", "national char": "nchar",
    "national character varying": "nvarchar", "double precision": "float", "rowversion": "timestamp", "sysname": "nvarchar(128)",
}  # fmt: skip
_TYPE = re.compile(r"\s*([a-z_ ]+?[a-z0-9_]*)\s*(?:\(\s*(max|\d+)\s*(?:,\s*(\d+)\s*)?\))?\s*$", re.IGNORECASE)
_LENGTHS = {"char", "nchar", "varchar", "nvarchar", "binary", "varbinary"}
_DECIMAL = {"decimal", "numeric"}
_WITH_SCALE = {"datetime2", "time", "datetimeoffset"}
_INTEGERS = {"tinyint": 1, "smallint": 2, "int": 4, "bigint": 8}
_TEXT = {"char", "nchar", "varchar", "nvarchar", "text", "ntext", "xml"}
_BINARY = {"binary", "varbinary", "image"}
_MONEY = {"money", "smallmoney"}


@dataclass(frozen=True, slots=True)
class SqlType:
    """A type as declared. ``length`` is in characters or bytes, MAX for no limit."""

    name: str
    length: int = 0
    precision: int = 0
    scale: int = 0

    def __str__(self) -> str:
        if self.name in _LENGTHS:
            return f"{self.name}({'max' if self.length == MAX else self.length})"
        if self.name in _DECIMAL:
            return f"{self.name}({self.precision},{self.scale})"
        return f"{self.name}({self.scale})" if self.name in _WITH_SCALE else self.name

    @property
    def is_text(self) -> bool:
        """True for characters of every kind."""
        return self.name in _TEXT

    @property
    def is_binary(self) -> bool:
        """True for bytes."""
        return self.name in _BINARY

    @property
    def is_integer(self) -> bool:
        """True for whole numbers."""
        return self.name in _INTEGERS

    @property
    def postgres(self) -> str:
        """The type PostgreSQL keeps the values in. Text has no length there: a check knows the column's name for its message."""
        if self.is_text:
            return "text"
        if self.is_binary or self.name == "timestamp":
            return "bytea"
        if self.name in _DECIMAL:
            return f"numeric({self.precision},{self.scale})"
        if self.name in _WITH_SCALE:
            base = {"datetime2": "timestamp", "time": "time", "datetimeoffset": "timestamptz"}[self.name]
            return f"{base}({min(self.scale, 6)})"
        return _POSTGRES[self.name]


_POSTGRES = {
    "tinyint": "int2", "smallint": "int2", "int": "int4", "bigint": "int8", "bit": "tds.flag", "float": "float8", "real": "float4",
    "money": "numeric(19,4)", "smallmoney": "numeric(10,4)", "datetime": "timestamp", "smalldatetime": "timestamp", "date": "date",
    "uniqueidentifier": "uuid", "sql_variant": "text",
}  # fmt: skip

NVARCHAR_MAX = SqlType("nvarchar", MAX)
INT = SqlType("int")


def parse_type(text: str) -> SqlType:
    """A type from its T-SQL spelling. Raises ValueError for one that is not known."""
    match = _TYPE.match(text)
    if match is None:
        raise ValueError(text)
    name, first, second = match[1].lower(), match[2], match[3]
    if name in _SYNONYMS:
        name, _, length = _SYNONYMS[name].partition("(")
        first = first or length.rstrip(")") or None
    if name in _LENGTHS:
        return SqlType(name, MAX if first and first.lower() == "max" else int(first or 1))
    if name in _DECIMAL:
        return SqlType(name, precision=int(first or 18), scale=int(second or 0))
    if name in _WITH_SCALE:
        return SqlType(name, scale=7 if first is None else int(first))
    if name == "float" and first and int(first) <= 24:
        return SqlType("real")
    if name not in _POSTGRES and name not in {"text", "ntext", "xml", "image", "timestamp"}:
        raise ValueError(text)
    return SqlType(name)


# --- what a client is told of a type ---


def type_info(kind: SqlType) -> bytes:
    """TYPE_INFO of a column or a returned value."""
    if kind.is_text:
        return _text_info(kind)
    if kind.is_binary or kind.name == "timestamp":
        return struct.pack("<BH", 0xA5, 0xFFFF if kind.length == MAX or kind.name == "image" else kind.length or 8)
    if kind.is_integer:
        return bytes((0x26, _INTEGERS[kind.name]))
    if kind.name in _DECIMAL:
        return bytes((0x6A if kind.name == "decimal" else 0x6C, decimal_size(kind.precision), kind.precision, kind.scale))
    if kind.name in _WITH_SCALE:
        return bytes(({"time": 0x29, "datetime2": 0x2A, "datetimeoffset": 0x2B}[kind.name], kind.scale))
    return _FIXED_INFO[kind.name]


_FIXED_INFO = {
    "bit": bytes((0x68, 1)), "float": bytes((0x6D, 8)), "real": bytes((0x6D, 4)), "money": bytes((0x6E, 8)),
    "smallmoney": bytes((0x6E, 4)), "datetime": bytes((0x6F, 8)), "smalldatetime": bytes((0x6F, 4)), "date": bytes((0x28,)),
    "uniqueidentifier": bytes((0x24, 16)),
}  # fmt: skip


def _text_info(kind: SqlType) -> bytes:
    is_wide = kind.name in {"nvarchar", "nchar", "ntext", "xml"}
    size = kind.length * 2 if is_wide else kind.length
    return struct.pack("<BH", 0xE7 if is_wide else 0xA7, 0xFFFF if is_max(kind) else size) + COLLATION


def is_max(kind: SqlType) -> bool:
    """True for what travels in chunks."""
    return kind.length == MAX or kind.name in {"text", "ntext", "xml", "image"}


def decimal_size(precision: int) -> int:
    """Bytes of a DECIMAL, its sign included."""
    return 5 if precision <= 9 else 9 if precision <= 19 else 13 if precision <= 28 else 17


# --- values from PostgreSQL's text to bytes ---

Encoder = Callable[[str], bytes]


def encoder(kind: SqlType) -> Encoder:
    """What turns a value as PostgreSQL prints it into a value on the wire; NULL is written by ``null``."""
    if kind.is_text:
        codec = "utf-16-le" if kind.name in {"nvarchar", "nchar", "ntext", "xml"} else "cp1252"
        return _lengths(lambda text: text.encode(codec, errors="replace"), kind)
    if kind.is_binary or kind.name == "timestamp":
        return _lengths(lambda text: bytes.fromhex(text[2:]), kind)
    if kind.is_integer:
        layout = {1: "<BB", 2: "<Bh", 4: "<Bi", 8: "<Bq"}[_INTEGERS[kind.name]]
        size = _INTEGERS[kind.name]
        return lambda text: struct.pack(layout, size, int(text))
    if kind.name in _DECIMAL:
        return lambda text: _encode_decimal(text, kind)
    return _ENCODERS[kind.name](kind)


def null(kind: SqlType) -> bytes:
    """NULL outside of a row that has a bitmap of its NULLs."""
    if kind.is_text or kind.is_binary or kind.name == "timestamp":
        return b"\xff" * 8 if is_max(kind) else b"\xff\xff"
    return b"\0"


def _lengths(to_bytes: Encoder, kind: SqlType) -> Encoder:
    if not is_max(kind):

        def short(text: str) -> bytes:
            raw = to_bytes(text)
            return struct.pack("<H", len(raw)) + raw

        return short

    def chunked(text: str) -> bytes:
        raw = to_bytes(text)
        chunk = struct.pack("<I", len(raw)) + raw if raw else b""
        return struct.pack("<Q", len(raw)) + chunk + b"\0\0\0\0"

    return chunked


def _encode_decimal(text: str, kind: SqlType) -> bytes:
    size = decimal_size(kind.precision)
    # The context of decimal would round at 28 digits; whole numbers have no context.
    sign, digits, exponent = Decimal(text).as_tuple()
    assert isinstance(exponent, int)
    unscaled = int("".join(map(str, digits)) or "0")
    shift = kind.scale + exponent
    unscaled = int(unscaled * 10**shift) if shift >= 0 else int(unscaled // 10**-shift)
    return bytes((size, 0 if sign else 1)) + unscaled.to_bytes(size - 1, "little")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _time_bytes(microseconds: int, scale: int) -> bytes:
    units = microseconds * 10**scale // 10**6 if scale < 7 else microseconds * 10
    return units.to_bytes(3 if scale <= 2 else 4 if scale <= 4 else 5, "little")


def _microseconds(moment: datetime) -> int:
    return (moment.hour * 3600 + moment.minute * 60 + moment.second) * 10**6 + moment.microsecond


def _days(moment: date) -> bytes:
    return (moment.toordinal() - _FIRST_DAY.toordinal()).to_bytes(3, "little")


def _datetime2(kind: SqlType) -> Encoder:
    def encode(text: str) -> bytes:
        moment = _moment(text)
        raw = _time_bytes(_microseconds(moment), kind.scale) + _days(moment)
        return bytes((len(raw),)) + raw

    return encode


def _datetimeoffset(kind: SqlType) -> Encoder:
    def encode(text: str) -> bytes:
        moment = _moment(text)
        offset = moment.utcoffset() or timedelta()
        utc = moment.replace(tzinfo=None) - offset
        raw = _time_bytes(_microseconds(utc), kind.scale) + _days(utc) + struct.pack("<h", offset // timedelta(minutes=1))
        return bytes((len(raw),)) + raw

    return encode


def _datetime(kind: SqlType) -> Encoder:
    def encode(text: str) -> bytes:
        moment = _moment(text)
        days = moment.toordinal() - _FIRST_DAY_1900.toordinal()
        microseconds = _microseconds(moment)
        if kind.name == "smalldatetime":
            return struct.pack("<BHH", 4, days, round(microseconds / 60e6))
        ticks = (microseconds * _TICKS + 500_000) // 10**6
        return struct.pack("<BiI", 8, days, ticks)

    return encode


def _time(kind: SqlType) -> Encoder:
    def encode(text: str) -> bytes:
        raw = _time_bytes(_microseconds(_moment(f"0001-01-01 {text}")), kind.scale)
        return bytes((len(raw),)) + raw

    return encode


def _money(kind: SqlType) -> Encoder:
    def encode(text: str) -> bytes:
        amount = int(Decimal(text).scaleb(4))
        if kind.name == "smallmoney":
            return struct.pack("<Bi", 4, amount)
        return struct.pack("<BiI", 8, amount >> 32, amount & 0xFFFFFFFF)

    return encode


_ENCODERS: dict[str, Callable[[SqlType], Encoder]] = {
    "bit": lambda _: lambda text: bytes((1, text not in {"0", "f"})),
    "float": lambda _: lambda text: struct.pack("<Bd", 8, float(text)),
    "real": lambda _: lambda text: struct.pack("<Bf", 4, float(text)),
    "money": _money,
    "smallmoney": _money,
    "datetime": _datetime,
    "smalldatetime": _datetime,
    "datetime2": _datetime2,
    "datetimeoffset": _datetimeoffset,
    "time": _time,
    "date": lambda _: lambda text: b"\x03" + _days(date.fromisoformat(text)),
    "uniqueidentifier": lambda _: lambda text: b"\x10" + uuid.UUID(text).bytes_le,
}


# --- values from the wire to PostgreSQL's text ---


@dataclass(frozen=True, slots=True)
class Value:
    """A typed value as PostgreSQL reads it; ``text`` None is NULL."""

    type: SqlType
    text: str | None

    def __str__(self) -> str:
        return f"{self.type}:{self.text!r}"


_FIXED = {
    0x30: "tinyint", 0x32: "bit", 0x34: "smallint", 0x38: "int", 0x3A: "smalldatetime", 0x3B: "real", 0x3C: "money",
    0x3D: "datetime", 0x3E: "float", 0x7A: "smallmoney", 0x7F: "bigint",
}  # fmt: skip
_FIXED_SIZE = {
    "tinyint": 1, "bit": 1, "smallint": 2, "int": 4, "smalldatetime": 4, "real": 4, "money": 8, "datetime": 8, "float": 8,
    "smallmoney": 4, "bigint": 8,
}  # fmt: skip
_SIZED = {
    0x26: {1: "tinyint", 2: "smallint", 4: "int", 8: "bigint"},
    0x68: {1: "bit"},
    0x6D: {4: "real", 8: "float"},
    0x6E: {4: "smallmoney", 8: "money"},
    0x6F: {4: "smalldatetime", 8: "datetime"},
    0x24: {16: "uniqueidentifier"},
}
_SCALED = {0x29: "time", 0x2A: "datetime2", 0x2B: "datetimeoffset"}
_LONG = {0xA5: "varbinary", 0xAD: "binary", 0xA7: "varchar", 0xAF: "char", 0xE7: "nvarchar", 0xEF: "nchar"}
_POINTED = {0x23: "text", 0x63: "ntext", 0x22: "image"}
_WIDE = {"nvarchar", "nchar", "ntext", "xml"}


def read_value(reader: Reader) -> Value:
    """TYPE_INFO and the value that follows it."""
    token = reader.byte()
    if token in _FIXED:
        kind = SqlType(_FIXED[token])
        return Value(kind, _decode(kind, reader.take(_FIXED_SIZE[kind.name])))
    if token in _SIZED:
        kind = SqlType(_SIZED[token][reader.byte()])
        return _short(kind, reader)
    if token in {0x6A, 0x6C}:
        _, precision, scale = reader.take(3)
        return _short(SqlType("decimal" if token == 0x6A else "numeric", precision=precision, scale=scale), reader)
    if token in _SCALED:
        return _short(SqlType(_SCALED[token], scale=reader.byte()), reader)
    if token == 0x28:
        return _short(SqlType("date"), reader)
    if token == 0x1F:
        return Value(NVARCHAR_MAX, None)
    return _read_long(token, reader)


def _read_long(token: int, reader: Reader) -> Value:
    if token in _POINTED:
        name = _POINTED[token]
        reader.take(4 if name == "image" else 9)
        size = reader.number("<i")
        kind = SqlType(name)
        return Value(kind, None if size < 0 else _decode(kind, reader.take(size)))
    if token == 0xF1:
        if reader.byte():
            raise NotImplementedError("XML schemas")
        return _plp(SqlType("xml"), reader)
    if token not in _LONG:
        raise NotImplementedError(f"parameters of type 0x{token:02X}")
    size = reader.number("<H")
    name = _LONG[token]
    if token not in {0xA5, 0xAD}:
        reader.take(5)
    if size == 0xFFFF:
        return _plp(SqlType(name, MAX), reader)
    kind = SqlType(name, size // 2 if name in _WIDE else size)
    length = reader.number("<H")
    return Value(kind, None if length == 0xFFFF else _decode(kind, reader.take(length)))


def _short(kind: SqlType, reader: Reader) -> Value:
    length = reader.byte()
    return Value(kind, _decode(kind, reader.take(length)) if length else None)


def _plp(kind: SqlType, reader: Reader) -> Value:
    if reader.number("<Q") == 0xFFFFFFFFFFFFFFFF:
        return Value(kind, None)
    parts = []
    while size := reader.number("<I"):
        parts.append(reader.take(size))
    return Value(kind, _decode(kind, b"".join(parts)))


def _decode(kind: SqlType, raw: bytes) -> str:
    if kind.is_text:
        return raw.decode("utf-16-le" if kind.name in _WIDE else "cp1252", errors="replace")
    if kind.is_binary:
        return "\\x" + raw.hex()
    if kind.is_integer:
        return str(int.from_bytes(raw, "little", signed=len(raw) > 1))
    if kind.name in _DECIMAL:
        return _decode_decimal(raw, kind.scale)
    return _DECODERS[kind.name](kind, raw)


def _decode_decimal(raw: bytes, scale: int) -> str:
    digits = str(int.from_bytes(raw[1:], "little")).rjust(scale + 1, "0")
    text = f"{digits[:-scale]}.{digits[-scale:]}" if scale else digits
    return text if raw[0] else f"-{text}"


def _decode_money(kind: SqlType, raw: bytes) -> str:
    if kind.name == "smallmoney":
        amount: int = struct.unpack("<i", raw)[0]
    else:
        high, low = struct.unpack("<iI", raw)
        amount = (high << 32) | low
    return str(Decimal(amount).scaleb(-4))


def _decode_datetime(kind: SqlType, raw: bytes) -> str:
    if kind.name == "smalldatetime":
        days, minutes = struct.unpack("<HH", raw)
        passed = timedelta(days=days, minutes=minutes)
    else:
        days, ticks = struct.unpack("<iI", raw)
        passed = timedelta(days=days, milliseconds=round(ticks * 10 / 3))
    return (datetime(1900, 1, 1) + passed).isoformat(sep=" ")


def _clock(raw: bytes, scale: int) -> timedelta:
    return timedelta(microseconds=int.from_bytes(raw, "little") * 10**6 // 10**scale)


def _decode_datetime2(kind: SqlType, raw: bytes) -> str:
    days = int.from_bytes(raw[-3:], "little")
    return (datetime(1, 1, 1) + timedelta(days=days) + _clock(raw[:-3], kind.scale)).isoformat(sep=" ")


def _decode_datetimeoffset(kind: SqlType, raw: bytes) -> str:
    return _decode_datetime2(kind, raw[:-2]) + "+00:00"


def _decode_time(kind: SqlType, raw: bytes) -> str:
    return (datetime(1, 1, 1) + _clock(raw, kind.scale)).time().isoformat()


_DECODERS: dict[str, Callable[[SqlType, bytes], str]] = {
    "bit": lambda _, raw: "1" if raw[0] else "0",
    "float": lambda _, raw: repr(struct.unpack("<d", raw)[0]),
    "real": lambda _, raw: repr(struct.unpack("<f", raw)[0]),
    "money": _decode_money,
    "smallmoney": _decode_money,
    "datetime": _decode_datetime,
    "smalldatetime": _decode_datetime,
    "datetime2": _decode_datetime2,
    "datetimeoffset": _decode_datetimeoffset,
    "time": _decode_time,
    "date": lambda _, raw: (_FIRST_DAY + timedelta(days=int.from_bytes(raw, "little"))).isoformat(),
    "uniqueidentifier": lambda _, raw: str(uuid.UUID(bytes_le=raw)),
}


def fitted(kind: SqlType, values: list[str | None]) -> SqlType:
    """A type wide enough for these values, where only their kind is known."""
    present = [value for value in values if value is not None]
    if kind.is_text and kind.length == 0:
        longest = max((len(value) for value in present), default=0)
        return replace(kind, length=4000 if longest <= 4000 else MAX)
    if kind.is_binary and kind.length == 0:
        longest = max((len(value) // 2 for value in present), default=0)
        return replace(kind, length=8000 if longest <= 8000 else MAX)
    if kind.name in _DECIMAL and kind.precision == 0:
        exponents = [Decimal(value).as_tuple().exponent for value in present]
        return replace(kind, precision=38, scale=max((-e for e in exponents if isinstance(e, int)), default=0) if exponents else 0)
    return kind
