"""The folder DATEV files are handed on in: one name belongs to one input for ever, and nothing is written over another's file."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from temu_assets import incoming
from temu_assets.bookkeeping.findings import Output
from temu_assets.bookkeeping.results import WrittenOutput
from temu_assets.data_folders import DATEV_OUT
from temu_assets.durable import remove_file, write_file
from temu_assets.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Named:
    """A file to write under a name that is its own."""

    written: WrittenOutput
    content: bytes


def give_names(data_dir: Path, outputs: Sequence[Output], *, mine: Collection[str], of_others: Collection[str]) -> list[Named]:
    """Choose names: as proposed, or with ``_2``, ``_3`` and so on where that name belongs to another input or to nobody we know.

    ``mine``: the names this input has already, whose files may be replaced; ``of_others``: those of other inputs, also where their file
    was taken away. A file that is there with the very content counts as ours. Raises ConfigurationError when the folder cannot be read.
    """
    taken = {name.casefold() for name in of_others}
    own = {name.casefold() for name in mine}
    named = []
    for output in outputs:
        digest = hashlib.sha256(output.content).hexdigest()
        for name in _candidates(incoming.safe_name(output.name)):
            if name.casefold() in taken or (name.casefold() not in own and not _is_free(data_dir / DATEV_OUT / name, digest)):
                continue
            taken.add(name.casefold())
            named.append(Named(WrittenOutput(name, digest, len(output.content)), output.content))
            break
    return named


def write(data_dir: Path, named: Iterable[Named]) -> None:
    """Write the files. Raises ConfigurationError when one cannot be written; the next run writes it."""
    for each in named:
        path = data_dir / DATEV_OUT / each.written.name
        try:
            if not incoming.is_whole(path, each.written.sha256):
                write_file(path, each.content)
        except OSError as error:
            raise _unusable(path, "written", error) from None


def remove_superseded(data_dir: Path, names: Collection[str], written: Iterable[WrittenOutput]) -> list[str]:
    """Remove what earlier rules made of an input and these do not; returns the names of those that somebody changed, which stay.

    ``written``: what is known of the files as they were written. What is not known of is not touched.
    """
    digests = {each.name: each.sha256 for each in written}
    changed = []
    for name in names:
        path = data_dir / DATEV_OUT / name
        try:
            if name in digests and incoming.is_whole(path, digests[name]):
                remove_file(path)
            elif path.exists():
                changed.append(name)
        except OSError as error:
            raise _unusable(path, "removed", error) from None
    return changed


def _candidates(name: str) -> Iterator[str]:
    yield name
    path = Path(name)
    for number in count(2):
        yield f"{path.stem}_{number}{path.suffix}"


def _is_free(path: Path, digest: str) -> bool:
    try:
        return not path.exists() or incoming.is_whole(path, digest)
    except OSError as error:
        raise _unusable(path, "read", error) from None


def _unusable(path: Path, what: str, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"{path} cannot be {what} ({error.strerror or type(error).__name__}).",
        remedy="close it in other programs, let the program's user write there and make room on the disk; the next run goes on from here.",
    )
