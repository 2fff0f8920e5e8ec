"""The rules in force: the settings, and the seller's own file with order number shapes where there is one."""

from __future__ import annotations

from datetime import datetime

from temu_assets.bookkeeping.rules import Rules, rules_from
from temu_assets.errors import ConfigurationError
from temu_assets.jtl.values import LOCAL
from temu_assets.settings import Settings


def rules_given(settings: Settings, *, now: datetime) -> Rules:
    """The rules; ``now`` aware. Raises ConfigurationError for a file of DATEV_MARKETPLACES that cannot be read."""
    path = settings.datev_marketplaces
    try:
        marketplaces = "" if path is None else path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"The order number shapes {path} (DATEV_MARKETPLACES) cannot be read ({type(error).__name__}).",
            remedy="correct the path or the file's rights, and save it as UTF-8 text.",
        ) from None
    return rules_from(settings, marketplaces=marketplaces, today=now.astimezone(LOCAL).date())
