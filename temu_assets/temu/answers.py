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
MAX_PARTS = 500_000
"""Most objects and lists in one answer: a page of a hundred orders has some thousands, and each takes memory many times its text."""
MAX_DIGITS = 400
"""Longest whole number that is read as one; what it stands for is judged by the field it is in."""
REPLACED = "\ufffd"
"""Unicode's own sign for a character that could not be read."""

_LONE_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_HALF = re.compile("[\ud800-\udfff]")
# A list with nothing in it is nowhere documented: no model takes it for a text, an id, a number, an object or rows.
_UNREADABLE: list[object] = [None]
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
    if answer.get("result") == _UNREADABLE:
        raise UnreadableAnswerError("the field 'result' is not the JSON this program accepts")
    code, text, request_id = answer.get("errorCode"), answer.get("errorMsg"), answer.get("requestId")
    return Envelope(
        success=success,
        code=code if type(code) is int else None,
        text=text if isinstance(text, str) else "",
        request_id=request_id if isinstance(request_id, str) and _REQUEST_ID.fullmatch(request_id) else None,
        result=answer.get("result"),
    )


def read_json(body: bytes) -> object:
    """``body`` as JSON. Raises UnreadableAnswerError where it is none, or holds more than anything of TEMU's does.

    What is no value although its place is clear (NaN, an object with a name twice, a number of hundreds of digits, absurd nesting) is
    replaced by something that no model takes there, so that it costs the one record it is in, and not a page of a hundred.
    """
    if body.count(b"{") + body.count(b"[") > MAX_PARTS:
        raise UnreadableAnswerError(f"it has more than {MAX_PARTS} parts")
    try:
        value: object = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object_without_duplicates,
            parse_constant=lambda _: _UNREADABLE,
            parse_float=_finite,
            parse_int=_whole,
        )
    except (ValueError, RecursionError):
        # The decoder's own message quotes the text, which may hold an address.
        raise UnreadableAnswerError("it is not the JSON this program accepts") from None
    if _is_deeper_than(value, MAX_DEPTH):
        value = _not_deeper_than(value, MAX_DEPTH)
    if _LONE_SURROGATE.search(body):
        # Half an emoji (a name cut in the middle) is valid JSON but no text that a file or a database takes.
        value = json.loads(_HALF.sub(REPLACED, json.dumps(value, ensure_ascii=False)))
    return value


def _object_without_duplicates(pairs: list[tuple[str, object]]) -> object:
    found = dict(pairs)
    return found if len(found) == len(pairs) else _UNREADABLE


def _whole(text: str) -> object:
    return int(text) if len(text) <= MAX_DIGITS else _UNREADABLE


def _finite(text: str) -> object:
    number = float(text)
    return number if math.isfinite(number) else _UNREADABLE


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


def _not_deeper_than(value: object, limit: int) -> object:
    """The value with everything that lies more than ``limit`` objects and lists deep replaced."""
    if value is _UNREADABLE or not isinstance(value, dict | list):
        return value
    if limit == 0:
        return _UNREADABLE
    if isinstance(value, dict):
        return {name: _not_deeper_than(part, limit - 1) for name, part in value.items()}
    return [_not_deeper_than(part, limit - 1) for part in value]
