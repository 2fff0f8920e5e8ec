"""What problems have in common: one rule for the command line and for the checks in the UI.

The cause is the reason without what names the single thing: numbers of orders, parcels, lines and SKUs, quantities, times, request ids,
and what stands in single quotes (a SKU's code or name). What stands in double quotes (a shipping method, TEMU's words) and the number
after "code" are part of the cause. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

LEFT_OUT = "…"

_NUMBER = r"(?<![\w-])[\w-]*\d[\w-]*"
_PARTS = re.compile(
    r"""(?P<cause>"[^"]*"|\bcode\ \d+)"""
    r"""|(?P<name>'.+?'(?![^\s,.;:()])"""
    r"""|\(JTL:[^)]*\)|\((?:no\ request\ id|request\ [^)]*)\)"""
    rf"""|{_NUMBER}(?:(?:,\ |\ and\ |,\ and\ ){_NUMBER})*(?:\ and\ \d+\ more)?)""",
    re.VERBOSE,
)

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Group(Generic[_T]):
    """Things with one cause. ``cause`` is their reason, with ``…`` where they differ."""

    cause: str
    members: tuple[_T, ...]


@dataclass(frozen=True, slots=True)
class _Taken:
    """A text taken apart: what stays, and the names between."""

    fixed: tuple[str, ...]
    names: tuple[str, ...]


def by_cause(found: Iterable[_T], told: Callable[[_T], tuple[str, str]]) -> list[Group[_T]]:
    """Every thing in exactly one group, the largest group first; the order of ``found`` does not matter.

    ``told`` gives the key of a thing and its text.
    """
    alike: dict[tuple[str, ...], list[tuple[tuple[str, str], tuple[str, ...], _T]]] = {}
    for thing in found:
        taken = _take_apart(*told(thing))
        alike.setdefault(taken.fixed, []).append((told(thing), taken.names, thing))
    groups = []
    for fixed, found_alike in alike.items():
        found_alike.sort(key=lambda each: each[0])
        text = _together(fixed, [names for _, names, _ in found_alike])
        groups.append(Group(text, tuple(thing for _, _, thing in found_alike)))
    return sorted(groups, key=lambda group: (-len(group.members), group.cause, told(group.members[0])))


def is_like(key: str, reason: str, other_key: str, other_reason: str) -> bool:
    """Whether two problems of one kind have the same cause."""
    return _take_apart(key, reason).fixed == _take_apart(other_key, other_reason).fixed


def _take_apart(key: str, text: str) -> _Taken:
    fixed, names = [""], []
    for part, is_key in _around_key(key, text):
        if is_key:
            names.append(part)
            fixed.append("")
            continue
        end = 0
        for match in _PARTS.finditer(part):
            fixed[-1] += part[end : match.start()]
            end = match.end()
            if match.group("cause") is not None:
                fixed[-1] += match.group()
            else:
                names.append(match.group())
                fixed.append("")
        fixed[-1] += part[end:]
    return _Taken(tuple(fixed), tuple(names))


def _around_key(key: str, text: str) -> Iterable[tuple[str, bool]]:
    """A key with a digit in it is a name by its form; a word is one only where it is the key."""
    if not key or any(sign.isdigit() for sign in key):
        return [(text, False)]
    pieces = re.split(rf"(?<![\w-])({re.escape(key)})(?![\w-])", text)
    return [(piece, number % 2 == 1) for number, piece in enumerate(pieces)]


def _together(fixed: tuple[str, ...], names: list[tuple[str, ...]]) -> str:
    common = [first if all(other == first for other in others) else LEFT_OUT for first, *others in zip(*names, strict=True)]
    return "".join(part + name for part, name in zip(fixed, [*common, ""], strict=True))
