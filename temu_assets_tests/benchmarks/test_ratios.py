"""The yardsticks of ``make bench`` do what they claim to, and what is measured is told as it is. Nothing here is timed."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from benchmarks.ratios import bare, empty_job, record
from benchmarks.ratios.figures import Figure, ratio
from benchmarks.ratios.inventory import Used
from benchmarks.ratios.items import ITEMS, QUICK, measurements
from benchmarks.ratios.measuring import FailedError, clean_environment, measure
from benchmarks.ratios.places import FILES, JtlPlace
from benchmarks.ratios.predecessor import Predecessor
from benchmarks.ratios.table import table
from benchmarks.shop_process import Access
from temu_assets.sandbox.run import RunningSandbox, open_sandbox
from temu_assets.sandbox.state import Status
from temu_assets.toci.database import Toci, open_engine
from temu_assets.toci.migrate import migrate
from temu_assets.toci.tables import temu_order_items, temu_orders

MISSED = Figure("1 orders", "wall time", 2.0, "x", 1.3, text="program 2 s, bare script 1 s")
KEPT = Figure("1 orders", "share of the limit", 97.0, "%", 95, at_least=True)
TOLD = Figure("7 predecessor", "orders", 8.5, "x")


@dataclass(frozen=True)
class Shop:
    sandbox: RunningSandbox
    settings: dict[str, str]
    toci: Toci

    def to_be_sent(self) -> set[str]:
        orders = self.sandbox.shop.state.orders.items()
        return {number for number, order in orders if order.status == Status.UNSHIPPED and order.shippable and not order.cash_on_delivery}

    def handed_over(self) -> dict[str, int]:
        return dict(JtlPlace(self.settings["JTL_DATABASE_URL"], None).handed_over())


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    url = f"sqlite:///{tmp_path / 'toci.db'}"
    toci = Toci(open_engine(SecretStr(url)), "temu")
    migrate(toci)
    with open_sandbox(tmp_path / "sandbox", orders=5, requests_per_second=None) as sandbox:
        seen = sandbox.shop.state.access
        access = Access(sandbox.server.url, seen.app_key, seen.app_secret, seen.token, sandbox.jtl.url)
        yield Shop(sandbox, access.environment(tmp_path) | {"TOCI_DATABASE_URL": url}, toci)
    toci.close()


def test_a_childs_memory_is_its_own_and_not_that_of_what_started_it() -> None:
    ballast = bytearray(400_000_000)
    small = measure([sys.executable, "-I", "-S", "-c", "print('there')"], clean_environment())
    large = measure([sys.executable, "-I", "-S", "-c", "bytearray(200_000_000)"], clean_environment())
    assert small.output == "there\n"
    assert small.peak_mb < 100 < large.peak_mb < len(ballast) / 2**20
    assert small.wall_s > 0 < small.cpu_s


def test_a_command_that_fails_is_no_figure() -> None:
    with pytest.raises(FailedError, match="ended with 3:\nwhat went wrong"):
        measure([sys.executable, "-c", "print('what went wrong'); raise SystemExit(3)"], clean_environment())


def test_the_bare_script_writes_every_order_and_hands_over_what_jtl_takes(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    bare.main(shop.settings)
    state = shop.sandbox.shop.state
    assert shop.toci.read(lambda connection: set(connection.scalars(select(temu_orders.c.order_id)))) == set(state.orders)
    lines = shop.toci.read(lambda connection: connection.scalar(select(func.count()).select_from(temu_order_items)))
    assert lines == sum(len(order.lines) for order in state.orders.values())
    assert shop.handed_over() == dict.fromkeys(shop.to_be_sent(), 1)
    assert f'"handed over": {len(shop.to_be_sent())}' in capsys.readouterr().out
    done = shop.sandbox.jtl.run_worker()
    assert done["imported"] > 0.8 * len(shop.to_be_sent()), shop.sandbox.jtl.rejections()


def test_the_predecessors_way_leads_to_the_same_orders_and_parcels(shop: Shop) -> None:
    predecessor = Predecessor(shop.settings)
    predecessor.orders()
    assert shop.handed_over() == dict.fromkeys(shop.to_be_sent(), 1)
    shop.sandbox.jtl.run_worker()
    shipped = shop.sandbox.jtl.ship_all_open()
    before = len(shop.sandbox.shop.state.packages)
    predecessor.tracking()
    # Two of the shop's special orders go to lands whose carriers it does not know.
    assert len(shop.sandbox.shop.state.packages) - before > 0.8 * shipped > 10
    predecessor.stock()
    predecessor.close()
    calls = shop.sandbox.server.journal.entries("bg.local.goods.stock.edit")
    sent = {edit["skuId"] for call in calls for edit in call.params["skuStockTargetList"]}
    assert len(sent) > len(shop.sandbox.shop.state.skus) / 2


def test_the_empty_job_has_as_many_parts_as_it_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty_job.write_module(tmp_path, assets=6, checks=12, sensors=(15, 30), schedules=("0 9 * * *",))
    monkeypatch.syspath_prepend(tmp_path)
    defs: dg.Definitions = importlib.import_module(empty_job.MODULE).defs
    job = defs.resolve_job_def(empty_job.JOB)
    assert len(set(job.asset_layer.executable_asset_keys)) == 6
    assert len(job.asset_layer.asset_graph.asset_check_keys) == 12
    repository = defs.get_repository_def()
    assert [sensor.minimum_interval_seconds for sensor in repository.sensor_defs] == [15, 30]
    assert [schedule.cron_schedule for schedule in repository.schedule_defs] == ["0 9 * * *"]
    del sys.modules[empty_job.MODULE]


def test_time_used_between_two_moments_is_read_from_the_samples() -> None:
    used = Used([(10.0, 1.0), (11.0, 1.5), (12.0, 3.5)])
    assert used.between(9.9, 10.5) == 0.5
    assert used.between(10.5, 20.0) == 2.0


def test_a_ratio_is_that_of_the_medians() -> None:
    figure = ratio("1", "what", ours=[1.0, 9.0, 2.0], theirs=[1.0, 1.0, 8.0], unit="s", bound=1.5, names=("a", "b"))
    assert figure.measured == 2.0
    assert figure.raw == {"a": [1.0, 9.0, 2.0], "b": [1.0, 1.0, 8.0]}


def test_the_table_says_plainly_what_is_missed() -> None:
    assert (MISSED.holds, KEPT.holds, TOLD.holds) == (False, True, None)
    lines = table([MISSED, KEPT, TOLD]).splitlines()
    assert [cell.strip() for cell in lines[2].split("|")[1:-1]] == [
        "1 orders", "wall time", "2.00 x", "at most 1.30 x", "**missed**", "program 2 s, bare script 1 s",
    ]  # fmt: skip
    assert [cell.strip() for cell in lines[3].split("|")[3:6]] == ["97 %", "at least 95 %", "yes"]
    assert [cell.strip() for cell in lines[4].split("|")[3:6]] == ["8.50 x", "", ""]


def test_what_is_measured_anew_takes_the_place_of_the_same_figure_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "performance.md"
    page.write_text(record.PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(record, "PAGE", page)
    monkeypatch.setattr(record, "REFERENCE", tmp_path / "results" / "reference.json")
    record.write(record.REFERENCE, record.with_the_rest([MISSED, KEPT, TOLD]), {}, "2026-01-01")
    figures = record.with_the_rest([Figure("1 orders", "wall time", 1.1, "x", 1.3)])
    assert [(each.item, each.measured) for each in figures] == [("1 orders", 1.1), ("1 orders", 97.0), ("7 predecessor", 8.5)]
    for _ in range(2):
        record.renew_page(figures, {"memory": "2 GB"}, "2026-01-02 10:00 UTC")
    text = page.read_text(encoding="utf-8")
    assert text.count("Measured on 2026-01-02. memory: 2 GB.") == 1
    assert text.count("| 7 predecessor ") == 1
    assert text.startswith("# How fast, and how lean\n")
    assert text.count("## What keeps it fast") == 1


def test_every_item_is_measured_by_its_name_and_named_on_the_page(tmp_path: Path) -> None:
    for item in ITEMS:
        (what,) = [what for what, _ in measurements(tmp_path, [item], QUICK, [FILES])]
        assert what.startswith(item)
        assert f"`{item}`" in record.PAGE.read_text(encoding="utf-8")
    assert len(list(measurements(tmp_path, ITEMS, QUICK, [FILES]))) == len(ITEMS) - 1


def test_a_measured_command_sees_no_settings_of_a_real_shop(monkeypatch: pytest.MonkeyPatch) -> None:
    """They may be in the environment, in files, or in the project's .env, which Dagster would put over everything."""
    for name in ("TEMU_APP_KEY", "STOCK_BRAKE_MAX_SKUS", "INVOICE_INBOX", "CREDENTIALS_DIRECTORY"):
        monkeypatch.setenv(name, "of a real shop")
    told = measure([sys.executable, "-c", "import os; print(os.listdir(), dict(os.environ), sep='\\n')"], clean_environment()).output
    files, environment = told.splitlines()
    assert files == "[]"
    assert "of a real shop" not in environment
