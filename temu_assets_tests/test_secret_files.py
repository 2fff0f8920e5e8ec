"""Secrets that come as files: found where systemd, Docker and ``_FILE`` put them, told by name only, and in no child's hands."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from temu_assets import secret_files
from temu_assets.errors import ConfigurationError
from temu_assets.invoices.jobs import Job, Limits
from temu_assets.invoices.reading import Lane
from temu_assets.invoices.workers import Workers
from temu_assets.secret_files import secret_names
from temu_assets.settings import Settings, load_settings

CANARY = "Canary-7363"


@pytest.fixture(autouse=True)
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where Docker would put them, in a folder of the test's; the test stands beside it."""
    folder = tmp_path / "run-secrets"
    folder.mkdir()
    monkeypatch.setattr(secret_files, "DOCKER", folder)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return folder


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "credentials"
    folder.mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    return folder


def password(settings: Settings | None = None) -> str | None:
    secret = (settings or load_settings()).sql_password
    return secret.get_secret_value() if isinstance(secret, SecretStr) else None


def test_every_setting_that_is_a_secret_can_come_as_a_file_and_no_other_can() -> None:
    names = secret_names(Settings.model_fields)
    assert {"temu_app_key", "temu_app_secret", "temu_access_token", "toci_database_url", "jtl_database_url", "sql_password"} <= set(names)
    assert "upload_token" in names
    assert "temu_shop" not in names
    assert "sql_username" not in names


@pytest.mark.parametrize("name", secret_names(Settings.model_fields))
def test_each_is_read_from_systemds_folder_under_its_own_name(systemd: Path, name: str) -> None:
    (systemd / name).write_text(f"https://example.invalid/{CANARY}\n", encoding="utf-8")
    value = getattr(load_settings(), name)
    assert value.get_secret_value() == f"https://example.invalid/{CANARY}"
    assert CANARY not in repr(load_settings())


def test_a_file_of_dockers_is_read_and_systemds_folder_stands_for_it_where_there_is_one(
    docker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (docker / "sql_password").write_text("from docker\n")
    assert password() == "from docker"
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(docker.parent))
    assert password() is None


def test_environment_before_file_before_env_file(docker: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("SQL_PASSWORD=from .env\n")
    assert password() == "from .env"
    (docker / "sql_password").write_text("from docker")
    assert password() == "from docker"
    (tmp_path / "named").write_text("from a named file")
    monkeypatch.setenv("SQL_PASSWORD_FILE", str(tmp_path / "named"))
    assert password() == "from a named file"
    monkeypatch.setenv("SQL_PASSWORD", "from the environment")
    assert password() == "from the environment"
    monkeypatch.setenv("SQL_PASSWORD", "")
    assert password() == "from a named file"


def test_a_file_may_be_named_in_the_env_file(tmp_path: Path) -> None:
    (tmp_path / "named").write_text("from a named file")
    Path(".env").write_text(f"SQL_PASSWORD_FILE={tmp_path / 'named'}\n")
    assert password() == "from a named file"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (b"pa\xc3\xa4ss\n", "paäss"),
        (b"x\r\n", "x"),
        (b"x\n\n", "x"),
        (b" blanks stay ", " blanks stay "),
        (b"\xef\xbb\xbfmarked\n", "marked"),
    ],
)
def test_only_the_line_end_is_taken_off(docker: Path, written: bytes, meant: str) -> None:
    (docker / "sql_password").write_bytes(written)
    assert password() == meant


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty"), (b"\n", "is empty"), (f"{CANARY}\nmore".encode(), "more than one line"),
        (CANARY.encode() + b"\xff", "not UTF-8"), (CANARY.encode() * 10_000, "too large"),
    ],
)  # fmt: skip
def test_a_file_that_holds_no_secret_is_an_error_that_names_it_and_never_what_is_in_it(docker: Path, content: bytes, what: str) -> None:
    (docker / "sql_password").write_bytes(content)
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert str(docker / "sql_password") in str(caught.value)
    assert "SQL_PASSWORD" in str(caught.value)
    assert what in str(caught.value)
    assert CANARY not in repr(caught.value) + repr(caught.value.__context__)


@pytest.mark.parametrize("path", ["missing", "."])
def test_a_file_that_is_named_and_not_there_is_an_error_and_never_a_silent_sandbox(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMU_ACCESS_TOKEN_FILE", path)
    with pytest.raises(ConfigurationError, match="TEMU_ACCESS_TOKEN is read, does not exist"):
        load_settings()


@pytest.mark.skipif(os.name == "nt" or os.getuid() == 0, reason="needs a user who may not read everything")
def test_a_file_that_may_not_be_read_is_an_error(docker: Path) -> None:
    (docker / "sql_password").write_text(CANARY)
    (docker / "sql_password").chmod(0)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_settings()


def test_a_secret_of_a_file_means_a_real_shop(docker: Path) -> None:
    assert load_settings().is_sandbox
    (docker / "temu_access_token").write_text(CANARY)
    assert not load_settings().is_sandbox


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_the_processes_that_read_strangers_files_get_neither_secrets_nor_the_way_to_them(
    systemd: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in secret_names(Settings.model_fields):
        monkeypatch.setenv(name.upper(), CANARY)
        monkeypatch.setenv(f"{name.upper()}_FILE", f"/{CANARY}")
    work = tmp_path / "work"
    with Workers(Limits(max_bytes=1000, max_pages=1, seconds=60, memory_mb=1024), (), 1, work) as workers:
        next(workers.read([Job(tmp_path / "none.pdf", "none.pdf", Lane.INVOICES)]))
        (pid,) = workers.pids
        environment = Path(f"/proc/{pid}/environ").read_bytes().decode()
    names = {entry.partition("=")[0] for entry in environment.split("\0")}
    assert CANARY not in environment
    assert str(systemd) not in environment
    assert {name for name in names if name.lower().removesuffix("_file") in Settings.model_fields or "CREDENTIALS" in name} == set()
