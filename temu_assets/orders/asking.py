"""Asking TEMU for the address and the prices of single orders, several orders at once within the rate limit.

What comes back, answers and refusals alike, becomes records of a raw snapshot; nothing is decided here about the order.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from threading import Lock

from temu_assets.errors import RecordError, TemuAssetsError, TransientError
from temu_assets.orders.details import Wanted
from temu_assets.snapshots import Record
from temu_assets.temu.client import TemuClient
from temu_assets.temu.failures import TemuNotPermitted, TemuNotReady
from temu_assets.temu.order_models import is_masked, parse_shipping_info
from temu_assets.time_limit import TimeLimit

MAX_FAILURES_IN_A_ROW = 5
"""So many calls of one kind in a row without an answer are an outage, not the fault of single orders."""


class Answer(StrEnum):
    """Kinds of records in a snapshot of details."""

    SHIPPING = "shipping"
    AMOUNTS = "amounts"
    INVOICE = "invoice"
    FAILURE = "failure"


@dataclass(slots=True)
class Asking:
    """One round of questions. ``outage`` is set when going on made no sense; what was answered until then is kept."""

    temu: TemuClient
    now: Callable[[], datetime]
    amounts_are_refused: bool
    outage: TemuAssetsError | None = None
    answered: int = 0
    failed: int = 0
    _in_a_row: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def ask(self, wanted: Mapping[str, Wanted], *, threads: int, limit: TimeLimit) -> Iterator[list[Record]]:
        """Ask for all, yielding the records of a batch of orders at a time. Stops early on an outage or when the time is up.

        Some orders are asked for in any case.
        """
        orders = list(wanted.items())
        if not self.amounts_are_refused and orders:
            # One order alone first: where the shop lacks the amounts permission, only this one call is spent on finding out.
            yield self._ask_order(*orders.pop(0))
        pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="temu-details")
        try:
            yield from self._in_batches(orders, pool, threads, limit)
        finally:
            # Whoever stops taking answers, for a full disk say, does not want the questions asked that wait.
            pool.shutdown(cancel_futures=True)

    def _in_batches(
        self, orders: Sequence[tuple[str, Wanted]], pool: ThreadPoolExecutor, threads: int, limit: TimeLimit
    ) -> Iterator[list[Record]]:
        """While the answers of one batch are written, the next one is asked for."""

        def ask(number: int, order_id: str, wanted: Wanted) -> list[Record]:
            return [] if number >= threads and limit.is_over() else self._ask_order(order_id, wanted)

        under_way: deque[list[Future[list[Record]]]] = deque()
        for start in range(0, len(orders), _BATCH):
            if self._is_over() or (start and limit.is_over()):
                break
            batch = enumerate(orders[start : start + _BATCH], start)
            under_way.append([pool.submit(ask, number, *order) for number, order in batch])
            if len(under_way) > 1:
                yield _answers(under_way.popleft())
        for each in under_way:
            yield _answers(each)

    def _ask_order(self, order_id: str, wanted: Wanted) -> list[Record]:
        records: list[Record] = []
        questions: Mapping[str, Callable[[str], Record]] = {
            **({"address": self._address} if wanted.address else {}),
            **({"prices": self._prices} if wanted.amounts else {}),
        }
        for about, question in questions.items():
            if self._is_over():
                break
            try:
                records.append(question(order_id))
                self._note(about, None)
            except (RecordError, TransientError, TemuNotPermitted) as error:
                records.append(self._failure(order_id, error))
                self._note(about, error)
            except TemuAssetsError as error:
                self._stop(error)
                return records
        return records

    def _is_over(self) -> bool:
        return self.outage is not None

    def _address(self, order_id: str) -> Record:
        raw = self.temu.orders.shipping_info(order_id)
        try:
            if is_masked(parse_shipping_info(raw, order_id=order_id)):
                raw = self.temu.orders.decrypted_shipping_info(order_id)
        except (RecordError, TemuNotPermitted):
            # What came is kept as it came: what is wrong with it is said where it is taken in.
            return Record(Answer.SHIPPING, order_id, self.now(), raw)
        return Record(Answer.SHIPPING, order_id, self.now(), raw)

    def _prices(self, order_id: str) -> Record:
        if not self.amounts_are_refused:
            try:
                return Record(Answer.AMOUNTS, order_id, self.now(), self.temu.orders.amounts(order_id))
            except TemuNotPermitted:
                self.amounts_are_refused = True
        return Record(Answer.INVOICE, order_id, self.now(), self.temu.orders.invoice_detail(order_id))

    def _failure(self, order_id: str, error: TemuAssetsError) -> Record:
        told = {
            "what": error.what,
            "remedy": error.remedy,
            "is_transient": isinstance(error, TransientError),
            "is_refusal": isinstance(error, RecordError),
        }
        return Record(Answer.FAILURE, order_id, self.now(), told)

    def _note(self, about: str, error: TemuAssetsError | None) -> None:
        """Count by what was asked: prices that come do not make up for addresses that do not."""
        with self._lock:
            # "Not ready" is an answer: TEMU works, and is not done with this one order.
            if isinstance(error, TransientError) and not isinstance(error, TemuNotReady):
                self.failed += 1
                self._in_a_row.update((about, _ANYTHING))
                if max(self._in_a_row.values()) >= MAX_FAILURES_IN_A_ROW and self.outage is None:
                    self.outage = error
            else:
                self._in_a_row[about] = self._in_a_row[_ANYTHING] = 0
                self.failed += error is not None
                self.answered += error is None

    def _stop(self, error: TemuAssetsError) -> None:
        with self._lock:
            self.failed += 1
            self.outage = self.outage or error


def _answers(asked: Sequence[Future[list[Record]]]) -> list[Record]:
    return [record for each in asked for record in each.result()]


_BATCH = 200
_ANYTHING = "anything"
