"""Orders made ready for JTL: held with a reason, wrong with the findings, or as the XML JTL takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from temu_assets.orders.holds import Hold, newer_unreadable, unknown_article, with_cause
from temu_assets.orders.jtl_order import ExportOptions, JtlOrder, to_jtl_order
from temu_assets.orders.jtl_xml import XmlOptions, render
from temu_assets.orders.jtl_xml_check import check
from temu_assets.orders.order_store import StoredOrder
from temu_assets.orders.pricing import LineKind


@dataclass(slots=True)
class Prepared:
    """``xml`` by order id; ``holds`` for every order asked about (None: not held); ``bad`` are findings of the validator."""

    xml: dict[str, str] = field(default_factory=dict)
    holds: dict[str, Hold | None] = field(default_factory=dict)
    bad: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Preparing:
    """``known_articles`` answers which of the given article numbers JTL has (casefolded); None: unknown ones are exported too."""

    export_options: ExportOptions
    xml_options: XmlOptions
    known_articles: Callable[[Iterable[str]], frozenset[str]] | None
    xsd: Path | None

    def prepare(self, candidates: Sequence[StoredOrder], unreadable: Mapping[str, str]) -> Prepared:
        """Decide about each candidate. JTL is asked once for all article numbers, and only if there is an order to ask for.

        ``unreadable``: why the newest state of an order could not be read, by order id.
        """
        prepared = Prepared()
        orders = self._convert(candidates, unreadable, prepared)
        if orders and self.known_articles is not None:
            _hold_unknown_articles(orders, prepared, self.known_articles)
        for order in orders:
            if prepared.holds[order.order_id] is None:
                xml = render(order, self.xml_options)
                findings = check(xml, order_id=order.order_id) or self._check_with_xsd(xml)
                if findings:
                    prepared.bad[order.order_id] = findings
                else:
                    prepared.xml[order.order_id] = xml
        return prepared

    def _convert(self, candidates: Sequence[StoredOrder], unreadable: Mapping[str, str], prepared: Prepared) -> list[JtlOrder]:
        orders = []
        for stored in candidates:
            result = to_jtl_order(stored.order, self._options_for(stored))
            order_id = stored.order.order_id
            if isinstance(result, Hold):
                prepared.holds[order_id] = with_cause(result, stored.details_problem)
            elif order_id in unreadable:
                prepared.holds[order_id] = newer_unreadable(unreadable[order_id])
            else:
                prepared.holds[order_id] = None
                orders.append(result)
        return orders

    def _options_for(self, stored: StoredOrder) -> ExportOptions:
        return replace(self.export_options, import_status=stored.import_status)

    def _check_with_xsd(self, xml: str) -> tuple[str, ...]:
        if self.xsd is None:
            return ()
        # lxml is only needed where the seller has given JTL's schema.
        from temu_assets.orders.jtl_xsd import check_with_xsd

        return check_with_xsd(xml, self.xsd)


def _hold_unknown_articles(
    orders: Sequence[JtlOrder], prepared: Prepared, known_articles: Callable[[Iterable[str]], frozenset[str]]
) -> None:
    wanted = {order.order_id: {line.sku for line in order.lines if line.kind is LineKind.GOODS} for order in orders}
    known = known_articles({sku for skus in wanted.values() for sku in skus})
    for order_id, skus in wanted.items():
        missing = sorted(sku for sku in skus if sku.casefold() not in known)
        if missing:
            prepared.holds[order_id] = unknown_article(missing)
