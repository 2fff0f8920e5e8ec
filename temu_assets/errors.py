"""One tree of errors: what each means, who has to act, and whether trying again can help.

::

    TemuAssetsError
    ├── ConfigurationError      a setting is missing or wrong; a person changes it
    ├── TransientError          the other side did not answer; the same call later can succeed
    ├── AuthorisationError      TEMU no longer accepts the token; a person authorises the app again
    ├── StopError               TEMU suspended something; nothing more is sent until a person has looked
    ├── RecordError             one order, parcel or SKU cannot be processed; it is parked, the rest goes on
    └── InternalError           a rule of this program was broken; the work stops before harm is done

Every error carries three sentences: what was tried, what came back, what to do next. None of them ever contains a
secret or a buyer's data, because exceptions are stored in Dagster's event log.
"""

from __future__ import annotations


class TemuAssetsError(Exception):
    """Base of every error this program raises on purpose.

    ``what`` says what was tried and what came back; ``remedy`` says what the reader does next.
    """

    def __init__(self, what: str, *, remedy: str) -> None:
        super().__init__(what, remedy)
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.what} What to do: {self.remedy}"


class ConfigurationError(TemuAssetsError):
    """A setting is missing or wrong, or the shop, the app or a database is not set up for what was asked."""


class TransientError(TemuAssetsError):
    """The other side did not answer or asked to come back later. Nothing is parked: the work stays pending."""


class AuthorisationError(TemuAssetsError):
    """TEMU refuses the access token. Nothing is parked: the work stays pending until the token is replaced."""


class StopError(TemuAssetsError):
    """TEMU suspended the app or restricted the shop. Sending more could make it worse."""


class RecordError(TemuAssetsError):
    """One order, parcel or SKU is refused or cannot be understood. It alone is parked."""


class InternalError(TemuAssetsError):
    """A rule of this program was broken (a bug). The work stops before it can do harm."""
