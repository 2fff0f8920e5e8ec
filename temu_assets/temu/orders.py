"""Reading orders, addresses and amounts (fact sheet temu-api, sections 3.2 to 3.5 and 7.4). Answers stay raw."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from temu_assets.errors import InternalError
from temu_assets.temu.failures import TemuDataError
from temu_assets.temu.paging import RawPage, read_page
from temu_assets.temu.transport import Transport

LIST = "bg.order.list.v2.get"
DETAIL = "bg.order.detail.v2.get"
SHIPPING_INFO = "bg.order.shippinginfo.v2.get"
DECRYPTED_SHIPPING_INFO = "bg.order.decryptshippinginfo.get"
AMOUNTS = "bg.order.amount.query"
INVOICE_DETAIL = "temu.pay.tax.invoice.detail.query"


class OrderApi:
    """Orders of the shop. Every call raises the classes of ``failures.py``."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_page(
        self,
        *,
        page: int,
        page_size: int = 100,
        updated_from: datetime | None = None,
        updated_to: datetime | None = None,
        status: int | None = None,
        order_ids: Sequence[str] = (),
    ) -> RawPage:
        """One page of orders, last updated first.

        ``updated_from`` and ``updated_to`` (aware, both or none) bound a closed window and are cut to whole seconds;
        at most 100 orders a page and 20 ``order_ids``.
        """
        if (updated_from is None) != (updated_to is None):
            raise InternalError("The order list was asked with one end of the time window only.", remedy="Report this; nothing was sent.")
        params = {
            "pageNumber": page,
            "pageSize": page_size,
            "parentOrderStatus": status,
            "updateAtStart": _seconds(updated_from),
            "updateAtEnd": _seconds(updated_to),
            "sortby": "updateTime",
            "parentOrderSnList": list(order_ids) or None,
        }
        return read_page(LIST, self._transport.call(LIST, params), items="pageItems", total="totalItemNum")

    def detail(self, order_id: str) -> dict[str, object]:
        """One order with its lines, raw."""
        return self._one(DETAIL, order_id)

    def shipping_info(self, order_id: str) -> dict[str, object]:
        """The delivery address, raw; available only while the order is to be shipped, phone often virtual."""
        return self._one(SHIPPING_INFO, order_id)

    def decrypted_shipping_info(self, order_id: str) -> dict[str, object]:
        """The delivery address without masking, raw; needs the signed data protection agreement."""
        return self._one(DECRYPTED_SHIPPING_INFO, order_id)

    def amounts(self, order_id: str) -> dict[str, object]:
        """The amounts, raw. Raises TemuNotPermitted where TEMU has not granted them, TemuNotReady while it calculates."""
        return self._one(AMOUNTS, order_id)

    def invoice_detail(self, order_id: str) -> dict[str, object]:
        """The expected invoices with prices, raw: the substitute where amounts are not granted."""
        return self._one(INVOICE_DETAIL, order_id)

    def _one(self, endpoint: str, order_id: str) -> dict[str, object]:
        answer = self._transport.call(endpoint, {"parentOrderSn": order_id})
        if not isinstance(answer.result, dict):
            raise TemuDataError(
                f"Order {order_id}: {endpoint} answered with success but without a result.",
                remedy="It was set aside. Look at the order in TEMU's Seller Center.",
            )
        return answer.result


def _seconds(moment: datetime | None) -> int | None:
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise InternalError("A time without time zone was used for the order list.", remedy="Report this.")
    return int(moment.timestamp())
