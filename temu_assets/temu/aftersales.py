"""Cancellations that buyers ask for before shipment (fact sheet temu-api, section 7.1). Read only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field

from temu_assets.temu.failures import TemuDataError, unreadable
from temu_assets.temu.fields import ROWS, AnswerModel, Id, Milliseconds, Number, Quantity, fit
from temu_assets.temu.paging import read_page
from temu_assets.temu.transport import Transport

CANCELLATIONS = "bg.aftersales.cancel.list.get"


@dataclass(frozen=True, slots=True)
class Cancellation:
    """``quantity`` units of one line are to be cancelled. One ``cancellation_id`` may cover several lines."""

    cancellation_id: str
    status: int
    order_id: str
    line_id: str
    quantity: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CancellationPage:
    """``total`` counts requests on all pages, ``cancellations`` has one row per line of the requests on this one."""

    total: int
    cancellations: tuple[Cancellation, ...]


class _Line(AnswerModel):
    order_id: Id = Field(validation_alias="parentOrderSn")
    line_id: Id = Field(validation_alias="orderSn")
    quantity: Quantity = Field(validation_alias="applyGoodsNumber")
    created_at: Milliseconds = Field(validation_alias="createAtMillis")


class _Request(AnswerModel):
    cancellation_id: Id = Field(validation_alias="parentAfterSalesSn")
    status: Number = Field(validation_alias="parentAfterSalesStatus")
    lines: Annotated[tuple[_Line, ...], ROWS] = Field(validation_alias="afterSalesInfoList")


class AfterSalesApi:
    """Cancellations. Every call raises the classes of ``failures.py``."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def cancellation_page(
        self, *, page: int, page_size: int = 100, status_group: int | None = None, order_ids: Sequence[str] = ()
    ) -> CancellationPage:
        """One page of requests (at most 200). ``status_group``: 8 pending, 9 approved, 10 rejected, 11 revoked.

        Raises TemuTransient for a page with any unreadable row: an overlooked cancellation would be shipped.
        """
        answer = self._transport.call(
            CANCELLATIONS,
            {
                "pageNo": page,
                "pageSize": page_size,
                "afterSalesStatusGroup": status_group,
                "parentOrderSnList": list(order_ids) or None,
            },
        )
        page_sent = read_page(CANCELLATIONS, answer, items="data", total="total")
        try:
            requests = [fit(_Request, item, "Cancellation") for item in page_sent.items]
        except TemuDataError as error:
            raise unreadable(CANCELLATIONS, error.what, answer.request_id) from None
        return CancellationPage(
            page_sent.total,
            tuple(
                Cancellation(request.cancellation_id, request.status, line.order_id, line.line_id, line.quantity, line.created_at)
                for request in requests
                for line in request.lines
            ),
        )
