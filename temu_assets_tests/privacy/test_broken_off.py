"""Erasing that dies: at whatever step, every registered answer is still what its row says, and the next run erases what is left."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from temu_assets import crash_points
from temu_assets.adoption.adopt import adopt
from temu_assets.privacy import purging
from temu_assets.privacy.forgetting import LEASE, Forgetting
from temu_assets.privacy.purging import Purging
from temu_assets.snapshots import file_of, read_snapshot
from temu_assets.toci import leases
from temu_assets.toci.database import Toci, open_engine
from temu_assets.toci.tables import erasures, metadata, raw_snapshots, temu_orders
from temu_assets.toci.tables import leases as leases_table
from temu_assets_tests.adoption import predecessor
from temu_assets_tests.databases import toci_is_a_file
from temu_assets_tests.privacy.traces import CANARY, in_files, in_tables
from temu_assets_tests.seller import Seller

pytestmark = toci_is_a_file  # the database is copied with the rest, again and again

SOON, LATER = datetime.now(UTC) + timedelta(days=2), datetime.now(UTC) + timedelta(days=100)
# Whatever outlives a process; to die before a commit is to have died after the one before it.
POINTS = ["file_written", "file_renamed", "file_removed", "toci_commit_after"]


class Died(BaseException):
    """The process is gone: nothing catches this."""


@dataclasses.dataclass
class Home:
    """A data folder that is copied afresh for each death."""

    original: Path
    copy: Path
    order: str

    def fresh(self) -> None:
        shutil.rmtree(self.copy, ignore_errors=True)
        shutil.copytree(self.original, self.copy)

    def open(self) -> Toci:
        return Toci(open_engine(SecretStr(f"sqlite:///{self.copy / 'toci.db'}")), "temu")

    def state(self) -> str:
        """All that the copy holds, but for whose turn it is."""
        toci = self.open()
        with toci.engine.begin() as connection:
            tables = [repr(connection.execute(select(table)).all()) for table in metadata.sorted_tables if table is not leases_table]
        toci.close()
        files = [f"{path} {path.read_bytes()!r}" for path in sorted((self.copy / "temu").rglob("*")) if path.is_file()]
        return hashlib.sha256("\n".join([*_without_ids(tables), *files]).encode()).hexdigest()

    def expire_leases(self) -> None:
        """As it is once the dead process is seen to be dead; here it is the living one of the test."""
        toci = self.open()
        with toci.engine.begin() as connection:
            connection.execute(leases_table.update().values(expires_at=datetime(2020, 1, 1, tzinfo=UTC)))
        toci.close()

    def forget(self, now: datetime) -> None:
        toci = self.open()
        try:
            with leases.hold(toci, LEASE, "forget") as lease:
                Forgetting(lease.fenced(toci), self.copy, self.order, "forget", lambda: now).run()
        finally:
            toci.close()

    def purge(self, now: datetime) -> None:
        toci = self.open()
        month, quarter = timedelta(days=30), timedelta(days=90)
        try:
            with leases.hold(toci, LEASE, "purge") as lease:
                Purging(lease.fenced(toci), self.copy, month, quarter, "purge", lease, lambda: now).run()
        finally:
            toci.close()

    def require_that_answers_can_be_read(self) -> None:
        """A file of the registry is there and what its row says; a file may only be gone once it was taken in."""
        toci = self.open()
        with toci.engine.begin() as connection:
            rows = connection.execute(select(raw_snapshots)).all()
        toci.close()
        assert rows
        for row in rows:
            if row.ingested_at is None or (self.copy / row.path).exists():
                assert len(list(read_snapshot(self.copy, file_of(row)))) == row.records

    def require_that_nobody_is_left(self) -> None:
        toci = self.open()
        with toci.engine.begin() as connection:
            assert connection.execute(select(erasures.c.erasure_id).where(erasures.c.done_at.is_(None))).all() == []
            assert connection.execute(select(erasures.c.erasure_id)).all() != []
            assert connection.execute(select(temu_orders.c.buyer_erased_at).where(temu_orders.c.order_id == self.order)).scalar_one()
        left = in_tables(toci.engine)
        toci.close()
        assert left + in_files(self.copy) == []


@pytest.fixture
def home(new_seller: Seller, tmp_path: Path) -> Iterator[Home]:
    """A finished order, with traces in every kind of place."""
    with new_seller.toci.engine.begin() as connection:
        predecessor.build(connection, of_orders=[predecessor.shipped(1, "0034")])
    adopt(new_seller.toci, now=new_seller.now())
    order = new_seller.place(address=dataclasses.replace(CANARY))
    new_seller.run_through()
    new_seller.at_temu(order).status = 5
    new_seller.sandbox.shop.touch(new_seller.at_temu(order))
    assert new_seller.run().success
    with new_seller.toci.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE predecessor_temu_orders SET bestell_id = ?, name_empfaenger = 'Kanarina Geheimnis'", (order,))
    new_seller.toci.close()
    temu = new_seller.data / "temu"
    answers = temu / "api_responses" / "2026" / "01" / "01" / "000000-a"
    answers.mkdir(parents=True)
    (answers / "orders-details-0001.jsonl.gz").write_bytes(gzip.compress(b"not ours: Kanarina"))
    (temu / "xml").mkdir()
    (temu / "xml" / f"{order}.xml").write_text("Kanarina")
    yield Home(new_seller.data, tmp_path / "copy", order)
    crash_points.arm()


def deaths(home: Home, point: str, work: Callable[[], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the work die at each passing of a point; the copy is left as the dead left it, each time that is something new."""
    monkeypatch.setattr(crash_points, "_die", _die)
    trace = tmp_path / "trace"
    home.fresh()
    crash_points.arm(trace=str(trace))
    work()
    crash_points.arm()
    passed = Counter(trace.read_text().split())[point]
    assert passed > 0
    seen = set[str]()
    for number in range(1, passed + 1):
        home.fresh()
        crash_points.arm(at=f"{point}#{number}")
        try:
            work()
        except Died:
            crash_points.arm()
            state = home.state()
            if state not in seen:
                seen.add(state)
                home.expire_leases()
                yield
        else:
            # What renews leases passes points too, as often as it likes.
            crash_points.arm()
            assert point.startswith("toci_")


