"""Files that are not what was written: refused by their checksum, kept for a person, and asked of TEMU again."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from temu_assets import durable
from temu_assets.toci.kinds import RAW_ANSWERS
from temu_assets.toci.tables import raw_snapshots, temu_orders
from temu_assets_tests.faults.invariants import recover, require_agreement
from temu_assets_tests.seller import ADDRESS, AMOUNTS, LIST, Seller, failed_checks, failure

DAMAGED = "every_answer_on_disk_is_as_it_was_written"


class DiedError(Exception):
    """The process is gone."""


def _die(*_: object, **__: object) -> None:
    raise DiedError


def fetch_only(seller: Seller, monkeypatch: pytest.MonkeyPatch, *, days_back: int = 7) -> list[Path]:
    """A run that dies after it has fetched; returns its files, the list first."""
    with monkeypatch.context() as patched:
        patched.setattr("temu_assets.orders.stages.ingest", _die)
        assert not seller.run(days_back=days_back).success
    waiting = [row for row in seller.rows(raw_snapshots) if row.ingested_at is None]
    return [seller.data / row.path for row in sorted(waiting, key=lambda row: row.content != "listing")]


def bit_flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def removed(path: Path) -> None:
    path.unlink()


def replaced(path: Path) -> None:
    """Another good file lies in its place."""
    path.write_bytes(next(other for other in path.parent.parent.rglob("*.gz") if other != path).read_bytes())


DAMAGES = [bit_flipped, truncated, emptied, removed, replaced]


@pytest.mark.parametrize(
    ("which", "damage"), [*(("listing", damage) for damage in DAMAGES), ("details", bit_flipped), ("details", removed)]
)
def test_a_damaged_file_of_answers_is_set_aside_and_temu_is_asked_again(
    new_seller: Seller, monkeypatch: pytest.MonkeyPatch, damage: Callable[[Path], None], which: str
) -> None:
    for _ in range(3):
        new_seller.place()
    listing, *details = fetch_only(new_seller, monkeypatch)
    file = listing if which == "listing" else details[0]
    held = next(row.records for row in new_seller.rows(raw_snapshots) if new_seller.data / row.path == file)
    damage(file)
    left = file.read_bytes() if file.exists() else None
    new_seller.calls()

    first = new_seller.run(checks=True)

    assert first.success
    assert DAMAGED in failed_checks(first)
    ((key, reason),) = [(key, reason) for (kind, key), reason in new_seller.problems().items() if kind == RAW_ANSWERS]
    assert key == file.relative_to(new_seller.data).as_posix()
    assert key in reason
    assert (file.read_bytes() if file.exists() else None) == left, "what is left of it is kept for a person"
    if which == "details":
        # It is noticed before the orders are asked about, so the same run has what it held.
        calls = new_seller.calls()
        assert calls[ADDRESS] + calls[AMOUNTS] == held
    recover(new_seller)
    assert new_seller.run(checks=True).success
    assert all(row.ingested_at for row in new_seller.rows(raw_snapshots)), "the damaged file is in nobody's way"


def test_no_order_is_lost_between_a_damaged_list_and_a_good_one_behind_it(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    """A first run lists a month in pieces of a week. "Complete until" must not jump over the piece that was damaged."""
    old = new_seller.place()
    for moment in ("created_at", "updated_at"):
        setattr(new_seller.at_temu(old), moment, int((new_seller.now() - timedelta(days=25)).timestamp()))
    new = new_seller.place()
    files = fetch_only(new_seller, monkeypatch, days_back=30)
    rows = {row.path: row for row in new_seller.rows(raw_snapshots)}
    lists = sorted((file for file in files if "listing" in file.name), key=lambda file: file.name)
    holds_old, *_, holds_new = [file for file in lists if rows[file.relative_to(new_seller.data).as_posix()].records]
    assert holds_old != holds_new
    bit_flipped(holds_old)

    assert new_seller.run().success

    until = new_seller.complete_until()
    assert until is not None
    assert until < new_seller.now() - timedelta(days=24)
    recover(new_seller)
    assert {row.order_id for row in new_seller.rows(temu_orders)} == {old, new}
    assert new_seller.complete_until() > until  # type: ignore[operator]  # there is one by now


def test_when_no_file_at_all_can_be_read_the_run_is_red_and_the_next_one_asks_temu_again(
    new_seller: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that took in nothing must not look well."""
    new_seller.place()
    genuine = durable.write_file

    def onto_a_bad_disk(path: Path, content: bytes) -> None:
        genuine(path, content)
        if path.suffix == ".gz":
            bit_flipped(path)

    with monkeypatch.context() as patched:
        patched.setattr("temu_assets.snapshots.write_file", onto_a_bad_disk)
        message = failure(new_seller.run())
    assert "were changed after they were written" in message
    assert "look whether the disk is damaged" in message
    assert new_seller.waiting_rows() == 0
    recover(new_seller)


