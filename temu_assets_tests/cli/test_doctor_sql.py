"""What ``doctor`` says of SQL Server: drivers, encryption, servers, rights. The judging is fed with facts; the way to a server is real."""

from __future__ import annotations

import json
import socket
from dataclasses import replace

import pytest
from sqlalchemy.engine import make_url

from temu_assets.cli.doctor_lines import About, Level, Line
from temu_assets.cli.doctor_sql import collation_line, driver_line, jtl_version_line, rights_lines, server_line, tls_line
from temu_assets.jtl.server import FOREIGN, NEEDED, Rights, ServerFacts
from temu_assets.jtl.tables import metadata
from temu_assets.sandbox.run import RunningSandbox
from temu_assets.sql.drivers import installed
from temu_assets.sql.keywords import add_keywords
from temu_assets_tests.cli.conftest import Run

CANARY = "Canary-7363"
FACTS = ServerFacts("16.0.4135.4", "eazybusiness", "Latin1_General_CI_AS", keeps_row_versions=True, is_jtl=True)
needs_a_driver = pytest.mark.skipif(not installed(), reason="needs a driver for SQL Server")

ODBC18 = "mssql+pyodbc://program:{secret}@{host}/eazybusiness?driver=ODBC+Driver+18+for+SQL+Server"
FREETDS = "mssql+pyodbc://program:{secret}@{host}/eazybusiness?driver=FreeTDS"
MSSQLPYTHON = "mssql+mssqlpython://program:{secret}@{host}/eazybusiness?x=x"


def tls(url: str, host: str = "db.example.invalid") -> Line:
    line = tls_line(About.JTL_TLS, add_keywords(make_url(url.format(secret=CANARY, host=host)), "JTL_DATABASE_URL"))
    assert CANARY not in f"{line}"
    return line


@pytest.mark.parametrize("url", [ODBC18, MSSQLPYTHON, f"{ODBC18}&Encrypt=strict", f"{MSSQLPYTHON}&TrustServerCertificate=no"])
def test_encryption_with_a_checked_certificate_is_well(url: str) -> None:
    assert (tls(url).level, tls(url).remedy) == (Level.OK, "")
    assert tls(url).found.startswith("encrypted")


@pytest.mark.parametrize("url", [f"{ODBC18}&TrustServerCertificate=yes", f"{MSSQLPYTHON}&trustservercertificate=True"])
@pytest.mark.parametrize("host", ["db.example.invalid", "127.0.0.1"])
def test_a_certificate_that_is_not_checked_is_a_warning(url: str, host: str) -> None:
    assert tls(url, host).level is Level.WARNING
    assert "certificate is not checked" in tls(url, host).found


@pytest.mark.parametrize(
    "url", [f"{ODBC18}&Encrypt=no", f"{MSSQLPYTHON}&encrypt=Optional", f"{FREETDS}&Encryption=off", f"{FREETDS}&Encrypt=no"]
)
def test_no_encryption_is_a_warning_unless_it_stays_on_this_machine(url: str) -> None:
    assert tls(url).level is Level.WARNING
    assert "SQL_ENCRYPT=yes" in tls(url).remedy
    for host in ("localhost", "127.0.0.1", "[::1]", r"localhost\JTLWAWI", "127.0.0.1,1434"):
        assert tls(url, host).level is Level.OK, host


def test_freetds_is_a_warning_because_it_checks_no_certificate_by_itself() -> None:
    assert "freetds.conf" in tls(FREETDS).found
    assert tls(FREETDS).level is Level.WARNING


@needs_a_driver
def test_the_driver_is_named_with_its_version_and_the_others_too() -> None:
    first, *others = installed()
    query = {} if first.dialect.endswith("mssqlpython") else {"driver": first.name}
    line = driver_line(make_url(f"{first.dialect}://db/eazybusiness").update_query_dict(query))
    assert (line.name, line.level) == ("SQL driver", Level.OK)
    assert line.found.startswith(f"{first.name} {first.version}")
    assert all(driver.name in line.found for driver in others)


def test_the_driver_before_the_current_one_is_a_warning_with_the_command() -> None:
    line = driver_line(make_url(ODBC18.replace("18", "17").format(secret="x", host="db")))
    assert line.level is Level.WARNING
    assert "ODBC Driver 18" in line.remedy


@pytest.mark.parametrize(
    ("version", "found"), [("13.0.7037.1", "SQL Server 2016"), ("16.0.4135.4", "SQL Server 2022"), ("18.0.1", "SQL Server 18.0.1")]
)
def test_a_server_that_is_new_enough_tells_what_it_is(version: str, found: str) -> None:
    line = server_line(About.JTL_SERVER, replace(FACTS, version=version))
    assert line.level is Level.OK
    assert found in line.found
    assert line.found.endswith("database eazybusiness, READ_COMMITTED_SNAPSHOT on")
    line = server_line(About.JTL_SERVER, replace(FACTS, keeps_row_versions=False))
    assert line.found.endswith("READ_COMMITTED_SNAPSHOT off")


