"""Statements and nothing else: ``python -m benchmarks.ratios.statements_alone FILE URL`` sends them, fetches every row, tells how long."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from sqlalchemy import create_engine


def main(file: Path, url: str) -> None:
    statements = json.loads(file.read_text(encoding="utf-8"))
    engine = create_engine(url)
    with engine.connect() as connection:
        began = time.monotonic()
        rows = sum(len(connection.exec_driver_sql(statement, tuple(parameters)).fetchall()) for _, statement, parameters in statements)
        print(json.dumps({"wall_s": time.monotonic() - began, "rows": rows}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
