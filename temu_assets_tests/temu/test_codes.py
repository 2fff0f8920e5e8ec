"""What a person reads about TEMU's codes."""

from __future__ import annotations

import pytest

from temu_assets.temu.codes import CODES, Reaction


def test_the_code_for_invoices_refuses_the_one_order() -> None:
    """Section 7.4 of the fact sheet temu-api."""
    assert CODES[200020001].reaction is Reaction.REFUSE


def test_a_number_that_does_not_fit_the_carrier_can_itself_be_wrong() -> None:
    remedy = CODES[120014022].remedy
    assert "tracking number in JTL" in remedy
    assert "TEMU_CARRIER_MAP" in remedy


@pytest.mark.parametrize("code", [code for code, facts in CODES.items() if facts.reaction in {Reaction.RETRY, Reaction.RETRY_ONCE}])
def test_what_passes_by_itself_is_tried_by_the_next_run(code: int) -> None:
    assert CODES[code].remedy.startswith("The next run tries again.")
