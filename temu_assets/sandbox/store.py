"""Saving the TEMU side of the sandbox as one JSON file, and reading it back."""

from __future__ import annotations

import dataclasses
import json
import os
import types
import typing
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias, TypeVar

from temu_assets.sandbox.state import ShopState
from temu_assets.sandbox.temu_shop import TemuShop

_Record = TypeVar("_Record")
_Reader: TypeAlias = Callable[[object], object]
_READERS: dict[type, dict[str, _Reader | None]] = {}
_FIELDS: dict[type, tuple[str, ...]] = {}


def save(shop: TemuShop, path: Path) -> None:
    """Write the state: a reader sees the old file or the new one, never half of one."""
    with shop.lock:
        text = json.dumps(shop.state, default=_fields, ensure_ascii=False)
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


def _fields(record: object) -> dict[str, object]:
    kind = type(record)
    names = _FIELDS.get(kind)
    if names is None:
        if not dataclasses.is_dataclass(record):
            raise TypeError(f"The state holds a {kind.__name__}, which cannot be saved.")
        names = _FIELDS[kind] = tuple(field.name for field in dataclasses.fields(record))
    return {name: getattr(record, name) for name in names}


def _record(kind: type[_Record], values: object) -> _Record:
    if not isinstance(values, dict):
        raise ValueError(f"The saved state has no {kind.__name__} where one is expected.")  # noqa: TRY004 - damaged data, not a wrong call
    readers = _readers(kind)
    return kind(**{name: value if (read := readers[name]) is None else read(value) for name, value in values.items()})


def _readers(kind: type) -> dict[str, _Reader | None]:
    """How to read each field of a record; found out once, because a large shop has a million values."""
    known = _READERS.get(kind)
    if known is None:
        known = _READERS[kind] = {name: _reader(hint) for name, hint in typing.get_type_hints(kind).items()}
    return known


def _reader(hint: object) -> _Reader | None:
    """What makes a value of the annotated type of JSON: dataclasses, lists, dictionaries with number keys; None: it is taken as it is."""
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return lambda value: _record(hint, value)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is types.UnionType:
        inner = _reader(arguments[0])
        return inner and (lambda value: None if value is None else inner(value))
    if origin is list:
        each = _reader(arguments[0]) or _as_it_is
        return lambda value: [each(one) for one in value] if isinstance(value, list) else value
    if origin is dict:
        key, of_key = int if arguments[0] is int else str, _reader(arguments[1]) or _as_it_is
        return lambda value: {key(name): of_key(one) for name, one in value.items()} if isinstance(value, dict) else value
    return None


def _as_it_is(value: object) -> object:
    return value
