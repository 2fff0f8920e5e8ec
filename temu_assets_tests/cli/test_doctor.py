from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from temu_assets.sandbox import shop_settings
from temu_assets.sandbox.run import RunningSandbox
from temu_assets_tests.cli.conftest import Run, without_settings

CANARY = "Canary-7363"


def checks(run: Run, *, exit_code: int) -> dict[str, dict[str, str]]:
    """What ``doctor --json`` found, by name."""
    result = run("doctor", "--json")
    assert result.exit_code == exit_code, result.output
    assert CANARY not in result.output
    return {check["name"]: check for check in json.loads(result.stdout)["checks"]}


def errors(found: dict[str, dict[str, str]]) -> set[str]:
    return {name for name, check in found.items() if check["level"] == "error"}


def test_a_process_of_its_own_writes_nothing_but_json_and_names_the_remedy(here: Path) -> None:
    """No settings and no sandbox: what a newcomer has, and what a monitoring tool reads."""
    done = subprocess.run(
        [sys.executable, "-m", "temu_assets", "doctor", "--json"],
        env=without_settings(),
        cwd=here,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    found = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
    assert errors(found) == {"TEMU", "JTL"}
    assert found["settings"]["found"] == "the sandbox is meant"
    assert "temu-assets sandbox" in found["TEMU"]["remedy"]
    assert found["our database"]["level"] == "ok"


def test_without_a_sandbox_the_remedy_is_told_in_words_too(run: Run) -> None:
    result = run("doctor")
    assert result.exit_code == 1
    assert "What to do: start `temu-assets sandbox` in another terminal" in result.output


def test_all_is_well_on_a_live_sandbox(run: Run, sandbox: RunningSandbox) -> None:
    found = checks(run, exit_code=0)
    assert {name for name, check in found.items() if check["level"] == "ok"} >= {
        "settings", "data folder", "our database", "TEMU token", "TEMU carriers", "JTL database", "JTL names", "JTL stock",
    }  # fmt: skip
    assert "2 = " in found["JTL stock"]["found"]
    assert run("doctor").exit_code == 0


def test_a_shop_is_called_by_its_name(run: Run, shop: pytest.MonkeyPatch) -> None:
    shop.setenv("TEMU_SHOP", "second")
    assert checks(run, exit_code=0)["settings"]["found"] == "the shop 'second' is meant"


def test_a_wrong_secret_is_told_and_hides_nothing_else(run: Run, shop: pytest.MonkeyPatch) -> None:
    shop.setenv("TEMU_APP_SECRET", CANARY)
    found = checks(run, exit_code=1)
    assert errors(found) == {"TEMU"}
    assert "TEMU_APP_SECRET" in found["TEMU"]["remedy"]
    assert found["JTL names"]["level"] == "ok"


def test_a_token_that_ended_is_told(run: Run, sandbox: RunningSandbox) -> None:
    """Fault 15: an ended token is something else than a busy TEMU, and somebody has to act."""
    shop_settings.expire_token(sandbox.shop)
    found = checks(run, exit_code=1)
    assert errors(found) == {"TEMU"}
    assert "TEMU_ACCESS_TOKEN" in found["TEMU"]["remedy"]


def test_a_token_that_ends_soon_is_a_warning(run: Run, sandbox: RunningSandbox) -> None:
    shop_settings.expire_token(sandbox.shop, in_days=10)
    token = checks(run, exit_code=0)["TEMU token"]
    assert token["level"] == "warning"
    assert "TEMU_ACCESS_TOKEN" in token["remedy"]


def test_a_missing_permission_stops_a_run_and_missing_prices_only_warn(run: Run, sandbox: RunningSandbox) -> None:
    shop_settings.revoke(sandbox.shop, "bg.order.amount.query")
    assert checks(run, exit_code=0)["TEMU prices"]["level"] == "warning"
    shop_settings.revoke(sandbox.shop, "bg.local.goods.stock.edit")
    assert "bg.local.goods.stock.edit" in checks(run, exit_code=1)["TEMU permissions"]["found"]


@pytest.mark.parametrize(
    ("setting", "method"), [("JTL_VERSANDART", "shipping method 'Nirgends'"), ("JTL_ZAHLUNGSART", "payment method 'Nirgends'")]
)
def test_a_name_jtl_does_not_have_is_told(setting: str, method: str, run: Run, shop: pytest.MonkeyPatch) -> None:
    shop.setenv(setting, "Nirgends")
    found = checks(run, exit_code=1)
    assert errors(found) == {"JTL names"}
    assert method in found["JTL names"]["found"]


def test_half_a_shop_is_an_error_that_names_what_is_missing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMU_APP_KEY", CANARY)
    found = checks(run, exit_code=1)
    assert errors(found) == {"settings"}
    assert "TEMU_ACCESS_TOKEN" in found["settings"]["found"]
    assert found.keys().isdisjoint({"TEMU", "JTL"})
    assert found.keys() >= {"our database", "DATEV files"}, "what does not need them is looked at"


def test_a_setting_that_cannot_be_used_leaves_what_needs_no_settings(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JTL_FIRMA", CANARY)
    found = checks(run, exit_code=1)
    assert errors(found) == {"settings"}
    assert found.keys() >= {"Python", "packages", "open ports", "DAGSTER_HOME"}
    assert "our database" not in found
    assert "JTL_FIRMA" in found["settings"]["found"]


def test_a_data_folder_that_cannot_be_written_is_told(run: Run, here: Path, shop: pytest.MonkeyPatch) -> None:
    (here / "file").write_text("")
    shop.setenv("TEMU_DATA_DIR", str(here / "file" / "data"))
    shop.setenv("TOCI_DATABASE_URL", f"sqlite:///{here / 'toci.db'}")
    found = checks(run, exit_code=1)
    assert errors(found) == {"data folder"}
    assert "TEMU_DATA_DIR" in found["data folder"]["remedy"]


def test_warehouses_are_named_with_what_they_are_and_a_fulfilment_warehouse_is_not_chosen_unnoticed(
    run: Run, shop: pytest.MonkeyPatch
) -> None:
    assert " = Amazon FBA (fulfilment)" in checks(run, exit_code=0)["JTL stock"]["found"]
    key = checks(run, exit_code=0)["JTL stock"]["found"].split(" = Amazon FBA")[0].split()[-1]
    shop.setenv("JTL_STOCK_BASIS", "warehouse")
    shop.setenv("JTL_WAREHOUSES", f"2,{key}")
    stock = checks(run, exit_code=0)["JTL stock"]
    assert stock["level"] == "warning"
    assert "take Amazon FBA out of JTL_WAREHOUSES" in stock["remedy"]
    shop.setenv("JTL_WAREHOUSES", "2")
    assert checks(run, exit_code=0)["JTL stock"]["level"] == "ok"


def test_a_warehouse_jtl_does_not_have_is_an_error(run: Run, shop: pytest.MonkeyPatch) -> None:
    shop.setenv("JTL_STOCK_BASIS", "warehouse")
    shop.setenv("JTL_WAREHOUSES", "2,4711")
    found = checks(run, exit_code=1)
    assert errors(found) == {"JTL stock"}
    assert "4711" in found["JTL stock"]["remedy"]


def test_what_the_office_has_set_is_looked_at(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATEV_CORRECTIONS", "K2,K1")
    found = checks(run, exit_code=1)
    assert found["DATEV files"]["found"] == "corrections that are on: K1, K2"
    assert found["invoices"]["level"] == found["OCR"]["level"] == "ok"
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "mine.yaml").write_text("id: [", encoding="utf-8")
    (tmp_path / "shapes.yaml").write_text("amazon: '('", encoding="utf-8")
    monkeypatch.setenv("INVOICE_PROFILES", str(tmp_path / "profiles"))
    monkeypatch.setenv("DATEV_MARKETPLACES", str(tmp_path / "shapes.yaml"))
    found = checks(run, exit_code=1)
    assert errors(found) >= {"invoices", "DATEV files"}
    assert "mine.yaml" in found["invoices"]["found"]
