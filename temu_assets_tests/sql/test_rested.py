"""A connection that waited in the pool is asked whether it is good; one that was used a moment ago is not."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, QueuePool, create_engine, text
from sqlalchemy.exc import OperationalError

from temu_assets.sql import rested


class Pings:
    """Counts what the server is asked; while ``is_gone`` it does not answer."""

    def __init__(self, genuine: Callable[[Any], bool]) -> None:
        self.genuine = genuine
        self.times = 0
        self.is_gone = False

    def __call__(self, connection: Any) -> bool:
        self.times += 1
        if self.is_gone:
            raise sqlite3.OperationalError("the server is gone")
        return self.genuine(connection)


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1_000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = create_engine(f"sqlite:///{tmp_path / 'one.db'}")
    rested.ask_after_a_rest(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def pings(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Pings:
    counted = Pings(engine.dialect.do_ping)
    monkeypatch.setattr(engine.dialect, "do_ping", counted)
    return counted


def connection_of(engine: Engine) -> int:
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
        return id(connection.connection.dbapi_connection)


def test_one_in_use_all_the_time_is_never_asked(engine: Engine, pings: Pings, moment: list[float]) -> None:
    seen = set()
    for _ in range(20):
        seen.add(connection_of(engine))
        moment[0] += 1.9
    assert (len(seen), pings.times) == (1, 0)


def test_one_that_rested_is_asked_before_it_is_used(engine: Engine, pings: Pings, moment: list[float]) -> None:
    first = connection_of(engine)
    moment[0] += 2
    assert connection_of(engine) == first
    assert connection_of(engine) == first
    assert pings.times == 1


def test_a_server_that_started_again_costs_nobody_a_failure(engine: Engine, pings: Pings, moment: list[float]) -> None:
    """Every connection of before is gone with it, so none of them is tried."""
    with engine.connect(), engine.connect():
        pass
    assert isinstance(engine.pool, QueuePool)
    assert engine.pool.checkedin() == 2
    moment[0] += 60
    pings.is_gone = True
    for _ in range(2):
        with engine.connect() as connection:
            assert connection.execute(text("SELECT 1")).scalar_one() == 1
    assert pings.times == 1


def test_after_anything_went_wrong_every_connection_is_asked_once(engine: Engine, pings: Pings, moment: list[float]) -> None:
    """A connection whose other side is gone looks as good as before until somebody uses it."""
    with engine.connect(), engine.connect():
        pass
    moment[0] += 0.1
    with pytest.raises(OperationalError), engine.connect() as connection:
        connection.execute(text("SELECT nothing FROM nowhere"))
    with engine.connect() as one, engine.connect() as two:
        assert {each.execute(text("SELECT 1")).scalar_one() for each in (one, two)} == {1}
    assert pings.times == 2
    connection_of(engine)
    assert pings.times == 2
