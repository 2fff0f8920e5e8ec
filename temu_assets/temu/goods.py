"""The listing and its stock (fact sheet temu-api, sections 5.1, 5.2, 5.5 and 5.6)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from temu_assets.errors import InternalError
from temu_assets.redaction import harmless_words
from temu_assets.temu.codes import CODES
from temu_assets.temu.failures import unreadable
from temu_assets.temu.fields import (
    ZERO_IS_NONE,
    AnswerModel,
    Id,
    Number,
    SecondsOrMilliseconds,
    StrippedText,
    Text,
    fit,
    known_id,
)
from temu_assets.temu.paging import RawPage, read_page
from temu_assets.temu.transport import Transport
from temu_assets.temu.wire import number

SKU_LIST = "bg.local.goods.sku.list.query"
STOCK = "temu.local.goods.sku.stock.query"
EDIT_STOCK = "bg.local.goods.stock.edit"

ACTIVE, INACTIVE = 2, 3
"""The two ``search_type`` values that deliver rows; both together are the listing."""
LARGEST_STOCK = 1_000_000
OWN_ORDINARY_STOCK = 0


class SkuModel(AnswerModel):
    """One SKU of the listing. ``sku`` is the seller's code, empty if none was entered."""

    goods_id: Id = Field(validation_alias="goodsId")
    sku_id: Id = Field(validation_alias="skuId")
    sku: StrippedText = Field("", validation_alias="skuSn")
    goods_name: Text = Field("", validation_alias="goodsName")
    variant: Text = Field("", validation_alias="specName")
    stock: Number
    price: str | None = None
    """Decimal text, such as "15.13"."""
    currency: str | None = None
    created_at: Annotated[SecondsOrMilliseconds | None, ZERO_IS_NONE] = Field(None, validation_alias="crtTime")
    status: Number | None = Field(None, validation_alias="status4VO")
    sub_status: Number | None = Field(None, validation_alias="subStatus4VO")
    show_status: Number | None = Field(None, validation_alias="skuShowSubStatus4VO")


@dataclass(frozen=True, slots=True)
class StockVerdict:
    """What TEMU said to one SKU's new stock. ``message`` is fit to show. Without ``is_told`` TEMU said nothing of this SKU."""

    accepted: bool
    code: int | None
    message: str
    is_told: bool = True


@dataclass(frozen=True, slots=True)
class StockEditAnswer:
    """A verdict for every SKU that was asked for."""

    verdicts: Mapping[str, StockVerdict]
    request_id: str | None


def parse_sku(raw: object) -> SkuModel:
    """One item of the SKU list. Raises TemuDataError naming the SKU, if it is known, and the fields."""
    sku_id = known_id(raw, "skuId")
    return fit(SkuModel, raw, f"SKU {sku_id}" if sku_id else "A SKU without a readable id")


class GoodsApi:
    """Listing and stock. Every call raises the classes of ``failures.py``."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def sku_page(self, *, search_type: int, page: int, page_size: int = 100) -> RawPage:
        """One page of the SKU list, for ACTIVE or INACTIVE; at most 100 a page."""
        params = {
            "pageNo": page,
            "pageSize": page_size,
            "skuSearchType": search_type,
            "skuStatusFilterType": search_type,
        }
        return read_page(SKU_LIST, self._transport.call(SKU_LIST, params), items="skuList", total="total")

    def stock(self, sku_ids: Sequence[str]) -> dict[str, int]:
        """Ordinary own stock by SKU id, of at most 100 SKUs a call. A SKU without a readable answer is absent, not 0.

        For some seconds after a change TEMU may still answer the old stock.
        """
        answer = self._transport.call(STOCK, {"skuIdList": [number("skuId", sku_id) for sku_id in sku_ids]})
        groups = answer.result.get("stockList") if isinstance(answer.result, dict) else None
        if not isinstance(groups, list):
            raise unreadable(STOCK, "stockList is missing or no list", answer.request_id)
        return {
            sku_id: stock
            for group in groups
            for row in _rows(group, "skuStockInfoList")
            if (sku_id := known_id(row, "skuId")) is not None and (stock := _own_stock(row)) is not None
        }

    def edit_stock(self, goods_id: str, targets: Mapping[str, int]) -> StockEditAnswer:
        """Set the ordinary own stock (0 to 1,000,000) of SKUs of one goods, by SKU id.

        Absolute, so a lost answer is simply asked for again, with a fresh key. Only a SKU's own verdict counts: the
        envelope and the overall flag prove nothing.
        """
        if not all(0 <= stock <= LARGEST_STOCK for stock in targets.values()):
            raise InternalError(
                f"Goods {goods_id}: a stock outside 0 to {LARGEST_STOCK} was about to be sent.",
                remedy="Report this; nothing was sent.",
            )
        answer = self._transport.call(
            EDIT_STOCK,
            {
                "goodsId": number("goodsId", goods_id),
                "stockType": OWN_ORDINARY_STOCK,
                "skuStockTargetList": [{"skuId": number("skuId", sku_id), "stockTarget": stock} for sku_id, stock in targets.items()],
            },
            per_attempt=lambda: {"requestUniqueKey": str(uuid.uuid4())},
        )
        told: dict[str, list[object]] = {}
        for row in _rows(answer.result, "skuStockEditStatusInfoList"):
            if (sku_id := known_id(row, "skuId")) in targets:
                told.setdefault(sku_id or "", []).append(row)
        return StockEditAnswer({sku_id: _verdict(told.get(sku_id, [])) for sku_id in targets}, answer.request_id)


def _rows(value: object, name: str) -> list[object]:
    rows = value.get(name) if isinstance(value, dict) else None
    return rows if isinstance(rows, list) else []


def _own_stock(row: object) -> int | None:
    own = row.get("selfOrdinaryStock") if isinstance(row, dict) else None
    stock = own.get("stock") if isinstance(own, dict) else None
    return stock if type(stock) is int else None


def _verdict(rows: list[object]) -> StockVerdict:
    """The verdict in the rows of one SKU: accepted only if there is one and none of them says otherwise."""
    if not rows:
        return StockVerdict(accepted=False, code=None, message="TEMU gave no verdict for this SKU", is_told=False)
    for row in rows:
        if isinstance(row, dict) and row.get("stockEditStatus") is not True:
            code, text = row.get("errorCode"), row.get("errorMsg")
            return _refusal(code if type(code) is int else None, text if isinstance(text, str) else "")
    return StockVerdict(accepted=True, code=None, message="")


def _refusal(code: int | None, text: str) -> StockVerdict:
    facts = CODES.get(code) if code is not None else None
    message = facts.meaning if facts else harmless_words(text) or "TEMU gave no reason"
    return StockVerdict(accepted=False, code=code, message=message)
