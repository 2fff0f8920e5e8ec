"""Opening our own database, and what a person reads when it cannot be used. No message may carry a password or a buyer's data."""

from __future__ import annotations

import sqlite3
import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, create_engine, event, insert, select
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from temu_assets.errors import ConfigurationError, InternalError, TemuAssetsError, TransientError
from temu_assets.toci.database import Toci, open_engine
from temu_assets.toci.tables import sync_state
from temu_assets_tests.databases import toci_is_a_file
from temu_assets_tests.toci.moments import NOW

CANARY = "Erika-Canary-7363"


def told(error: BaseException) -> str:
    """Everything a log or Dagster's event log would keep of an exception, and the texts of what lies behind it."""
    texts = traceback.format_exception(error)
    behind: BaseException | None = error
    while behind is not None:
        texts += [str(behind), repr(behind)]
        behind = behind.__cause__ or behind.__context__
    return "\n".join(texts)


def nothing(_: Connection) -> None:
    """No statement at all: the database is opened, and that is it."""


def raising(error: Exception) -> Callable[[Connection], None]:
    """Work that ends like this."""

    def work(_: Connection) -> None:
        raise error

    return work


def mark(name: str | None, value: str = "x", changed_at: datetime = NOW) -> dict[str, object]:
    return {"shop": "shop", "name": name, "value": value, "changed_at": changed_at}


def test_a_block_that_fails_leaves_nothing_behind(toci: Toci) -> None:
    def write_two_of_which_one_is_refused(connection: Connection) -> None:
        connection.execute(insert(sync_state), [mark("a")])
        connection.execute(insert(sync_state), [mark(None)])

    with pytest.raises(InternalError):
        toci.write(write_two_of_which_one_is_refused)
    with toci.engine.begin() as connection:
        assert connection.execute(select(sync_state)).all() == []


def test_a_reader_sees_the_last_committed_rows_while_somebody_writes(toci: Toci) -> None:
    def write_and_look_from_outside(connection: Connection) -> None:
        connection.execute(insert(sync_state), [mark("a")])
        assert toci.read(lambda reading: reading.execute(select(sync_state)).all()) == []

    toci.write(write_and_look_from_outside)


@pytest.mark.parametrize("rows", [[mark("a", CANARY), mark("a", CANARY)], [mark(None, CANARY)]], ids=["doubled key", "no key"])
def test_a_refused_statement_is_named_without_the_values_it_carried(toci: Toci, rows: list[dict[str, object]]) -> None:
    with pytest.raises(InternalError, match=r"IntegrityError .*: INSERT INTO sync_state") as caught:
        toci.write(lambda connection: connection.execute(insert(sync_state), rows))
    assert CANARY not in told(caught.value)


def test_a_value_that_cannot_be_stored_is_not_shown(toci: Toci) -> None:
    with pytest.raises(StatementError) as caught, toci.engine.begin() as connection:
        connection.execute(insert(sync_state), [mark("a", CANARY, datetime(2026, 2, 1))])
    assert CANARY not in told(caught.value)


def test_the_words_of_a_server_that_quotes_the_refused_row_are_not_passed_on(toci: Toci) -> None:
    """Fault 23: the statement and the kind of refusal are told, so that the cause can be found without the row."""
    server_says = IntegrityError("INSERT INTO temu_orders", None, sqlite3.IntegrityError(f"Failing row contains ({CANARY})"))
    with pytest.raises(InternalError, match="INSERT INTO temu_orders") as caught:
        toci.write(raising(server_says))
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_a_database_that_is_away_is_transient_and_its_password_is_not_told() -> None:
    """Fault 9: it is never an empty answer."""

    def refuse() -> Any:
        raise sqlite3.OperationalError("connection refused")

    url = f"mssql+pymssql://program:{CANARY}@db.example.invalid/toci"
    toci = Toci(create_engine(url, module=sqlite3, creator=refuse, hide_parameters=True), "shop")
    with pytest.raises(TransientError, match=r"db\.example\.invalid/toci\) did not answer") as caught:
        toci.read(lambda _: pytest.fail("read from a database that is away"))
    assert CANARY not in told(caught.value)


