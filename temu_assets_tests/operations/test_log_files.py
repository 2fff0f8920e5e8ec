"""Log files stay small, whole and private, with several processes at once and on a disk that is full."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from temu_assets.operations.log_files import append, file_for

WRITER = """
import sys
from pathlib import Path
from temu_assets.operations.log_files import append
for number in range(200):
    append(Path(sys.argv[1]), [f"{sys.argv[2]} {number:03} " + "." * 80], most_bytes=5_000, kept=50)
"""


def kept(path: Path) -> list[Path]:
    """The file and those before it, the newest first."""
    return sorted(path.parent.glob(f"{path.name}*"), key=lambda each: int(each.suffix[1:]) if each.suffix[1:].isdigit() else 0)


@pytest.mark.parametrize(
    ("job_type", "where"),
    [
        ("orders", "app/app.log"),
        ("operations", "app/app.log"),
        ("bookkeeping", "csv_verarbeiter/csv_verarbeiter.log"),
        ("invoices", "pdf_reader/pdf_reader.log"),
    ],
)
def test_the_folders_are_the_predecessors(tmp_path: Path, job_type: str, where: str) -> None:
    assert file_for(tmp_path, job_type) == tmp_path / "logs" / where


def test_a_full_file_makes_room_and_the_oldest_goes(tmp_path: Path) -> None:
    path = tmp_path / "app" / "app.log"
    for number in range(10):
        append(path, [f"{number}" + "." * 38], most_bytes=100, kept=3)
    assert [[line[0] for line in each.read_text().splitlines()] for each in kept(path)] == [["8", "9"], ["6", "7"], ["4", "5"], ["2", "3"]]


def test_it_is_bounded_whatever_is_written(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    for _ in range(50):
        append(path, ["." * 999], most_bytes=5_000, kept=2)
    assert sum(each.stat().st_size for each in kept(path)) <= 15_000


def test_a_sentence_is_one_line(tmp_path: Path) -> None:
    append(tmp_path / "app.log", ["one\r\ntwo\nthree\x85four"])
    assert (tmp_path / "app.log").read_text(encoding="utf-8") == "one two three four\n"


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights elsewhere")
def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "app.log"
    append(path, ["one"], most_bytes=1)
    append(path, ["two"], most_bytes=1)
    assert {each.stat().st_mode & 0o077 for each in (path.parent, *path.parent.iterdir())} == {0}


def test_two_processes_at_once_lose_no_line_and_tear_none(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), name]) for name in ("one", "two")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    files = kept(path)
    lines = [line for each in reversed(files) for line in each.read_text().splitlines()]
    for name in ("one", "two"):
        assert [line for line in lines if line.startswith(name)] == [f"{name} {number:03} " + "." * 80 for number in range(200)]
    assert max(each.stat().st_size for each in files) <= 5_000


def test_a_full_disk_is_an_error_that_names_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space left"):
        append(tmp_path / "app.log", ["one"])
