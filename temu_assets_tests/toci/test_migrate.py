"""Bringing our own database to the newest shape."""

from __future__ import annotations

import io
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from pydantic import SecretStr
from sqlalchemy import inspect, text
from sqlalchemy.dialects.mssql.base import MSDialect

from temu_assets.errors import ConfigurationError
from temu_assets.toci import migrate as migrate_module
from temu_assets.toci import revision
from temu_assets.toci.database import Toci, open_engine
from temu_assets.toci.migrate import Migrated, migrate
from temu_assets.toci.revision import NEWEST, ensure_current
from temu_assets.toci.tables import metadata

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
    with toci.read() as connection:
        return set(inspect(connection).get_table_names())


def set_revision(toci: Toci, revision: str) -> None:
    with toci.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def test_an_empty_database_gets_every_table_once(empty_toci: Toci) -> None:
    first = migrate(empty_toci)
    assert first.before is None
    assert tables_of(empty_toci) == {*metadata.tables, "alembic_version"}
    assert migrate(empty_toci) == Migrated(first.after, first.after)


def test_the_migrations_and_the_tables_agree(empty_toci: Toci) -> None:
    migrate(empty_toci)
    with empty_toci.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []


def test_the_revision_a_run_asks_for_is_the_last_of_the_migrations(empty_toci: Toci) -> None:
    assert migrate(empty_toci).after == NEWEST


def test_the_first_run_sets_the_database_up_and_the_next_leaves_it_alone(empty_toci: Toci) -> None:
    ensure_current(empty_toci)
    before = tables_of(empty_toci)
    ensure_current(empty_toci)
    assert tables_of(empty_toci) == before == {*metadata.tables, "alembic_version"}


def test_two_first_runs_at_once_do_not_collide(empty_toci: Toci, database_file: Path) -> None:
    command_line = [sys.executable, "-c", FIRST_RUN, f"sqlite:///{database_file}"]
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
        toci = Toci(open_engine(SecretStr(f"sqlite:///{tmp_path / str(number)}.db")), "shop")
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
    with empty_toci.read() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "9999"


def test_an_older_database_on_a_server_waits_for_a_person_and_names_the_command(empty_toci: Toci, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate(empty_toci)
    monkeypatch.setattr(revision, "NEWEST", "9999")
    monkeypatch.setattr(empty_toci.engine.dialect, "name", "postgresql")
    with pytest.raises(ConfigurationError, match=r"older version of this program.*`temu-assets migrate`"):
        ensure_current(empty_toci)


@pytest.mark.parametrize(("server", "instant"), [("mssql", "DATETIME2(6)"), ("postgresql", "TIMESTAMP WITHOUT TIME ZONE")])
def test_the_migrations_can_be_written_for_every_server(server: str, instant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # A connection asks SQL Server for it; without one nobody has.
    monkeypatch.setattr(MSDialect, "default_schema_name", "dbo", raising=False)
    script = io.StringIO()
    config = Config(output_buffer=script)
    config.set_main_option("script_location", str(Path(migrate_module.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("dialect", server)
    command.upgrade(config, "head", sql=True)
    assert all(f"CREATE TABLE {name} " in script.getvalue() for name in metadata.tables)
    assert f"changed_at {instant} NOT NULL" in script.getvalue()
