"""Files that are dropped: taken when nobody writes to them any more, copied before they are removed, and never lost."""

from __future__ import annotations

import hashlib
import os
import stat
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets import incoming
from temu_assets.errors import ConfigurationError
from temu_assets.incoming import Taken, Waiting, archive, complete, let_go, look, safe_name, settled

ARCHIVE = Path("archive")


def drop(folder: Path, name: str = "a.pdf", content: bytes = b"%PDF-1", age: float = 60, now: float = 1_000_000) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(content)
    os.utime(path, (now - age, now - age))
    return path


def taken(folder: Path, data: Path) -> Taken:
    (file,) = look(folder)
    found = archive(file, data, ARCHIVE)
    assert found is not None
    return found


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    assert look(tmp_path / "in" / "rechnungen") == []
    assert (tmp_path / "in" / "rechnungen").is_dir()


def test_files_that_are_loaded_hidden_ones_links_and_folders_are_left(tmp_path: Path) -> None:
    drop(tmp_path, "b.pdf", age=10)
    drop(tmp_path, "a.pdf", age=20)
    for name in (".hidden.pdf", "~$open.xlsx", "x.pdf.crdownload", "x.PART", ".a.pdf.tmp"):
        drop(tmp_path, name)
    (tmp_path / "folder").mkdir()
    (tmp_path / "link.pdf").symlink_to("/etc/hostname")
    assert [file.name for file in look(tmp_path)] == ["a.pdf", "b.pdf"]


def test_a_file_somebody_writes_is_waited_for(tmp_path: Path) -> None:
    drop(tmp_path, age=0)
    now = count(1_000_000)
    done, growing = settled(tmp_path, pause=lambda _: None, clock=lambda: float(next(now)))
    assert ([file.name for file in done], growing) == (["a.pdf"], [])


def test_a_file_that_keeps_growing_is_left_for_the_next_run(tmp_path: Path) -> None:
    drop(tmp_path, "old.pdf")
    path = drop(tmp_path, "growing.pdf", age=0)
    pauses = []

    def write_more(seconds: float) -> None:
        pauses.append(seconds)
        os.utime(path, (1_000_000, 1_000_000))

    done, growing = settled(tmp_path, pause=write_more, clock=lambda: 1_000_000.5)
    assert ([file.name for file in done], [file.name for file in growing]) == (["old.pdf"], ["growing.pdf"])
    assert sum(pauses) <= incoming.LONGEST_WAIT_SECONDS


def test_a_time_in_the_future_does_not_keep_a_file_waiting_for_ever(tmp_path: Path) -> None:
    file = Waiting(tmp_path / "a.pdf", 1, 2_000_000)
    assert complete([file], now=1_000_000) == [file]


def test_a_file_is_in_the_archive_before_it_leaves_its_folder(tmp_path: Path) -> None:
    content = os.urandom(3_000_000)
    path = drop(tmp_path / "in", "Rechnung Nr. 5.pdf", content)
    found = taken(tmp_path / "in", tmp_path)
    digest = hashlib.sha256(content).hexdigest()
    assert (found.sha256, found.archived_as) == (digest, f"archive/{digest[:2]}/{digest[:16]}_Rechnung Nr. 5.pdf")
    copy = tmp_path / found.archived_as
    assert path.read_bytes() == copy.read_bytes() == content
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    let_go(found)
    assert not path.exists()
    assert copy.read_bytes() == content


def test_a_file_that_is_written_to_again_stays(tmp_path: Path) -> None:
    path = drop(tmp_path / "in", content=b"first half")
    found = taken(tmp_path / "in", tmp_path)
    path.write_bytes(b"first half and second half")
    let_go(found)
    assert path.read_bytes() == b"first half and second half"


def test_a_file_that_changes_while_it_is_copied_is_not_taken(tmp_path: Path) -> None:
    drop(tmp_path / "in", content=b"first half")
    (file,) = look(tmp_path / "in")
    drop(tmp_path / "in", content=b"second half", age=5)
    assert archive(file, tmp_path, ARCHIVE) is None


def test_a_file_that_somebody_took_away_is_not_taken(tmp_path: Path) -> None:
    path = drop(tmp_path / "in")
    (file,) = look(tmp_path / "in")
    path.unlink()
    assert archive(file, tmp_path, ARCHIVE) is None


def test_a_damaged_copy_in_the_archive_is_made_anew(tmp_path: Path) -> None:
    drop(tmp_path / "in", content=b"whole")
    found = taken(tmp_path / "in", tmp_path)
    (tmp_path / found.archived_as).write_bytes(b"wh")
    assert taken(tmp_path / "in", tmp_path) == found
    assert (tmp_path / found.archived_as).read_bytes() == b"whole"


def test_what_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "in").write_text("a file where a folder should be")
    with pytest.raises(ConfigurationError, match=r"in cannot be read"):
        look(tmp_path / "in")


@given(st.text(max_size=300))
def test_a_safe_name_stays_below_its_folder(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe) <= 120
    assert len(safe.encode()) <= 200  # a file system takes 255, and the archive puts a digest in front
    assert Path("folder", safe).resolve().parent == Path("folder").resolve()
    assert safe.isprintable()
    assert not set(safe) & set('/\\:*?"<>|\0')
    assert safe_name(safe) == safe


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\Rechnung ä.pdf", "Rechnung ä.pdf"),
        ("..", "datei"),
        ("a" * 200 + ".pdf", "a" * 116 + ".pdf"),
        ("請" * 110 + ".pdf", "請" * 65 + ".pdf"),
        ("nul.pdf", "_nul.pdf"),
        ("Com1", "_Com1"),
        ("Control.pdf", "Control.pdf"),
    ],
)
def test_names_people_and_attackers_give(name: str, safe: str) -> None:
    assert safe_name(name) == safe
