from __future__ import annotations

from pathlib import Path

import pytest

from temu_assets_tests.cli.conftest import Run


def test_an_empty_database_is_brought_up_once_and_a_second_time_changes_nothing(run: Run, here: Path) -> None:
    first, second = run("migrate"), run("migrate")
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.output.startswith("Our database was brought from empty to revision ")
    assert second.output.startswith("Our database is at the newest revision already (")
    assert (here / "data" / "sandbox" / "toci.db").exists()


@pytest.mark.parametrize("command", ["migrate", "problems"])
def test_settings_that_cannot_be_used_are_told_in_plain_words_without_their_values(
    command: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JTL_FIRMA", "Canary-7363")
    result = run(command)
    assert result.exit_code == 1
    assert "JTL_FIRMA" in result.output
    assert "What to do:" in result.output
    assert "Canary-7363" not in result.output
    assert "Traceback" not in result.output
