"""Where a database is: reading a URL, and making one from plain parts."""

from __future__ import annotations

from pydantic import SecretStr
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from temu_assets.errors import ConfigurationError
from temu_assets.sql.drivers import Driver, choose
from temu_assets.sql.installing import how_to_install
from temu_assets.sql.keywords import add_keywords, complete
from temu_assets.sql.parts import DriverChoice, Encryption, ServerParts


def parse_url(secret_url: SecretStr, setting: str, example: str) -> URL:
    """Parse a SQLAlchemy URL and complete it with what its driver needs.

    Raises ConfigurationError that names the setting, never its value.
    """
    try:
        url = make_url(secret_url.get_secret_value())
        if url.drivername != "mssql":  # that one leaves the driver to us
            url.get_dialect().import_dbapi()
        url = complete(url, setting)
        url.get_dialect().import_dbapi()
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise ConfigurationError(f"{setting} is not a database URL that can be used.", remedy=f"write it like {example}") from None
    except ImportError as error:
        raise ConfigurationError(
            f"{setting} needs the database driver {url.get_driver_name()}, which cannot be loaded here ({error}).",
            remedy=_how_to_load(url) or f"install it, or write {setting} for a driver that is installed, like {example}",
        ) from None
    return url


def server_url(parts: ServerParts, database: str) -> URL:
    """The URL of a database on a SQL Server, complete for the driver that is there. Raises ConfigurationError when none is."""
    return url_for(choose(parts.driver), parts, database)


def url_for(driver: Driver, parts: ServerParts, database: str) -> URL:
    """The same for one driver, whether it is there or not. Raises ConfigurationError for what it cannot do."""
    is_freetds = driver.kind is DriverChoice.FREETDS
    if is_freetds or driver.is_older:
        _refuse_newer_encryption(driver, parts)
    said = {} if driver.kind is DriverChoice.MSSQLPYTHON else {"driver": driver.name}
    said["Encrypt"] = parts.encryption.value
    if parts.trust_server_certificate and not is_freetds:  # FreeTDS has no such keyword, and trusts
        said["TrustServerCertificate"] = "yes"
    if parts.hostname_in_certificate:
        said["HostnameInCertificate"] = parts.hostname_in_certificate
    place = parts.place
    url = URL.create(
        driver.dialect,
        username=parts.username,
        password=parts.password.get_secret_value() if parts.password else None,
        host=f"{place.host}\\{place.instance}" if place.instance else place.host,
        port=place.port,
        database=database,
        query=said,
    )
    return add_keywords(url, "SQL_SERVER")


def place(url: URL) -> str:
    """Where a database is, without user, password and options: they can be secret."""
    if url.host is None:
        return url.database or url.get_backend_name()
    port = f":{url.port}" if url.port else ""
    return f"{url.host}{port}/{url.database or ''}"


def _refuse_newer_encryption(driver: Driver, parts: ServerParts) -> None:
    asked = {
        "SQL_ENCRYPT=strict": parts.encryption is Encryption.STRICT,
        "SQL_HOSTNAME_IN_CERTIFICATE": parts.hostname_in_certificate is not None,
    }
    for setting, is_asked in asked.items():
        if is_asked:
            raise ConfigurationError(
                f"{setting} is nothing the driver {driver.name} can do.",
                remedy=f"leave it out, or install another driver: {how_to_install(DriverChoice.MSSQLPYTHON)}",
            )


def _how_to_load(url: URL) -> str:
    """The commands for a driver of ours that cannot be loaded; empty for another's."""
    if url.get_driver_name() == "pyodbc":
        return f"pyodbc needs unixODBC and a driver; {how_to_install(DriverChoice.AUTO)}"
    return how_to_install(DriverChoice.MSSQLPYTHON) if url.get_driver_name() == "mssqlpython" else ""
