"""From plain parts or a URL to what a driver is told, for each of the three drivers, whether it is on this machine or not."""

from __future__ import annotations

import string
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy.engine import URL, make_url

from temu_assets.errors import ConfigurationError
from temu_assets.sql.address import parse_url, url_for
from temu_assets.sql.drivers import Driver
from temu_assets.sql.keywords import add_keywords
from temu_assets.sql.parts import DriverChoice, Encryption, Place, ServerParts
from temu_assets_tests.sql.connection_string import read
from temu_assets_tests.sql.test_parts import hosts, instances, ports

CANARY = "Canary-7363"
ODBC18 = Driver(DriverChoice.ODBC18, "ODBC Driver 18 for SQL Server", "")
ODBC17 = Driver(DriverChoice.ODBC18, "ODBC Driver 17 for SQL Server", "")
FREETDS = Driver(DriverChoice.FREETDS, "FreeTDS", "")
MSSQLPYTHON = Driver(DriverChoice.MSSQLPYTHON, "mssql-python", "")
ALL = pytest.mark.parametrize("driver", [ODBC18, ODBC17, FREETDS, MSSQLPYTHON], ids=lambda driver: str(driver.name))

LOCAL = ServerParts(Place("db.example.invalid"), "program", SecretStr("secret"))


def told(url: URL) -> dict[str, str]:
    """What the driver is told in the end, by keyword."""
    (text,), options = url.get_dialect()().create_connect_args(url)
    assert options == {}
    return read(text)


def server_of(driver: Driver, place: Place) -> dict[str, str]:
    """How each driver wants to hear where the server is."""
    host = f"{place.host}\\{place.instance}" if place.instance else place.host
    if place.port is None:
        return {"server": host}
    return {"server": host, "port": str(place.port)} if driver is FREETDS else {"server": f"{host},{place.port}"}


awkward = st.text(st.sampled_from(string.ascii_letters + string.digits + ";{}@/=?&#%+:\\'\"[]()*!,$ äß€"), min_size=1, max_size=20).filter(
    lambda text: text == text.strip()
)
databases = st.text(st.sampled_from(string.ascii_letters + string.digits + "_-$# äß"), min_size=1, max_size=20).filter(
    lambda text: text == text.strip()
)


@ALL
@given(
    place=st.builds(Place, hosts, st.none() | instances, st.none() | ports),
    username=awkward,
    password=awkward,
    database=databases,
    encryption=st.sampled_from([Encryption.YES, Encryption.NO]),
    trusts=st.booleans(),
)
def test_what_the_driver_is_told_are_the_parts(
    driver: Driver, place: Place, username: str, password: str, database: str, encryption: Encryption, trusts: bool
) -> None:
    if driver is FREETDS:
        username, password = username.replace("}", "]"), password.replace("}", "]")
    parts = ServerParts(place, username, SecretStr(password), encryption=encryption, trust_server_certificate=trusts)
    url = url_for(driver, parts, database)
    # Settings hand it on as text.
    assert make_url(url.render_as_string(hide_password=False)) == url
    found = told(url)
    expected = server_of(driver, place) | {"database": database, "uid": username, "pwd": password, "encrypt": encryption.value}
    assert found.items() >= expected.items()
    assert ("trustservercertificate" in found) == (trusts and driver is not FREETDS)
    assert "trusted_connection" not in found


@ALL
def test_completing_twice_changes_nothing(driver: Driver) -> None:
    url = url_for(driver, LOCAL, "toci")
    assert add_keywords(url, "TOCI_DATABASE_URL") == url


@ALL
def test_without_a_login_it_is_windows_authentication(driver: Driver) -> None:
    found = told(url_for(driver, ServerParts(Place("db.example.invalid")), "toci"))
    assert found["trusted_connection"].casefold() == "yes"
    assert not {"uid", "pwd"} & found.keys()


@ALL
def test_nothing_is_trusted_unless_it_is_asked_for(driver: Driver) -> None:
    assert "trustservercertificate" not in told(url_for(driver, LOCAL, "toci"))


def test_each_driver_gets_its_own_words() -> None:
    common = {"server": "db.example.invalid", "database": "toci", "uid": "program", "pwd": "secret", "encrypt": "yes"}
    assert told(url_for(ODBC18, LOCAL, "toci")) == common | {"driver": ODBC18.name, "app": "temu-assets", "longasmax": "Yes"}
    assert told(url_for(ODBC17, LOCAL, "toci")) == common | {"driver": ODBC17.name, "app": "temu-assets"}
    assert told(url_for(MSSQLPYTHON, LOCAL, "toci")) == common
    assert told(url_for(FREETDS, LOCAL, "toci")) == common | {
        "driver": "FreeTDS", "app": "temu-assets", "encryption": "require", "tds_version": "7.4",
    }  # fmt: skip


