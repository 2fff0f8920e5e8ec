"""Asset checks over the error inbox: one check per kind of problem, red or yellow in the UI while one of the kind is open."""

import dagster as dg

from temu_assets.previews import preview
from temu_assets.resources import TociResource
from temu_assets.stage import told_plainly
from temu_assets.toci import problems
from temu_assets.toci.problems import ProblemState

_UNSETTLED = (ProblemState.OPEN, ProblemState.RETRY)


def problem_check(
    asset: str, kind: str, *, name: str, description: str, severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.WARN
) -> dg.AssetChecksDefinition:
    """A check of ``asset`` that passes while no problem of ``kind`` is open. It never stops a later stage.

    ``name`` says what holds when all is well; ``description`` tells a shop owner what it means when it does not.
    """

    @dg.asset_check(asset=asset, name=name, description=description)
    def check(toci: TociResource) -> dg.AssetCheckResult:
        with told_plainly(), toci.connect() as db, db.read() as connection:
            found = [problem for problem in problems.of_kind(connection, db.shop, kind) if problem.state in _UNSETTLED]
        return dg.AssetCheckResult(
            passed=not found,
            severity=severity,
            description=f"{len(found)} open: {found[0].reason} What to do: {found[0].remedy}" if found else "None open.",
            metadata={
                "count": len(found),
                "problems": preview(
                    ["which", "what is wrong", "what to do", "since (UTC)"],
                    ((each.key, each.reason, each.remedy, f"{each.first_seen_at:%Y-%m-%d %H:%M}") for each in found),
                ),
            },
        )

    return check
