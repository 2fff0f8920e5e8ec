"""Whose certificates count: read once, and again when what they are read from has changed.

Reading them takes longer than a call, and every stage and every look of a sensor opens connections of its own.
"""

from __future__ import annotations

import os
import ssl
import stat
import threading
from dataclasses import dataclass
from pathlib import Path

import certifi
import httpx

from temu_assets.errors import ConfigurationError

_OTHERS = ("SSL_CERT_FILE", "SSL_CERT_DIR")
"""Where other certificates are, instead of those that come along (httpx heeds both)."""


_Seen = tuple[object, ...] | None
"""Which file or folder it is, its size and when it was changed, and the same of what lies in it; None where none is named."""


@dataclass(frozen=True, slots=True)
class _Source:
    """What the certificates are read from: the places, and what is seen of each."""

    places: tuple[str | None, ...]
    seen: tuple[_Seen, ...]


_lock = threading.Lock()
_kept: tuple[_Source, ssl.SSLContext] | None = None


def trusted_certificates() -> ssl.SSLContext:
    """What a connection checks the other side's certificate with. Raises ConfigurationError for files that cannot be read."""
    global _kept
    source = _source()
    with _lock:
        if _kept is None or _kept[0] != source:
            _kept = source, _read()
        return _kept[1]


def _read() -> ssl.SSLContext:
    try:
        return httpx.create_ssl_context()
    except OSError as error:
        named = [name for name in _OTHERS if os.environ.get(name)]
        reason = error.strerror or type(error).__name__
    raise ConfigurationError(
        f"The certificates that tell whom to trust cannot be read ({reason}): {' and '.join(named) or 'those that come along'}.",
        remedy="let the variable name a file (or folder) of certificates in PEM that the program may read, or remove it; nothing was sent.",
    )


def _source() -> _Source:
    places = (*(os.environ.get(name) for name in _OTHERS), certifi.where())
    return _Source(places, tuple(_seen(place) for place in places))


def _seen(place: str | None) -> _Seen:
    if not place:
        return None
    try:
        found = Path(place).stat()
        within = sorted(Path(place).iterdir()) if stat.S_ISDIR(found.st_mode) else []
        return _facts(found), *((each.name, _facts(each.stat())) for each in within)
    except OSError:
        return (object(),)  # equal to nothing, so it is read again


def _facts(found: os.stat_result) -> tuple[int, ...]:
    # Also when it was last changed in any way, which nobody can set: a file can be written anew with its old time.
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
