"""Admin endpoints of the sandbox, on loopback only, so that another process can play buyer, TEMU and warehouse.

- ``POST /admin/do``     ``{"operation": "place_order", ...}``: what buyers, the seller and TEMU do
- ``POST /admin/jtl``    ``{"operation": "run_worker", ...}``: what happens in JTL
- ``POST /admin/fault``  the fields of ``Fault``; ``DELETE`` lets everything go well again
- ``GET /admin/journal`` the calls so far, ``?newest=100`` the last of them, ``?newest=0`` the counts alone; ``DELETE`` forgets them
- ``GET /admin/state``   a summary; ``GET /admin/books`` where TEMU and JTL disagree
- ``POST /admin/save``   write the TEMU state to its file

The body must be sent as application/json, which a foreign web page cannot do unasked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from temu_assets.sandbox import shop_settings
from temu_assets.sandbox.books import compare
from temu_assets.sandbox.faults import Fault, Faults
from temu_assets.sandbox.journal import Journal
from temu_assets.sandbox.jtl import JtlStandIn, StandInError
from temu_assets.sandbox.params import JsonObject
from temu_assets.sandbox.state import Address
from temu_assets.sandbox.temu_shop import TemuShop, UnknownRecordError

Handler = Callable[[Request], Awaitable[object]]

BUYER_OPERATIONS = frozenset(
    {
        "place_order",
        "finish_pending",
        "cancel_line",
        "cancel_order",
        "request_cancellation",
        "withdraw_cancellation",
        "request_address_change",
        "change_address",
        "alert_risk",
        "deliver",
    }
)
SELLER_OPERATIONS: dict[str, Callable[..., None]] = {
    operation.__name__: operation
    for operation in (
        shop_settings.renew_token,
        shop_settings.expire_token,
        shop_settings.grant,
        shop_settings.revoke,
        shop_settings.remove_carrier,
        shop_settings.require_warehouse,
        shop_settings.set_stock,
        shop_settings.set_stock_read_lag,
        shop_settings.set_shipment_read_lag,
        shop_settings.set_order_list_lag,
        shop_settings.set_editable,
        shop_settings.set_code,
        shop_settings.reserve_number,
    )
}
JTL_OPERATIONS = frozenset(
    {
        "run_worker",
        "ship",
        "ship_all_open",
        "send",
        "set_tracking",
        "move_stock",
        "set_stock",
        "sell_out",
        "cancel",
        "delete",
        "pause_worker",
        "resume_worker",
        "refuse",
        "accept",
        "import_twice",
        "lock",
        "unlock",
        "go_away",
        "come_back",
    }
)


class BadRequestError(ValueError):
    """The admin call cannot be understood."""


class Admin:
    """The admin endpoints of one shop."""

    def __init__(
        self,
        shop: TemuShop,
        *,
        faults: Faults,
        journal: Journal,
        jtl: JtlStandIn | None,
        save: Callable[[], None] | None,
    ) -> None:
        self._shop = shop
        self._faults = faults
        self._journal = journal
        self._jtl = jtl
        self._save = save

    def routes(self) -> list[Route]:
        """Return the routes for the server."""
        return [
            Route("/admin/do", _guarded(self._do), methods=["POST"]),
            Route("/admin/jtl", _guarded(self._at_jtl), methods=["POST"]),
            Route("/admin/fault", _guarded(self._fault), methods=["POST", "DELETE"]),
            Route("/admin/journal", _guarded(self._calls), methods=["GET", "DELETE"]),
            Route("/admin/state", _guarded(self._state), methods=["GET"]),
            Route("/admin/books", _guarded(self._books), methods=["GET"]),
            Route("/admin/save", _guarded(self._save_state), methods=["POST"]),
        ]

    async def _do(self, request: Request) -> object:
        body = await _body(request)
        return {"result": do_at_shop(self._shop, str(body.pop("operation", "")), body)}

    async def _at_jtl(self, request: Request) -> object:
        body = await _body(request)
        return {"result": do_at_jtl(self._known_jtl(), str(body.pop("operation", "")), body)}

    def _known_jtl(self) -> JtlStandIn:
        if self._jtl is None:
            raise BadRequestError("This sandbox has no JTL stand-in.")
        return self._jtl

    async def _fault(self, request: Request) -> object:
        if request.method == "DELETE":
            self._faults.clear()
        else:
            body = await _body(request)
            self._faults.order(Fault(**body))  # type: ignore[arg-type]  # wrong names are refused by Fault itself
        return {"waiting": [asdict(fault) for fault in self._faults.waiting()]}

    async def _calls(self, request: Request) -> object:
        if request.method == "DELETE":
            self._journal.clear()
        newest = request.query_params.get("newest")
        entries = [] if newest == "0" else self._journal.entries(request.query_params.get("endpoint"))
        if newest is not None:
            entries = entries[-int(newest) :] if entries else []
        return {"counts": self._journal.counts(), "entries": [asdict(entry) for entry in entries]}

    async def _state(self, request: Request) -> object:
        del request
        return summary(self._shop)

    async def _books(self, request: Request) -> object:
        del request
        return {"disagreements": compare(self._shop, self._known_jtl())}

    async def _save_state(self, request: Request) -> object:
        await _body(request)
        if self._save is None:
            raise BadRequestError("This sandbox has no folder to save to.")
        self._save()
        return {"result": None}


def do_at_shop(shop: TemuShop, operation: str, arguments: JsonObject) -> object:
    """Perform an operation of a buyer, the seller or TEMU by name."""
    if operation in SELLER_OPERATIONS:
        return SELLER_OPERATIONS[operation](shop, **arguments)
    if operation not in BUYER_OPERATIONS:
        raise BadRequestError(f"The shop knows no operation {operation!r}.")
    address = arguments.get("address")
    if isinstance(address, dict):
        arguments = {**arguments, "address": Address(**address)}
    return getattr(shop, operation)(**arguments)


def do_at_jtl(jtl: JtlStandIn, operation: str, arguments: JsonObject) -> object:
    """Perform an operation in JTL by name."""
    if operation not in JTL_OPERATIONS:
        raise BadRequestError(f"JTL knows no operation {operation!r}.")
    return getattr(jtl, operation)(**arguments)


def summary(shop: TemuShop) -> JsonObject:
    """Return the shop in numbers, and the special orders by name."""
    with shop.lock:
        return {
            "orders": len(shop.state.orders),
            "orders_by_status": dict(Counter(str(int(order.status)) for order in shop.state.orders.values())),
            "skus": len(shop.state.skus),
            "packages": len(shop.state.packages),
            "token_expires_at": shop.state.access.expires_at,
            "named": dict(shop.named),
        }


async def _body(request: Request) -> JsonObject:
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise BadRequestError("The body must be application/json.")
    body = await request.json()
    if not isinstance(body, dict):
        raise BadRequestError("The body must be a JSON object.")
    return body


def _guarded(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            return JSONResponse(await handler(request))
        except (UnknownRecordError, StandInError, TypeError, ValueError) as error:
            return JSONResponse({"error": str(error)}, status_code=400)

    return answer
