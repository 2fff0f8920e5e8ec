"""What docs/history.md says is so: its SQL runs on every server, its figures of files and its assets are those of the program."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from temu_assets.operations import log_files
from temu_assets.toci import job_runs, scheduler_logs
from temu_assets.toci.database import Toci, open_engine
from temu_assets.toci.job_runs import RunEnd, RunStart, RunStatus
from temu_assets.toci.scheduler_logs import Level, LogLine
from temu_assets.toci.tables import metadata
from temu_assets_tests.databases import empty_toci_url

PAGE = (Path(__file__).parents[2] / "docs" / "history.md").read_text(encoding="utf-8")
QUESTIONS = re.findall(r"```sql\n(.*?);\n```", PAGE, re.DOTALL)
ID = "00000000-0000-0000-0000-000000000000"
AT = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


@pytest.fixture
def toci(tmp_path: Path) -> Iterator[Toci]:
    """One run that went well, one that failed and one that works, all of them told about."""
    toci = Toci(open_engine(SecretStr(empty_toci_url(tmp_path / "toci.db"))), "shop")

    def write(run_id: str, end: RunEnd | None) -> None:
        start = RunStart(run_id, "temu_orders_sync", "orders", "command line", False, ID, 0, False, AT, "host", "1@2@3")
        with toci.engine.begin() as connection:
            job_runs.begin(connection, toci.shop, start)
            scheduler_logs.write(connection, toci.shop, start, [LogLine(Level.ERROR, "one", RunStatus.RUNNING, AT)])
            if end is not None:
                job_runs.finish(connection, toci.shop, run_id, end)

    with toci.engine.begin() as connection:
        metadata.create_all(connection, checkfirst=False)
    write("works", None)
    write("failed", RunEnd(RunStatus.FAILURE, AT + timedelta(seconds=3), {}, 0, "raw_orders", "why", "TransientError", True))
    write(ID, RunEnd(RunStatus.SUCCESS, AT + timedelta(seconds=3), {}))
    yield toci
    toci.close()


def test_the_page_has_questions() -> None:
    assert len(QUESTIONS) > 6


@pytest.mark.parametrize("question", QUESTIONS, ids=range(len(QUESTIONS)))
def test_a_question_of_the_page_has_an_answer(toci: Toci, question: str) -> None:
    assert toci.read(lambda connection: connection.execute(text(question)).all()) != []


def test_the_log_files_are_as_large_as_the_page_says() -> None:
    assert f"{log_files.MOST_BYTES // 1_000_000} MB a file" in PAGE
    assert f"`.{log_files.KEPT}`: {log_files.MOST_BYTES * (log_files.KEPT + 1) // 1_000_000} MB" in PAGE
    for job_type in ("bookkeeping", "invoices", "orders"):
        assert f"`{log_files.file_for(Path('data'), job_type).as_posix()}`" in PAGE
