"""A SQL Server by plain parts: reading the server's name as JTL and Microsoft write it. Nothing here needs a driver."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum

from pydantic import SecretStr


class DriverChoice(StrEnum):
    """Which driver leads to SQL Server; ``auto`` is the first that is there."""

    AUTO = "auto"
    ODBC18 = "odbc18"
    MSSQLPYTHON = "mssqlpython"
    FREETDS = "freetds"


class Encryption(StrEnum):
    """Whether what goes to SQL Server and back is encrypted; ``strict`` is TDS 8.0 (SQL Server 2022)."""

    YES = "yes"
    STRICT = "strict"
    NO = "no"


_SPELLINGS = {"true": "yes", "1": "yes", "on": "yes", "mandatory": "yes", "false": "no", "0": "no", "off": "no", "optional": "no"}
_SERVER = re.compile(
    r"""(?:tcp:)?
        (?P<host> \[[0-9A-Fa-f:.]+\] | [^\W_][\w.-]* | [0-9A-Fa-f]*(?::[0-9A-Fa-f]*){2,7} | \(local\) | \. )
        (?: \\ (?P<instance> [\w$\#-]{1,16}) )?
        (?: \s*[,:]\s* (?P<port> \d{1,5}) )?""",
    re.VERBOSE | re.IGNORECASE,
)
_THIS_MACHINE = {".", "(local)"}
_MAX_PORT = 65535


@dataclass(frozen=True, slots=True)
class Place:
    """Where a SQL Server is: a machine, and an instance or a port on it."""

    host: str
    instance: str | None = None
    port: int | None = None


@dataclass(frozen=True, slots=True)
class ServerParts:
    """Everything needed to reach a SQL Server but the database's name. No ``username``: Windows authentication."""

    place: Place
    username: str | None = None
    password: SecretStr | None = None
    driver: DriverChoice = DriverChoice.AUTO
    encryption: Encryption = Encryption.YES
    trust_server_certificate: bool = False
    hostname_in_certificate: str | None = None


def parse_encryption(text: str) -> str:
    """``yes``, ``strict`` or ``no`` also where it is written as a driver or another program would; anything else comes back as it is."""
    plain = text.strip().casefold()
    return _SPELLINGS.get(plain, plain)


def parse_server(text: str) -> Place:
    r"""Read ``host``, ``host\INSTANCE``, ``host,port``, ``host:port`` or ``tcp:host,port``.

    ``.`` and ``(local)`` are this machine. Raises ValueError, whose text does not repeat what was given.
    """
    found = _SERVER.fullmatch(text.strip())
    if found is None:
        msg = r"write it like db.example.invalid, db.example.invalid\JTLWAWI or db.example.invalid,1433 (TCP only)"
        raise ValueError(msg)
    host = found["host"].strip("[]")
    port = int(found["port"]) if found["port"] else None
    if port is not None and not 0 < port <= _MAX_PORT:
        msg = f"a port is a number from 1 to {_MAX_PORT}"
        raise ValueError(msg)
    return Place("localhost" if host.casefold() in _THIS_MACHINE else host, found["instance"], port)


def is_this_machine(host: str) -> bool:
    """Whether a host's name or address leads back to this machine, so that nothing goes over a network."""
    if host.casefold() in {"localhost", *_THIS_MACHINE}:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
