"""A PostgreSQL server of our own, made for the tests and gone after them."""

from __future__ import annotations

import ctypes
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from psycopg import pq
from psycopg.pq.abc import PGconn, PGresult

from temu_assets_tests.tds.names import KNOWN_COLLATIONS, create_collation

_BINARIES = (Path("/usr/lib/postgresql/15/bin"), Path("/usr/lib/postgresql/16/bin"), Path("/usr/lib/postgresql/17/bin"))
_TEMPLATE = "tds_template"
_ACCOUNT = "postgres"
_STARTS_WITHIN = 30.0
_PR_SET_PDEATHSIG = 1
_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A deadlock is found after this long; a session of another priority has another patience (see settings.py).
    "deadlock_timeout": "100ms",
    "max_locks_per_transaction": "256",
    "lc_messages": "C",
    "jit": "off",
}


class PostgresMissing(Exception):  # noqa: N818 — a reason to skip, not a fault
    """PostgreSQL's binaries are not installed here, or nobody may run them."""


class PostgresFault(Exception):  # noqa: N818 — carries PostgreSQL's own error
    """A statement of our own that PostgreSQL refused."""


def find_binaries() -> Path:
    """Where PostgreSQL's server is. Raises PostgresMissing."""
    for folder in _BINARIES:
        if (folder / "postgres").is_file():
            return folder
    raise PostgresMissing("PostgreSQL 15 or newer is not installed (apt install postgresql)")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a running server is reached; it can be handed to another process."""

    folder: Path
    port: int

    def connect(self, database: str = "postgres") -> PGconn:
        """A connection as PostgreSQL's own superuser, over the socket. Raises PostgresFault."""
        info = f"host={self.folder} port={self.port} user=postgres dbname='{database}' client_encoding=UTF8"
        connection = pq.PGconn.connect(info.encode())
        if connection.status != pq.ConnStatus.OK:
            message = connection.error_message.decode(errors="replace")
            connection.finish()
            raise PostgresFault(message)
        return connection

    def run(self, sql: str, database: str = "postgres") -> list[list[str | None]]:
        """Run one statement on a connection of its own. Raises PostgresFault."""
        connection = self.connect(database)
        try:
            return run(connection, sql)
        finally:
            connection.finish()

    def create_database(self, name: str) -> None:
        """A database with everything T-SQL needs in it."""
        self.run(f'CREATE DATABASE "{name}" TEMPLATE {_TEMPLATE} STRATEGY FILE_COPY')

    def drop_database(self, name: str) -> None:
        """Drop a database and whoever is still in it."""
        self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


class Postgres:
    """The server; a context manager."""

    def __init__(self) -> None:
        self._binaries = find_binaries()
        # PostgreSQL refuses to run as root.
        self._account = _ACCOUNT if os.geteuid() == 0 else None
        if self._account is not None and not _has_account(self._account):
            raise PostgresMissing("PostgreSQL does not run as root, and there is no account 'postgres'")
        self.folder = Path(tempfile.mkdtemp(prefix="tdspg"))
        self.address = Address(self.folder, _free_port())
        self.password = secrets.token_hex(8)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """End the server and remove what it made."""
        if self._process is not None:
            # Immediate shutdown: nothing in there is worth a checkpoint.
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(timeout=_STARTS_WITHIN)
            self._process = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self) -> None:
        if self._account is not None:
            shutil.chown(self.folder, self._account, self._account)
        data, password_file = self.folder / "data", self.folder / "password"
        password_file.write_text(self.password, encoding="ascii")
        if self._account is not None:
            shutil.chown(password_file, self._account)
        options = ["--username=postgres", "--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={password_file}", "--no-sync"]
        made = self._run("initdb", f"--pgdata={data}", "--encoding=UTF8", "--locale=C", *options)
        if made.returncode:
            raise PostgresFault(made.stderr.decode(errors="replace"))
        settings = {
            **_SETTINGS,
            "listen_addresses": "'127.0.0.1'",
            "port": str(self.address.port),
            "unix_socket_directories": f"'{self.folder}'",
        }
        with (data / "postgresql.conf").open("a", encoding="ascii") as file:
            file.writelines(f"{name} = {value}\n" for name, value in settings.items())
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [self._binaries / "postgres", "-D", data],
                stdout=log,
                stderr=log,
                user=self._account,
                cwd=self.folder,
                preexec_fn=_end_with_parent,
            )
        self._wait_until_ready()
        self.address.run(f"CREATE DATABASE {_TEMPLATE}")
        for script in ("functions.sql", "catalog.sql"):
            self.address.run(Path(__file__).with_name(script).read_text(encoding="utf-8"), _TEMPLATE)
        self.address.run("; ".join(create_collation(name) for name in KNOWN_COLLATIONS), _TEMPLATE)

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run([self._binaries / program, *arguments], user=self._account, cwd=self.folder, capture_output=True, check=False)

    def _wait_until_ready(self) -> None:
        give_up_at = time.monotonic() + _STARTS_WITHIN
        while True:
            try:
                self.address.connect().finish()
            except PostgresFault:
                assert self._process is not None
                if time.monotonic() > give_up_at or self._process.poll() is not None:
                    log = (self.folder / "log").read_text(encoding="utf-8", errors="replace")
                    raise PostgresFault(f"PostgreSQL did not start: {log[-2000:]}") from None
                time.sleep(0.02)
            else:
                return


def run(connection: PGconn, sql: str) -> list[list[str | None]]:
    """Run statements that are ours, not a client's. Raises PostgresFault."""
    result = connection.exec_(sql.encode())
    if result.status not in {pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK}:
        raise PostgresFault(f"{result.error_message.decode(errors='replace')} in {sql[:500]}")
    return rows_of(result)


def rows_of(result: PGresult) -> list[list[str | None]]:
    """The rows of a result as text."""
    return [
        [None if (value := result.get_value(row, field)) is None else value.decode() for field in range(result.nfields)]
        for row in range(result.ntuples)
    ]


def _end_with_parent() -> None:
    """Whoever kills the tests shall not find a server afterwards. Linux only; elsewhere it would stay."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


def _has_account(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
