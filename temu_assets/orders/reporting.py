"""From our tables to TEMU: every parcel JTL has sent, confirmed once and read back.

What was under way when a run died is looked up at TEMU first. A refusal parks the parcels of that call with TEMU's reason until
their data change or a person decides; everything else goes on. A call that could not be made leaves its parcels pending.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from temu_assets.errors import RecordError, TemuAssetsError, TransientError
from temu_assets.orders import parcel_clock, parcel_store
from temu_assets.orders.parcel_store import Reported
from temu_assets.orders.reporting_plan import REFUSED_AS, ReportingPlan, Work
from temu_assets.orders.shipment_calls import Outcome, Shipment, Verdict, confirm, correct
from temu_assets.orders.told_numbers import with_told
from temu_assets.temu.client import TemuClient
from temu_assets.time_limit import UNLIMITED, TimeLimit
from temu_assets.toci import lead_times, outbox, problems
from temu_assets.toci.database import Toci
from temu_assets.toci.kinds import CARRIER_NOT_MAPPED, PARCEL_UNCLEAR, SHIPMENT_REFUSED
from temu_assets.toci.lead_times import Leg
from temu_assets.toci.leases import Lease
from temu_assets.toci.outbox import Effect, Entry, State
from temu_assets.toci.problems import Finding

BATCH = 100
OUTAGE = 5
"""So many calls without an answer, and none with one, are an outage."""

SHOWN_LATE_AGAIN_AFTER = timedelta(hours=1)
"""So long a parcel waits that TEMU says it knows already and does not show, before TEMU is asked for it again."""

_REFUSED_ONCE = "refused once without a reason as "


@dataclass(slots=True)
class Done:
    """What a run did, in counts. ``outage``: why a call got no answer; the run ends red, but one such call does not stop the others."""

    confirmed: int = 0
    found: int = 0
    corrected: int = 0
    parked: int = 0
    outage: TemuAssetsError | None = None
    unanswered: int = 0
    waiting_for_next_run: int = 0
    """Parcels that could be told, and were not because this run's time is up."""

    @property
    def is_hopeless(self) -> bool:
        """Whether going on makes no sense: TEMU answers nobody, or has told what stands in the way of every call."""
        if self.outage is None:
            return False
        return not isinstance(self.outage, TransientError) or (self.unanswered >= OUTAGE and not self.confirmed + self.found)


