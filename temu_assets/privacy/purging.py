"""One run of ``personal_data``: everything of buyers whose time is over goes, a batch at a time, and each batch leaves a proof.

Files go before their rows and buyers' rows before their documents, so that whatever is left when a run dies is found by the next one.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from temu_assets.data_folders import DRY_RUNS, TEMU_ANSWERS
from temu_assets.privacy import answers, buyer_rows, predecessor_rows, proofs
from temu_assets.privacy.files import DOCUMENTS, Found, files_below, prune, remove
from temu_assets.privacy.forgetting import Forgetting, overwrite
from temu_assets.privacy.proofs import Place, Proof
from temu_assets.privacy.rules import OrderFacts, is_due
from temu_assets.sql.chunks import in_chunks
from temu_assets.toci import leases, sync_state
from temu_assets.toci.database import Toci
from temu_assets.toci.leases import Lease
from temu_assets.toci.sync_state import Mark

BATCH = 200
UNFINISHED_AFTER = timedelta(days=1)
"""So old a file that was never finished belongs to no run any more."""


@dataclass(frozen=True, slots=True)
class Purging:
    """``keep_answers`` and ``keep_buyers``: how long; None: for ever. ``by``: who erases, for the proofs.

    ``lease``: of everything that erases, held by the caller.
    """

    toci: Toci
    data_dir: Path
    keep_answers: timedelta | None
    keep_buyers: timedelta | None
    by: str
    lease: Lease
    now: Callable[[], datetime]

    def run(self) -> Counter[Place]:
        """Erase what is due; returns how many things were, by place. A request that was taken up again and is done counts as one.

        Raises ConfigurationError for a file that cannot be removed; the next run goes on where this one stopped.
        """
        erased: Counter[Place] = Counter()
        self._purge_answers(erased)
        self._purge_leftovers(erased)
        self._purge_buyers(erased)
        self._purge_documents(erased)
        self._purge_predecessors(erased)
        self._overwrite()
        for order_id in self.toci.read(lambda connection: proofs.unfinished_requests(connection, self.toci.shop)):
            if Forgetting(self.toci, self.data_dir, order_id, self.by, self.now).take_up():
                erased[Place.REQUEST] += 1
        return erased

    def _purge_answers(self, erased: Counter[Place]) -> None:
        if self.keep_answers is None:
            return
        before = self.now() - self.keep_answers
        while files := self.toci.read(lambda connection: answers.taken_in(connection, self.toci.shop, before=before, limit=BATCH)):
            paths = [file.path for file in files]
            self._begin(Place.ANSWERS, paths)
            self._remove(paths)
            self.toci.write(partial(answers.unregister, shop=self.toci.shop, paths=paths))
            erased[Place.ANSWERS] += len(paths)
        self._finish(Place.ANSWERS)

    def _purge_leftovers(self, erased: Counter[Place]) -> None:
        """What was never finished, and what is not registered: it counts as never fetched, or is the predecessor's."""
        registered = self.toci.read(answers.registered_paths)
        beside = [file for file in files_below(self.data_dir, TEMU_ANSWERS) if file.path not in registered and self._is_left(file)]
        documents = [file for file in files_below(self.data_dir, *DOCUMENTS) if file.is_document]
        unfinished = [file for file in documents if file.is_temporary and self._is_left(file)]
        self._remove_all(Place.LEFTOVERS, [file.path for file in (*beside, *unfinished)], erased)

    def _is_left(self, file: Found) -> bool:
        keep = UNFINISHED_AFTER if file.is_temporary else self.keep_answers
        return keep is not None and file.written_at + keep <= self.now()

    def _purge_buyers(self, erased: Counter[Place]) -> None:
        """Not while answers are taken in, which could bring the address back."""
        if self.keep_buyers is None:
            return
        with leases.hold(self.toci, "orders_ingest", self.by) as ingest:
            for page in self._finished(self.keep_buyers):
                due = [order.order_id for order in page if is_due(order, keep=self.keep_buyers, now=self.now())]
                if due:
                    ingest.check()
                    self.toci.write(partial(self._erase_buyers, order_ids=due, proof=self._proof(Place.BUYERS, due)))
                    erased[Place.BUYERS] += len(due)

    def _finished(self, keep: timedelta) -> Iterator[list[OrderFacts]]:
        before, after = self.now() - keep, ""
        while page := self.toci.read(partial(buyer_rows.finished_with_buyer, shop=self.toci.shop, before=before, after=after, limit=BATCH)):
            yield page
            after = page[-1].order_id

    def _erase_buyers(self, connection: Connection, order_ids: Sequence[str], proof: Proof) -> None:
        proofs.begin(connection, self.toci.shop, proof)
        buyer_rows.erase(connection, self.toci.shop, order_ids, now=self.now())

    def _purge_documents(self, erased: Counter[Place]) -> None:
        """Documents of orders whose buyer was erased; and of orders nobody here knows, once they are old.

        Those of a dry run, which are there to be looked at, go as soon as TEMU's answers do. What is named otherwise is somebody else's and
        stays.
        """
        found = {file: file.order_id for file in files_below(self.data_dir, *DOCUMENTS) if file.order_id and not file.is_temporary}
        is_erased = self.toci.read(lambda connection: buyer_rows.erased_by_number(connection, sorted(set(found.values()))))
        due = [
            file.path
            for file, order_id in found.items()
            if is_erased.get(order_id, file.is_document and self._is_old(file)) or (file.is_of_a_dry_run and self._is_left(file))
        ]
        self._remove_all(Place.DOCUMENTS, due, erased)

    def _is_old(self, file: Found) -> bool:
        return self.keep_buyers is not None and file.written_at + self.keep_buyers <= self.now()

    def _purge_predecessors(self, erased: Counter[Place]) -> None:
        """Once addresses are old that were there when the predecessor's tables were taken over, all that they hold are."""
        adopted_at = self.toci.read(lambda connection: sync_state.read_instant(connection, self.toci.shop, Mark.ADOPTED_AT))
        if self.keep_buyers is None or adopted_at is None or adopted_at + self.keep_buyers > self.now():
            return
        for aside in self.toci.read(predecessor_rows.tables_with_buyers):
            while rows := self.toci.read(partial(predecessor_rows.filled_rows, aside=aside, limit=BATCH)):
                proof = self._proof(Place.PREDECESSOR, [f"{aside.name} {row}" for row in rows])
                self.toci.write(partial(self._empty_predecessor, aside=aside, rows=rows, proof=proof))
                erased[Place.PREDECESSOR] += len(rows)

    def _empty_predecessor(self, connection: Connection, aside: predecessor_rows.Aside, rows: Sequence[object], proof: Proof) -> None:
        proofs.begin(connection, self.toci.shop, proof)
        predecessor_rows.empty_rows(connection, aside, rows)

    def _overwrite(self) -> None:
        """Only after that what was erased in our database counts as done; also where an earlier run did not get here."""
        places = [
            place
            for place in (Place.BUYERS, Place.PREDECESSOR)
            if self.toci.read(partial(proofs.is_unfinished, shop=self.toci.shop, place=place))
        ]
        if places:
            overwrite(self.toci)
        for place in places:
            self._finish(place)

    def _remove_all(self, place: Place, paths: Sequence[str], erased: Counter[Place]) -> None:
        for batch in in_chunks(paths, BATCH):
            self._begin(place, batch)
            self._remove(batch)
            erased[place] += len(batch)
        self._finish(place)

    def _remove(self, paths: Sequence[str]) -> None:
        for path in paths:
            self.lease.check()
            remove(self.data_dir, path)
            for folder in (TEMU_ANSWERS, DRY_RUNS):
                prune(self.data_dir, path, below=folder)

    def _begin(self, place: Place, names: Sequence[str]) -> None:
        proof = self._proof(place, names)
        self.toci.write(lambda connection: proofs.begin(connection, self.toci.shop, proof))

    def _finish(self, place: Place) -> None:
        self.toci.write(lambda connection: proofs.finish(connection, self.toci.shop, place, now=self.now()))

    def _proof(self, place: Place, names: Sequence[str]) -> Proof:
        return Proof(uuid.uuid4().hex, place, tuple(names), self.by, self.now())
