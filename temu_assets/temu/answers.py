"""Reading what TEMU's gateway answers: strict JSON, and the envelope around every result.

What lies inside ``result`` is the business of the module of the API family. Source: fact sheet temu-api, section 1.4.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass

MAX_DEPTH = 40
"""Deepest nesting accepted; documented answers have fewer than ten levels."""

_LONE_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{1,80}")


class UnreadableAnswerError(Exception):
    """The body is not JSON as TEMU writes it. The text says what is wrong with the form, never what was in it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a successful call, and TEMU's id of the request (support asks for it)."""

    result: object
    request_id: str | None


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is around every result. ``success`` is the verdict: a failure with code 1000000 has been seen."""

    success: bool
    code: int | None
    text: str
    request_id: str | None
    result: object


def read_envelope(body: bytes) -> Envelope:
    """The envelope in ``body``. Raises UnreadableAnswerError if it is not one."""
    answer = read_json(body)
    if not isinstance(answer, dict):
        raise UnreadableAnswerError("it is JSON, but no object")
    success = answer.get("success")
    if not isinstance(success, bool):
        raise UnreadableAnswerError("the field 'success' is missing")
    code, text, request_id = answer.get("errorCode"), answer.get("errorMsg"), answer.get("requestId")
    return Envelope(
        success=success,
        code=code if type(code) is int else None,
        text=text if isinstance(text, str) else "",
        request_id=request_id if isinstance(request_id, str) and _REQUEST_ID.fullmatch(request_id) else None,
        result=answer.get("result"),
    )


def read_json(body: bytes) -> object:
    """``body`` as JSON without duplicate keys, NaN, infinities or absurd nesting. Raises UnreadableAnswerError."""
    try:
        value: object = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object_without_duplicates,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
    except (ValueError, RecursionError):
        # The decoder's own message quotes the text, which may hold an address.
        raise UnreadableAnswerError("it is not the JSON this program accepts") from None
    if _is_deeper_than(value, MAX_DEPTH):
        raise UnreadableAnswerError(f"it is nested deeper than {MAX_DEPTH} levels")
    if _LONE_SURROGATE.search(body):
        # Half an emoji (a name cut in the middle) is valid JSON but no text that a file or a database takes.
        value = json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    return value


def _object_without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _refuse_constant(_: str) -> object:
    raise ValueError


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number


def _is_deeper_than(value: object, limit: int) -> bool:
    """Whether objects and lists lie inside each other more than ``limit`` deep."""
    level: list[object] = [value]
    for _ in range(limit):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node if isinstance(node, list) else ())
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True
