"""E-invoices: from an XML file, bare or taken out of a PDF, to a reading. ZUGFeRD 1 and 2, Factur-X, XRechnung and Peppol, CII and UBL."""

from __future__ import annotations

from collections.abc import Iterator

from temu_assets.invoices import e_invoice_cii as cii
from temu_assets.invoices import e_invoice_ubl as ubl
from temu_assets.invoices.e_invoice_profiles import Syntax, profile_of
from temu_assets.invoices.e_invoice_reading import reading_of
from temu_assets.invoices.e_invoice_xml import Node, UnreadableXml, first_names, parse, shown
from temu_assets.invoices.reading import Reading

__all__ = ["NotAnInvoice", "UnreadableXml", "is_e_invoice", "read_e_invoice"]

_ENVELOPES = {"StandardBusinessDocument", "Envelope", "XHE"}
_DEPTH_IN_ENVELOPE = 6
_OTHERS = {
    "SCRDMCCBDACIOMessageStructure": "Das XML ist eine Bestellung (Order-X), keine Rechnung.",
    "Order": "Das XML ist eine Bestellung (UBL), keine Rechnung.",
    "DespatchAdvice": "Das XML ist ein Lieferavis (UBL), keine Rechnung.",
    "FatturaElettronica": "Das XML ist eine italienische Rechnung (FatturaPA); dieses Format wird nicht gelesen.",
}


class NotAnInvoice(Exception):  # noqa: N818 -- says what it is
    """The XML is something else; ``why`` is a German sentence."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def read_e_invoice(xml: bytes) -> Reading:
    """What the invoice says. Raises ``UnreadableXml`` for XML that cannot or must not be read, ``NotAnInvoice`` for any other."""
    root = parse(xml)
    invoices = [root] if _is_invoice(root) else list(_enclosed(root, _DEPTH_IN_ENVELOPE)) if root.name in _ENVELOPES else []
    if len(invoices) > 1:
        raise NotAnInvoice(f"Das XML enthält {len(invoices)} Rechnungen; bitte jede als eigene Datei ablegen.")
    if not invoices:
        raise NotAnInvoice(_OTHERS.get(root.name) or f"Das XML ist keine E-Rechnung (Wurzelelement {shown(root.name)}).")
    (invoice,) = invoices
    syntax = cii.ROOTS.get(invoice.name)
    if syntax is not None:
        return reading_of(cii.terms_of(invoice), profile_of(cii.guideline_of(invoice), syntax))
    return reading_of(ubl.terms_of(invoice), profile_of(ubl.guideline_of(invoice), Syntax.UBL))


def is_e_invoice(xml: bytes) -> bool:
    """Whether the beginning of a file is that of an e-invoice; such a file may still turn out to be damaged. Raises nothing."""
    names = first_names(xml)
    if not names:
        return False
    if names[0][1] not in _ENVELOPES:
        names = [names[0], *((namespace, name) for namespace, name in names[1:] if name in ubl.MARKS)]
        return _is_root(*names[0], marked=len(names) > 1)
    marked = any(name in ubl.MARKS for _, name in names)
    return any(_is_root(namespace, name, marked=marked) for namespace, name in names[1:])


def _is_invoice(node: Node) -> bool:
    return _is_root(node.namespace, node.name, marked=any(child.name in ubl.MARKS for child in node.children()))


def _is_root(namespace: str, name: str, *, marked: bool) -> bool:
    """``marked``: an element only UBL has is there."""
    return name in cii.ROOTS or (name in ubl.ROOTS and (marked or ":ubl:" in namespace.lower()))


def _enclosed(node: Node, depth: int) -> Iterator[Node]:
    for child in node.children():
        if _is_invoice(child):
            yield child
        elif depth:
            yield from _enclosed(child, depth - 1)
