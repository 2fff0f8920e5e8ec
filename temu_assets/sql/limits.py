"""How many connections to a server are kept, and how long anything on it may take. Nothing of this concerns SQLite."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Limits:
    """The pool and the time limits of one database server; times in seconds."""

    pool_size: int = 10
    max_overflow: int = 20
    pool_pre_ping: bool = True
    pool_recycle_seconds: int = 3600
    pool_timeout_seconds: int = 30
    login_timeout_seconds: int = 15
    query_timeout_seconds: int = 60
    lock_timeout_seconds: int = 5
    fast_executemany: bool = True

    def for_a_look(self) -> Limits:
        """The same for a sensor, which looks again soon and must never keep Dagster waiting: short times, one connection that stays.

        Several sensors look at once: one that waits for a slow answer keeps no other one waiting.
        """
        return replace(
            self,
            pool_size=1,
            max_overflow=7,
            pool_timeout_seconds=5,
            login_timeout_seconds=min(5, self.login_timeout_seconds),
            query_timeout_seconds=min(8, self.query_timeout_seconds),
            lock_timeout_seconds=min(3, self.lock_timeout_seconds),
        )
