"""Whether an answer is like the one a page shows: the same fields and kinds of values, and the same names where names are shown."""

from __future__ import annotations

NAMES = frozenset(
    {"__typename", "name", "jobName", "label", "status", "daemonType", "key", "value", "required", "healthy", "ops", "loggers"}
)
"""Fields whose value is part of what the page promises; all others differ from run to run."""
MAY_DIFFER = ("QUEUED", "STARTING", "STARTED", "SUCCESS")
"""How far a run is depends on how fast the reader is."""


def differences(shown: object, real: object, where: str = "answer") -> list[str]:
    """What of the answer shown is not in the real one; empty when they are alike.

    Shown may be some of the fields and some of a list's entries: a page shows what matters.
    """
    if isinstance(shown, dict):
        if not isinstance(real, dict) or not set(shown) <= set(real):
            return [f"{where}: {sorted(shown)} shown, real is {sorted(real) if isinstance(real, dict) else real}"]
        return [found for name in shown for found in _field(name, shown[name], real[name], f"{where}.{name}")]
    if isinstance(shown, list):
        if not isinstance(real, list):
            return [f"{where}: a list shown, real is {real}"]
        return [found for entry in shown for found in _nearest(entry, real, where)]
    return [] if _kind(shown) == _kind(real) else [f"{where}: {shown!r} shown, real is {real!r}"]


def _field(name: str, shown: object, real: object, where: str) -> list[str]:
    if name.endswith("Time") and (shown is None or real is None):
        return []  # of a run that has not begun, or has not ended
    if name in NAMES:
        is_alike = shown == real or (shown in MAY_DIFFER and real in MAY_DIFFER)
        return [] if is_alike else [f"{where}: {shown!r} shown, real is {real!r}"]
    return differences(shown, real, where)


def _nearest(entry: object, real: list[object], where: str) -> list[str]:
    """What differs from the entry that is most like the one shown."""
    if not real:
        return [f"{where}: {entry} shown, the real list is empty"]
    return min((differences(entry, each, f"{where}[]") for each in real), key=len)


def _kind(value: object) -> str:
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__
