"""Which drivers are found. Each case is a process of its own whose ODBC configuration is what the test wrote."""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from temu_assets.errors import ConfigurationError
from temu_assets.sql.address import parse_url
from temu_assets.sql.drivers import _mssql_python_version, is_freetds, microsoft_version
from temu_assets.sql.installing import how_to_install
from temu_assets.sql.parts import DriverChoice

CANARY = "Canary-7363"
ASK = """
import sys
from pydantic import SecretStr
from temu_assets.errors import ConfigurationError
from temu_assets.sql.address import parse_url
from temu_assets.sql.drivers import choose
from temu_assets.sql.parts import DriverChoice
kind, *hidden = sys.argv[1:]
sys.modules.update(dict.fromkeys(hidden))
try:
    print(choose(DriverChoice(kind)).name if kind in list(DriverChoice) else parse_url(SecretStr(kind), "JTL_DATABASE_URL", "an example"))
except ConfigurationError as error:
    print(error)
"""

Ask = Callable[..., str]
URL = f"mssql+pyodbc://program:{CANARY}@db.example.invalid/eazybusiness"


def _has_odbc() -> bool:
    try:
        import pyodbc  # noqa: F401
    except ImportError:
        return False
    return sys.platform == "linux"  # where unixODBC reads the file the test writes


def _has_mssql_python() -> bool:
    try:
        _mssql_python_version()
    except (ImportError, OSError):
        return False
    return True


