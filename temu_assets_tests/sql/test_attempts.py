"""Doing it again: when, how often, how long after, and what is said when it did not help."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from temu_assets.errors import ConfigurationError, InternalError, TransientError
from temu_assets.sql.attempts import Attempts, reached
from temu_assets.sql.limits import Limits
from temu_assets.toci.database import WORDS

CANARY = "Erika-Canary-7363"


class OdbcError(Exception):
    """What pyodbc raises: SQLSTATE and a text with the server's number."""


def said(number: int, state: str = "42000", words: str = "") -> DBAPIError:
    text = f"[{state}] [Microsoft][ODBC Driver 18 for SQL Server][SQL Server]{words or CANARY} ({number}) (SQLExecDirectW)"
    return DBAPIError("UPDATE temu_orders SET recipient = ?", None, OdbcError(state, text))


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def engine() -> Iterator[Engine]:
    """SQL Server by its dialect; the connection itself is of no matter here."""
    engine = create_engine(
        "mssql+pymssql://user-canary:password-canary@db.example.invalid/toci", module=sqlite3, creator=lambda: sqlite3.connect(":memory:")
    )
    yield engine
    engine.dispose()


@pytest.fixture
def attempts(engine: Engine, pauses: list[float]) -> Attempts:
    attempts = Attempts(engine, WORDS, pause=pauses.append)
    reached(engine).once_more()
    return attempts


def failing(*errors: Exception) -> Any:
    """Work that ends with these errors, one after the other, and then succeeds."""
    left = list(errors)

    def work() -> str:
        if left:
            raise left.pop(0)
        return "done"

    return work


@pytest.mark.parametrize("number", [1205, 1222, 3960, 10054, 596, 6005, 2627])
def test_what_the_server_took_back_is_done_again(attempts: Attempts, pauses: list[float], number: int) -> None:
    """Fault 15, fault 23: deadlock, lock time-out, snapshot conflict, lost connection, killed session, restart, two first writers."""
    assert attempts.run(failing(said(number), said(number))) == "done"
    assert len(pauses) == 2
    assert 0 < pauses[0] < pauses[1]


@pytest.mark.parametrize(("number", "tries"), [(1205, 6), (10054, 8), (2627, 3)])
def test_it_ends_after_a_while(attempts: Attempts, pauses: list[float], number: int, tries: int) -> None:
    done = failing(*[said(number)] * 100)
    with pytest.raises((TransientError, InternalError)):
        attempts.run(done)
    assert len(pauses) == tries - 1
    assert sum(pauses) < 45


def test_who_was_held_up_is_not_told_that_nobody_answered(attempts: Attempts) -> None:
    with pytest.raises(TransientError, match=r"was held up by other work there.*1222.*look who holds locks"):
        attempts.run(failing(*[said(1222)] * 100))


def test_a_statement_that_takes_too_long_is_tried_once_more(attempts: Attempts, pauses: list[float]) -> None:
    text = "[HYT00] [Microsoft][ODBC Driver 18 for SQL Server]Query timeout expired (0) (SQLExecDirectW)"
    slow = DBAPIError("SELECT", None, OdbcError("HYT00", text))
    with pytest.raises(TransientError, match=r"within the time limit \(SQL_LOGIN_TIMEOUT_SECONDS, SQL_QUERY_TIMEOUT_SECONDS\)"):
        attempts.run(failing(*[slow] * 9))
    assert len(pauses) == 1


def test_an_engine_that_is_used_again_and_again_is_watched_once(engine: Engine) -> None:
    Attempts(engine, WORDS)
    before = len(list(engine.pool.dispatch.connect)), len(list(engine.pool.dispatch.checkout))
    for _ in range(50):
        Attempts(engine, WORDS)
    assert (len(list(engine.pool.dispatch.connect)), len(list(engine.pool.dispatch.checkout))) == before