@dataclass(frozen=True, slots=True)
class Reporting:
    """One run of ``tracking_upload``. ``threads``: calls under way at once."""

    plan: ReportingPlan
    toci: Toci
    temu: TemuClient
    threads: int
    lease: Lease
    now: Callable[[], datetime]
    limit: TimeLimit = UNLIMITED

    def run(self) -> Done:
        """Report what can be reported. TEMU is not called when there is nothing to report."""
        done = Done()
        work = self.plan.load()
        if not work.parcels:
            self._save_findings(work)
            return done
        shipments = self.plan.shipments(work)
        corrections = self.plan.corrections(work)
        self._save_findings(work)
        done.parked = len(work.unclear) + len(work.unmapped)
        self._in_batches(shipments, work, done, self._confirm_or_look_up)
        self._in_batches(corrections, work, done, self._correct)
        return done

    def _in_batches(self, shipments: Sequence[Shipment], work: Work, done: Done, call: Callable[[Shipment, Work], Outcome]) -> None:
        """Some of each kind in every run, so that neither waits for ever."""
        start = 0
        for_one = timedelta()
        while start < len(shipments):
            piece = shipments[start : start + self.limit.piece(BATCH, small=self.threads)]
            if start and self.limit.is_over(next_takes=for_one * len(piece)):
                done.waiting_for_next_run += sum(len(shipment.parcel_ids) for shipment in shipments[start:])
                return
            began = self.now()
            self._make_calls(piece, work, done, call)
            for_one = (self.now() - began) / len(piece)
            start += len(piece)

    def _make_calls(self, shipments: Sequence[Shipment], work: Work, done: Done, call: Callable[[Shipment, Work], Outcome]) -> None:
        if not shipments or done.is_hopeless:
            return
        self._mark_sending(shipments, work)
        with ThreadPoolExecutor(max_workers=self.threads, thread_name_prefix="temu-shipments") as pool:
            outcomes = list(pool.map(lambda shipment: call(shipment, work), shipments))
        self._save(list(zip(shipments, outcomes, strict=True)), work, done)

    def _confirm_or_look_up(self, shipment: Shipment, work: Work) -> Outcome:
        return self.plan.look_first(shipment, work) or confirm(self.temu, shipment, self.lease.check)

    def _correct(self, shipment: Shipment, work: Work) -> Outcome:
        (plan,) = shipment.plans
        package_ids = {stored.parcel.parcel_id: stored.package_id for stored in work.parcels[plan.order_id]}
        package_id = package_ids[plan.parcels[0].parcel_id]
        assert package_id is not None  # noqa: S101 — only such parcels are corrected
        return self.plan.look_before_correcting(shipment) or correct(self.temu, shipment, package_id, self.lease.check)

    def _save(self, results: Sequence[tuple[Shipment, Outcome]], work: Work, done: Done) -> None:
        raw_numbers = {
            stored.parcel.parcel_id: stored.parcel.tracking
            for shipment, _ in results
            for plan in shipment.plans
            for stored in work.parcels[plan.order_id]
        }
        reports, lines, refused, entries = [], list[str](), dict[str, Finding](), list[Entry]()
        for shipment, outcome in results:
            entries += [self._entry(parcel_id, shipment, outcome, work) for parcel_id in shipment.parcel_ids]
            if outcome.packages:
                # A correction names all lines of the order, of which some may not have left yet.
                lines += [] if work.is_correction(shipment) else shipment.line_ids
                reports += [
                    _reported(parcel_id, package, shipment, outcome, raw_numbers) for parcel_id, package in outcome.packages.items()
                ]
            if isinstance(outcome.error, RecordError):
                refused |= dict.fromkeys(map(str, shipment.parcel_ids), _refused(shipment, outcome))
            self._count(shipment, outcome, work, done)
        settled = [str(report.parcel_id) for report in reports]
        done_at = self.now()
        took = {key: moment for shipment, outcome in results for key, moment in _clocks(shipment, outcome, work).items()}

        def save(connection: Connection) -> None:
            parcel_store.mark_reported(connection, self.toci.shop, reports, lines, now=self.now())
            outbox.record(connection, self.toci.shop, Effect.SHIPMENT, entries, now=self.now())
            problems.report(connection, self.toci.shop, SHIPMENT_REFUSED, refused, now=self.now(), complete=False)
            problems.close(connection, self.toci.shop, SHIPMENT_REFUSED, settled, now=self.now())
            lead_times.record(connection, self.toci.shop, Leg.PARCEL, took, done_at=done_at)

        self.toci.write(save)

    def _entry(self, parcel_id: int, shipment: Shipment, outcome: Outcome, work: Work) -> Entry:
        key = str(parcel_id)
        attempts = work.entries[key].attempts
        reason = None if outcome.error is None else outcome.error.what
        match outcome.verdict:
            case Verdict.CONFIRMED | Verdict.FOUND:
                return Entry(key, State.DONE, evidence=f"TEMU package {outcome.packages[parcel_id]}", attempts=attempts)
            case Verdict.REFUSED:
                once = _REFUSED_ONCE + shipment.fingerprint
                # Without a reason, or because TEMU has such a shipment but does not show it yet, it may be over with the next run.
                finally_refused = REFUSED_AS + shipment.fingerprint
                was_refused = work.entries[key].evidence in (once, finally_refused)
                is_tried_again = (outcome.is_unexplained or outcome.is_done_before) and not was_refused
                evidence = once if is_tried_again else finally_refused
                retry_at = self.now() + SHOWN_LATE_AGAIN_AFTER if outcome.is_done_before and not is_tried_again else None
                return Entry(key, State.PARKED, reason=reason, evidence=evidence, attempts=attempts, retry_at=retry_at)
            case Verdict.UNCLEAR:
                return Entry(key, State.SENDING, reason=reason, evidence=with_told(work.entries[key], shipment), attempts=attempts)
            case Verdict.NOT_SENT:
                return Entry(key, State.PENDING, reason=reason, attempts=attempts)

    @staticmethod
    def _count(shipment: Shipment, outcome: Outcome, work: Work, done: Done) -> None:
        parcels = len(shipment.parcel_ids)
        if outcome.verdict is Verdict.CONFIRMED and work.is_correction(shipment):
            done.corrected += parcels
        elif outcome.verdict is Verdict.CONFIRMED:
            done.confirmed += parcels
        elif outcome.verdict is Verdict.FOUND:
            done.found += parcels
        elif outcome.verdict is Verdict.REFUSED or isinstance(outcome.error, RecordError):
            done.parked += parcels
        elif outcome.error is not None:
            done.unanswered += 1
            if done.outage is None or isinstance(done.outage, TransientError):
                done.outage = outcome.error

    def _mark_sending(self, shipments: Iterable[Shipment], work: Work) -> None:
        entries = []
        for shipment in shipments:
            for key in map(str, shipment.parcel_ids):
                before = work.entry(int(key))
                # What it was before this run decides whether TEMU has to be asked first, so that state is kept here.
                work.entries[key] = replace(before, attempts=before.attempts + 1)
                entries.append(Entry(key, State.SENDING, evidence=with_told(before, shipment), attempts=before.attempts + 1))
        self.toci.write(lambda connection: outbox.record(connection, self.toci.shop, Effect.SHIPMENT, entries, now=self.now()))

    def _save_findings(self, work: Work) -> None:
        def save(connection: Connection) -> None:
            problems.report(connection, self.toci.shop, PARCEL_UNCLEAR, work.unclear, now=self.now())
            problems.report(connection, self.toci.shop, CARRIER_NOT_MAPPED, work.unmapped, now=self.now())
            self._settle_refusals(connection, work)
            outbox.record(connection, self.toci.shop, Effect.SHIPMENT, work.parked, now=self.now())

        self.toci.write(save)

    def _settle_refusals(self, connection: Connection, work: Work) -> None:
        """Nothing is refused any more of a parcel that is gone or known to TEMU, or that something else keeps from being sent.

        What is refused and left alone stays told, with the words of the refusal where it still is.
        """
        still = {
            str(stored.parcel.parcel_id)
            for order_id, parcels in work.parcels.items()
            if order_id not in work.unclear
            for stored in parcels
            if stored.reported_at is None or stored.reported_tracking != stored.parcel.tracking
        } - work.unmapped.keys()
        told = {each.key for each in problems.unsettled(connection, self.toci.shop, SHIPMENT_REFUSED)}
        untold = {key: finding for key, finding in work.refused.items() if key not in told}
        problems.report(connection, self.toci.shop, SHIPMENT_REFUSED, untold, now=self.now(), kept=still)


