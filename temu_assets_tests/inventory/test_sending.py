"""Sending targets and reading them back, against a TEMU of a few lines."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import event

from temu_assets.errors import AuthorisationError, ConfigurationError, RecordError, StopError, TemuAssetsError, TransientError
from temu_assets.inventory import sending_rows
from temu_assets.inventory.deltas import to_send
from temu_assets.inventory.sending import READ_BACK_PAUSES, Channel, Sent, not_shown, send
from temu_assets.inventory.sending_rows import report
from temu_assets.inventory.target_rows import targets_to_send, write_targets
from temu_assets.temu.goods import StockEditAnswer, StockVerdict
from temu_assets.toci import leases, outbox, problems
from temu_assets.toci.database import Toci
from temu_assets.toci.outbox import Effect, Entry, State
from temu_assets_tests.inventory.samples import NOW, calculated, sku_stock

Edit = tuple[str, dict[str, int]]


class Temu:
    """Shows what it is told at once, unless a test says otherwise."""

    def __init__(self) -> None:
        self.shown: dict[str, int] = {}
        self.edits: list[Edit] = []
        self.reads: list[list[str]] = []
        self.refused: dict[str, int] = {}
        self.failing: dict[str, TemuAssetsError] = {}
        self.old_reads = 0
        self.unreadable: TemuAssetsError | None = None
        self._lock = threading.Lock()

    def edit_stock(self, goods_id: str, targets: Mapping[str, int]) -> StockEditAnswer:
        with self._lock:
            self.edits.append((goods_id, dict(targets)))
            if goods_id in self.failing:
                raise self.failing[goods_id]
            verdicts = {
                sku_id: StockVerdict(accepted=False, code=self.refused[sku_id], message="not allowed")
                if sku_id in self.refused
                else StockVerdict(accepted=True, code=None, message="")
                for sku_id in targets
            }
            self.shown |= {sku_id: pieces for sku_id, pieces in targets.items() if sku_id not in self.refused}
            return StockEditAnswer(verdicts, "eu-1")

    def stock(self, sku_ids: Sequence[str]) -> dict[str, int]:
        self.reads.append(list(sku_ids))
        if self.unreadable:
            raise self.unreadable
        if len(self.reads) <= self.old_reads:
            return dict.fromkeys(sku_ids, 77)
        return {sku_id: self.shown[sku_id] for sku_id in sku_ids if sku_id in self.shown}


class Bench:
    """Targets in our database and a way to send them."""

    def __init__(self, toci: Toci) -> None:
        self.toci = toci
        self.temu = Temu()
        self.pauses: list[float] = []

    def want(self, *skus: tuple[str, str, int]) -> None:
        """Targets as (goods id, SKU id, pieces); the listing shows 5 of everything."""
        with self.toci.engine.begin() as connection:
            rows = [calculated(sku_id, pieces, goods_id=goods_id) for goods_id, sku_id, pieces in skus]
            write_targets(connection, self.toci.shop, rows, now=NOW)

    def send(self, before_send: Callable[[leases.Lease], None] = lambda _: None, concurrency: int = 4) -> Sent:
        with self.toci.engine.begin() as connection:
            rows, _ = targets_to_send(connection, self.toci.shop)
        with leases.hold(self.toci, "stock", "test") as lease:
            before_send(lease)
            codes = {row.sku_id: row.sku for row in rows}
            channel = Channel(self.toci, self.temu, lease, codes, lambda: NOW, concurrency, self.pauses.append)
            return send(channel, to_send(rows))

    def entry(self, sku_id: str) -> Entry:
        with self.toci.engine.begin() as connection:
            return outbox.some(connection, self.toci.shop, Effect.STOCK, [sku_id])[sku_id]

    def differing(self) -> list[str]:
        with self.toci.engine.begin() as connection:
            rows, _ = targets_to_send(connection, self.toci.shop)
        return [row.sku_id for row in rows if row.temu_stock != row.target]


@pytest.fixture
def bench(toci: Toci) -> Bench:
    return Bench(toci)


def test_what_temu_shows_is_the_proof(bench: Bench) -> None:
    bench.want(("601", "1", 7), ("601", "2", 0), ("602", "3", 5))
    sent = bench.send()
    assert bench.temu.edits == [("601", {"1": 7, "2": 0})]
    assert sent.confirmed == {"1": 7, "2": 0}
    entry = bench.entry("1")
    assert (entry.state, entry.evidence, entry.attempts) == (State.DONE, "TEMU shows 7", 1)
    assert bench.differing() == []
    assert bench.pauses == []
    assert (sent.result("1"), sent.result("3")) == ("TEMU shows 7", "")


def test_a_second_run_sends_nothing(bench: Bench) -> None:
    """Fault 8."""
    bench.want(("601", "1", 7))
    bench.send()
    assert bench.send() == Sent()
    assert len(bench.temu.edits) == 1


def test_zeros_and_decreases_are_out_before_the_first_increase(bench: Bench) -> None:
    """Fault 7."""
    many = [(str(700 + number), str(number), 9) for number in range(60)]
    bench.want(*many, ("601", "a", 0), ("602", "b", 1))
    bench.send()
    assert {goods_id for goods_id, _ in bench.temu.edits[:2]} == {"601", "602"}
    assert len(bench.temu.edits) == 62


def test_a_refused_sku_is_parked_and_the_others_of_its_goods_are_not(bench: Bench) -> None:
    """Fault 11."""
    bench.temu.refused = {"2": 150010003}
    bench.want(("601", "1", 7), ("601", "2", 8))
    sent = bench.send()
    assert sent.confirmed == {"1": 7}
    entry = bench.entry("2")
    assert (entry.state, entry.retry_at) == (State.PARKED, NOW + timedelta(days=1))
    with bench.toci.engine.begin() as connection:
        (problem,) = problems.of_kind(connection, bench.toci.shop, "stock_refused")
    assert problem.key == "2"
    assert "stock 8 of 'SKU-2' with code 150010003: not allowed" in problem.reason
    assert sent.result("2") == problem.reason


def test_a_refusal_closes_itself_once_the_target_is_taken(bench: Bench) -> None:
    bench.temu.refused = {"2": 150010003}
    bench.want(("601", "2", 8))
    bench.send()
    bench.temu.refused = {}
    bench.send()
    with bench.toci.engine.begin() as connection:
        report(connection, bench.toci.shop, offered=["2"], not_shown={}, braked={}, is_whole=True, now=NOW)
        (problem,) = problems.of_kind(connection, bench.toci.shop, "stock_refused")
    assert problem.state is problems.ProblemState.CLOSED
    assert (bench.entry("2").state, bench.entry("2").attempts) == (State.DONE, 2)


def test_a_goods_temu_refuses_as_a_whole_parks_its_skus_only(bench: Bench) -> None:
    bench.temu.failing = {"601": RecordError("goods unknown.", remedy="look.")}
    bench.want(("601", "1", 7), ("601", "2", 8), ("602", "3", 9))
    sent = bench.send()
    assert set(sent.refused) == {"1", "2"}
    assert sent.confirmed == {"3": 9}
    assert sent.failure is None


@pytest.mark.parametrize("kind", [TransientError, AuthorisationError, ConfigurationError, StopError])
def test_a_failure_that_is_not_about_one_sku_stops_the_sending_and_parks_nothing(bench: Bench, kind: type[TemuAssetsError]) -> None:
    """Fault 15."""
    bench.temu.failing = {"601": kind("no answer.", remedy="wait.")}
    bench.want(("601", "1", 0), ("602", "2", 1), ("603", "3", 9))
    sent = bench.send(concurrency=1)
    assert isinstance(sent.failure, kind)
    assert [goods_id for goods_id, _ in bench.temu.edits] == ["601"]
    assert not sent.refused
    assert bench.differing() == ["1", "2", "3"]


def test_what_went_out_before_a_failure_is_read_back_and_counts(bench: Bench) -> None:
    bench.temu.failing = {"602": TransientError("no answer.", remedy="wait.")}
    bench.want(("601", "1", 0), ("602", "2", 1))
    sent = bench.send(concurrency=1)
    assert sent.confirmed == {"1": 0}
    assert bench.entry("2").state is State.SENDING
    bench.temu.failing = {}
    assert bench.send().confirmed == {"2": 1}
    assert bench.entry("2").attempts == 2


def test_a_lost_answer_is_settled_by_reading(bench: Bench) -> None:
    bench.temu.failing = {"601": TransientError("no answer.", remedy="wait.")}
    bench.temu.shown = {"1": 7}
    bench.want(("601", "1", 7))
    assert bench.send().confirmed == {"1": 7}
    assert bench.differing() == []


def test_temu_may_show_the_old_stock_for_a_while(bench: Bench) -> None:
    bench.temu.old_reads = 2
    bench.want(("601", "1", 7))
    sent = bench.send()
    assert sent.confirmed == {"1": 7}
    assert bench.pauses == list(READ_BACK_PAUSES[:2])


def test_what_temu_never_shows_stays_open_and_is_sent_again(bench: Bench) -> None:
    bench.temu.old_reads = 100
    bench.want(("601", "1", 7))
    sent = bench.send()
    assert sent.unsettled == {"1": 7}
    assert sent.result("1") == "sent, not shown yet"
    assert bench.entry("1").state is State.SENDING
    assert bench.pauses == list(READ_BACK_PAUSES)
    with bench.toci.engine.begin() as connection:
        rows, _ = targets_to_send(connection, bench.toci.shop)
    (finding,) = not_shown(sent, rows, now=NOW).values()
    assert "stock 7 of 'SKU-1'" in finding.reason
    assert "2026-03-02 09:00 UTC" in finding.reason
    bench.temu.old_reads = 0
    assert bench.send().confirmed == {"1": 7}


def test_after_a_failure_nothing_is_called_not_shown() -> None:
    sent = Sent(unsettled={"1": 7}, failure=TransientError("no answer.", remedy="wait."))
    assert not_shown(sent, [sku_stock("1", 7, 5)], now=NOW) == {}


def test_a_failing_read_back_is_a_failure_and_never_a_proof(bench: Bench) -> None:
    """Fault 9."""
    bench.temu.unreadable = TransientError("no answer.", remedy="wait.")
    bench.want(("601", "1", 7))
    sent = bench.send()
    assert isinstance(sent.failure, TransientError)
    assert sent.unsettled == {"1": 7}
    assert bench.entry("1").state is State.SENDING


def test_what_a_crash_left_on_its_way_is_sent_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.want(("601", "1", 7))

    def crash(_goods_id: str, _targets: Mapping[str, int]) -> StockEditAnswer:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(bench.temu, "edit_stock", crash)
        with pytest.raises(KeyboardInterrupt):
            bench.send()
    assert bench.entry("1").state is State.SENDING
    assert bench.send().confirmed == {"1": 7}


@pytest.mark.parametrize("state", [State.PENDING, State.SENDING])
def test_what_temu_shows_as_wanted_without_being_told_is_done(bench: Bench, state: State) -> None:
    """An order lowered it, or the run that sent it died before it could read it back."""
    bench.want(("601", "1", 5))
    with bench.toci.engine.begin() as connection:
        outbox.record(connection, bench.toci.shop, Effect.STOCK, [Entry("1", state, reason="was refused once")], now=NOW)
    assert bench.differing() == []
    with bench.toci.engine.begin() as connection:
        report(connection, bench.toci.shop, offered={"1"}, not_shown={}, braked={}, is_whole=True, now=NOW)
    entry = bench.entry("1")
    assert (entry.state, entry.evidence, entry.reason) == (State.DONE, "TEMU shows 5", None)


def test_a_sku_temu_says_nothing_of_is_judged_by_what_temu_shows(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 11: no verdict is no refusal, which would leave the SKU alone for a day."""
    bench.want(("601", "1", 3))
    edit = bench.temu.edit_stock
    silent = StockVerdict(accepted=False, code=None, message="nothing", is_told=False)

    def lost(goods_id: str, targets: Mapping[str, int]) -> StockEditAnswer:
        edit(goods_id, targets)
        bench.temu.shown["1"] = 5
        return StockEditAnswer({"1": silent}, "eu-1")

    monkeypatch.setattr(bench.temu, "edit_stock", lost)
    assert bench.send().unsettled == {"1": 3}
    monkeypatch.setattr(bench.temu, "edit_stock", edit)
    assert bench.send().confirmed == {"1": 3}


