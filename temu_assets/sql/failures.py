"""What a database's refusal means: whether trying again helps, whose turn it is otherwise, and which column it is about.

Each kind of server says it in codes of its own; they are read in ``sqlite``, ``sqlserver`` and ``postgresql`` of this package, and by the
server's sentence only where a driver drops the code. A server's text quotes the values it refused, and they can be a buyer's: it is not
kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What happened, as far as it decides what to do."""

    GONE = "gone"
    """The connection broke, or the server is not there. Whether a commit under way was done is unknown."""
    SLOW = "slow"
    """A login or a statement took longer than its limit."""
    CONFLICT = "conflict"
    """Deadlock, lock time-out, snapshot conflict: the server took all of it back, the same again can succeed."""
    DUPLICATE = "duplicate"
    """A row with this key is there already. Somebody else may just have written it, so one more look is worth it."""
    BUSY = "busy"
    """All connections of our own are in use."""
    LOCKED = "locked"
    """Somebody else holds it, for longer than anybody waits."""
    FULL = "full"
    """No room on disk or in the log."""
    UNUSABLE = "unusable"
    """The file or the disk below is not fit for use."""
    DENIED = "denied"
    """The login or a right is missing, or the database of this name."""
    UNTRUSTED = "untrusted"
    """The server's certificate cannot be checked."""
    NO_DRIVER = "no driver"
    """The driver the URL names is not installed."""
    MISSING = "missing"
    """A table or column is not there."""
    VALUE = "value"
    """A value does not fit its column: too long, NULL, of another type, against a constraint."""
    BUG = "bug"
    """Anything else: a statement of ours the server does not take."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One refusal. ``code`` is the server's own; ``column`` the column it names; ``what`` more in words, where there is more to say."""

    kind: Kind
    code: str
    column: str | None = None
    what: str = ""
