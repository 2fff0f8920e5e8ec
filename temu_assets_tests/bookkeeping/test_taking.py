"""DATEV files that are dropped: each content is taken once, unchanged, and nothing disappears without a word."""

from __future__ import annotations

import hashlib
import os
import tracemalloc
from pathlib import Path

import pytest
from sqlalchemy import update

from temu_assets import durable
from temu_assets.data_folders import DATEV_ARCHIVE
from temu_assets.errors import ConfigurationError
from temu_assets.toci.tables import datev_batches
from temu_assets_tests.bookkeeping.desk import NOW, Desk
from temu_assets_tests.bookkeeping.test_zips import packed

CONTENT = b'"EXTF";700;21\r\n\xfc;\r\n'


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def done(desk: Desk, name: str, *, rules: str = "rules", outputs: str = "[]") -> None:
    """As after a run that has processed it."""
    desk.reports.mkdir(parents=True, exist_ok=True)
    (desk.reports / "result.json").write_bytes(b"{}")
    path = (desk.reports / "result.json").relative_to(desk.data).as_posix()
    values = {"processed_at": NOW, "rules": rules, "status": "ok", "outputs": outputs, "result_path": path, "reported_in": "auswertung"}
    with desk.toci.engine.begin() as connection:
        connection.execute(update(datev_batches).where(datev_batches.c.file_name == name).values(**values))


def test_a_file_is_archived_as_it_came_written_down_and_removed(desk: Desk) -> None:
    desk.drop("EXTF_Januar.csv", CONTENT)
    found = desk.take()
    assert (found.new, found.refused, found.known, found.growing, desk.waiting()) == (["EXTF_Januar.csv"], [], [], [], [])
    (row,) = desk.rows()
    assert (row.sha256, row.file_name, row.size, row.came_in) == (digest(CONTENT), "EXTF_Januar.csv", len(CONTENT), None)
    assert (row.processed_at, row.status, row.rules) == (None, None, None)
    assert (desk.data / row.archived_as).read_bytes() == CONTENT
    assert Path(row.archived_as).is_relative_to(DATEV_ARCHIVE)
    assert os.name == "nt" or (desk.data / row.archived_as).stat().st_mode & 0o077 == 0


def test_nothing_dropped_is_nothing_done(desk: Desk) -> None:
    found = desk.take()
    assert (found.new, desk.rows(), desk.pauses) == ([], [], [])


def test_every_file_of_a_zip_is_a_batch_of_its_own_and_the_zip_is_kept_too(desk: Desk) -> None:
    content = packed(("EXTF_1.csv", b"eins"), ("EXTF_2.csv", b"zwei"))
    desk.drop("Januar.zip", content)
    found = desk.take()
    assert (found.new, found.zips, desk.waiting()) == (["EXTF_1.csv", "EXTF_2.csv"], 1, [])
    assert [(row.file_name, row.sha256, row.came_in) for row in desk.rows()] == [
        ("EXTF_1.csv", digest(b"eins"), "Januar.zip"),
        ("EXTF_2.csv", digest(b"zwei"), "Januar.zip"),
    ]
    assert sorted(desk.archived()) == sorted([content, b"eins", b"zwei"])


def test_t6_of_a_bad_zip_nothing_is_taken_and_nothing_written_outside(desk: Desk) -> None:
    before = {path for path in desk.data.parent.rglob("*") if "toci" not in path.name}
    content = packed(("EXTF_1.csv", b"eins"), ("xxxxxxx.csv", b"zwei")).replace(b"xxxxxxx.csv", b"../../x.csv")
    desk.drop("böse.zip", content)
    found = desk.take()
    assert (found.new, found.refused, desk.waiting()) == ([], ["böse.zip"], [])
    (row,) = desk.rows()
    assert (row.sha256, row.status, row.processed_at is None) == (digest(content), "Fehler", False)
    assert "Ordner oder Pfad" in row.note
    written = {path for path in desk.data.parent.rglob("*") if path.is_file() and "toci" not in path.name} - before
    assert written == {desk.data / row.archived_as}


