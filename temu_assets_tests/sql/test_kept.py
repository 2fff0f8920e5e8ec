"""Engines are kept: with their connections where a server is behind them, and without where it is a file, which may be replaced."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, QueuePool, event, text
from sqlalchemy.engine import URL, make_url

from temu_assets.errors import ConfigurationError
from temu_assets.jtl import database as jtl_database
from temu_assets.sql.kept import KeptEngines, close_all
from temu_assets.sql.limits import Limits
from temu_assets.sql.sqlite import Sqlite
from temu_assets.toci import database as toci_database

PATIENT, HASTY = Limits(), Limits().for_a_look()


def pool_of(engine: Engine) -> QueuePool:
    assert isinstance(engine.pool, QueuePool)
    return engine.pool


@pytest.fixture
def made() -> list[Engine]:
    return []


@pytest.fixture
def kept(made: list[Engine]) -> Iterator[KeptEngines]:
    def make(url: URL, limits: Limits) -> Engine:
        made.append(toci_database.make_engine(url, limits))
        return made[-1]

    yield KeptEngines(lambda secret: make_url(secret.get_secret_value()), make)
    assert [pool_of(engine).checkedout() for engine in made] == [0] * len(made)


def url(folder: Path, name: str = "one") -> SecretStr:
    return SecretStr(f"sqlite:///{folder / name}.db")


def write_file(folder: Path, value: str, name: str = "one") -> None:
    with closing(sqlite3.connect(folder / f"{name}.db")) as connection, connection:
        connection.executescript(f"CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('{value}')")


def value(engine: Engine) -> str:
    with engine.connect() as connection:
        return str(connection.execute(text("SELECT a FROM t")).scalar_one())


def test_one_engine_for_all_uses_of_one_database_and_one_patience(tmp_path: Path, kept: KeptEngines, made: list[Engine]) -> None:
    write_file(tmp_path, "a")
    for limits in (PATIENT, PATIENT, HASTY, PATIENT, HASTY):
        with kept.use(url(tmp_path), limits) as engine:
            assert value(engine) == "a"
    assert len(made) == 2


def test_a_file_that_was_put_in_its_place_is_the_one_that_is_read(tmp_path: Path, kept: KeptEngines) -> None:
    """As after a backup was restored."""
    write_file(tmp_path, "before")
    with kept.use(url(tmp_path), PATIENT) as engine:
        assert value(engine) == "before"
        assert pool_of(engine).checkedin() > 0, "while it is used its connections are kept"
    write_file(tmp_path, "restored", "other")
    (tmp_path / "other.db").replace(tmp_path / "one.db")
    for leftover in tmp_path.glob("one.db-*"):
        leftover.unlink()
    with kept.use(url(tmp_path), PATIENT) as engine:
        assert value(engine) == "restored"


def test_another_database_has_an_engine_of_its_own(tmp_path: Path, kept: KeptEngines) -> None:
    write_file(tmp_path, "a")
    write_file(tmp_path, "b", "two")
    with kept.use(url(tmp_path), PATIENT) as one, kept.use(url(tmp_path, "two"), PATIENT) as two:
        assert (value(one), value(two), value(one)) == ("a", "b", "a")
    with kept.use(url(tmp_path), PATIENT) as one:
        assert value(one) == "a"


@pytest.fixture
def like_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sqlite, "keeps_connections", True)


@pytest.mark.usefixtures("like_a_server")
def test_a_server_is_logged_in_to_once(tmp_path: Path, kept: KeptEngines, made: list[Engine]) -> None:
    write_file(tmp_path, "a")
    logins: list[int] = []
    for _ in range(3):
        with kept.use(url(tmp_path), PATIENT) as engine:
            if not logins:
                event.listen(engine, "connect", lambda *_: logins.append(1))
            assert value(engine) == "a"
    assert len(logins) == 1
    assert pool_of(made[0]).checkedin() == 1
    close_all()
    assert pool_of(made[0]).checkedin() == 0


@pytest.mark.usefixtures("like_a_server")
def test_a_visitor_leaves_no_session_behind(tmp_path: Path, kept: KeptEngines, made: list[Engine]) -> None:
    """JTL's database can be updated or restored between two looks."""
    write_file(tmp_path, "a")
    for _ in range(2):
        with kept.use(url(tmp_path), HASTY, is_visitor=True) as engine:
            assert value(engine) == "a"
    assert [pool_of(engine).checkedin() for engine in made] == [0]


