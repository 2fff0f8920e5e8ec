"""Our own database is away: that is told once, and once a day, and when it is back."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from temu_assets import durable
from temu_assets.alerts import telling, without_database
from temu_assets.alerts.looking import Outcome
from temu_assets.errors import TemuAssetsError
from temu_assets.resources import TociResource
from temu_assets.temu.client import TemuClient
from temu_assets_tests.alerts.conftest import House


def no_temu() -> AbstractContextManager[TemuClient]:
    raise AssertionError("nobody asks TEMU here")


def look(house: House) -> Outcome:
    return telling.tell_what_is_due(house.settings(), TociResource().connect, no_temu, house.jobs, "a test", now=house.now, wait_seconds=1)


@pytest.fixture
def away(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of our database, which is set to a place where none can be."""
    url = house.settings().toci_url().get_secret_value()
    (tmp_path / "file").touch()
    monkeypatch.setenv("TOCI_DATABASE_URL", f"sqlite:///{tmp_path}/file/toci.db")
    return url


def fails(house: House) -> None:
    with pytest.raises(TemuAssetsError, match=r"[Oo]ur database|cannot be"):
        look(house)


def test_it_is_told_after_some_minutes_once_and_again_after_a_day(house: House, away: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(6):
        fails(house)
        house.wait()
    assert house.mail.subjects() == house.hooked() == ["[temu-assets sandbox] our own database cannot be used"]
    assert "nothing is lost" in house.mail.text()
    house.wait(timedelta(days=1))
    fails(house)
    assert house.mail.subjects()[1:] == ["[temu-assets sandbox] still so: our own database cannot be used"]
    monkeypatch.setenv("TOCI_DATABASE_URL", away)
    house.wait()
    look(house)
    assert house.mail.subjects()[2:] == ["[temu-assets sandbox] all clear: our own database cannot be used"]
    house.wait()
    look(house)
    assert len(house.mail.messages) == len(house.hook.received) == 3
    assert not (house.settings().temu_data_dir / without_database.FILE).exists()


def test_a_moment_is_not_worth_a_word(house: House, away: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fails(house)
    house.wait()
    monkeypatch.setenv("TOCI_DATABASE_URL", away)
    look(house)
    assert house.mail.messages == []


def test_a_way_that_fails_meanwhile_is_told_later(house: House, away: str) -> None:
    house.mail.stop()
    for _ in range(5):
        fails(house)
        house.wait()
    assert len(house.hook.received) == 1
    house.mail.start()
    fails(house)
    assert (len(house.mail.messages), len(house.hook.received)) == (1, 1)


def test_where_no_file_can_be_written_this_process_remembers(house: House, away: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(without_database, "_here", {})
    monkeypatch.setattr(durable, "write_file", full)
    for _ in range(8):
        fails(house)
        house.wait()
    assert (len(house.mail.messages), len(house.hook.received)) == (1, 1)
    monkeypatch.setenv("TOCI_DATABASE_URL", away)
    look(house)
    assert house.mail.subjects()[-1].endswith("all clear: our own database cannot be used")


def test_one_that_takes_nothing_any_more_counts_as_away(house: House) -> None:
    """As on a full disk: what is read is right, nothing can be written."""
    if house.toci.engine.dialect.name != "sqlite":
        pytest.skip("a trigger of SQLite's")
    with house.toci.engine.begin() as connection:
        connection.execute(text("CREATE TRIGGER full BEFORE INSERT ON leases BEGIN SELECT RAISE(ABORT, 'full'); END"))
    for _ in range(5):
        with pytest.raises(TemuAssetsError):
            look(house)
        house.wait()
    assert len(house.mail.messages) == 1
