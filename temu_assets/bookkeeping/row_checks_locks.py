"""R18: the lock flag (Festschreibung) of the bookings of one file, told together. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from temu_assets.bookkeeping.booking import Booking
from temu_assets.bookkeeping.columns import LOCK
from temu_assets.bookkeeping.finding_log import FindingLog
from temu_assets.bookkeeping.header import Header

OPEN, LOCKED = "0", "1"


@dataclass(slots=True)
class LockChecks:
    """The flags of one file, and the line where each was seen first."""

    header: Header
    width: int
    log: FindingLog
    _seen: Counter[str] = field(default_factory=Counter)
    _first: dict[str, int] = field(default_factory=dict)

    def check(self, booking: Booking) -> None:
        """Look at one booking."""
        flag = booking.lock
        self._seen[flag] += 1
        if flag not in self._first:
            self._first[flag] = booking.line
        if flag not in ("", OPEN, LOCKED):
            self.log.error("R18", booking.line, LOCK, flag, "Die Festschreibung ist 0 (nein) oder 1 (ja). Bitte den Export prüfen.")

    def finish(self) -> None:
        """Empty flags, locked bookings where the header says otherwise, both kinds side by side."""
        if self.width < LOCK:
            return
        empty, locked, opened = self._seen[""], self._seen[LOCKED], self._seen[OPEN]
        if empty:
            bookings = "einer Buchung" if empty == 1 else f"{empty} Buchungen"
            hint = (
                f"In {bookings} ist die Festschreibung leer; DATEV schreibt dann fest, und das lässt sich nicht zurücknehmen. "
                "Die Korrektur K8 füllt sie."
            )
            self.log.warning("R18", self._first[""], LOCK, "", hint)
        if locked and (opened or self.header.lock_flag == OPEN):
            bookings = "Eine Buchung ist" if locked == 1 else f"{locked} Buchungen sind"
            hint = f"{bookings} festgeschrieben (1), obwohl der Stapel es nicht ist: Eine genügt, und DATEV sperrt den ganzen."
            self.log.warning("R18", self._first[LOCKED], LOCK, LOCKED, hint)
