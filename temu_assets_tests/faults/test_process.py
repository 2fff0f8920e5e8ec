"""Processes that end in the middle of their work, or do the same work at the same moment: in the end each thing was done once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import pytest

import temu_assets_tests
from temu_assets.sandbox.jtl_shipping import ParcelToShip
from temu_assets_tests.databases import toci_is_a_file
from temu_assets_tests.faults.invariants import recover
from temu_assets_tests.seller import ADDRESS, CONFIRM, Seller

REPETITIONS = 20
LONGEST_S = 60
EXECUTE = [sys.executable, "-m", "dagster", "job", "execute", "-m", "temu_assets.definitions", "-j"]
ENVIRONMENT_PATH = str(Path(temu_assets_tests.__file__).parent.parent)

pytestmark = [toci_is_a_file, pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")]


@contextmanager
def a_run(job: str) -> Iterator[subprocess.Popen[bytes]]:
    """The command a person or a service starts, in a process of its own."""
    environment = os.environ | {"PYTHONPATH": ENVIRONMENT_PATH}
    with subprocess.Popen([*EXECUTE, job], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for_call(seller: Seller, endpoint: str, process: subprocess.Popen[bytes]) -> None:
    """Until the process has asked TEMU and waits for an answer that does not come."""
    end = time.monotonic() + LONGEST_S
    while not seller.sandbox.server.journal.count(endpoint):
        assert process.poll() is None, "it has ended by itself"
        assert time.monotonic() < end, "it never got so far"
        threading.Event().wait(0.05)


@pytest.mark.parametrize(
    ("sign", "endpoint"),
    [(signal.SIGTERM, ADDRESS), (signal.SIGTERM, CONFIRM), (signal.SIGKILL, CONFIRM)],
    ids=["told to end while it reads", "told to end while it reports", "killed while it reports, as when memory is short"],
)
def test_a_run_that_is_ended_in_the_middle_is_gone_on_with_by_the_next(new_seller: Seller, sign: signal.Signals, endpoint: str) -> None:
    """Faults 5, 6 and 20: the stop of a container, an update, a machine out of memory. What was under way is asked about."""
    shipped = new_seller.place()
    assert new_seller.run().success
    new_seller.sandbox.jtl.run_worker()
    new_seller.sandbox.jtl.ship(shipped, [ParcelToShip(tracking="00340434177000000001")])
    fresh = new_seller.place()
    new_seller.calls()
    new_seller.fault("stall", endpoint, seconds=3)
    with a_run("temu_orders_sync") as process:
        wait_for_call(new_seller, endpoint, process)
        process.send_signal(sign)
        assert process.wait(timeout=LONGEST_S) != 0
    recover(new_seller)
    assert [new_seller.in_jtl(order) for order in (shipped, fresh)] == [1, 1]
    assert len(new_seller.at_temu_as_sent(shipped)) == 1
    assert new_seller.problems() == {}


class Worker:
    """One of two processes that are told to run the same job at the same moment."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "temu_assets_tests.faults.child"]
        environment = os.environ | {"PYTHONPATH": ENVIRONMENT_PATH}
        self._process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def start(self, job: str) -> None:
        """Tell it, and do not wait."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{job}\n")
        self._process.stdin.flush()

    def answer(self) -> str:
        """What it says next."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def test_two_processes_at_the_same_moment_do_each_thing_once_twenty_times(new_seller: Seller) -> None:
    """Fault 20: a schedule's tick and a button. Each time there is an order to hand over and a parcel to report."""
    assert new_seller.run().success
    orders: list[str] = []
    with Worker() as tick, Worker() as button:
        assert [tick.answer(), button.answer()] == ["ready", "ready"]
        for number in range(REPETITIONS):
            orders.append(new_seller.place())
            for worker in (tick, button):
                worker.start("temu_orders_sync")
            assert [tick.answer(), button.answer()] == ["green", "green"]
            assert new_seller.waiting_rows() == 1
            new_seller.sandbox.jtl.run_worker()
            new_seller.sandbox.jtl.ship(orders[-1], [ParcelToShip(tracking=f"003404341770000000{number:02d}")])
    calls = new_seller.calls()
    assert calls[CONFIRM] == REPETITIONS - 1
    recover(new_seller)
    assert [new_seller.in_jtl(order) for order in orders] == [1] * REPETITIONS
    assert all(len(new_seller.at_temu_as_sent(order)) == 1 for order in orders)
    assert new_seller.problems() == {}
