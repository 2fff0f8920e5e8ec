"""Settings that were read are kept, and never longer than what they were read from stays as it is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from temu_assets import secret_files
from temu_assets.errors import ConfigurationError
from temu_assets.settings import load_settings
from temu_assets.settings_read import KeptSettings


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in list(os.environ):
        if name.startswith(("TEMU_", "JTL_", "TOCI_", "SQL_")) or name == secret_files.CREDENTIALS:
            monkeypatch.delenv(name)
    monkeypatch.setattr(secret_files, "DOCKER", tmp_path / "run-secrets")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def shop() -> str:
    return load_settings().temu_shop


def password() -> str | None:
    secret = load_settings().sql_password
    return None if secret is None else secret.get_secret_value()


def test_what_is_unchanged_is_not_read_again(here: Path) -> None:
    Path(".env").write_text("TEMU_SHOP=one\n")
    assert load_settings() is load_settings()


def test_every_change_of_a_source_is_seen_at_once(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shop() == "temu"
    env_file = Path(".env")
    env_file.write_text("TEMU_SHOP=one\n")
    assert shop() == "one"
    before = env_file.stat()
    env_file.write_text("TEMU_SHOP=two\n")
    os.utime(env_file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert shop() == "two", "neither size nor time of the file has changed"
    monkeypatch.setenv("TEMU_SHOP", "three")
    assert shop() == "three"
    monkeypatch.delenv("TEMU_SHOP")
    assert shop() == "two"
    (here / "elsewhere").mkdir()
    monkeypatch.chdir(here / "elsewhere")
    assert shop() == "temu"


def test_every_change_of_a_secret_is_seen_at_once(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert password() is None
    docker = here / "run-secrets"
    docker.mkdir()
    (docker / "sql_password").write_text("of docker")
    assert password() == "of docker"
    (docker / "sql_password").write_text("or docker")
    assert password() == "or docker"
    named = here / "named"
    named.write_text("named")
    Path(".env").write_text(f"SQL_PASSWORD_FILE={named}\n")
    assert password() == "named"
    named.write_text("other")
    assert password() == "other"
    named.unlink()
    with pytest.raises(ConfigurationError):
        load_settings()
    Path(".env").unlink()
    assert password() == "or docker"
    systemd = here / "credentials"
    systemd.mkdir()
    (systemd / "sql_password").write_text("of systemd")
    monkeypatch.setenv(secret_files.CREDENTIALS, str(systemd))
    assert password() == "of systemd"


def test_what_cannot_be_used_is_told_each_time_and_forgotten_once_it_is_right(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shop() == "temu"
    monkeypatch.setenv("TEMU_CONCURRENCY", "none")
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="TEMU_CONCURRENCY"):
            load_settings()
    monkeypatch.delenv("TEMU_CONCURRENCY")
    assert shop() == "temu"


def test_what_changes_while_it_is_read_is_read_again(here: Path) -> None:
    file = here / "file"
    file.write_text("first")
    read: list[str] = []

    def read_it() -> str:
        read.append(file.read_text())
        if len(read) == 1:
            file.write_text("second")
        return read[-1]

    kept: KeptSettings[str] = KeptSettings()
    assert [kept.get(read_it, lambda: [file]) for _ in range(3)] == ["first", "second", "second"]
    assert read == ["first", "second"]


def test_a_file_too_large_to_be_compared_is_read_each_time(here: Path) -> None:
    file = here / "file"
    file.write_bytes(b"x" * 1_000_001)
    read: list[int] = []
    kept: KeptSettings[None] = KeptSettings()
    for _ in range(2):
        kept.get(lambda: read.append(1), lambda: [file])
    assert len(read) == 2