def test_another_kind_of_file_is_refused_with_a_row(desk: Desk) -> None:
    desk.drop("Rechnung.pdf", b"%PDF-")
    assert desk.take().refused == ["Rechnung.pdf"]
    row = desk.row("Rechnung.pdf")
    assert (row.status, row.note) == ("Fehler", "Nur CSV-Dateien im DATEV-Format und ZIPs mit solchen werden verarbeitet.")
    assert (desk.data / row.archived_as).read_bytes() == b"%PDF-"


@pytest.mark.parametrize("name", ["EXTF_riesig.csv", "riesig.zip"])
def test_a_file_that_is_too_large_is_refused_without_being_held_in_memory(desk: Desk, name: str) -> None:
    desk.drop(name, bytes(30_000_000))
    tracemalloc.start()
    assert desk.take().refused == [name]
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()
    assert "größer als 10 MB (DATEV_MAX_MB)" in desk.row(name).note
    assert desk.waiting() == []


def test_a_zip_that_is_small_only_while_packed_is_refused(desk: Desk) -> None:
    desk.drop("bombe.zip", packed(("EXTF_1.csv", bytes(20_000_000))))
    assert desk.take().refused == ["bombe.zip"]
    assert "DATEV_MAX_MB" in desk.row("bombe.zip").note


def test_a_content_that_waits_is_taken_once_under_whatever_name_it_comes_again(desk: Desk) -> None:
    desk.drop("EXTF_1.csv", CONTENT)
    desk.drop("EXTF_2.csv", CONTENT)
    assert (found := desk.take()).known == ["EXTF_2.csv"]
    assert found.new == ["EXTF_1.csv"]
    desk.drop("EXTF_1.csv", CONTENT)
    assert desk.take().known == ["EXTF_1.csv"]
    assert len(desk.rows()) == 1
    assert desk.waiting() == []


def test_what_was_processed_by_the_same_rules_is_not_processed_again(desk: Desk) -> None:
    desk.drop("EXTF_1.csv", CONTENT)
    desk.take()
    done(desk, "EXTF_1.csv")
    desk.drop("EXTF_1.csv", CONTENT)
    found = desk.take()
    assert (found.known, found.new, desk.waiting()) == (["EXTF_1.csv"], [], [])
    assert (desk.row("EXTF_1.csv").processed_at, desk.row("EXTF_1.csv").reported_in) == (NOW, "auswertung")


def test_by_other_rules_it_is_processed_again_and_keeps_the_names_of_its_outputs(desk: Desk) -> None:
    desk.drop("EXTF_1.csv", CONTENT)
    desk.take()
    done(desk, "EXTF_1.csv", outputs='["EXTF_1.csv"]')
    desk.drop("EXTF_1.csv", CONTENT)
    assert desk.take(rules="others").new == ["EXTF_1.csv"]
    row = desk.row("EXTF_1.csv")
    assert (row.processed_at, row.reported_in, row.outputs) == (None, None, '["EXTF_1.csv"]')


def test_it_is_processed_again_where_what_it_became_is_gone(desk: Desk) -> None:
    desk.drop("EXTF_1.csv", CONTENT)
    desk.take()
    done(desk, "EXTF_1.csv", outputs='["EXTF_1.csv"]')
    desk.outbox.mkdir(parents=True)
    (desk.outbox / "EXTF_1.csv").write_bytes(b"")
    desk.drop("EXTF_1.csv", CONTENT)
    assert desk.take().known == ["EXTF_1.csv"]
    (desk.outbox / "EXTF_1.csv").unlink()
    desk.drop("EXTF_1.csv", CONTENT)
    assert desk.take().new == ["EXTF_1.csv"]
    done(desk, "EXTF_1.csv")
    (desk.reports / "result.json").unlink()
    desk.drop("EXTF_1.csv", CONTENT)
    assert desk.take().new == ["EXTF_1.csv"]