def _reported(parcel_id: int, package: str, shipment: Shipment, outcome: Outcome, raw_numbers: Mapping[int, str]) -> Reported:
    if outcome.as_told is None:
        return Reported(parcel_id, raw_numbers[parcel_id], shipment.carriers[parcel_id], package)
    # What TEMU has is older than JTL's number: the next run corrects it.
    told = outcome.as_told.told(parcel_id)
    return Reported(parcel_id, told.tracking, told.carrier_id, package)


def _clocks(shipment: Shipment, outcome: Outcome, work: Work) -> dict[str, datetime]:
    """Since when the parcels could have been told, by parcel; nothing where the time it took tells nothing of this program."""
    states = {work.entry(parcel_id).state for parcel_id in shipment.parcel_ids}
    # Found without a call of ours under way: somebody else has told TEMU. Parked or unclear: a person was waited for.
    is_ours = outcome.verdict is Verdict.CONFIRMED or (outcome.verdict is Verdict.FOUND and State.SENDING in states)
    order_ids = {plan.order_id for plan in shipment.plans}
    if not is_ours or work.is_correction(shipment) or State.PARKED in states or order_ids & work.were_unclear:
        return {}
    parcel_ids = set(shipment.parcel_ids)
    parcels = [stored for order_id in order_ids for stored in work.parcels[order_id] if stored.parcel.parcel_id in parcel_ids]
    moment = parcel_clock.began(parcels, [work.orders[order_id] for order_id in order_ids])
    return {} if moment is None else {str(parcel_id): moment for parcel_id in outcome.packages}


def _refused(shipment: Shipment, outcome: Outcome) -> Finding:
    assert outcome.error is not None  # noqa: S101 — asked by the caller
    if outcome.verdict is Verdict.UNCLEAR:
        return Finding(f"Whether TEMU knows the parcels of order {shipment.name} is unclear: {outcome.error.what}", outcome.error.remedy)
    return Finding(f"TEMU refused the parcels of order {shipment.name}: {outcome.error.what}", outcome.error.remedy)
