"""What ``doctor`` says of SQL Server: driver, encryption, server, the login's rights. Facts in, lines out; nothing is connected here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from temu_assets.cli.doctor_lines import About, Line, error, ok, warning
from temu_assets.jtl.database import KNOWN_VERSIONS, known_to_fit
from temu_assets.sql.drivers import installed, is_freetds, microsoft_version
from temu_assets.sql.installing import how_to_install
from temu_assets.sql.parts import DriverChoice, is_this_machine, parse_encryption

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

    from temu_assets.jtl.server import Rights, ServerFacts

_OLDEST_MAJOR = 13
_YEARS = {13: 2016, 14: 2017, 15: 2019, 16: 2022, 17: 2025}
_JTL_COLLATION = "Latin1_General_CI_AS"
_CURRENT_ODBC = 18
_TLS_PAGE = "docs/sql-server.md says how to give the server a proper certificate"


def driver_line(url: URL) -> Line:
    """Which driver a completed SQL Server URL goes through."""
    name = "mssql-python" if url.get_driver_name() == "mssqlpython" else _word(url, "driver") or url.get_driver_name()
    there = installed()
    version = next((driver.version for driver in there if driver.name.casefold() == name.casefold()), "")
    others = ", ".join(driver.name for driver in there if driver.name.casefold() != name.casefold())
    found = f"{name} {version}".strip() + (f" (also here: {others})" if others else "")
    if (microsoft_version(name) or _CURRENT_ODBC) < _CURRENT_ODBC:
        return warning(About.SQL_DRIVER, found, f"install the current one: {how_to_install(DriverChoice.ODBC18)}")
    return ok(About.SQL_DRIVER, found)


def tls_line(name: About, url: URL) -> Line:
    """How a completed SQL Server URL is protected on its way. ``name`` says which database it is.

    What is said to be encrypted is: the drivers give up a connection that the server does not encrypt.
    """
    if _word(url, "odbc_connect") or _word(url, "dsn") or not url.host:
        return ok(name, "decided by the ODBC data source, which this program does not read")
    freetds = is_freetds(_word(url, "driver"))
    encryption = _word(url, "encryption") if freetds else parse_encryption(_word(url, "encrypt") or "yes")
    here = is_this_machine(url.host.partition("\\")[0].partition(",")[0])
    if encryption.casefold() not in {"require", "yes", "strict"}:
        if here:
            return ok(name, "not encrypted, and stays on this machine")
        return warning(
            name,
            "not encrypted: the network can read buyers' addresses and change orders",
            f"set SQL_ENCRYPT=yes, or Encrypt=yes in the URL; {_TLS_PAGE}",
        )
    if parse_encryption(_word(url, "trustservercertificate")) == "yes":
        return warning(
            name,
            "encrypted, but the server's certificate is not checked: anybody in between can pass for the server",
            f"take out SQL_TRUST_SERVER_CERTIFICATE (TrustServerCertificate in a URL); {_TLS_PAGE}",
        )
    if freetds and not here:
        return warning(
            name,
            "encrypted, but FreeTDS checks the server's certificate only if freetds.conf names a 'ca file'",
            f"set it and 'check certificate hostname = yes' there, or take another driver (SQL_DRIVER); {_TLS_PAGE}",
        )
    return ok(name, "encrypted (strict)" if encryption == "strict" else "encrypted")


def server_line(name: About, facts: ServerFacts) -> Line:
    """The server and the database on it. ``name`` says which database it is."""
    known_as = f"SQL Server {_YEARS[facts.major]} ({facts.version})" if facts.major in _YEARS else f"SQL Server {facts.version}"
    if facts.major < _OLDEST_MAJOR:
        return error(name, f"{known_as} is too old", "SQL Server 2016 or newer is needed")
    versions = "on" if facts.keeps_row_versions else "off"
    return ok(name, f"{known_as}, database {facts.database}, READ_COMMITTED_SNAPSHOT {versions}")


def collation_line(facts: ServerFacts) -> Line:
    """JTL compares article and order numbers by its database's collation."""
    if facts.collation == _JTL_COLLATION:
        return ok(About.JTL_COLLATION, facts.collation)
    return warning(
        About.JTL_COLLATION,
        f"{facts.collation or 'unknown'}; JTL's own is {_JTL_COLLATION}",
        "check that the database named is JTL's; this program takes article and order numbers for equal where only case differs",
    )


def jtl_version_line(version: str) -> Line:
    """Which JTL-Wawi it is, and whether this program is known to fit it."""
    number = re.match(r"(\d+)\.(\d+)", version)
    oldest, newest = KNOWN_VERSIONS
    if number and oldest <= (int(number[1]), int(number[2])) <= newest:
        return ok(About.JTL_VERSION, f"JTL-Wawi {version}")
    return warning(
        About.JTL_VERSION,
        f"JTL-Wawi {version or 'of unknown version'}; {known_to_fit()}",
        "try it on a copy of the database first (docs/sql-server.md)",
    )


def rights_lines(rights: Rights) -> Iterator[Line]:
    """What the login lacks, and what it could break."""
    script = "let docs/sql/jtl-rights.sql be run on JTL's database"
    if rights.missing:
        yield error(About.JTL_RIGHTS, f"the login lacks {', '.join(rights.missing)}", script)
    else:
        yield ok(About.JTL_RIGHTS, "the login may read what is needed and hand over orders")
    if rights.roles:
        yield warning(
            About.JTL_LOGIN,
            f"it is a member of {' and '.join(rights.roles)} and may do everything",
            f"give this program a login of its own; {script}",
        )
    elif rights.foreign:
        yield warning(About.JTL_LOGIN, f"it may {', '.join(rights.foreign)}, which only JTL should", f"take these rights away; {script}")
    else:
        yield ok(About.JTL_LOGIN, "it may change nothing in JTL but insert into dbo.tXMLBestellImport")


def _word(url: URL, keyword: str) -> str:
    """What the URL says for a keyword, in whatever case it is written there; empty for nothing."""
    for key, value in url.query.items():
        if key.casefold() == keyword:
            return value if isinstance(value, str) else value[-1]
    return ""
