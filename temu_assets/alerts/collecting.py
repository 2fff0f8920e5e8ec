"""Everything that is known and may be wrong, read from our own tables and the disks; what it means is judged in ``rules.py``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, or_, select

from temu_assets.alerts import store, token
from temu_assets.alerts.disks import disks
from temu_assets.alerts.facts import Activity, BadRuns, Facts, Job, OpenKind
from temu_assets.alerts.kinds import Alert, AlertKind
from temu_assets.alerts.rules import REFUSALS, with_attempts_settled
from temu_assets.settings import Settings
from temu_assets.toci.causes import by_cause
from temu_assets.toci.job_runs import RunStatus, unfinished
from temu_assets.toci.problems import ProblemState
from temu_assets.toci.processes import is_dead_here
from temu_assets.toci.tables import job_runs, problems

LOOK_BACK = timedelta(days=14)
"""Runs that ended badly longer ago, and that no run followed, are history."""
STARTED_BY_SCHEDULE_WITHIN = timedelta(days=7)
BRAKE_KIND = "stock_brake"
"""The kind of problem the brake reports (``inventory/sending_rows.py``), told by itself."""
_READ_PROBLEMS = 100
_UNSETTLED = (ProblemState.OPEN.value, ProblemState.RETRY.value)


def collect(connection: Connection, shop: str, settings: Settings, jobs: Sequence[Job], known: Sequence[Alert], *, now: datetime) -> Facts:
    """The facts as they are now. Writes nothing but that somebody has looked."""
    since = now - LOOK_BACK
    last_success = _last_starts(connection, shop, since, RunStatus.SUCCESS)
    expected = _expected(connection, shop, jobs, now=now)
    nothing_ran_after = timedelta(hours=settings.alert_nothing_ran_hours)
    longest_gap = max(nothing_ran_after, timedelta(hours=1))
    kinds = _open_kinds(connection, shop)
    states = store.way_states(connection, shop)
    return Facts(
        now,
        nothing_ran_after,
        bad_runs=(*_bad_runs(connection, shop, jobs, last_success, since, now=now), *_dead_runs(connection, shop, since)),
        last_success=last_success,
        refused=_refused(connection, shop, since),
        problems=tuple(kind for kind in kinds if kind.kind != BRAKE_KIND),
        brake=_brake(connection, shop),
        token=token.remembered(connection, shop),
        activity=Activity(_last_start(connection, shop, expected), store.looked(connection, shop, now=now, longest_gap=longest_gap)),
        expected=expected,
        disks=tuple(disks(settings)),
        low_before=frozenset(each.key for each in known if each.kind is AlertKind.DISK_LOW and each.resolved_at is None),
        trouble=store.trouble(states),
        last_told={way.value: max(state.sent) for way, state in states.items() if state.sent},
    )


def _last_starts(connection: Connection, shop: str, since: datetime, status: RunStatus) -> dict[str, datetime]:
    rows = connection.execute(
        select(job_runs.c.job_id, func.max(job_runs.c.started_at))
        .where(job_runs.c.shop == shop, job_runs.c.status == status.value, job_runs.c.started_at >= since)
        .group_by(job_runs.c.job_id)
    )
    return {row[0]: row[1] for row in rows}


def _bad_runs(
    connection: Connection, shop: str, jobs: Sequence[Job], last_success: dict[str, datetime], since: datetime, *, now: datetime
) -> Iterable[BadRuns]:
    """By job and reason; where one run of them is final, that one and its like, else the newest that is tried again."""
    plans = {job.name: job for job in jobs}
    running = set(_last_starts(connection, shop, since, RunStatus.RUNNING))
    alike = (job_runs.c.job_id, job_runs.c.status, job_runs.c.error_kind, job_runs.c.attempt, job_runs.c.is_triggered, job_runs.c.may_pass)
    rows = connection.execute(
        select(
            *alike,
            func.count().label("runs"),
            func.max(job_runs.c.started_at).label("newest"),
            func.min(job_runs.c.started_at).label("first"),
        )
        .where(
            job_runs.c.shop == shop,
            job_runs.c.status.in_([RunStatus.FAILURE.value, RunStatus.KILLED.value]),
            job_runs.c.started_at >= since,
            or_(
                job_runs.c.job_id.not_in(list(last_success)),
                *(
                    (job_runs.c.job_id == job) & (job_runs.c.started_at > at)
                    for job, at in last_success.items()
                ),
            ),
        )
        .group_by(*alike)
    ).all()  # fmt: skip
    by_job: dict[str, list[BadRuns]] = {}
    for row in rows:
        newest = connection.execute(
            select(job_runs).where(job_runs.c.shop == shop, job_runs.c.job_id == row.job_id, job_runs.c.started_at == row.newest)
        ).first()
        if newest is None:
            continue
        runs = BadRuns(
            row.job_id,
            row.status == RunStatus.KILLED.value,
            row.error_kind or "",
            newest.run_id,
            newest.started_at,
            newest.ended_at or newest.started_at,
            row.attempt,
            bool(row.is_triggered),
            bool(row.may_pass),
            newest.failed_stage or "",
            newest.error or "",
            row.runs,
            row.first,
        )
        by_job.setdefault(runs.job, []).append(runs)
    for job, runs_of_job in by_job.items():
        settled = with_attempts_settled(runs_of_job, plans.get(job, Job(job)), is_running=job in running, now=now)
        for reason in dict.fromkeys((each.is_killed, each.error_kind) for each in settled):
            alike_runs = [each for each in settled if (each.is_killed, each.error_kind) == reason]
            chosen = [each for each in alike_runs if not each.is_tried_again] or alike_runs
            yield replace(max(chosen, key=lambda each: each.started_at), count=sum(each.count for each in chosen))


def _dead_runs(connection: Connection, shop: str, since: datetime) -> Iterable[BadRuns]:
    """Runs that nobody has called killed yet, because the daemon that does so is dead as well."""
    for run in unfinished(connection, shop):
        start = run.start
        if start.started_at >= since and is_dead_here(start.host, start.process):
            yield BadRuns(
                start.job_id,
                is_killed=True,
                error_kind="",
                run_id=start.run_id,
                started_at=start.started_at,
                ended_at=start.started_at,
                attempt=start.attempt,
                is_triggered=start.is_triggered,
                may_pass=False,
                stage="",
                error="",
                count=1,
                first_at=start.started_at,
            )


def _refused(connection: Connection, shop: str, since: datetime) -> dict[str, dict[str, datetime]]:
    names = sorted(name for names in REFUSALS.values() for name in names)
    rows = connection.execute(
        select(job_runs.c.error_kind, job_runs.c.job_id, func.max(job_runs.c.started_at))
        .where(job_runs.c.shop == shop, job_runs.c.error_kind.in_(names), job_runs.c.started_at >= since)
        .group_by(job_runs.c.error_kind, job_runs.c.job_id)
    )
    found: dict[str, dict[str, datetime]] = {}
    for kind, job, at in rows:
        found.setdefault(kind, {})[job] = at
    return found


def _open_kinds(connection: Connection, shop: str) -> list[OpenKind]:
    is_open = (problems.c.shop == shop) & problems.c.state.in_(_UNSETTLED)
    counts = connection.execute(
        select(problems.c.kind, func.count(), func.max(problems.c.first_seen_at)).where(is_open).group_by(problems.c.kind)
    ).all()
    found = []
    for kind, count, newest_at in counts:
        rows = connection.execute(
            select(problems.c.key, problems.c.reason, problems.c.remedy)
            .where(is_open, problems.c.kind == kind)
            .order_by(problems.c.first_seen_at.desc(), problems.c.key)
            .limit(_READ_PROBLEMS)
        ).all()
        if rows:
            most = by_cause(rows, lambda row: (str(row.key), str(row.reason)))[0]
            found.append(OpenKind(kind, count, most.cause, len(most.members), str(most.members[0].remedy), newest_at))
    return found


def _brake(connection: Connection, shop: str) -> dict[str, tuple[str, str]]:
    rows = connection.execute(
        select(problems.c.key, problems.c.reason, problems.c.remedy).where(
            problems.c.shop == shop, problems.c.kind == BRAKE_KIND, problems.c.state.in_(_UNSETTLED)
        )
    )
    return {row.key: (row.reason, row.remedy) for row in rows}


def _expected(connection: Connection, shop: str, jobs: Sequence[Job], *, now: datetime) -> dict[str, timedelta]:
    """The jobs a schedule should start: those that are on by plan, and those a schedule did start lately."""
    rows = connection.execute(
        select(job_runs.c.started_by).where(job_runs.c.shop == shop, job_runs.c.started_at >= now - STARTED_BY_SCHEDULE_WITHIN).distinct()
    )
    have_started = {started_by for (started_by,) in rows}
    return {job.name: job.pause for job in jobs if job.pause is not None and (job.is_on or job.schedule in have_started)}


def _last_start(connection: Connection, shop: str, expected: dict[str, timedelta]) -> datetime | None:
    return connection.execute(
        select(func.max(job_runs.c.started_at)).where(job_runs.c.shop == shop, job_runs.c.job_id.in_(list(expected)))
    ).scalar_one_or_none()