@toci_is_a_file
def test_a_read_only_database_is_named(toci: Toci, database_file: Path) -> None:
    read_only = Toci(open_engine(SecretStr(f"sqlite:///file:{database_file}?mode=ro&uri=true")), "shop")
    with pytest.raises(ConfigurationError, match=rf"{database_file}.*cannot be written.*read-only"):
        read_only.write(lambda connection: connection.execute(insert(sync_state), [mark("a")]))
    read_only.close()


@toci_is_a_file
def test_a_full_disk_is_said_to_be_full(toci: Toci) -> None:
    with toci.engine.begin() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def fill(connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        connection.execute(insert(sync_state), [mark(f"name {number}", CANARY * 200) for number in range(100)])

    with pytest.raises(ConfigurationError, match=r"cannot be written: there is no room on the disk.*make room") as caught:
        toci.write(fill)
    assert CANARY not in told(caught.value)


@toci_is_a_file
def test_a_disk_that_fails_is_said_to_fail(toci: Toci) -> None:
    disk = sqlite3.OperationalError("disk I/O error")
    disk.sqlite_errorcode = sqlite3.SQLITE_IOERR_WRITE
    with pytest.raises(ConfigurationError, match="the disk reports an error"):
        toci.write(raising(OperationalError("UPDATE temu_orders", None, disk)))


def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    toci = Toci(open_engine(SecretStr(f"sqlite:///{tmp_path}")), "shop")
    with pytest.raises(ConfigurationError, match=rf"{tmp_path}\) cannot be opened"):
        toci.read(nothing)


def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "toci.db"
    path.write_text("a letter " * 100)
    toci = Toci(open_engine(SecretStr(f"sqlite:///{path}")), "shop")
    with pytest.raises(ConfigurationError, match=rf"{path}\) is not a SQLite database"):
        toci.read(nothing)
    assert path.read_text() == "a letter " * 100


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(ConfigurationError, match=rf"{tmp_path / 'data'}"):
        open_engine(SecretStr(f"sqlite:///{tmp_path}/data/toci.db"))


def test_the_folder_of_a_new_database_is_made(tmp_path: Path) -> None:
    toci = Toci(open_engine(SecretStr(f"sqlite:///{tmp_path}/a/b/toci.db")), "shop")
    toci.write(nothing)
    assert (tmp_path / "a" / "b" / "toci.db").is_file()
    toci.close()


@pytest.mark.parametrize(
    "url",
    [f"{CANARY}", f"nosuchdatabase://program:{CANARY}@db.example.invalid/toci", f"postgresql://program:{CANARY}@db.example.invalid:x/"],
)
def test_a_url_that_cannot_be_used_names_the_setting_and_not_the_value(url: str) -> None:
    with pytest.raises(ConfigurationError, match="TOCI_DATABASE_URL is not a database URL") as caught:
        open_engine(SecretStr(url))
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_a_driver_that_is_not_installed_names_the_setting_and_not_the_value() -> None:
    with pytest.raises(ConfigurationError, match="TOCI_DATABASE_URL needs the database driver oracledb") as caught:
        open_engine(SecretStr(f"oracle+oracledb://program:{CANARY}@db.example.invalid/toci"))
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_every_message_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(TemuAssetsError, match="What to do: write it like sqlite:///") as caught:
        open_engine(SecretStr("nonsense"))
    assert caught.value.remedy


@toci_is_a_file
def test_sqlite_keeps_what_it_has_confirmed_through_a_power_cut(toci: Toci) -> None:
    settings: dict[str, object] = {}
    with toci.engine.begin() as connection:
        for name in ("journal_mode", "synchronous"):
            settings[name] = connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
    assert settings == {"journal_mode": "wal", "synchronous": 2}


@toci_is_a_file
def test_a_writer_asks_for_its_turn_at_once_and_a_reader_does_not(toci: Toci) -> None:
    begun: list[str] = []

    @event.listens_for(toci.engine, "before_cursor_execute")
    def _note(*seen: Any) -> None:
        begun.append(seen[2])

    toci.write(lambda _: toci.read(nothing))
    assert begun == ["BEGIN IMMEDIATE", "BEGIN"]