def test_a_server_that_is_too_old_is_an_error() -> None:
    line = server_line(About.JTL_SERVER, replace(FACTS, version="12.0.6024.0"))
    assert (line.level, line.remedy) == (Level.ERROR, "SQL Server 2016 or newer is needed")


def test_another_collation_than_jtls_is_a_warning() -> None:
    assert collation_line(FACTS).level is Level.OK
    assert collation_line(replace(FACTS, collation="Latin1_General_CS_AS")).level is Level.WARNING


@pytest.mark.parametrize(
    ("version", "level"),
    [
        ("1.8.0.0", Level.OK), ("1.10.11.0", Level.OK), ("2.0.1", Level.OK),
        ("1.7.9", Level.WARNING), ("2.1.0", Level.WARNING), ("", Level.WARNING), ("new", Level.WARNING),
    ],
)  # fmt: skip
def test_a_jtl_nobody_has_tried_is_a_warning(version: str, level: Level) -> None:
    assert jtl_version_line(version).level is level


def test_a_login_with_exactly_what_it_needs_is_well() -> None:
    rights, login = rights_lines(Rights((), (), ()))
    assert (rights.level, login.level) == (Level.OK, Level.OK)
    assert "dbo.tXMLBestellImport" in login.found


def test_a_right_that_is_missing_is_an_error_with_the_script() -> None:
    line, _ = rights_lines(Rights(("INSERT on dbo.tXMLBestellImport",), (), ()))
    assert (line.level, line.found) == (Level.ERROR, "the login lacks INSERT on dbo.tXMLBestellImport")
    assert "docs/sql/jtl-rights.sql" in line.remedy


@pytest.mark.parametrize(
    ("rights", "found"),
    [
        (Rights((), ("UPDATE on dbo.tArtikel",), ()), "UPDATE on dbo.tArtikel"),
        (Rights((), ("x",), ("sysadmin", "db_owner")), "sysadmin and db_owner"),
    ],
)
def test_a_login_that_may_change_jtls_tables_is_a_warning(rights: Rights, found: str) -> None:
    well, login = rights_lines(rights)
    assert (well.level, login.level) == (Level.OK, Level.WARNING)
    assert found in login.found


def test_what_is_asked_for_is_the_one_insert_and_no_right_is_both_needed_and_foreign() -> None:
    assert [name for name, right in NEEDED if right != "SELECT"] == ["dbo.tXMLBestellImport"]
    assert set(NEEDED) & set(FOREIGN) == set()
    assert {name for name, _ in FOREIGN} == {table.fullname for table in metadata.sorted_tables}
    assert {right for name, right in FOREIGN if name == "dbo.tXMLBestellImport"} == {"UPDATE", "DELETE"}


@needs_a_driver
def test_a_server_that_does_not_answer_is_told_for_each_database_with_how_it_would_be_reached(
    run: Run, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = sandbox.shop.state.access
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        for name, value in {
            "TEMU_APP_KEY": access.app_key,
            "TEMU_APP_SECRET": access.app_secret,
            "TEMU_ACCESS_TOKEN": access.token,
            "TEMU_API_ENDPOINT": sandbox.server.url,
            "SQL_SERVER": f"127.0.0.1,{taken.getsockname()[1]}",
            "SQL_USERNAME": "program",
            "SQL_PASSWORD": CANARY,
            "SQL_TRUST_SERVER_CERTIFICATE": "true",
            "SQL_LOGIN_TIMEOUT_SECONDS": "1",
        }.items():
            monkeypatch.setenv(name, value)
        result = run("doctor", "--json")
    assert result.exit_code == 1
    assert CANARY not in result.output
    found = {check["name"]: check for check in json.loads(result.stdout)["checks"]}
    assert {name for name, check in found.items() if check["level"] == "error"} == {"our database", "JTL"}
    assert found["SQL driver"]["level"] == "ok"
    assert {"JTL TLS", "our database TLS"} <= found.keys()
    assert found["TEMU token"]["level"] == "ok"


def test_without_sql_server_nothing_is_said_of_it(run: Run, sandbox: RunningSandbox) -> None:
    found = {check["name"] for check in json.loads(run("doctor", "--json").stdout)["checks"]}
    assert found.isdisjoint({"SQL driver", "our database TLS", "JTL TLS", "our server", "JTL server", "JTL rights", "JTL login"})
