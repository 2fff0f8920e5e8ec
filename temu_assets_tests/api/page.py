"""``docs/api.md`` as its reader meets it: sections with blocks, each to be run, to be kept as a file, or to be held against an answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parent.parent.parent / "docs" / "api.md"
RUN = frozenset({"sh", "python", "sql"})
SHOWN = frozenset({"json", "text"})
KEPT = {"netrc": ".netrc", "toml": "jobs.toml"}
"""What is a file, and which."""
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#{2,3} (.+)$")


@dataclass(frozen=True, slots=True)
class Block:
    """One block of code: ``language`` says what it is for; ``line`` is where it begins in the page."""

    section: str
    language: str
    code: str
    line: int


def blocks() -> list[Block]:
    """Every block of the page, in its order."""
    page = PAGE.read_text(encoding="utf-8")
    found = []
    for fence in _FENCE.finditer(page):
        before = _without_blocks(page[: fence.start()])
        section = next(heading[1] for line in reversed(before.splitlines()) if (heading := _HEADING.match(line)))
        found.append(Block(section, fence[1], fence[2], page.count("\n", 0, fence.start()) + 1))
    return found


def unexplained() -> list[str]:
    """Lines that look like code and stand in no block: nobody runs them."""
    return [
        line for line in _without_blocks(PAGE.read_text(encoding="utf-8")).splitlines() if line.startswith(("    ", "\t", "```", "~~~"))
    ]


def _without_blocks(page: str) -> str:
    return _FENCE.sub("", page)