def test_a_target_calculated_while_the_old_one_was_refused_is_sent_by_the_next_run(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 7: the new one is 0."""
    bench.want(("601", "1", 3))
    edit = bench.temu.edit_stock
    bench.temu.refused["1"] = 150010002

    def sold_out_meanwhile(goods_id: str, targets: Mapping[str, int]) -> StockEditAnswer:
        bench.want(("601", "1", 0))
        return edit(goods_id, targets)

    monkeypatch.setattr(bench.temu, "edit_stock", sold_out_meanwhile)
    assert bench.send().refused.keys() == {"1"}
    assert bench.entry("1").state is State.PENDING
    with bench.toci.engine.begin() as connection:
        assert sending_rows.parked_skus(connection, bench.toci.shop, now=NOW) == frozenset()
        assert sending_rows.tried_again(connection, bench.toci.shop, now=NOW) == frozenset()


def test_a_run_that_lost_its_lease_sends_nothing(bench: Bench) -> None:
    """Fault 20."""
    bench.want(("601", "1", 7))

    def lose(lease: leases.Lease) -> None:
        lease.is_lost = True

    sent = bench.send(lose)
    assert isinstance(sent.failure, TransientError)
    assert bench.temu.edits == []


def test_a_figure_that_may_lie_on_top_of_another_runs_is_sent_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 7: the holder slept inside the call; meanwhile another run took over and TEMU was told 0, then came the old figure."""
    bench.want(("601", "1", 7))
    held: list[leases.Lease] = []
    edit = bench.temu.edit_stock

    def slept_over(goods_id: str, targets: Mapping[str, int]) -> StockEditAnswer:
        if held:
            held.pop().is_lost = True
            bench.want(("601", "1", 0))
            with bench.toci.engine.begin() as connection:
                sending_rows.confirm(connection, bench.toci.shop, {"1": 0}, now=NOW)
        return edit(goods_id, targets)

    monkeypatch.setattr(bench.temu, "edit_stock", slept_over)
    sent = bench.send(held.append)
    assert isinstance(sent.failure, TransientError)
    assert bench.temu.shown == {"1": 7}
    assert bench.differing() == ["1"]
    assert bench.send().confirmed == {"1": 0}
    assert bench.temu.shown == {"1": 0}


def test_read_backs_ask_for_at_most_a_hundred_skus(bench: Bench) -> None:
    bench.want(*[(str(600 + number // 10), str(number), 7) for number in range(250)])
    bench.send()
    assert [len(read) for read in bench.temu.reads] == [100, 100, 50]


def test_the_number_of_commits_grows_with_batches_and_not_with_skus(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 24: and none of the transactions is open during a call."""
    open_now: list[str] = []
    commits: list[str] = []
    event.listen(bench.toci.engine, "begin", lambda _: open_now.append("begin"))
    event.listen(bench.toci.engine, "commit", lambda _: commits.append(open_now.pop()))
    event.listen(bench.toci.engine, "rollback", lambda _: open_now.pop())
    bench.want(*[(str(600 + number), str(number), 7) for number in range(150)])
    before = len(commits)
    edit = bench.temu.edit_stock

    def watched(goods_id: str, targets: Mapping[str, int]) -> StockEditAnswer:
        assert not open_now
        return edit(goods_id, targets)

    monkeypatch.setattr(bench.temu, "edit_stock", watched)
    assert len(bench.send(concurrency=1).confirmed) == 150
    # Two for each batch of 50 goods, two for the lease, one for reading.
    assert len(commits) - before <= 2 * 3 + 3
