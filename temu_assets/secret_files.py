"""Secrets that come as files: from systemd, from Docker, or from wherever ``<SETTING>_FILE`` says.

Looked up in this order; the first that is there wins, and an environment variable with the value itself wins over all of them:

1. the file that ``<SETTING>_FILE`` names, in the environment or in ``.env``: given by name, so it must be there;
2. the file called like the setting, in lower case, in systemd's ``$CREDENTIALS_DIRECTORY``, or without that in Docker's ``/run/secrets``.

Only settings that are secrets come this way. A message names the file and the setting, never what is in it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, DotEnvSettingsSource, PydanticBaseSettingsSource

from temu_assets.errors import ConfigurationError

DOCKER = Path("/run/secrets")
CREDENTIALS = "CREDENTIALS_DIRECTORY"
"""Set by systemd, for a unit with ``LoadCredential=``."""
_SUFFIX = "_file"
_LARGEST = 65_536
"""Characters; more is no secret."""


def secret_names(fields: Mapping[str, FieldInfo]) -> list[str]:
    """The settings whose values must not be shown, in lower case, in the order they are declared."""
    return [name for name, field in fields.items() if SecretStr in (field.annotation, *get_args(field.annotation))]


def secret_files(names: list[str], given: Mapping[str, str | None]) -> dict[str, Path]:
    """The file each of the settings ``names`` is read from, as far as there is one.

    ``given``: environment and ``.env``, names in lower case. Raises ConfigurationError for a file that is named and not there.
    """
    folder = _folder()
    found: dict[str, Path] = {}
    for name in names:
        if named := given.get(name + _SUFFIX):
            found[name] = Path(named)
            if not found[name].is_file():
                raise _unusable(name, found[name], "does not exist or is no file")
        elif (folder / name).is_file():
            found[name] = folder / name
    return found


def places_of_secrets(names: list[str], written: Mapping[str, str | None]) -> list[Path]:
    """Every file in which one of these settings is looked for, whether it is there or not. ``written``: the lines of ``.env``."""
    given = {**written, **_environment()}
    named = [Path(place) for name in names if (place := given.get(name + _SUFFIX))]
    return [*named, *(_folder() / name for name in names)]


def _folder() -> Path:
    return Path(os.environ.get(CREDENTIALS) or DOCKER)


def _environment() -> dict[str, str]:
    return {name.lower(): value for name, value in os.environ.items() if value}


class SecretFiles(PydanticBaseSettingsSource):
    """The source between the environment and ``.env``."""

    def __init__(self, settings_cls: type[BaseSettings], dotenv: PydanticBaseSettingsSource) -> None:
        super().__init__(settings_cls)
        self._written = dotenv.env_vars if isinstance(dotenv, DotEnvSettingsSource) else {}

    def files(self) -> dict[str, Path]:
        """Which settings come from which file. Raises ConfigurationError."""
        return secret_files(secret_names(self.settings_cls.model_fields), {**self._written, **_environment()})

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 — pydantic's signature
        """Nothing: this source gives all its values at once."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """The values. Those the environment has already are not read. Raises ConfigurationError for a file that cannot be used."""
        wanted = {name: path for name, path in self.files().items() if name not in self.current_state}
        return {name: read_secret(name, path) for name, path in wanted.items()}


def read_secret(name: str, path: Path) -> str:
    """What is in the file, without the line end that editors and ``echo`` leave. Raises ConfigurationError, never with the content."""
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
    except OSError as error:
        raise _unusable(name, path, f"cannot be read ({error.strerror})") from None
    text = _decoded(raw).rstrip("\r\n")
    if what := _wrong_with(text):
        raise _unusable(name, path, what)
    return text


def _decoded(raw: bytes) -> str:
    """What is no UTF-8 shows as U+FFFD: Python's own error would carry the content along as the cause of ours."""
    return raw.decode("utf-8-sig", errors="replace")


def _wrong_with(text: str) -> str:
    if not text:
        return "is empty"
    if len(text) > _LARGEST:
        return "is too large for a secret"
    if "\ufffd" in text:
        return "is not UTF-8 text"
    return "has more than one line" if "\n" in text or "\0" in text else ""


def _unusable(name: str, path: Path, what: str) -> ConfigurationError:
    return ConfigurationError(
        f"The file {path}, from which {name.upper()} is read, {what}.",
        remedy=f"put the value of {name.upper()} into it as one line and let the program's user read it, "
        f"or take {name.upper()}_FILE (the credential, the secret) away.",
    )
