"""Our own check of an order document, before it leaves: everything of ``jtl_format`` and what JTL needs beyond shapes.

JTL publishes a schema only inside its installation (see ``jtl_xsd``) and reports a bad order nowhere, so nothing leaves
unchecked. An order without goods lines is refused (fault 22: the predecessor sent twelve of them).
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal

from temu_assets.orders import jtl_format
from temu_assets.orders.jtl_format import Element, PositionType
from temu_assets.texts import stored_length

_CENT = Decimal("0.01")
_BLOCKS_AFTER_LINES = {
    jtl_format.CUSTOMER: jtl_format.CUSTOMER_LEAVES,
    jtl_format.DELIVERY: jtl_format.DELIVERY_LEAVES,
    jtl_format.PAYMENT: jtl_format.PAYMENT_LEAVES,
}


def check(xml: str, *, order_id: str) -> tuple[str, ...]:
    """What is wrong with the document of ``order_id``, one sentence each; empty means that it may go to JTL.

    Findings name elements and never their content, which is the buyer's.
    """
    return tuple(_findings(xml, order_id))


def _findings(xml: str, order_id: str) -> Iterator[str]:
    if not xml.startswith(jtl_format.HEADER):
        yield f"The document does not start with {jtl_format.HEADER}"
    if not xml.isascii():
        yield "The document has characters beyond ASCII that are not written as numeric references."
    if "<!" in xml:
        yield "The document has a document type, a comment or a CDATA section; JTL's format knows none."
        return
    try:
        root = ET.fromstring(xml)  # noqa: S314 - it has no document type (see above), so no entity can expand
    except ET.ParseError as error:
        yield f"The document is not well-formed XML (line {error.position[0]}, column {error.position[1]})."
        return
    if root.tag != jtl_format.ROOT or [child.tag for child in root] != [jtl_format.ORDER]:
        yield f"The document is not one {jtl_format.ORDER} inside {jtl_format.ROOT}."
        return
    yield from _order_findings(root[0], order_id)


def _order_findings(order: ET.Element, order_id: str) -> Iterator[str]:
    for attribute in jtl_format.ORDER_ATTRIBUTES:
        if not re.fullmatch(r"[0-9]+", order.get(attribute, "")):
            yield f"{attribute} is not a number."
    lines = order.findall(jtl_format.LINE)
    expected = [leaf.name for leaf in jtl_format.ORDER_LEAVES]
    expected += [jtl_format.LINE] * max(len(lines), 1) + list(_BLOCKS_AFTER_LINES)
    if [child.tag for child in order] != expected:
        yield f"The elements of {jtl_format.ORDER} are not exactly: {_summary()}."
        return
    yield from _leaf_findings(order[: len(jtl_format.ORDER_LEAVES)], jtl_format.ORDER_LEAVES, "")
    if _text(order, "cExterneBestellNr") != order_id:
        yield f"cExterneBestellNr is not {order_id}."
    for number, line in enumerate(lines, start=1):
        yield from _line_findings(line, f"{jtl_format.LINE} {number}: ")
    if not any(_text(line, "cPosTyp") == PositionType.GOODS for line in lines):
        yield f"No {jtl_format.LINE} is of the kind {PositionType.GOODS}: an order without goods is not sent."
    for name, leaves in _BLOCKS_AFTER_LINES.items():
        block = order.find(name)
        if block is not None:
            yield from _block_findings(block, leaves, f"{name}: ")


def _summary() -> str:
    leaves = ", ".join(leaf.name for leaf in jtl_format.ORDER_LEAVES)
    return f"{leaves}, {jtl_format.LINE} (once or more), {', '.join(_BLOCKS_AFTER_LINES)}"


def _block_findings(block: ET.Element, leaves: Sequence[Element], where: str) -> Iterator[str]:
    if [child.tag for child in block] != [leaf.name for leaf in leaves]:
        yield f"{where}the elements are not exactly: {', '.join(leaf.name for leaf in leaves)}."
        return
    yield from _leaf_findings(list(block), leaves, where)
    if block.findtext("cNachname") == "" and not _text(block, "cFirma"):
        yield f"{where}neither cNachname nor cFirma is given."


def _leaf_findings(elements: Sequence[ET.Element], leaves: Sequence[Element], where: str) -> Iterator[str]:
    for element, leaf in zip(elements, leaves, strict=True):
        text = element.text or ""
        if len(element) or element.attrib:
            yield f"{where}{leaf.name} holds more than text."
        elif not text or text.isspace():
            if leaf.required:
                yield f"{where}{leaf.name} is empty."
        elif leaf.pattern is not None and not leaf.pattern.fullmatch(text):
            yield f"{where}{leaf.name} does not look like {leaf.shape.name.lower()}."
        elif leaf.max_length is not None and stored_length(text) > leaf.max_length:
            yield f"{where}{leaf.name} has {stored_length(text)} characters, JTL holds {leaf.max_length}."


def _line_findings(line: ET.Element, where: str) -> Iterator[str]:
    shape_findings = list(_block_findings(line, jtl_format.LINE_LEAVES, where))
    yield from shape_findings
    if shape_findings:
        return
    net, gross, rate, quantity = (Decimal(_text(line, name)) for name in ("fPreisEinzelNetto", "fPreis", "fMwSt", "fAnzahl"))
    if (net * (1 + rate / 100)).quantize(_CENT, ROUND_HALF_UP) != gross:
        yield f"{where}fPreisEinzelNetto plus fMwSt is not fPreis."
    if quantity <= 0:
        yield f"{where}fAnzahl is not above zero."
    if _text(line, "cPosTyp") == PositionType.GOODS:
        if gross <= 0:
            yield f"{where}fPreis of goods is not above zero."
        if not _text(line, "cArtNr"):
            yield f"{where}cArtNr of goods is empty."


def _text(parent: ET.Element, name: str) -> str:
    return parent.findtext(name, "")
