"""``temu-assets alerts``: look and tell without the daemon, send a test message, and list what is open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from temu_assets.cli.our_database import our_database
from temu_assets.cli.plainly import told_plainly

if TYPE_CHECKING:
    from temu_assets.alerts.kinds import Alert

_WAIT_SECONDS = 60.0
_OVER_SINCE = timedelta(days=7)
_NO_WAY = (
    "No way to tell anybody is set.\nWhat to do: set ALERT_MAIL_... or ALERT_WEBHOOK_URL; docs/alerts.md shows each way with an example."
)


@click.group()
def alerts() -> None:
    """Who is told what is wrong, and what was told."""


@alerts.command()
def check() -> None:
    """Look what is wrong and tell what is due. For a timer outside of Dagster: a dead daemon tells nobody that it is dead.

    Exit code 0: nothing is new, or it was told. 1: somebody should be told and could not be.
    """
    from temu_assets.alerts.telling import tell_what_is_due
    from temu_assets.automation.alerts_sensor import planned_jobs
    from temu_assets.automation.triggers import read_triggers
    from temu_assets.resources import TemuResource, TociResource
    from temu_assets.settings import load_settings

    with told_plainly():
        settings = load_settings()
        if not settings.are_alerts_set:
            raise click.ClickException(_NO_WAY)
        outcome = tell_what_is_due(
            settings,
            TociResource().connect,
            TemuResource().connect,
            planned_jobs(read_triggers()),
            "temu-assets alerts check",
            now=datetime.now(UTC),
            wait_seconds=_WAIT_SECONDS,
        )
    for way, count in outcome.told.items():
        click.echo(f"Told by {way}: {count}.")
    for way, until in outcome.waiting.items():
        click.echo(f"{way.value.capitalize()} has told much today and gathers more until {_moment(until)}.")
    if not outcome.told and not outcome.waiting and not outcome.failed:
        click.echo("Nothing new.")
    click.echo(f"Open: {outcome.open_count}." if outcome.open_count else "Nothing is wrong.")
    if outcome.failed:
        raise click.ClickException(
            "\n".join(f"Nobody was told by {way}: {error.what}\nWhat to do: {error.remedy}" for way, error in outcome.failed.items())
        )


@alerts.command()
def test() -> None:
    """Send a test message by every way that is set, and say what the other side answered. Exit code 1 when one of them fails."""
    from temu_assets.alerts.message import trial
    from temu_assets.alerts.ways import sender, ways
    from temu_assets.errors import ConfigurationError, TransientError
    from temu_assets.settings import load_settings

    with told_plainly():
        settings = load_settings()
    found = ways(settings)
    if not found:
        raise click.ClickException(_NO_WAY)
    failed = 0
    for way, tell in found.items():
        try:
            click.echo(f"{way.value}: sent; {tell(trial(sender(settings)))}.")
        except (ConfigurationError, TransientError) as error:
            failed += 1
            click.echo(f"{way.value}: not sent. {error.what}\n    What to do: {error.remedy}")
    heartbeat_fails = _test_heartbeat()
    if failed or heartbeat_fails:
        raise SystemExit(1)


def _test_heartbeat() -> bool:
    """Whether a heartbeat is set and does not arrive."""
    from temu_assets.alerts.webhook import beat
    from temu_assets.errors import TemuAssetsError
    from temu_assets.settings import load_settings

    try:
        url = load_settings().alert_heartbeat()
        if url is None:
            return False
        beat(url)
    except TemuAssetsError as error:
        click.echo(f"heartbeat: not told. {error.what}\n    What to do: {error.remedy}")
        return True
    click.echo("heartbeat: told.")
    return False


@alerts.command("list")
@click.option("--all", "show_all", is_flag=True, help="Also what was over within the last 7 days.")
def list_alerts(*, show_all: bool) -> None:
    """List what is open: since when, and when it was told by which way."""
    from temu_assets.alerts import store

    since = datetime.now(UTC) - _OVER_SINCE if show_all else None
    with our_database() as (settings, toci):
        found, states = toci.read(
            lambda connection: (store.open_alerts(connection, toci.shop, since=since), store.way_states(connection, toci.shop))
        )
    if not settings.are_alerts_set:
        click.echo("No way to tell anybody is set: nobody is told of anything (docs/alerts.md).")
    for way in store.trouble(states):
        click.echo(f"By {way.way} nobody could be told since {_moment(way.since)}. {way.what}\n    What to do: {way.remedy}")
    for alert in found:
        _print(alert)
    if not found:
        click.echo(f"Nothing is open for shop '{toci.shop}'.")


def _print(alert: Alert) -> None:
    over = f", over since {_moment(alert.resolved_at)}" if alert.resolved_at else ""
    click.echo(f"{alert.kind} {alert.key}: {alert.subject}, since {_moment(alert.first_seen_at)}{over}")
    for line in alert.text.splitlines():
        click.echo(f"    {line}")
    click.echo(f"    What to do: {alert.remedy}")
    told = [f"by {way} at {_moment(at)}" for way, at in sorted(alert.told.items())] + [
        f"by {way}, with the all clear" for way in sorted(alert.cleared)
    ]
    click.echo(f"    Told: {', '.join(told) or 'not yet'}")


def _moment(value: datetime) -> str:
    return f"{value:%Y-%m-%d %H:%M} UTC"
