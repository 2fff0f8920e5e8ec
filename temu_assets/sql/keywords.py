"""The connection keywords each driver for SQL Server takes, and completing a URL with them. What the URL says itself always stays.

- Microsoft's ODBC driver and mssql-python encrypt unless told not to, and check the certificate. mssql-python refuses keywords it does
  not know, ``APP`` and ``LongAsMax`` among them.
- FreeTDS (its ODBC driver up to 1.4) ignores ``Encrypt`` and sends everything but the login in the clear unless ``Encryption`` says
  ``require``; the certificate is checked only if ``freetds.conf`` names a ``ca file``. It takes no port behind an instance's name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlalchemy.engine import URL

from temu_assets.errors import ConfigurationError
from temu_assets.sql.drivers import Driver, choose, installed, is_freetds, microsoft_version, odbc_drivers
from temu_assets.sql.installing import how_to_install
from temu_assets.sql.parts import DriverChoice, parse_encryption

APPLICATION = "temu-assets"

_KNOWS_LONG_AS_MAX = 18
_REFUSED_BY_MSSQLPYTHON = {"driver", "app", "port", "longasmax"}
_HOST_WITH_PORT = re.compile(r"(?P<host>.+),\s*(?P<port>\d+)")
_FREETDS_ENCRYPTION = {"yes": "require", "no": "off"}
_IS_PATH = re.compile(r"[/\\]|\.(so|dll|dylib)\b")


def complete(url: URL, setting: str) -> URL:
    """Add to a SQL Server URL what its driver needs and it does not say: driver, encryption, application name, Windows authentication.

    Any other URL comes back as it is. Raises ConfigurationError, naming the setting and never its value, for a driver that is not there
    and for what its driver would misread.
    """
    if url.get_backend_name() != "mssql":
        return url
    if url.drivername == "mssql" and not {"driver", "dsn", "odbc_connect"} & _said(url).keys():
        url = url.set(drivername=choose(DriverChoice.AUTO, setting).dialect)
    if url.get_driver_name() == "pyodbc" and not _is_closed(url):
        url = _with_odbc_driver(url, setting)
    return add_keywords(url, setting)


def add_keywords(url: URL, setting: str) -> URL:
    """The same for a URL whose driver is settled; asks nothing of this machine."""
    driver = url.get_driver_name()
    if driver == "mssqlpython":
        return _complete_mssqlpython(url, setting)
    if driver != "pyodbc" or _is_closed(url):
        return url
    name = _said(url)["driver"]
    version = microsoft_version(name)
    if version is not None:
        long_as_max = {"LongAsMax": "Yes"} if version >= _KNOWS_LONG_AS_MAX else {}
        return _with(url, setting, Encrypt="yes", APP=APPLICATION, **long_as_max)
    if is_freetds(name):
        return _complete_freetds(url, setting)
    return _with(url, setting, APP=APPLICATION)


def _is_closed(url: URL) -> bool:
    """A data source name is somebody's own configuration, and so is a connection string in one piece."""
    return bool({"odbc_connect", "dsn"} & _said(url).keys()) or not url.database or not url.host


def _said(url: URL) -> Mapping[str, str]:
    """The URL's own keywords, casefolded as the drivers read them."""
    return {key.casefold(): value if isinstance(value, str) else value[-1] for key, value in url.query.items()}


def _with(url: URL, setting: str, **defaults: str) -> URL:
    _refuse_misread(url, setting)
    said = _said(url)
    return url.update_query_dict({key: value for key, value in defaults.items() if key.casefold() not in said})


def _complete_mssqlpython(url: URL, setting: str) -> URL:
    refused = sorted(_said(url).keys() & _REFUSED_BY_MSSQLPYTHON)
    if refused:
        raise ConfigurationError(
            f"{setting} gives {', '.join(refused)}, which the driver mssql-python does not take.",
            remedy=f"take it out of {setting} (a port belongs behind the host, as in host:1433), or write mssql+pyodbc.",
        )
    windows = {} if url.username or "authentication" in _said(url) else {"Trusted_Connection": "yes"}
    return _with(url, setting, Encrypt="yes", **windows)


def _with_odbc_driver(url: URL, setting: str) -> URL:
    """The URL with the name of an ODBC driver that is there."""
    name = _said(url).get("driver") or _best_odbc(setting).name
    _require_registered(name, setting)
    # SQLAlchemy knows this one keyword in lower case only.
    return url.difference_update_query([key for key in url.query if key.casefold() == "driver"]).update_query_dict({"driver": name})


def _complete_freetds(url: URL, setting: str) -> URL:
    if any("}" in part for part in (url.username, url.password, url.database) if part):
        raise ConfigurationError(
            f"{setting} has a curly bracket }} in login, password or database, which FreeTDS reads wrongly before 1.4.",
            remedy="choose a password without it, or one of the other drivers (SQL_DRIVER=odbc18 or mssqlpython, see docs/sql-server.md).",
        )
    encrypt = parse_encryption(_said(url).get("encrypt", "yes"))
    if encrypt not in _FREETDS_ENCRYPTION:
        raise ConfigurationError(
            f"{setting} asks for an encryption that FreeTDS does not have (Encrypt is neither yes nor no).",
            remedy="write Encrypt=yes, or take one of the other drivers (see docs/sql-server.md).",
        )
    behind_host = _HOST_WITH_PORT.fullmatch(url.host or "")
    if behind_host:
        url = url.set(host=behind_host["host"], port=int(behind_host["port"]))
    # A keyword of its own: behind an instance's name FreeTDS takes the port for a part of the name.
    port = {"port": str(url.port)} if url.port is not None else {}
    return _with(url, setting, Encryption=_FREETDS_ENCRYPTION[encrypt], TDS_Version="7.4", APP=APPLICATION, **port)


def _best_odbc(setting: str) -> Driver:
    """The ODBC driver to take where a URL names none."""
    odbc = [driver for driver in installed() if driver.dialect == "mssql+pyodbc"]
    return odbc[0] if odbc else choose(DriverChoice.ODBC18, setting)


def _require_registered(name: str, setting: str) -> None:
    there = odbc_drivers()
    if _IS_PATH.search(name) or name.casefold() in (driver.casefold() for driver in there):
        return
    kind = DriverChoice.FREETDS if is_freetds(name) else DriverChoice.ODBC18
    raise ConfigurationError(
        f"{setting} names the ODBC driver '{name}', which is not on this machine (found: {', '.join(there) or 'none'}).",
        remedy=f"install it ({how_to_install(kind)}), or leave driver= out of {setting} to take the one that is there.",
    )


def _refuse_misread(url: URL, setting: str) -> None:
    if any(part != part.strip() for part in (url.username, url.password, url.database) if part):
        raise ConfigurationError(
            f"{setting} has a blank at the beginning or end of login, password or database, which the drivers cut off.",
            remedy="choose one without it.",
        )
