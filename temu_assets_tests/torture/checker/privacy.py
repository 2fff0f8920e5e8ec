"""I9: no buyer and no secret where neither belongs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from temu_assets_tests.torture.checker.books import Books
from temu_assets_tests.torture.checker.findings import Finding, Harm

WITH_BUYERS = ("temu_orders",)
"""The one table that may hold them."""
FOLDERS_WITH_BUYERS = ("temu/api_responses", "temu/xml", "temu/export")
"""Raw answers, and what JTL is given."""


def nobody_is_named(books: Books) -> Iterator[Finding]:
    """I9: logs, events and metadata name no buyer; tables but the orders' do not either; a secret is nowhere."""
    for path in _files(books.places.output):
        content = path.read_bytes()
        if _names(content, [*books.temu.buyers, *books.temu.keys]):
            yield Finding("I9", Harm.WRONG, f"{path.relative_to(books.places.folder)} holds a buyer's data or a secret.")
    for path in _files(books.places.data):
        content = path.read_bytes()
        is_for_buyers = path.relative_to(books.places.data).as_posix().startswith((*FOLDERS_WITH_BUYERS, books.places.ours.name))
        if _names(content, books.temu.keys if is_for_buyers else [*books.temu.buyers, *books.temu.keys]):
            yield Finding("I9", Harm.WRONG, f"{path.relative_to(books.places.folder)} holds a buyer's data or a secret.")
    for name, rows in books.ours.tables.items():
        if name not in WITH_BUYERS and _names(repr(rows).encode(), books.temu.buyers):
            yield Finding("I9", Harm.WRONG, f"Our table {name} holds a buyer's data.")


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file()) if folder.exists() else []


def _names(content: bytes, words: Iterable[str]) -> bool:
    return any(
        form in content for word in words for form in {word.encode(), json.dumps(word).strip('"').encode(), repr(word).strip("'").encode()}
    )
