"""Files of the order stages: orders as XML, and the shop owner's carrier table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from temu_assets.durable import write_files
from temu_assets.errors import ConfigurationError
from temu_assets.orders.carriers import CarrierMap
from temu_assets.sql.chunks import in_chunks

_OPEN_AT_ONCE = 100
_NAMED = 3


def write_orders(folder: Path, xml_by_order: Mapping[str, str]) -> None:
    """Write a file for each order. Raises ConfigurationError when the folder cannot be written."""
    for some in in_chunks(list(xml_by_order), _OPEN_AT_ONCE):
        try:
            write_files(folder, {f"{order_id}.xml": xml_by_order[order_id].encode("ascii") for order_id in some})
        except OSError as error:
            names = ", ".join(f"{order_id}.xml" for order_id in some[:_NAMED])
            more = f" and {len(some) - _NAMED} more" if len(some) > _NAMED else ""
            raise ConfigurationError(
                f"The files {names}{more} cannot be written to {folder} ({error.strerror}).",
                remedy="give the program write access and free space there, or set TEMU_DATA_DIR; the orders stay ready for the next run.",
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