def test_a_file_that_cannot_be_read_right_now_is_not_taken_for_damaged(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is away for a moment: red, and the next run takes the same file in without asking TEMU again."""
    new_seller.place()
    fetch_only(new_seller, monkeypatch)
    genuine = Path.read_bytes

    def read_bytes(path: Path) -> bytes:
        if path.suffix == ".gz":
            raise OSError(5, "Input/output error")
        return genuine(path)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_bytes", read_bytes)
        message = failure(new_seller.run())
    assert "cannot be read (Input/output error)" in message
    assert "look whether its disk is damaged" in message
    assert new_seller.problems() == {}
    new_seller.calls()
    assert new_seller.run().success
    assert new_seller.calls() == {LIST: 1}
    require_agreement(new_seller)


@pytest.mark.parametrize("suffix", [".xml", ".gz"])
def test_nobody_sees_a_file_while_it_is_written(new_seller: Seller, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    """A person importing orders, or a back-up, finds complete files or none."""
    monkeypatch.setenv("JTL_ORDER_DELIVERY", "file")
    new_seller.place()
    seen: list[set[str]] = []
    genuine = os.fsync

    def fsync(descriptor: int) -> None:
        seen.append({path.name for path in new_seller.data.rglob(f"*{suffix}") if path.stat().st_size == 0 or _is_being_written(path)})
        genuine(descriptor)

    def _is_being_written(path: Path) -> bool:
        return path.with_name(f".{path.name}{durable.TEMPORARY}").exists()

    monkeypatch.setattr(os, "fsync", fsync)
    assert new_seller.run().success
    assert len(seen) >= 4
    assert set().union(*seen) == set()


def test_what_a_crash_left_half_written_is_nothing(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    """A temporary file in the folder of orders is no order that waits for a person, and is written anew."""
    monkeypatch.setenv("JTL_ORDER_DELIVERY", "file")
    order = new_seller.place()
    folder = new_seller.data / "temu" / "xml"
    folder.mkdir(parents=True)
    half = folder / f".{order}.xml{durable.TEMPORARY}"
    half.write_text("<?xml version='1.0'?><tBest")
    assert new_seller.run().success
    assert [path.name for path in folder.iterdir()] == [f"{order}.xml"]
    new_seller.sandbox.jtl.hand_over((folder / f"{order}.xml").read_text())
    (folder / f"{order}.xml").unlink()
    new_seller.sandbox.jtl.run_worker()
    recover(new_seller)


@pytest.mark.parametrize("is_gone", [False, True], ids=["bits flipped", "gone"])
def test_a_damaged_list_of_skus_is_set_aside_and_the_next_listing_taken_in(new_seller: Seller, is_gone: bool) -> None:
    assert new_seller.run("temu_inventory_full_sync").success
    with new_seller.toci.engine.begin() as connection:
        connection.execute(raw_snapshots.update().where(raw_snapshots.c.kind == "skus").values(ingested_at=None))
    (file,) = new_seller.data.rglob("skus-*.gz")
    if is_gone:
        file.unlink()
    else:
        file.write_bytes(bytes([file.read_bytes()[0] ^ 1]) + file.read_bytes()[1:])

    assert new_seller.run("temu_inventory_full_sync").success
    assert [key for kind, key in new_seller.problems() if kind == RAW_ANSWERS] == [file.relative_to(new_seller.data).as_posix()]
    assert {row.ingested_at is None for row in new_seller.rows(raw_snapshots)} == {False}
