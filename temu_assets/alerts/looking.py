"""One look: what is wrong now, what of it was told already, and telling the rest. The one way alerts are sent, whoever looks.

Every message is sent first and written down afterwards, so a process that is killed in between tells it again: at least once, never not.
Two that look at once take turns by a lease, so that neither tells what the other has told. No transaction is open while anything is sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from temu_assets.alerts import collecting, plan, rules, store
from temu_assets.alerts.facts import Job
from temu_assets.alerts.kinds import Alert, Way
from temu_assets.alerts.message import compose
from temu_assets.alerts.ways import Tell, sender
from temu_assets.crash_points import crash_point
from temu_assets.errors import ConfigurationError, TransientError
from temu_assets.settings import Settings
from temu_assets.toci import leases
from temu_assets.toci.database import Toci

LEASE = "alerts"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a look.

    ``told``: by which way how many things were told. ``failed``: the ways that failed, and why. ``waiting``: the ways that have something
    to tell and gather more first, and until when.
    """

    open_count: int
    told: Mapping[Way, int]
    failed: Mapping[Way, ConfigurationError | TransientError]
    waiting: Mapping[Way, datetime]


def look(
    toci: Toci, settings: Settings, ways: Mapping[Way, Tell], jobs: Sequence[Job], holder: str, *, now: datetime, wait_seconds: float
) -> Outcome:
    """Look, write down what is found, and tell what is due.

    A way that fails keeps what it has to tell for the next look. Raises LeaseTakenError when somebody else looks and does not end within
    ``wait_seconds``; the errors of ``Toci`` when our database cannot be used.
    """
    with leases.hold(toci, LEASE, holder, wait_seconds=wait_seconds) as lease:
        mine = lease.fenced(toci)
        alerts = mine.write(lambda connection: _find(connection, toci.shop, settings, jobs, now=now))
        states = mine.read(lambda connection: {way: store.way_state(connection, toci.shop, way) for way in ways})
        told: dict[Way, int] = {}
        failed: dict[Way, ConfigurationError | TransientError] = {}
        waiting: dict[Way, datetime] = {}
        for way, tell in ways.items():
            owed, state = plan.owed(alerts, way, now=now), states[way]
            if not owed:
                if state.failing_since is not None:
                    # Nobody knows whether it works, and nobody waits for it.
                    _note(mine, way, store.works(state), now=now)
                continue
            until = plan.waits_until(state.sent, now=now)
            if until is not None:
                waiting[way] = until
                continue
            lease.check()
            try:
                tell(compose(owed, sender(settings)))
            except (ConfigurationError, TransientError) as error:
                failed[way] = error
                _note(mine, way, store.fails(state, error.what, error.remedy, now=now), now=now)
                continue
            crash_point("alert_sent")
            about = [*owed.new, *owed.going_on, *owed.well_again]
            told[way] = len(about)
            ids = {alert.id for alert in about}
            alerts = [plan.told(alert, way, now=now) if alert.id in ids else alert for alert in alerts]
            state = replace(store.works(state), sent=tuple(plan.remembered(state.sent, now=now)))
            _write_told(mine, [alert for alert in alerts if alert.id in ids], way, state, now=now)
        return Outcome(sum(alert.resolved_at is None for alert in alerts), told, failed, waiting)


def _find(connection: Connection, shop: str, settings: Settings, jobs: Sequence[Job], *, now: datetime) -> list[Alert]:
    """Everything that is remembered, brought up to now."""
    known = store.read(connection, shop)
    facts = collecting.collect(connection, shop, settings, jobs, known, now=now)
    changed = plan.settle(known, rules.conditions(facts), lambda alert: rules.has_passed(alert, facts), now=now)
    store.write(connection, shop, changed)
    after = {alert.id: alert for alert in [*known, *changed]}
    return list(after.values())


def _note(toci: Toci, way: Way, state: store.WayState, *, now: datetime) -> None:
    toci.write(lambda connection: store.write_way(connection, toci.shop, way, state, now=now))


def _write_told(toci: Toci, alerts: Sequence[Alert], way: Way, state: store.WayState, *, now: datetime) -> None:
    def work(connection: Connection) -> None:
        store.write(connection, toci.shop, alerts)
        store.write_way(connection, toci.shop, way, state, now=now)

    toci.write(work)
