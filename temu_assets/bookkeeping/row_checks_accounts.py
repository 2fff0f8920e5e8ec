"""R05, R06, R10, R13, R14 and H04: accounts, their lengths, automatic ones, debtors. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from temu_assets.bookkeeping.booking import Booking
from temu_assets.bookkeeping.columns import ACCOUNT, CONTRA, H_ACCOUNT_LENGTH, KEY
from temu_assets.bookkeeping.finding_log import FindingLog
from temu_assets.bookkeeping.findings import Severity
from temu_assets.bookkeeping.header import Header, is_account
from temu_assets.bookkeeping.marketplaces import displayed
from temu_assets.bookkeeping.rules import Rules

SHORTEST_LENGTH = 4
_CANCELS_AUTOMATIC = ("4", "8")
"""A two-digit key that begins so switches the automatic tax off."""
_REVERSAL_KEY = "20"


@dataclass(slots=True)
class AccountChecks:
    """The accounts of one file."""

    header: Header
    rules: Rules
    log: FindingLog
    _lengths: Counter[int] = field(default_factory=Counter)
    _debtors: frozenset[str] = field(init=False)
    _known: frozenset[str] = field(init=False)
    _of_marketplace: dict[str, set[str]] = field(init=False)
    _automatic: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self._debtors = frozenset(account for _, account in self.rules.debtors)
        self._known = (self._debtors | {self.rules.default_debtor}) - {""}
        self._of_marketplace = {}
        for marketplace, account in self.rules.debtors:
            self._of_marketplace.setdefault(marketplace, set()).add(account)
        self._automatic = frozenset(_shortened(str(account)) for account in self.rules.automatic_accounts)

    def check(self, booking: Booking) -> None:
        """R05, R06, R10, R13 and R14."""
        for position, account in ((ACCOUNT, booking.account), (CONTRA, booking.contra)):
            if account:
                self._check_account(booking, position, account)
        self._check_critical(booking)
        self._check_key(booking)
        if self._debtors or self.rules.default_debtor:
            self._check_debtor(booking)

    def finish(self) -> None:
        """H04: the header's length of accounts against the accounts."""
        length, lengths = self.header.account_length, self._lengths
        if not length or not lengths:
            return
        too_long = sum(count for each, count in lengths.items() if each > length + 1)
        if too_long:
            hint = (
                f"{too_long} Konten haben mehr als {length + 1} Stellen, obwohl die Sachkontenlänge {length} ist. "
                "Sachkontenlänge im Export und beim Steuerberater müssen übereinstimmen."
            )
            self.log.header("H04", Severity.ERROR, H_ACCOUNT_LENGTH, str(length), hint)
        elif max(lengths) < length:
            hint = (
                f"Kein Konto hat die Sachkontenlänge {length}; das längste hat {max(lengths)} Stellen. "
                "DATEV liest kürzere Konten mit Nullen davor. Bitte die Sachkontenlänge im Export prüfen."
            )
            self.log.header("H04", Severity.WARNING, H_ACCOUNT_LENGTH, str(length), hint)

    def is_automatic(self, account: str) -> bool:
        """Whether this is one of the automatic accounts, at whatever length."""
        length = self.header.account_length
        return (not length or len(account) == length) and _shortened(account) in self._automatic

    def _check_account(self, booking: Booking, position: int, account: str) -> None:
        if not is_account(account):
            if "E+" not in account and not (position == CONTRA and is_critical(account.strip(), self.rules)):
                hint = "Ein Konto hat ein bis neun Ziffern und ist nicht 0. Bitte die Kontenzuordnung prüfen."
                self.log.error("R05", booking.line, position, account, hint)
            return
        self._lengths[len(account)] += 1
        if self.header.account_length and len(account) > self.header.account_length + 1:
            hint = f"Das Konto ist länger, als die Sachkontenlänge {self.header.account_length} erlaubt (Personenkonten: eine Stelle mehr)."
            self.log.error("R05", booking.line, position, account, hint)

    def _check_critical(self, booking: Booking) -> None:
        contra = booking.contra.strip()
        if not contra:
            hint = "Kein Gegenkonto: Für Land oder Steuersatz fehlt die Zuordnung. Bitte in JTL2DATEV ergänzen und neu exportieren."
            self.log.error("R06", booking.line, CONTRA, "", hint)
        elif is_critical(contra, self.rules):
            hint = "Das Gegenkonto ist ein Platzhalter: Für Land oder Steuersatz fehlt die Zuordnung. Bitte ergänzen und neu exportieren."
            self.log.error("R06", booking.line, CONTRA, contra, hint)

    def _check_key(self, booking: Booking) -> None:
        key = booking.key
        if not key or key == _REVERSAL_KEY or (len(key) == 2 and key.startswith(_CANCELS_AUTOMATIC)):
            return
        for account in (booking.account, booking.contra):
            if self.is_automatic(account):
                hint = f"Auf dem Automatikkonto {account} darf kein Steuerschlüssel stehen; DATEV lehnt die Buchung ab."
                self.log.error("R10", booking.line, KEY, booking.at(KEY), hint)

    def _check_debtor(self, booking: Booking) -> None:
        position, debtor = self._debtor(booking)
        if not debtor:
            return
        if debtor == self.rules.default_debtor:
            hint = "Gebucht auf den Sammeldebitor für nicht zugeordnete Zahlungsarten. Bitte die Zahlungsart in JTL2DATEV zuordnen."
            self.log.warning("R13", booking.line, position, debtor, hint)
            return
        order = booking.origin.order
        expected = self._of_marketplace.get(order.marketplace, set()) if order is not None and order.is_certain else set()
        if expected and debtor not in expected and order is not None:
            hint = (
                f"Die Bestellung {order.number} ist von {displayed(order.marketplace)}, deren Debitor ist "
                f"{' oder '.join(sorted(expected))}. Bitte die Zuordnung prüfen, sonst lassen sich die Zahlungen nicht abstimmen."
            )
            self.log.warning("R14", booking.line, position, debtor, hint)
        elif self._debtors and debtor not in self._debtors:
            hint = "Dieser Debitor gehört zu keinem Marktplatz (DATEV_DEBTORS). Bitte die Zuordnung der Zahlungsart prüfen."
            self.log.warning("R13", booking.line, position, debtor, hint)

    def _debtor(self, booking: Booking) -> tuple[int, str]:
        for position, account in ((ACCOUNT, booking.account), (CONTRA, booking.contra)):
            if account in self._known or self.header.is_debtor(account):
                return position, account
        return 0, ""


def is_critical(contra: str, rules: Rules) -> bool:
    """Whether a contra account stands for a missing one."""
    number = int(contra) if contra.isascii() and contra.isdecimal() and len(contra) < 10 else None
    return not contra or (number is not None and any(first <= number <= last for first, last in rules.critical_accounts))


def _shortened(account: str) -> str:
    """An account without the zeros that make four digits longer: 4400000 is 4400."""
    return account[:SHORTEST_LENGTH] if not account[SHORTEST_LENGTH:].strip("0") else account
