"""The machine the figures come from, in words: without it no figure of seconds means anything."""

from __future__ import annotations

import os
import platform
import sqlite3
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import create_engine, text

from benchmarks.ratios.places import Place

_LIBRARIES = ("dagster", "sqlalchemy", "httpx", "pydantic", "pandas", "uvicorn")


def describe(places: list[Place]) -> dict[str, str]:
    """What it is, by name; of a server what it says of itself."""
    told = {
        "processor": f"{_processor()}, {len(os.sched_getaffinity(0))} cores",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GB",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "libraries": ", ".join(f"{name} {version(name)}" for name in _LIBRARIES),
        "SQLite": sqlite3.sqlite_version,
    }
    for place in places:
        if place.toci_url is not None:
            told[place.name] = _server(place.toci_url)
    return told


def in_words(machine: dict[str, str]) -> str:
    """The same as one paragraph."""
    return "; ".join(f"{name}: {what}" for name, what in machine.items())


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()


def _server(url: str) -> str:
    engine = create_engine(url)
    with engine.connect() as connection:
        said = str(connection.execute(text("SELECT @@VERSION")).scalar())
    engine.dispose()
    return f"{said.splitlines()[0]}, through {engine.dialect.driver}"
