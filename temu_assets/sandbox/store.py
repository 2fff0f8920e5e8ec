"""Saving the TEMU side of the sandbox as one JSON file, and reading it back."""

from __future__ import annotations

import dataclasses
import json
import os
import types
import typing
from pathlib import Path
from typing import TypeVar

from temu_assets.sandbox.state import ShopState
from temu_assets.sandbox.temu_shop import TemuShop

_Record = TypeVar("_Record")


def save(shop: TemuShop, path: Path) -> None:
    """Write the state: a reader sees the old file or the new one, never half of one."""
    with shop.lock:
        text = json.dumps(dataclasses.asdict(shop.state), ensure_ascii=False)
    write_whole(path, text)


def load(path: Path) -> TemuShop:
    """Read a saved state; raises OSError or ValueError if the file is missing or damaged."""
    return TemuShop(_record(ShopState, json.loads(path.read_text(encoding="utf-8"))))


def write_whole(path: Path, text: str, *, mode: int = 0o600) -> None:
    """Write a file by temporary file, fsync and rename."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _record(kind: type[_Record], values: object) -> _Record:
    if not isinstance(values, dict):
        raise ValueError(f"The saved state has no {kind.__name__} where one is expected.")  # noqa: TRY004 - damaged data, not a wrong call
    hints = typing.get_type_hints(kind)
    return kind(**{name: _value(hints[name], value) for name, value in values.items()})


def _value(hint: object, value: object) -> object:
    """Return JSON as the annotated type: dataclasses, lists, dictionaries with number keys, or as it is."""
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return _record(hint, value)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is list and isinstance(value, list):
        return [_value(arguments[0], each) for each in value]
    if origin is dict and isinstance(value, dict):
        key = int if arguments[0] is int else str
        return {key(name): _value(arguments[1], each) for name, each in value.items()}
    if origin is types.UnionType and value is not None:
        return _value(arguments[0], value)
    return value
