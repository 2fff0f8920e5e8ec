"""One table of a TOML file, read strictly: every value by its type and bounds, and what is wrong collected in plain words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches

_LONGEST_SHOWN = 60


class StrictTable:
    """The table ``where`` of the file. What is wrong goes into ``findings``, each with the table, the key and what would be right."""

    def __init__(self, where: str, content: object, keys: Collection[str], findings: list[str]) -> None:
        self._where = where
        self._findings = findings
        self._content: Mapping[str, object] = content if isinstance(content, dict) else {}
        if not isinstance(content, dict):
            self.wrong("", f"is {shown(content)} and must be a table: write its keys below a line {where}")
        for key in self._content:
            if key not in keys:
                self.wrong(key, f"is not known{did_you_mean(key, keys)}")

    def __contains__(self, key: str) -> bool:
        return key in self._content

    def wrong(self, key: str, what: str) -> None:
        """Note something that is wrong with a key (with the table itself: an empty one)."""
        self._findings.append(f"{self._where} {shown_key(key)} {what}" if key else f"{self._where} {what}")

    def table(self, key: str) -> object:
        """What is below a key, to be read as tables of its own; an empty one if it is not there."""
        return self._content.get(key, {})

    def switch(self, key: str) -> bool | None:
        """``true`` or ``false``; None if it is not there."""
        value = self._content.get(key)
        if value is None or isinstance(value, bool):
            return value
        self.wrong(key, f"is {shown(value)} and must be true or false, without quotes")
        return None

    def number(self, key: str, default: int, *, first: int, last: int) -> int:
        """A whole number within bounds."""
        value = self._content.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and first <= value <= last:
            return value
        self.wrong(key, f"is {shown(value)} and must be a whole number from {first} to {last}, without quotes; default: {default}")
        return default

    def text(self, key: str, what_is_wrong: Callable[[str], str | None], *, example: str) -> str | None:
        """A text nothing is wrong with; None if it is not there."""
        value = self._content.get(key)
        if value is None:
            return None
        wrong = what_is_wrong(value) if isinstance(value, str) else "it is no text in quotes"
        if not isinstance(value, str) or wrong:
            self.wrong(key, f"is {shown(value)}: {wrong}. Right would be, for example, {key} = {example}")
            return None
        return value


def did_you_mean(name: str, names: Collection[str]) -> str:
    """The names there are, the nearest first."""
    near = get_close_matches(name, names, n=1)
    question = f"; did you mean {near[0]}? There are " if near else "; there are "
    return question + ", ".join(sorted(names))


def shown(value: object) -> str:
    """A value as it may stand in a message: short, on one line."""
    if isinstance(value, int) and value.bit_length() > 64:
        return "a number far too large"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return _short(repr(value))
    return "a list" if isinstance(value, list) else "a date or time"


def shown_key(key: str) -> str:
    """A key as it may stand in a message: plain where it is a plain word."""
    return key if key.isidentifier() and len(key) <= _LONGEST_SHOWN else _short(repr(key))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."
