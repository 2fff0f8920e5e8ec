"""What the outbox keeps of the numbers TEMU may have been told: it can be read again, whatever the numbers are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from temu_assets.orders import told_numbers
from temu_assets.orders.shipment import PlannedParcel, ShipmentPlan
from temu_assets.orders.shipment_calls import Shipment, Told
from temu_assets.texts import stored_length
from temu_assets.toci.outbox import MOST_EVIDENCE, Entry, State

NUMBERS = st.one_of(st.text(max_size=255), st.sampled_from(["Ü" * 255, "\\" * 255, "\x01" * 255, "😀" * 127, "1Z999"]))


@given(st.lists(st.tuples(st.integers(1, 10**12), NUMBERS), min_size=1, max_size=8))
def test_the_newest_numbers_are_kept_as_far_as_there_is_room(told: list[tuple[int, str]]) -> None:
    entry = Entry("7", State.SENDING)
    for carrier, number in told:
        plan = ShipmentPlan("PO-1", (PlannedParcel(7, number, "DHL", ()),), complete=True)
        entry = Entry("7", State.SENDING, evidence=told_numbers.with_told(entry, Shipment((plan,), {7: carrier}, None, "f")))
        assert stored_length(entry.evidence or "") <= MOST_EVIDENCE
    kept = told_numbers.told_before(entry)
    forms = [Told(*form) for form in told]
    newest_first = list(dict.fromkeys(reversed(forms)))
    assert kept == list(reversed(newest_first[: len(kept)]))
    if all(number.isascii() and number.isalnum() and len(number) < 100 for _, number in told):
        assert len(kept) == min(len(newest_first), told_numbers.MOST_FORMS)
