"""Certificates are read once, and again when there are others."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import certifi
import pytest

from temu_assets.errors import ConfigurationError
from temu_assets.temu.trust import trusted_certificates


@pytest.fixture(autouse=True)
def usual_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    copy = tmp_path / "trusted.pem"
    shutil.copy(certifi.where(), copy)
    return copy


def count() -> int:
    return len(trusted_certificates().get_ca_certs())


def test_they_are_read_once() -> None:
    assert trusted_certificates() is trusted_certificates()


def test_a_file_of_ones_own_counts_as_soon_as_it_is_named_changed_or_no_longer_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = count()
    first = file.read_text().partition("-----END CERTIFICATE-----")
    file.write_text(first[0] + first[1] + "\n")
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    assert count() == 1 < usual
    shutil.copy(certifi.where(), file)
    assert count() == usual
    file.write_text(first[0] + first[1] + "\n")
    os.utime(file, ns=(1, 1))
    assert count() == 1
    monkeypatch.delenv("SSL_CERT_FILE")
    assert count() == usual


def test_a_file_that_is_not_there_is_no_reason_to_trust_the_usual_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    for _ in range(2):
        with pytest.raises(ConfigurationError, match=r"No such file or directory\): SSL_CERT_FILE.*nothing was sent"):
            trusted_certificates()


def test_a_file_written_anew_with_its_old_size_and_time_is_read_again(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    before, kept = file.stat(), trusted_certificates()
    file.write_text(file.read_text())
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.stat().st_mtime_ns == before.st_mtime_ns
    assert trusted_certificates() is not kept


def test_a_file_in_the_named_folder_that_is_written_anew_is_read_again(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_DIR", str(file.parent))
    kept = trusted_certificates()
    assert trusted_certificates() is kept
    file.write_text(file.read_text())
    assert trusted_certificates() is not kept
