"""What is remembered of alerts and of the ways they go: the table ``alerts``, and a line for each way in ``sync_state``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, RowMapping, or_, select

from temu_assets.alerts.facts import Trouble
from temu_assets.alerts.kinds import Alert, AlertKind, Way
from temu_assets.texts import cut
from temu_assets.toci import sync_state
from temu_assets.toci.sync_state import Mark
from temu_assets.toci.tables import alerts
from temu_assets.toci.writing import put

_MARKS = {Way.MAIL: Mark.ALERT_MAIL, Way.WEBHOOK: Mark.ALERT_WEBHOOK}
_AT = "@"


@dataclass(frozen=True, slots=True)
class WayState:
    """When a way told lately, and since when it fails, with why and what to do; ``failing_since`` is None while it works."""

    sent: tuple[datetime, ...] = ()
    failing_since: datetime | None = None
    what: str = ""
    remedy: str = ""


def read(connection: Connection, shop: str) -> list[Alert]:
    """What is open, and what is over; all of it is as many rows as there are jobs and kinds of problems."""
    rows = connection.execute(select(alerts).where(alerts.c.shop == shop).order_by(alerts.c.first_seen_at, alerts.c.kind, alerts.c.key))
    return [_alert(row) for row in rows.mappings()]


def open_alerts(connection: Connection, shop: str, *, since: datetime | None = None) -> list[Alert]:
    """What is open, and with ``since`` also what has been well again since then."""
    is_shown = alerts.c.resolved_at.is_(None)
    chosen = is_shown if since is None else or_(is_shown, alerts.c.resolved_at >= since)
    rows = connection.execute(select(alerts).where(alerts.c.shop == shop, chosen).order_by(alerts.c.first_seen_at, alerts.c.kind))
    return [_alert(row) for row in rows.mappings()]


def write(connection: Connection, shop: str, changed: Sequence[Alert]) -> None:
    """Write alerts, inside the caller's transaction."""
    # One by one: they are few, and mostly one or none changes.
    for alert in changed:
        row = {
            "shop": shop,
            "kind": alert.kind.value,
            "key": cut(alert.key, 200),
            "subject": alert.subject,
            "text": alert.text,
            "remedy": alert.remedy,
            "first_seen_at": alert.first_seen_at,
            "last_seen_at": alert.last_seen_at,
            "sent_at": alert.sent_at,
            "told_by": _told_by(alert),
            "resolved_at": alert.resolved_at,
            "count": alert.count,
        }
        put(connection, alerts, row)


def way_state(connection: Connection, shop: str, way: Way) -> WayState:
    """How a way stands."""
    found = sync_state.read(connection, shop, _MARKS[way])
    if found is None:
        return WayState()
    state = json.loads(found)
    since = state["failing_since"]
    return WayState(
        tuple(_from_seconds(each) for each in state["sent"]),
        None if since is None else _from_seconds(since),
        state["what"],
        state["remedy"],
    )


def write_way(connection: Connection, shop: str, way: Way, state: WayState, *, now: datetime) -> None:
    """Remember how a way stands, inside the caller's transaction."""
    value = {
        "sent": [int(each.timestamp()) for each in state.sent],
        "failing_since": None if state.failing_since is None else int(state.failing_since.timestamp()),
        "what": cut(state.what, 400),
        "remedy": cut(state.remedy, 400),
    }
    sync_state.remember(connection, shop, _MARKS[way], json.dumps(value, ensure_ascii=False), now=now)


def works(state: WayState) -> WayState:
    """The same way, which has just told something."""
    return replace(state, failing_since=None, what="", remedy="")


def fails(state: WayState, what: str, remedy: str, *, now: datetime) -> WayState:
    """The same way, which could not tell."""
    return replace(state, failing_since=state.failing_since or now, what=what, remedy=remedy)


def way_states(connection: Connection, shop: str) -> dict[Way, WayState]:
    """How all ways stand."""
    return {way: way_state(connection, shop, way) for way in Way}


def trouble(states: Mapping[Way, WayState]) -> tuple[Trouble, ...]:
    """The ways that fail."""
    return tuple(
        Trouble(way.value, state.failing_since, state.what, state.remedy)
        for way, state in states.items()
        if state.failing_since is not None
    )


def looked(connection: Connection, shop: str, *, now: datetime, longest_gap: timedelta) -> datetime:
    """Note that somebody looks now, and answer since when there was no longer gap between two looks."""
    found = sync_state.read(connection, shop, Mark.ALERTS_LOOKED)
    since = now
    if found is not None:
        before = json.loads(found)
        is_unbroken = timedelta() <= now - _from_seconds(before["at"]) <= longest_gap
        since = _from_seconds(before["since"]) if is_unbroken else now
    value = json.dumps({"since": int(since.timestamp()), "at": int(now.timestamp())})
    sync_state.remember(connection, shop, Mark.ALERTS_LOOKED, value, now=now)
    return since


def _told_by(alert: Alert) -> str | None:
    """Each way with when it told last; without a time once it has told that all is well again."""
    parts = [f"{way}{_AT}{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z" for way, at in sorted(alert.told.items())]
    return ", ".join([*parts, *sorted(alert.cleared)]) or None


def _alert(row: RowMapping) -> Alert:
    told: dict[Way, datetime] = {}
    cleared: set[Way] = set()
    for part in (row["told_by"] or "").split(", "):
        way, at, moment = part.partition(_AT)
        if at:
            told[Way(way)] = datetime.fromisoformat(moment)
        elif way:
            cleared.add(Way(way))
    names = ("key", "subject", "text", "remedy", "first_seen_at", "last_seen_at", "count", "sent_at", "resolved_at")
    return Alert(AlertKind(row["kind"]), **{name: row[name] for name in names}, told=told, cleared=frozenset(cleared))


def _from_seconds(value: int) -> datetime:
    return datetime.fromtimestamp(value, UTC)
