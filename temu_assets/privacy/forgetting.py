"""Erasing the buyer of one order everywhere we hold anything of them, so that it can break off anywhere and be done again.

First the request is written down and the order's row emptied, in one transaction; then the files go; last of all the request is marked
done. What was not is taken up by the next purge.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from temu_assets.data_folders import FOR_IMPORT_BY_HAND, TEMU_ANSWERS
from temu_assets.errors import RecordError, TransientError
from temu_assets.privacy import answers, buyer_rows, predecessor_rows, proofs
from temu_assets.privacy.files import DOCUMENTS, Found, files_below, names_order, remove
from temu_assets.privacy.proofs import Place, Proof
from temu_assets.privacy.rules import Needed, OrderFacts, is_about, needed_for
from temu_assets.snapshots import DamagedFileError, SnapshotFile, SnapshotKind, not_ingested, read_snapshot
from temu_assets.sql.servers import dialect_of
from temu_assets.toci import leases
from temu_assets.toci.database import Toci
from temu_assets.toci.leases import Lease

LEASE = "personal_data"
"""Of everything that erases: one at a time."""
_STAGES = ("orders_fetch", "orders_ingest", "jtl_order")
"""The stages that read and write what is searched here."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """What we hold of one order's buyer. ``order`` is None for an order our tables do not know.

    ``elsewhere``: other shops of this database that know the order too. What they hold is neither searched nor erased.
    """

    order: OrderFacts | None
    elsewhere: tuple[str, ...]
    is_in_row: bool
    answers: tuple[SnapshotFile, ...]
    leftovers: tuple[str, ...]
    documents: tuple[str, ...]
    predecessor: tuple[str, ...]
    """Their tables, each as often as it has rows of the order."""

    @property
    def names(self) -> tuple[str, ...]:
        """Every single thing, as the proof counts it."""
        return (
            *(["temu_orders"] if self.is_in_row else []),
            *(file.path for file in self.answers),
            *self.leftovers,
            *self.documents,
            *self.predecessor,
        )


@dataclass(frozen=True, slots=True)
class Forgetting:
    """Of one order. ``by``: who erases, for the proof. The caller holds the lease ``LEASE``."""

    toci: Toci
    data_dir: Path
    order_id: str
    by: str
    now: Callable[[], datetime]

    def search(self) -> Holdings:
        """What we hold. Raises RecordError where the buyer is needed still, and for an order of another shop of this database."""
        order = self._order()
        if order is None:
            self._require_no_other_shop()
        elif (needed := needed_for(order, waits_as_file=self._waits_as_file())) is not None:
            raise self._refusal(needed)
        self._require_taken_in()
        return self._find(order)

    def _order(self) -> OrderFacts | None:
        return self.toci.read(lambda connection: buyer_rows.facts_of(connection, self.toci.shop, self.order_id))

    def _other_shops(self) -> list[str]:
        return self.toci.read(lambda connection: buyer_rows.other_shops(connection, self.toci.shop, self.order_id))

    def _require_no_other_shop(self) -> None:
        """Nothing would be found here, and the person would believe that the buyer is erased."""
        if others := self._other_shops():
            raise RecordError(
                f"The shop '{self.toci.shop}' does not know order {self.order_id}; in the same database it is an order of the shop "
                f"'{others[0]}'. Nothing was erased.",
                remedy=f"run this with the settings of that shop: TEMU_SHOP={others[0]}, and TEMU_DATA_DIR where its files lie elsewhere.",
            )

    def _waits_as_file(self) -> bool:
        return any(names_order(self.data_dir, file, self.order_id) for file in files_below(self.data_dir, FOR_IMPORT_BY_HAND))

    def run(self) -> Holdings:
        """Search and erase; returns what was found. Raises RecordError where ``search`` does: nothing was erased then."""
        with _stages(self.toci, self.by) as check:
            found = self.search()
            self._erase(found, check)
            self._finish()
        return found

    def take_up(self) -> bool:
        """Erase what a request that broke off has left; whether the buyer was needed was asked when it came.

        False while answers about the order wait to be taken into our tables: they stay, and so does the request, until the next purge.
        """
        with _stages(self.toci, self.by) as check:
            self._erase(self._find(self._order()), check)
            if self._waits_to_be_taken_in():
                return False
            self._finish()
        return True

    def _erase(self, found: Holdings, check: Callable[[], None]) -> None:
        shop = self.toci.shop
        proof = Proof(uuid.uuid4().hex, Place.REQUEST, found.names, self.by, self.now(), self.order_id)

        def begin(connection: Connection) -> None:
            proofs.begin(connection, shop, proof)
            buyer_rows.erase(connection, shop, [self.order_id], now=self.now())

        self.toci.write(begin)
        for file in found.answers:
            check()
            self._leave_out(file)
        for path in (*found.leftovers, *found.documents):
            check()
            remove(self.data_dir, path)
        self.toci.write(self._empty_predecessors)
        overwrite(self.toci)

    def _finish(self) -> None:
        self.toci.write(partial(proofs.finish, shop=self.toci.shop, place=Place.REQUEST, now=self.now(), order_id=self.order_id))

    def _leave_out(self, file: SnapshotFile) -> None:
        new = answers.write_without(self.data_dir, file, self.order_id)
        if new is None:
            self.toci.write(partial(answers.unregister, shop=self.toci.shop, paths=[file.path]))
        else:
            self.toci.write(partial(answers.take_over, shop=self.toci.shop, old=file, new=new))
        remove(self.data_dir, file.path)

    def _find(self, order: OrderFacts | None) -> Holdings:
        is_in_row, taken_in, registered = self.toci.read(
            lambda connection: (
                buyer_rows.holds_buyer(connection, self.toci.shop, self.order_id),
                answers.taken_in(connection, self.toci.shop),
                answers.registered_paths(connection),
            )
        )
        beside = [file for file in files_below(self.data_dir, TEMU_ANSWERS) if file.path not in registered]
        return Holdings(
            order=order,
            elsewhere=tuple(self._other_shops()),
            is_in_row=is_in_row,
            answers=tuple(file for file in taken_in if file.kind is SnapshotKind.ORDERS and self._is_in(self.data_dir / file.path)),
            leftovers=tuple(file.path for file in beside if self._is_left_over(file)),
            documents=tuple(
                file.path for file in files_below(self.data_dir, *DOCUMENTS) if names_order(self.data_dir, file, self.order_id)
            ),
            predecessor=self.toci.read(self._in_predecessors),
        )

    def _is_in(self, path: Path) -> bool:
        return path.exists() and answers.may_hold_order(path, self.order_id)

    def _is_left_over(self, file: Found) -> bool:
        """What is not registered counts as never fetched. A list of SKUs under way has nothing to do with orders."""
        path = self.data_dir / file.path
        if path.name.lstrip(".").startswith(f"{SnapshotKind.SKUS.value}-"):
            return False
        if path.name.endswith(".gz") or file.is_temporary:
            return self._is_in(path)
        return names_order(self.data_dir, file, self.order_id)

    def _in_predecessors(self, connection: Connection) -> tuple[str, ...]:
        tables = predecessor_rows.tables_with_buyers(connection)
        return tuple(aside.name for aside in tables for _ in range(predecessor_rows.count_of(connection, aside, self.order_id)))

    def _empty_predecessors(self, connection: Connection) -> None:
        for aside in predecessor_rows.tables_with_buyers(connection):
            predecessor_rows.empty_of(connection, aside, self.order_id)

    def _require_taken_in(self) -> None:
        """An answer about the order that our tables have not taken in may be news about it, and must not get lost."""
        if self._waits_to_be_taken_in():
            raise RecordError(
                f"TEMU's last answers about order {self.order_id} were fetched and not taken into our tables yet. Nothing was erased.",
                remedy="materialize temu_orders and temu_order_items (or run temu_orders_sync), then run this again.",
            )

    def _waits_to_be_taken_in(self) -> bool:
        waiting = self.toci.read(lambda connection: not_ingested(connection, self.toci.shop, SnapshotKind.ORDERS))
        return any(self._waits_in(file) for file in waiting)

    def _waits_in(self, file: SnapshotFile) -> bool:
        try:
            return any(is_about(record, self.order_id) for record in read_snapshot(self.data_dir, file))
        except DamagedFileError:
            return True  # to take it in sets it aside

    def _refusal(self, needed: Needed) -> RecordError:
        what, remedy = _REFUSALS[needed]
        return RecordError(f"Order {self.order_id} {what} Nothing was erased.", remedy=remedy)


def overwrite(toci: Toci) -> None:
    """See to it that what was erased cannot be read from our database's files. Raises TransientError when somebody is in the way."""
    if not toci.attempts.run(lambda: dialect_of(toci.engine).overwrite_erased(toci.engine)):
        raise TransientError(
            "Our database is in use, so that what was erased may still be in the log beside its file.",
            remedy="nothing; the next purge goes on here. At once: when nothing else runs, start purge_personal_data.",
        )


@contextmanager
def _stages(toci: Toci, by: str) -> Iterator[Callable[[], None]]:
    """Keep the stages of orders still meanwhile; what is given says, before each step, whether they are."""
    with ExitStack() as stack:
        held: list[Lease] = [stack.enter_context(leases.hold(toci, name, by)) for name in _STAGES]

        def check() -> None:
            for lease in held:
                lease.check()

        yield check


_REFUSALS = {
    Needed.UNDER_WAY: ("was being handed to JTL when a run broke off.", "run temu_orders_sync, which asks JTL; then run this again."),
    Needed.TO_BE_EXPORTED: (
        "is not finished at TEMU and was not handed to JTL yet: for that its buyer is needed.",
        "cancel it in the Seller Center, or wait until it is in JTL; run temu_orders_sync, then this again.",
    ),
    Needed.WAITS_AS_FILE: (
        "waits for import by hand in temu/xml.",
        "import the file in JTL, run temu_orders_sync, then this again.",
    ),
}
