"""A small table in the UI: few rows, because metadata is kept for ever, and never a buyer's data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

import dagster as dg

MOST_ROWS = 20
MOST_ROWS_OF_A_DRY_RUN = 200
"""There the rows are what it is run for, and it is run by a person."""


def preview(columns: Sequence[str], rows: Iterable[Sequence[str | int | None]], *, most: int = MOST_ROWS) -> dg.TableMetadataValue:
    """The first rows, each with one value per column; None is shown as an empty cell."""
    records = [
        dg.TableRecord({name: "" if value is None else value for name, value in zip(columns, row, strict=True)})
        for row in islice(rows, most)
    ]
    return dg.MetadataValue.table(records, schema=dg.TableSchema([dg.TableColumn(name) for name in columns]))
