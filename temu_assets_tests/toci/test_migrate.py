"""Bringing our own database to the newest shape."""

from __future__ import annotations

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from pydantic import SecretStr
from sqlalchemy import Connection, inspect, text

from temu_assets.errors import ConfigurationError
from temu_assets.toci import migrate as migrate_module
from temu_assets.toci import revision
from temu_assets.toci.database import Toci, open_engine
from temu_assets.toci.migrate import Migrated, migrate, script
from temu_assets.toci.revision import NEWEST, ensure_current, revision_of
from temu_assets.toci.tables import metadata
from temu_assets_tests.databases import empty_toci_url

FIRST_RUN = """
import sys
from pydantic import SecretStr
from temu_assets.toci.database import Toci, open_engine
from temu_assets.toci.revision import ensure_current
toci = Toci(open_engine(SecretStr(sys.argv[1])), "shop")
print("ready", flush=True)
sys.stdin.read()
ensure_current(toci)
"""


def tables_of(toci: Toci) -> set[str]:
    with toci.engine.begin() as connection:
        return set(inspect(connection).get_table_names())


def differences(connection: Connection) -> list[Any]:
    """What the database has otherwise than ``tables.py`` says; on SQL Server columns have no descriptions."""
    found = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)
    changes = [change for each in found for change in (each if isinstance(each, list) else [each])]
    return [change for change in changes if change[0] != "modify_comment" or connection.dialect.supports_comments]


def set_revision(toci: Toci, revision: str) -> None:
    with toci.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def test_an_empty_database_gets_every_table_once(empty_toci: Toci) -> None:
    first = migrate(empty_toci)
    assert first.before is None
    assert tables_of(empty_toci) == {*metadata.tables, "alembic_version"}
    assert migrate(empty_toci) == Migrated(first.after, first.after)


def test_the_migrations_and_the_tables_agree(empty_toci: Toci) -> None:
    migrate(empty_toci)
    with empty_toci.engine.begin() as connection:
        assert differences(connection) == []


def test_the_revision_a_run_asks_for_is_the_last_of_the_migrations(empty_toci: Toci) -> None:
    assert migrate(empty_toci).after == NEWEST


def test_the_first_run_sets_the_database_up_and_the_next_leaves_it_alone(empty_toci: Toci) -> None:
    assert revision_of(empty_toci) is None
    ensure_current(empty_toci)
    assert revision_of(empty_toci) == NEWEST
    before = tables_of(empty_toci)
    ensure_current(empty_toci)
    assert tables_of(empty_toci) == before == {*metadata.tables, "alembic_version"}


