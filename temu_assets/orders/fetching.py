"""From TEMU to disk: list what changed, ask for what is missing, keep every answer as it came."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from temu_assets.errors import RecordError, TemuAssetsError, TransientError
from temu_assets.orders import order_store
from temu_assets.orders.asking import Answer, Asking
from temu_assets.orders.details import Listed, Wanted, wanted, window_start
from temu_assets.orders.from_temu import listed as listed_facts
from temu_assets.orders.ingesting import WITHOUT_NUMBER, read_listed
from temu_assets.snapshots import (
    Content,
    DamagedFileError,
    Record,
    SnapshotFile,
    SnapshotKind,
    not_ingested,
    read_snapshot,
    register,
    write_snapshot,
)
from temu_assets.sql.chunks import in_chunks
from temu_assets.temu.client import TemuClient
from temu_assets.temu.fields import known_id
from temu_assets.temu.listing import Listing, in_windows, read_listing
from temu_assets.time_limit import UNLIMITED, TimeLimit
from temu_assets.toci import problems, sync_state
from temu_assets.toci.database import Toci
from temu_assets.toci.kinds import ORDER_DATA
from temu_assets.toci.problems import Problem, ProblemState
from temu_assets.toci.sync_state import Mark

ORDER = "order"
AMOUNTS_ASKED_AGAIN_AFTER = timedelta(days=1)
UNREADABLE_ASKED_AGAIN_AFTER = timedelta(days=1)
_FAR_FUTURE = datetime(9999, 1, 1, tzinfo=UTC)
_ORDERS_BY_NUMBER = 20


@dataclass(frozen=True, slots=True)
class FetchPlan:
    """What a run was asked for. ``limit`` bounds how long details are asked for. TEMU's list is read whole: the rest stands on it."""

    import_status: int
    days_back: int
    backfill: bool
    run_id: str
    threads: int
    access: str
    """A fingerprint of the access to TEMU: with a new token everything that waits is asked for again at once."""
    limit: TimeLimit = UNLIMITED


@dataclass(slots=True)
class Fetched:
    """What a run brought, in counts, and what kept it from bringing more."""

    listed: int = 0
    unchanged: int = 0
    pages: int = 0
    passes: int = 0
    asked: int = 0
    answered: int = 0
    failed: int = 0
    waiting: int = 0
    is_complete: bool = True
    files: list[SnapshotFile] = field(default_factory=list)
    outage: TemuAssetsError | None = None


