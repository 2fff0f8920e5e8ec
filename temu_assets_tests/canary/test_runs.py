"""No secret and no buyer in anything a run leaves behind, whether it goes well or fails, in whichever way: not even a bug says one."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
from collections.abc import Callable
from typing import Any

import pytest

from temu_assets import problem_checks
from temu_assets.orders import asking, ingesting, preparing, reporting
from temu_assets.sandbox.jtl import ParcelToShip
from temu_assets.toci.tables import temu_orders
from temu_assets_tests.canary.canaries import APP_SECRET, BUYER, OF_THE_BUYER, PASSWORD, TOKEN, found_in
from temu_assets_tests.hostile.proxy import Proxy
from temu_assets_tests.seller import ADDRESS, AMOUNTS, COMPANIES, CONFIRM, LIST, SHIPMENT, Seller

EDIT = "bg.local.goods.stock.edit"

Leaks = Callable[[], dict[str, set[str]]]
SAID = f"{BUYER.name}, {BUYER.street}, {BUYER.postcode} {BUYER.city}, {BUYER.mail}, token {TOKEN}, secret {APP_SECRET}"
"""What a talkative other side says, and what a bug of ours could."""
IN_WORDS = "kanarina girlitz Zeisig invalid stieglitzgasse Kanarina token"


def buys(seller: Seller, **changes: Any) -> str:
    return seller.place(address=dataclasses.replace(BUYER, **changes))


def test_nothing_shows_of_runs_that_go_well(watched: Seller, leaks: Leaks) -> None:
    """From the order to the parcel, with a held order, a changed one and one whose address is not all there."""
    order = buys(watched)
    held = buys(watched, street="Stieglitzgasse " * 30)
    buys(watched, name="Kanarina \x07 Zeisig")
    assert watched.run(checks=True).success
    watched.sandbox.jtl.run_worker()
    watched.sandbox.jtl.ship(order, [ParcelToShip(tracking="00340434177000000001")])
    watched.sandbox.shop.change_address(held, street="Volierenhof 1")
    assert watched.run(checks=True).success
    assert watched.run("temu_inventory_full_sync", checks=True).success
    assert leaks() == {}
    # The canaries were there: what is looked for can be found.
    assert found_in(repr(watched.rows(temu_orders))) == set(OF_THE_BUYER)


@dataclasses.dataclass(frozen=True)
class Trouble:
    """One way to fail: ``prepare`` makes ``job`` fail, or what it does of single records."""

    name: str
    prepare: Callable[[Seller, pytest.MonkeyPatch], None]
    job: str = "temu_orders_sync"


def _fault(kind: str, endpoint: str, **details: Any) -> Callable[[Seller, pytest.MonkeyPatch], None]:
    return lambda seller, _: seller.fault(kind, endpoint, **{"times": 9, **details})


def _raising(module: Any, name: str, error: BaseException) -> Callable[[Seller, pytest.MonkeyPatch], None]:
    nothing: dict[str, object] = {}

    def stumble(*_: object, **__: object) -> object:
        try:
            return nothing[SAID]
        except KeyError:
            raise error  # noqa: B904 — the chain is what is tested

    return lambda _, patch: patch.setattr(module, name, stumble)


def _refusing(statement: str) -> Callable[[Seller, pytest.MonkeyPatch], None]:
    def prepare(seller: Seller, _: pytest.MonkeyPatch) -> None:
        with seller.sandbox.jtl.transaction() as jtl:
            jtl.execute(statement)

    return prepare


def _our_database_refuses(seller: Seller, _: pytest.MonkeyPatch) -> None:
    refusal = (
        f"CREATE TRIGGER refuse BEFORE UPDATE ON temu_orders WHEN NEW.recipient <> '' BEGIN SELECT RAISE(ABORT, '{SAID}'); END"
        if seller.toci.engine.dialect.name == "sqlite"
        else "ALTER TABLE temu_orders ADD CONSTRAINT refuse CHECK (recipient = '')"
    )
    with seller.toci.engine.begin() as connection:
        # Past SQLAlchemy, which would log this very statement.
        connection.connection.cursor().execute(refusal)


def _full_disk(seller: Seller, patch: pytest.MonkeyPatch) -> None:
    def no_room(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), SAID)

    patch.setattr(os, "fsync", no_room)


def _settings(**values: str) -> Callable[[Seller, pytest.MonkeyPatch], None]:
    def prepare(_: Seller, patch: pytest.MonkeyPatch) -> None:
        for name, value in values.items():
            patch.setenv(name, value)

    return prepare


_AWAY = "127.0.0.1:1"
_PASSWORD = PASSWORD.replace("@", "%40").replace("/", "%2F")
TEMU_SAYS = [
    *(Trouble(f"list {kind}", _fault(kind, LIST)) for kind in ("reset", "truncate", "bad_gzip", "huge", "stall")),
    *(Trouble(f"list HTTP {status}", _fault("http_status", LIST, status=status)) for status in (302, 404, 429, 500)),
    *(
        Trouble(f"{endpoint.split('.')[2]} code {code}", _fault("business_code", endpoint, code=code, message=f"{SAID} {IN_WORDS}"))
        for endpoint, codes in ((LIST, (None, 3000012, 3000028, 3000034, 4000000)), (ADDRESS, (2000000, 3000027, 140020008, 222222222)))
        for code in codes
    ),
]
TEMU_SENDS = [
    Trouble("address of another shape", _fault("set_field", ADDRESS, path="receiptName", value={SAID: SAID})),
    Trouble("amounts of another shape", _fault("set_field", AMOUNTS, path="orderList", value=[{"orderSn": SAID, SAID: 1}])),
    Trouble("amounts in words", _fault("set_field", AMOUNTS, path="orderList", value={SAID: SAID})),
    Trouble("order of another shape", _fault("set_field", LIST, path="pageItems.*.parentOrderMap.regionId", value=SAID)),
    Trouble("order number that is none", _fault("set_field", LIST, path="pageItems.*.parentOrderMap.parentOrderSn", value=SAID)),
    Trouble("labels that are none", _fault("set_field", LIST, path="pageItems.*.parentOrderMap.parentOrderLabel", value=[SAID])),
    Trouble("carriers in words", _fault("set_field", COMPANIES, path="logisticsCompaniesList", value=SAID), "temu_tracking_sync"),
    Trouble(
        "shipment unreadable", _fault("set_field", SHIPMENT, path="shipmentInfoDTO", value=[{"packageSn": SAID}]), "temu_tracking_sync"
    ),
    Trouble("shipment refused", _fault("business_code", CONFIRM, code=222222222, message=SAID), "temu_tracking_sync"),
    Trouble("stock refused", _fault("business_code", EDIT, code=222222222, message=f"{SAID} {IN_WORDS}"), "temu_inventory_full_sync"),
]
SETTINGS = [
    Trouble("JTL away", _settings(JTL_DATABASE_URL=f"mssql+pyodbc://sa:{_PASSWORD}@{_AWAY}/eazybusiness?driver=FreeTDS")),
    Trouble("our database away", _settings(TOCI_DATABASE_URL=f"postgresql+psycopg://temu:{_PASSWORD}@{_AWAY}/toci")),
    Trouble("URL that is none", _settings(JTL_DATABASE_URL=f"mssql+pyodbc://sa:{PASSWORD}@{_AWAY}:x/eazybusiness")),
    Trouble("URL of an unknown kind", _settings(TOCI_DATABASE_URL=f"{PASSWORD}://temu:{_PASSWORD}@{_AWAY}/toci")),
    Trouble("wrong secret", _settings(TEMU_APP_SECRET=APP_SECRET[:-1])),
    Trouble("setting that is none", _settings(TEMU_REQUESTS_PER_SECOND=TOKEN, JTL_FIRMA=PASSWORD)),
    Trouble("endpoint with a password", _settings(TEMU_API_ENDPOINT=f"https://user:{_PASSWORD}@temu.example.invalid/router")),
    Trouble("full disk", _full_disk),
]
BUGS = [
    Trouble("KeyError", _raising(ingesting, "address", KeyError(SAID))),
    Trouble("chain", _raising(preparing, "render", RuntimeError(SAID))),
    Trouble("group", _raising(preparing, "render", ExceptionGroup(SAID, [ValueError(SAID), KeyError(SAID)]))),
    Trouble("in a thread", _raising(asking, "is_masked", LookupError(SAID))),
    Trouble("error of the system", _raising(preparing, "render", OSError(5, SAID, SAID))),
    Trouble("on the way back", _raising(reporting.Reporting, "run", AssertionError(SAID)), "temu_tracking_sync"),
    Trouble("in a check", _raising(problem_checks.OpenProblems, "__call__", IndexError(SAID))),
]
DATABASES = [
    Trouble("ours refuses", _our_database_refuses),
    Trouble("JTL refuses", _refusing(f"CREATE TRIGGER no BEFORE INSERT ON tXMLBestellImport BEGIN SELECT RAISE(ABORT, '{SAID}'); END")),
    Trouble("JTL lacks a table", _refusing("ALTER TABLE tXMLBestellImport RENAME TO elsewhere")),
]
ALONE = [[trouble] for trouble in DATABASES]
"""What cannot be taken back is a shop's last trouble."""


