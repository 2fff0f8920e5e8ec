"""A small reader of ODBC connection strings, written from Microsoft's grammar and not from SQLAlchemy's writer."""

from __future__ import annotations


def read(text: str) -> dict[str, str]:
    """``key=value;`` pairs, keys in lower case; a value in braces may hold anything, ``}}`` in it is one brace."""
    found: dict[str, str] = {}
    rest = text
    while rest:
        key, _, rest = rest.partition("=")
        value, rest = _braced(rest[1:]) if rest.startswith("{") else _plain(rest)
        name = key.strip().lower()
        assert name not in found, f"{name} is given twice"
        found[name] = value
    return found


def _plain(rest: str) -> tuple[str, str]:
    value, _, rest = rest.partition(";")
    return value.strip(), rest  # drivers cut blanks off


def _braced(rest: str) -> tuple[str, str]:
    value = ""
    while True:
        piece, brace, rest = rest.partition("}")
        assert brace, "a brace is never closed"
        value += piece
        if not rest.startswith("}"):
            assert rest[:1] in ("", ";"), "something stands behind a closing brace"
            return value, rest[1:]
        value, rest = value + "}", rest[1:]