@dataclass(frozen=True, slots=True)
class Fetching:
    """One run of ``raw_orders``. Everything written is registered at once, so a killed run loses at most the batch under way."""

    temu: TemuClient
    toci: Toci
    data_dir: Path
    now: Callable[[], datetime]
    plan: FetchPlan

    def run(self) -> Fetched:
        """List, ask, write. Raises what made the list unreadable; what made the asking stop is in ``outage``."""
        fetched = Fetched()
        is_waiting_over = self.plan.backfill or self._has_new_access()
        already_there = self._not_yet_ingested()
        listed = self._list(fetched)
        questions = self._questions(listed, already_there, fetched, waits_end_by=_FAR_FUTURE if is_waiting_over else self.now())
        self._ask(questions, fetched, is_waiting_over=is_waiting_over)
        if fetched.outage is None:
            self.toci.write(
                partial(sync_state.remember, shop=self.toci.shop, mark=Mark.TEMU_ACCESS, value=self.plan.access, now=self.now())
            )
        return fetched

    def _has_new_access(self) -> bool:
        before = self.toci.read(lambda connection: sync_state.read(connection, self.toci.shop, Mark.TEMU_ACCESS))
        return before is not None and before != self.plan.access

    def _list(self, fetched: Fetched) -> dict[str, Listed]:
        facts = self._list_again(fetched)
        started = self.now()
        complete_until = self._remembered(Mark.ORDERS_COMPLETE_UNTIL)
        start = window_start(complete_until, now=started, days_back=self.plan.days_back, backfill=self.plan.backfill)
        for window_from, window_to in in_windows(start, started):
            listing = self._read_window(window_from, window_to)
            fetched.listed += len(listing.items) + len(listing.unnamed)
            fetched.pages += listing.pages
            fetched.passes = max(fetched.passes, listing.passes)
            fetched.is_complete = fetched.is_complete and listing.is_complete
            if listing.told_total and not listing.items and not listing.unnamed:
                raise TransientError(
                    f"TEMU says that {listing.told_total} orders changed, but its list came back empty {listing.passes} times.",
                    remedy="nothing; the next run asks again. If it stays, report it to TEMU's support.",
                )
            if listing.items or listing.unnamed or window_to == started:
                # A window that follows an incomplete one may not move the mark past the gap.
                # Where our clock is known to be fast, TEMU has not listed what comes after its own "now".
                end = min(window_to, started + self.temu.clock_offset)
                self._write(Content.LISTING, self._listing_records(listing), fetched, end if fetched.is_complete else None)
            facts |= self._facts(listing.items.values())
        return facts

    def _list_again(self, fetched: Fetched) -> dict[str, Listed]:
        """Orders that could not be read, once a day by number: TEMU's answer can become right without the order changing."""
        parked = self.toci.read(lambda connection: problems.of_kind(connection, self.toci.shop, ORDER_DATA))
        due = [each.key for each in parked if each.key != WITHOUT_NUMBER and self._is_due(each)]
        facts: dict[str, Listed] = {}
        for chunk in in_chunks(due, _ORDERS_BY_NUMBER):
            page = self.temu.orders.list_page(page=1, order_ids=chunk)
            fetched.pages += 1
            records = [
                Record(ORDER, known_id(item, "parentOrderMap", "parentOrderSn") or "", self.now(), self._listed_item(item))
                for item in page.items
            ]
            self._write(Content.LISTING, records, fetched, None)
            facts |= self._facts(page.items)
        return facts

    def _is_due(self, parked: Problem) -> bool:
        is_old = not timedelta() <= self.now() - parked.last_seen_at < UNREADABLE_ASKED_AGAIN_AFTER
        return parked.state is ProblemState.RETRY or (parked.state is ProblemState.OPEN and is_old)

    def _read_window(self, window_from: datetime, window_to: datetime) -> Listing:
        return read_listing(
            lambda page: self.temu.orders.list_page(page=page, updated_from=window_from, updated_to=window_to),
            lambda item: known_id(item, "parentOrderMap", "parentOrderSn"),
        )

    def _listing_records(self, listing: Listing) -> Iterator[Record]:
        for key, item in listing.items.items():
            yield Record(ORDER, key, self.now(), self._listed_item(item))
        for item in listing.unnamed:
            yield Record(ORDER, "", self.now(), self._listed_item(item))

    def _listed_item(self, item: dict[str, object]) -> dict[str, object]:
        return {"import_status": self.plan.import_status, "item": item}

    def _facts(self, items: Iterable[dict[str, object]]) -> dict[str, Listed]:
        facts = {}
        for item in items:
            try:
                order = read_listed(self.toci.shop, item, self.plan.import_status, self.now()).order
            except RecordError:
                # Said, with the field's name, where the snapshot is taken in; an order that cannot be read is not asked about.
                continue
            facts[order.order_id] = listed_facts(order, import_status=self.plan.import_status)
        return facts

    def _not_yet_ingested(self) -> dict[str, set[str]]:
        """Answers an earlier run wrote and no run took in yet: they need not be asked for again."""
        files = self.toci.read(lambda connection: not_ingested(connection, self.toci.shop, SnapshotKind.ORDERS))
        there: dict[str, set[str]] = {"address": set(), "amounts": set()}
        for file in files:
            if file.content is not Content.DETAILS:
                continue
            try:
                records = list(read_snapshot(self.data_dir, file))
            except DamagedFileError:
                # Said where files are taken in; what it held is asked for again now.
                continue
            there["address"] |= {record.key for record in records if record.kind == Answer.SHIPPING}
            there["amounts"] |= {record.key for record in records if record.kind in (Answer.AMOUNTS, Answer.INVOICE)}
        return there

    def _questions(
        self, listed: dict[str, Listed], there: dict[str, set[str]], fetched: Fetched, *, waits_end_by: datetime
    ) -> dict[str, Wanted]:
        known, lacking = self.toci.read(
            lambda connection: (
                order_store.known(connection, self.toci.shop, list(listed)),
                order_store.lacking_details(connection, self.toci.shop, now=waits_end_by),
            )
        )
        fetched.unchanged = sum(1 for key, facts in listed.items() if key in known and known[key].updated_at == facts.updated_at)
        questions = {key: wanted(known.get(key), facts, now=waits_end_by) for key, facts in listed.items()}
        questions |= {key: Wanted(address, amounts) for key, address, amounts in lacking if key not in listed}
        open_questions = {}
        for key, question in questions.items():
            left = Wanted(question.address and key not in there["address"], question.amounts and key not in there["amounts"])
            if left:
                open_questions[key] = left
        return open_questions

    def _ask(self, questions: dict[str, Wanted], fetched: Fetched, *, is_waiting_over: bool) -> None:
        if not questions:
            return
        refused_at = self._remembered(Mark.AMOUNTS_REFUSED_AT)
        # A refusal in the future is one of a clock that was fast: it must not last until then.
        is_fresh = refused_at is not None and timedelta() <= self.now() - refused_at < AMOUNTS_ASKED_AGAIN_AFTER
        are_refused = is_fresh and not is_waiting_over
        asking = Asking(self.temu, self.now, amounts_are_refused=are_refused)
        for records in asking.ask(questions, threads=self.plan.threads, limit=self.plan.limit):
            fetched.asked += len({record.key for record in records})
            if records:
                self._write(Content.DETAILS, records, fetched, None)
        fetched.answered, fetched.failed, fetched.outage = asking.answered, asking.failed, asking.outage
        fetched.waiting = len(questions) - fetched.asked
        if asking.amounts_are_refused and not are_refused:
            now = self.now()
            self.toci.write(partial(sync_state.remember_instant, shop=self.toci.shop, mark=Mark.AMOUNTS_REFUSED_AT, value=now, now=now))

    def _remembered(self, mark: Mark) -> datetime | None:
        return self.toci.read(lambda connection: sync_state.read_instant(connection, self.toci.shop, mark))

    def _write(self, content: Content, records: Iterable[Record], fetched: Fetched, window_end: datetime | None) -> None:
        file = write_snapshot(
            self.data_dir,
            kind=SnapshotKind.ORDERS,
            content=content,
            run_id=self.plan.run_id,
            records=records,
            now=self.now(),
            window_end=window_end,
        )
        self.toci.write(lambda connection: register(connection, self.toci.shop, file))
        fetched.files.append(file)
