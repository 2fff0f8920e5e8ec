"""Types of single fields in TEMU's answers, and the one way to fit an answer to a model.

Strict on purpose: a boolean is no number, a number in a text is no number, and an id is text whichever way it was sent.
Source: fact sheet temu-api, section 2 (ids, time, money).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, TypeVar

from pydantic import AliasPath, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from temu_assets.temu.failures import TemuDataError

PROBLEMS_NAMED = 3
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LARGEST_ID = 2**63 - 1
_FIRST_SECOND, _LAST_SECOND = 1_000_000_000, 9_999_999_999


class AnswerModel(BaseModel):
    """Part of an answer: unknown fields are ignored, input values stay out of error texts."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _parts_are_objects(cls, raw: object) -> object:
        """Fields are read out of parts of the answer; a part that is no object would look like one that lacks them all."""
        parts = _parts(cls)
        if parts and isinstance(raw, dict):
            for name in parts:
                if raw.get(name) is not None and not isinstance(raw[name], dict):
                    raise ValueError(f"has a part {name} that is no object")
        return raw


@cache
def _parts(model: type[AnswerModel]) -> tuple[str, ...]:
    paths = (field.validation_alias for field in model.model_fields.values())
    return tuple(sorted({str(path.path[0]) for path in paths if isinstance(path, AliasPath) and len(path.path) > 1}))


def _id(value: object) -> str:
    """An id as text. Ids become file names and keys, so nothing but letters, digits, ``-`` and ``_`` is accepted."""
    if type(value) is int and 0 <= value <= _LARGEST_ID:
        return str(value)
    if isinstance(value, str) and _ID.fullmatch(value):
        return value
    raise ValueError("is not an id")


def _seconds(value: object) -> datetime:
    if type(value) is int and _FIRST_SECOND <= value <= _LAST_SECOND:
        return datetime.fromtimestamp(value, UTC)
    raise ValueError("is not a time in seconds")


def _milliseconds(value: object) -> datetime:
    if type(value) is int and _FIRST_SECOND * 1000 <= value <= _LAST_SECOND * 1000:
        return datetime.fromtimestamp(value // 1000, UTC)
    raise ValueError("is not a time in milliseconds")


def _seconds_or_milliseconds(value: object) -> datetime:
    number = int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value
    if type(number) is int and number > _LAST_SECOND:
        return _milliseconds(number)
    return _seconds(number)


def _text(value: object) -> object:
    return "" if value is None else value


def _stripped(value: object) -> object:
    return value.strip() if isinstance(value, str) else _text(value)


def _rows(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _optional_rows(value: object) -> object:
    return () if value is None else _rows(value)


def _no_zero(value: object) -> object:
    return None if type(value) is int and value == 0 else value


Id = Annotated[str, BeforeValidator(_id)]
Number = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]
Quantity = Annotated[int, Field(ge=0, le=2**31 - 1)]
Seconds = Annotated[datetime, BeforeValidator(_seconds)]
Milliseconds = Annotated[datetime, BeforeValidator(_milliseconds)]
SecondsOrMilliseconds = Annotated[datetime, BeforeValidator(_seconds_or_milliseconds)]
Text = Annotated[str, BeforeValidator(_text)]
"""Text, empty where TEMU sends null."""
StrippedText = Annotated[str, BeforeValidator(_stripped)]

ROWS = BeforeValidator(_rows)
"""A JSON array as tuple."""
OPTIONAL_ROWS = BeforeValidator(_optional_rows)
"""A JSON array as tuple, empty where TEMU sends null."""
ZERO_IS_NONE = BeforeValidator(_no_zero)
"""For optional times: 0 stands for "not yet"."""

_NOT_FITTING = {
    "missing": "is missing",
    "int_type": "is not a whole number",
    "bool_type": "is not true or false",
    "string_type": "is not a text",
    "tuple_type": "is not a list",
    "model_type": "is not an object",
    "greater_than_equal": "is too small",
    "less_than_equal": "is too large",
}
"""Pydantic's kinds of error that these models can meet, in words."""

_Model = TypeVar("_Model", bound=AnswerModel)


def fit(model: type[_Model], raw: object, subject: str) -> _Model:
    """``raw`` as ``model``. Raises TemuDataError naming ``subject`` and the fields in TEMU's names, never a value."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        problems = [_describe(detail) for detail in error.errors(include_url=False, include_input=False)]
    # Raised outside the handler: pydantic's own error holds the values and must not travel along as context.
    more = f" and {len(problems) - PROBLEMS_NAMED} more" if len(problems) > PROBLEMS_NAMED else ""
    raise TemuDataError(
        f"{subject}: TEMU's answer does not have the documented form: {'; '.join(problems[:PROBLEMS_NAMED])}{more}.",
        remedy="It was set aside. Look at it in TEMU's Seller Center; it is tried again when TEMU's answer changes.",
    )


def known_id(raw: object, *path: str) -> str | None:
    """The id at ``path`` inside ``raw``, for messages about an answer that may be malformed; None if there is none."""
    for name in path:
        raw = raw.get(name) if isinstance(raw, Mapping) else None
    try:
        return _id(raw)
    except ValueError:
        return None


def _describe(detail: ErrorDetails) -> str:
    path = ".".join(str(part) for part in detail["loc"]) or "the answer"
    context: dict[str, Any] = detail.get("ctx", {})
    if detail["type"] == "value_error":
        return f"{path} {context['error']}"
    return f"{path} {_NOT_FITTING.get(detail['type'], 'is not as TEMU documents it')}"
