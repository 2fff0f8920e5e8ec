"""Writing a JTL order as the XML that JTL's order import reads.

The document is plain ASCII: every other character is a numeric reference. So it is at once the ISO-8859-1 the header
declares, UTF-8 and Windows-1252, and survives a ``varchar`` column. Elements, order and shapes come from ``jtl_format``.
Source: fact sheet jtl-wawi, sections 1.4, 1.5, 1.6 and 1.13.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from html import escape

from temu_assets.orders import jtl_format
from temu_assets.orders.address import JtlAddress
from temu_assets.orders.jtl_format import Element, PositionType, clean
from temu_assets.orders.jtl_order import JtlOrder
from temu_assets.orders.pricing import JtlLine, LineKind

_POSITION_TYPE = {LineKind.GOODS: PositionType.GOODS, LineKind.SHIPPING: PositionType.SHIPPING}


class DateFormat(StrEnum):
    """Both are seen in working imports; ``iso`` is the unambiguous one."""

    ISO = "iso"
    GERMAN = "german"


@dataclass(frozen=True, slots=True)
class XmlOptions:
    """What every order of this shop says about JTL: keys, and names that must exist there exactly so."""

    firma: int = 1
    benutzer: int = 1
    language: str = "ger"
    currency: str = "EUR"
    shipping_method: str = "TEMU"
    payment_method: str = "TEMU"
    date_format: DateFormat = DateFormat.ISO
    origin: str = "TEMU"


def render(order: JtlOrder, options: XmlOptions) -> str:
    """One document with this one order. The text is ASCII and ends with a line feed."""
    who = _address_values(order.customer)
    customer = who | {
        "cKundenNr": order.customer_number,
        "cHerkunft": options.origin,
        "dErstellt": _date(order.ordered_on, options.date_format),
    }
    text = "".join(
        (
            f'{jtl_format.HEADER}\n<{jtl_format.ROOT}>\n  <{jtl_format.ORDER} kFirma="{options.firma}" kBenutzer="{options.benutzer}">\n',
            _leaves(jtl_format.ORDER_LEAVES, _order_values(order, options), "    "),
            *(_block(jtl_format.LINE, jtl_format.LINE_LEAVES, _line_values(line)) for line in order.lines),
            _block(jtl_format.CUSTOMER, jtl_format.CUSTOMER_LEAVES, customer),
            _block(jtl_format.DELIVERY, jtl_format.DELIVERY_LEAVES, who),
            _block(jtl_format.PAYMENT, jtl_format.PAYMENT_LEAVES, {}),
            f"  </{jtl_format.ORDER}>\n</{jtl_format.ROOT}>\n",
        )
    )
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _block(name: str, leaves: Sequence[Element], values: Mapping[str, str]) -> str:
    return f"    <{name}>\n{_leaves(leaves, values, '      ')}    </{name}>\n"


def _leaves(leaves: Sequence[Element], values: Mapping[str, str], indent: str) -> str:
    texts = [(leaf.name, clean(text) if (text := values.get(leaf.name)) else "") for leaf in leaves]
    return "".join(f"{indent}<{name}>{escape(text, quote=False)}</{name}>\n" if text else f"{indent}<{name}/>\n" for name, text in texts)


def _order_values(order: JtlOrder, options: XmlOptions) -> dict[str, str]:
    return {
        "cSprache": options.language,
        "cWaehrung": options.currency,
        "cExterneBestellNr": order.order_id,
        "cVersandartName": options.shipping_method,
        "cKommentar": f"TEMU {order.order_id}",
        "dErstellt": _date(order.ordered_on, options.date_format),
        "cZahlungsartName": options.payment_method,
        "dBezahltDatum": _date(order.paid_on, options.date_format) if order.paid_on else "",
    }


def _line_values(line: JtlLine) -> dict[str, str]:
    return {
        "cName": line.name,
        "cArtNr": line.sku,
        "fPreisEinzelNetto": f"{line.unit_net:.5f}",
        "fPreis": f"{line.unit_gross:.2f}",
        "fMwSt": f"{line.vat_rate:.2f}",
        "fAnzahl": f"{Decimal(line.quantity):.2f}",
        "cPosTyp": _POSITION_TYPE[line.kind],
        "fRabatt": "0.00",
    }


def _address_values(address: JtlAddress) -> dict[str, str]:
    return {
        jtl_format.FIRST_NAME.name: address.first_name,
        jtl_format.LAST_NAME.name: address.last_name,
        jtl_format.COMPANY.name: address.company,
        jtl_format.STREET.name: address.street,
        jtl_format.EXTRA.name: address.extra,
        jtl_format.POSTCODE.name: address.postcode,
        jtl_format.CITY.name: address.city,
        jtl_format.STATE.name: address.state,
        jtl_format.COUNTRY.name: address.country,
        jtl_format.PHONE.name: address.phone,
        jtl_format.MOBILE.name: address.mobile,
        jtl_format.MAIL.name: address.mail,
    }


def _date(day: date, style: DateFormat) -> str:
    return day.isoformat() if style is DateFormat.ISO else f"{day:%d.%m.%Y}"
