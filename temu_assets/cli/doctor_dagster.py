"""What ``doctor`` says of Dagster: where it keeps its history, how it is configured, and whether its daemon lives."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import yaml

from temu_assets.automation.triggers import read_triggers
from temu_assets.cli.doctor_lines import About, Level, Line, error, ok, warning
from temu_assets.cli.doctor_runs import stuck_line
from temu_assets.cli.doctor_triggers import is_anything_on, trigger_line, trigger_states
from temu_assets.errors import ConfigurationError
from temu_assets.settings import Settings

DAEMON_SILENT = timedelta(minutes=2)
"""A living daemon gives each of its parts a heartbeat every 30 seconds."""
_MIGRATE = "run `dagster instance migrate` once, while nothing else of Dagster runs, then start it"
WANTED = ("run_monitoring", "concurrency", "run_retries", "retention")
"""What the project's dagster.yaml sets, and what would be missing without it."""


def jobs_file_line(settings: Settings | None) -> Line:  # noqa: ARG001 — as every check
    """Whether the jobs file can be used; a mistake in it keeps Dagster from loading anything. Raises ConfigurationError."""
    source = read_triggers().plan.source
    return ok(About.JOBS_FILE, f"{source} can be used" if source else "TEMU_JOBS_FILE is not set, the defaults hold")


def home_lines(settings: Settings | None) -> Iterator[Line]:
    """DAGSTER_HOME and all that hangs on it. ``settings`` is None where they cannot be read."""
    given = os.environ.get("DAGSTER_HOME", "")
    home = Path(given).expanduser()
    line = home_line(given, is_folder=home.is_dir(), is_trial=settings is not None and settings.is_sandbox)
    yield line
    if not given or line.level is Level.ERROR:
        return
    yield configuration_line(home)
    if not _has_history(home):
        yield error(About.DAGSTER_STORAGE, f"{home} was never set up; two first starts at once would damage it", _MIGRATE)
        return
    with _instance(home) as instance:
        yield storage_line(instance)
        yield from running_lines(instance)


def home_line(given: str, *, is_folder: bool, is_trial: bool) -> Line:
    """Dagster itself refuses a home that is relative or not there. ``is_trial``: the sandbox is meant."""
    if not given:
        found = "not set: each command forgets its runs, and neither web server nor daemon can work"
        if is_trial:
            return ok(About.DAGSTER_HOME, f"{found}; for trying things out `temu-assets ui` takes a folder of its own")
        return warning(About.DAGSTER_HOME, found, "set DAGSTER_HOME to an absolute path (docs/deployment.md)")
    if not Path(given).expanduser().is_absolute():
        return error(
            About.DAGSTER_HOME,
            f"{given} is a relative path, which Dagster refuses",
            "write it from the root, such as /var/lib/temu-assets/dagster",
        )
    if not is_folder:
        return error(About.DAGSTER_HOME, f"{given} is no folder, so Dagster does not start", f"make it: `install -d -m 700 {given}`")
    return ok(About.DAGSTER_HOME, given)


def configuration_line(home: Path) -> Line:
    """Whether dagster.yaml is there and sets what keeps runs from hanging and piling up."""
    path = home / "dagster.yaml"
    copy = f"copy the project's dagster.yaml to {path}"
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        return warning(About.DAGSTER_YAML, f"{path} is not there: no limits, no watch over runs that hang, telemetry on", copy)
    except (OSError, yaml.YAMLError) as wrong:
        return error(About.DAGSTER_YAML, f"{path} cannot be read ({type(wrong).__name__})", copy)
    return sections_line(path, content if isinstance(content, dict) else {})


def sections_line(path: Path, content: Mapping[str, object]) -> Line:
    """``content``: what dagster.yaml says."""
    missing = [name for name in WANTED if name not in content]
    monitoring = content.get("run_monitoring")
    if isinstance(monitoring, dict) and not (monitoring.get("enabled") and monitoring.get("max_runtime_seconds")):
        missing.insert(0, "run_monitoring.enabled and max_runtime_seconds")
    if missing:
        return warning(
            About.DAGSTER_YAML,
            f"{path} does not set {', '.join(missing)}: killed runs stay 'started', or too many run at once, or history only grows",
            "take these sections over from the project's dagster.yaml",
        )
    return ok(About.DAGSTER_YAML, f"{path} sets limits, the watch over runs, retries after a crash and retention")


