"""What ``doctor`` says of the settings themselves: shop or sandbox, dry run, alerts, and the files secrets come from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from dotenv import dotenv_values
from pydantic import SecretStr
from pydantic_settings import DotEnvSettingsSource

from temu_assets.cli.doctor_lines import About, Line, error, ok, warning
from temu_assets.errors import TemuAssetsError
from temu_assets.secret_files import SecretFiles, secret_names
from temu_assets.settings import Settings

PRINTED = ("replace-this-Passw0rd", "the-password", "Example-Pass-1")
"""Passwords of docs/sql and docs/sql-server.md."""


def settings_line(settings: Settings) -> Line:
    """Which shop is meant, or what is missing for it."""
    if settings.is_sandbox:
        return ok(About.SETTINGS, "the sandbox is meant")
    try:
        settings.temu()
    except TemuAssetsError as wrong:
        return error(About.SETTINGS, wrong.what, wrong.remedy)
    return ok(About.SETTINGS, f"the shop '{settings.shop}' is meant")


def given_twice_lines() -> Iterator[Line]:
    """Settings with one value in the environment and another in ``.env``: Dagster and the command line then work with different ones."""
    in_file = {name.upper(): value for name, value in dotenv_values(".env").items()}
    ours = [name.upper() for name in Settings.model_fields]
    twice = [name for name in ours if name in in_file and name in os.environ and os.environ[name] != (in_file[name] or "")]
    if twice:
        yield warning(
            About.GIVEN_TWICE,
            f"{', '.join(twice)}: one value in the environment, another in .env (an empty one counts); Dagster's commands and services "
            "take that of .env, temu-assets that of the environment",
            "give each in one of the two only",
        )


def sandbox_lines(settings: Settings) -> Iterator[Line]:
    """No setting means the sandbox. Where a shop has worked before, or should, the settings were lost rather than never made."""
    if not settings.is_sandbox:
        return
    signs = [sign for sign, is_there in _signs_of_a_shop(settings).items() if is_there]
    if signs:
        yield warning(
            About.SANDBOX,
            f"no TEMU or JTL setting is given, so invented orders are handled here, but this looks like a real installation: {signs[0]}",
            "if a shop is meant, see why its settings do not arrive (.env in the working folder, the unit's or container's environment)",
        )
    else:
        yield ok(About.SANDBOX, "everything here is invented; nothing reaches a real TEMU or JTL")


def _signs_of_a_shop(settings: Settings) -> dict[str, bool]:
    database = settings.temu_data_dir / "toci.db"
    url = settings.toci_database_url
    return {
        f"{database} holds a shop's books": database.exists(),
        "TOCI_DATABASE_URL names a server": url is not None and not url.get_secret_value().strip().startswith("sqlite"),
        "Dagster keeps its history on a server": bool(os.environ.get("DAGSTER_PG_URL")),
    }


def dry_run_line(settings: Settings) -> Line:
    """Whether anything leaves the house."""
    if settings.temu_dry_run:
        return warning(
            About.DRY_RUN,
            "TEMU_DRY_RUN is on: everything is computed, nothing is written into JTL and nothing is sent to TEMU",
            "take TEMU_DRY_RUN out when what the runs show is right",
        )
    return ok(About.DRY_RUN, "off: what is computed is sent")


def alerts_line(settings: Settings) -> Line:
    """Whether anybody is told when something is wrong."""
    try:
        mail, webhook = settings.alert_mail(), settings.alert_webhook()
        heartbeat = settings.alert_heartbeat()
    except TemuAssetsError as wrong:
        return error(About.ALERTS, wrong.what, wrong.remedy)
    ways = [*([f"mail through {mail.host}"] if mail else []), *([f"a webhook at {webhook.host}"] if webhook else [])]
    if ways:
        return ok(About.ALERTS, f"by {' and '.join(ways)}{', with a heartbeat' if heartbeat else ''}")
    if settings.is_sandbox:
        return ok(About.ALERTS, "none are set up, which is fine for trying things out")
    return warning(About.ALERTS, "no way is set, so nobody is told when a run fails at night", "set up mail or a webhook (docs/alerts.md)")


def secret_paths() -> dict[str, Path]:
    """Which settings are read from which file. Raises ConfigurationError for one that is named and not there."""
    return SecretFiles(Settings, DotEnvSettingsSource(Settings)).files()


def secrets_line(settings: Settings) -> Line:
    """Where secrets come from, by name, and none that everybody can read in our documents."""
    known = [name.upper() for name in secret_names(Settings.model_fields) if _is_printed(getattr(settings, name))]
    if known:
        return error(
            About.SECRETS,
            f"{' and '.join(known)} has a password of this program's documents, which everybody knows",
            "give the login a password of its own, and the setting the same",
        )
    files = secret_paths()
    if not files:
        return ok(About.SECRETS, "from the environment and .env; none comes from a file of its own")
    return ok(About.SECRETS, ", ".join(f"{name.upper()} from {path}" for name, path in files.items()))


def _is_printed(secret: SecretStr | None) -> bool:
    return secret is not None and any(printed in secret.get_secret_value() for printed in PRINTED)
