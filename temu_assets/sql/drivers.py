"""Which drivers for SQL Server are on this machine. Nothing is connected to find out, and no driver is imported before it is asked for."""

from __future__ import annotations

import ctypes
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from temu_assets.errors import ConfigurationError
from temu_assets.sql.installing import how_to_install
from temu_assets.sql.parts import DriverChoice

_MICROSOFT = re.compile(r"ODBC Driver (\d+) for SQL Server", re.IGNORECASE)
_OLDEST_MICROSOFT = 17  # the first that speaks of its encryption and is still looked after
_NEEDED_ON_LINUX = ("libltdl.so.7", "libkrb5.so.3", "libgssapi_krb5.so.2")
"""What Microsoft's driver inside mssql-python is linked to and does not bring along."""


@dataclass(frozen=True, slots=True)
class Driver:
    """A driver that is there: its kind, its name (that in ``odbcinst.ini`` for ODBC) and what is known of its version."""

    kind: DriverChoice
    name: str
    version: str

    @property
    def dialect(self) -> str:
        """SQLAlchemy's name for it."""
        return "mssql+mssqlpython" if self.kind is DriverChoice.MSSQLPYTHON else "mssql+pyodbc"

    @property
    def is_older(self) -> bool:
        """A Microsoft driver before 18, taken as second best: it knows no strict encryption."""
        return self.kind is DriverChoice.ODBC18 and (microsoft_version(self.name) or 0) < 18


def microsoft_version(odbc_name: str) -> int | None:
    """The number in the name of Microsoft's ODBC driver; None for another driver."""
    found = _MICROSOFT.fullmatch(odbc_name.strip())
    return int(found[1]) if found else None


def is_freetds(odbc_name: str) -> bool:
    """Whether an ODBC driver's name or path means FreeTDS."""
    return any(word in odbc_name.casefold() for word in ("freetds", "tdsodbc"))


def installed() -> list[Driver]:
    """The drivers that are there, the one to be preferred first."""
    return list(_all_installed())


def odbc_drivers() -> list[str]:
    """The names of all ODBC drivers registered here. Raises ImportError when pyodbc cannot be loaded."""
    import pyodbc

    return list(pyodbc.drivers())


def choose(choice: DriverChoice, setting: str = "SQL_DRIVER") -> Driver:
    """The driver to use; for ``auto`` the first that is there. Raises ConfigurationError saying how to install it."""
    for driver in _all_installed():
        if choice in (DriverChoice.AUTO, driver.kind):
            return driver
    there = ", ".join(driver.name for driver in installed()) or "none"
    wanted = "a driver for SQL Server" if choice is DriverChoice.AUTO else f"the driver {choice}"
    raise ConfigurationError(
        f"{setting} needs {wanted}, which is not on this machine (found: {there}{_why_not_more(choice)}).", remedy=how_to_install(choice)
    )


def _all_installed() -> Iterator[Driver]:
    """In the order of preference, each found only when the one before it is not wanted: loading one takes its time."""
    names, version = _odbc()
    microsoft = [name for name in names if (microsoft_version(name) or 0) >= _OLDEST_MICROSOFT]
    if microsoft:
        yield Driver(DriverChoice.ODBC18, max(microsoft, key=lambda name: microsoft_version(name) or 0), f"through pyodbc {version}")
    with suppress(ImportError, OSError):
        yield Driver(DriverChoice.MSSQLPYTHON, "mssql-python", _mssql_python_version())
    for name in names:
        if is_freetds(name):
            yield Driver(DriverChoice.FREETDS, name, f"through pyodbc {version}")
            return


def _odbc() -> tuple[list[str], str]:
    try:
        import pyodbc

        return odbc_drivers(), pyodbc.version
    except ImportError:  # its wheel for Linux brings no driver manager along
        return [], ""


def _mssql_python_version() -> str:
    """Raises ImportError when the package, OSError when a library of the system it needs is not there."""
    import mssql_python

    if sys.platform == "linux":
        for library in _NEEDED_ON_LINUX:
            ctypes.CDLL(library)
    return mssql_python.__version__


def _why_not_more(choice: DriverChoice) -> str:
    """What stopped a package that is there from being loaded, in the loader's words."""
    reasons = []
    if choice is not DriverChoice.MSSQLPYTHON:
        try:
            odbc_drivers()
        except ImportError as error:
            reasons.append(f"pyodbc cannot be loaded: {error}")
    if choice in (DriverChoice.AUTO, DriverChoice.MSSQLPYTHON):
        try:
            _mssql_python_version()
        except (ImportError, OSError) as error:
            reasons.append(f"mssql-python cannot be loaded: {error}")
    return "".join(f"; {reason}" for reason in reasons)
