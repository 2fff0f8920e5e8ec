"""SET: the options of a session, as far as they change anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from temu_assets_tests.tds.lexing import Cursor

if TYPE_CHECKING:
    from temu_assets_tests.tds.session import Session

VERSION = "Microsoft SQL Server 2019 (RTM-CU28) (test server) - 15.0.4410.1 (X64)"
ISOLATION_NUMBERS = {"READ UNCOMMITTED": 1, "READ COMMITTED": 2, "REPEATABLE READ": 3, "SERIALIZABLE": 4, "SNAPSHOT": 5}
PATIENCE = {"LOW": "20ms", "NORMAL": "100ms", "HIGH": "1s"}
"""PostgreSQL's victim is whoever looks for a deadlock first, so the session of low priority looks sooner."""


def set_option(session: Session, cursor: Cursor) -> None:
    """SET with one or more options and ON, OFF or a value."""
    if cursor.skip("TRANSACTION", "ISOLATION", "LEVEL"):
        session.isolation = " ".join(token.word for token in cursor.rest())
        session.backend.isolate(in_postgres(session.isolation))
        return
    if cursor.skip("LOCK_TIMEOUT"):
        sign = -1 if cursor.skip("-") else 1
        token = cursor.next()
        value = session.variables[token.text.lower()].text if token.text.startswith("@") else token.text
        session.lock_timeout = sign * int(value or 0)
        apply_all(session)
        return
    if cursor.skip("DEADLOCK_PRIORITY"):
        word = cursor.rest()[-1].text.upper()
        number = int(word) if word.isdigit() else 0
        is_negative = any(token.text == "-" for token in cursor.tokens)
        otherwise = "NORMAL" if number == 0 else "LOW" if is_negative else "HIGH"
        session.deadlock_patience = PATIENCE.get(word, PATIENCE[otherwise])
        apply_all(session)
        return
    *options, state = [token.word for token in cursor.rest()]
    for option in options:
        _switch(session, option, is_on=state == "ON")


def _switch(session: Session, option: str, *, is_on: bool) -> None:
    if option == "NOCOUNT":
        session.is_quiet = is_on
    elif option == "XACT_ABORT":
        session.aborts = is_on
    elif option == "IMPLICIT_TRANSACTIONS":
        session.is_implicit = is_on


def in_postgres(isolation: str) -> str:
    """The isolation that comes closest; READ COMMITTED reads versions, as under READ_COMMITTED_SNAPSHOT."""
    return {"READ UNCOMMITTED": "READ COMMITTED", "SNAPSHOT": "REPEATABLE READ"}.get(isolation, isolation)


def apply_all(session: Session) -> None:
    """Tell PostgreSQL how long to wait for a lock (it takes 0 for ever, T-SQL for not at all) and how soon to look for a deadlock."""
    milliseconds = 0 if session.lock_timeout < 0 else max(session.lock_timeout, 1)
    session.backend.run(f"SET lock_timeout = {milliseconds}; SET deadlock_timeout = '{session.deadlock_patience}'")
