"""Reaching TEMU, our own database and JTL's with the settings as they are: for a stage with patience, for a sensor's look with little."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Table

from temu_assets.jtl import database as jtl_database
from temu_assets.jtl.database import Jtl
from temu_assets.settings import Settings
from temu_assets.sql.kept import KeptEngines
from temu_assets.temu.client import TemuClient
from temu_assets.temu.connection import TemuConnection
from temu_assets.toci import database as toci_database
from temu_assets.toci.database import Toci
from temu_assets.toci.revision import ensure_current

LOOK_SECONDS = 15.0
"""So long a sensor's look at one database may take; a statement under way ends within its own limit."""

_OURS = KeptEngines(toci_database.find, toci_database.make_engine)
_JTLS = KeptEngines(jtl_database.find, jtl_database.make_engine)
_CHECKED_BY_LOOKS: dict[int, set[Table]] = {}


def temu_client(settings: Settings, *, may_act: bool) -> TemuClient:
    """A client of TEMU, to be closed by the caller. Raises ConfigurationError when settings are missing."""
    access = settings.temu()
    connection = TemuConnection(access.endpoint, access.app_key, access.app_secret, access.access_token, access.requests_per_second)
    return TemuClient(connection, may_act=may_act)


@contextmanager
def our_database(settings: Settings) -> Iterator[Toci]:
    """Our database for the shop the settings mean; an empty one is set up."""
    with _OURS.use(settings.toci_url(), settings.sql_limits()) as engine:
        toci = Toci(engine, settings.shop)
        ensure_current(toci)
        yield toci


@contextmanager
def look_at_ours(settings: Settings) -> Iterator[Toci]:
    """As ``our_database``, with little time and no second try. Raises TransientError sooner than Dagster gives a sensor up."""
    with _OURS.use(settings.toci_url(), settings.sql_limits().for_a_look()) as engine:
        toci = Toci(engine, settings.shop)
        toci.attempts.look_within(LOOK_SECONDS)
        ensure_current(toci)
        yield toci


@contextmanager
def jtls_database(settings: Settings, *, may_write: bool) -> Iterator[Jtl]:
    """JTL's database; no session stays open afterwards. Raises ConfigurationError when settings are missing."""
    with _JTLS.use(settings.jtl_url(), settings.sql_limits(), is_visitor=True) as engine:
        yield Jtl(engine, may_write=may_write)


@contextmanager
def look_at_jtls(settings: Settings) -> Iterator[Jtl]:
    """As ``jtls_database``, to read: little time, no second try, and JTL's columns are checked by the first look of a process only.

    Between two looks no session is open: JTL's database is updated or restored without anybody stopping this program first.
    """
    url = settings.jtl_url()
    with _JTLS.use(url, settings.sql_limits().for_a_look(), is_visitor=True) as engine:
        jtl = Jtl(engine, may_write=False, checked=_CHECKED_BY_LOOKS.setdefault(hash(url), set()))
        jtl.attempts.look_within(LOOK_SECONDS)
        yield jtl
