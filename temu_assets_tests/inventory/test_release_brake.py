"""``temu-assets release-brake``: exactly what was shown is sent, by the next run, once."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result

from temu_assets.cli import main
from temu_assets.sandbox.book_stock import stock_objections
from temu_assets.sandbox.faults import Fault, FaultKind
from temu_assets.toci import sync_state
from temu_assets.toci.sync_state import Mark
from temu_assets.toci.tables import problems
from temu_assets.toci.tables import temu_inventory as targets
from temu_assets_tests.inventory.conftest import EDIT, QUICK, Shop
from temu_assets_tests.seller import failure

KEPT = ("SET-KUECHE", "AUFKLEBER")


def release(*arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(main, ["release-brake", *arguments], input=answer)


def mark(shop: Shop) -> str | None:
    with shop.toci.engine.begin() as connection:
        return sync_state.read(connection, shop.toci.shop, Mark.BRAKE_RELEASED_AT)


def held(shop: Shop) -> bool:
    return any(row.kind == "stock_brake" and row.state == "open" for row in shop.rows(problems))


@pytest.fixture
def braked(shop: Shop) -> Shop:
    """A shop of which the brake holds a sell-out of 60 SKUs."""
    assert shop.run().success
    for code in sellable(shop)[:60]:
        shop.sandbox.jtl.sell_out(code)
    assert "held back" in failure(shop.run(QUICK))
    shop.sandbox.server.journal.clear()
    return shop


def sellable(shop: Shop) -> list[str]:
    codes = dict.fromkeys(row.sku for row in shop.rows(targets) if row.target and not row.is_held)
    return [code for code in codes if code not in KEPT]


def test_a_person_sees_what_is_held_and_agrees_and_the_next_run_sends_exactly_that_once(braked: Shop) -> None:
    result = release(answer="y\n")
    assert result.exit_code == 0
    assert "SKUs would go to 0:" in result.output
    assert "-> 0" in result.output
    assert braked.edits() == {}
    assert braked.run(QUICK).success
    edits = braked.edits()
    assert len(edits) >= 60
    assert set(edits.values()) == {0}
    assert stock_objections(braked.sandbox.shop, braked.sandbox.jtl) == []
    assert mark(braked) is None
    assert not held(braked)


def test_a_release_is_no_switch_the_next_sell_out_is_held_again(braked: Shop) -> None:
    assert release("--yes").exit_code == 0
    assert braked.run(QUICK).success
    for code in sellable(braked)[:60]:
        braked.sandbox.jtl.sell_out(code)
    braked.sandbox.server.journal.clear()
    assert "held back" in failure(braked.run(QUICK))
    assert braked.edits() == {}


@pytest.mark.parametrize("answer", ["n\n", ""])
def test_without_agreement_nothing_is_released(braked: Shop, answer: str) -> None:
    assert release(answer=answer).exit_code == 1
    assert mark(braked) is None
    assert "held back" in failure(braked.run(QUICK))


def test_what_was_not_shown_stays_held(braked: Shop) -> None:
    """Figures that changed since: another SKU would go to 0 now."""
    assert release("--yes").exit_code == 0
    late = sellable(braked)[0]
    braked.sandbox.jtl.sell_out(late)
    message = failure(braked.run(QUICK))
    assert "1 of " in message
    assert late in message
    edits = braked.edits()
    assert braked.by_code(late).sku_id not in edits
    assert len(edits) >= 60
    # The release is used up: what is held now needs another look.
    assert mark(braked) is None
    assert held(braked)


def test_a_release_no_run_needed_is_forgotten_by_that_run(braked: Shop) -> None:
    assert release("--yes").exit_code == 0
    for row in braked.rows(targets):
        if row.target == 0 and row.confirmed_target:
            braked.sandbox.jtl.set_stock(row.sku, row.confirmed_target + 5)
    assert braked.run(QUICK).success
    assert mark(braked) is None
    for code in sellable(braked)[:60]:
        braked.sandbox.jtl.sell_out(code)
    assert "held back" in failure(braked.run(QUICK))


def test_a_run_that_temu_did_not_answer_leaves_the_release_to_the_next(braked: Shop) -> None:
    assert release("--yes").exit_code == 0
    braked.sandbox.server.faults.order(Fault(FaultKind.BUSINESS_CODE, EDIT, code=3000032, times=100))
    failure(braked.run(QUICK))
    assert mark(braked) is not None
    braked.sandbox.server.faults.clear()
    assert braked.run(QUICK).success
    assert stock_objections(braked.sandbox.shop, braked.sandbox.jtl) == []
    assert mark(braked) is None


def test_a_release_of_yesterday_counts_no_more(braked: Shop) -> None:
    assert release("--yes").exit_code == 0
    assert "held back" in failure(braked.run(QUICK, hours_later=25))
    assert braked.edits() == {}


def test_where_nothing_is_held_there_is_nothing_to_release(shop: Shop) -> None:
    assert shop.run().success
    result = release()
    assert (result.exit_code, result.output) == (0, "The brake holds nothing back.\n")
    assert mark(shop) is None
