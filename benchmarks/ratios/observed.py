"""Dagster's command line with a clock beside it: ``python -m benchmarks.ratios.observed TOLD ARGUMENTS...``.

Runs ``dagster ARGUMENTS`` in this process and writes to the file TOLD: every statement to JTL's database, when JTL's connections were
given back, and how much processor time was used up to which moment. The program itself knows nothing of it.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import URL, make_url

_EVERY_S = 0.005


class Watch:
    """What is noted meanwhile. Moments are seconds of the clock, as Dagster's events have them."""

    def __init__(self, jtl: URL) -> None:
        self._jtl = _place(jtl)
        self._pools: set[int] = set()
        self.to_jtl: list[tuple[float, str, list[object]]] = []
        self.given_back: list[float] = []
        self.used: list[tuple[float, float]] = []
        event.listen(Engine, "before_cursor_execute", self._note)
        threading.Thread(target=self._sample, daemon=True).start()

    def _note(self, connection: Any, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        place = _place(connection.engine.url)
        if place != self._jtl:
            return
        if id(connection.engine.pool) not in self._pools:
            self._pools.add(id(connection.engine.pool))
            event.listen(connection.engine.pool, "checkin", lambda *_: self.given_back.append(time.time()))
        if not statement.startswith(("BEGIN", "PRAGMA")):
            self.to_jtl.append((time.time(), statement, list(parameters or ())))

    def _sample(self) -> None:
        while True:
            self.used.append((time.time(), time.process_time()))
            time.sleep(_EVERY_S)

    def tell(self, file: Path) -> None:
        told = {"to_jtl": self.to_jtl, "given_back": self.given_back, "used": self.used}
        file.write_text(json.dumps(told, default=str), encoding="utf-8")


def _place(url: URL) -> tuple[object, ...]:
    return url.host, url.port, url.database


def main(told: Path, arguments: list[str]) -> None:
    watch = Watch(make_url(os.environ["JTL_DATABASE_URL"]))
    (script,) = entry_points(group="console_scripts", name="dagster")
    command: Callable[[], None] = script.load()
    sys.argv = ["dagster", *arguments]
    try:
        command()
    finally:
        watch.tell(told)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
