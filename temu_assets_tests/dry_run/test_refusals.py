"""Whatever could change something outside refuses in a dry run, one by one, whoever calls it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest

from temu_assets import temu
from temu_assets.errors import InternalError
from temu_assets.jtl import orders as jtl_orders
from temu_assets.jtl.database import Jtl
from temu_assets.jtl.orders import ImportRows
from temu_assets.resources import JtlResource, SettingsResource, TemuResource
from temu_assets.temu import goods, logistics
from temu_assets.temu.client import TemuClient
from temu_assets.temu.logistics import LineToConfirm, PackageToConfirm, SendType, ShippingEdit
from temu_assets.temu.reading_only import READS
from temu_assets_tests.seller import Seller

EFFECTS = {logistics.CONFIRM, logistics.UPDATE, goods.EDIT_STOCK}
PARCEL = PackageToConfirm(1, "00340434", None, (LineToConfirm("PO-1", "PO-1-1", "1", "2", 1),))


def test_every_call_the_client_knows_is_either_one_that_reads_or_an_effect() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in Path(temu.__path__[0]).glob("*.py"))
    named = set(re.findall(r'"((?:bg|temu)\.[a-z0-9.]+)"', source))
    assert len(named) > 10
    assert named == READS | EFFECTS
    assert not READS & EFFECTS


@contextmanager
def of_run(resource: TemuResource | JtlResource, run_config: dict[str, object]) -> Iterator[object]:
    """What a stage of such a run is given."""
    given: list[object] = []

    @dg.op(config_schema=dict)
    def stage(used: dg.ResourceParam[TemuResource | JtlResource]) -> None:
        given.append(used)

    @dg.job(resource_defs={"used": resource}, executor_def=dg.in_process_executor)
    def job() -> None:
        stage()

    with dg.DagsterInstance.ephemeral() as instance:
        assert job.execute_in_process(run_config=run_config, instance=instance).success
    (used,) = given
    assert isinstance(used, TemuResource | JtlResource)
    with used.connect() as connected:
        yield connected


DRY: dict[str, object] = {"ops": {"stage": {"config": {"dry_run": True}}}}
CALLS: list[Callable[[TemuClient], object]] = [
    lambda client: client.logistics.confirm_shipment(SendType.ONE_PARCEL, [PARCEL]),
    lambda client: client.logistics.update_shipping([ShippingEdit("package", "00340434", 1, None)]),
    lambda client: client.goods.edit_stock("1", {"2": 3}),
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("by_setting", [False, True], ids=["by the run configuration", "by the setting"])
def test_no_call_that_changes_something_reaches_temu(
    new_seller: Seller, monkeypatch: pytest.MonkeyPatch, call: Callable[[TemuClient], object], *, by_setting: bool
) -> None:
    if by_setting:
        monkeypatch.setenv("TEMU_DRY_RUN", "1")
    with of_run(TemuResource(), {} if by_setting else DRY) as client:
        assert isinstance(client, TemuClient)
        with pytest.raises(InternalError, match="dry run"):
            call(client)
        assert new_seller.calls() == {}
        client.account.token_info()
    assert new_seller.calls() == {"bg.open.accesstoken.info.get": 1}


@pytest.mark.parametrize("by_setting", [False, True], ids=["by the run configuration", "by the setting"])
def test_no_row_reaches_jtl(new_seller: Seller, monkeypatch: pytest.MonkeyPatch, *, by_setting: bool) -> None:
    if by_setting:
        monkeypatch.setenv("TEMU_DRY_RUN", "true")
    with of_run(JtlResource(), {} if by_setting else DRY) as jtl:
        assert isinstance(jtl, Jtl)
        with pytest.raises(InternalError, match="dry run"):
            jtl_orders.hand_over(jtl, {"PO-1": "<x/>"}, platform=5, may_go_on=lambda: None, seen=ImportRows())
        assert jtl_orders.known_articles(jtl, ["FLASCHE-750-BL"])
    assert new_seller.waiting_rows() == 0


def test_without_being_asked_for_a_run_is_real(new_seller: Seller) -> None:
    with of_run(JtlResource(), {"ops": {"stage": {"config": {"dry_run": False}}}}) as jtl:
        assert isinstance(jtl, Jtl)
        jtl_orders.hand_over(jtl, {"PO-1": "<x/>"}, platform=5, may_go_on=lambda: None, seen=ImportRows())
    assert new_seller.waiting_rows() == 1


def test_our_database_takes_no_word_of_an_effect(new_seller: Seller) -> None:
    dry = new_seller.toci.reading_only()
    for write in (dry.write, dry.write_once, dry.under(lambda _: None).write):
        with pytest.raises(InternalError, match="dry run"):
            write(lambda _: pytest.fail("the work was begun"))
    assert dry.read(lambda _: 1) == 1
    assert new_seller.toci.write(lambda _: 1) == 1


def test_outside_a_run_the_setting_alone_counts(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    assert new_seller.data
    assert not SettingsResource().is_dry_run()
    monkeypatch.setenv("TEMU_DRY_RUN", "1")
    assert SettingsResource().is_dry_run()
