"""The command line ``temu-assets``: what is done beside Dagster's own commands."""

from __future__ import annotations

import click

from temu_assets.cli.adopt import adopt
from temu_assets.cli.alerts import alerts
from temu_assets.cli.backup import backup
from temu_assets.cli.demo import demo
from temu_assets.cli.doctor import doctor
from temu_assets.cli.forget import forget
from temu_assets.cli.migrate import migrate
from temu_assets.cli.plainly import PlainGroup
from temu_assets.cli.problems import problems
from temu_assets.cli.release_brake import release_brake
from temu_assets.cli.sandbox import sandbox
from temu_assets.cli.ui import ui
from temu_assets.cli.uploads import uploads
from temu_assets.private_files import keep_files_private


@click.group(cls=PlainGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="temu-assets")
def main() -> None:
    """Orders, parcels and stock between TEMU and JTL-Wawi.

    Jobs are run by Dagster: dagster job execute -m temu_assets.definitions -j temu_orders_sync
    """
    keep_files_private()


for command in (adopt, alerts, backup, demo, doctor, forget, migrate, problems, release_brake, sandbox, ui, uploads):
    main.add_command(command)
