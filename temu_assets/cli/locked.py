"""What requirements.lock says: each package with its version and hashes, and which of them belong to the program in production."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker

LOCK = "requirements.lock"
_PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)(?:\s*;\s*(?P<marker>[^\\]+?))?\s*\\?$")
_HASH = re.compile(r"\s+--hash=sha256:([0-9a-f]{64})")
_VIA = re.compile(r"\s+#\s+(?:via\s+)?(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)")


@dataclass(frozen=True, slots=True)
class Locked:
    """One package; another Python may need another version of it. Names are canonical.

    ``marker``: the systems it is for, empty for all; ``via``: the packages that ask for it.
    """

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]
    via: frozenset[str]

    def is_for_this_machine(self) -> bool:
        """Whether the marker holds for this Python on this system."""
        return not self.marker or Marker(self.marker).evaluate()


def canonical(name: str) -> str:
    """A package's name as all its spellings are compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_lock(text: str) -> list[Locked]:
    """The packages of a lock file as ``uv pip compile --generate-hashes`` writes it. Raises ValueError for a line it does not write."""
    return [_locked(block) for block in _blocks(text.splitlines())]


def production(locked: Iterable[Locked], asked_for: Iterable[str]) -> list[Locked]:
    """Those that ``asked_for`` (names of direct dependencies) need, and they themselves, on any system."""
    packages = list(locked)
    wanted = {canonical(name) for name in asked_for}
    while more := {package.name for package in packages if package.name not in wanted and package.via & wanted}:
        wanted |= more
    return [package for package in packages if package.name in wanted]


def locked_here() -> list[Locked] | None:
    """The packages of the lock file this program was installed with: beside a checkout, or at the top of the environment; else None."""
    places = (Path(__file__).parents[2] / LOCK, Path(sys.prefix) / LOCK)
    path = next((each for each in places if each.is_file()), None)
    return read_lock(path.read_text(encoding="utf-8")) if path else None


def _blocks(lines: Iterable[str]) -> Iterator[list[str]]:
    block: list[str] = []
    for line in lines:
        if line and not line[0].isspace() and not line.startswith("#"):
            if block:
                yield block
            block = []
        block.append(line)
    if any(line.strip() for line in block):
        yield block


def _locked(block: list[str]) -> Locked:
    pin = _PIN.match(block[0])
    if pin is None:
        raise ValueError(f"no pinned package: {block[0]}")
    hashes = tuple(found[1] for line in block[1:] if (found := _HASH.match(line)))
    via = frozenset(canonical(found["name"]) for line in block[1:] if (found := _VIA.match(line)) and found["name"] != "via")
    return Locked(canonical(pin["name"]), pin["version"], (pin["marker"] or "").strip(), hashes, via)
