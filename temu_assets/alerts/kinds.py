"""What is told: the kinds, one thing that is so now, and what our database remembers of having told it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class AlertKind(StrEnum):
    """What an alert is about. The key beside it says which: a job, a kind of problem, days left."""

    RUN_FAILED = "run_failed"
    RUN_KILLED = "run_killed"
    NOTHING_RAN = "nothing_ran"
    ACCESS_REFUSED = "access_refused"
    TOKEN_EXPIRES = "token_expires"  # noqa: S105 — the name of a kind
    STOCK_BRAKE = "stock_brake"
    PROBLEM = "problem"
    DISK_LOW = "disk_low"
    WAY_FAILS = "way_fails"
    DATABASE_AWAY = "database_away"


REMINDED = frozenset(AlertKind) - {AlertKind.PROBLEM, AlertKind.TOKEN_EXPIRES}
"""Told again once a day while it goes on. Open problems stay in the list; the token has its own days."""

ONE_STATE = (frozenset({AlertKind.TOKEN_EXPIRES, AlertKind.ACCESS_REFUSED}), frozenset({AlertKind.STOCK_BRAKE}))
"""Stages of one thing: that one of them has passed is no good news while another is there."""


class Way(StrEnum):
    """By which way a person is told."""

    MAIL = "mail"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class Wording:
    """One thing in the words a person reads. ``page`` is the path in the UI where to look."""

    subject: str
    happened: str
    done: str
    remedy: str
    page: str = "/runs"


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is so now. ``at``: when it last happened (aware UTC); ``count``: how many things it is about."""

    kind: AlertKind
    key: str
    wording: Wording
    at: datetime
    count: int = 1


@dataclass(frozen=True, slots=True)
class Alert:
    """What is remembered of one thing.

    ``told``: by which way it was told last, and when; a way is taken out once it has told that all is well again. ``cleared``: those ways.
    """

    kind: AlertKind
    key: str
    subject: str
    text: str
    remedy: str
    first_seen_at: datetime
    last_seen_at: datetime
    count: int
    sent_at: datetime | None = None
    told: dict[Way, datetime] = field(default_factory=dict)
    cleared: frozenset[Way] = frozenset()
    resolved_at: datetime | None = None

    @property
    def id(self) -> tuple[AlertKind, str]:
        """Kind and key."""
        return self.kind, self.key
