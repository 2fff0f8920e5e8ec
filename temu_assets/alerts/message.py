"""One message out of everything a way has to tell at once. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from temu_assets.alerts.kinds import Alert
from temu_assets.alerts.plan import Owed
from temu_assets.alerts.wording import moment

MOST_SHOWN = 20
"""More than so many things of one sort are counted and not shown: a message is to be read."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes: the shop, the machine, and where its UI is."""

    shop: str
    host: str
    ui_url: str


@dataclass(frozen=True, slots=True)
class Message:
    """What goes out. ``subject`` is one line; ``blocks`` are paragraphs for people; ``facts`` the same for programs."""

    subject: str
    blocks: tuple[str, ...]
    link: str
    is_urgent: bool
    facts: dict[str, object]

    @property
    def text(self) -> str:
        """All of it as plain text."""
        return "\n\n".join(self.blocks) + "\n"


def compose(owed: Owed, sender: Sender) -> Message:
    """The message about everything that is owed."""
    blocks = [*_section("New", owed.new), *_section("Still so", owed.going_on), *_well_again(owed.well_again)]
    blocks.append(
        f"Look: {sender.ui_url}\nShop '{sender.shop}' on {sender.host}. All that is open: temu-assets alerts list. What each alert "
        "means: docs/alerts.md."
    )
    facts: dict[str, object] = {
        "shop": sender.shop,
        "host": sender.host,
        "link": sender.ui_url,
        "new": [_as_facts(alert) for alert in owed.new],
        "still_so": [_as_facts(alert) for alert in owed.going_on],
        "well_again": [_as_facts(alert) for alert in owed.well_again],
    }
    subject = f"[temu-assets {sender.shop}] {_subject(owed)}"
    return Message(subject, tuple(blocks), sender.ui_url, is_urgent=bool(owed.new), facts={"subject": subject, **facts})


def trial(sender: Sender) -> Message:
    """What ``temu-assets alerts test`` sends."""
    subject = f"[temu-assets {sender.shop}] test: alerts arrive here"
    text = (
        "This is a test; nothing is wrong. Somebody ran temu-assets alerts test, and this is where alerts of "
        f"the shop '{sender.shop}' on {sender.host} arrive. Nothing has to be done."
    )
    blocks = (text, f"Look: {sender.ui_url}")
    return Message(subject, blocks, sender.ui_url, is_urgent=False, facts={"subject": subject, "shop": sender.shop, "test": True})


def _subject(owed: Owed) -> str:
    parts = []
    if owed.new:
        more = f" (and {len(owed.new) - 1} more)" if len(owed.new) > 1 else ""
        parts.append(f"{owed.new[0].subject}{more}")
    if owed.going_on:
        parts.append(f"still so: {owed.going_on[0].subject}" if len(owed.going_on) == 1 else f"still so: {len(owed.going_on)} things")
    if owed.well_again:
        parts.append("all clear: " + (owed.well_again[0].subject if len(owed.well_again) == 1 else f"{len(owed.well_again)} things"))
    return "; ".join(parts)


def _section(title: str, alerts: tuple[Alert, ...]) -> Iterator[str]:
    for number, alert in enumerate(alerts[:MOST_SHOWN], start=1):
        head = f"{title}, {number} of {len(alerts)}" if len(alerts) > 1 else title
        since = "" if title == "New" else f" (since {moment(alert.first_seen_at)})"
        yield f"{head}: {alert.subject}{since}\n{alert.text}\nWhat to do: {alert.remedy}"
    if len(alerts) > MOST_SHOWN:
        yield f"And {len(alerts) - MOST_SHOWN} more: temu-assets alerts list"


def _well_again(alerts: tuple[Alert, ...]) -> Iterator[str]:
    if not alerts:
        return
    lines = [
        f"- {alert.subject}, from {moment(alert.first_seen_at)} to {moment(alert.resolved_at or alert.last_seen_at)}" for alert in alerts
    ]
    more = [f"- and {len(lines) - MOST_SHOWN} more"] if len(lines) > MOST_SHOWN else []
    yield "\n".join(["All clear, nothing has to be done. These are over:", *lines[:MOST_SHOWN], *more])


def _as_facts(alert: Alert) -> dict[str, object]:
    return {
        "kind": alert.kind.value,
        "key": alert.key,
        "subject": alert.subject,
        "text": alert.text,
        "what_to_do": alert.remedy,
        "count": alert.count,
        "since": alert.first_seen_at.isoformat(),
        "until": alert.resolved_at.isoformat() if alert.resolved_at else None,
    }
