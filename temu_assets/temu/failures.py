"""What a call to TEMU can end in, as exceptions, and their wording.

::

    TemuFailure                    endpoint, code, request id; mixed into every class below
    ├── TemuTransient              (TransientError) no usable answer, or TEMU asks to come back
    │   ├── TemuNotReady           TEMU is still calculating: a later run asks again
    │   └── TemuOutcomeUnknown     an effect was sent and its answer is lost: read before repeating
    ├── TemuConfiguration          (ConfigurationError)
    │   └── TemuNotPermitted       this one API is not granted; the others work
    ├── TemuAuthorisation          (AuthorisationError)
    ├── TemuStop                   (StopError)
    ├── TemuRefused                (RecordError) TEMU refuses this one record
    └── TemuBug                    (InternalError)
    TemuDataError                  (RecordError) an answer about one record does not fit

No message holds a secret or buyer data: known codes have this program's wording, and of TEMU's text for other codes only
harmless words are kept.
"""

# ruff: noqa: N818 - the names say what happened, as they are read in "except TemuNotReady:"

from __future__ import annotations

from temu_assets.errors import (
    AuthorisationError,
    ConfigurationError,
    InternalError,
    RecordError,
    StopError,
    TemuAssetsError,
    TransientError,
)
from temu_assets.redaction import harmless_words
from temu_assets.temu.answers import Envelope
from temu_assets.temu.codes import Reaction, facts_of


class TemuFailure(TemuAssetsError):
    """A call that TEMU did not fulfil. ``code`` and ``request_id`` are None where no answer carried them."""

    def __init__(self, what: str, *, remedy: str, endpoint: str, code: int | None = None, request_id: str | None = None) -> None:
        super().__init__(what, remedy=remedy)
        self.endpoint = endpoint
        self.code = code
        self.request_id = request_id


class TemuTransient(TemuFailure, TransientError):
    """No usable answer, or TEMU asks to come back later."""


class TemuNotReady(TemuTransient):
    """TEMU is still calculating what was asked for. Not waited for: a later run asks again."""


class TemuOutcomeUnknown(TemuTransient):
    """An effect was sent and its answer is lost. Read at TEMU what happened before repeating it."""


class TemuConfiguration(TemuFailure, ConfigurationError):
    """App, endpoint, clock or shop are not set up for the call."""


class TemuNotPermitted(TemuConfiguration):
    """Only this one API is not granted to the app or the token; the others work."""


class TemuAuthorisation(TemuFailure, AuthorisationError):
    """TEMU no longer accepts the access token."""


class TemuStop(TemuFailure, StopError):
    """TEMU suspended the app or restricted the shop."""


class TemuRefused(TemuFailure, RecordError):
    """TEMU refuses this one order, parcel or SKU."""


class TemuBug(TemuFailure, InternalError):
    """TEMU rejects the form of the call: this program is wrong."""


class TemuDataError(RecordError):
    """An answer about one order, parcel or SKU does not have the documented form. The text names fields, never values."""


_CLASSES: dict[Reaction, type[TemuFailure]] = {
    Reaction.SLOW_DOWN: TemuTransient,
    Reaction.RETRY: TemuTransient,
    Reaction.RETRY_ONCE: TemuTransient,
    Reaction.CORRECT_CLOCK: TemuConfiguration,
    Reaction.NOT_READY: TemuNotReady,
    Reaction.CONFIGURATION: TemuConfiguration,
    Reaction.NOT_PERMITTED: TemuNotPermitted,
    Reaction.AUTHORISATION: TemuAuthorisation,
    Reaction.STOP: TemuStop,
    Reaction.REFUSE: TemuRefused,
    Reaction.BUG: TemuBug,
}


def failure_of(endpoint: str, envelope: Envelope) -> TemuFailure:
    """The failure for an answer with ``success: false``."""
    facts = facts_of(envelope.code, envelope.text)
    return _CLASSES[facts.reaction](
        describe_code(endpoint, envelope),
        remedy=facts.remedy,
        endpoint=endpoint,
        code=envelope.code,
        request_id=envelope.request_id,
    )


def describe_code(endpoint: str, envelope: Envelope) -> str:
    """One sentence: endpoint, code, meaning, request id."""
    facts = facts_of(envelope.code, envelope.text)
    known = facts_of(envelope.code, "") is not facts_of(None, "")
    quote = "" if known else harmless_words(envelope.text)
    said = f'; TEMU says "{quote}"' if quote else ""
    code = "no code" if envelope.code is None else f"code {envelope.code}"
    return f"{endpoint}: TEMU answered {code}, {facts.meaning}{said} ({request_label(envelope.request_id)})."


def request_label(request_id: str | None) -> str:
    """The request id as it stands in messages."""
    return f"request {request_id}" if request_id else "no request id"


def unreadable(endpoint: str, what: str, request_id: str | None) -> TemuTransient:
    """The failure for a whole answer (a page, a list) without its documented form: nothing may be concluded from it."""
    return TemuTransient(
        f"{endpoint}: the answer cannot be used, {what} ({request_label(request_id)}). Nothing was concluded from it.",
        remedy="The next run tries again. If it stays, report it with the request id.",
        endpoint=endpoint,
        request_id=request_id,
    )