needs_odbc = pytest.mark.skipif(not _has_odbc(), reason="needs unixODBC (libodbc2)")
needs_mssql_python = pytest.mark.skipif(not _has_mssql_python(), reason="needs mssql-python and what it is linked to (libltdl7)")


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Ask a process that sees these ODBC drivers, and none of the ``hidden`` packages, for a driver or about a URL."""

    def answer(question: str, *registered: str, hidden: tuple[str, ...] = ()) -> str:
        (tmp_path / "odbcinst.ini").write_text("".join(f"[{name}]\nDriver=/nowhere/lib.so\n" for name in registered))
        environment = os.environ | {"ODBCSYSINI": str(tmp_path), "ODBCINSTINI": "odbcinst.ini"}
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", ASK, question, *hidden], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert CANARY not in done.stdout
        return done.stdout.strip()

    return answer


@needs_odbc
def test_microsofts_odbc_driver_comes_first_and_the_newest_of_them(ask: Ask) -> None:
    assert ask("auto", "FreeTDS", "ODBC Driver 17 for SQL Server", "ODBC Driver 18 for SQL Server") == "ODBC Driver 18 for SQL Server"


@needs_odbc
def test_driver_17_is_second_best_and_older_ones_are_none(ask: Ask) -> None:
    assert ask("odbc18", "ODBC Driver 17 for SQL Server") == "ODBC Driver 17 for SQL Server"
    assert "needs the driver odbc18, which is not on this machine" in ask("odbc18", "ODBC Driver 13 for SQL Server", "SQL Server")


@needs_odbc
@needs_mssql_python
def test_mssql_python_comes_before_freetds(ask: Ask) -> None:
    assert ask("auto", "FreeTDS") == "mssql-python"
    assert ask("freetds", "FreeTDS") == "FreeTDS"
    assert ask("auto", "FreeTDS", hidden=("mssql_python",)) == "FreeTDS"


@needs_mssql_python
def test_without_unixodbc_mssql_python_does(ask: Ask) -> None:
    assert ask("auto", hidden=("pyodbc",)) == "mssql-python"


def test_with_nothing_there_every_way_to_install_is_named_and_pip_first(ask: Ask) -> None:
    said = ask("auto", hidden=("pyodbc", "mssql_python"))
    assert "needs a driver for SQL Server, which is not on this machine (found: none; pyodbc cannot be loaded" in said
    assert 0 < said.index('pip install "temu-assets[sqlserver]"') < said.index("Microsoft's ODBC Driver 18") < said.index("FreeTDS:")


@needs_odbc
def test_a_url_that_names_no_driver_gets_one_that_is_there(ask: Ask) -> None:
    assert "driver=FreeTDS" in ask(URL, "FreeTDS", hidden=("mssql_python",))
    assert "driver=ODBC+Driver+18+for+SQL+Server" in ask(URL, "FreeTDS", "ODBC Driver 18 for SQL Server")
    assert "driver=FreeTDS" in ask(f"{URL}?Driver=FreeTDS", "FreeTDS", "ODBC Driver 18 for SQL Server")


@needs_odbc
def test_a_url_without_a_driver_of_python_gets_the_first_that_is_there(ask: Ask) -> None:
    plain = URL.replace("+pyodbc", "")
    assert ask(plain, "ODBC Driver 18 for SQL Server").startswith("mssql+pyodbc://")
    assert "JTL_DATABASE_URL needs a driver for SQL Server" in ask(plain, hidden=("mssql_python",))


@needs_odbc
def test_a_driver_a_url_names_and_nobody_has_is_told_before_connecting(ask: Ask) -> None:
    said = ask(f"{URL}?driver=ODBC+Driver+18+for+SQL+Server", "FreeTDS")
    assert "JTL_DATABASE_URL names the ODBC driver 'ODBC Driver 18 for SQL Server', which is not on this machine (found: FreeTDS)" in said
    assert "msodbcsql18" in said
    assert "driver=%2Fopt%2Flibtdsodbc.so" in ask(f"{URL}?driver=%2Fopt%2Flibtdsodbc.so", "FreeTDS")


def test_pyodbc_that_cannot_be_loaded_is_told_with_what_helps(ask: Ask) -> None:
    said = ask(URL, hidden=("pyodbc",))
    assert "JTL_DATABASE_URL needs the database driver pyodbc, which cannot be loaded here" in said
    assert 'pip install "temu-assets[sqlserver]"' in said


def test_a_driver_of_another_making_that_is_missing_names_the_example() -> None:
    with pytest.raises(ConfigurationError, match=r"driver pymssql, which cannot be loaded.*like an example") as caught:
        parse_url(SecretStr(f"mssql+pymssql://program:{CANARY}@db/x"), "JTL_DATABASE_URL", "an example")
    assert CANARY not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("platform", "release", "command"),
    [
        ("linux", {"ID": "debian", "VERSION_ID": "12"}, "config/debian/12/packages-microsoft-prod.deb"),
        ("linux", {"ID": "linuxmint", "ID_LIKE": "ubuntu debian"}, "apt-get install -y msodbcsql18"),
        ("linux", {"ID": "ubuntu", "VERSION_ID": "24.04"}, "config/ubuntu/24.04/packages-microsoft-prod.deb"),
        ("linux", {"ID": "rocky", "ID_LIKE": "rhel centos fedora", "VERSION_ID": "9.4"}, "config/rhel/9/prod.repo"),
        ("linux", {"ID": "fedora", "VERSION_ID": "42"}, "dnf install -y msodbcsql18"),
        ("linux", {"ID": "arch"}, "https://learn.microsoft.com/"),
        ("darwin", {}, "brew install msodbcsql18"),
        ("win32", {}, "winget install Microsoft.msodbcsql.18"),
    ],
)
def test_the_command_is_that_of_the_system(monkeypatch: pytest.MonkeyPatch, platform: str, release: dict[str, str], command: str) -> None:
    monkeypatch.setattr("temu_assets.sql.installing.sys.platform", platform)
    monkeypatch.setattr("temu_assets.sql.installing.platform.freedesktop_os_release", lambda: release)
    assert command in how_to_install(DriverChoice.ODBC18)
    assert command in how_to_install(DriverChoice.AUTO)


@pytest.mark.parametrize(
    ("name", "version", "freetds"),
    [
        ("ODBC Driver 18 for SQL Server", 18, False),
        ("ODBC Driver 17 for SQL Server", 17, False),
        ("SQL Server", None, False),
        ("FreeTDS", None, True),
        ("/usr/lib/x86_64-linux-gnu/odbc/libtdsodbc.so", None, True),
    ],
)
def test_a_driver_is_known_by_its_name(name: str, version: int | None, freetds: bool) -> None:
    assert (microsoft_version(name), is_freetds(name)) == (version, freetds)
