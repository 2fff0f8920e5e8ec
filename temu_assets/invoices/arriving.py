"""Files dropped for the invoices are taken: copied into the archive, written down, removed from their folder. Each content once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from temu_assets import incoming
from temu_assets.data_folders import INVOICE_ARCHIVE, INVOICES_IN
from temu_assets.invoices import document_rows
from temu_assets.invoices.document_rows import Arrival
from temu_assets.invoices.reading import Lane
from temu_assets.settings import Settings
from temu_assets.texts import cut
from temu_assets.toci.database import Toci

BATCH = 100


def folders_of(settings: Settings) -> list[tuple[Lane, Path]]:
    """Where invoices are dropped: a folder for each lane, and those other programs save into (INVOICE_FOLDERS)."""
    ours = [(lane, settings.temu_data_dir / INVOICES_IN / lane.value) for lane in Lane]
    return [*ours, *((Lane(lane), folder) for lane, folder in settings.invoice_folders)]


@dataclass(slots=True)
class Arrived:
    """What a run found: taken, moved from the other lane, known already (names), and still being written by somebody (names)."""

    taken: Counter[Lane] = field(default_factory=Counter)
    moved: int = 0
    known: list[str] = field(default_factory=list)
    growing: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Arriving:
    """``folders``: where files are dropped, each with its lane. ``pause`` in seconds; ``now`` aware."""

    toci: Toci
    data_dir: Path
    folders: Sequence[tuple[Lane, Path]]
    now: Callable[[], datetime]
    pause: Callable[[float], None]

    def run(self) -> Arrived:
        """Take every complete file of all folders. Raises ConfigurationError for folders that cannot be used."""
        arrived = Arrived()
        for lane, folder in self.folders:
            complete, growing = incoming.settled(folder, pause=self.pause, clock=lambda: self.now().timestamp())
            arrived.growing += [file.name for file in growing]
            for start in range(0, len(complete), BATCH):
                self._take(lane, complete[start : start + BATCH], arrived)
        return arrived

    def _take(self, lane: Lane, files: list[incoming.Waiting], arrived: Arrived) -> None:
        copied = [taken for file in files if (taken := incoming.archive(file, self.data_dir, INVOICE_ARCHIVE)) is not None]
        known = self.toci.read(lambda connection: document_rows.arrivals(connection, self.toci.shop, [each.sha256 for each in copied]))
        new: dict[str, Arrival] = {}
        for each in copied:
            before = known.get(each.sha256)
            if each.sha256 in new or (before is not None and before.lane is lane):
                arrived.known.append(each.waiting.name)
                continue
            # The same document in the other lane: it was dropped into the wrong one before.
            arrived.moved += before is not None
            arrived.taken[lane] += 1
            new[each.sha256] = Arrival(each.sha256, lane, cut(each.waiting.name, 255), each.archived_as, each.waiting.size)
        now = self.now()
        self.toci.write(lambda connection: document_rows.take(connection, self.toci.shop, new.values(), now=now))
        for each in copied:
            incoming.let_go(each)
