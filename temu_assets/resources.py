"""Dagster resources: settings, TEMU, our database, JTL's database, and the clock.

No resource has a field, so nothing secret can appear in the UI, and none touches the environment, a file or a network before a
stage first uses it: a run that does not need JTL does not notice that JTL is down.

In a dry run what ``TemuResource`` and ``JtlResource`` give out refuses to change anything on the other side, whatever stage asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

import dagster as dg
from pydantic import PrivateAttr
from sqlalchemy import Table

from temu_assets.dry_run import is_dry
from temu_assets.jtl.database import Jtl
from temu_assets.jtl.database import open_engine as open_jtl_engine
from temu_assets.settings import Settings, load_settings
from temu_assets.temu.client import TemuClient
from temu_assets.temu.connection import TemuConnection
from temu_assets.toci.database import Toci
from temu_assets.toci.database import open_engine as open_toci_engine
from temu_assets.toci.revision import ensure_current

LOOK_SECONDS = 15.0
"""So long a sensor's look at one database may take; a statement under way ends within its own limit."""
_CHECKED_BY_LOOKS: dict[int, set[Table]] = {}


class _OfARun(dg.ConfigurableResource):  # type: ignore[type-arg]  # generic only for resources that wrap a value
    """What may act in one run and not in another."""

    _run_config: Mapping[str, object] = PrivateAttr(default_factory=dict)

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Keep what the run was asked for; outside a run (a sensor, the command line) that is nothing."""
        self._run_config = context.run.run_config if context.run is not None else {}

    def _is_dry(self, settings: Settings) -> bool:
        return is_dry(self._run_config, by_setting=settings.temu_dry_run)


class SettingsResource(_OfARun):
    """The settings from environment and ``.env``."""

    def load(self) -> Settings:
        """Read them now; raises ConfigurationError naming what is wrong."""
        return load_settings()

    def is_dry_run(self) -> bool:
        """Whether this run computes and shows only. Raises ConfigurationError as ``load``."""
        return self._is_dry(self.load())


class TemuResource(_OfARun):
    """The TEMU Open API."""

    @contextmanager
    def connect(self) -> Iterator[TemuClient]:
        """A client that is closed at the end of the block; raises ConfigurationError when settings are missing.

        In a dry run it raises InternalError for every call that changes something at TEMU.
        """
        settings = load_settings()
        access = settings.temu()
        connection = TemuConnection(access.endpoint, access.app_key, access.app_secret, access.access_token, access.requests_per_second)
        with TemuClient(connection, may_act=not self._is_dry(settings)) as client:
            yield client


class TociResource(dg.ConfigurableResource):  # type: ignore[type-arg]  # generic only for resources that wrap a value
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

    @contextmanager
    def look(self) -> Iterator[Toci]:
        """As ``connect``, for a sensor: little time, no second try. Raises TransientError sooner than Dagster gives a sensor up."""
        settings = load_settings()
        toci = Toci(open_toci_engine(settings.toci_url(), settings.sql_limits().for_a_look()), settings.shop)
        toci.attempts.look_within(LOOK_SECONDS)
        try:
            ensure_current(toci)
            yield toci
        finally:
            toci.close()


class JtlResource(_OfARun):
    """JTL-Wawi's database."""

    @contextmanager
    def connect(self) -> Iterator[Jtl]:
        """JTL's database, closed at the end of the block; raises ConfigurationError when settings are missing.

        In a dry run it raises InternalError for every writing transaction.
        """
        settings = load_settings()
        jtl = Jtl(open_jtl_engine(settings.jtl_url(), settings.sql_limits()), may_write=not self._is_dry(settings))
        try:
            yield jtl
        finally:
            jtl.close()

    @contextmanager
    def look(self) -> Iterator[Jtl]:
        """As ``connect``, for a sensor: little time, no second try, and JTL's columns are checked by the first look of a process only."""
        settings = load_settings()
        url = settings.jtl_url()
        checked = _CHECKED_BY_LOOKS.setdefault(hash(url), set())
        jtl = Jtl(open_jtl_engine(url, settings.sql_limits().for_a_look()), may_write=False, checked=checked)
        jtl.attempts.look_within(LOOK_SECONDS)
        try:
            yield jtl
        finally:
            jtl.close()


class Clock(dg.ConfigurableResource):  # type: ignore[type-arg]  # as above
    """The time, so that tests can set it."""

    def now(self) -> datetime:
        """Now, aware, UTC."""
        return datetime.now(UTC)
