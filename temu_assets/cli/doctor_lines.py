"""What ``doctor`` finds: one line each, out of a list of lines there can be (docs/doctor.md explains every one)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is. An error stops a run, or lets somebody in; a warning wants a look before it becomes one."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


class About(StrEnum):
    """What a line is about. Monitoring knows lines by these names, so none is ever renamed."""

    SETTINGS = "settings"
    GIVEN_TWICE = "given twice"
    SECRETS = "secrets"
    SANDBOX = "sandbox"
    DRY_RUN = "dry run"
    ALERTS = "alerts"

    PYTHON = "Python"
    PACKAGES = "packages"
    TIME_ZONES = "time zones"
    DISK = "disk space"
    DATA_FOLDER = "data folder"
    FILE_RIGHTS = "file rights"
    DOORS = "open ports"

    SQL_DRIVER = "SQL driver"
    OUR_TLS = "our database TLS"
    JTL_TLS = "JTL TLS"
    NETWORK_DRIVE = "network drive"

    OUR_DATABASE = "our database"
    OUR_SERVER = "our server"
    OUR_COLLATION = "our collation"
    PROBLEMS = "problems"

    TEMU = "TEMU"
    CLOCK = "clock"
    TOKEN = "TEMU token"  # noqa: S105 — the name of a line
    PERMISSIONS = "TEMU permissions"
    PRICES = "TEMU prices"
    CARRIERS = "TEMU carriers"
    SHIPPING_METHODS = "shipping methods"

    JTL = "JTL"
    JTL_DATABASE = "JTL database"
    JTL_SERVER = "JTL server"
    JTL_COLLATION = "JTL collation"
    JTL_RIGHTS = "JTL rights"
    JTL_LOGIN = "JTL login"
    JTL_VERSION = "JTL version"
    JTL_NAMES = "JTL names"
    JTL_STOCK = "JTL stock"

    INVOICES = "invoices"
    OCR = "OCR"
    DATEV = "DATEV files"

    DAGSTER_HOME = "DAGSTER_HOME"
    DAGSTER_YAML = "dagster.yaml"
    DAGSTER_STORAGE = "Dagster's storage"
    DAEMON = "daemon"
    JOBS_FILE = "jobs file"
    TRIGGERS = "schedules and sensors"
    RUNS = "runs"
    STUCK_RUNS = "stuck runs"

    TIME = "time"


@dataclass(frozen=True, slots=True)
class Line:
    """One finding: what was looked at, how it is, what was found, what to do."""

    name: About
    level: Level
    found: str
    remedy: str = ""


def ok(name: About, found: str) -> Line:
    """It is as it should be."""
    return Line(name, Level.OK, found)


def warning(name: About, found: str, remedy: str) -> Line:
    """It works, and somebody should look."""
    return Line(name, Level.WARNING, found, remedy)


def error(name: About, found: str, remedy: str) -> Line:
    """It stops a run, or lets somebody in."""
    return Line(name, Level.ERROR, found, remedy)
