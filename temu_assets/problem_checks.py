"""Asset checks over our own database: what keeps a stage's result from being right, red or yellow in the UI while it lasts.

All checks of an asset are one step, because a step of its own costs a run more than the question does.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import dagster as dg
from sqlalchemy import Connection

from temu_assets.previews import preview
from temu_assets.resources import TociResource
from temu_assets.stage import told_plainly
from temu_assets.toci import problems
from temu_assets.toci.problems import ProblemState

MOST_CAUSES = 3
_NUMBER = re.compile(r"[A-Z]{0,3}-?\d[\d-]*")
_UNSETTLED = (ProblemState.OPEN, ProblemState.RETRY)


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong: which, what, what a person does, and since when (text, UTC; empty where it is not known)."""

    which: str
    what: str
    remedy: str
    since: str = ""


Look = Callable[[Connection, str], Sequence[Wrong]]
"""Answers what is wrong now, for a connection to our database and a shop."""


@dataclass(frozen=True, slots=True)
class Watch:
    """One check. ``name`` says what holds when all is well; ``description`` tells a shop owner what it means when it does not."""

    name: str
    description: str
    look: Look
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.WARN


def open_problems_of(kind: str) -> Look:
    """Everything of one kind in the error inbox that is not settled."""

    def look(connection: Connection, shop: str) -> list[Wrong]:
        return [
            Wrong(each.key, each.reason, each.remedy, f"{each.first_seen_at:%Y-%m-%d %H:%M}")
            for each in problems.of_kind(connection, shop, kind)
            if each.state in _UNSETTLED
        ]

    return look


def checks_of(asset: str, *watches: Watch) -> dg.AssetChecksDefinition:
    """The checks of an asset as one step. None of them ever stops a later stage."""
    specs = [dg.AssetCheckSpec(watch.name, asset=asset, description=watch.description) for watch in watches]

    @dg.multi_asset_check(name=f"{asset}_checks", specs=specs, can_subset=True)
    def checks(context: dg.AssetCheckExecutionContext, toci: TociResource) -> Iterator[dg.AssetCheckResult]:
        wanted = {key.name for key in context.selected_asset_check_keys}
        with told_plainly(), toci.connect() as database:
            found = database.read(
                lambda connection: {watch.name: watch.look(connection, database.shop) for watch in watches if watch.name in wanted}
            )
        for watch in watches:
            if watch.name in found:
                yield _result(asset, watch, found[watch.name])

    return checks


def _by_cause(found: Sequence[Wrong]) -> str:
    """The most frequent causes with how often each is there; what differs only in a number is one cause."""
    if not found:
        return "None open."
    first = {_NUMBER.sub("#", each.what): each for each in reversed(found)}
    causes = Counter(_NUMBER.sub("#", each.what) for each in found).most_common(MOST_CAUSES)
    told = [f"{count} x {first[cause].what} What to do: {first[cause].remedy}" for cause, count in causes]
    return f"{len(found)} open. " + " | ".join(told)


def _result(asset: str, watch: Watch, found: Sequence[Wrong]) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=asset,
        check_name=watch.name,
        passed=not found,
        severity=watch.severity,
        description=_by_cause(found),
        metadata={
            "count": len(found),
            "problems": preview(
                ["which", "what is wrong", "what to do", "since (UTC)"],
                ((each.which, each.what, each.remedy, each.since) for each in found),
            ),
        },
    )
