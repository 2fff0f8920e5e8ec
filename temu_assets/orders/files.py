"""Files of the order stages: orders written complete or not at all, and the shop owner's carrier table."""

from __future__ import annotations

import os
from pathlib import Path

from temu_assets.errors import ConfigurationError
from temu_assets.orders.carriers import CarrierMap


def write_file(path: Path, text: str) -> None:
    """Write under a temporary name, make it durable, rename. Raises ConfigurationError when the folder cannot be written."""
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise ConfigurationError(
            f"The file {path} cannot be written ({error.strerror}).",
            remedy="give the program write access and free space there, or set TEMU_DATA_DIR; the order stays ready and is tried again.",
        ) from None


def read_carrier_map(path: Path) -> CarrierMap:
    """The table in a file, UTF-8 or as a German Excel writes it. Raises ``ConfigurationError`` when it cannot be read."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"The carrier table {path} (TEMU_CARRIER_MAP) cannot be read ({error.strerror}).",
            remedy="Correct the path or the file's rights.",
        ) from None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    return CarrierMap.from_csv(text)
