"""Sending targets to TEMU and reading back until TEMU shows them (fact sheet temu-api, section 5.6).

Everything that lowers an offer goes before everything that only raises one. Targets are absolute, so what was interrupted is simply sent
again; what counts is not TEMU's acceptance but the stock it shows afterwards. Progress is committed per batch, and no transaction is open
during a call.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from temu_assets.errors import RecordError, TemuAssetsError, TransientError
from temu_assets.inventory import sending_rows
from temu_assets.inventory.deltas import GoodsChange, SkuStock, Urgency
from temu_assets.sql.chunks import in_chunks
from temu_assets.temu.goods import StockEditAnswer, StockVerdict
from temu_assets.time_limit import UNLIMITED, TimeLimit
from temu_assets.toci.database import Toci
from temu_assets.toci.leases import Lease
from temu_assets.toci.problems import Finding

GOODS_PER_BATCH = 100
SKUS_PER_READ = 100
READ_BACK_PAUSES = (2.0, 3.0, 5.0)
"""Seconds; TEMU may show the old stock for about 5 s after a change."""


class SetsStock(Protocol):
    """The two calls this module needs of TEMU."""

    def stock(self, sku_ids: Sequence[str]) -> dict[str, int]:
        """What TEMU shows."""
        ...

    def edit_stock(self, goods_id: str, targets: Mapping[str, int]) -> StockEditAnswer:
        """Set what TEMU shows."""
        ...


@dataclass(frozen=True, slots=True)
class Channel:
    """What sending works with. ``codes`` are the sellers' SKU codes by SKU id; ``now`` is aware UTC; ``pause`` takes seconds.

    ``sent_before``: SKUs that were sent by earlier runs and are not shown yet.
    """

    toci: Toci
    temu: SetsStock
    lease: Lease
    codes: Mapping[str, str]
    now: Callable[[], datetime]
    concurrency: int
    pause: Callable[[float], None] = time.sleep
    limit: TimeLimit = UNLIMITED
    sent_before: Collection[str] = frozenset()

    @property
    def fenced(self) -> Toci:
        """Our database, for what only the holder of the lease may write."""
        return self.lease.fenced(self.toci)


@dataclass(slots=True)
class Sent:
    """What became of the targets, by SKU id. ``failure`` is what stopped the work early; the rest then waits for the next run."""

    confirmed: dict[str, int] = field(default_factory=dict)
    refused: dict[str, Finding] = field(default_factory=dict)
    unsettled: dict[str, int] = field(default_factory=dict)
    waiting: int = 0
    """SKUs that were not sent because this run's time is up."""
    failure: TemuAssetsError | None = None

    @property
    def is_whole(self) -> bool:
        """Whether everything was sent that was to be."""
        return self.failure is None and not self.waiting

    def result(self, sku_id: str) -> str:
        """What became of one SKU, in words; empty when it was not sent."""
        if sku_id in self.confirmed:
            return f"TEMU shows {self.confirmed[sku_id]}"
        if sku_id in self.refused:
            return self.refused[sku_id].reason
        return "sent, not shown yet" if sku_id in self.unsettled else ""


def send(channel: Channel, changes: Sequence[GoodsChange]) -> Sent:
    """Send all changes, as far as time allows.

    An error that is not about one goods stops the sending; what was sent until then is still read back.
    """
    sent = Sent()
    # What lowers an offer and what only raises one are never in one batch.
    waves = [[change for change in changes if (change.urgency is Urgency.INCREASE) == is_increase] for is_increase in (False, True)]
    try:
        while batch := _next_batch(channel, waves, sent):
            _send_batch(channel, batch, sent)
    except TemuAssetsError as error:
        sent.failure = error
    try:
        for seconds in READ_BACK_PAUSES:
            if not sent.unsettled:
                break
            channel.pause(seconds)
            _read_back(channel, sent, sent.unsettled)
    except TemuAssetsError as error:
        # What stopped the sending says more than that reading failed as well.
        sent.failure = sent.failure or error
    return sent


def _next_batch(channel: Channel, waves: list[list[GoodsChange]], sent: Sent) -> list[GoodsChange]:
    """Take the next changes out of the waves; none once all are sent, or the time is up."""
    # TEMU may refuse the first ones in every run, or never show them: those alone do not count, or nothing else would ever have its turn.
    if (sent.confirmed or sent.unsettled.keys() - set(channel.sent_before)) and channel.limit.is_over():
        sent.waiting = sum(len(change.targets) for wave in waves for change in wave)
        return []
    size = channel.limit.piece(GOODS_PER_BATCH, small=channel.concurrency)
    wave = next((wave for wave in waves if wave), [])
    batch = wave[:size]
    del wave[:size]
    return batch