@pytest.mark.parametrize(
    "troubles",
    [TEMU_SAYS, TEMU_SENDS, SETTINGS, BUGS, *ALONE],
    ids=["TEMU says", "TEMU sends", "settings", "bugs", *(trouble.name for trouble in DATABASES)],
)
def test_nothing_shows_of_runs_that_fail(watched: Seller, leaks: Leaks, troubles: list[Trouble], monkeypatch: pytest.MonkeyPatch) -> None:
    """One after the other: a shop is set up once, and what has leaked stays."""
    buys(watched)
    watched.run_through()
    for number, trouble in enumerate(troubles):
        if trouble.job == "temu_tracking_sync":
            _ship(watched, f"00340434177000000{number:03d}")
        buys(watched)
        with monkeypatch.context() as patch:
            trouble.prepare(watched, patch)
            ordered = watched.sandbox.server.faults.waiting()
            result = watched.run(trouble.job, checks=trouble.name == "in a check")
        assert not ordered or watched.sandbox.server.faults.waiting() != ordered, f"{trouble.name} never happened"
        watched.sandbox.server.faults.clear()
        failures = [event.step_failure_data for event in result.all_events if event.is_step_failure]
        told = [data.user_failure_data.description or "" for data in failures if data.user_failure_data is not None]
        assert len(told) == len(failures), trouble.name
        if troubles is BUGS or troubles is SETTINGS:
            assert told, trouble.name
        if troubles is BUGS:
            assert all("A bug of this program" in each for each in told), (trouble.name, told)
    assert leaks() == {}


def _ship(seller: Seller, number: str) -> None:
    """A parcel leaves that TEMU has to be told."""
    order = buys(seller)
    seller.run_through()
    seller.sandbox.jtl.ship(order, [ParcelToShip(tracking=number)])


def test_nothing_shows_of_a_server_that_says_everything_back(watched: Seller, proxy: Proxy, leaks: Leaks) -> None:
    """Our request stands in its headers, in its message and in the place of its answer."""

    def everything_back(body: bytes) -> tuple[int, dict[str, str], bytes]:
        headers = {"X-Echo": body.decode("latin-1"), "Retry-After": json.loads(body)["access_token"], "Date": TOKEN}
        answer = {"success": False, "errorCode": 222222222, "errorMsg": f"{body.decode()} {SAID}", "requestId": TOKEN, "result": SAID}
        return 200, headers, json.dumps(answer).encode()

    buys(watched)
    assert watched.run().success
    proxy.say = everything_back
    for job in ("temu_orders_sync", "temu_inventory_full_sync"):
        assert not watched.run(job, checks=True).success
    proxy.say = lambda body: (200, {"X-Echo": body.decode("latin-1")}, b'{"success": true, ' + body)
    assert not watched.run(checks=True).success
    assert leaks() == {}
