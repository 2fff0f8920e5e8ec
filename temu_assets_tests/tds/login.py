"""The start of a connection: PRELOGIN and LOGIN7."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

VERSION = 0
ENCRYPTION = 1
INSTANCE = 2
THREAD = 3
MARS = 4
_TERMINATOR = 0xFF
_LOGIN_FIELDS = ("host", "user", "password", "program", "server", "extension", "library", "language", "database")
_FIELDS_AT = 36
_EXTENSION_USED = 0x10


class Encryption(IntEnum):
    """What a side says about encryption."""

    OFF = 0
    ON = 1
    NOT_SUPPORTED = 2
    REQUIRED = 3


@dataclass(frozen=True, slots=True)
class Login:
    """What a client says of itself."""

    tds_version: int
    packet_size: int
    host: str
    user: str
    password: str
    program: str
    library: str
    language: str
    database: str


def read_prelogin(payload: bytes) -> dict[int, bytes]:
    """The options of a PRELOGIN message by number."""
    options: dict[int, bytes] = {}
    position = 0
    while payload[position] != _TERMINATOR:
        option, offset, length = struct.unpack_from(">BHH", payload, position)
        options[option] = payload[offset : offset + length]
        position += 5
    return options


def prelogin_answer(asked: Encryption) -> tuple[bytes, bool]:
    """Our PRELOGIN, and whether TLS follows: only when the client wants it for the whole connection."""
    encrypts = asked in {Encryption.ON, Encryption.REQUIRED}
    says = Encryption.ON if encrypts else Encryption.NOT_SUPPORTED
    options = {VERSION: bytes((15, 0, 0x10, 0x0A, 0, 0)), ENCRYPTION: bytes((says,)), INSTANCE: b"\0", THREAD: b"", MARS: b"\0"}
    head, body = bytearray(), bytearray()
    start = len(options) * 5 + 1
    for option, value in options.items():
        head += struct.pack(">BHH", option, start + len(body), len(value))
        body += value
    return bytes(head) + bytes((_TERMINATOR,)) + bytes(body), encrypts


def read_login(payload: bytes) -> Login:
    """Take a LOGIN7 message apart."""
    _, tds_version, packet_size = struct.unpack_from("<III", payload)
    texts: dict[str, str] = {}
    for index, field in enumerate(_LOGIN_FIELDS):
        offset, length = struct.unpack_from("<HH", payload, _FIELDS_AT + index * 4)
        if field == "extension":  # counted in bytes, and of no use here
            continue
        raw = payload[offset : offset + length * 2]
        texts[field] = (_plain(raw) if field == "password" else raw).decode("utf-16-le")
    return Login(
        tds_version=tds_version,
        packet_size=packet_size,
        host=texts["host"],
        user=texts["user"],
        password=texts["password"],
        program=texts["program"],
        library=texts["library"],
        language=texts["language"],
        database=texts["database"],
    )


def _plain(obscured: bytes) -> bytes:
    """Passwords travel with every byte XORed and its halves swapped."""
    return bytes(((byte ^ 0xA5) << 4 & 0xF0) | ((byte ^ 0xA5) >> 4) for byte in obscured)