def test_under_the_name_datev_wants_it_is_processed_again_and_not_the_other_way_round(desk: Desk) -> None:
    """The name was what was wrong (H01); "EXTF_1 (1).csv" is only how browsers call a second download."""
    desk.drop("Januar.csv", CONTENT)
    desk.take()
    done(desk, "Januar.csv")
    desk.drop("EXTF_Januar.csv", CONTENT)
    assert desk.take().new == ["EXTF_Januar.csv"]
    done(desk, "EXTF_Januar.csv")
    for name in ("Januar.csv", "EXTF_Januar (1).csv"):
        desk.drop(name, CONTENT)
        assert desk.take().known == [name]
    assert [row.file_name for row in desk.rows()] == ["EXTF_Januar.csv"]


def test_what_was_refused_is_taken_once_it_may_be(desk: Desk) -> None:
    desk.drop("EXTF_1.csv", CONTENT)
    assert desk.take(most_bytes=3).refused == ["EXTF_1.csv"]
    desk.drop("EXTF_1.csv", CONTENT)
    assert desk.take().new == ["EXTF_1.csv"]
    assert (desk.row("EXTF_1.csv").status, desk.row("EXTF_1.csv").note, desk.row("EXTF_1.csv").processed_at) == (None, None, None)


def test_a_file_somebody_still_writes_is_left_for_the_next_run(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    path = desk.drop("EXTF_1.csv", CONTENT)
    monkeypatch.setattr(Desk, "now", lambda self: NOW)
    os.utime(path, (NOW.timestamp() - 1,) * 2)
    found = desk.take()
    assert (found.growing, found.new, desk.waiting()) == (["EXTF_1.csv"], [], ["EXTF_1.csv"])
    assert sum(desk.pauses) >= 10


def test_names_lose_what_a_file_system_or_a_page_could_stumble_over(desk: Desk) -> None:
    desk.drop("EXTF_<Jan>:?.csv" if os.name != "nt" else "EXTF_[Jan].csv", CONTENT)
    desk.take()
    (row,) = desk.rows()
    assert row.file_name.startswith("EXTF__Jan_")
    assert not set(row.file_name) & set('<>:"/\\|?*[]')


@pytest.mark.parametrize("dying_at", ["archive", "row", "remove"])
def test_wherever_a_run_ends_the_next_one_takes_each_file_once(desk: Desk, monkeypatch: pytest.MonkeyPatch, dying_at: str) -> None:
    class DiedError(Exception):
        pass

    def die(*_: object, **__: object) -> None:
        raise DiedError

    desk.drop("EXTF_1.csv", b"eins")
    desk.drop("Rest.zip", packed(("EXTF_2.csv", b"zwei"), ("EXTF_3.csv", b"drei")))
    place = {
        "archive": "temu_assets.incoming.archive",
        "row": "temu_assets.bookkeeping.batch_store.take",
        "remove": "temu_assets.incoming.let_go",
    }
    with monkeypatch.context() as patched:
        patched.setattr(place[dying_at], die)
        with pytest.raises(DiedError):
            desk.take()
    desk.take()
    assert [row.file_name for row in desk.rows()] == ["EXTF_1.csv", "EXTF_2.csv", "EXTF_3.csv"]
    assert desk.waiting() == []


def test_a_full_disk_leaves_the_file_where_it_was_dropped(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.drop("Rest.zip", packed(("EXTF_2.csv", b"zwei")))

    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("temu_assets.bookkeeping.taking.write_file", full)
        with pytest.raises(ConfigurationError, match="No space left on device"):
            desk.take()
    assert (desk.waiting(), desk.rows()) == (["Rest.zip"], [])
    assert durable.TEMPORARY not in str(list(desk.data.rglob("*")))
    assert desk.take().new == ["EXTF_2.csv"]
