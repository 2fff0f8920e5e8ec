"""What the sensors work with, kept from one look to the next.

A sensor that asks Dagster for resources, or for its instance, is given Dagster's storage opened anew in each tick, with its revision
checked: several times what a look costs. So the sensors ask for neither.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import dagster as dg

from temu_assets.resources import Clock, JtlResource, SettingsResource, TemuResource, TociResource

if TYPE_CHECKING:
    from dagster._core.instance.ref import InstanceRef

SETTINGS = SettingsResource()
TEMU = TemuResource()
TOCI = TociResource()
JTL = JtlResource()
CLOCK = Clock()

_lock = threading.Lock()
_kept: tuple[InstanceRef, dg.DagsterInstance] | None = None


def instance_of(context: dg.SensorEvaluationContext) -> dg.DagsterInstance:
    """The Dagster instance a sensor looks for, opened by the first look; as the daemon, it keeps no connection to the storage open."""
    global _kept
    ref = context.instance_ref
    if ref is None:
        return context.instance
    with _lock:
        if _kept is None or _kept[0] != ref:
            _kept = ref, dg.DagsterInstance.from_ref(ref)
        return _kept[1]
