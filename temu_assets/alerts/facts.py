"""What is known when it is judged whether anything is wrong. Collected elsewhere (``collecting.py``); times are aware UTC. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Job:
    """What is planned of a job.

    ``pause``: the longest time between two of its starts by its ``schedule``; None where nothing starts it at set times. ``retries`` and
    ``retry_delay``: how often and when a run of it that failed is tried again.
    """

    name: str
    schedule: str = ""
    is_on: bool = False
    pause: timedelta | None = None
    retries: int = 0
    retry_delay: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class BadRuns:
    """The runs of a job that ended badly for one reason since it last went well: the newest of them, the first one's start, how many."""

    job: str
    is_killed: bool
    error_kind: str
    run_id: str
    started_at: datetime
    ended_at: datetime
    attempt: int
    is_triggered: bool
    may_pass: bool
    stage: str
    error: str
    count: int
    first_at: datetime
    is_tried_again: bool = False


@dataclass(frozen=True, slots=True)
class OpenKind:
    """The open problems of one kind: how many, and the most frequent cause with its remedy."""

    kind: str
    count: int
    cause: str
    cause_count: int
    remedy: str
    newest_at: datetime


@dataclass(frozen=True, slots=True)
class Token:
    """What TEMU said about the access token when it was last asked: its end, or that it is refused (and why)."""

    asked_at: datetime
    expires_at: datetime | None
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Activity:
    """When a run last began, and since when somebody has been looking without a gap."""

    last_start: datetime | None
    watched_since: datetime


@dataclass(frozen=True, slots=True)
class Disk:
    """Room on a disk, in bytes."""

    name: str
    free: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """A way by which nobody can be told just now."""

    way: str
    since: datetime
    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that is judged in one look.

    ``last_success``: when the last good run of each job began. ``refused``: by kind of error, when the last run of each job began that TEMU
    refused, whatever came after. ``expected``: the jobs that should run by themselves, with the longest time between two starts.
    ``low_before``: the disks already known to be low. ``last_told``: when each way last told anything.
    """

    at: datetime
    nothing_ran_after: timedelta
    bad_runs: tuple[BadRuns, ...] = ()
    last_success: Mapping[str, datetime] = field(default_factory=dict)
    refused: Mapping[str, Mapping[str, datetime]] = field(default_factory=dict)
    problems: tuple[OpenKind, ...] = ()
    brake: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    token: Token | None = None
    activity: Activity | None = None
    expected: Mapping[str, timedelta] = field(default_factory=dict)
    disks: tuple[Disk, ...] = ()
    low_before: frozenset[str] = frozenset()
    trouble: tuple[Trouble, ...] = ()
    last_told: Mapping[str, datetime] = field(default_factory=dict)
