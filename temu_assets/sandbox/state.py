"""What TEMU knows about the shop: plain data that can be saved as JSON. Times are UTC seconds, money is cents.

Source: fact sheet temu-api, section 9.5.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import ClassVar


class Status(IntEnum):
    """State of an order and of a line (fact sheet temu-api, section 3.1)."""

    PENDING = 1
    UNSHIPPED = 2
    CANCELLED = 3
    SHIPPED = 4
    DELIVERED = 5
    PARTLY_SHIPPED = 41
    PARTLY_DELIVERED = 51


@dataclass(slots=True)
class Product:
    """One article inside a TEMU SKU; ``sold_factor`` units of it make one piece."""

    product_id: int
    product_sku_id: int
    ext_code: str
    sold_factor: int = 1


@dataclass(slots=True)
class Address:
    """A buyer's address; ``masked`` means that only the decrypt call gives it in clear."""

    name: str
    street: str
    postcode: str
    city: str
    state: str = ""
    country: str = "Germany"
    first_name: str | None = None
    last_name: str | None = None
    line2: str | None = None
    line3: str | None = None
    drop_point: str | None = None
    mobile: str = "+49 15550000001"
    mail: str = "x0000000001@g.shipping.temuemail.com"
    additional_name: str | None = None
    masked: bool = False


@dataclass(slots=True)
class OrderLine:
    """One line (TEMU: orderSn). ``rate`` is VAT in hundredths of a percent."""

    order_sn: str
    goods_id: int
    sku_id: int
    original_quantity: int
    unit_net_cents: int
    rate: int
    goods_name: str
    original_name: str
    spec: str
    products: list[Product]
    cancelled: int = 0
    cancelled_during_pending: bool = False
    status: int = Status.UNSHIPPED
    by_seller: bool = True
    shipped_at: int | None = None
    ready_quantity: int | None = None

    @property
    def quantity(self) -> int:
        """Pieces that are still wanted."""
        return self.original_quantity - self.cancelled


@dataclass(slots=True)
class Order:
    """One parent order. ``ready_since`` is when it could first be shipped; None if it never could.

    ``changes`` counts what happened to any order, so that a list of them is known to be out of date.
    """

    changes: ClassVar[int] = 0

    parent_sn: str
    region_id: int
    created_at: int
    updated_at: int
    address: Address
    lines: list[OrderLine]
    status: int = Status.UNSHIPPED
    confirmed_at: int | None = None
    shipped_at: int | None = None
    shipping_net_cents: int = 0
    cash_on_delivery: bool = False
    cancellation_requested: bool = False
    address_change_requested: bool = False
    risk_alert: bool = False
    warnings: list[str] = field(default_factory=list)
    amounts_before_cancellation: bool = False
    ready_since: int | None = None
    address_changed_after_ready: bool = False

    def __setattr__(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)
        Order.changes += 1

    @property
    def open_lines(self) -> list[OrderLine]:
        """Lines the seller still has to ship."""
        return [line for line in self.lines if line.by_seller and line.quantity > 0 and line.status in (Status.PENDING, Status.UNSHIPPED)]

    @property
    def held(self) -> bool:
        """Tell whether a request or an alert forbids shipping."""
        return self.cancellation_requested or self.address_change_requested or self.risk_alert

    @property
    def shippable(self) -> bool:
        """Tell whether the order can be shipped now."""
        return self.status in (Status.UNSHIPPED, Status.PARTLY_SHIPPED) and not self.held and bool(self.open_lines)


@dataclass(slots=True)
class Sku:
    """One SKU of the listing. Prices are net cents; ``products`` is what a piece consists of."""

    sku_id: int
    goods_id: int
    code: str
    goods_name: str
    french_name: str
    spec: str
    net_cents: int
    created_at: int
    products: list[Product]
    reduced_vat: bool = False
    active: bool = True
    editable: bool = True
    stock: int = 0
    previous_stock: int = 0
    edited_at: float | None = None


@dataclass(slots=True)
class PackageContent:
    """Pieces of one line in a package."""

    parent_sn: str
    order_sn: str
    sku_id: int
    quantity: int


@dataclass(slots=True)
class Package:
    """One confirmed parcel."""

    package_sn: str
    carrier_id: int
    tracking_number: str
    warehouse_id: str | None
    confirmed_at: int
    contents: list[PackageContent]


@dataclass(frozen=True, slots=True)
class Carrier:
    """A logistics company of a region; ``pattern`` is the shape of its tracking numbers."""

    carrier_id: int
    name: str
    brand: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A shipping warehouse registered at TEMU."""

    warehouse_id: str
    name: str
    default: bool


class CancellationGroup(IntEnum):
    """State of a buyer's wish to cancel (fact sheet temu-api, section 7.1)."""

    PENDING = 8
    APPROVED = 9
    REJECTED = 10
    REVOKED = 11


@dataclass(slots=True)
class Cancellation:
    """A buyer's wish to cancel an order: pieces per line."""

    after_sales_sn: str
    parent_sn: str
    pieces: dict[str, int]
    created_at: int
    group: int = CancellationGroup.PENDING


@dataclass(slots=True)
class Access:
    """The app, its secret and the token the seller gave it. Sandbox values: worth nothing anywhere else."""

    app_key: str = "sandbox-app-key"
    app_secret: str = "sandbox-secret-0123456789abcdef"  # noqa: S105 - the documented secret of the sandbox
    token: str = "sandbox-token-de"  # noqa: S105 - the documented token of the sandbox
    expires_at: int = 0
    scopes: list[str] = field(default_factory=list)
    replaced_tokens: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ShopState:
    """Everything TEMU knows about the shop."""

    access: Access = field(default_factory=Access)
    orders: dict[str, Order] = field(default_factory=dict)
    skus: dict[int, Sku] = field(default_factory=dict)
    packages: dict[str, Package] = field(default_factory=dict)
    used_numbers: list[str] = field(default_factory=list)
    carriers: dict[int, list[Carrier]] = field(default_factory=dict)
    warehouses: list[Warehouse] = field(default_factory=list)
    cancellations: list[Cancellation] = field(default_factory=list)
    request_keys: list[str] = field(default_factory=list)
    named: dict[str, str] = field(default_factory=dict)
    last_order: int = 0
    last_package: int = 0
    stock_read_lag: float = 0.0
    shipment_read_lag: float = 0.0
    order_list_lag: float = 0.0
    warehouse_required: bool = False
