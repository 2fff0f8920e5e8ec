"""Where a database is: reading a URL."""

from __future__ import annotations

from pydantic import SecretStr
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from temu_assets.errors import ConfigurationError


def parse_url(secret_url: SecretStr, setting: str, example: str) -> URL:
    """Parse a SQLAlchemy URL; raises ConfigurationError that names the setting, never its value."""
    try:
        url = make_url(secret_url.get_secret_value())
        url.get_dialect().import_dbapi()
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise ConfigurationError(f"{setting} is not a database URL that can be used.", remedy=f"write it like {example}") from None
    except ImportError as error:
        raise ConfigurationError(
            f"{setting} needs the database driver {url.get_driver_name()}, which cannot be loaded here ({error}).",
            remedy=f"install it, or write {setting} for a driver that is installed, like {example}",
        ) from None
    return url
