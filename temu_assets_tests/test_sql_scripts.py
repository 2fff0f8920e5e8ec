"""The scripts for a DBA grant what the program needs and no more, and the page beside them tells the truth."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from temu_assets.jtl.server import NEEDED
from temu_assets.jtl.tables import metadata
from temu_assets.settings import Settings
from temu_assets.sql.installing import how_to_install
from temu_assets.sql.parts import DriverChoice, parse_server

DOCS = Path(__file__).parent.parent / "docs"
SCRIPTS = ("jtl-rights.sql", "toci-rights.sql")
NOT_IN_SQLGLOT = re.compile(r"(CREATE (LOGIN|USER|ROLE)|ALTER (DATABASE|ROLE)) \[\w+\]", re.IGNORECASE)


def batches(name: str) -> list[str]:
    """A script in the pieces SQL Server's tools send."""
    text = (DOCS / "sql" / name).read_text(encoding="utf-8")
    return [batch for batch in re.split(r"^GO$", text, flags=re.MULTILINE) if batch.strip()]


def statements(name: str) -> list[exp.Expr]:
    return [statement for batch in batches(name) for statement in sqlglot.parse(batch, dialect="tsql") if statement is not None]


def granted() -> set[tuple[str, str]]:
    """Object and right, as the script grants them."""
    return {
        (statement.args["securable"].sql(dialect="tsql"), privilege.name.upper())
        for statement in statements("jtl-rights.sql")
        if isinstance(statement, exp.Grant)
        for privilege in statement.args["privileges"]
    }


def test_the_script_grants_exactly_what_the_program_reads_and_writes() -> None:
    tables = {(table.fullname, "SELECT") for table in metadata.tables.values()}
    assert granted() == tables | {("dbo.tXMLBestellImport", "INSERT")}
    assert granted() == set(NEEDED)


def test_no_line_of_the_script_grants_anything_that_was_not_understood() -> None:
    text = "".join(batches("jtl-rights.sql"))
    lines = [line for line in text.splitlines() if not line.startswith("--")]
    assert sum(line.lstrip().upper().startswith("GRANT") for line in lines) == len(metadata.tables)
    assert not re.search(r"db_owner|db_datawriter|db_datareader|CONTROL|sysadmin", "\n".join(lines), re.IGNORECASE)


def test_our_own_database_needs_no_owner() -> None:
    lines = [line for line in "".join(batches("toci-rights.sql")).splitlines() if not line.startswith("--")]
    roles = re.findall(r"ALTER ROLE \[(\w+)\] ADD MEMBER", "\n".join(lines))
    assert roles == ["db_datareader", "db_datawriter", "db_ddladmin"]


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_t_sql(name: str) -> None:
    """What sqlglot has no grammar for is on a list of its own; everything else must parse into a statement it knows."""
    unknown = [
        text
        for statement in statements(name)
        if isinstance(command := statement.find(exp.Command) or statement, exp.Command)
        and not NOT_IN_SQLGLOT.match(text := command.sql(dialect="tsql", comments=False))
    ]
    assert unknown == []
    assert len(statements(name)) > 5


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_can_be_run_again(name: str) -> None:
    for batch in batches(name):
        for create in re.finditer(r"^\s*CREATE ", batch, re.MULTILINE):
            assert re.search(r"IF \w+\(N'\w+'\) IS NULL\s*$", batch[: create.start()]), batch


def page() -> str:
    return (DOCS / "sql-server.md").read_text(encoding="utf-8").replace("\\|", "|")


@pytest.mark.parametrize(
    ("platform", "release"),
    [
        ("linux", {"ID": "debian", "VERSION_ID": "12"}),
        ("linux", {"ID": "ubuntu", "VERSION_ID": "24.04"}),
        ("linux", {"ID": "rhel", "VERSION_ID": "9.4"}),
        ("linux", {"ID": "fedora", "VERSION_ID": "42"}),
        ("darwin", {}),
        ("win32", {}),
    ],
)
def test_the_page_has_the_commands_the_program_tells(monkeypatch: pytest.MonkeyPatch, platform: str, release: dict[str, str]) -> None:
    monkeypatch.setattr("temu_assets.sql.installing.sys.platform", platform)
    monkeypatch.setattr("temu_assets.sql.installing.platform.freedesktop_os_release", lambda: release)
    kinds = {DriverChoice.ODBC18, DriverChoice.FREETDS} - ({DriverChoice.FREETDS} if platform == "win32" else set())
    for kind in kinds:
        assert how_to_install(kind).partition(": ")[2] in page()


def test_the_page_names_only_settings_that_are_there() -> None:
    named = set(re.findall(r"\b((?:SQL|JTL|TOCI|TEMU)_[A-Z_]+)\b", page()))
    assert len(named) > 8
    assert {name.lower() for name in named} <= set(Settings.model_fields)


def test_every_server_the_page_writes_can_be_read() -> None:
    servers = re.findall(r"SQL_SERVER=([^\s`]+)", page())
    assert len(servers) > 4
    for server in servers:
        assert parse_server(server).host


def test_the_page_leads_to_files_that_are_there() -> None:
    links = re.findall(r"\]\(([^)#]+)", page())
    assert set(SCRIPTS) <= {Path(link).name for link in links}
    assert [link for link in links if not (DOCS / link).is_file()] == []