def test_strict_encryption_and_another_name_in_the_certificate_arrive() -> None:
    parts = ServerParts(Place("db"), "program", SecretStr("x"), encryption=Encryption.STRICT, hostname_in_certificate="sql.example.invalid")
    for driver in (ODBC18, MSSQLPYTHON):
        assert told(url_for(driver, parts, "toci")).items() >= {"encrypt": "strict", "hostnameincertificate": "sql.example.invalid"}.items()


@pytest.mark.parametrize("driver", [ODBC17, FREETDS], ids=lambda driver: str(driver.name))
@pytest.mark.parametrize(
    ("parts", "setting"),
    [
        (ServerParts(Place("db"), encryption=Encryption.STRICT), "SQL_ENCRYPT=strict"),
        (ServerParts(Place("db"), hostname_in_certificate="sql.example.invalid"), "SQL_HOSTNAME_IN_CERTIFICATE"),
    ],
)
def test_protection_a_driver_does_not_have_is_refused_and_not_left_out(driver: Driver, parts: ServerParts, setting: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{setting} is nothing the driver {driver.name} can do"):
        url_for(driver, parts, "toci")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("Encrypt=no", {"encrypt": "no"}),
        ("encrypt=Strict&app=mine", {"encrypt": "Strict", "app": "mine"}),
        ("TrustServerCertificate=yes&LONGASMAX=No", {"trustservercertificate": "yes", "longasmax": "No", "encrypt": "yes"}),
    ],
)
def test_what_a_url_says_itself_stays(query: str, found: dict[str, str]) -> None:
    url = make_url(f"mssql+pyodbc://program:secret@db.example.invalid/toci?driver=ODBC+Driver+18+for+SQL+Server&{query}")
    assert told(add_keywords(url, "TOCI_DATABASE_URL")).items() >= found.items()


@pytest.mark.parametrize(
    ("query", "encryption"),
    [
        ("", "require"),
        ("&Encrypt=no", "off"),
        ("&encrypt=Optional", "off"),
        ("&Encrypt=yes", "require"),
        ("&Encryption=request", "request"),
    ],
)
def test_freetds_hears_of_encryption_in_the_word_it_knows(query: str, encryption: str) -> None:
    """It takes no notice of ``Encrypt`` and then sends everything after the login in the clear."""
    url = make_url(f"mssql+pyodbc://program:secret@db.example.invalid/toci?driver=FreeTDS{query}")
    assert told(add_keywords(url, "TOCI_DATABASE_URL"))["encryption"] == encryption


@pytest.mark.parametrize("host", ["db.example.invalid:50123", "db.example.invalid,50123"])
def test_freetds_gets_the_port_by_itself_however_it_is_written(host: str) -> None:
    url = make_url(f"mssql+pyodbc://program:secret@{host}/toci?driver=FreeTDS")
    assert told(add_keywords(url, "TOCI_DATABASE_URL")).items() >= {"server": "db.example.invalid", "port": "50123"}.items()


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///data/toci.db",
        "postgresql+psycopg://program:secret@db.example.invalid/toci",
        "mssql+pyodbc://program:secret@datasource",
        "mssql+pyodbc:///?odbc_connect=DSN%3Dtoci",
        "mssql+pymssql://program:secret@db.example.invalid/toci",
    ],
)
def test_everything_else_is_left_as_it_is(url: str) -> None:
    assert add_keywords(make_url(url), "TOCI_DATABASE_URL") == make_url(url)


@pytest.mark.parametrize("keyword", ["driver=FreeTDS", "APP=mine", "LongAsMax=Yes", "Port=1433"])
def test_keywords_mssql_python_refuses_are_named_before_it_does(keyword: str) -> None:
    url = f"mssql+mssqlpython://program:{CANARY}@db.example.invalid/toci?{keyword}"
    with pytest.raises(ConfigurationError, match=rf"TOCI_DATABASE_URL gives {keyword.split('=')[0].lower()}, which") as caught:
        add_keywords(make_url(url), "TOCI_DATABASE_URL")
    assert CANARY not in "".join(traceback.format_exception(caught.value))


@ALL
@pytest.mark.parametrize("password", [f" {CANARY}", f"{CANARY} "])
def test_a_blank_the_driver_would_cut_off_is_refused(driver: Driver, password: str) -> None:
    with pytest.raises(ConfigurationError, match="SQL_SERVER has a blank at the beginning or end") as caught:
        url_for(driver, ServerParts(Place("db"), "program", SecretStr(password)), "toci")
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_a_brace_freetds_would_misread_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"curly bracket.*SQL_DRIVER=odbc18") as caught:
        url_for(FREETDS, ServerParts(Place("db"), "program", SecretStr(f"{CANARY}}}")), "toci")
    assert CANARY not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "url", [CANARY, f"nosuch://program:{CANARY}@db/x", f"mssql+nosuch://program:{CANARY}@db/x", f"mssql://u@{CANARY}:x/y"]
)
def test_a_url_that_cannot_be_used_names_the_setting_and_not_the_value(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"JTL_DATABASE_URL is not a database URL.*write it like example") as caught:
        parse_url(SecretStr(url), "JTL_DATABASE_URL", "example")
    assert CANARY not in "".join(traceback.format_exception(caught.value))
