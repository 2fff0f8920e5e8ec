"""What a run says about itself, in plain sentences: the same in our database, in the log files and in front of a person."""

from __future__ import annotations

from collections.abc import Mapping

from temu_assets.toci.job_runs import RunEnd, RunStart, RunStatus

_MOST_COUNTS = 12
_SHORT_NAMES = {"dagster/row_count": "rows"}
_SAID_ALREADY = {"seconds"}
_ENDINGS = {
    RunStatus.SUCCESS: "ended well",
    RunStatus.FAILURE: "failed",
    RunStatus.CANCELLED: "was ended from outside",
    RunStatus.KILLED: "was killed",
}


def begun(start: RunStart) -> str:
    """The first sentence of a run."""
    again = f", attempt {start.attempt + 1}" if start.attempt else ""
    dry = " Dry run: nothing is sent." if start.dry_run else ""
    return f"{start.job_id} has begun ({start.started_by}{again}).{dry}"


def stage_done(stage: str, seconds: float, counts: Mapping[str, float]) -> str:
    """One stage has done its work, with what it counted."""
    named = {_SHORT_NAMES.get(name, name): value for name, value in counts.items() if name not in _SAID_ALREADY}
    shown = [f"{name} {_number(value)}" for name, value in list(named.items())[:_MOST_COUNTS]]
    return f"{stage}: done in {duration(seconds)}" + (f"; {', '.join(shown)}." if shown else ".")


def stage_failed(stage: str, error: str) -> str:
    """One stage could not do its work."""
    return f"{stage} failed: {error}"


def check_failed(check: str, asset: str, said: str) -> str:
    """One check did not pass."""
    return f"Check {check} of {asset} did not pass" + (f": {said}" if said else ".")


def ended(start: RunStart, end: RunEnd) -> str:
    """The last sentence of a run."""
    seconds = (end.ended_at - start.started_at).total_seconds()
    stage = f" at {end.failed_stage}" if end.failed_stage and end.status is RunStatus.FAILURE else ""
    checks = f" {end.failed_checks} {'check' if end.failed_checks == 1 else 'checks'} did not pass." if end.failed_checks else ""
    why = f" {end.error}" if end.error and end.status is not RunStatus.SUCCESS and not stage else ""
    return f"{start.job_id} {_ENDINGS.get(end.status, end.status.value)}{stage} after {duration(seconds)}.{checks}{why}"


def duration(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def _number(value: float) -> str:
    return f"{value:g}" if isinstance(value, float) and not value.is_integer() else f"{value:.0f}"