def test_two_first_runs_at_once_do_not_collide(empty_toci: Toci, database_url: str) -> None:
    command_line = [sys.executable, "-c", FIRST_RUN, database_url]
    runs = [
        subprocess.Popen(command_line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    for run in runs:
        assert run.stdout is not None
        assert run.stdout.readline() == "ready\n"
    for run in runs:
        assert run.stdin is not None
        run.stdin.close()
        run.stdin = None
    errors = [run.communicate()[1] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], errors
    assert tables_of(empty_toci) == {*metadata.tables, "alembic_version"}


def test_two_threads_of_one_process_do_not_collide(tmp_path: Path) -> None:
    """A sensor and another one, both looking for the first time."""
    for number in range(5):
        toci = Toci(open_engine(SecretStr(empty_toci_url(tmp_path / f"{number}.db"))), "shop")
        with ThreadPoolExecutor(max_workers=4) as pool:
            for done in [pool.submit(ensure_current, toci) for _ in range(4)]:
                done.result()
        assert tables_of(toci) == {*metadata.tables, "alembic_version"}
        toci.close()


@pytest.mark.parametrize("open_up", [migrate, ensure_current])
def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(empty_toci: Toci, open_up: object) -> None:
    migrate(empty_toci)
    set_revision(empty_toci, "9999")
    assert callable(open_up)
    with pytest.raises(ConfigurationError, match=r"newer version of this program \(revision 9999\)"):
        open_up(empty_toci)
    with empty_toci.engine.begin() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "9999"


def test_an_older_database_on_a_server_waits_for_a_person_and_names_the_command(empty_toci: Toci, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate(empty_toci)
    monkeypatch.setattr(revision, "NEWEST", "9999")
    monkeypatch.setattr(empty_toci.engine.dialect, "name", "postgresql")
    with pytest.raises(ConfigurationError, match=r"older version of this program.*`temu-assets migrate`"):
        ensure_current(empty_toci)


@pytest.mark.parametrize(
    ("server", "instant"), [("mssql", "DATETIME2(6)"), ("postgresql", "TIMESTAMP WITHOUT TIME ZONE"), ("sqlite", "DATETIME")]
)
def test_the_migrations_can_be_written_for_every_server(server: str, instant: str) -> None:
    text = script(server)
    assert all(f"CREATE TABLE {name} " in text for name in metadata.tables)
    assert f"changed_at {instant} NOT NULL" in text
    assert f"INSERT INTO alembic_version (version_num) VALUES ('{NEWEST}')" in text


def test_a_script_for_sql_server_is_read_batch_by_batch_and_compares_keys_exactly() -> None:
    text = script("mssql")
    assert text.startswith("-- Apply as a whole")
    assert "SET NOCOUNT ON;\nSET XACT_ABORT ON;" in text
    assert "order_id NVARCHAR(50) COLLATE Latin1_General_BIN2 NOT NULL" in text
    batches = [batch for batch in text.split("\nGO\n") if batch.strip()]
    assert len(batches) > len(metadata.tables)
    for batch in batches:
        assert sqlglot.parse(batch, dialect="tsql", error_level=sqlglot.ErrorLevel.RAISE)


def test_a_script_since_an_older_revision_has_only_what_came_after() -> None:
    text = script("mssql", since="0001")
    assert re.findall(r"CREATE TABLE (\w+)", text) == [
        "erasures",
        "invoice_documents",
        "datev_batches",
        "datev_documents",
        "scheduler_logs",
        "job_runs",
        "lead_times",
        "alerts",
    ]
    assert "ALTER TABLE leases ADD claim" in text
    assert f"UPDATE alembic_version SET version_num='{NEWEST}'" in text


def test_a_script_since_a_revision_there_never_was_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"no revision 0815.*take one of 0001, 0002, 0003, 0004, 0005"):
        script("mssql", since="0815")


def test_a_script_applied_by_hand_leaves_what_the_program_would_have_made(empty_toci: Toci) -> None:
    with empty_toci.engine.begin() as connection:
        for statement in re.split(r";\s*\n", re.sub(r"(?m)^(GO|--.*)$", "", script(empty_toci.engine.dialect.name))):
            if statement.strip() and not statement.strip().startswith(("BEGIN", "COMMIT", "SET ")):
                connection.exec_driver_sql(statement)
    ensure_current(empty_toci)
    assert tables_of(empty_toci) == {*metadata.tables, "alembic_version"}


@pytest.mark.parametrize("revision", ["0001", "0002", "0003"])
def test_a_database_of_every_earlier_version_ends_as_a_new_one_does(empty_toci: Toci, revision: str) -> None:
    with empty_toci.engine.begin() as connection:
        migrate_module._upgrade(Operations(MigrationContext.configure(connection)), migrate_module._steps()[: int(revision)], None)
    before = migrate(empty_toci).before
    assert before == revision
    with empty_toci.engine.begin() as connection:
        assert differences(connection) == []


def test_the_predecessors_tables_are_recognised_and_left_alone(empty_toci: Toci) -> None:
    with empty_toci.engine.begin() as connection:
        connection.execute(text("CREATE TABLE temu_orders (id INTEGER NOT NULL PRIMARY KEY, bestell_id VARCHAR(50))"))
    for open_up in (migrate, ensure_current):
        with pytest.raises(ConfigurationError, match=r"predecessor's tables \(temu_orders\).*`temu-assets adopt`"):
            open_up(empty_toci)
    assert tables_of(empty_toci) == {"temu_orders"}
