"""A disk that is full, read-only or broken, at each step of writing a file: no half file is taken for one, and nothing is lost."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from temu_assets import durable
from temu_assets_tests.faults.invariants import recover
from temu_assets_tests.seller import ADDRESS, AMOUNTS, LIST, Seller, failure

FULL, READ_ONLY, BROKEN, QUOTA = errno.ENOSPC, errno.EROFS, errno.EIO, errno.EDQUOT


class BrokenDisk:
    """From the first file whose path contains ``where`` on, one step of writing fails with ``code``, until ``mend``."""

    def __init__(self, step: str, code: int, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.failures = 0
        self._where, self._code = where, code
        self._open_files: dict[int, str] = {}
        genuine_open = os.open

        def watched_open(path: Any, *arguments: Any, **details: Any) -> int:
            if step == "open" and str(path).endswith(durable.TEMPORARY):
                self._fail(str(path))
            descriptor = genuine_open(path, *arguments, **details)
            self._open_files[descriptor] = str(path)
            return descriptor

        monkeypatch.setattr(os, "open", watched_open)
        if step == "mkdir":
            self._break(monkeypatch, Path, "mkdir", lambda path, *_, **__: str(path))
        elif step == "write":
            self._break_writing(monkeypatch)
        elif step in ("fsync", "fsync of the folder"):
            self._break(monkeypatch, os, "fsync", lambda descriptor: self._synced(descriptor, is_folder=step != "fsync"))
        elif step == "rename":
            self._break(monkeypatch, Path, "replace", lambda path, _: str(path))

    def mend(self) -> None:
        """The disk is whole again."""
        self._where = "\0"

    def _synced(self, descriptor: int, *, is_folder: bool) -> str:
        path = Path(self._open_files[descriptor])
        return str(path) if path.is_dir() == is_folder else ""

    def _break(self, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, path_of: Callable[..., str]) -> None:
        genuine = getattr(owner, name)

        def broken(*arguments: Any, **details: Any) -> Any:
            self._fail(path_of(*arguments, **details))
            return genuine(*arguments, **details)

        monkeypatch.setattr(owner, name, broken)

    def _break_writing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Half of what is written gets there."""
        genuine_fdopen, disk = os.fdopen, self

        class HalfWritten(io.FileIO):
            def write(self, content: Any) -> int:
                path = disk._open_files.get(self.fileno(), "")
                if disk._where in path:
                    super().write(content[: len(content) // 2])
                disk._fail(path)
                return super().write(content)

        def fdopen(descriptor: int, mode: str, *arguments: Any, **details: Any) -> Any:
            if mode != "wb":
                return genuine_fdopen(descriptor, mode, *arguments, **details)
            return HalfWritten(descriptor, "wb")

        monkeypatch.setattr(os, "fdopen", fdopen)

    def _fail(self, path: str) -> None:
        if self._where in path:
            self.failures += 1
            raise OSError(self._code, os.strerror(self._code), path)


STEPS = ["mkdir", "open", "write", "fsync", "rename", "fsync of the folder"]
CODES = {"mkdir": READ_ONLY, "open": FULL, "write": FULL, "fsync": BROKEN, "rename": BROKEN, "fsync of the folder": QUOTA}


@pytest.mark.parametrize("step", STEPS)
def test_a_disk_that_does_not_take_temus_answers_is_red_by_name_and_costs_nothing(
    new_seller: Seller, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    orders = [new_seller.place() for _ in range(2)]
    assert new_seller.run("temu_tracking_sync").success, "our database is there already"
    code = CODES[step]
    disk = BrokenDisk(step, code, "api_responses", monkeypatch)

    message = failure(new_seller.run())

    assert disk.failures > 0
    assert f"cannot be written below {new_seller.data} ({os.strerror(code)})" in message
    assert "free space" in message
    assert "nothing was lost" in message
    assert new_seller.complete_until() is None
    assert new_seller.waiting_rows() == 0
    complete = [path for path in new_seller.data.rglob("*") if path.suffix == ".gz"]
    assert complete == [] or step == "fsync of the folder"
    disk.mend()
    recover(new_seller)
    assert [new_seller.in_jtl(order) for order in orders] == [1, 1]


@pytest.mark.parametrize(("folder", "step"), [*(("temu/export", step) for step in STEPS), ("temu/xml", "write"), ("temu/xml", "rename")])
def test_a_disk_that_does_not_take_an_order_is_red_by_name_and_the_order_goes_later_once(
    new_seller: Seller, monkeypatch: pytest.MonkeyPatch, step: str, folder: str
) -> None:
    """The copy in the archive is written before JTL gets the order; without it the order does not go."""
    is_by_file = folder == "temu/xml"
    if is_by_file:
        monkeypatch.setenv("JTL_ORDER_DELIVERY", "file")
    order = new_seller.place()
    code = CODES[step]
    disk = BrokenDisk(step, code, folder, monkeypatch)

    message = failure(new_seller.run())

    assert disk.failures > 0
    assert f"({os.strerror(code)})" in message
    assert f"{order}.xml" in message
    assert "the orders stay ready" in message
    assert new_seller.waiting_rows() == 0
    new_seller.calls()
    disk.mend()
    assert new_seller.run().success
    calls = new_seller.calls()
    assert calls == {LIST: 1}, "what was known of the order is not asked for again"
    assert calls[ADDRESS] == calls[AMOUNTS] == 0
    if is_by_file:
        (file,) = (new_seller.data / folder).iterdir()
        new_seller.sandbox.jtl.hand_over(file.read_text())
        file.unlink()
        new_seller.sandbox.jtl.run_worker()
    recover(new_seller)
    assert new_seller.in_jtl(order) == 1


BIG = """
import random, resource, sys
from datetime import UTC, datetime
from pathlib import Path
from temu_assets.errors import TemuAssetsError
from temu_assets.snapshots import Content, Record, SnapshotKind, write_snapshot
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
now = datetime(2026, 2, 1, tzinfo=UTC)
for size in (1_000, 60_000):
    records = [Record("order", "PO-1", now, random.Random(1).randbytes(size).hex())]
    try:
        print(write_snapshot(
            Path(sys.argv[1]), kind=SnapshotKind.ORDERS, content=Content.LISTING, run_id=f"{size:08d}", records=records, now=now
        ).path)
    except TemuAssetsError as error:
        print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_real_limit_of_the_system_leaves_no_half_file(tmp_path: Path) -> None:
    """A file that may not grow further, as with a quota: the small one is there, of the big one nothing."""
    done = subprocess.run([sys.executable, "-c", BIG, str(tmp_path)], capture_output=True, text=True, check=True)
    path, message = done.stdout.splitlines()
    assert f"cannot be written below {tmp_path} (File too large)" in message
    assert [file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*") if file.is_file()] == [path]