def _without_ids(tables: list[str]) -> list[str]:
    """A proof's id is another one with every attempt."""
    return [re.sub(r"'[0-9a-f]{32}'", "", table) for table in tables]


def _die() -> None:
    raise Died


@pytest.mark.parametrize("point", POINTS)
def test_a_request_that_died_is_finished_by_asking_again(home: Home, point: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    died = 0
    for _ in deaths(home, point, lambda: home.forget(SOON), tmp_path, monkeypatch):
        home.require_that_answers_can_be_read()
        home.forget(SOON)
        home.require_that_answers_can_be_read()
        home.require_that_nobody_is_left()
        died += 1
    assert died


@pytest.mark.parametrize("point", POINTS)
def test_a_request_that_died_after_it_was_written_down_is_finished_by_the_next_purge(
    home: Home, point: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_up = 0
    for _ in deaths(home, point, lambda: home.forget(SOON), tmp_path, monkeypatch):
        toci = home.open()
        with toci.engine.begin() as connection:
            is_written_down = connection.execute(select(erasures.c.erasure_id)).first() is not None
        toci.close()
        home.purge(SOON)
        if is_written_down:
            home.require_that_nobody_is_left()
            taken_up += 1
        else:
            assert in_files(home.copy) != []
    assert taken_up


@pytest.mark.parametrize("point", ["file_removed", "toci_commit_after"])
def test_a_purge_that_died_is_finished_by_the_next_one(home: Home, point: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purging, "BATCH", 2)
    for _ in deaths(home, point, lambda: home.purge(LATER), tmp_path, monkeypatch):
        home.require_that_answers_can_be_read()
        home.purge(LATER)
        home.require_that_answers_can_be_read()
        home.require_that_nobody_is_left()