def _has_history(home: Path) -> bool:
    """Whether something is kept there already, or on a server; opening an empty home would make it one half set up."""
    try:
        storage = (yaml.safe_load((home / "dagster.yaml").read_text(encoding="utf-8")) or {}).get("storage")
    except (OSError, yaml.YAMLError, AttributeError):
        storage = None
    return bool(storage) or (home / "history" / "runs.db").exists()


@contextmanager
def _instance(home: Path) -> Iterator[dg.DagsterInstance]:
    """Dagster's history. Raises ConfigurationError, never with what a driver says: that can hold the URL."""
    try:
        instance = dg.DagsterInstance.from_config(str(home))
    except Exception as wrong:  # noqa: BLE001 — Dagster and drivers raise what they like; told by kind
        kind = type(wrong).__name__
    else:
        with instance:
            yield instance
        return
    raise ConfigurationError(
        f"Dagster's history in {home} cannot be opened ({kind}).",
        remedy="check dagster.yaml there; if it names PostgreSQL, whether DAGSTER_PG_URL is set and the server runs.",
    )


def storage_line(instance: dg.DagsterInstance) -> Line:
    """Whether the tables of Dagster's history are those of the installed version."""
    stores = {"runs": instance.run_storage, "events": instance.event_log_storage, "schedules": instance.schedule_storage}
    versions = {name: store.alembic_version() for name, store in stores.items() if store is not None}
    old = [name for name, version in versions.items() if version is not None and version[0] != version[1]]
    if old:
        return error(
            About.DAGSTER_STORAGE, f"the tables of {', '.join(old)} are those of an older Dagster", f"make a backup, then {_MIGRATE}"
        )
    return ok(About.DAGSTER_STORAGE, "set up and current")


def running_lines(instance: dg.DagsterInstance) -> Iterator[Line]:
    """The daemon, the switches, and the runs."""
    yield stuck_line(instance, datetime.now(UTC))
    try:
        triggers = read_triggers()
    except ConfigurationError:
        return  # told where the file is looked at; without it nobody knows what should be on
    states = trigger_states(instance, triggers)
    beats = {name: datetime.fromtimestamp(beat.timestamp, UTC) for name, beat in instance.get_daemon_heartbeats().items()}
    failing = [name for name, beat in instance.get_daemon_heartbeats().items() if beat.errors]
    needed = instance.get_required_daemon_types()
    yield daemon_line(needed, beats, failing, datetime.now(UTC), is_needed=is_anything_on(states))
    yield trigger_line(states, is_trial=triggers.on_by_default)


def daemon_line(needed: Sequence[str], beats: Mapping[str, datetime], failing: Sequence[str], now: datetime, *, is_needed: bool) -> Line:
    """The daemon starts what schedules and sensors want. ``beats``: last heartbeat by part; ``failing``: parts that told of errors."""
    remedy = "start `dagster-daemon run` (systemctl start, docker compose up; `temu-assets ui` starts one) and look into its log"
    if not beats:
        found = "it has never run with this DAGSTER_HOME, so nothing starts by itself"
        return (error if is_needed else warning)(About.DAEMON, found, remedy)
    last = max(beats.values())
    if now - last > DAEMON_SILENT:
        found = f"no sign of life since {last:%Y-%m-%d %H:%M} UTC, so nothing starts by itself"
        return error(About.DAEMON, found, remedy)
    silent = [name for name in needed if name not in beats or now - beats[name] > DAEMON_SILENT]
    if silent:
        return error(About.DAEMON, f"it lives, but its parts {', '.join(silent)} do not", f"end it, then {remedy}")
    if failing:
        return warning(About.DAEMON, f"alive, but {', '.join(failing)} told of errors", "look at Deployment > Daemons in the UI")
    return ok(About.DAEMON, f"alive, with its parts {', '.join(needed)}")