def _send_batch(channel: Channel, batch: Sequence[GoodsChange], sent: Sent) -> None:
    channel.lease.check()
    targets = {sku_id: pieces for change in batch for sku_id, pieces in change.targets.items()}
    channel.fenced.write(lambda connection: sending_rows.mark_sending(connection, channel.toci.shop, list(targets), now=channel.now()))
    answers = _call(channel, batch)
    _require_still_ours(channel, list(targets))
    refused = {
        sku_id: refusal
        for change, answer in zip(batch, answers, strict=True)
        for sku_id, refusal in _refusals(channel, change, answer).items()
    }
    if refused:
        channel.fenced.write(lambda connection: sending_rows.park(connection, channel.toci.shop, refused, targets, now=channel.now()))
    sent.refused |= refused
    open_targets = {sku_id: pieces for sku_id, pieces in targets.items() if sku_id not in refused}
    sent.unsettled |= open_targets
    for answer in answers:
        if isinstance(answer, TemuAssetsError) and not isinstance(answer, RecordError):
            raise answer
    _read_back(channel, sent, open_targets)


def _require_still_ours(channel: Channel, sku_ids: list[str]) -> None:
    """A call that was still on its way when another run took over may lie on top of what that run has sent: then nobody knows."""
    try:
        channel.lease.check()
    except TransientError:
        channel.toci.write(lambda connection: sending_rows.forget_shown(connection, channel.toci.shop, sku_ids, now=channel.now()))
        raise


def _call(channel: Channel, batch: Sequence[GoodsChange]) -> list[StockEditAnswer | TemuAssetsError | None]:
    """One answer per goods; None for those not asked any more after a call failed for a reason that is not about one goods."""
    stopped = threading.Event()

    def one(change: GoodsChange) -> StockEditAnswer | TemuAssetsError | None:
        if stopped.is_set():
            return None
        try:
            channel.lease.check()
            return channel.temu.edit_stock(change.goods_id, change.targets)
        except TemuAssetsError as error:
            if not isinstance(error, RecordError):
                stopped.set()
            return error

    with ThreadPoolExecutor(max_workers=channel.concurrency, thread_name_prefix="stock") as threads:
        return list(threads.map(one, batch))


def _refusals(channel: Channel, change: GoodsChange, answer: StockEditAnswer | TemuAssetsError | None) -> dict[str, Finding]:
    if isinstance(answer, RecordError):
        return dict.fromkeys(change.targets, Finding(answer.what, answer.remedy))
    if isinstance(answer, StockEditAnswer):
        return {
            sku_id: _finding(channel.codes[sku_id], pieces, answer.verdicts[sku_id])
            for sku_id, pieces in change.targets.items()
            # Where TEMU said nothing, what it shows afterwards tells.
            if answer.verdicts[sku_id].is_told and not answer.verdicts[sku_id].accepted
        }
    return {}


def _finding(code: str, pieces: int, verdict: StockVerdict) -> Finding:
    number = "without a code" if verdict.code is None else f"with code {verdict.code}"
    if pieces == 0:
        return Finding(
            f"TEMU refused to set '{code}', which is sold out, to 0 {number}: {verdict.message}.",
            "take the SKU off sale in TEMU's Seller Center, or set its stock to 0 there. Each run tries it again.",
        )
    return Finding(
        f"TEMU refused the stock {pieces} of '{code}' {number}: {verdict.message}.",
        "look at the SKU in TEMU's Seller Center (taken down, deleted?). It is tried again when its target changes, or after a day.",
    )


def _read_back(channel: Channel, sent: Sent, targets: Mapping[str, int]) -> None:
    shown: dict[str, int] = {}
    for chunk in in_chunks(list(targets), SKUS_PER_READ):
        shown |= channel.temu.stock(chunk)
    agreeing = {sku_id: pieces for sku_id, pieces in targets.items() if shown.get(sku_id) == pieces}
    channel.lease.check()
    if agreeing:
        channel.fenced.write(lambda connection: sending_rows.confirm(connection, channel.toci.shop, agreeing, now=channel.now()))
    sent.confirmed |= agreeing
    sent.unsettled = {sku_id: pieces for sku_id, pieces in sent.unsettled.items() if sku_id not in agreeing}


def not_shown(sent: Sent, rows: Sequence[SkuStock], *, now: datetime) -> dict[str, Finding]:
    """What a person is told about SKUs TEMU accepted and does not show; nothing of a run that could not finish, which the next one does."""
    if not sent.is_whole:
        return {}
    return {
        row.sku_id: Finding(
            f"TEMU accepted the stock {row.target} of '{row.sku}' but does not show it; it differs since "
            f"{row.differs_since or now:%Y-%m-%d %H:%M} UTC. An order at this moment looks the same.",
            "nothing: the next run sends it again. If this stays for hours, look at the SKU in TEMU's Seller Center.",
        )
        for row in rows
        if row.sku_id in sent.unsettled
    }
