"""The shop at TEMU: its state under one lock, look-ups by number, and what buyers and TEMU do with it.

Every operation bumps ``updateTime`` of the order it touches. Placing an order lowers the SKU's stock, cancelling
restores it (fact sheet temu-api, section 9.6). Operations take and return JSON values, so that the admin endpoint can
offer them by name.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from temu_assets.sandbox.amounts import rate_of
from temu_assets.sandbox.state import (
    Address,
    Cancellation,
    CancellationGroup,
    Order,
    OrderLine,
    Package,
    ShopState,
    Sku,
    Status,
)

DEFAULT_ADDRESS = Address(name="Erika Beispiel", street="Musterstraße 12a", postcode="34117", city="Kassel", state="Hessen")
DAY = 86_400


class UnknownRecordError(LookupError):
    """An operation named an order, line, SKU or carrier the shop does not have."""


class TemuShop:
    """The state of one shop. Hold ``lock`` while reading or changing several things that belong together."""

    def __init__(self, state: ShopState | None = None, *, clock: Callable[[], float] = time.time) -> None:
        self.state = state or ShopState()
        self.clock = clock
        self.lock = threading.RLock()
        self.last_list: tuple[object, list[Order]] | None = None
        """The list of orders that was asked for last, with what it was made of."""
        self._packages_of: dict[str, list[Package]] = {}
        for package in self.state.packages.values():
            self._index(package)

    @property
    def named(self) -> dict[str, str]:
        """Return the special orders of the seeded shop: name -> parentOrderSn."""
        return self.state.named

    @property
    def now(self) -> int:
        """Return the shop's time, UTC seconds."""
        return int(self.clock())

    # looking up

    def order(self, parent_sn: str) -> Order:
        """Return an order; raises UnknownRecordError."""
        order = self.state.orders.get(parent_sn)
        if order is None:
            raise UnknownRecordError(f"There is no order {parent_sn}.")
        return order

    def line(self, parent_sn: str, order_sn: str) -> tuple[Order, OrderLine]:
        """Return an order and one of its lines; raises UnknownRecordError."""
        order = self.order(parent_sn)
        for line in order.lines:
            if line.order_sn == order_sn:
                return order, line
        raise UnknownRecordError(f"Order {parent_sn} has no line {order_sn}.")

    def sku(self, sku_id: int) -> Sku:
        """Return a SKU; raises UnknownRecordError."""
        sku = self.state.skus.get(sku_id)
        if sku is None:
            raise UnknownRecordError(f"There is no SKU {sku_id}.")
        return sku

    def packages_of(self, parent_sn: str) -> list[Package]:
        """Return the confirmed packages that hold something of an order."""
        return self._packages_of.get(parent_sn, [])

    def add_package(self, package: Package) -> None:
        """Store a confirmed package; its number is used up."""
        with self.lock:
            self.state.packages[package.package_sn] = package
            self.state.used_numbers.append(package.tracking_number)
            self._index(package)

    def _index(self, package: Package) -> None:
        for parent_sn in {content.parent_sn for content in package.contents}:
            self._packages_of.setdefault(parent_sn, []).append(package)

    def next_package_sn(self) -> str:
        """Return a fresh package number."""
        self.state.last_package += 1
        return f"PK-{self.state.last_package:019d}"

    def touch(self, order: Order) -> None:
        """Bump the update time, and note when an order could first be shipped."""
        order.updated_at = max(self.now, order.updated_at)
        self.note_ready(order)

    def note_ready(self, order: Order) -> None:
        """Remember when, and with how many pieces, an order could first be shipped as a whole."""
        if order.ready_since is None and order.status == Status.UNSHIPPED and order.shippable:
            order.ready_since = self.now
            for line in order.lines:
                line.ready_quantity = line.quantity

    # what buyers do

    def place_order(
        self,
        items: Sequence[Sequence[int]] | None = None,
        *,
        region_id: int = 76,
        pending: bool = False,
        shipping_net_cents: int = 251,
        address: Address | None = None,
        name: str | None = None,
    ) -> str:
        """A buyer orders ``items`` (pairs of SKU id and pieces; None = one piece of some SKU); returns parentOrderSn."""
        with self.lock:
            number = self.state.last_order = self.state.last_order + 1
            pairs = [(item[0], item[1]) for item in items or [(self._some_sku(number), 1)]]
            stem = f"{21_000_000_000_000 + number:016d}"
            order = Order(
                parent_sn=f"PO-{region_id:03d}-{stem}0",
                region_id=region_id,
                created_at=self.now,
                updated_at=self.now,
                address=replace(address or DEFAULT_ADDRESS),
                lines=[
                    self._line(f"{region_id:03d}-{stem}{position}", sku_id, quantity, region_id, pending=pending)
                    for position, (sku_id, quantity) in enumerate(pairs, start=1)
                ],
                status=Status.PENDING if pending else Status.UNSHIPPED,
                confirmed_at=None if pending else self.now,
                shipping_net_cents=shipping_net_cents,
            )
            self.state.orders[order.parent_sn] = order
            self.touch(order)
            if name:
                self.state.named[name] = order.parent_sn
            return order.parent_sn

    def _some_sku(self, number: int) -> int:
        choices = sorted(sku.sku_id for sku in self.state.skus.values() if sku.active and sku.stock > 0)
        return random.Random(number).choice(choices)

    def _line(self, order_sn: str, sku_id: int, quantity: int, region_id: int, *, pending: bool) -> OrderLine:
        sku = self.sku(sku_id)
        self._take(sku, quantity)
        return OrderLine(
            order_sn=order_sn,
            goods_id=sku.goods_id,
            sku_id=sku_id,
            original_quantity=quantity,
            unit_net_cents=sku.net_cents,
            rate=rate_of(sku, region_id),
            goods_name=sku.french_name if region_id == 69 else sku.goods_name,
            original_name=sku.goods_name,
            spec=sku.spec,
            products=[replace(product) for product in sku.products],
            status=Status.PENDING if pending else Status.UNSHIPPED,
        )

    def _take(self, sku: Sku, pieces: int) -> None:
        sku.stock = sku.previous_stock = max(0, sku.stock - pieces)

    def finish_pending(self, parent_sn: str) -> None:
        """Payment is settled: a pending order becomes ready to ship and gets its address."""
        with self.lock:
            order = self.order(parent_sn)
            if order.status != Status.PENDING:
                return
            order.status = Status.UNSHIPPED
            order.confirmed_at = self.now
            for line in order.lines:
                if line.quantity:
                    line.status = Status.UNSHIPPED
            self.touch(order)

    def cancel_line(self, parent_sn: str, order_sn: str, pieces: int | None = None) -> None:
        """Cancel pieces of a line (None = all that are left); an order without lines left is cancelled."""
        with self.lock:
            order, line = self.line(parent_sn, order_sn)
            gone = line.quantity if pieces is None else min(pieces, line.quantity)
            line.cancelled += gone
            line.cancelled_during_pending = order.status == Status.PENDING
            sku = self.state.skus.get(line.sku_id)
            if sku is not None:
                self._take(sku, -gone)
            if not line.quantity:
                line.status = Status.CANCELLED
            if all(each.status == Status.CANCELLED for each in order.lines):
                order.status = Status.CANCELLED
                order.cancellation_requested = False
            self.touch(order)

    def cancel_order(self, parent_sn: str) -> None:
        """Cancel everything that is left; an open wish to cancel is thereby approved."""
        with self.lock:
            for line in self.order(parent_sn).lines:
                if line.status in (Status.PENDING, Status.UNSHIPPED):
                    self.cancel_line(parent_sn, line.order_sn)
            self._settle(parent_sn, CancellationGroup.APPROVED)

    def request_cancellation(self, parent_sn: str) -> str:
        """A buyer asks to cancel; returns the after-sales number."""
        with self.lock:
            order = self.order(parent_sn)
            order.cancellation_requested = True
            wish = Cancellation(
                after_sales_sn=f"{parent_sn}-D{len(self.state.cancellations) + 1:02d}",
                parent_sn=parent_sn,
                pieces={line.order_sn: line.quantity for line in order.open_lines},
                created_at=self.now,
            )
            self.state.cancellations.append(wish)
            self.touch(order)
            return wish.after_sales_sn

    def withdraw_cancellation(self, parent_sn: str) -> None:
        """The buyer wants the goods after all."""
        with self.lock:
            order = self.order(parent_sn)
            order.cancellation_requested = False
            self._settle(parent_sn, CancellationGroup.REVOKED)
            self.touch(order)

    def _settle(self, parent_sn: str, group: CancellationGroup) -> None:
        for wish in self.state.cancellations:
            if wish.parent_sn == parent_sn and wish.group == CancellationGroup.PENDING:
                wish.group = group

    def deny_cancellation(self, parent_sn: str) -> None:
        """The seller ships although the buyer wanted to cancel."""
        with self.lock:
            self.order(parent_sn).cancellation_requested = False
            self._settle(parent_sn, CancellationGroup.REJECTED)

    def request_address_change(self, parent_sn: str) -> None:
        """A buyer asks for another address; until it is settled the order must not be shipped."""
        with self.lock:
            order = self.order(parent_sn)
            order.address_change_requested = True
            self.touch(order)

    def change_address(self, parent_sn: str, **fields: str | None) -> None:
        """The address is changed (fields of ``Address``); an open wish is thereby settled."""
        with self.lock:
            order = self.order(parent_sn)
            order.address = replace(order.address, **fields)  # type: ignore[arg-type]  # names come from the caller
            order.address_change_requested = False
            order.address_changed_after_ready = order.ready_since is not None
            order.warnings = sorted({*order.warnings, "CONFIRMED_CHANGED_ADDRESS"})
            self.touch(order)

    def alert_risk(self, parent_sn: str, *, raised: bool = True) -> None:
        """TEMU's risk control raises or lifts an alert."""
        with self.lock:
            order = self.order(parent_sn)
            order.risk_alert = raised
            self.touch(order)

    def deliver(self, parent_sn: str) -> None:
        """The carrier has delivered what was shipped."""
        with self.lock:
            order = self.order(parent_sn)
            for line in order.lines:
                if line.status == Status.SHIPPED:
                    line.status = Status.DELIVERED
            order.status = Status.PARTLY_DELIVERED if order.open_lines else Status.DELIVERED
            self.touch(order)
