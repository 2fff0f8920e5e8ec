"""The business terms of EN 16931: where each stands in one invoice, whatever its syntax."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from temu_assets.invoices.e_invoice_values import Nodes
from temu_assets.invoices.e_invoice_xml import Node


@dataclass(frozen=True, slots=True)
class Party:
    """The elements of a seller or buyer. ``vat_ids``: what stands where a VAT id belongs; programs put tax numbers there."""

    names: Nodes = ()
    vat_ids: Nodes = ()
    tax_numbers: Nodes = ()
    countries: Nodes = ()
    address: Nodes = ()


@dataclass(frozen=True, slots=True)
class GroupTerms:
    """The elements of one VAT group (BG-23). ``taxes``: which tax it is."""

    net: Nodes
    tax: Nodes
    rate: Nodes
    category: Nodes
    taxes: Nodes


@dataclass(frozen=True, slots=True)
class Terms:
    """The elements of an invoice, by what they hold; most hold one value, and a file may have one, none or (wrongly) several.

    ``root``: the local name of its root. ``due_on``: in the order of preference, the first that tells a day decides.
    ``amounts``: by the names of ``Reading`` and "rounding". ``texts``: notes, and the names of lines.
    """

    root: str
    number: Nodes
    issued_on: Nodes
    type_codes: Nodes
    currency: Nodes
    due_on: Sequence[Nodes]
    order_refs: Nodes
    seller: Party
    buyer: Party
    delivered: Nodes
    period_from: Nodes
    period_to: Nodes
    accounts: Nodes
    amounts: Mapping[str, Nodes]
    groups: Sequence[GroupTerms]
    texts: Iterable[Node]
    is_test: bool = field(default=False)
