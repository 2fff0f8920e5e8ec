from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from pydantic import SecretStr

from temu_assets.cli import main
from temu_assets.orders.ingesting import WITHOUT_NUMBER
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


def test_problems_are_listed_by_cause_the_most_frequent_first(run: Run, toci: Toci) -> None:
    report(toci, "stock_refused", "17590000000001")
    report(toci, "order_data", "PO-1", "PO-2", "PO-3", "PO-4")
    assert run("problems").output.splitlines() == [
        "4 x order_data, since 2026-02-01 09:30 UTC: … is wrong.",
        "    What to do: look at ….",
        "    Which: PO-1, PO-2, PO-3 and 1 more",
        "1 x stock_refused, since 2026-02-01 09:30 UTC: 17590000000001 is wrong.",
        "    What to do: look at 17590000000001.",
        "    Which: 17590000000001",
        "Settled one that stays? temu-assets problems handle KIND KEY",
    ]
    assert run("problems", "list").output == run("problems").output


@pytest.mark.parametrize("arguments", [("problems", "--all"), ("problems", "list", "--all")])
def test_every_one_is_shown_with_its_own_reason_when_all_are_wanted(arguments: tuple[str, ...], run: Run, toci: Toci) -> None:
    report(toci, "order_data", *(f"PO-{number}" for number in range(5)))
    output = run(*arguments).output
    for number in range(5):
        assert f"    PO-{number}  since 2026-02-01 09:30 UTC\n        PO-{number} is wrong.\n" in output


def test_only_one_kind_is_listed_when_asked_for(run: Run, toci: Toci) -> None:
    report(toci, "stock_refused", "17590000000001")
    report(toci, "order_data", "PO-1")
    output = run("problems", "--kind", "order_data").output
    assert "PO-1" in output
    assert "stock_refused" not in output
    assert run("problems", "--kind", "order_xml").output == "No open problems of shop 'sandbox' of kind order_xml.\n"


def test_a_program_reads_causes_and_problems_as_json(run: Run, toci: Toci) -> None:
    assert json.loads(run("problems", "--json").output) == {"shop": "sandbox", "causes": []}
    report(toci, "order_data", "PO-1", "PO-2")
    told = json.loads(run("problems", "list", "--json").output)
    (cause,) = told["causes"]
    assert (cause["kind"], cause["cause"], cause["count"]) == ("order_data", "… is wrong.", 2)
    assert cause["problems"][1] == {
        "key": "PO-2",
        "reason": "PO-2 is wrong.",
        "what_to_do": "look at PO-2.",
        "state": "open",
        "first_seen": "2026-02-01T09:30:00+00:00",
        "last_seen": "2026-02-01T09:30:00+00:00",
        "count": 1,
    }


def test_all_facts_of_one_problem_are_shown_also_when_it_is_gone(run: Run, toci: Toci) -> None:
    report(toci, "order_data", "PO-1", "PO-2")
    report(toci, "order_data", "PO-2")
    output = run("problems", "show", "order_data", "PO-2").output
    assert output.splitlines() == [
        "order_data PO-2",
        "    PO-2 is wrong.",
        "    What to do: look at PO-2.",
        "    State: open, seen 2 times",
        "    First seen: 2026-02-01 09:30 UTC",
        "    Last seen: 2026-02-01 09:30 UTC",
    ]
    assert run("problems", "show", "order_data").output == output
    assert "State: closed" in run("problems", "show", "order_data", "PO-1").output
    for key in (("PO-9",), ()):
        result = run("problems", "show", "order_xml", *key)
        assert result.exit_code == 1
        assert "There is no problem order_xml" in result.output


@pytest.mark.parametrize("command", [("problems", "handle"), ("problems", "--handled")])
def test_a_handled_problem_is_not_shown_again(command: tuple[str, ...], run: Run, toci: Toci) -> None:
    report(toci, "parcel_unclear", "PO-1", "PO-2")
    result = run(*command, "parcel_unclear", "PO-1")
    assert (result.exit_code, result.output) == (0, "parcel_unclear PO-1: handled.\n")
    report(toci, "parcel_unclear", "PO-1", "PO-2")
    output = run("problems").output
    assert "PO-2" in output
    assert "PO-1" not in output


def test_a_whole_kind_is_decided_about_at_once(run: Run, toci: Toci) -> None:
    report(toci, "parcel_unclear", "PO-1", "PO-2", "PO-3", "PO-4", "PO-5")
    report(toci, "order_xml", "PO-1")
    assert run("problems", "handle", "parcel_unclear").output == "parcel_unclear PO-1, PO-2, PO-3 and 2 more: handled.\n"
    assert state(toci, "parcel_unclear", "PO-5") is ProblemState.HANDLED
    assert state(toci, "order_xml", "PO-1") is ProblemState.OPEN
    result = run("problems", "handle", "parcel_unclear")
    assert (result.exit_code, result.output) == (1, "Error: All problems parcel_unclear are handled already.\n")


