from __future__ import annotations

import pytest

from temu_assets.sandbox.jtl import JtlStandIn
from temu_assets.sandbox.state import Status
from temu_assets.sandbox.temu_shop import TemuShop
from temu_assets_tests.sandbox.conftest import Caller

TOKEN = "bg.open.accesstoken.info.get"


def test_another_process_can_play_the_buyer(temu: Caller, shop: TemuShop) -> None:
    items = [[17_590_000_000_001, 2]]
    address = {"name": "Paul Probe", "street": "Weg 1", "postcode": "01067", "city": "Dresden"}
    placed = temu.admin("do", operation="place_order", items=items, pending=True, address=address).json()["result"]
    assert shop.order(placed).address.postcode == "01067"
    temu.admin("do", operation="finish_pending", parent_sn=placed)
    assert shop.order(placed).status == Status.UNSHIPPED
    temu.admin("do", operation="change_address", parent_sn=placed, street="Weg 2")
    assert shop.order(placed).address.street == "Weg 2"


def test_another_process_can_play_the_seller_and_temu(temu: Caller) -> None:
    temu.admin("do", operation="revoke", endpoint=TOKEN)
    assert temu.code(TOKEN) == 3000032
    temu.admin("do", operation="grant", endpoint=TOKEN)
    temu.admin("fault", kind="business_code", code=4000004)
    assert temu.code(TOKEN) == 4000004
    temu.admin("fault", kind="http_status", times=5)
    temu.client.delete(temu.server.url.replace("/openapi/router", "/admin/fault"))
    assert temu.answer(TOKEN)["success"]


def test_another_process_can_play_jtl(temu: Caller, jtl: JtlStandIn) -> None:
    jtl.hand_over("not an order")
    assert temu.admin("jtl", operation="run_worker").json() == {"result": {"imported": 0, "rejected": 1}}
    temu.admin("jtl", operation="set_stock", sku="DECKEL-SW", stock=3)
    rows = jtl.rows(
        "SELECT fBestand FROM tlagerbestandProLagerLagerartikel NATURAL JOIN tArtikel WHERE cArtNr = 'DECKEL-SW' AND kWarenlager = 2"
    )
    assert [row[0] for row in rows] == [3]


def test_state_journal_and_books_can_be_looked_at(temu: Caller, shop: TemuShop) -> None:
    temu.answer(TOKEN)
    assert temu.look("state")["orders"] == len(shop.state.orders)
    assert temu.look("journal")["counts"] == {TOKEN: 1}
    assert temu.look(f"journal?endpoint={TOKEN}")["entries"][0]["verdict"] == "1000000"
    temu.answer("no.such.type")
    assert [entry["endpoint"] for entry in temu.look("journal?newest=1")["entries"]] == ["no.such.type"]
    assert temu.look("journal?newest=0") == {"counts": {TOKEN: 1, "no.such.type": 1}, "entries": []}
    assert temu.look("books")["disagreements"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("do", {"operation": "format_disk"}),
        ("do", {"operation": "cancel_order", "parent_sn": "PO-none"}),
        ("do", {"operation": "cancel_order", "order": "PO-none"}),
        ("jtl", {"operation": "transaction"}),
        ("jtl", {"operation": "ship", "external_order_number": "PO-none"}),
        ("fault", {"kind": "earthquake"}),
        ("save", {}),
    ],
)
def test_what_makes_no_sense_is_answered_with_400_and_a_sentence(path: str, body: dict[str, object], temu: Caller) -> None:
    response = temu.admin(path, **body)
    assert response.status_code == 400
    assert response.json()["error"]


def test_a_web_page_cannot_post_a_form_to_the_admin_endpoints(temu: Caller) -> None:
    url = temu.server.url.replace("/openapi/router", "/admin/do")
    assert temu.client.post(url, content=b'{"operation":"place_order"}').status_code == 400
