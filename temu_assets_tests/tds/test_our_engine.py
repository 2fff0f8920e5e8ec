"""Our own database through each driver, with a server that refuses and disappears on order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, insert, select

from temu_assets.errors import InternalError, TransientError
from temu_assets.toci.database import Toci, open_engine
from temu_assets.toci.tables import metadata, sync_state
from temu_assets_tests.killing import without_pauses
from temu_assets_tests.tds.control import TsqlServer
from temu_assets_tests.tds.urls import Driver, DriverMissing
from temu_assets_tests.toci.moments import NOW


@pytest.fixture
def toci(server: TsqlServer, driver: Driver, monkeypatch: pytest.MonkeyPatch) -> Iterator[Toci]:
    without_pauses(monkeypatch)
    try:
        toci = Toci(open_engine(SecretStr(server.url("test", driver))), "shop")
    except DriverMissing as missing:
        pytest.skip(str(missing))
    with toci.engine.begin() as connection:
        metadata.create_all(connection, checkfirst=False)
    server.clear()
    yield toci
    toci.close()


def mark(name: str) -> dict[str, object]:
    return {"shop": "shop", "name": name, "value": "x", "changed_at": NOW}


def names(toci: Toci) -> list[str]:
    return toci.read(lambda connection: list(connection.execute(select(sync_state.c.name).order_by(sync_state.c.name)).scalars()))


def two_statements(connection: Connection) -> None:
    connection.execute(insert(sync_state).values(mark("a")))
    connection.execute(insert(sync_state).values(mark("b")))


@pytest.mark.parametrize("number", [1205, 1222, 3960])
def test_what_the_server_took_back_is_done_again_as_a_whole(toci: Toci, server: TsqlServer, number: int) -> None:
    """Fault 23: and what comes after on the same connection is one transaction again."""
    server.fail_next(number, "INSERT INTO sync_state", nth=2)
    toci.write(two_statements)
    assert names(toci) == ["a", "b"]

    def and_then_fails(connection: Connection) -> None:
        connection.execute(insert(sync_state).values(mark("c")))
        raise KeyError("something else")

    with pytest.raises(KeyError):
        toci.write(and_then_fails)
    assert names(toci) == ["a", "b"], "a statement was committed on its own"


def test_a_deadlock_that_lasts_is_told_as_one(toci: Toci, server: TsqlServer) -> None:
    for nth in range(1, 20):
        server.fail_next(1205, "INSERT INTO sync_state", nth=nth)
    with pytest.raises(TransientError, match=r"was held up by other work there.*\((1205|40001):"):
        toci.write(two_statements)
    server.clear()
    assert names(toci) == []


def test_a_server_that_starts_again_is_waited_for(toci: Toci, server: TsqlServer) -> None:
    toci.write(two_statements)
    server.kill_all()
    assert names(toci) == ["a", "b"]


def test_a_commit_whose_answer_is_lost_is_no_second_row(toci: Toci, server: TsqlServer) -> None:
    server.kill_next("COMMIT", "after")

    def remember(connection: Connection) -> None:
        if connection.execute(select(sync_state.c.name).where(sync_state.c.name == "a")).one_or_none() is None:
            connection.execute(insert(sync_state).values(mark("a")))

    toci.write(remember)
    assert names(toci) == ["a"]


def test_a_refused_value_names_its_column(toci: Toci) -> None:
    too_long = mark("n" * 60)
    with pytest.raises(InternalError, match="column name: INSERT INTO sync_state"):
        toci.write(lambda connection: connection.execute(insert(sync_state).values(too_long)))
