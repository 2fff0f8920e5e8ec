"""Ids on their way out: text in this program, numbers at TEMU."""

from __future__ import annotations

from temu_assets.temu.failures import TemuDataError


def number(name: str, text: str) -> int:
    """The id ``text`` as the number TEMU expects. ``name`` is TEMU's field. Raises TemuDataError."""
    if text.isascii() and text.isdigit():
        return int(text)
    raise TemuDataError(
        f"{name} is not a number, as TEMU's ids of this kind are; the call was not sent.",
        remedy="Fetch the order or the listing again; report this if it stays.",
    )
