from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from pydantic import SecretStr

from temu_assets.cli import main
from temu_assets.sandbox.jtl import ParcelToShip
from temu_assets.sandbox.shop_settings import reserve_number
from temu_assets.toci import outbox, problems
from temu_assets.toci.database import Toci, open_engine
from temu_assets.toci.outbox import Effect, Entry, State
from temu_assets.toci.problems import Finding, ProblemState
from temu_assets.toci.revision import ensure_current
from temu_assets_tests.cli.conftest import Run
from temu_assets_tests.seller import Seller

NOW = datetime(2026, 2, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
def toci(run: Run) -> Iterator[Toci]:
    toci = Toci(open_engine(SecretStr("sqlite:///data/sandbox/toci.db")), "sandbox")
    ensure_current(toci)
    yield toci
    toci.close()


def report(toci: Toci, kind: str, *keys: str) -> None:
    with toci.engine.begin() as connection:
        problems.report(connection, toci.shop, kind, {key: Finding(f"{key} is wrong.", f"look at {key}.") for key in keys}, now=NOW)


def state(toci: Toci, kind: str, key: str) -> ProblemState:
    with toci.engine.begin() as connection:
        return next(problem.state for problem in problems.of_kind(connection, toci.shop, kind) if problem.key == key)


def test_a_new_shop_has_no_problems(run: Run) -> None:
    result = run("problems")
    assert (result.exit_code, result.output) == (0, "No open problems of shop 'sandbox'.\n")


def test_problems_are_listed_by_kind_with_the_reason_and_what_to_do(run: Run, toci: Toci) -> None:
    report(toci, "stock_refused", "17590000000001")
    report(toci, "order_data", "PO-1")
    assert run("problems").output.splitlines() == [
        "order_data: 1",
        "  PO-1  since 2026-02-01 09:30 UTC",
        "    PO-1 is wrong.",
        "    What to do: look at PO-1.",
        "stock_refused: 1",
        "  17590000000001  since 2026-02-01 09:30 UTC",
        "    17590000000001 is wrong.",
        "    What to do: look at 17590000000001.",
        "Settled one that stays? temu-assets problems --handled KIND KEY",
    ]


@pytest.mark.parametrize(("arguments", "shown", "more"), [((), 3, True), (("--all",), 5, False)])
def test_only_the_first_three_of_a_kind_are_shown_unless_all_are_wanted(
    arguments: tuple[str, ...], shown: int, more: bool, run: Run, toci: Toci
) -> None:
    report(toci, "order_data", *(f"PO-{number}" for number in range(5)))
    output = run("problems", *arguments).output
    assert output.startswith("order_data: 5\n")
    assert output.count("What to do:") == shown
    assert ("and 2 more (--all)" in output) is more


def test_a_handled_problem_is_not_shown_again(run: Run, toci: Toci) -> None:
    report(toci, "parcel_unclear", "PO-1", "PO-2")
    result = run("problems", "--handled", "parcel_unclear", "PO-1")
    assert (result.exit_code, result.output) == (0, "parcel_unclear PO-1: handled.\n")
    report(toci, "parcel_unclear", "PO-1", "PO-2")
    output = run("problems").output
    assert "PO-2" in output
    assert "PO-1" not in output


@pytest.mark.parametrize("kind", ["order_data", "stock_refused"])
def test_what_is_left_alone_for_a_day_can_be_tried_again_at_once(kind: str, run: Run, toci: Toci) -> None:
    report(toci, kind, "X-1")
    assert run("problems", "--retry", kind, "X-1").exit_code == 0
    assert state(toci, kind, "X-1") is ProblemState.RETRY
    assert "X-1" in run("problems").output


def test_a_refused_parcel_can_be_sent_again_although_nothing_about_it_has_changed(run: Run, toci: Toci) -> None:
    """TEMU refuses for reasons a parcel does not show: a cancellation that was withdrawn, an alert that was lifted."""
    report(toci, "shipment_refused", "7", "8")
    with toci.engine.begin() as connection:
        parked = [Entry(key, State.PARKED, reason="a risk alert is open", evidence="refused as x", attempts=1) for key in ("7", "8")]
        outbox.record(connection, toci.shop, Effect.SHIPMENT, parked, now=NOW)
    assert run("problems", "--retry", "shipment_refused", "7").exit_code == 0
    with toci.engine.begin() as connection:
        entries = outbox.entries(connection, toci.shop, Effect.SHIPMENT)
    assert {key: (entry.state, entry.attempts) for key, entry in entries.items()} == {"7": (State.PENDING, 1), "8": (State.PARKED, 1)}


def test_the_next_run_sends_a_parcel_that_is_to_be_tried_again(new_seller: Seller) -> None:
    order = new_seller.place()
    new_seller.run_through()
    new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking="00340434166000000001")])
    reserve_number(new_seller.sandbox.shop, "00340434166000000001")
    assert new_seller.run("temu_tracking_sync").success
    ((kind, parcel),) = new_seller.problems()
    assert kind == "shipment_refused"
    new_seller.sandbox.shop.state.used_numbers.remove("00340434166000000001")
    assert new_seller.run("temu_tracking_sync").success
    assert not new_seller.at_temu_as_sent(order)
    assert CliRunner().invoke(main, ["problems", "--retry", kind, parcel]).exit_code == 0
    assert new_seller.run("temu_tracking_sync").success
    assert list(new_seller.at_temu_as_sent(order)) == ["00340434166000000001"]
    assert not new_seller.problems()


def test_a_retry_that_would_change_nothing_is_refused(run: Run, toci: Toci) -> None:
    report(toci, "parcel_unclear", "PO-1")
    result = run("problems", "--retry", "parcel_unclear", "PO-1")
    assert result.exit_code == 1
    assert "What to do: settle its cause." in result.output
    assert state(toci, "parcel_unclear", "PO-1") is ProblemState.OPEN


@pytest.mark.parametrize("option", ["--handled", "--retry"])
def test_a_problem_that_is_not_there_is_said_to_be_so(option: str, run: Run, toci: Toci) -> None:
    report(toci, "order_data", "PO-1")
    report(toci, "order_data")  # closes it
    for key in ("PO-1", "PO-none"):
        result = run("problems", option, "order_data", key)
        assert result.exit_code == 1
        assert f"There is no problem order_data {key}." in result.output
