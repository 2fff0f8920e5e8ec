"""Figures as a table a person reads, in Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.ratios.figures import Figure

_HEAD = ("Item", "Measured", "Figure", "Bound", "Holds", "Made of")
_ANSWER = {True: "yes", False: "**missed**", None: ""}


def table(figures: Sequence[Figure]) -> str:
    """One line each, in the order they were measured."""
    rows = [_HEAD, *(_row(each) for each in figures)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(_HEAD))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines) + "\n"


def _row(figure: Figure) -> tuple[str, ...]:
    side = "at least" if figure.at_least else "at most"
    bound = "" if figure.bound is None else f"{side} {_number(figure.bound, figure.unit)}"
    return figure.item, figure.what, _number(figure.measured, figure.unit), bound, _ANSWER[figure.holds], figure.text


def _number(value: float, unit: str) -> str:
    if unit == "x":
        return f"{value:.2f} x"
    digits = f"{value:,.0f}" if value == int(value) or abs(value) >= 100 else f"{value:.2f}"
    return f"{digits} {unit}".rstrip()
