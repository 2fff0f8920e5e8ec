"""Our database for a command: opened, of the newest revision, and closed again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from temu_assets.cli.plainly import told_plainly

if TYPE_CHECKING:
    from temu_assets.settings import Settings
    from temu_assets.toci.database import Toci


@contextmanager
def our_database() -> Iterator[tuple[Settings, Toci]]:
    """The settings and our database. An error of ours ends the command with its message."""
    from temu_assets.settings import load_settings
    from temu_assets.toci.database import Toci, open_engine
    from temu_assets.toci.revision import ensure_current

    with told_plainly():
        settings = load_settings()
        toci = Toci(open_engine(settings.toci_url(), settings.sql_limits()), settings.shop)
        try:
            ensure_current(toci)
            yield settings, toci
        finally:
            toci.close()
