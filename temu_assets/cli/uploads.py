"""``temu-assets uploads``: the page where invoices and DATEV files are dropped, beside Dagster's UI."""

from __future__ import annotations

import os
import secrets
import signal
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click
from pydantic import SecretStr

from temu_assets.cli.dagster_home import prepared_home, set_up_history
from temu_assets.cli.our_database import our_database
from temu_assets.errors import ConfigurationError

if TYPE_CHECKING:
    from temu_assets.settings import Settings
    from temu_assets.toci.database import Toci
    from temu_assets.uploads.app import UploadPage


@click.command()
@click.option("--port", default=3001, show_default=True, help="Port on 127.0.0.1; 0: a free one.")
@click.option("--ui-port", default=3000, show_default=True, help="Port of Dagster's UI, for the link to it.")
@click.option(
    "--in-container",
    is_flag=True,
    help="Listen on every address, for a container whose port is not published. Needs a login in front (UPLOAD_PROXY_USER_HEADER).",
)
def uploads(*, port: int, ui_port: int, in_container: bool) -> None:
    """Open the page for files until Ctrl+C: drop invoices and DATEV files, see what became of each, download results.

    It listens on 127.0.0.1 and opens with the link that is printed (UPLOAD_TOKEN), or with the login of a reverse proxy in front
    (UPLOAD_PROXY_USER_HEADER, UPLOAD_HOSTS).
    """
    from temu_assets.uploads.serving import HOST, listen, server

    with our_database() as (settings, toci):
        token = upload_token(settings.upload_token)
        page = upload_page(settings, toci, token, f"http://{HOST}:{ui_port}")
        with listen(port, _address(settings, in_container=in_container)) as listening:
            place = f"http://{HOST}:{listening.getsockname()[1]}/"
            # A token that is new each time may be printed; one that is set belongs into no log.
            shown = token.get_secret_value() if settings.upload_token is None else "<value of UPLOAD_TOKEN>"
            click.echo(f"Files are dropped at {place}?token={shown} (Ctrl+C ends it).")
            # Asked to end in either way, it ends in one; a shell's background job would inherit SIGINT as ignored.
            for request in (signal.SIGINT, signal.SIGTERM):
                signal.signal(request, signal.default_int_handler)
            with suppress(KeyboardInterrupt):
                server(page.app()).run(sockets=[listening])
    click.echo("The upload page has ended.")


def _address(settings: Settings, *, in_container: bool) -> str:
    """Where to listen. Raises ConfigurationError for every address without a login in front."""
    from temu_assets.uploads.serving import HOST

    if not in_container:
        return HOST
    if not settings.upload_proxy_user_header or not settings.upload_hosts:
        raise ConfigurationError(
            "The upload page would listen on every address, but no login stands in front of it.",
            remedy="set UPLOAD_PROXY_USER_HEADER and UPLOAD_HOSTS for the reverse proxy, or leave out --in-container.",
        )
    return "0.0.0.0"  # noqa: S104 — a container's own network; the port is not published


def upload_token(given: SecretStr | None) -> SecretStr:
    """The token that is set, or a new one. Raises ConfigurationError for one that could be guessed."""
    from temu_assets.uploads.doors import SHORTEST_TOKEN

    if given is None:
        return SecretStr(secrets.token_urlsafe(32))
    if len(given.get_secret_value()) < SHORTEST_TOKEN:
        raise ConfigurationError(
            f"UPLOAD_TOKEN is shorter than {SHORTEST_TOKEN} characters and could be guessed.",
            remedy="set a long random one, for example what `openssl rand -hex 24` prints, or none.",
        )
    return given


def upload_page(settings: Settings, toci: Toci, token: SecretStr, dagster_url: str) -> UploadPage:
    """The page as the settings mean it."""
    from temu_assets.uploads.app import UploadPage
    from temu_assets.uploads.doors import Doors
    from temu_assets.uploads.lanes import lanes_of
    from temu_assets.uploads.starting import Runs, dagster_run

    def now() -> datetime:
        return datetime.now(UTC)

    home = prepared_home()
    set_up_history(home)
    return UploadPage(
        data_dir=settings.temu_data_dir,
        toci=toci,
        lanes=lanes_of(settings),
        doors=Doors(token, settings.upload_proxy_user_header, settings.upload_hosts),
        runs=Runs(dagster_run, os.environ | {"DAGSTER_HOME": str(home)}, now),
        dagster_url=dagster_url,
        now=now,
    )
