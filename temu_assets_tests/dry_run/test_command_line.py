"""The three ways to ask for a dry run from the command line, each a process of its own."""

from __future__ import annotations

import importlib
import json
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from temu_assets.cli import main
from temu_assets_tests.operations.command_line import ASSET, JOB, Desk, open_desk

DRY = {"ops": {"jtl_order_xml": {"config": {"dry_run": True}}}}


def test_what_is_typed_sends_nothing_and_says_so(tmp_path: Path) -> None:
    """With the setting it is tried where a run costs less; here is what only the command line can get wrong."""
    config = tmp_path / "dry.yaml"
    config.write_text("ops:\n  tracking_upload:\n    config:\n      dry_run: true\n", encoding="utf-8")
    with open_desk(tmp_path) as desk:
        for command in ((*JOB, "temu_orders_sync", "-c", str(config)), (*ASSET, "jtl_order_xml", "--config-json", json.dumps(DRY))):
            code, said = desk.run(*command)
            assert code == 0, said
            assert "DRY RUN: " in said
            assert "Nothing was sent" in said
            assert in_jtl(desk) == 0
        first, second = (sorted(path.name for path in run.iterdir()) for run in (desk.folder / "data/temu/dry_run").iterdir())
        assert first == second != []
        assert not (desk.folder / "data/temu/export").exists()


def in_jtl(desk: Desk) -> int:
    return int(desk.sandbox.jtl.rows("SELECT COUNT(*) FROM tXMLBestellImport")[0][0])


@pytest.mark.parametrize("value", ["1", "true", "TRUE", "yes"])
def test_the_setting_is_taken_as_people_write_it(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    from temu_assets.settings import load_settings

    monkeypatch.setenv("TEMU_DRY_RUN", value)
    assert load_settings().temu_dry_run


@pytest.mark.parametrize("is_dry", [False, True])
def test_the_ui_of_the_demo_is_dry_where_that_was_asked_for_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_dry: bool
) -> None:
    module = importlib.import_module("temu_assets.cli.ui")
    served: dict[str, str] = {}
    monkeypatch.setattr(module, "_serve", lambda environment, *_: served.update(environment))
    sandbox = SimpleNamespace(terminate=lambda: None)
    monkeypatch.setattr(module, "subprocess", SimpleNamespace(Popen=lambda *_, **__: nullcontext(sandbox)))
    monkeypatch.chdir(tmp_path)
    if is_dry:
        monkeypatch.setenv("TEMU_DRY_RUN", "1")
    result = CliRunner().invoke(main, ["ui"])
    assert result.exit_code == 0, result.output
    assert ("TEMU_DRY_RUN is on" in result.output) == is_dry
    assert served.get("TEMU_DRY_RUN") == ("true" if is_dry else None)
