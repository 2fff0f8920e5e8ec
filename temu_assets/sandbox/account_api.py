"""The token: bg.open.accesstoken.info.get. Source: fact sheet temu-api, section 1.7."""

from __future__ import annotations

from temu_assets.sandbox.params import JsonObject, Params
from temu_assets.sandbox.temu_shop import TemuShop

MALL_ID = 634_400_000_000_001
LOCAL_MALL = 100


def token_info(shop: TemuShop, params: Params) -> JsonObject:
    """Whose token it is, how long it lives and which APIs it may call."""
    del params
    return {
        "mallId": MALL_ID,
        "mallType": LOCAL_MALL,
        "semiUniqueId": None,
        "regionId": 76,
        "expiredTime": shop.state.access.expires_at,
        "apiScopeList": list(shop.state.access.scopes),
        "appSubscribeStatus": 0,
        "appSubscribeEventCodeList": [],
        "authEventCodeList": [],
    }
