"""Files of the order stages: orders as XML, and the shop owner's carrier table."""

from __future__ import annotations

from pathlib import Path

from temu_assets.durable import write_file
from temu_assets.errors import ConfigurationError
from temu_assets.orders.carriers import CarrierMap


def write_order(path: Path, xml: str) -> None:
    """Write an order's file. Raises ConfigurationError when the folder cannot be written."""
    try:
        write_file(path, xml.encode("ascii"))
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
