"""The server: it listens, lets clients in, and answers their messages."""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import queue
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from temu_assets_tests.tds import login as logins
from temu_assets_tests.tds.backend import Backend
from temu_assets_tests.tds.certificates import make_context
from temu_assets_tests.tds.errors import BackendGone, Cancelled, SqlError
from temu_assets_tests.tds.faults import ConnectionKilled, Executed, Faults
from temu_assets_tests.tds.names import KNOWN_COLLATIONS, create_collation, literal, quoted
from temu_assets_tests.tds.packets import (
    RESET_CONNECTION,
    RESET_CONNECTION_KEEP_TRANSACTION,
    Channel,
    Disconnected,
    Message,
    PacketType,
)
from temu_assets_tests.tds.postgres import Address, PostgresFault
from temu_assets_tests.tds.procedures import call
from temu_assets_tests.tds.reading import Reader
from temu_assets_tests.tds.rpc import read_calls
from temu_assets_tests.tds.session import Database, Session, Surrounding, as_sql_error
from temu_assets_tests.tds.tokens import Answer, Change, Done, DoneToken, ErrorInfo

SERVER_COLLATION = "SQL_Latin1_General_CP1_CI_AS"
"""The collation of the server, and with it that of temporary tables."""

_FIRST_SPID = 51
_BEGIN, _COMMIT, _ROLLBACK, _SAVE = 5, 7, 8, 9
_ISOLATION = {1: "READ UNCOMMITTED", 2: "READ COMMITTED", 3: "REPEATABLE READ", 4: "SERIALIZABLE", 5: "SNAPSHOT"}
_STOPS_WITHIN = 10.0
_log = logging.getLogger(__name__)


