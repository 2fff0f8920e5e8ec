"""Faults to order: "the next n calls of endpoint X go wrong in this way".

Source: fact sheets temu-api, section 9.10, and reliability-security, section 3 (rows "API").
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from temu_assets.sandbox.params import JsonObject

ANY_ENDPOINT = "*"
_PAGE_LISTS = ("pageItems", "skuList", "data")
_PAGE_NUMBERS = ("pageNumber", "pageNo")


class FaultKind(StrEnum):
    """What goes wrong."""

    HTTP_STATUS = "http_status"  # an HTTP error instead of an answer
    BUSINESS_CODE = "business_code"  # HTTP 200 with success: false
    UNHEARD = "unheard"  # the call is not done; nothing comes for ``seconds``, then the connection is cut
    STALL = "stall"  # the call is done, the answer is held back for ``seconds``, then the connection is cut
    RESET = "reset"  # the connection is reset in the middle of the body
    TRUNCATE = "truncate"  # a complete HTTP answer with half a JSON text
    BAD_GZIP = "bad_gzip"  # a complete HTTP answer whose packed bytes are damaged
    HUGE = "huge"  # a good answer with ``megabytes`` of blanks behind it
    DRIP = "drip"  # one byte at a time, ``seconds`` apart
    EMPTY_PAGE = "empty_page"  # a list page without rows, the total unchanged
    REPEAT_PAGE = "repeat_page"  # the page before this one once more
    FIRST_PAGE = "first_page"  # page 1, whichever was asked for
    SHUFFLE_PAGE = "shuffle_page"  # the rows of a page in another order
    DOUBLE_ROWS = "double_rows"  # every row of a page twice
    NEW_ORDER_AFTER = "new_order_after"  # an order arrives after this page was answered: pages shift
    SET_FIELD = "set_field"  # ``path`` in the answer gets ``value``
    REMOVE_FIELD = "remove_field"  # ``path`` is missing in the answer


INSTEAD = frozenset({FaultKind.HTTP_STATUS, FaultKind.BUSINESS_CODE})
ON_THE_WIRE = frozenset({FaultKind.STALL, FaultKind.RESET, FaultKind.TRUNCATE, FaultKind.BAD_GZIP, FaultKind.HUGE, FaultKind.DRIP})


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault for the next ``times`` calls of ``endpoint``, after ``skip`` calls that go well.

    ``page`` limits it to one page of a list. ``applied`` decides for errors instead of an answer whether the
    operation was done all the same; faults on the wire always do it, but ``UNHEARD`` never. ``path`` is dotted below
    ``result``, ``*`` means every entry of a list: ``pageItems.*.orderList.*.productList.*.extCode``.
    """

    kind: FaultKind
    endpoint: str = ANY_ENDPOINT
    times: int = 1
    skip: int = 0
    page: int | None = None
    status: int = 502
    retry_after: str | None = None
    code: int = 4000000
    message: str = "SYSTEM_EXCEPTION"
    applied: bool = False
    seconds: float = 0.0
    megabytes: int = 50
    path: str = ""
    value: object = None

    def concerns(self, endpoint: str, body: JsonObject) -> bool:
        """Tell whether a call is one the fault is meant for."""
        if self.endpoint not in (ANY_ENDPOINT, endpoint):
            return False
        return self.page is None or self.page in [body[name] for name in _PAGE_NUMBERS if name in body]


@dataclass(slots=True)
class Faults:
    """The ordered faults, first come first served; at most one per call."""

    _waiting: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def order(self, fault: Fault) -> None:
        """Order a fault."""
        with self._lock:
            self._waiting.append(replace(fault, kind=FaultKind(fault.kind)))

    def take(self, endpoint: str, body: JsonObject) -> Fault | None:
        """Return the fault for this call, used up by one, or None."""
        with self._lock:
            for place, fault in enumerate(self._waiting):
                if not fault.concerns(endpoint, body):
                    continue
                if fault.skip:
                    self._waiting[place] = replace(fault, skip=fault.skip - 1)
                    continue
                if fault.times > 1:
                    self._waiting[place] = replace(fault, times=fault.times - 1)
                else:
                    del self._waiting[place]
                return fault
        return None

    def waiting(self) -> list[Fault]:
        """Return what is still to come."""
        with self._lock:
            return list(self._waiting)

    def clear(self) -> None:
        """Let everything go well again."""
        with self._lock:
            self._waiting.clear()


def page_asked_for(body: JsonObject, fault: Fault) -> JsonObject:
    """Return the body with the page the fault answers instead."""
    if fault.kind is FaultKind.FIRST_PAGE:
        return {name: 1 if name in _PAGE_NUMBERS else value for name, value in body.items()}
    if fault.kind is FaultKind.REPEAT_PAGE:
        return {name: max(1, value - 1) if name in _PAGE_NUMBERS and isinstance(value, int) else value for name, value in body.items()}
    return body


def spoil(result: object, fault: Fault) -> None:
    """Change an answer in place as the fault wants it."""
    if fault.kind in (FaultKind.SET_FIELD, FaultKind.REMOVE_FIELD):
        _edit(result, fault.path.split("."), fault)
    change = _ROW_CHANGES.get(fault.kind)
    if change is None or not isinstance(result, dict):
        return
    for name in _PAGE_LISTS:
        rows = result.get(name)
        if isinstance(rows, list):
            result[name] = change(rows)


_ROW_CHANGES: dict[FaultKind, Callable[[list[object]], list[object]]] = {
    FaultKind.EMPTY_PAGE: lambda rows: rows[:0],
    FaultKind.SHUFFLE_PAGE: lambda rows: random.Random(7).sample(rows, len(rows)),
    FaultKind.DOUBLE_ROWS: lambda rows: rows + rows,
}


def _edit(node: object, path: list[str], fault: Fault) -> None:
    name, rest = path[0], path[1:]
    if isinstance(node, list):
        chosen = node if name == "*" else node[int(name) : int(name) + 1]
        for entry in chosen:
            _edit(entry, rest, fault)
    elif isinstance(node, dict):
        if rest:
            _edit(node.get(name), rest, fault)
        elif fault.kind is FaultKind.REMOVE_FIELD:
            node.pop(name, None)
        else:
            node[name] = fault.value
