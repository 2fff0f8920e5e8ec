"""Every text a person is told: each names the thing, what happened, what the program did and what to do. Pure.

Error messages and reasons come from our own tables, which hold neither a secret nor a buyer's data.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from temu_assets.alerts.facts import BadRuns, Disk, OpenKind, Trouble
from temu_assets.alerts.kinds import Wording

_NEW_TOKEN = "authorise the app again in Seller Center (Apps and services) and put the new token into TEMU_ACCESS_TOKEN."  # noqa: S105 — says what to do
_TO_DO = " What to do: "


def moment(value: datetime) -> str:
    """A time as people read it."""
    return f"{value:%Y-%m-%d %H:%M} UTC"


def run_failed(run: BadRuns) -> Wording:
    """A run ended red, and is not tried again by itself."""
    what, _, remedy = run.error.partition(_TO_DO)
    stage = f" in the stage {run.stage}" if run.stage else ""
    again = f" This was the attempt {run.attempt + 1}." if run.attempt else ""
    often = f" It has failed like this {run.count} times since it last went well." if run.count > 1 else ""
    return Wording(
        f"{run.job} failed",
        f"The run {run.run_id[:8]} of {run.job} failed at {moment(run.ended_at)}{stage}.{again}{often} {what}".strip(),
        "Stages before it are done, nothing of it is lost; the next run of the job takes up what is left.",
        remedy or "open the run, read its red stage, then start the job again.",
        f"/runs/{run.run_id}",
    )


def run_killed(run: BadRuns) -> Wording:
    """A run ended without a word."""
    return Wording(
        f"{run.job} was killed",
        f"The run {run.run_id[:8]} of {run.job}, begun at {moment(run.started_at)}, ended without a word: "
        "its process was killed, or the machine went down.",
        "What it had done is kept, what it had begun is looked up on the other side first; the next run of the job takes up what is left.",
        "if nobody stopped it, look whether the machine ran out of memory or was restarted. Nothing has to be repaired.",
        f"/runs/{run.run_id}",
    )


def nothing_ran(last: datetime | None, allowed: timedelta, jobs: Sequence[str]) -> Wording:
    """The daemon is dead, or no run can be started."""
    hours = f"{allowed / timedelta(hours=1):.3g}"
    when = f"the last one began at {moment(last)}" if last else "there never was one"
    return Wording(
        f"nothing has run for {hours} hours",
        f"Of {_listed(jobs)}, which should run by themselves, none has begun a run for more than {hours} hours; {when}.",
        "Nothing: orders, parcels and stock have stood still since then.",
        "look whether dagster-daemon and the code server run (temu-assets doctor; UI: Deployment, Daemons), and start them again. "
        "Runs take up everything that was left undone.",
        "/deployment/daemons",
    )


def access_refused(jobs: Sequence[str], why: str) -> Wording:
    """TEMU does not let the program in any more."""
    what, _, remedy = why.partition(_TO_DO)
    who = f"It concerns {_listed(jobs)}. " if jobs else ""
    return Wording(
        "TEMU refuses access",
        f"{who}{what or 'TEMU refuses the access token, or has suspended the app.'}",
        "Nothing was given up: orders, parcels and stock wait and go on by themselves once TEMU lets the program in again.",
        remedy or _NEW_TOKEN,
    )


def token_expires(expires_at: datetime, days: int) -> Wording:
    """The access token ends soon."""
    left = "1 day" if days == 1 else f"{days} days"
    return Wording(
        f"the TEMU access token expires in {left}",
        f"TEMU's access token is good until {moment(expires_at)}, for {left}.",
        "It goes on working with it until then.",
        _NEW_TOKEN,
    )


def token_expired(expires_at: datetime) -> Wording:
    """The access token has ended."""
    return Wording(
        "the TEMU access token has expired",
        f"TEMU's access token ended at {moment(expires_at)}.",
        "Nothing was given up: orders, parcels and stock wait and go on by themselves with a new token.",
        _NEW_TOKEN,
    )


def stock_brake(reason: str, remedy: str) -> Wording:
    """The brake holds stock back."""
    return Wording(
        "the stock brake holds figures back",
        reason,
        "Everything else was sent; these SKUs keep the stock TEMU shows.",
        remedy,
        "/assets/stock_deltas",
    )


def problem(found: OpenKind) -> Wording:
    """Problems of a kind that was not open before."""
    count = f"{found.count} open problem{'s' if found.count > 1 else ''}"
    most = f"{found.cause_count} x " if found.cause_count > 1 else "one of them: " if found.count > 1 else ""
    others = found.count - found.cause_count
    more = f" {'Another has' if others == 1 else f'{others} others have'} another reason." if others else ""
    return Wording(
        f"{count}: {found.kind}",
        f"{count} of the kind {found.kind}: {most}{found.cause}{more}",
        "It left these alone and did everything else; further ones of this kind are not told one by one.",
        f"{found.remedy} (All of them: temu-assets problems --kind {found.kind} --all)",
        "/assets",
    )


def disk_low(disk: Disk) -> Wording:
    """A disk is about to be full."""
    return Wording(
        f"little room on the disk of the {disk.name}",
        f"The disk of the {disk.name} has {disk.free // 1_000_000:,} MB left.",
        "It goes on; once the disk is full, runs end red and nothing is lost.",
        "make room, or give it a larger disk.",
    )


def way_fails(trouble: Trouble) -> Wording:
    """A way by which people should be told does not work."""
    return Wording(
        f"alerts by {trouble.way} do not arrive",
        f"Since {moment(trouble.since)} nobody could be told by {trouble.way}. {trouble.what}",
        "It tries again with every look; nothing that is to be told is lost.",
        f"{trouble.remedy} Then: temu-assets alerts test",
    )


def database_away(what: str, remedy: str) -> Wording:
    """Our own database cannot be used, so nothing else can be known."""
    return Wording(
        "our own database cannot be used",
        what,
        "Runs end red until it is back; nothing is lost, and nothing is sent to TEMU or JTL meanwhile.",
        remedy,
    )


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
