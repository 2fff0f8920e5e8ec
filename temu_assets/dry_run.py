"""Whether a run is dry: it computes and shows everything, and nothing leaves the house.

Dry is the run as a whole, never one stage of it: the setting, or one field ``dry_run`` anywhere in the run configuration, is enough. So
nobody forgets half, and a stage that has the field and one that has not see the same.
"""

from __future__ import annotations

from collections.abc import Mapping

FIELD = "dry_run"
"""The name of the field in the configuration of each stage with an effect."""


def is_dry(run_config: Mapping[str, object], *, by_setting: bool) -> bool:
    """Whether a run sends nothing. ``run_config`` is the run's as Dagster keeps it; ``by_setting`` is ``TEMU_DRY_RUN``.

    A field that is there and not plainly false counts: whatever was meant by it, it was not "send".
    """
    return by_setting or any(_asks_for_it(op) for op in _of(run_config, "ops").values())


def _asks_for_it(op: object) -> bool:
    field = _of(op, "config").get(FIELD, False)
    return field is not False and field is not None


def _of(outer: object, name: str) -> Mapping[str, object]:
    inner = outer.get(name) if isinstance(outer, Mapping) else None
    return inner if isinstance(inner, Mapping) else {}
