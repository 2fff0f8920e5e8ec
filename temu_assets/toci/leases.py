"""One worker per shop and effect: a row in our database that a live holder renews and a dead one loses.

Runs started by a schedule, a button and the command line do not share a queue, so the guard against two at once is here. A holder renews
every 3 s and expires after 15 s; a dead process of the same machine is taken over at once. A second worker waits up to 60 s, then it is
told who holds it.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, insert, select, update

from temu_assets.errors import TemuAssetsError, TransientError
from temu_assets.toci.database import Toci
from temu_assets.toci.processes import is_dead_here, this_host, this_process
from temu_assets.toci.tables import leases

HEARTBEAT_SECONDS = 3.0
EXPIRY = timedelta(seconds=15)
WAIT_SECONDS = 60.0


class LeaseTakenError(TransientError):
    """Somebody else holds the lease."""


@dataclass(slots=True)
class Lease:
    """A lease that is held: a holder that was paused and replaced must not act.

    ``check`` before every effect outside; the work itself writes to ``fenced``, where each transaction makes sure of it by itself.
    """

    name: str
    token: int
    expires_at: datetime
    is_lost: bool = False

    def check(self) -> None:
        """Raises TransientError when somebody else has taken over in the meantime, or could have."""
        # The clock as well: after a pause this can run before the renewal has noticed that its time is over.
        if self.is_lost or datetime.now(UTC) >= self.expires_at:
            raise self._lost()

    def fenced(self, toci: Toci) -> Toci:
        """The same database, for the work under this lease: who lost it writes nothing more (TransientError)."""
        return toci.under(lambda connection: self._require(connection, toci))

    def _require(self, connection: Connection, toci: Toci) -> None:
        # A write, so that nobody takes over before this transaction has ended.
        mine = update(leases).where(_key(toci, self.name), leases.c.token == self.token).values(token=self.token).returning(leases.c.token)
        if connection.execute(mine).scalar_one_or_none() is None:
            self.is_lost = True
            raise self._lost()

    def _lost(self) -> TransientError:
        return TransientError(
            f"This run lost its turn for '{self.name}' to another run (it was paused or could not reach our database for 15 s).",
            remedy="nothing; the other run does the work.",
        )


@contextmanager
def hold(
    toci: Toci,
    name: str,
    holder: str,
    *,
    pause: Callable[[float], None] = time.sleep,
    wait_seconds: float = WAIT_SECONDS,
) -> Iterator[Lease]:
    """Hold the lease while the block runs. Raises LeaseTakenError naming the holder when it is not free within ``wait_seconds``."""
    lease = _acquire(toci, name, holder, pause, wait_seconds)
    stop = threading.Event()
    beat = threading.Thread(target=_renew_until, args=(toci, lease, stop), name=f"lease-{name}", daemon=True)
    beat.start()
    try:
        yield lease
    finally:
        stop.set()
        beat.join()
        _release(toci, lease)


def _acquire(toci: Toci, name: str, holder: str, pause: Callable[[float], None], wait_seconds: float) -> Lease:
    waited = 0.0
    while True:
        lease_or_holder = _try(toci, name, holder)
        if isinstance(lease_or_holder, Lease):
            return lease_or_holder
        if waited >= wait_seconds:
            raise LeaseTakenError(
                f"'{name}' is being worked on by {lease_or_holder}; waited {wait_seconds:.0f} s.",
                remedy="wait until that run has ended, then start this one again; it does what is left.",
            )
        pause(0.5)
        waited += 0.5


def _try(toci: Toci, name: str, holder: str) -> Lease | str:
    """The lease, or who holds it."""
    mine = {"holder": holder, "host": this_host(), "process": this_process(), "claim": uuid.uuid4().hex}

    def work(connection: Connection) -> Lease | str:
        now = datetime.now(UTC)
        expires_at = now + EXPIRY
        row = connection.execute(select(leases).where(_key(toci, name))).one_or_none()
        if row is None:
            # Two at once: the server refuses one of the rows, and that one looks again.
            connection.execute(insert(leases).values(shop=toci.shop, name=name, token=1, expires_at=expires_at, **mine))
            return Lease(name, 1, expires_at)
        if row.claim == mine["claim"]:
            # Taken by the try before this one, whose answer was lost.
            return Lease(name, row.token, row.expires_at)
        if row.expires_at > now and not is_dead_here(row.host, row.process):
            return str(row.holder)
        taken = connection.execute(
            update(leases)
            .where(_key(toci, name), leases.c.token == row.token)
            .values(token=row.token + 1, expires_at=expires_at, **mine)
            .returning(leases.c.token)
        ).scalar_one_or_none()
        return str(row.holder) if taken is None else Lease(name, taken, expires_at)

    return toci.write(work)


def _renew_until(toci: Toci, lease: Lease, stop: threading.Event) -> None:
    while not stop.wait(HEARTBEAT_SECONDS):
        expires_at = datetime.now(UTC) + EXPIRY
        try:
            is_renewed = _set_expiry(toci, lease, expires_at)
        except TemuAssetsError:
            # Our database is away: the lease holds until it would have expired, and not longer.
            continue
        if not is_renewed:
            lease.is_lost = True
            return
        lease.expires_at = expires_at


def _release(toci: Toci, lease: Lease) -> None:
    # The row stays, with its token, so that tokens only ever grow. Without our database it expires by itself, and what went wrong before
    # is worth more than this.
    with suppress(TemuAssetsError):
        _set_expiry(toci, lease, datetime.now(UTC) - timedelta(seconds=1))


def _set_expiry(toci: Toci, lease: Lease, expires_at: datetime) -> bool:
    """False when the lease is no longer ours."""
    renew = (
        update(leases).where(_key(toci, lease.name), leases.c.token == lease.token).values(expires_at=expires_at).returning(leases.c.token)
    )
    return toci.write_once(lambda connection: connection.execute(renew).scalar_one_or_none()) is not None


def _key(toci: Toci, name: str) -> ColumnElement[bool]:
    return and_(leases.c.shop == toci.shop, leases.c.name == name)
