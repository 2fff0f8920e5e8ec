from __future__ import annotations

import os
from pathlib import Path

import pytest

from temu_assets.private_files import OTHERS
from temu_assets.sandbox.run import open_sandbox
from temu_assets_tests.cli.conftest import Run


def test_a_small_demo_ends_with_books_that_agree_and_touches_no_real_shop(run: Run, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of a real shop lie in the environment, in ``.env`` and in secret files: the demo uses none and leaves all as they were."""
    real = "TEMU_APP_KEY=of-a-real-shop\nTEMU_DATA_DIR=real\n"
    (here / ".env").write_text(real)
    monkeypatch.setenv("JTL_DATABASE_URL", f"sqlite:///{here / 'real.db'}")
    monkeypatch.setenv("SQL_SERVER", "db.example.invalid")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(here / "credentials"))
    (here / "credentials").mkdir()
    (here / "credentials" / "temu_access_token").write_text("of-a-real-shop")
    environment = dict(os.environ)
    before = os.umask(0o022)
    result = run("demo", "--orders", "40", "--folder", "demo")
    os.umask(before)
    assert result.exit_code == 0, result.output
    assert "The books of TEMU and JTL agree" in result.output
    assert dict(os.environ) == environment
    assert (here / ".env").read_text() == real
    assert {path.name for path in here.iterdir()} == {".env", "credentials", "demo"}
    assert not (here / "demo" / "data" / "sandbox" / "connection.json").exists()
    made = [here / "demo", *(here / "demo").rglob("*")]
    assert len(made) > 100
    assert [path for path in made if path.stat().st_mode & OTHERS] == [], "buyers' data are for the program's user alone"


def test_a_demo_in_use_is_not_cleared_away_under_whoever_uses_it(run: Run, here: Path) -> None:
    demo = here / ".demo"
    demo.mkdir()
    (demo / "demo.txt").touch()
    with open_sandbox(demo / "data" / "sandbox", orders=5):
        result = run("demo")
    assert result.exit_code == 1
    assert "is in use by a running sandbox or UI" in result.output
    assert (demo / "data" / "sandbox" / "temu.json").exists()


@pytest.mark.parametrize("command", ["demo", "ui"])
def test_a_folder_with_somebodys_files_is_never_taken_for_a_demo(command: str, run: Run, here: Path) -> None:
    (here / "invoices").mkdir()
    (here / "invoices" / "2026.txt").write_text("kept")
    result = run(command, "--folder", "invoices")
    assert result.exit_code == 1
    assert "holds something else than a demo" in result.output
    assert [path.name for path in (here / "invoices").iterdir()] == ["2026.txt"]
