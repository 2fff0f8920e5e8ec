"""What TEMU's gateway checks before an operation sees the call: signature, clock, token, scope, rate.

The order of the checks is one table, because beyond "signature first" it is not documented. Source: fact sheet
temu-api, sections 1.2, 1.3, 1.5 and 9.2.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from temu_assets.sandbox.endpoints import ENDPOINTS
from temu_assets.sandbox.params import RefusalError
from temu_assets.sandbox.temu_shop import TemuShop

CLOCK_TOLERANCE = 300


def signature(body: Mapping[str, object], secret: str) -> str:
    """Return the MD5 signature of a body: every sent value but ``sign``, names sorted, nested values as they came."""
    joined = "".join(name + _text(body[name]) for name in sorted(body) if name != "sign" and body[name] is not None)
    return hashlib.md5(f"{secret}{joined}{secret}".encode(), usedforsecurity=False).hexdigest().upper()


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@dataclass(slots=True)
class _Call:
    shop: TemuShop
    body: Mapping[str, object]
    over_limit: Callable[[], bool]

    def missing(self, name: str) -> bool:
        return self.body.get(name) in (None, "")

    def seconds(self) -> int | None:
        """Return the timestamp if it is one in seconds."""
        text = str(self.body.get("timestamp", ""))
        return int(text) if text.isdecimal() and text.isascii() and len(text) <= 12 else None

    def drift(self) -> float:
        """Return by how many seconds the caller's clock is ahead."""
        return (self.seconds() or 0) - self.shop.clock()


_UNKNOWN_APP = "The application information query is abnormal"

# (what makes the call fail, code, text), in the order of the checks.
CHECKS: tuple[tuple[Callable[[_Call], bool], int, str], ...] = (
    (lambda call: call.missing("type"), 3000002, "type is missing"),
    (lambda call: call.missing("app_key"), 3000025, "app_key is missing"),
    (lambda call: call.body["app_key"] != call.shop.state.access.app_key, 4000000, _UNKNOWN_APP),
    (lambda call: call.missing("sign"), 3000040, "sign is missing"),
    (
        lambda call: call.body["sign"] != signature(call.body, call.shop.state.access.app_secret),
        3000001,
        "sign is invalid, please check your sign calculation",
    ),
    (lambda call: call.seconds() is None, 3000010, "timestamp is missing"),
    (lambda call: call.drift() > CLOCK_TOLERANCE, 3000011, "timestamp is too far in the future"),
    (lambda call: call.drift() < -CLOCK_TOLERANCE, 3000012, "timestamp is expired"),
    (lambda call: call.missing("data_type"), 3000013, "data_type is missing"),
    (lambda call: call.body["data_type"] != "JSON", 3000014, "data_type must be JSON"),
    (lambda call: call.missing("access_token"), 3000030, "access_token is missing"),
    (
        lambda call: call.body["access_token"] in call.shop.state.access.replaced_tokens,
        3000034,
        "access_token is expired or replaced",
    ),
    (
        lambda call: call.body["access_token"] != call.shop.state.access.token,
        3000031,
        "access_token does not exist",
    ),
    (
        lambda call: call.shop.clock() >= call.shop.state.access.expires_at,
        3000034,
        "access_token is expired or replaced",
    ),
    (lambda call: call.body["type"] not in ENDPOINTS, 3000003, "type does not exist"),
    (
        lambda call: call.body["type"] not in call.shop.state.access.scopes,
        3000032,
        "access_token has no permission for this API",
    ),
    (lambda call: call.over_limit(), 4000004, "The request is too frequent, please try again later"),
)


class Gateway:
    """Checks calls and counts them per second of the clock; ``requests_per_second`` None means no limit."""

    def __init__(self, shop: TemuShop, *, requests_per_second: int | None) -> None:
        self.shop = shop
        self.requests_per_second = requests_per_second
        self._second = 0
        self._calls = 0

    def check(self, body: Mapping[str, object]) -> None:
        """Raise the RefusalError of the first check the call does not pass."""
        call = _Call(self.shop, body, self._over_limit)
        for fails, code, message in CHECKS:
            if fails(call):
                raise RefusalError(code, message)

    def _over_limit(self) -> bool:
        second = int(self.shop.clock())
        if second != self._second:
            self._second, self._calls = second, 0
        self._calls += 1
        return self.requests_per_second is not None and self._calls > self.requests_per_second
