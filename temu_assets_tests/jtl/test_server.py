"""What a server tells of itself and of our login: on SQL Server where there is one, else with SQL Server's functions added to SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import event

from temu_assets.jtl.database import Jtl, open_engine
from temu_assets.jtl.server import FOREIGN, NEEDED, Rights, ServerFacts, read_rights, read_server

Granted = Callable[[str, str], int | None]


@contextmanager
def server(path: Path, granted: Granted, *, sysadmin: int | None = 0, owner: int | None = 0, import_table: int | None = 7) -> Iterator[Jtl]:
    """A SQLite file that answers what SQL Server would."""
    sqlite3.connect(path).close()
    jtl = Jtl(open_engine(SecretStr(f"sqlite:///{path}")))

    @event.listens_for(jtl.engine, "connect")
    def _add(connection: sqlite3.Connection, _record: object) -> None:
        connection.create_function("HAS_PERMS_BY_NAME", 3, lambda name, kind, right: granted(name, right) if kind == "OBJECT" else None)
        connection.create_function("IS_SRVROLEMEMBER", 1, {"sysadmin": sysadmin}.get)
        connection.create_function("IS_ROLEMEMBER", 1, {"db_owner": owner}.get)
        connection.create_function("SERVERPROPERTY", 1, {"ProductVersion": "15.0.4410.1"}.get)
        connection.create_function("DB_NAME", 0, lambda: "eazybusiness")
        connection.create_function("DATABASEPROPERTYEX", 2, lambda name, what: f"{what} of {name}")
        connection.create_function("OBJECT_ID", 1, {"dbo.tXMLBestellImport": import_table}.get)
        connection.execute("ATTACH ':memory:' AS sys")
        connection.execute("CREATE TABLE sys.databases (name, is_read_committed_snapshot_on)")
        connection.execute("INSERT INTO sys.databases VALUES ('master', 0), ('eazybusiness', 1)")
        connection.execute("CREATE TABLE IF NOT EXISTS main.tversion (cVersion)")

    yield jtl
    jtl.close()


def test_a_server_tells_its_version_and_its_database(tmp_path: Path) -> None:
    with server(tmp_path / "jtl.db", lambda *_: 1) as jtl:
        facts = jtl.read(read_server)
    assert facts == ServerFacts("15.0.4410.1", "eazybusiness", "Collation of eazybusiness", keeps_row_versions=True, is_jtl=True)
    assert facts.major == 15


def test_a_database_without_the_import_table_is_not_jtls(tmp_path: Path) -> None:
    with server(tmp_path / "toci.db", lambda *_: 1, import_table=None) as jtl:
        assert not jtl.read(read_server).is_jtl


def test_a_login_with_the_scripts_rights_lacks_nothing_and_has_nothing_else(tmp_path: Path) -> None:
    with server(tmp_path / "jtl.db", lambda *asked: int(asked in NEEDED)) as jtl:
        assert read_rights(jtl) == Rights((), (), ())


@pytest.mark.parametrize("answer", [0, None])
def test_what_is_not_granted_or_cannot_be_seen_is_missing(tmp_path: Path, answer: int | None) -> None:
    with server(tmp_path / "jtl.db", lambda name, right: answer if right == "INSERT" else int((name, right) in NEEDED)) as jtl:
        assert read_rights(jtl).missing == ("INSERT on dbo.tXMLBestellImport",)


def test_every_right_on_jtls_own_tables_is_told(tmp_path: Path) -> None:
    for name, right in FOREIGN:
        granted = {*NEEDED, (name, right)}
        with server(tmp_path / "jtl.db", lambda *asked, granted=granted: int(asked in granted)) as jtl:
            assert read_rights(jtl).foreign == (f"{right} on {name}",)


def test_roles_that_allow_everything_are_told(tmp_path: Path) -> None:
    with server(tmp_path / "jtl.db", lambda *_: 1, sysadmin=1, owner=1) as jtl:
        assert read_rights(jtl).roles == ("sysadmin", "db_owner")
    with server(tmp_path / "jtl.db", lambda *_: 1, sysadmin=None, owner=0) as jtl:
        assert read_rights(jtl).roles == ()


def test_the_version_of_jtl_is_read_and_none_is_made_up(tmp_path: Path) -> None:
    with server(tmp_path / "jtl.db", lambda *_: 1) as jtl:
        assert jtl.wawi_version() == ""
        with jtl.engine.connect() as connection:
            connection.exec_driver_sql("INSERT INTO tversion VALUES ('1.10.11.0')")
        assert jtl.wawi_version() == "1.10.11.0"


def test_a_real_server_answers_everything(jtl: Jtl) -> None:
    if jtl.engine.dialect.name != "mssql":
        pytest.skip("needs SQL Server: set TEST_JTL_URL")
    facts = jtl.read(read_server)
    assert facts.major >= 13
    assert facts.is_jtl
    assert facts.database == jtl.engine.url.database
    assert set(read_rights(jtl).missing) <= {"SELECT on dbo.tversion"}
