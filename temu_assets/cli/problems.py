"""``temu-assets problems``: what waits for a person, grouped by cause, and what a person decided about it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from temu_assets.cli.our_database import our_database

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from temu_assets.toci.causes import Group
    from temu_assets.toci.problems import Problem

_KEYS_SHOWN = 3
_REMEDIES_SHOWN = 3
_AS_COMMANDS = {"--retry": "retry", "--handled": "handle"}


class _ListUnlessTold(click.Group):
    """``problems`` alone is ``problems list``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the missing name of the command in front."""
        if args and args[0] in _AS_COMMANDS:
            args = [_AS_COMMANDS[args[0]], *args[1:]]
        elif not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_ListUnlessTold)
def problems() -> None:
    """What waits for a person. Without a command: list it by cause."""


@problems.command("list")
@click.option("--all", "show_all", is_flag=True, help="Every problem below its cause, with its own reason.")
@click.option("--kind", help="Only problems of this kind.")
@click.option("--json", "as_json", is_flag=True, help="Only JSON on stdout: the causes with all their problems.")
def list_problems(*, show_all: bool, kind: str | None, as_json: bool) -> None:
    """List open problems by cause, the most frequent first: how many, since when, what to do."""
    from temu_assets.toci.problems import open_problems

    with our_database() as (_, toci):
        found = toci.read(lambda connection: open_problems(connection, toci.shop))
    groups = _by_kind_and_cause([problem for problem in found if kind in (None, problem.kind)])
    if as_json:
        click.echo(json.dumps({"shop": toci.shop, "causes": [_as_json(group) for group in groups]}, ensure_ascii=False, indent=2))
        return
    if not groups:
        click.echo(f"No open problems of shop '{toci.shop}'{f' of kind {kind}' if kind else ''}.")
        return
    for group in groups:
        _print_group(group, show_all=show_all)
    click.echo("Settled one that stays? temu-assets problems handle KIND KEY")


@problems.command()
@click.argument("kind")
@click.argument("key", required=False)
def show(kind: str, key: str | None) -> None:
    """Everything known of one problem, or of all of a kind that are not gone."""
    from temu_assets.toci.problems import ProblemState, of_kind

    with our_database() as (_, toci):
        found = toci.read(lambda connection: of_kind(connection, toci.shop, kind))
    chosen = [each for each in found if each.key == key] if key else [each for each in found if each.state is not ProblemState.CLOSED]
    if not chosen:
        raise click.ClickException(_none_such(kind, [key] if key else []))
    for problem in chosen:
        click.echo(
            f"{problem.kind} {problem.key}\n"
            f"    {problem.reason}\n"
            f"    What to do: {problem.remedy}\n"
            f"    State: {problem.state.value}, seen {problem.count} times\n"
            f"    First seen: {_moment(problem.first_seen_at)}\n"
            f"    {'Gone since' if problem.state is ProblemState.CLOSED else 'Last seen'}: {_moment(problem.last_seen_at)}"
        )


@problems.command()
@click.argument("kind")
@click.argument("keys", nargs=-1)
@click.option("--like", metavar="KEY", help="All of this kind with the same cause as this one.")
def retry(kind: str, keys: tuple[str, ...], like: str | None) -> None:
    """Let the next run try these again; without a KEY all of the kind. Nothing else is tried again by it."""
    from temu_assets.cli import retries

    tried = _decide(kind, keys, like, lambda connection, shop, chosen: retries.retry(connection, shop, kind, chosen, now=datetime.now(UTC)))
    means = retries.RETRIES[kind]
    click.echo(f"{kind} {_listed(tried)}: the next run of {means.job} {means.does}.")


@problems.command()
@click.argument("kind")
@click.argument("keys", nargs=-1)
@click.option("--like", metavar="KEY", help="All of this kind with the same cause as this one.")
def handle(kind: str, keys: tuple[str, ...], like: str | None) -> None:
    """You have settled these, without a KEY all of the kind: they are not shown again unless their reason changes."""
    from temu_assets.toci.problems import ProblemState, mark

    def mark_handled(connection: Connection, shop: str, chosen: list[str]) -> list[str]:
        mark(connection, shop, kind, chosen, ProblemState.HANDLED)
        return chosen

    click.echo(f"{kind} {_listed(_decide(kind, keys, like, mark_handled))}: handled.")


def _decide(kind: str, keys: tuple[str, ...], like: str | None, decide: Callable[[Connection, str, list[str]], list[str]]) -> list[str]:
    """Do with the chosen problems of a kind what a person decided: with all of them, or with none when one is not there."""
    from temu_assets.toci.causes import is_like
    from temu_assets.toci.problems import ProblemState, of_kind

    if keys and like:
        raise click.UsageError("KEY and --like exclude each other.")

    def work(connection: Connection, shop: str) -> list[str]:
        there = {each.key: each for each in of_kind(connection, shop, kind) if each.state is not ProblemState.CLOSED}
        missing = [key for key in (*keys, *([like] if like else [])) if key not in there]
        if missing or not there:
            raise click.ClickException(_none_such(kind, missing))
        open_ones = [each for each in there.values() if each.state is not ProblemState.HANDLED]
        if like:
            chosen = [each.key for each in open_ones if is_like(like, there[like].reason, each.key, each.reason)]
        else:
            chosen = list(dict.fromkeys(keys)) or [each.key for each in open_ones]
        if not chosen:
            raise click.ClickException(f"All problems {kind} are handled already.")
        return decide(connection, shop, chosen)

    with our_database() as (_, toci):
        return toci.write(lambda connection: work(connection, toci.shop))


def _by_kind_and_cause(found: Sequence[Problem]) -> list[tuple[str, Group[Problem]]]:
    from temu_assets.toci.causes import by_cause

    kinds = sorted({problem.kind for problem in found})
    groups = [
        (kind, group)
        for kind in kinds
        for group in by_cause([each for each in found if each.kind == kind], lambda each: (each.key, each.reason))
    ]
    return sorted(groups, key=lambda each: -len(each[1].members))


def _remedies(group: Group[Problem]) -> list[str]:
    from temu_assets.toci.causes import by_cause

    return [each.cause for each in by_cause(group.members, lambda problem: (problem.key, problem.remedy))]


def _print_group(kind_and_group: tuple[str, Group[Problem]], *, show_all: bool) -> None:
    kind, group = kind_and_group
    count, since = len(group.members), min(problem.first_seen_at for problem in group.members)
    click.echo(f"{count} x {kind}, since {_moment(since)}: {group.cause}")
    remedies = _remedies(group)
    for remedy in remedies[:_REMEDIES_SHOWN]:
        click.echo(f"    What to do: {remedy}")
    if len(remedies) > _REMEDIES_SHOWN:
        click.echo(f"    and {len(remedies) - _REMEDIES_SHOWN} more (--all)")
    if show_all:
        for problem in group.members:
            click.echo(f"    {problem.key}  since {_moment(problem.first_seen_at)}\n        {problem.reason}\n        {problem.remedy}")
    else:
        click.echo(f"    Which: {_listed([problem.key for problem in group.members])}")


def _as_json(kind_and_group: tuple[str, Group[Problem]]) -> dict[str, object]:
    kind, group = kind_and_group
    return {
        "kind": kind,
        "cause": group.cause,
        "what_to_do": _remedies(group),
        "count": len(group.members),
        "since": min(problem.first_seen_at for problem in group.members).isoformat(),
        "problems": [
            {
                "key": problem.key,
                "reason": problem.reason,
                "what_to_do": problem.remedy,
                "state": problem.state.value,
                "first_seen": problem.first_seen_at.isoformat(),
                "last_seen": problem.last_seen_at.isoformat(),
                "count": problem.count,
            }
            for problem in group.members
        ],
    }


def _none_such(kind: str, keys: Sequence[str]) -> str:
    named = f" {', '.join(keys)}" if keys else ""
    return f"There is no problem {kind}{named}.\nWhat to do: temu-assets problems list --all shows kinds and keys."


def _listed(keys: Sequence[str]) -> str:
    more = len(keys) - _KEYS_SHOWN
    return ", ".join(keys[:_KEYS_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _moment(value: datetime) -> str:
    return f"{value:%Y-%m-%d %H:%M} UTC"
