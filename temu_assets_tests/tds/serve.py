"""The process the server lives in. It ends with the process that started it.

It is a process of its own because pyodbc keeps Python's lock while it waits for some answers: a server in a thread beside it could never
give them.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from multiprocessing.connection import Client, Connection
from pathlib import Path

from temu_assets_tests.tds import KEY_VARIABLE
from temu_assets_tests.tds.faults import Matching, When
from temu_assets_tests.tds.postgres import Address
from temu_assets_tests.tds.server import Server


class Remote:
    """What the test asks for, by the name of the method."""

    def __init__(self, server: Server, calls_back: Callable[[int], None]) -> None:
        self._server = server
        self._faults = server.faults
        self._calls_back = calls_back

    def create_database(self, name: str, collation: str, snapshot: bool) -> None:
        self._server.create_database(name, collation=collation, snapshot=snapshot)

    def drop_database(self, name: str) -> None:
        self._server.drop_database(name)

    def add_login(self, name: str, password: str, permissions: set[str] | None) -> None:
        self._server.add_login(name, password, permissions)

    def run_in_postgres(self, database: str, sql: str) -> list[list[str | None]]:
        return self._server.run_in_postgres(database, sql)

    def statements(self) -> object:
        return list(self._faults.statements)

    def round_trips(self) -> int:
        return self._faults.round_trips

    def sessions(self) -> list[int]:
        return self._server.sessions

    def encrypted_sessions(self) -> list[int]:
        return self._server.encrypted_sessions

    def set_delay(self, seconds: float) -> None:
        self._server.delay = seconds

    def kill_next(self, matching: Matching, when: When, nth: int) -> None:
        self._faults.kill_next(matching, when, nth)

    def fail_next(self, number: int, matching: Matching, nth: int, text: str | None) -> None:
        self._faults.fail_next(number, matching, nth, text)

    def delay_next(self, seconds: float, matching: Matching, when: When, nth: int) -> None:
        self._faults.delay_next(seconds, matching, when, nth)

    def call_next(self, number: int, matching: Matching, when: When, nth: int) -> None:
        self._faults.call_next(lambda: self._calls_back(number), matching, when, nth)

    def clear(self) -> None:
        self._faults.clear()
        self._server.delay = 0.0

    def kill(self, spid: int) -> bool:
        return self._server.kill(spid)

    def kill_all(self) -> None:
        self._server.kill_all()


def main(arguments: list[str]) -> None:
    """Serve until the control connection ends."""
    control_at, folder, port, user, password, name = arguments
    key = bytes.fromhex(os.environ[KEY_VARIABLE])
    control, callbacks = Client(control_at, authkey=key), Client(control_at, authkey=key)

    def call_back(number: int) -> None:
        callbacks.send(number)
        callbacks.recv()

    server = Server(Address(Path(folder), int(port)), user=user, password=password, name=name)
    try:
        server.start()
        control.send(server.port)
        _obey(control, Remote(server, call_back))
    finally:
        server.stop()


def _obey(control: Connection, remote: Remote) -> None:
    with contextlib.suppress(EOFError, ConnectionError):
        while True:
            method, arguments = control.recv()
            try:
                answer = (True, getattr(remote, method)(*arguments))
            except Exception as error:  # noqa: BLE001 — told to the test, which raises it
                answer = (False, error)
            control.send(answer)


if __name__ == "__main__":
    main(sys.argv[1:])
