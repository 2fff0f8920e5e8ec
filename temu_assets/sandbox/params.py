"""Reading the flat body of one call, and refusing it with a TEMU error code.

Source: fact sheet temu-api, sections 1.2 and 1.5. Unknown parameters are ignored without a word, as at TEMU.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

JsonObject: TypeAlias = dict[str, object]

BAD_PARAMETER = 3000000


class RefusalError(Exception):
    """TEMU answers ``success: false`` with this code and text."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message


class Params:
    """One JSON object of a call, read by type; a wrong type is refused with 3000000, null counts as absent."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self.values = values

    def has(self, name: str) -> bool:
        """Tell whether the parameter was sent with a value."""
        return self.values.get(name) is not None

    def integer(self, name: str) -> int | None:
        """Return a whole number; text and booleans are wrong types."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            raise RefusalError(BAD_PARAMETER, f"{name} must be a number")
        return value

    def text(self, name: str) -> str | None:
        """Return a text."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise RefusalError(BAD_PARAMETER, f"{name} must be a string")
        return value

    def integers(self, name: str) -> list[int]:
        """Return a list of whole numbers, empty when absent."""
        items = self._items(name)
        if not all(isinstance(item, int) and not isinstance(item, bool) for item in items):
            raise RefusalError(BAD_PARAMETER, f"{name} must be a list of numbers")
        return [item for item in items if isinstance(item, int)]

    def texts(self, name: str) -> list[str]:
        """Return a list of texts, empty when absent."""
        items = self._items(name)
        if not all(isinstance(item, str) for item in items):
            raise RefusalError(BAD_PARAMETER, f"{name} must be a list of strings")
        return [item for item in items if isinstance(item, str)]

    def objects(self, name: str) -> list[Params]:
        """Return a list of objects, empty when absent."""
        items = self._items(name)
        if not all(isinstance(item, dict) for item in items):
            raise RefusalError(BAD_PARAMETER, f"{name} must be a list of objects")
        return [Params(item) for item in items if isinstance(item, dict)]

    def _items(self, name: str) -> list[object]:
        value = self.values.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise RefusalError(BAD_PARAMETER, f"{name} must be a list")
        return value


def page_of(params: Params, name: str, *, size: int, largest: int) -> tuple[int, int]:
    """Return page number and page size; the page number counts only under ``name`` (sheet section 8, no. 1)."""
    number = params.integer(name) or 1
    wanted = params.integer("pageSize") or size
    return max(1, number), min(max(1, wanted), largest)
