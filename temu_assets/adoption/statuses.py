"""What the predecessor's words for the state of an order mean: TEMU's numbers, TEMU's names or German. Pure."""

from __future__ import annotations

import re

from temu_assets.temu.order_status import TemuStatus

_WORDS = {
    TemuStatus.PENDING: ("pending", "ausstehend", "schwebend", "in prüfung", "wartend"),
    TemuStatus.UNSHIPPED: (
        "un shipping", "unshipping", "unshipped", "to be shipped", "awaiting shipment", "processing", "paid", "new",
        "neu", "offen", "bezahlt", "importiert", "nicht versendet", "nicht versandt", "unversendet", "zu versenden", "versandbereit",
        "in bearbeitung",
    ),
    TemuStatus.CANCELLED: ("canceled", "cancelled", "storniert", "storno", "abgebrochen", "annulliert"),
    TemuStatus.SHIPPED: ("shipped", "versendet", "versandt", "verschickt"),
    TemuStatus.DELIVERED: ("delivered", "receipted", "received", "zugestellt", "geliefert", "ausgeliefert"),
    TemuStatus.PARTLY_SHIPPED: (
        "partially shipped", "partly shipped", "teilweise versendet", "teilweise versandt", "teilversendet", "teilversandt",
    ),
    TemuStatus.PARTLY_DELIVERED: (
        "partially delivered", "partially receipted", "partly delivered", "teilweise zugestellt", "teilweise geliefert", "teilgeliefert",
    ),
}  # fmt: skip
_STATUS_OF = {word: status for status, words in _WORDS.items() for word in words} | {str(status.value): status for status in TemuStatus}
_BETWEEN = re.compile(r"[\s_-]+")


def status_of(word: str) -> TemuStatus | None:
    """TEMU's status for a number or word of theirs; None for one that is not understood."""
    return _STATUS_OF.get(_BETWEEN.sub(" ", word.removesuffix(".0")).strip().casefold())
