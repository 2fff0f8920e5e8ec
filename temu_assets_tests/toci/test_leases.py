"""One worker per shop and effect: waiting, taking over from the dead, and noticing that one was replaced."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
from sqlalchemy import Connection, insert, select, update

from temu_assets.errors import TransientError
from temu_assets.toci import leases
from temu_assets.toci.database import Toci
from temu_assets.toci.leases import Lease, hold
from temu_assets.toci.tables import leases as leases_table
from temu_assets.toci.tables import sync_state as sync_state_table

T = TypeVar("T")
NAME = "jtl_order"
OTHER_PROCESS = """
import sys
from pydantic import SecretStr
from temu_assets.toci.database import Toci, open_engine
from temu_assets.toci.leases import hold
with hold(Toci(open_engine(SecretStr(sys.argv[1])), "shop"), sys.argv[2], "the other process"):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_process_holds(database_url: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", OTHER_PROCESS, database_url, NAME]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def try_at_once(toci: Toci) -> int:
    """Take the lease and give it back; raises TransientError when it is not free now."""
    with hold(toci, NAME, "run B", wait_seconds=0) as lease:
        lease.check()
        return lease.token


def put(toci: Toci, *, host: str, process: str, expires_in: timedelta) -> None:
    with toci.engine.begin() as connection:
        row = {"shop": "shop", "name": NAME, "holder": "run A", "host": host, "process": process, "token": 7}
        connection.execute(insert(leases_table).values(**row, expires_at=datetime.now(UTC) + expires_in))


def test_a_second_worker_waits_and_is_then_told_who_holds_it(toci: Toci) -> None:
    """Fault 20."""
    pauses: list[float] = []
    with (
        hold(toci, NAME, "run A of temu_orders_sync"),
        pytest.raises(TransientError, match="'jtl_order' is being worked on by run A of temu_orders_sync; waited 2 s"),
        hold(toci, NAME, "run B", pause=pauses.append, wait_seconds=2),
    ):
        pytest.fail("two at once")
    assert sum(pauses) == 2


def test_a_second_worker_goes_on_as_soon_as_the_first_has_ended(toci: Toci) -> None:
    first = ExitStack()
    first.enter_context(hold(toci, NAME, "run A"))

    def until_the_first_has_ended(_seconds: float) -> None:
        first.close()

    with hold(toci, NAME, "run B", pause=until_the_first_has_ended) as lease:
        lease.check()


def test_workers_of_one_process_take_turns(toci: Toci) -> None:
    """Fault 20: a tick, a button and a command line at the same moment."""
    inside, most, done = 0, 0, []
    count = threading.Lock()

    def a_moment(_seconds: float) -> None:
        threading.Event().wait(0.005)

    def work(number: int) -> None:
        nonlocal inside, most
        with hold(toci, NAME, f"run {number}", pause=a_moment):
            with count:
                inside += 1
                most = max(most, inside)
            done.append(number)
            with count:
                inside -= 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    assert sorted(done) == list(range(6))


def test_other_effects_and_other_shops_do_not_wait(toci: Toci) -> None:
    other_shop = Toci(toci.engine, "other")
    with hold(toci, NAME, "a"), hold(toci, "stock", "b", wait_seconds=0), hold(other_shop, NAME, "c", wait_seconds=0):
        pass


def test_a_process_that_lives_is_not_taken_over_and_a_killed_one_is_at_once(toci: Toci, database_url: str) -> None:
    """Fault 20: its lease has 15 s to run, but nobody waits for them."""
    with another_process_holds(database_url) as process:
        with pytest.raises(TransientError, match="worked on by the other process"):
            try_at_once(toci)
        process.kill()
        # It has ended and nobody has collected it yet, as in a container without an init process.
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert try_at_once(toci) == 2
        process.wait()
        assert try_at_once(toci) == 3


def test_a_holder_of_another_machine_is_taken_over_only_when_its_time_is_over(toci: Toci) -> None:
    put(toci, host="other.example.invalid", process="1@gone", expires_in=timedelta(seconds=15))
    with pytest.raises(TransientError, match="worked on by run A"):
        try_at_once(toci)
    with toci.engine.begin() as connection:
        connection.execute(update(leases_table).values(expires_at=datetime.now(UTC)))
    assert try_at_once(toci) == 8


def test_a_holder_this_machine_cannot_tell_to_be_dead_is_not_taken_over(toci: Toci) -> None:
    put(toci, host=platform.node(), process=f"{os.getpid()}@", expires_in=timedelta(seconds=15))
    with pytest.raises(TransientError):
        try_at_once(toci)


def test_a_process_id_used_again_does_not_keep_the_lease_of_the_dead(toci: Toci) -> None:
    put(toci, host=platform.node(), process=f"{os.getpid()}@earlier", expires_in=timedelta(seconds=15))
    assert try_at_once(toci) == 8


def renewal_thread() -> threading.Thread:
    return next(thread for thread in threading.enumerate() if thread.name == f"lease-{NAME}")


def row_of(toci: Toci) -> tuple[int, datetime]:
    with toci.engine.begin() as connection:
        row = connection.execute(select(leases_table.c.token, leases_table.c.expires_at)).one()
    return row.token, row.expires_at


def test_a_holder_that_was_replaced_must_not_act_and_leaves_the_new_holder_alone(toci: Toci, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 20."""
    monkeypatch.setattr(leases, "HEARTBEAT_SECONDS", 0.01)
    with hold(toci, NAME, "run A") as lease:
        lease.check()
        with toci.engine.begin() as connection:
            connection.execute(update(leases_table).values(token=lease.token + 1, holder="run B"))
        renewal_thread().join()
        with pytest.raises(TransientError, match="lost its turn for 'jtl_order'"):
            lease.check()
        of_the_new_holder = row_of(toci)
    assert row_of(toci) == of_the_new_holder


def test_a_holder_that_wakes_up_late_must_not_act_even_before_its_renewal_has_run() -> None:
    """Fault 20: a paused process does not know that it was paused."""
    with pytest.raises(TransientError, match="lost its turn"):
        Lease(NAME, 1, datetime.now(UTC)).check()


class FlakyToci(Toci):
    """Our database, away while ``is_away`` is set; ``attempts`` counts what was tried meanwhile."""

    def __init__(self, toci: Toci) -> None:
        super().__init__(toci.engine, toci.shop)
        self.is_away = False
        self.tries = threading.Semaphore(0)

    def write_once(self, work: Callable[[Connection], T]) -> T:
        if self.is_away:
            self.tries.release()
            raise TransientError("Our database did not answer.", remedy="wait.")
        return super().write_once(work)


def test_a_short_absence_of_our_database_does_not_cost_the_lease(toci: Toci, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "HEARTBEAT_SECONDS", 0.01)
    flaky = FlakyToci(toci)
    with hold(flaky, NAME, "run A") as lease:
        flaky.is_away = True
        for _ in range(3):
            flaky.tries.acquire()
        lease.check()
        assert renewal_thread().is_alive()
        flaky.is_away = False


def test_the_lease_is_renewed_while_it_is_held(toci: Toci, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "HEARTBEAT_SECONDS", 0.01)
    renewed = threading.Event()
    with hold(toci, NAME, "run A") as lease:
        first = lease.expires_at
        while lease.expires_at == first:
            renewed.wait(0.01)
        assert row_of(toci)[1] > first


def test_tokens_only_grow(toci: Toci) -> None:
    assert [try_at_once(toci) for _ in range(3)] == [1, 2, 3]


def test_who_lost_the_lease_writes_nothing_more(toci: Toci) -> None:
    """A holder that was paused for so long that another run has taken over, and wakes up in the middle of its work."""
    remember = insert(sync_state_table).values(shop="shop", name="mark", value="old", changed_at=datetime.now(UTC))
    with hold(toci, NAME, "run A") as paused:
        fenced = paused.fenced(toci)
        assert fenced.write(lambda _: "written") == "written"
        with toci.engine.begin() as connection:
            connection.execute(update(leases_table).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
        with hold(toci, NAME, "run B") as lease:
            lease.fenced(toci).write(lambda _: None)
            with pytest.raises(TransientError, match="lost its turn for 'jtl_order'"):
                fenced.write(lambda connection: connection.execute(remember))
            with pytest.raises(TransientError, match="lost its turn"):
                paused.check()
    assert toci.read(lambda connection: connection.execute(select(sync_state_table)).all()) == []


def test_nobody_takes_over_while_a_fenced_transaction_is_open(toci: Toci) -> None:
    asked = threading.Event()
    tokens: list[int] = []

    def take_over() -> None:
        asked.set()
        with hold(toci, NAME, "run B") as lease:
            tokens.append(lease.token)

    with hold(toci, NAME, "run A") as lease:
        other = threading.Thread(target=take_over)

        def work(connection: Connection) -> int:
            connection.execute(update(leases_table).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
            other.start()
            asked.wait()
            other.join(timeout=0.3)
            return len(tokens)

        assert lease.fenced(toci).write(work) == 0
        other.join()
        assert tokens == [lease.token + 1]