def test_a_group_is_named_by_one_of_its_problems(run: Run, toci: Toci) -> None:
    with toci.engine.begin() as connection:
        reasons = {"1": 'no carrier for "Spedition Maier"', "2": 'no carrier for "DHL"', "3": 'no carrier for "Spedition Maier"'}
        found = {key: Finding(f"Parcel {key}: {reason}.", "map it.") for key, reason in reasons.items()}
        problems.report(connection, toci.shop, "carrier_not_mapped", found, now=NOW)
    assert '2 x carrier_not_mapped, since 2026-02-01 09:30 UTC: Parcel …: no carrier for "Spedition Maier".' in run("problems").output
    result = run("problems", "retry", "carrier_not_mapped", "--like", "3")
    assert result.output == ("carrier_not_mapped 1, 3: the next run of temu_tracking_sync looks for their carrier in TEMU's list again.\n")
    assert {key: state(toci, "carrier_not_mapped", key).value for key in reasons} == {"1": "retry", "2": "open", "3": "retry"}
    assert run("problems", "retry", "carrier_not_mapped", "1", "--like", "3").exit_code == 2


def test_nothing_is_decided_when_one_of_the_keys_is_not_there(run: Run, toci: Toci) -> None:
    report(toci, "stock_refused", "1", "2")
    result = run("problems", "retry", "stock_refused", "1", "9")
    assert result.exit_code == 1
    assert "There is no problem stock_refused 9." in result.output
    assert state(toci, "stock_refused", "1") is ProblemState.OPEN


@pytest.mark.parametrize("kind", ["order_data", "stock_refused"])
def test_what_is_left_alone_for_a_day_can_be_tried_again_at_once(kind: str, run: Run, toci: Toci) -> None:
    report(toci, kind, "X-1")
    assert run("problems", "retry", kind, "X-1").exit_code == 0
    assert state(toci, kind, "X-1") is ProblemState.RETRY
    assert "X-1" in run("problems").output


def test_a_refused_parcel_can_be_sent_again_although_nothing_about_it_has_changed(run: Run, toci: Toci) -> None:
    """TEMU refuses for reasons a parcel does not show: a cancellation that was withdrawn, an alert that was lifted."""
    report(toci, "shipment_refused", "7", "8", "9")
    calls = {"7": "refused as x", "8": "refused as y", "9": "refused as x"}
    with toci.engine.begin() as connection:
        parked = [Entry(key, State.PARKED, reason="a risk alert is open", evidence=call, attempts=1) for key, call in calls.items()]
        outbox.record(connection, toci.shop, Effect.SHIPMENT, parked, now=NOW)
    assert run("problems", "retry", "shipment_refused", "7").exit_code == 0
    with toci.engine.begin() as connection:
        entries = outbox.entries(connection, toci.shop, Effect.SHIPMENT)
    # 9 goes in one call with 7: TEMU takes both or none.
    assert {key: (entry.state.value, entry.attempts) for key, entry in entries.items()} == {
        "7": ("pending", 1), "8": ("parked", 1), "9": ("pending", 1)
    }  # fmt: skip
    assert state(toci, "shipment_refused", "9") is ProblemState.RETRY


def test_the_next_run_sends_a_parcel_that_is_to_be_tried_again(new_seller: Seller) -> None:
    order = new_seller.place()
    new_seller.run_through()
    new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking="00340434166000000001")])
    reserve_number(new_seller.sandbox.shop, "00340434166000000001")
    assert new_seller.run("temu_tracking_sync").success
    ((kind, parcel),) = new_seller.problems()
    assert kind == "shipment_refused"
    assert new_seller.run("temu_tracking_sync").success  # what may be over by itself is tried once more
    new_seller.sandbox.shop.state.used_numbers.remove("00340434166000000001")
    assert new_seller.run("temu_tracking_sync").success
    assert not new_seller.at_temu_as_sent(order)
    assert CliRunner().invoke(main, ["problems", "retry", kind, parcel]).exit_code == 0
    assert new_seller.run("temu_tracking_sync").success
    assert list(new_seller.at_temu_as_sent(order)) == ["00340434166000000001"]
    assert not new_seller.problems()


def test_a_retry_that_would_change_nothing_is_refused(run: Run, toci: Toci) -> None:
    report(toci, "parcel_unclear", "PO-1")
    result = run("problems", "--retry", "parcel_unclear", "PO-1")
    assert result.exit_code == 1
    assert "What to do: settle its cause." in result.output
    assert state(toci, "parcel_unclear", "PO-1") is ProblemState.OPEN


def test_an_order_without_a_number_cannot_be_asked_for(run: Run, toci: Toci) -> None:
    report(toci, "order_data", WITHOUT_NUMBER)
    result = run("problems", "retry", "order_data")
    assert result.exit_code == 1
    assert "cannot be asked for" in result.output
    assert state(toci, "order_data", WITHOUT_NUMBER) is ProblemState.OPEN


@pytest.mark.parametrize("option", ["handle", "retry"])
def test_a_problem_that_is_not_there_is_said_to_be_so(option: str, run: Run, toci: Toci) -> None:
    report(toci, "order_data", "PO-1")
    report(toci, "order_data")  # closes it
    for key in ("PO-1", "PO-none"):
        result = run("problems", option, "order_data", key)
        assert result.exit_code == 1
        assert f"There is no problem order_data {key}." in result.output
