"""Dagster resources: settings, TEMU, our database, JTL's database, and the clock.

No resource has a field, so nothing secret can appear in the UI, and none touches the environment, a file or a network before a
stage first uses it: a run that does not need JTL does not notice that JTL is down.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import dagster as dg

from temu_assets.jtl.database import Jtl
from temu_assets.jtl.database import open_engine as open_jtl_engine
from temu_assets.settings import Settings, load_settings
from temu_assets.temu.client import TemuClient
from temu_assets.temu.connection import TemuConnection
from temu_assets.toci.database import Toci
from temu_assets.toci.database import open_engine as open_toci_engine
from temu_assets.toci.revision import ensure_current


class SettingsResource(dg.ConfigurableResource):  # type: ignore[type-arg]  # generic only for resources that wrap a value
    """The settings from environment and ``.env``."""

    def load(self) -> Settings:
        """Read them now; raises ConfigurationError naming what is wrong."""
        return load_settings()


class TemuResource(dg.ConfigurableResource):  # type: ignore[type-arg]  # as above
    """The TEMU Open API."""

    @contextmanager
    def connect(self) -> Iterator[TemuClient]:
        """A client that is closed at the end of the block; raises ConfigurationError when settings are missing."""
        access = load_settings().temu()
        connection = TemuConnection(access.endpoint, access.app_key, access.app_secret, access.access_token, access.requests_per_second)
        with TemuClient(connection) as client:
            yield client


class TociResource(dg.ConfigurableResource):  # type: ignore[type-arg]  # as above
    """Our own database; an empty one is set up by its first use."""

    @contextmanager
    def connect(self) -> Iterator[Toci]:
        """Our database for the shop the settings mean."""
        settings = load_settings()
        toci = Toci(open_toci_engine(settings.toci_url(), settings.sql_limits()), settings.shop)
        try:
            ensure_current(toci)
            yield toci
        finally:
            toci.close()


class JtlResource(dg.ConfigurableResource):  # type: ignore[type-arg]  # as above
    """JTL-Wawi's database."""

    @contextmanager
    def connect(self) -> Iterator[Jtl]:
        """JTL's database, closed at the end of the block; raises ConfigurationError when settings are missing."""
        settings = load_settings()
        jtl = Jtl(open_jtl_engine(settings.jtl_url(), settings.sql_limits()))
        try:
            yield jtl
        finally:
            jtl.close()


class Clock(dg.ConfigurableResource):  # type: ignore[type-arg]  # as above
    """The time, so that tests can set it."""

    def now(self) -> datetime:
        """Now, aware, UTC."""
        return datetime.now(UTC)