class Server:
    """A T-SQL server on a free port of this machine."""

    def __init__(self, postgres: Address, *, user: str, password: str, name: str) -> None:
        self.name = name
        self.delay = 0.0
        """Seconds every answer waits."""
        self._postgres = postgres
        # Several servers may share one PostgreSQL; each is a process of its own.
        self._prefix = f"s{os.getpid()}_"
        self._databases: dict[str, Database] = {}
        self._logins = {user.lower(): password}
        self._limited: dict[str, frozenset[str]] = {}
        self.faults = Faults()
        self._connections: dict[int, _Connection] = {}
        self._spids = itertools.count(_FIRST_SPID)
        self._lock = threading.Lock()
        self._folder = tempfile.TemporaryDirectory(prefix="tds")
        self._tls = make_context(Path(self._folder.name))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, name="tds-accept", daemon=True)

    def start(self) -> None:
        """Let clients in."""
        self.create_database("master", collation=SERVER_COLLATION)
        self._accepting.start()

    # --- what a test sets up ---

    def create_database(self, name: str, *, collation: str = "Latin1_General_CI_AS", snapshot: bool = True) -> None:
        """A new, empty database. ``snapshot``: whether it says of itself that READ COMMITTED reads versions."""
        database = Database(name, self._prefix + name.lower(), collation, snapshot)
        self._postgres.create_database(database.postgres_name)
        if collation not in KNOWN_COLLATIONS:
            self._postgres.run(create_collation(collation), database.postgres_name)
        with self._lock:
            self._databases[name.lower()] = database

    def drop_database(self, name: str) -> None:
        """Drop a database and whoever is in it."""
        with self._lock:
            database = self._databases.pop(name.lower())
            connections = list(self._connections.values())
        for connection in connections:
            if connection.session is not None and connection.session.database is database:
                connection.drop()
        self._postgres.drop_database(database.postgres_name)

    def add_login(self, name: str, password: str, permissions: set[str] | None = None) -> None:
        """Another login. With ``permissions``, for instance ``{"SELECT"}``, it may do that with every table, and nothing else."""
        self._logins[name.lower()] = password
        if permissions is not None:
            self._limited[name.lower()] = frozenset(permissions)

    def run_in_postgres(self, database: str, sql: str) -> list[list[str | None]]:
        """Look behind the scenes: a statement in PostgreSQL's own words."""
        return self._postgres.run(sql, self._databases[database.lower()].postgres_name)

    @property
    def sessions(self) -> list[int]:
        """The process ids of the sessions that are open."""
        with self._lock:
            return sorted(spid for spid, connection in self._connections.items() if connection.session is not None)

    @property
    def encrypted_sessions(self) -> list[int]:
        """Those of them inside TLS."""
        with self._lock:
            return sorted(spid for spid, connection in self._connections.items() if connection.is_encrypted)

    def kill(self, spid: int) -> bool:
        """End a session, as KILL does; False when there is none of this number."""
        with self._lock:
            connection = self._connections.get(spid)
        if connection is None:
            return False
        connection.drop()
        return True

    def kill_all(self) -> None:
        """End all sessions, as a restart of the server does."""
        for spid in self.sessions:
            self.kill(spid)

    def stop(self) -> None:
        """End all sessions and stop listening."""
        with contextlib.suppress(OSError):
            # Shutting down wakes the thread that waits in accept.
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        if self._accepting.is_alive():
            self._accepting.join(_STOPS_WITHIN)
        with self._lock:
            connections = list(self._connections.values())
        for connection in connections:
            connection.drop()
        for connection in connections:
            connection.join(_STOPS_WITHIN)
        for database in self._databases.values():
            self._postgres.drop_database(database.postgres_name)
        for name in self._limited:
            with contextlib.suppress(PostgresFault):
                self._postgres.run(f"DROP ROLE IF EXISTS {quoted('login_' + name)}")
        self._folder.cleanup()

    # --- for its connections ---

    def open_session(self, spid: int, asked: logins.Login) -> Session:
        """A session in the database asked for. Raises SqlError."""
        if self._logins.get(asked.user.lower()) != asked.password:
            raise SqlError(18456, f"Login failed for user '{asked.user}'.", severity=14)
        database = self._databases.get((asked.database or "master").lower())
        if database is None:
            raise SqlError(4060, f'Cannot open database "{asked.database}" requested by the login. The login failed.', severity=11)
        around = Surrounding(
            name=self.name,
            collation=SERVER_COLLATION,
            collations=frozenset(name.lower() for name in {*KNOWN_COLLATIONS, database.collation}),
            faults=self.faults,
            connect=self._connect,
            database=lambda name: self._databases.get(name.lower()),
            databases=lambda: list(self._databases.values()),
            sessions=self._open_sessions,
            kill=self.kill,
        )
        return Session(spid, around, database, asked.user, asked.host, asked.program)

    def arrived(self) -> None:
        """Count a message, and wait as long as the test wants."""
        self.faults.arrived()
        if self.delay:
            time.sleep(self.delay)

    @property
    def tls(self) -> ssl.SSLContext:
        """With the certificate made at the start."""
        return self._tls

    def forget(self, spid: int) -> None:
        """A connection has ended."""
        with self._lock:
            self._connections.pop(spid, None)

    def _open_sessions(self) -> list[Session]:
        with self._lock:
            return [connection.session for connection in self._connections.values() if connection.session is not None]

    def _connect(self, database: Database, login: str) -> Backend:
        backend = Backend(self._postgres.connect(database.postgres_name))
        permissions = self._limited.get(login.lower())
        if permissions is not None:
            _limit(backend, "login_" + login.lower(), permissions)
        return backend

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            spid = next(self._spids)
            connection = _Connection(self, Channel(client), spid)
            with self._lock:
                self._connections[spid] = connection
            connection.start()


