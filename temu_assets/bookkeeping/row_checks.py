"""The checks of single bookings, R01 to R21 without R08 and R16: what each module beside this one looks at, called in their order. Pure.

Codes and what they mean: fact sheet backoffice, section 4.3. R21 is ours: a row whose fields do not stand where they should.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from temu_assets.bookkeeping.booking import Booking
from temu_assets.bookkeeping.extf import Encoding
from temu_assets.bookkeeping.finding_log import FindingLog
from temu_assets.bookkeeping.header import Header
from temu_assets.bookkeeping.row_checks_accounts import AccountChecks
from temu_assets.bookkeeping.row_checks_amounts import check_amounts
from temu_assets.bookkeeping.row_checks_dates import check_dates
from temu_assets.bookkeeping.row_checks_locks import LockChecks
from temu_assets.bookkeeping.row_checks_tax import check_tax
from temu_assets.bookkeeping.row_checks_texts import check_texts
from temu_assets.bookkeeping.rules import Rules


@dataclass(slots=True)
class RowChecks:
    """The checks of one file's bookings. ``width``: how many columns the file names."""

    header: Header
    rules: Rules
    encoding: Encoding
    width: int
    log: FindingLog
    _accounts: AccountChecks = field(init=False)
    _locks: LockChecks = field(init=False)

    def __post_init__(self) -> None:
        self._accounts = AccountChecks(self.header, self.rules, self.log)
        self._locks = LockChecks(self.header, self.width, self.log)

    def check(self, booking: Booking) -> None:
        """Check one booking as it will be handed on."""
        check_amounts(booking, self.header, self.log)
        check_dates(booking, self.header, self.log)
        self._accounts.check(booking)
        check_tax(booking, self._accounts, self.log)
        check_texts(booking, self.header, self.encoding, self.log)
        self._locks.check(booking)

    def finish(self) -> None:
        """What can only be said once all bookings were seen."""
        self._accounts.finish()
        self._locks.finish()
