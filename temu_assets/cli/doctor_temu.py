"""What ``doctor`` says of TEMU: the clock, the token and what it permits, the carriers. Two calls; nothing is changed there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from temu_assets.cli.doctor_lines import About, Line, error, ok, warning
from temu_assets.cli.doctor_shipping import shipping_method_lines
from temu_assets.errors import TemuAssetsError
from temu_assets.resources import TemuResource
from temu_assets.settings import Settings
from temu_assets.temu.account import TokenInfo

CLOCK_WARNING = timedelta(seconds=60)
CLOCK_LIMIT = timedelta(seconds=300)
"""TEMU refuses calls from a clock further off (codes 3000011, 3000012; fact sheet temu-api, section 1.2)."""
TOKEN_WARNING = timedelta(days=30)
TOKEN_ERROR = timedelta(days=1)

NEEDED: Mapping[str, str] = {
    "bg.order.list.v2.get": "no order is found",
    "bg.order.shippinginfo.v2.get": "no order gets its address, so none goes to JTL",
    "bg.logistics.companies.get": "no parcel is reported",
    "bg.logistics.shipment.v2.confirm": "no parcel is reported",
    "bg.logistics.shipment.v2.get": "no reported parcel is confirmed",
    "bg.local.goods.sku.list.query": "the listing is not read, so no stock is sent",
    "bg.local.goods.stock.edit": "no stock is sent, sold-out articles stay on sale",
    "temu.local.goods.sku.stock.query": "what TEMU shows is not read back",
}
"""What the program cannot do without, and what stops where it is not granted."""
USEFUL: Mapping[str, str] = {
    "bg.order.decryptshippinginfo.get": "an address TEMU shows masked is not read, so its order waits",
    "bg.logistics.shipment.shippingtype.update": "a corrected tracking number is not passed on",
    "bg.logistics.warehouse.list.get": "the shop's shipping warehouse is not found by itself (TEMU_WAREHOUSE_ID)",
}
"""What single things need."""
_AUTHORISE = "grant them to the app in TEMU's partner platform, then authorise it again in Seller Center and set TEMU_ACCESS_TOKEN"
_AMOUNTS = "bg.order.amount.query"
_INVOICE = "temu.pay.tax.invoice.detail.query"
_RENEW = "authorise the app again in Seller Center and put the new token into TEMU_ACCESS_TOKEN"


def temu_lines(settings: Settings) -> Iterator[Line]:
    """One call for the token, which shows the clock as well, and one for the carriers. Raises TemuAssetsError."""
    with TemuResource().connect() as client:
        try:
            token = client.account.token_info()
        except TemuAssetsError:
            yield from clock_lines(client.clock_difference)
            raise
        yield from clock_lines(client.clock_difference)
        yield token_line(token, datetime.now(UTC))
        yield from permission_lines(token.scopes)
        yield price_line(token.scopes)
        if "bg.logistics.companies.get" in token.scopes:
            companies = client.logistics.companies(token.region_id)
            yield carriers_line(len(companies), token.region_id)
            yield from shipping_method_lines(settings, companies, token.region_id)


def clock_lines(ahead: timedelta | None) -> Iterator[Line]:
    """How far this machine's clock is from TEMU's; nothing where no answer told the time."""
    if ahead is None:
        return
    seconds = round(ahead.total_seconds())
    found = f"{abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'} TEMU's" if seconds else "as TEMU's, to the second"
    remedy = "switch on time synchronisation (NTP): `timedatectl set-ntp true`, on Windows `w32tm /resync`"
    if abs(ahead) > CLOCK_LIMIT:
        limit = f"; TEMU refuses calls that are off by more than {CLOCK_LIMIT.total_seconds():.0f} s"
        yield error(About.CLOCK, found + limit, remedy)
    elif abs(ahead) > CLOCK_WARNING:
        yield warning(About.CLOCK, found, remedy)
    else:
        yield ok(About.CLOCK, found)


def token_line(token: TokenInfo, now: datetime) -> Line:
    """How long the token is good for."""
    left = token.expires_at - now
    found = f"valid until {token.expires_at:%Y-%m-%d} ({left.days} days left), region {token.region_id}"
    if left <= TOKEN_ERROR:
        return error(About.TOKEN, found, _RENEW)
    return warning(About.TOKEN, found, _RENEW) if left <= TOKEN_WARNING else ok(About.TOKEN, found)


def permission_lines(granted: frozenset[str]) -> Iterator[Line]:
    """What is not granted, by name, and what does not work without it."""
    missing = {api: stops for api, stops in NEEDED.items() if api not in granted}
    lacking = {api: stops for api, stops in USEFUL.items() if api not in granted}
    if missing:
        yield error(About.PERMISSIONS, f"not granted: {_told(missing | lacking)}", _AUTHORISE)
    elif lacking:
        yield warning(About.PERMISSIONS, f"not granted: {_told(lacking)}", _AUTHORISE)
    else:
        yield ok(About.PERMISSIONS, f"all {len(NEEDED) + len(USEFUL)} that are needed")


def price_line(granted: frozenset[str]) -> Line:
    """Where prices come from: TEMU grants the better way only on application."""
    if _AMOUNTS in granted:
        return ok(About.PRICES, f"{_AMOUNTS} is granted")
    if _INVOICE in granted:
        return warning(
            About.PRICES,
            f"{_AMOUNTS} is not granted; prices come from the invoice data, and orders without it are held",
            "apply for it in the partner platform, then authorise the app again",
        )
    return error(About.PRICES, f"neither {_AMOUNTS} nor {_INVOICE} is granted, so every order is held for its prices", _AUTHORISE)


def carriers_line(count: int, region: int) -> Line:
    """Whether TEMU has any carrier to report a parcel with."""
    if count:
        return ok(About.CARRIERS, f"{count} for region {region}")
    return error(
        About.CARRIERS, f"TEMU lists none for region {region}, so no parcel can be reported", "look at the shop's region in Seller Center"
    )


def _told(apis: Mapping[str, str]) -> str:
    return "; ".join(f"{api} ({stops})" for api, stops in apis.items())
