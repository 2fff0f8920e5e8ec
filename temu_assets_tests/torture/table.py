"""Results in a table: a line for each crash point, one for the pairs, one for the random days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from temu_assets_tests.torture.bench import Result
from temu_assets_tests.torture.checker import Harm

_HEAD = ("point", "cases", "killed", "lost", "doubled", "not right", "seconds")


def table(results: Sequence[Result]) -> str:
    """The results by point, and their sum. ``not right``: cases that are not right in the end for another reason."""
    points = dict.fromkeys(result.point for result in results)
    lines = [_line(point, [result for result in results if result.point == point]) for point in points]
    rows = [_HEAD, *lines, _line("all", results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    return "\n".join(_laid_out(row, widths) for row in rows)


def _line(point: str, results: Sequence[Result]) -> tuple[str, ...]:
    return (
        point,
        str(len(results)),
        str(sum(result.killed for result in results)),
        str(_count(results, Harm.LOST)),
        str(_count(results, Harm.DOUBLED)),
        str(sum(bool(result.findings) and not result.count(Harm.LOST) + result.count(Harm.DOUBLED) for result in results)),
        f"{sum(result.seconds for result in results):.0f}",
    )


def _count(results: Iterable[Result], harm: Harm) -> int:
    return sum(result.count(harm) for result in results)


def _laid_out(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *numbers = (
        cell.ljust(width) if place == 0 else cell.rjust(width) for place, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join([first, *numbers]).rstrip()
