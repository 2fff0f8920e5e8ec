"""One page of a list, as TEMU sent it."""

from __future__ import annotations

from dataclasses import dataclass

from temu_assets.temu.answers import Answer
from temu_assets.temu.failures import unreadable


@dataclass(frozen=True, slots=True)
class RawPage:
    """``items`` are raw; ``total`` counts the items of all pages."""

    items: tuple[dict[str, object], ...]
    total: int


def read_page(endpoint: str, answer: Answer, *, items: str, total: str) -> RawPage:
    """The page in ``answer``, with TEMU's names of its two fields.

    An item that is no object is kept under the key ``unreadable``, so that it alone is set aside later. Raises
    TemuTransient if there is no list or no total: an unreadable page is not an empty one.
    """
    result = answer.result
    if not isinstance(result, dict):
        raise unreadable(endpoint, "the result is no object", answer.request_id)
    rows, count = result.get(items), result.get(total)
    if type(count) is not int or count < 0:
        raise unreadable(endpoint, f"{total} is missing or no number", answer.request_id)
    if rows is None and count == 0:
        rows = []
    if not isinstance(rows, list):
        raise unreadable(endpoint, f"{items} is missing or no list", answer.request_id)
    return RawPage(tuple(row if isinstance(row, dict) else {"unreadable": row} for row in rows), count)
