"""Under which numbers TEMU may have been told of a parcel by runs whose outcome nobody knows, as the outbox keeps them."""

from __future__ import annotations

import json

from temu_assets.orders.shipment_calls import Shipment, Told
from temu_assets.texts import stored_length
from temu_assets.toci import outbox
from temu_assets.toci.outbox import Entry, State

MOST_FORMS = 5
"""So many numbers of one parcel are kept while it is unclear which of them TEMU knows."""

_TOLD = "told as "


def told_before(entry: Entry) -> list[Told]:
    """In which forms TEMU may have been told of a parcel by runs whose outcome nobody knows, the newest last."""
    if entry.state is not State.SENDING or entry.evidence is None or not entry.evidence.startswith(_TOLD):
        return []
    return [Told(carrier_id, tracking) for carrier_id, tracking in json.loads(entry.evidence.removeprefix(_TOLD))]


def with_told(before: Entry, shipment: Shipment) -> str:
    """What the outbox keeps of a parcel while it is told: this form of it, and those that are unclear still, as many as it has room for."""
    now = shipment.told(int(before.key))
    forms = [*(form for form in told_before(before) if form != now), now][-MOST_FORMS:]
    while forms and stored_length(kept := _TOLD + json.dumps(forms, ensure_ascii=False)) > outbox.MOST_EVIDENCE:
        del forms[0]
    return kept if forms else _TOLD + "[]"
