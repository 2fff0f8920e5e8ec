"""A PostgreSQL and a T-SQL server for the session, and a database of its own for each test; skipped where they cannot run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, create_engine

if TYPE_CHECKING:
    from temu_assets_tests.tds.control import TsqlServer
    from temu_assets_tests.tds.postgres import Postgres

_MODULES = {"mssqlpython": "mssql_python", "odbc18": "pyodbc", "freetds": "pyodbc"}
_missing = [name for name in ("psycopg", "sqlglot") if find_spec(name) is None]
if _missing:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server; skips where its binaries or psycopg are missing, and unless TEST_TSQL asks: it takes a minute and a half."""
    if "TEST_TSQL" not in os.environ:
        pytest.skip("tries the T-SQL test server itself: set TEST_TSQL=1")
    if _missing:
        pytest.skip(f"the T-SQL test server needs {' and '.join(_missing)}")
    # Here, because psycopg may be missing; likewise below.
    from temu_assets_tests.tds.postgres import Postgres, PostgresMissing

    try:
        server = Postgres()
    except PostgresMissing as missing:
        pytest.skip(str(missing))
    with server:
        yield server


@pytest.fixture(scope="session")
def tsql_server(postgres: Postgres) -> Iterator[TsqlServer]:
    """A T-SQL server with the databases ``toci`` and ``eazybusiness``."""
    from temu_assets_tests.tds.control import TsqlServer

    with TsqlServer(postgres) as server:
        server.create_database("toci")
        server.create_database("eazybusiness")
        yield server


@pytest.fixture(params=["mssqlpython", "odbc18", "freetds"])
def driver(request: pytest.FixtureRequest) -> str:
    """Each of the drivers; skips those that are not here."""
    name: str = request.param
    if find_spec(_MODULES[name]) is None:
        pytest.skip(f"{_MODULES[name]} is not installed")
    return name


Connect = Callable[..., Engine]


@pytest.fixture
def server(tsql_server: TsqlServer) -> Iterator[TsqlServer]:
    """The server with a new database ``test`` and an empty log."""
    tsql_server.create_database("test")
    tsql_server.clear()
    yield tsql_server
    tsql_server.clear()
    tsql_server.drop_database("test")


@pytest.fixture
def connect(server: TsqlServer, driver: str) -> Iterator[Connect]:
    """Engines for the test's database; keyword arguments go to ``create_engine``."""
    from temu_assets_tests.tds.urls import DriverMissing

    engines: list[Engine] = []

    def make(*, encrypt: bool = False, user: str = "", database: str = "test", **options: Any) -> Engine:
        try:
            url = server.url(database, driver, encrypt=encrypt, user=user)  # type: ignore[arg-type]
        except DriverMissing as missing:
            pytest.skip(str(missing))
        # FreeTDS refuses the sizes SQLAlchemy gives it for long text.
        more = {"use_setinputsizes": False} if driver == "freetds" else {}
        engines.append(create_engine(url, **more, **options))
        return engines[-1]

    yield make
    for engine in engines:
        engine.dispose()


@pytest.fixture
def engine(connect: Connect) -> Engine:
    """An engine for the test's database."""
    return connect()
