"""SQLAlchemy's URLs for the drivers that are tried."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import quote_plus, urlencode

Driver = Literal["mssqlpython", "odbc18", "freetds"]
DRIVERS: tuple[Driver, ...] = ("mssqlpython", "odbc18", "freetds")
ODBC_DRIVER_VARIABLE = "TEST_ODBC_DRIVER"
FREETDS = "/usr/lib/x86_64-linux-gnu/odbc/libtdsodbc.so"


class DriverMissing(Exception):  # noqa: N818 — a reason to skip, not a fault
    """The driver is not installed here."""


def url(driver: Driver, user: str, password: str, port: int, database: str, *, encrypt: bool, options: Mapping[str, str]) -> str:
    """The URL of a database for one of the drivers. Raises DriverMissing."""
    who = f"{quote_plus(user)}:{quote_plus(password)}@127.0.0.1:{port}/{quote_plus(database)}"
    if driver == "mssqlpython":
        query = {"Encrypt": "yes" if encrypt else "no", "TrustServerCertificate": "yes", **options}
        return f"mssql+mssqlpython://{who}?{urlencode(query)}"
    if driver == "odbc18":
        query = {"driver": odbc_library(), "Encrypt": "yes" if encrypt else "no", "TrustServerCertificate": "yes", **options}
        return f"mssql+pyodbc://{who}?{urlencode(query)}"
    query = {"driver": freetds_library(), "TDS_Version": "7.4", "Encryption": "require" if encrypt else "off", **options}
    return f"mssql+pyodbc://{who}?{urlencode(query)}"


def odbc_library() -> str:
    """Microsoft's ODBC driver, as the environment names it. Raises DriverMissing."""
    library = os.environ.get(ODBC_DRIVER_VARIABLE, "")
    if not library:
        raise DriverMissing(f"{ODBC_DRIVER_VARIABLE} does not name Microsoft's ODBC driver (its name or the path of its library)")
    return library


def freetds_library() -> str:
    """FreeTDS. Raises DriverMissing."""
    if not Path(FREETDS).is_file():
        raise DriverMissing("FreeTDS is not installed (apt install tdsodbc)")
    return FREETDS