@pytest.mark.usefixtures("like_a_server")
def test_nothing_is_kept_of_a_server_the_settings_no_longer_name(tmp_path: Path, kept: KeptEngines, made: list[Engine]) -> None:
    """Somebody may want to take it down."""
    write_file(tmp_path, "a")
    write_file(tmp_path, "b", "two")
    with kept.use(url(tmp_path), PATIENT) as engine:
        value(engine)
    with kept.use(url(tmp_path, "two"), PATIENT) as engine:
        value(engine)
    with kept.use(url(tmp_path), PATIENT) as third:
        value(third)
        with kept.use(url(tmp_path, "two"), PATIENT):
            assert pool_of(third).checkedin() == 1, "while it is used its connections are kept"
    assert [pool_of(engine).checkedin() for engine in made] == [0, 0, 0, 0]


def test_the_end_of_one_use_takes_no_connection_from_another(tmp_path: Path, kept: KeptEngines) -> None:
    write_file(tmp_path, "a")
    may_end, has_ended, seen = threading.Event(), threading.Event(), []

    def use() -> None:
        with kept.use(url(tmp_path), PATIENT) as engine:
            seen.append(value(engine))
            may_end.wait(10)
        has_ended.set()

    thread = threading.Thread(target=use)
    with kept.use(url(tmp_path), PATIENT) as engine, engine.connect() as connection:
        with kept.use(url(tmp_path), PATIENT) as again:
            assert again is engine
        thread.start()
        may_end.set()
        assert has_ended.wait(10)
        assert connection.execute(text("SELECT a FROM t")).scalar_one() == "a"
    thread.join()
    assert seen == ["a"]


def test_a_use_leaves_nothing_behind_on_the_engine(tmp_path: Path, kept: KeptEngines) -> None:
    """What each look added would slow every later one down, and two at once would be in each other's way."""
    write_file(tmp_path, "a")

    def listeners() -> int:
        with kept.use(url(tmp_path), PATIENT) as engine:
            toci_database.Toci(engine, "temu").read(lambda _: None)
            dispatch = engine.pool.dispatch
            return len(dispatch.connect) + len(dispatch.checkout) + len(engine.dispatch.begin)

    assert len({listeners() for _ in range(3)}) == 1


def test_whether_a_server_was_reached_is_asked_of_each_use_anew(tmp_path: Path, kept: KeptEngines) -> None:
    """What was there a minute ago and is not now is told at once, as if nobody had been there: a sensor has no time for tries."""
    write_file(tmp_path, "a")
    with kept.use(url(tmp_path), PATIENT) as engine:
        for _ in ("by a connection of its own", "by one that was kept"):
            attempts = toci_database.Toci(engine, "temu").attempts
            before = attempts.was_reached
            assert value(engine) == "a"
            assert (before, attempts.was_reached) == (False, True)


def test_what_has_to_be_looked_at_before_a_use_is_looked_at_before_each(tmp_path: Path) -> None:
    """A file of JTL's that is gone is an error each time, and never a new empty one."""
    kept = KeptEngines(jtl_database.find, jtl_database.make_engine)
    write_file(tmp_path, "a")
    with kept.use(url(tmp_path), HASTY) as engine:
        assert value(engine) == "a"
    (tmp_path / "one.db").unlink()
    with pytest.raises(ConfigurationError, match="does not exist"), kept.use(url(tmp_path), HASTY):
        pass
    assert not (tmp_path / "one.db").exists()
