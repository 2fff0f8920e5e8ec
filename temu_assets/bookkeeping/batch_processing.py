"""DATEV files that were taken go through the rules: what they become is written, then what was found, then that it is done.

In this order, so that a run that dies at any moment has left nothing that the next one does not write again in the same way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from temu_assets.bookkeeping import batch_store, outputs, results
from temu_assets.bookkeeping.batch_store import Batch
from temu_assets.bookkeeping.extf import NotExtf
from temu_assets.bookkeeping.findings import Processed
from temu_assets.bookkeeping.processing import process
from temu_assets.bookkeeping.results import Result
from temu_assets.bookkeeping.rules import Rules
from temu_assets.errors import ConfigurationError, InternalError, TemuAssetsError, TransientError
from temu_assets.jtl.values import LOCAL
from temu_assets.redaction import bug
from temu_assets.toci.database import Toci
from temu_assets.toci.leases import Lease

CustomerNumbers = Callable[[Sequence[str]], Mapping[str, frozenset[str]]]
"""Asks JTL for the customer numbers of orders, by external order number."""

_NOT_AS_ARCHIVED = "Die Datei ist im Archiv nicht mehr, wie sie kam. Bitte noch einmal in den Ordner eingang legen."


@dataclass(slots=True)
class Worked:
    """What a run did: results in the order the files came, refused ones with the reason, outputs somebody changed, and bugs by file."""

    processed: list[tuple[Batch, Processed, tuple[str, ...]]] = field(default_factory=list)
    refused: list[tuple[Batch, str]] = field(default_factory=list)
    left_changed: list[str] = field(default_factory=list)
    failed: list[tuple[Batch, InternalError]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class BatchProcessing:
    """``customer_numbers`` is called only where the rules need it; ``now`` aware."""

    toci: Toci
    lease: Lease
    data_dir: Path
    rules: Rules
    customer_numbers: CustomerNumbers
    now: Callable[[], datetime]

    def run(self) -> Worked:
        """Process every file that waits.

        Raises what JTL, our database or a folder raise: then the file at hand and those behind it wait for the next run. A file that no
        rule foresaw is left as it is and told at the end; the others are processed.
        """
        worked = Worked()
        batches = self.toci.read(lambda connection: batch_store.waiting(connection, self.toci.shop))
        for number, batch in enumerate(batches):
            try:
                self._process(batch, worked)
            except TransientError as error:
                raise TransientError(f"{error.what} {_waiting(len(batches) - number)}", remedy=error.remedy) from None
            except ConfigurationError as error:
                raise ConfigurationError(f"{error.what} {_waiting(len(batches) - number)}", remedy=error.remedy) from None
            except InternalError as error:
                worked.failed.append((batch, error))
            except TemuAssetsError:
                raise
            except Exception as error:  # noqa: BLE001 — told at the end of the run; the other files are not to wait for it
                worked.failed.append((batch, bug(error)))
        return worked

    def _process(self, batch: Batch, worked: Worked) -> None:
        content = self._content(batch)
        if content is None:
            # By no rules: the same content is processed once it comes again.
            self._refuse(batch, _NOT_AS_ARCHIVED, None, worked)
            return
        # The day it came, so that a run after midnight writes what one before would have written.
        rules = replace(self.rules, marked_on=batch.taken_at.astimezone(LOCAL).date())
        try:
            processed = process(content, batch.file_name, rules, self.customer_numbers)
        except NotExtf as refused:
            self._refuse(batch, refused.why, rules.digest, worked)
            return
        self._keep(batch, processed, worked)

    def _content(self, batch: Batch) -> bytes | None:
        """What the archive holds, or None when that is not what came."""
        path = self.data_dir / batch.archived_as
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ConfigurationError(
                f"{path} cannot be read ({error.strerror or type(error).__name__}).",
                remedy="let the program's user read its data folder (TEMU_DATA_DIR), and look whether the disk is damaged.",
            ) from None
        return content if hashlib.sha256(content).hexdigest() == batch.sha256 else None

    def _refuse(self, batch: Batch, why: str, rules: str | None, worked: Worked) -> None:
        now = self.now()
        self.toci.write(lambda connection: batch_store.refuse(connection, self.toci.shop, batch.sha256, why, rules=rules, now=now))
        worked.refused.append((batch, why))

    def _keep(self, batch: Batch, processed: Processed, worked: Worked) -> None:
        handed_on = () if processed.withheld else processed.outputs
        of_others = self.toci.read(lambda connection: batch_store.names_of_others(connection, self.toci.shop, batch.sha256))
        named = outputs.give_names(self.data_dir, handed_on, mine=batch.outputs, of_others=of_others)
        names = [each.written.name for each in named]
        superseded = [name for name in batch.outputs if name not in names]
        self._reserve(batch, [*names, *superseded])
        self.lease.check()
        outputs.write(self.data_dir, named)
        if superseded:
            earlier = results.read_result(self.data_dir, batch.sha256)
            worked.left_changed += outputs.remove_superseded(self.data_dir, superseded, earlier.outputs if earlier else ())
        now = self.now()
        result = Result(batch.sha256, self.rules.digest, now, replace(processed, outputs=()), tuple(each.written for each in named))
        results.write_result(self.data_dir, result)
        self.toci.write(lambda connection: batch_store.finish(connection, self.toci.shop, result))
        worked.processed.append((batch, result.processed, tuple(names)))

    def _reserve(self, batch: Batch, names: list[str]) -> None:
        if set(names) != set(batch.outputs):
            self.toci.write(lambda connection: batch_store.reserve(connection, self.toci.shop, batch.sha256, names))


def _waiting(count: int) -> str:
    return f"{count} DATEV file(s) are not processed: they wait in the archive, and nothing of them was written."
