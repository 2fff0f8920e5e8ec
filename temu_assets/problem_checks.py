"""Asset checks over our own database: what keeps a stage's result from being right, red or yellow in the UI while it lasts.

All checks of an asset are one step, because a step of its own costs a run more than the question does. What asks our
database is loaded when a check runs.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import dagster as dg

from temu_assets.previews import preview
from temu_assets.resources import TociResource
from temu_assets.stage import told_plainly
from temu_assets.toci.causes import Group, by_cause

if TYPE_CHECKING:
    from sqlalchemy import Connection

MOST_CAUSES = 3
KIND = "kind of problem"
"""Under this name a check tells the kind it watches, as ``temu-assets problems`` takes it."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong: which, what, what a person does, and since when (text, UTC; empty where it is not known)."""

    which: str
    what: str
    remedy: str
    since: str = ""


Look = Callable[["Connection", str], Sequence[Wrong]]
"""Answers what is wrong now, for a connection to our database and a shop."""


@dataclass(frozen=True, slots=True)
class OpenProblems:
    """Answers with everything of one kind in the error inbox that is not settled."""

    kind: str

    def __call__(self, connection: "Connection", shop: str) -> list[Wrong]:
        """The open problems of the kind, by key."""
        from temu_assets.toci import problems
        from temu_assets.toci.problems import ProblemState

        return [
            Wrong(each.key, each.reason, each.remedy, f"{each.first_seen_at:%Y-%m-%d %H:%M}")
            for each in problems.unsettled(connection, shop, self.kind)
            if each.state in (ProblemState.OPEN, ProblemState.RETRY)
        ]


def open_problems_of(kind: str) -> OpenProblems:
    """Everything of one kind in the error inbox that is not settled."""
    return OpenProblems(str(kind))


@dataclass(frozen=True, slots=True)
class Watch:
    """One check. ``name`` says what holds when all is well; ``description`` tells a shop owner what it means when it does not."""

    name: str
    description: str
    look: Look
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.WARN

    def spec(self, asset: str) -> dg.AssetCheckSpec:
        """As Dagster shows the check before it has run."""
        kind = {KIND: self.look.kind} if isinstance(self.look, OpenProblems) else {}
        return dg.AssetCheckSpec(self.name, asset=asset, description=self.description, metadata=kind)


def checks_of(asset: str, *watches: Watch) -> dg.AssetChecksDefinition:
    """The checks of an asset as one step. None of them ever stops a later stage."""
    specs = [watch.spec(asset) for watch in watches]

    @dg.multi_asset_check(name=f"{asset}_checks", specs=specs, can_subset=True)
    def checks(context: dg.AssetCheckExecutionContext, toci: TociResource) -> Iterator[dg.AssetCheckResult]:
        wanted = {key.name for key in context.selected_asset_check_keys}
        with told_plainly(), toci.connect() as database:
            found = database.read(
                lambda connection: {watch.name: watch.look(connection, database.shop) for watch in watches if watch.name in wanted}
            )
            results = [_result(asset, watch, found[watch.name]) for watch in watches if watch.name in found]
        yield from results

    return checks


def _told(wrong: Wrong) -> tuple[str, str]:
    return wrong.which, wrong.what


def _summary(groups: Sequence[Group[Wrong]], count: int) -> str:
    """The most frequent causes with how often each is there."""
    if not groups:
        return "None open."
    told = [f"{len(group.members)} x {group.cause} What to do: {group.members[0].remedy}" for group in groups[:MOST_CAUSES]]
    return f"{count} open. " + " | ".join(told)


def _result(asset: str, watch: Watch, found: Sequence[Wrong]) -> dg.AssetCheckResult:
    groups = by_cause(found, _told)
    return dg.AssetCheckResult(
        asset_key=asset,
        check_name=watch.name,
        passed=not found,
        severity=watch.severity,
        description=_summary(groups, len(found)),
        metadata={
            "count": len(found),
            "causes": preview(
                ["how many", "what is wrong", "what to do", "since (UTC)"],
                ((len(group.members), group.cause, group.members[0].remedy, min(each.since for each in group.members)) for group in groups),
            ),
            "problems": preview(
                ["which", "what is wrong", "what to do", "since (UTC)"],
                ((each.which, each.what, each.remedy, each.since) for group in groups for each in group.members),
            ),
        },
    )
