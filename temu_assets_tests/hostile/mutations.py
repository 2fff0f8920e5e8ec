"""Everything a field of an answer can be instead of what it should be, as the very text of the JSON.

Some of it (NaN, a name twice, numbers of thousands of digits) is no value of Python's, so an answer is damaged as text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

CANARY = "Geheimrat"
"""Part of every hostile text: it may be in no message."""
DIGITS = "777"
"""The same for numbers: the canary of every large one."""

Path = tuple[str | int, ...]

_HOLE = "\N{REPLACEMENT CHARACTER}hole\N{REPLACEMENT CHARACTER}"


def _text(text: str) -> str:
    return json.dumps(f"{CANARY}{text}")


def _nested(levels: int) -> str:
    return "[" * levels + f'"{CANARY}"' + "]" * levels


VALUES: dict[str, str] = {
    "null": "null",
    "true": "true",
    "zero": "0",
    "negative": f"-{DIGITS * 3}",
    "fraction": f"{DIGITS}.5",
    "whole fraction": "1.0",
    "NaN": "NaN",
    "Infinity": "Infinity",
    "-Infinity": "-Infinity",
    "too large a fraction": "1e400",
    "32 bits": str(2**31),
    "64 bits": str(2**63),
    "minus 64 bits": str(-(2**63) - 1),
    "300 digits": DIGITS * 100,
    "6000 digits": DIGITS * 2000,
    "empty text": '""',
    "blank": '" \\u00a0"',
    "number as text": '"1"',
    "empty list": "[]",
    "empty object": "{}",
    "list": f'["{CANARY}"]',
    "object": f'{{"{CANARY}": "{CANARY}"}}',
    "list of null": "[null]",
    "name twice": f'{{"a": 1, "a": "{CANARY}"}}',
    "30 levels": _nested(30),
    "200 levels": _nested(200),
    "plain text": _text(""),
    "10,000 characters": _text("x" * 10_000),
    "10,000 emoji": _text("\N{SUNFLOWER}" * 10_000),
    "NUL": f'"{CANARY}\\u0000Ende"',
    "control characters": f'"{CANARY}\\u0001\\u0008\\u000b\\u001b[31m\\u007f\\u0085"',
    "line breaks": f'"{CANARY}\\r\\nINFO forged\\tline"',
    "half an emoji": f'"{CANARY} \\ud83d"',
    "the other half": f'"\\udf3b {CANARY}"',
    "no character": f'"{CANARY}\\uffff\\ufffe"',
    "right to left": _text("\N{RIGHT-TO-LEFT OVERRIDE}12\N{RIGHT-TO-LEFT MARK}"),
    "zero width": _text("\N{ZERO WIDTH SPACE}\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NO-BREAK SPACE}"),
    "combining": _text("e\N{COMBINING ACUTE ACCENT}" * 20),
    "markup": _text("""<b a="1" a='2'>&amp;&#0;&unknown;</b> <!-- --> <?x?> <!DOCTYPE x [<!ENTITY a "b">]> />"""),
    "end of CDATA": _text("]]>"),
    "formula": _text("=1+1"),
    "SQL": _text("'; DROP TABLE temu_orders; --"),
    "format": _text("%s%(x)s{0}{x}${x}\\"),
}
"""What a field can be instead, by name."""

TEXTS = {name: text for name, text in VALUES.items() if text.startswith('"')}


def paths(value: object, start: Path = ()) -> Iterator[Path]:
    """Every place in the value, the whole of it first."""
    yield start
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in pairs:
        yield from paths(part, (*start, key))


def damaged(value: Any, path: Path, text: str | None) -> str:
    """The JSON of the value with ``text`` in one place; None takes the place out."""
    if not path:
        return "null" if text is None else text
    copy = json.loads(json.dumps(value))
    parent = copy
    for step in path[:-1]:
        parent = parent[step]
    if text is None:
        del parent[path[-1]]
        return json.dumps(copy)
    parent[path[-1]] = _HOLE
    return json.dumps(copy).replace(json.dumps(_HOLE), text)


def with_a_name_twice(value: Any, path: Path) -> str | None:
    """The JSON of the value with the first name of an object said twice; None where there is no object with names."""
    part = value
    for step in path:
        part = part[step]
    if not isinstance(part, dict) or not part:
        return None
    name = json.dumps(next(iter(part)))
    return damaged(value, path, f"{json.dumps(part)[:-1]}, {name}: {json.dumps(CANARY)}}}")


def every_damage(value: Any) -> Iterator[tuple[str, str]]:
    """Each way to damage one place, as a name and the JSON."""
    for path in paths(value):
        where = ".".join(map(str, path)) or "all of it"
        yield f"{where} removed", damaged(value, path, None)
        for name, text in VALUES.items():
            yield f"{where}: {name}", damaged(value, path, text)
        if (twice := with_a_name_twice(value, path)) is not None:
            yield f"{where}: its first name twice", twice


@st.composite
def damages(draw: st.DrawFn, value: Any) -> str:
    """Several places damaged at once, or with any JSON there is in them."""
    text = json.dumps(value)
    for _ in range(draw(st.integers(1, 4))):
        now = json.loads(text) if _is_plain(text) else None
        if now is None:
            break
        path = draw(st.sampled_from(list(paths(now))))
        text = damaged(now, path, draw(st.sampled_from([*VALUES.values(), None]) | ANY_JSON))
    return text


def _is_plain(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(st.text(max_size=8), parts, max_size=4),
    max_leaves=8,
).map(json.dumps)
