"""The files of ``deploy/`` as the tests read them."""

from __future__ import annotations

import shlex
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parent.parent.parent
DEPLOY = PROJECT / "deploy"
SYSTEMD = DEPLOY / "systemd"
HARDENING = SYSTEMD / "temu-assets-.service.d" / "10-hardening.conf"


@dataclass(frozen=True)
class Unit:
    """A systemd unit: every value of every key, in order, with what its drop-in adds."""

    name: str
    values: dict[str, list[str]]

    def all(self, key: str) -> list[str]:
        return self.values.get(key, [])

    def one(self, key: str) -> str:
        """The last value, which is the one that counts for most keys."""
        return self.values[key][-1]

    def words(self, key: str) -> list[str]:
        return " ".join(self.all(key)).split()

    def commands(self, key: str = "ExecStart") -> list[list[str]]:
        return [shlex.split(line) for line in self.all(key)]


def read_unit(name: str) -> Unit:
    """A unit of ours, with the drop-in that holds for all of ours."""
    files = [SYSTEMD / name]
    if name.startswith("temu-assets-") and name.endswith(".service"):
        files.append(HARDENING)
    values: dict[str, list[str]] = defaultdict(list)
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            if line and line[0] not in "#[":
                key, _, value = line.partition("=")
                values[key].append(value)
    return Unit(name, dict(values))


def units(kind: str = "service") -> list[Unit]:
    return [read_unit(path.name) for path in sorted(SYSTEMD.glob(f"*.{kind}"))]
