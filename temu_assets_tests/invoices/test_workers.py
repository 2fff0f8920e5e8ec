"""Real processes that read documents: limits, crashes, hangs, and that none is left over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from temu_assets.errors import ConfigurationError
from temu_assets.invoices import reader_process, workers
from temu_assets.invoices.reading import Lane, Outcome
from temu_assets.invoices.unreadable import Crashed, Missing
from temu_assets.invoices.workers import Job, Limits, Workers
from temu_assets_tests.invoices import pdfs
from temu_assets_tests.invoices.test_document import INVOICE, ubl

LIMITS = Limits(max_bytes=5_000_000, max_pages=200, seconds=30, memory_mb=1024)
PATIENCE = 30.0
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="signals and /proc")


@pytest.fixture
def job(tmp_path: Path) -> Callable[[str, bytes], Job]:
    def store(name: str, content: bytes) -> Job:
        path = tmp_path / name
        path.write_bytes(content)
        return Job(path, name, Lane.INVOICES)

    return store


def read(jobs: Sequence[Job], folder: Path, limits: Limits = LIMITS, count: int = 2) -> dict[str, Outcome]:
    with Workers(limits, (), count, folder / "tmp") as reading:
        done = [(job.name, outcome) for job, outcome in reading.read(jobs)]
    assert sorted(name for name, _ in done) == sorted(job.name for job in jobs)
    return dict(done)


def is_there(pid: int) -> bool:
    """Whether a process is running; one that ended and waits to be noticed is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until(condition: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < ends, "it does not happen"
        time.sleep(0.01)


class Hanging:
    """A tesseract that never answers, and says that it runs; the scan that is given to it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.scan = pdfs.image_only(pdfs.text_pdf(["Rechnung"]), dpi=50)
        self._notes = folder / "notes"
        self._notes.mkdir()
        program = folder / "bin" / "tesseract"
        program.parent.mkdir()
        monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
        program.write_text(f'#!/bin/sh\n[ "$1" = --list-langs ] && echo deu && exit\n: > {self._notes}/$$.$PPID\nexec sleep 600\n')
        program.chmod(0o755)

    def running(self) -> list[tuple[int, int]]:
        """The process ids of every one that was started, and of the reading process that started it."""
        return [(int(own), int(parent)) for own, _, parent in (note.name.partition(".") for note in self._notes.iterdir())]


@pytest.fixture
def hanging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hanging:
    return Hanging(tmp_path, monkeypatch)


def test_whatever_is_dropped_gets_its_answer_and_the_good_ones_are_read(job: Callable[[str, bytes], Job], tmp_path: Path) -> None:
    good = pdfs.text_pdf(INVOICE)
    bad = {
        "kennwort.pdf": (pdfs.encrypted(INVOICE, password="x"), "Kennwort"),
        "abgeschnitten.pdf": (good[:200], "beschädigt"),
        "leer.pdf": (b"", "leer"),
        "webseite.pdf": (b"<!DOCTYPE html><html>Anmelden</html>", "HTML"),
        "bild.pdf": (b"\x89PNG\r\n\x1a\n", "PNG"),
        "2000 Seiten.pdf": (pdfs.text_pdf(*(["x"] for _ in range(2000))), "2000 Seiten"),
        "zu groß.pdf": (b"%PDF-" + bytes(LIMITS.max_bytes), "5 MB"),
    }
    jobs = [job(name, content) for name, (content, _) in bad.items()]
    jobs += [job(f"gut {number}.pdf", good) for number in range(5)] + [job("gut.xml", ubl())]
    outcomes = read([*jobs, Job(tmp_path / "weg.pdf", "weg.pdf", Lane.INVOICES)], tmp_path)
    for name, (_, words) in bad.items():
        assert words in str(outcomes[name].failure)
    assert outcomes["weg.pdf"].failure == Missing().why
    for name in ("gut 0.pdf", "gut 4.pdf", "gut.xml"):
        assert [str(reading.gross) for reading in outcomes[name].readings] == ["119.00"]


def deep_page_tree() -> bytes:
    pages = {number: b"<</Type/Pages/Kids[%d 0 R]/Count 1>>" % (number + 1) for number in range(2, 5000)}
    return pdfs.objects_pdf({1: b"<</Type/Catalog/Pages 2 0 R>>", **pages, 5000: b"<</Type/Page/MediaBox[0 0 9 9]>>"})


def forms_within_forms() -> bytes:
    """Each draws the next ten times."""
    entries = b"/Type/XObject/Subtype/Form/BBox[0 0 600 900]/Resources<</XObject<</X %d 0 R>>>>"
    forms = {number: pdfs.stream(b"/X Do " * 10, entries % (number + 1)) for number in range(10, 40)}
    first = pdfs.content_pdf(b"/X Do", objects={**forms, 40: pdfs.stream(b"", entries % 40)})
    return first.replace(b"/Font<</F1 4 0 R>>", b"/XObject<</X 10 0 R>>")


def object_stream_within_itself() -> bytes:
    inside = pdfs.stream(b"9 0 <</Type/ObjStm>>", b"/Type/ObjStm/N 1/First 4/Extends 8 0 R")
    return pdfs.content_pdf(b"", objects={8: inside}).replace(b"/Pages 2 0 R", b"/Pages 9 0 R")


HOSTILE = {
    "bomb": pdfs.bomb(900),
    "deep page tree": deep_page_tree(),
    "page tree in a circle": pdfs.objects_pdf({1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 9>>"}),
    "forms within forms": forms_within_forms(),
    "object stream within itself": object_stream_within_itself(),
    "brackets": pdfs.content_pdf(b"[" * 500_000, page_entries=b"/X " + b"[" * 500_000),
}


def test_files_that_mean_harm_stop_nobody_else(job: Callable[[str, bytes], Job], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    jobs = []
    for name, content in HOSTILE.items():
        jobs += [job(f"{name}.pdf", content), job(f"after {name}.pdf", pdfs.text_pdf(INVOICE))]
    outcomes = read(jobs, tmp_path, Limits(max_bytes=5_000_000, max_pages=200, seconds=5, memory_mb=300))
    for name in HOSTILE:
        assert outcomes[f"{name}.pdf"].failure
        assert [str(reading.gross) for reading in outcomes[f"after {name}.pdf"].readings] == ["119.00"]
    assert "mehr als 300 MB Speicher" in str(outcomes["bomb.pdf"].failure)


def test_a_file_that_takes_too_long_is_given_up(job: Callable[[str, bytes], Job], tmp_path: Path) -> None:
    jobs = [job("vorher.pdf", pdfs.text_pdf(INVOICE)), job("bombe.pdf", HOSTILE["bomb"]), job("danach.pdf", pdfs.text_pdf(INVOICE))]
    outcomes = read(jobs, tmp_path, Limits(max_bytes=5_000_000, max_pages=200, seconds=1, memory_mb=4096), count=1)
    assert "nach 1 s abgebrochen" in str(outcomes["bombe.pdf"].failure)
    assert outcomes["vorher.pdf"].readings
    assert outcomes["danach.pdf"].readings


@linux_only
def test_a_file_whose_process_was_killed_is_tried_once_more(job: Callable[[str, bytes], Job], tmp_path: Path, hanging: Hanging) -> None:
    with Workers(LIMITS, (), 1, tmp_path / "tmp") as reading:
        results = reading.read([job("scan.pdf", hanging.scan), job("gut.pdf", pdfs.text_pdf(INVOICE))])
        killer = subprocess.Popen([sys.executable, "-c", KILL_EACH, str(hanging._notes), "2"])
        outcomes = {done.name: outcome for done, outcome in results}
        assert killer.wait() == 0
    assert outcomes["scan.pdf"].failure == Crashed().why
    assert outcomes["gut.pdf"].readings
    assert len(hanging.running()) == 2
    wait_until(lambda: not any(is_there(pid) for pids in hanging.running() for pid in pids))


KILL_EACH = """
import os, signal, sys, time, pathlib
killed = set()
while len(killed) < int(sys.argv[2]):
    for note in pathlib.Path(sys.argv[1]).iterdir():
        parent = int(note.name.partition(".")[2])
        if parent not in killed:
            os.kill(parent, signal.SIGKILL)
            killed.add(parent)
    time.sleep(0.01)
"""


@linux_only
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_no_process_is_left_however_it_ends(
    error: type[BaseException], job: Callable[[str, bytes], Job], tmp_path: Path, hanging: Hanging
) -> None:
    jobs = [job("gut.pdf", pdfs.text_pdf(INVOICE)), job("scan.pdf", hanging.scan), job("noch ein scan.pdf", hanging.scan)]
    reading = Workers(LIMITS, (), 2, tmp_path / "tmp")
    pids: list[int] = []

    def read_in_part() -> None:
        with reading:
            next(reading.read(jobs))
            wait_until(lambda: bool(hanging.running()))
            pids.extend(reading.pids)
            assert all(is_there(pid) for pid in pids)
            raise error

    with pytest.raises(error):
        read_in_part()
    assert pids
    assert not any(is_there(pid) for pid in pids)
    assert reading.pids == []
    wait_until(lambda: not any(is_there(pid) for pid, _ in hanging.running()))


PARENT = """
import sys
from pathlib import Path
from temu_assets.invoices.reading import Lane
from temu_assets.invoices.workers import Job, Limits, Workers
folder = Path(sys.argv[1])
if __name__ == "__main__":
    with Workers(Limits(5_000_000, 200, 300, 1024), (), 2, folder / "tmp") as reading:
        print(*reading.read([Job(folder / "scan.pdf", "scan.pdf", Lane.INVOICES)]))
"""


@linux_only
def test_when_the_program_is_killed_its_processes_end_in_the_middle_of_a_file(
    job: Callable[[str, bytes], Job], tmp_path: Path, hanging: Hanging
) -> None:
    job("scan.pdf", hanging.scan)
    with subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)]) as parent:
        wait_until(lambda: bool(hanging.running()))
        (pids,) = hanging.running()
        assert all(is_there(pid) for pid in pids)
        parent.kill()
    wait_until(lambda: not any(is_there(pid) for pid in pids))


@linux_only
def test_the_processes_know_nothing_of_ours(tmp_path: Path, job: Callable[[str, bytes], Job], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMU_APP_SECRET", "geheim")
    with Workers(LIMITS, (), 1, tmp_path / "tmp") as reading:
        list(reading.read([job("gut.pdf", pdfs.text_pdf(INVOICE))]))
        (pid,) = reading.pids
        names = {entry.partition("=")[0] for entry in Path(f"/proc/{pid}/environ").read_text().split("\0") if entry}
        folder = Path(f"/proc/{pid}/cwd").readlink()
        limits = Path(f"/proc/{pid}/limits").read_text()
    assert names <= {*reader_process._PASSED_ON, "PYTHONPATH"}
    assert folder == tmp_path / "tmp"
    assert [line.split()[4] for line in limits.splitlines() if line.startswith(("Max address space", "Max core"))] == ["0", str(1024 << 20)]


def test_processes_are_kept_for_a_while_and_then_replaced(
    job: Callable[[str, bytes], Job], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "MOST_FILES", 2)
    seen = []
    with Workers(LIMITS, (), 1, tmp_path / "tmp") as reading:
        for _ in range(2):
            for _ in reading.read([job("a.pdf", b""), job("b.pdf", b"")]):
                seen += reading.pids
    assert len(set(seen)) == 2


def test_names_are_only_names(job: Callable[[str, bytes], Job], tmp_path: Path) -> None:
    names = ['Größe "1"\n{"path": "/etc/passwd", "lane": "werbung"}\n.pdf', "$(id) `id`.pdf", "日本 €.pdf"]
    if sys.platform == "linux":
        names.append(os.fsdecode(b"kein utf-8 \xff.pdf"))
    outcomes = read([job(name.replace("/", "_"), pdfs.text_pdf(INVOICE)) for name in names], tmp_path)
    assert [[reading.number for reading in outcome.readings] for outcome in outcomes.values()] == [["RE-2026-17"]] * len(names)


def test_nothing_to_read_starts_nothing(tmp_path: Path) -> None:
    with Workers(LIMITS, (), 2, tmp_path / "tmp") as reading:
        assert list(reading.read([])) == []
        assert reading.pids == []


def test_profiles_that_are_wrong_are_refused(job: Callable[[str, bytes], Job], tmp_path: Path) -> None:
    profiles = (("eigenes.yaml", "id: [kaputt"),)
    with Workers(LIMITS, profiles, 2, tmp_path / "tmp") as reading, pytest.raises(ConfigurationError, match=r"eigenes\.yaml"):
        list(reading.read([job("gut.pdf", pdfs.text_pdf(INVOICE))]))


@linux_only
def test_too_little_memory_to_start_is_told(job: Callable[[str, bytes], Job], tmp_path: Path) -> None:
    limits = Limits(max_bytes=5_000_000, max_pages=200, seconds=5, memory_mb=30)
    with Workers(limits, (), 1, tmp_path / "tmp") as reading, pytest.raises(ConfigurationError, match="INVOICE_MEMORY_MB"):
        list(reading.read([job("gut.pdf", pdfs.text_pdf(INVOICE))]))


def test_an_answer_that_is_too_long_is_none(job: Callable[[str, bytes], Job], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_process, "LARGEST_ANSWER", 100)
    assert read([job("gut.pdf", pdfs.text_pdf(INVOICE))], tmp_path)["gut.pdf"] == Outcome(failure=Crashed().why)


def test_the_process_loads_neither_dagster_nor_databases() -> None:
    code = "import sys; from temu_assets.invoices import child; child._load(); print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"dagster", "sqlalchemy", "httpx", "pandas", "numpy", "PIL", "openpyxl"} & set(loaded)
    assert {"pypdfium2", "lxml"} <= set(loaded)


def test_what_a_library_prints_is_no_answer() -> None:
    code = (
        "import os; from temu_assets.invoices.child import _own_streams; questions, answers = _own_streams(); print('noise', flush=True); "
        "os.write(1, b'noise'); assert os.read(0, 9) == b''; answers.write(questions.read()); answers.flush()"
    )
    assert subprocess.run([sys.executable, "-c", code], input=b"question", capture_output=True, check=True).stdout == b"question"


@linux_only
@pytest.mark.parametrize(("does", "ended_by"), [("time.sleep(60)", signal.SIGALRM), ("[None for _ in iter(int, 1)]", signal.SIGXCPU)])
def test_a_process_ends_by_itself_when_nobody_watches_it(does: str, ended_by: signal.Signals) -> None:
    grace = 1 if ended_by is signal.SIGALRM else 60
    code = f"""import time
from temu_assets.invoices import process_limits
process_limits.GRACE_SECONDS = {grace}
with process_limits.at_most(0):
    {does}
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -ended_by
