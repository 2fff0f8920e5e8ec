"""What a dry run may ask TEMU: the calls that only read. Every other one is refused here, also one that is added later."""

from __future__ import annotations

from collections.abc import Callable

from temu_assets.errors import InternalError
from temu_assets.temu import account, aftersales, goods, logistics, orders
from temu_assets.temu.answers import Answer
from temu_assets.temu.signing import Params
from temu_assets.temu.transport import Transport

READS = frozenset(
    {
        orders.LIST,
        orders.DETAIL,
        orders.SHIPPING_INFO,
        orders.DECRYPTED_SHIPPING_INFO,
        orders.AMOUNTS,
        orders.INVOICE_DETAIL,
        goods.SKU_LIST,
        goods.STOCK,
        logistics.COMPANIES,
        logistics.WAREHOUSES,
        logistics.SHIPMENT,
        aftersales.CANCELLATIONS,
        account.TOKEN_INFO,
    }
)


class ReadingTransport(Transport):
    """Sends calls that read, and no other."""

    def call(
        self,
        endpoint: str,
        params: Params,
        *,
        at_most_once: bool = False,
        per_attempt: Callable[[], Params] | None = None,
    ) -> Answer:
        """As ``Transport.call``. Raises InternalError for a call that could change something at TEMU."""
        if endpoint not in READS:
            raise InternalError(
                f"A dry run was about to call {endpoint}, which changes something at TEMU. The call was not made.",
                remedy="report this; nothing was sent.",
            )
        return super().call(endpoint, params, at_most_once=at_most_once, per_attempt=per_attempt)