def test_a_server_that_was_never_reached_is_told_at_once(engine: Engine, pauses: list[float]) -> None:
    """It is more likely a wrong setting than one that starts again."""
    with pytest.raises(TransientError, match=r"Our database \(db\.example\.invalid/toci\) did not answer: 10061"):
        Attempts(engine, WORDS, pause=pauses.append).run(failing(said(10061, "08001")))
    assert pauses == []


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (said(18456, "28000"), (ConfigurationError, r"refuses the login or its password \(18456\).*check login and password")),
        (said(4060, "42000"), (ConfigurationError, r"has no database of this name.*\(4060\)")),
        (said(229, "42000"), (ConfigurationError, r"\(229\)")),
        (said(208, "42S02"), (ConfigurationError, r"lacks a table or column \(208\).*temu-assets migrate")),
        (said(9002), (ConfigurationError, r"has no room left \(9002\)")),
        (said(2628, "22001", f"cut in table 'temu_orders', column 'recipient'. Truncated value: '{CANARY}"),
         (InternalError, r"2628, column recipient: UPDATE temu_orders")),
        (said(515, "23000", "Cannot insert the value NULL into column 'status', table 't'"), (InternalError, "515, column status")),
        (DBAPIError("", None, OdbcError("08001", "[08001] SSL Provider: certificate verify failed (-1) (SQLDriverConnect)")),
         (ConfigurationError, r"certificate that cannot be checked.*SQL_TRUST_SERVER_CERTIFICATE")),
        (said(102, "42000"), (InternalError, "102: UPDATE temu_orders")),
    ],
)  # fmt: skip
def test_what_cannot_get_better_is_told_at_once_and_without_a_buyer(
    attempts: Attempts, pauses: list[float], error: DBAPIError, told: tuple[type[Exception], str]
) -> None:
    """Fault 23: the column is named, the value is not."""
    kind, words = told
    with pytest.raises(kind, match=words) as caught:
        attempts.run(failing(error))
    assert pauses == []
    behind: BaseException | None = caught.value
    while behind is not None:
        assert CANARY not in f"{behind}{behind!r}"
        behind = behind.__cause__ or behind.__context__


def test_a_driver_that_is_not_installed_is_named_as_such(attempts: Attempts) -> None:
    missing = DBAPIError(
        "", None, OdbcError("01000", "[01000] [unixODBC][Driver Manager]Can't open lib 'x' : file not found (0) (SQLDriverConnect)")
    )
    with pytest.raises(ConfigurationError, match=r"driver that TOCI_DATABASE_URL names is not installed.*docs/sql-server\.md"):
        attempts.run(failing(missing))


def test_a_pool_in_use_to_the_last_connection_is_told_as_that(attempts: Attempts) -> None:
    with pytest.raises(TransientError, match=r"every connection it may have\. .*SQL_POOL_SIZE"):
        attempts.run(failing(PoolTimeoutError("QueuePool limit")))


def test_an_error_that_is_no_database_s_is_not_touched(attempts: Attempts, pauses: list[float]) -> None:
    with pytest.raises(KeyError):
        attempts.run(failing(KeyError("x")))
    assert pauses == []


def test_password_user_and_options_stay_out_of_every_message(attempts: Attempts) -> None:
    """Fault 21."""
    with pytest.raises(ConfigurationError) as caught:
        attempts.run(failing(said(18456, "28000")))
    assert "canary" not in str(caught.value)


def test_a_look_tries_nothing_twice_and_begins_nothing_after_its_time(attempts: Attempts, pauses: list[float]) -> None:
    """A sensor looks again soon; what it must not do is to keep Dagster waiting."""
    attempts.look_within(60)
    for _ in range(2):
        with pytest.raises(TransientError):
            attempts.run(failing(said(1205, "40001")))
    attempts.look_within(-1)
    with pytest.raises(TransientError, match="look was broken off"):
        attempts.run(failing(AssertionError("was begun")))
    assert pauses == []
    short = Limits(login_timeout_seconds=2).for_a_look()
    assert (short.login_timeout_seconds, short.query_timeout_seconds, short.lock_timeout_seconds) == (2, 8, 3)
