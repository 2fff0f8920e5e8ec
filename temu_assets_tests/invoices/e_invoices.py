"""Invented e-invoices as XML: one invoice written in CII, ZUGFeRD 1.0 or UBL."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from xml.sax.saxutils import escape, quoteattr

EN_16931 = "urn:cen.eu:en16931:2017"
PEPPOL = f"{EN_16931}#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
XRECHNUNG = f"{EN_16931}#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
ZUGFERD_1 = "urn:ferd:CrossIndustryDocument:invoice:1p0:comfort"


@dataclass(frozen=True)
class Group:
    net: str | None = "100.00"
    tax: str | None = "19.00"
    rate: str | None = "19.00"
    category: str = "S"
    scheme: str = "VAT"
    currency: str | None = None
    """Of the amounts in CII, where most files leave it out."""


@dataclass(frozen=True)
class Party:
    name: str | None = "Muster Handel GmbH"
    vat_id: str | None = "DE123456789"
    tax_number: str | None = None
    street: str | None = "Musterweg 1"
    city: str | None = "Musterstadt"
    country: str | None = "DE"


@dataclass(frozen=True)
class Invoice:
    """Values as they stand in the XML; None leaves the element out. ``taxes``: other tax totals, by currency."""

    number: str | None = "RE-2026-0815"
    type_code: str | None = "380"
    issued_on: date | str | None = date(2026, 3, 5)
    currency: str | None = "EUR"
    guideline: str | None = EN_16931
    seller: Party = field(default_factory=Party)
    buyer: Party = field(default_factory=lambda: Party("Beispiel & Söhne KG", "DE987654321", None, "Beispielallee 2", "Beispielort"))
    due_on: date | str | None = date(2026, 4, 4)
    delivered_on: date | str | None = None
    period: tuple[date | str | None, date | str | None] = (date(2026, 2, 1), date(2026, 2, 28))
    ibans: tuple[str, ...] = ("DE02 1203 0000 0000 2020 51",)
    orders: tuple[str, str] | None = ("B-77", "AB-88")
    net: str | None = "100.00"
    tax: str | None = "19.00"
    gross: str | None = "119.00"
    payable: str | None = "119.00"
    lines_net: str | None = "100.00"
    allowances: str | None = None
    charges: str | None = None
    prepaid: str | None = None
    rounding: str | None = None
    taxes: tuple[tuple[str, str], ...] = ()
    groups: tuple[Group, ...] = (Group(),)
    lines: tuple[str, ...] = ("Klebeband",)
    notes: tuple[str, ...] = ()


Writer = Callable[[Invoice], bytes]


def cii(invoice: Invoice) -> bytes:
    """ZUGFeRD 2, Factur-X, XRechnung."""
    return _cii(
        invoice,
        root="CrossIndustryInvoice",
        namespace="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
        names={},
    )


def zugferd_1(invoice: Invoice) -> bytes:
    """ZUGFeRD 1.0 of 2014."""
    return _cii(
        invoice,
        root="CrossIndustryDocument",
        namespace="urn:ferd:CrossIndustryDocument:invoice:1p0",
        names={
            "ExchangedDocumentContext": "SpecifiedExchangedDocumentContext",
            "ExchangedDocument": "HeaderExchangedDocument",
            "SupplyChainTradeTransaction": "SpecifiedSupplyChainTradeTransaction",
            "ApplicableHeaderTradeAgreement": "ApplicableSupplyChainTradeAgreement",
            "ApplicableHeaderTradeDelivery": "ApplicableSupplyChainTradeDelivery",
            "ApplicableHeaderTradeSettlement": "ApplicableSupplyChainTradeSettlement",
            "SpecifiedTradeSettlementHeaderMonetarySummation": "SpecifiedTradeSettlementMonetarySummation",
            "RateApplicablePercent": "ApplicablePercent",
            "IssuerAssignedID": "ID",
        },
    )


def ubl(invoice: Invoice) -> bytes:
    """XRechnung and Peppol; a credit note for type 381."""
    return _ubl(invoice, "CreditNote" if invoice.type_code in {"381", "396"} else "Invoice")


def in_envelope(document: bytes) -> bytes:
    """A UBL document as access points pass it on."""
    inner = document.partition(b"?>")[2]
    return (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<sh:StandardBusinessDocument xmlns:sh="http://www.unece.org/cefact/namespaces/'
        b'StandardBusinessDocumentHeader"><sh:StandardBusinessDocumentHeader><sh:HeaderVersion>1.0</sh:HeaderVersion>'
        b"</sh:StandardBusinessDocumentHeader>" + inner + b"</sh:StandardBusinessDocument>"
    )


ALL_SYNTAXES: dict[str, Writer] = {"cii": cii, "zugferd_1": zugferd_1, "ubl": ubl}


def _element(name: str, text: object, **attributes: str | None) -> str:
    if text is None:
        return ""
    told = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items() if value is not None)
    return f"<{name}{told}>{escape(str(text))}</{name}>"


def _inside(name: str, *parts: str) -> str:
    content = "".join(parts)
    return f"<{name}>{content}</{name}>" if content else ""


def _each(parts: Iterable[str]) -> str:
    return "".join(parts)


def _cii(invoice: Invoice, *, root: str, namespace: str, names: dict[str, str]) -> bytes:
    body = _each(
        [
            _inside(
                "rsm:ExchangedDocumentContext",
                _inside("ram:GuidelineSpecifiedDocumentContextParameter", _element("ram:ID", invoice.guideline)),
            ),
            _inside(
                "rsm:ExchangedDocument",
                _element("ram:ID", invoice.number),
                _element("ram:TypeCode", invoice.type_code),
                _cii_day("ram:IssueDateTime", invoice.issued_on),
                _each(_inside("ram:IncludedNote", _element("ram:Content", note)) for note in invoice.notes),
            ),
            _inside("rsm:SupplyChainTradeTransaction", _cii_lines(invoice), _cii_header(invoice), _cii_settlement(invoice)),
        ]
    )
    for name, other in names.items():
        for prefix in ("rsm:", "ram:"):
            body = body.replace(f"<{prefix}{name}>", f"<{prefix}{other}>").replace(f"</{prefix}{name}>", f"</{prefix}{other}>")
    spaces = (
        f'xmlns:rsm="{namespace}" xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100" '
        'xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"'
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<rsm:{root} {spaces}>{body}</rsm:{root}>'.encode()


def _cii_day(name: str, day: date | str | None) -> str:
    text = f"{day:%Y%m%d}" if isinstance(day, date) else day
    return _inside(name, _element("udt:DateTimeString", text, format="102"))


def _cii_lines(invoice: Invoice) -> str:
    return _each(
        _inside("ram:IncludedSupplyChainTradeLineItem", _inside("ram:SpecifiedTradeProduct", _element("ram:Name", line)))
        for line in invoice.lines
    )


def _cii_header(invoice: Invoice) -> str:
    buyer_order, seller_order = invoice.orders or (None, None)
    return _inside(
        "ram:ApplicableHeaderTradeAgreement",
        _cii_party("ram:SellerTradeParty", invoice.seller),
        _cii_party("ram:BuyerTradeParty", invoice.buyer),
        _inside("ram:SellerOrderReferencedDocument", _element("ram:IssuerAssignedID", seller_order)),
        _inside("ram:BuyerOrderReferencedDocument", _element("ram:IssuerAssignedID", buyer_order)),
    ) + _inside(
        "ram:ApplicableHeaderTradeDelivery",
        _inside("ram:ActualDeliverySupplyChainEvent", _cii_day("ram:OccurrenceDateTime", invoice.delivered_on)),
    )


def _cii_party(role: str, party: Party) -> str:
    return _inside(
        role,
        _element("ram:ID", "K-1"),
        _element("ram:Name", party.name),
        _inside(
            "ram:PostalTradeAddress",
            _element("ram:LineOne", party.street),
            _element("ram:CityName", party.city),
            _element("ram:CountryID", party.country),
        ),
        _inside("ram:SpecifiedTaxRegistration", _element("ram:ID", party.tax_number, schemeID="FC")),
        _inside("ram:SpecifiedTaxRegistration", _element("ram:ID", party.vat_id, schemeID="VA")),
    )


def _cii_settlement(invoice: Invoice) -> str:
    start, end = invoice.period
    return _inside(
        "ram:ApplicableHeaderTradeSettlement",
        _element("ram:InvoiceCurrencyCode", invoice.currency),
        _each(
            _inside(
                "ram:SpecifiedTradeSettlementPaymentMeans",
                _inside("ram:PayeePartyCreditorFinancialAccount", _element("ram:IBANID", iban)),
            )
            for iban in invoice.ibans
        ),
        _each(_cii_group(group) for group in invoice.groups),
        _inside("ram:BillingSpecifiedPeriod", _cii_day("ram:StartDateTime", start), _cii_day("ram:EndDateTime", end)),
        _inside("ram:SpecifiedTradePaymentTerms", _cii_day("ram:DueDateDateTime", invoice.due_on)),
        _inside(
            "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
            _element("ram:LineTotalAmount", invoice.lines_net),
            _element("ram:ChargeTotalAmount", invoice.charges),
            _element("ram:AllowanceTotalAmount", invoice.allowances),
            _element("ram:TaxBasisTotalAmount", invoice.net),
            _each(_element("ram:TaxTotalAmount", tax, currencyID=currency) for currency, tax in invoice.taxes),
            _element("ram:TaxTotalAmount", invoice.tax, currencyID=invoice.currency),
            _element("ram:RoundingAmount", invoice.rounding),
            _element("ram:GrandTotalAmount", invoice.gross),
            _element("ram:TotalPrepaidAmount", invoice.prepaid),
            _element("ram:DuePayableAmount", invoice.payable),
        ),
    )


def _cii_group(group: Group) -> str:
    return _inside(
        "ram:ApplicableTradeTax",
        _element("ram:CalculatedAmount", group.tax, currencyID=group.currency),
        _element("ram:TypeCode", group.scheme),
        _element("ram:BasisAmount", group.net, currencyID=group.currency),
        _element("ram:CategoryCode", group.category),
        _element("ram:RateApplicablePercent", group.rate),
    )


def _ubl(invoice: Invoice, root: str) -> bytes:
    buyer_order, seller_order = invoice.orders or (None, None)
    start, end = invoice.period
    currency = invoice.currency or "EUR"
    is_invoice = root == "Invoice"
    body = _each(
        [
            _element("cbc:CustomizationID", invoice.guideline),
            _element("cbc:ID", invoice.number),
            _element("cbc:IssueDate", invoice.issued_on),
            _element("cbc:DueDate", invoice.due_on) if is_invoice else "",
            _element(f"cbc:{root}TypeCode", invoice.type_code),
            _each(_element("cbc:Note", note) for note in invoice.notes),
            _element("cbc:DocumentCurrencyCode", invoice.currency),
            _inside("cac:InvoicePeriod", _element("cbc:StartDate", start), _element("cbc:EndDate", end)),
            _inside("cac:OrderReference", _element("cbc:ID", buyer_order), _element("cbc:SalesOrderID", seller_order)),
            _ubl_party("cac:AccountingSupplierParty", invoice.seller),
            _ubl_party("cac:AccountingCustomerParty", invoice.buyer),
            _inside("cac:Delivery", _element("cbc:ActualDeliveryDate", invoice.delivered_on)),
            _inside("cac:PaymentMeans", _element("cbc:PaymentDueDate", None if is_invoice else invoice.due_on)),
            _each(_inside("cac:PaymentMeans", _inside("cac:PayeeFinancialAccount", _element("cbc:ID", iban))) for iban in invoice.ibans),
            _each(_inside("cac:TaxTotal", _element("cbc:TaxAmount", tax, currencyID=other)) for other, tax in invoice.taxes),
            _inside(
                "cac:TaxTotal",
                _element("cbc:TaxAmount", invoice.tax, currencyID=currency),
                _each(_ubl_group(group, currency) for group in invoice.groups),
            ),
            _inside(
                "cac:LegalMonetaryTotal",
                _element("cbc:LineExtensionAmount", invoice.lines_net, currencyID=currency),
                _element("cbc:TaxExclusiveAmount", invoice.net, currencyID=currency),
                _element("cbc:TaxInclusiveAmount", invoice.gross, currencyID=currency),
                _element("cbc:AllowanceTotalAmount", invoice.allowances, currencyID=currency),
                _element("cbc:ChargeTotalAmount", invoice.charges, currencyID=currency),
                _element("cbc:PrepaidAmount", invoice.prepaid, currencyID=currency),
                _element("cbc:PayableRoundingAmount", invoice.rounding, currencyID=currency),
                _element("cbc:PayableAmount", invoice.payable, currencyID=currency),
            ),
            _each(_inside(f"cac:{root}Line", _inside("cac:Item", _element("cbc:Name", line))) for line in invoice.lines),
        ]
    )
    spaces = (
        f'xmlns="urn:oasis:names:specification:ubl:schema:xsd:{root}-2" '
        'xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" '
        'xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"'
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} {spaces}>{body}</{root}>'.encode()


def _ubl_party(role: str, party: Party) -> str:
    return _inside(
        role,
        _inside(
            "cac:Party",
            _inside("cac:PartyName", _element("cbc:Name", party.name and f"{party.name} (Marke)")),
            _inside(
                "cac:PostalAddress",
                _element("cbc:StreetName", party.street),
                _element("cbc:CityName", party.city),
                _inside("cac:Country", _element("cbc:IdentificationCode", party.country)),
            ),
            _ubl_tax_id(party.tax_number, "FC"),
            _ubl_tax_id(party.vat_id, "VAT"),
            _inside("cac:PartyLegalEntity", _element("cbc:RegistrationName", party.name)),
        ),
    )


def _ubl_tax_id(number: str | None, scheme: str) -> str:
    if number is None:
        return ""
    return _inside("cac:PartyTaxScheme", _element("cbc:CompanyID", number), _inside("cac:TaxScheme", _element("cbc:ID", scheme)))


def _ubl_group(group: Group, currency: str) -> str:
    return _inside(
        "cac:TaxSubtotal",
        _element("cbc:TaxableAmount", group.net, currencyID=group.currency or currency),
        _element("cbc:TaxAmount", group.tax, currencyID=group.currency or currency),
        _inside(
            "cac:TaxCategory",
            _element("cbc:ID", group.category),
            _element("cbc:Percent", group.rate),
            _inside("cac:TaxScheme", _element("cbc:ID", group.scheme)),
        ),
    )
