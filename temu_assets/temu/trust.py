"""Whose certificates count: read once, and again when what they are read from has changed.

Reading them takes longer than a call, and every stage and every look of a sensor opens connections of its own.
"""

from __future__ import annotations

import os
import ssl
import threading
from dataclasses import dataclass

import certifi
import httpx

_OTHERS = ("SSL_CERT_FILE", "SSL_CERT_DIR")
"""Where other certificates are, instead of those that come along (httpx heeds both)."""


@dataclass(frozen=True, slots=True)
class _Source:
    """What the certificates are read from: the places, and of each which file it is, its size and when it was changed."""

    places: tuple[str | None, ...]
    seen: tuple[tuple[int, int, int] | None, ...]


_lock = threading.Lock()
_kept: tuple[_Source, ssl.SSLContext] | None = None


def trusted_certificates() -> ssl.SSLContext:
    """What a connection checks the other side's certificate with. Raises what httpx raises for files that cannot be read."""
    global _kept
    source = _source()
    with _lock:
        if _kept is None or _kept[0] != source:
            _kept = source, httpx.create_ssl_context()
        return _kept[1]


def _source() -> _Source:
    places = (*(os.environ.get(name) for name in _OTHERS), certifi.where())
    return _Source(places, tuple(_seen(place) for place in places))


def _seen(place: str | None) -> tuple[int, int, int] | None:
    if not place:
        return None
    try:
        found = os.stat(place)  # noqa: PTH116 — no Path for a place that is only looked at
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
