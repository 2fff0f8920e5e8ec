"""From TEMU to disk: list what changed, ask for what is missing, keep every answer as it came."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from temu_assets.errors import RecordError, TemuAssetsError, TransientError
from temu_assets.orders import order_store
from temu_assets.orders.asking import Answer, Asking
from temu_assets.orders.details import Wanted, wanted, window_start
from temu_assets.orders.from_temu import listed as listed_facts
from temu_assets.orders.ingesting import WITHOUT_NUMBER, read_record
from temu_assets.snapshots import (
    Content,
    DamagedFileError,
    Record,
    SnapshotFile,
    SnapshotKind,
    are_registered,
    not_ingested,
    read_snapshot,
    register,
    write_snapshot,
)
from temu_assets.sql.chunks import in_chunks
from temu_assets.temu.client import TemuClient
from temu_assets.temu.fields import known_id
from temu_assets.temu.listing import Reading, in_windows
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
_ORDERS_A_FILE = 1000


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


@dataclass(slots=True)
class _Seen:
    """Of the orders listed, by number: what to ask for, and which have not changed since we know them.

    ``waits_end_by``: what TEMU was to be left alone with until then is asked for.
    """

    waits_end_by: datetime
    wanted: dict[str, Wanted] = field(default_factory=dict)
    unchanged: set[str] = field(default_factory=set)


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
        seen = _Seen(waits_end_by=_FAR_FUTURE if is_waiting_over else self.now())
        self._list(fetched, seen)
        self._ask(self._questions(seen, already_there), fetched, is_waiting_over=is_waiting_over)
        if fetched.outage is None:
            self.toci.write(
                partial(sync_state.remember, shop=self.toci.shop, mark=Mark.TEMU_ACCESS, value=self.plan.access, now=self.now())
            )
        return fetched

    def _has_new_access(self) -> bool:
        before = self.toci.read(lambda connection: sync_state.read(connection, self.toci.shop, Mark.TEMU_ACCESS))
        return before is not None and before != self.plan.access

    def _list(self, fetched: Fetched, seen: _Seen) -> None:
        self._list_again(fetched, seen)
        started = self.now()
        complete_until = self._remembered(Mark.ORDERS_COMPLETE_UNTIL)
        start = window_start(complete_until, now=started, days_back=self.plan.days_back, backfill=self.plan.backfill)
        for window_from, window_to in in_windows(start, started):
            self._list_window(window_from, window_to, started, fetched, seen)
        fetched.unchanged = len(seen.unchanged)

    def _list_window(self, window_from: datetime, window_to: datetime, started: datetime, fetched: Fetched, seen: _Seen) -> None:
        """Read one window page by page: what was read is on disk, and not in memory, before much more comes."""
        reading = Reading(
            lambda page: self.temu.orders.list_page(page=page, updated_from=window_from, updated_to=window_to),
            lambda item: known_id(item, "parentOrderMap", "parentOrderSn"),
            threads=self.plan.threads,
        )
        names: set[str] = set()
        unnamed = 0
        records: list[Record] = []
        for page in reading.pages():
            if records and len(records) + len(page) > _ORDERS_A_FILE:
                self._keep_listed(records, fetched, seen, None)
                records = []
            records += [Record(ORDER, key or "", self.now(), self._listed_item(item)) for key, item in page]
            names.update(key for key, _ in page if key is not None)
            unnamed += sum(key is None for key, _ in page)
        fetched.listed += len(names) + unnamed
        fetched.pages += reading.pages_read
        fetched.passes = max(fetched.passes, reading.passes)
        fetched.is_complete = fetched.is_complete and reading.is_complete
        if reading.told_total and not names and not unnamed:
            raise TransientError(
                f"TEMU says that {reading.told_total} orders changed, but its list came back empty {reading.passes} times.",
                remedy="nothing; the next run asks again. If it stays, report it to TEMU's support.",
            )
        if records or window_to == started:
            # A window that follows an incomplete one may not move the mark past the gap.
            # Where our clock is known to be fast, TEMU has not listed what comes after its own "now".
            end = min(window_to, started + self.temu.clock_offset)
            self._keep_listed(records, fetched, seen, end if fetched.is_complete else None)

    def _list_again(self, fetched: Fetched, seen: _Seen) -> None:
        """Orders that could not be read, once a day by number: TEMU's answer can become right without the order changing."""
        parked = self.toci.read(lambda connection: problems.unsettled(connection, self.toci.shop, ORDER_DATA))
        due = [each.key for each in parked if each.key != WITHOUT_NUMBER and self._is_due(each)]
        for chunk in in_chunks(due, _ORDERS_BY_NUMBER):
            page = self.temu.orders.list_page(page=1, order_ids=chunk)
            fetched.pages += 1
            records = [
                Record(ORDER, known_id(item, "parentOrderMap", "parentOrderSn") or "", self.now(), self._listed_item(item))
                for item in page.items
            ]
            self._keep_listed(records, fetched, seen, None)

    def _is_due(self, parked: Problem) -> bool:
        is_old = not timedelta() <= self.now() - parked.last_seen_at < UNREADABLE_ASKED_AGAIN_AFTER
        return parked.state is ProblemState.RETRY or (parked.state is ProblemState.OPEN and is_old)

    def _listed_item(self, item: dict[str, object]) -> dict[str, object]:
        return {"import_status": self.plan.import_status, "item": item}

    def _keep_listed(self, records: Sequence[Record], fetched: Fetched, seen: _Seen, window_end: datetime | None) -> None:
        """Write listed orders to disk, and keep of them what TEMU has to be asked for."""
        self._write(Content.LISTING, records, fetched, window_end)
        facts = {}
        for record in records:
            try:
                order = read_record(self.toci.shop, record, self.now()).order
            except RecordError:
                # Said, with the field's name, where the snapshot is taken in; an order that cannot be read is not asked about.
                continue
            facts[order.order_id] = listed_facts(order, import_status=self.plan.import_status)
        known = self.toci.read(lambda connection: order_store.known(connection, self.toci.shop, list(facts)))
        for key, fact in facts.items():
            before = known.get(key)
            seen.wanted[key] = wanted(before, fact, now=seen.waits_end_by)
            (seen.unchanged.add if before is not None and before.updated_at == fact.updated_at else seen.unchanged.discard)(key)

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

    def _questions(self, seen: _Seen, there: dict[str, set[str]]) -> dict[str, Wanted]:
        lacking = self.toci.read(lambda connection: order_store.lacking_details(connection, self.toci.shop, now=seen.waits_end_by))
        questions = seen.wanted | {key: Wanted(address, amounts) for key, address, amounts in lacking if key not in seen.wanted}
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

        def save(connection: Connection) -> SnapshotFile:
            # One that was found damaged meanwhile, while another run took in what waits, is missing from the list.
            is_whole = file.window_end is None or are_registered(connection, self.toci.shop, fetched.files)
            kept = file if is_whole else replace(file, window_end=None)
            register(connection, self.toci.shop, kept)
            return kept

        fetched.files.append(self.toci.write(save))
