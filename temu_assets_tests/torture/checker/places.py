"""Where the evidence of one world lies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Places:
    """A folder with everything: TEMU's and JTL's side, ours, and what the runs left behind."""

    folder: Path

    @property
    def sandbox(self) -> Path:
        """Where TEMU and JTL live."""
        return self.folder / "sandbox"

    @property
    def temu(self) -> Path:
        """TEMU's state, as JSON."""
        return self.sandbox / "temu.json"

    @property
    def jtl(self) -> Path:
        """JTL's database."""
        return self.sandbox / "jtl.db"

    @property
    def calls(self) -> Path:
        """The calls TEMU got: a line of JSON each."""
        return self.folder / "calls.jsonl"

    @property
    def data(self) -> Path:
        """The program's data folder."""
        return self.folder / "data"

    @property
    def ours(self) -> Path:
        """The program's database."""
        return self.data / "toci.db"

    @property
    def output(self) -> Path:
        """What the runs printed and logged, their events, and Dagster's home."""
        return self.folder / "output"
