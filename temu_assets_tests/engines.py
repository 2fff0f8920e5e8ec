"""The engines stages and sensors work with, made otherwise than usual."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from temu_assets import connections
from temu_assets.jtl import database as jtl_database
from temu_assets.sql.kept import KeptEngines
from temu_assets.toci import database as toci_database

Change = Callable[[Engine], Engine]


def change_ours(patch: pytest.MonkeyPatch, change: Change) -> None:
    """Let every engine of our own database go through ``change`` before it is used."""
    made = KeptEngines(toci_database.find, lambda url, limits: change(toci_database.make_engine(url, limits)))
    patch.setattr(connections, "_OURS", made)


def change_jtls(patch: pytest.MonkeyPatch, change: Change) -> None:
    """The same for JTL's."""
    made = KeptEngines(jtl_database.find, lambda url, limits: change(jtl_database.make_engine(url, limits)))
    patch.setattr(connections, "_JTLS", made)
