"""The life of a problem: found, found again, handled, gone, back."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import update

from temu_assets.toci import problems
from temu_assets.toci.database import Toci
from temu_assets.toci.problems import Finding, Problem, ProblemState
from temu_assets.toci.tables import problems as problems_table
from temu_assets_tests.toci.moments import LATER, MUCH_LATER, NOW

KIND = "order_held"
NO_PRICE = Finding("no price", "give the app the permission for amounts")
NO_ADDRESS = Finding("no address", "look at the order in Seller Center")


def report(toci: Toci, findings: dict[str, Finding], now: datetime, *, complete: bool = True, kind: str = KIND, shop: str = "shop") -> None:
    with toci.engine.begin() as connection:
        problems.report(connection, shop, kind, findings, now=now, complete=complete)


def all_of(toci: Toci, kind: str = KIND) -> dict[str, Problem]:
    with toci.engine.begin() as connection:
        return {problem.key: problem for problem in problems.of_kind(connection, "shop", kind)}


def set_state(toci: Toci, key: str, state: ProblemState) -> None:
    with toci.engine.begin() as connection:
        connection.execute(update(problems_table).where(problems_table.c.key == key).values(state=state.value))


def test_a_finding_opens_a_problem(toci: Toci) -> None:
    report(toci, {"PO-1": NO_PRICE}, NOW)
    assert all_of(toci) == {"PO-1": Problem(KIND, "PO-1", NO_PRICE.reason, NO_PRICE.remedy, ProblemState.OPEN, NOW, NOW, 1)}


def test_a_finding_seen_again_is_counted_and_keeps_when_it_was_first_seen(toci: Toci) -> None:
    report(toci, {"PO-1": NO_PRICE}, NOW)
    report(toci, {"PO-1": NO_ADDRESS}, LATER)
    assert all_of(toci)["PO-1"] == Problem(KIND, "PO-1", NO_ADDRESS.reason, NO_ADDRESS.remedy, ProblemState.OPEN, NOW, LATER, 2)


@pytest.mark.parametrize("state", [ProblemState.OPEN, ProblemState.RETRY, ProblemState.HANDLED])
def test_what_is_no_longer_found_closes_itself(toci: Toci, state: ProblemState) -> None:
    report(toci, {"PO-1": NO_PRICE, "PO-2": NO_PRICE}, NOW)
    set_state(toci, "PO-1", state)
    report(toci, {"PO-2": NO_PRICE}, LATER)
    assert {key: problem.state for key, problem in all_of(toci).items()} == {"PO-1": ProblemState.CLOSED, "PO-2": ProblemState.OPEN}


def test_a_stage_that_did_not_look_at_everything_closes_nothing(toci: Toci) -> None:
    report(toci, {"PO-1": NO_PRICE}, NOW)
    report(toci, {"PO-2": NO_PRICE}, LATER, complete=False)
    assert {problem.state for problem in all_of(toci).values()} == {ProblemState.OPEN}


def test_a_handled_problem_stays_handled_until_its_reason_changes(toci: Toci) -> None:
    report(toci, {"PO-1": NO_PRICE}, NOW)
    set_state(toci, "PO-1", ProblemState.HANDLED)
    report(toci, {"PO-1": NO_PRICE}, LATER)
    assert all_of(toci)["PO-1"].state is ProblemState.HANDLED
    report(toci, {"PO-1": NO_ADDRESS}, MUCH_LATER)
    assert all_of(toci)["PO-1"].state is ProblemState.OPEN


def test_a_handled_problem_with_a_reason_longer_than_its_column_stays_handled(toci: Toci) -> None:
    long = Finding("x" * 1200, "y" * 1200)
    report(toci, {"PO-1": long}, NOW)
    set_state(toci, "PO-1", ProblemState.HANDLED)
    report(toci, {"PO-1": long}, LATER)
    assert all_of(toci)["PO-1"].state is ProblemState.HANDLED
    assert len(all_of(toci)["PO-1"].reason) == 1000


@pytest.mark.parametrize("state", [ProblemState.RETRY, ProblemState.CLOSED])
def test_a_problem_that_comes_back_is_open_again(toci: Toci, state: ProblemState) -> None:
    report(toci, {"PO-1": NO_PRICE}, NOW)
    set_state(toci, "PO-1", state)
    report(toci, {"PO-1": NO_PRICE}, LATER)
    assert all_of(toci)["PO-1"].state is ProblemState.OPEN


def test_a_problem_that_was_gone_counts_from_its_return(toci: Toci) -> None:
    report(toci, {"PO-1": NO_PRICE}, NOW)
    report(toci, {}, NOW)
    report(toci, {"PO-1": NO_PRICE}, LATER)
    report(toci, {"PO-1": NO_PRICE}, MUCH_LATER)
    assert all_of(toci)["PO-1"] == Problem(KIND, "PO-1", NO_PRICE.reason, NO_PRICE.remedy, ProblemState.OPEN, LATER, MUCH_LATER, 2)


def test_a_problem_that_is_gone_stays_as_it_was_found_gone(toci: Toci) -> None:
    report(toci, {"PO-1": NO_PRICE}, NOW)
    report(toci, {}, LATER)
    with toci.engine.begin() as connection:
        problems.close(connection, "shop", KIND, ["PO-1"], now=MUCH_LATER)
        problems.mark(connection, "shop", KIND, ["PO-1"], ProblemState.HANDLED)
    gone = all_of(toci)["PO-1"]
    assert (gone.state, gone.last_seen_at) == (ProblemState.CLOSED, LATER)


def test_kinds_and_shops_do_not_touch_each_other(toci: Toci) -> None:
    report(toci, {"PO-1": NO_PRICE}, NOW)
    report(toci, {}, LATER, kind="parcel_parked")
    report(toci, {}, LATER, shop="other")
    assert all_of(toci)["PO-1"].state is ProblemState.OPEN


def test_more_problems_than_one_statement_can_name_close_together(toci: Toci) -> None:
    report(toci, {f"PO-{number}": NO_PRICE for number in range(1500)}, NOW)
    report(toci, {}, LATER)
    assert {problem.state for problem in all_of(toci).values()} == {ProblemState.CLOSED}


def test_open_ones_are_those_that_wait_for_a_person_or_a_retry(toci: Toci) -> None:
    report(toci, {state.value: NO_PRICE for state in ProblemState}, NOW)
    for state in ProblemState:
        set_state(toci, state.value, state)
    with toci.engine.begin() as connection:
        assert {problem.key for problem in problems.open_problems(connection, "shop")} == {"open", "retry"}
        assert problems.open_counts(connection, "shop", [KIND, "parcel_parked"]) == {KIND: 2, "parcel_parked": 0}
