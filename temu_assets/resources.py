"""Dagster resources: settings, TEMU, our database, JTL's database, and the clock.

No resource has a field, so nothing secret can appear in the UI, and none touches the environment, a file or a network before a
stage first uses it: a run that does not need JTL does not notice that JTL is down.

What it takes to reach anything (``connections``) is loaded by the first use.

In a dry run what ``TemuResource`` and ``JtlResource`` give out refuses to change anything on the other side, whatever stage asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import dagster as dg
from pydantic import PrivateAttr

from temu_assets.dry_run import is_dry
from temu_assets.settings import Settings, load_settings

if TYPE_CHECKING:
    from temu_assets.jtl.database import Jtl
    from temu_assets.temu.client import TemuClient
    from temu_assets.toci.database import Toci


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
        from temu_assets.connections import temu_client

        settings = load_settings()
        with temu_client(settings, may_act=not self._is_dry(settings)) as client:
            yield client


class TociResource(dg.ConfigurableResource):  # type: ignore[type-arg]  # generic only for resources that wrap a value
    """Our own database; an empty one is set up by its first use."""

    @contextmanager
    def connect(self) -> Iterator[Toci]:
        """Our database for the shop the settings mean."""
        from temu_assets.connections import our_database

        with our_database(load_settings()) as toci:
            yield toci

    @contextmanager
    def look(self) -> Iterator[Toci]:
        """As ``connect``, for a sensor: little time, no second try. Raises TransientError sooner than Dagster gives a sensor up."""
        from temu_assets.connections import look_at_ours

        with look_at_ours(load_settings()) as toci:
            yield toci


class JtlResource(_OfARun):
    """JTL-Wawi's database."""

    @contextmanager
    def connect(self) -> Iterator[Jtl]:
        """JTL's database, closed at the end of the block; raises ConfigurationError when settings are missing.

        In a dry run it raises InternalError for every writing transaction.
        """
        from temu_assets.connections import jtls_database

        settings = load_settings()
        with jtls_database(settings, may_write=not self._is_dry(settings)) as jtl:
            yield jtl

    @contextmanager
    def look(self) -> Iterator[Jtl]:
        """As ``connect``, for a sensor: little time, no second try, and JTL's columns are checked by the first look of a process only."""
        from temu_assets.connections import look_at_jtls

        with look_at_jtls(load_settings()) as jtl:
            yield jtl


class Clock(dg.ConfigurableResource):  # type: ignore[type-arg]  # as above
    """The time, so that tests can set it."""

    def now(self) -> datetime:
        """Now, aware, UTC."""
        return datetime.now(UTC)