def _limit(backend: Backend, role: str, permissions: frozenset[str]) -> None:
    if not backend.run(f"SELECT 1 FROM pg_roles WHERE rolname = {literal(role)}"):
        backend.run(f"CREATE ROLE {quoted(role)} NOLOGIN")
    granted = ", ".join(sorted(permissions))
    for (schema,) in backend.run("SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$|tds$|sys$|info$)'"):
        assert schema is not None
        backend.run(f"GRANT USAGE ON SCHEMA {quoted(schema)} TO {quoted(role)}")
        if granted:
            backend.run(f"GRANT {granted} ON ALL TABLES IN SCHEMA {quoted(schema)} TO {quoted(role)}")
    # Deadlocks are a matter of superusers in PostgreSQL; the priority is one of everybody in SQL Server.
    backend.run(f"GRANT SET ON PARAMETER deadlock_timeout TO {quoted(role)}")
    backend.run(f"SET SESSION AUTHORIZATION {quoted(role)}")


class _Connection:
    """One client: a thread reads and a thread works, so that a cancellation is noticed while a statement runs."""

    def __init__(self, server: Server, channel: Channel, spid: int) -> None:
        self.session: Session | None = None
        self._server = server
        self._channel = channel
        self._spid = spid
        self._messages: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, name=f"tds-{spid}-read", daemon=True)
        self._worker = threading.Thread(target=self._work, name=f"tds-{spid}-work", daemon=True)

    @property
    def is_encrypted(self) -> bool:
        """True inside TLS."""
        return self._channel.is_encrypted

    def start(self) -> None:
        """Serve the client until it goes."""
        self._worker.start()

    def join(self, timeout: float) -> None:
        """Wait until both threads have ended."""
        for thread in (self._reader, self._worker):
            if thread.is_alive():
                thread.join(timeout)

    def drop(self) -> None:
        """End the connection without a word, whatever runs."""
        self._channel.drop()
        if self.session is not None:
            self.session.cancel()
        self._messages.put(None)

    def _read(self) -> None:
        assert self.session is not None
        try:
            while True:
                message = self._channel.read_message()
                if message.kind == PacketType.ATTENTION:
                    self.session.cancel()
                self._messages.put(message)
        except (Disconnected, ValueError):
            self._messages.put(None)
            self.session.backend.cancel()

    def _work(self) -> None:
        try:
            self._greet()
            while (message := self._messages.get()) is not None:
                self._serve(message)
        except Disconnected:
            self._channel.close()
        except (ConnectionKilled, BackendGone):
            self._channel.drop()
        finally:
            self._channel.close()
            self._server.forget(self._spid)
            if self.session is not None:
                self.session.close()

    # --- login ---

    def _greet(self) -> None:
        channel = self._channel
        message = channel.read_message()
        if message.kind == PacketType.PRELOGIN:
            options = logins.read_prelogin(message.payload)
            asked = logins.Encryption((options.get(logins.ENCRYPTION) or b"\x02")[0])
            answer, encrypts = logins.prelogin_answer(asked)
            channel.write_message(answer)
            if encrypts:
                channel.start_tls(self._server.tls)
            message = channel.read_message()
        asked_login = logins.read_login(message.payload)
        try:
            self.session = self._server.open_session(self._spid, asked_login)
        except SqlError as error:
            self._refuse(error, asked_login.user)
            raise Disconnected from error
        self._welcome(asked_login)
        self._reader.start()

    def _refuse(self, error: SqlError, user: str) -> None:
        answer = Answer()
        answer.message(error.info, self._server.name)
        if error.number == 4060:
            answer.message(replace(error.info, number=18456, severity=14, text=f"Login failed for user '{user}'."), self._server.name)
        answer.done(DoneToken.DONE, Done.ERROR)
        self._channel.write_message(bytes(answer.data), spid=self._spid)

    def _welcome(self, asked: logins.Login) -> None:
        assert self.session is not None
        channel, database = self._channel, self.session.database.name
        answer = Answer()
        answer.change(Change.DATABASE, database, "master")
        answer.message(ErrorInfo(5701, 2, 0, f"Changed database context to '{database}'."), self._server.name)
        answer.collation()
        answer.change(Change.LANGUAGE, "us_english")
        answer.message(ErrorInfo(5703, 1, 0, "Changed language setting to us_english."), self._server.name)
        answer.login_accepted(min(asked.tds_version, 0x74000004))
        size = min(max(asked.packet_size, 512), 32767) if asked.packet_size else 4096
        answer.change(Change.PACKET_SIZE, str(size), str(channel.packet_size))
        answer.done(DoneToken.DONE, Done.FINAL)
        channel.write_message(bytes(answer.data), spid=self._spid)
        channel.packet_size = size

    # --- requests ---

    def _serve(self, message: Message) -> None:
        session = self.session
        assert session is not None
        answer = Answer()
        if message.kind == PacketType.ATTENTION:
            session.is_cancelled.clear()
            answer.done(DoneToken.DONE, Done.ATTENTION)
        else:
            self._server.arrived()
            if message.status & (RESET_CONNECTION | RESET_CONNECTION_KEEP_TRANSACTION):
                session.reset(keeps_transaction=bool(message.status & RESET_CONNECTION_KEEP_TRANSACTION))
                answer.change(Change.RESET, b"", b"")
            try:
                self._answer(session, message, answer)
            except Cancelled:
                if session.aborts:
                    session.abort(answer)
                answer.done(DoneToken.DONE, Done.ERROR)
            except (Disconnected, ConnectionKilled, BackendGone):
                raise
            except Exception as error:  # noqa: BLE001 — a client is told, and the log
                # A fault of this server shall be seen where the statement is, not as a connection that ends.
                _log.exception("the test server failed")
                answer.message(ErrorInfo(50000, 1, 16, f"The test server failed: {error!r}"), self._server.name)
                answer.done(DoneToken.DONE, Done.ERROR)
            answer.finish()
        self._channel.write_message(bytes(answer.data), spid=self._spid)

    def _answer(self, session: Session, message: Message, answer: Answer) -> None:
        session.describe_to_postgres()
        if message.kind == PacketType.SQL_BATCH:
            reader = Reader(message.payload)
            reader.skip_all_headers()
            session.run_batch(message.payload[reader.position :].decode("utf-16-le"), {}, answer, DoneToken.DONE)
        elif message.kind == PacketType.RPC:
            for request in read_calls(message.payload):
                call(session, request, answer)
        elif message.kind == PacketType.TRANSACTION:
            self._transaction(session, Reader(message.payload), answer)
        else:
            answer.message(
                ErrorInfo(4002, 1, 16, "The incoming tabular data stream (TDS) protocol stream is incorrect."), self._server.name
            )
            answer.done(DoneToken.DONE, Done.ERROR)

    def _transaction(self, session: Session, reader: Reader, answer: Answer) -> None:
        reader.skip_all_headers()
        kind = reader.number("<H")
        actions: dict[int, tuple[str, Callable[[], None]]] = {
            _BEGIN: ("BEGIN TRANSACTION", lambda: _begin(session, reader, answer)),
            _COMMIT: ("COMMIT", lambda: _end(session, reader, answer, session.commit)),
            _ROLLBACK: ("ROLLBACK", lambda: _end(session, reader, answer, session.rollback)),
            _SAVE: ("SAVE TRANSACTION", lambda: session.save(reader.text("<B"))),
        }
        name, action = actions[kind]
        executed = Executed(self._spid, session.database.name, name, ())
        try:
            session.watched(executed, action)
        except SqlError as problem:
            error = as_sql_error(problem)
            answer.message(error.info, self._server.name)
            if error.number == 1205:
                session.abort(answer)
            answer.done(DoneToken.DONE, Done.ERROR)
        else:
            answer.done(DoneToken.DONE, Done.IN_TRANSACTION if session.transactions else Done.FINAL)


def _begin(session: Session, reader: Reader, answer: Answer) -> None:
    isolation = reader.byte()
    session.isolation = _ISOLATION.get(isolation, session.isolation)
    session.begin(answer)


def _end(session: Session, reader: Reader, answer: Answer, end: Callable[[Answer], None]) -> None:
    name = reader.text("<B")
    if name and end == session.rollback:
        session.rollback_to(name)
        return
    end(answer)
    if not reader.is_at_end and reader.byte() & 1:
        _begin(session, reader, answer)
