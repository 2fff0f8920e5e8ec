"""The measured reference: raw readings in ``benchmarks/results/reference.json``, and the table on the page docs/performance.md."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.ratios.figures import Figure
from benchmarks.ratios.machine import in_words
from benchmarks.ratios.measuring import PROJECT
from benchmarks.ratios.table import table

LAST = PROJECT / "benchmarks" / "results" / "last.json"
REFERENCE = LAST.with_name("reference.json")
PAGE = PROJECT / "docs" / "performance.md"
_BEGIN, _END = "<!-- measured: written by make bench -->\n", "<!-- end of what was measured -->\n"


def write(file: Path, figures: Sequence[Figure], machine: dict[str, str], measured_at: str) -> None:
    """Write figures with all their readings."""
    file.parent.mkdir(exist_ok=True)
    told = {"measured_at": measured_at, "machine": machine, "figures": [asdict(each) for each in figures]}
    file.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def with_the_rest(figures: Sequence[Figure]) -> list[Figure]:
    """These figures, and those of the reference that were not measured now, by item."""
    if not REFERENCE.exists():
        return list(figures)
    now = {(each.item, each.what) for each in figures}
    rest = [Figure(**each) for each in json.loads(REFERENCE.read_text(encoding="utf-8"))["figures"]]
    return sorted([*figures, *(each for each in rest if (each.item, each.what) not in now)], key=lambda each: each.item)


def renew_page(figures: Sequence[Figure], machine: dict[str, str], measured_at: str) -> None:
    """Put the table, and where it comes from, between the page's two marks."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    measured = f"Measured on {measured_at[:10]}. {in_words(machine)}.\n\n{table(figures)}"
    PAGE.write_text(f"{before}{_BEGIN}\n{measured}\n{_END}{after}", encoding="utf-8")
