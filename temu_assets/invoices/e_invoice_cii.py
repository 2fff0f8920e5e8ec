"""Where the terms stand in CII: CrossIndustryInvoice (ZUGFeRD 2, Factur-X, XRechnung) and CrossIndustryDocument (ZUGFeRD 1.0).

Both are the same tree under other names; drafts in between mixed them, so each step accepts either.
"""

from __future__ import annotations

from collections.abc import Iterator

from temu_assets.invoices.e_invoice_profiles import Syntax
from temu_assets.invoices.e_invoice_terms import GroupTerms, Party, Terms
from temu_assets.invoices.e_invoice_values import Nodes
from temu_assets.invoices.e_invoice_xml import Node

ROOTS = {"CrossIndustryInvoice": Syntax.CII, "CrossIndustryDocument": Syntax.ZUGFERD_1}
_CONTEXT = "ExchangedDocumentContext|SpecifiedExchangedDocumentContext"
_HEADER = "ExchangedDocument|HeaderExchangedDocument"
_TRANSACTION = "SupplyChainTradeTransaction|SpecifiedSupplyChainTradeTransaction"
_AGREEMENT = "ApplicableHeaderTradeAgreement|ApplicableSupplyChainTradeAgreement"
_DELIVERY = "ApplicableHeaderTradeDelivery|ApplicableSupplyChainTradeDelivery"
_SETTLEMENT = "ApplicableHeaderTradeSettlement|ApplicableSupplyChainTradeSettlement"
_SUMS = "SpecifiedTradeSettlementHeaderMonetarySummation|SpecifiedTradeSettlementMonetarySummation"
_RATE = "RateApplicablePercent|ApplicablePercent"
_ORDERS = "BuyerOrderReferencedDocument|SellerOrderReferencedDocument"
_ORDER_ID = "IssuerAssignedID|ID"
_AMOUNTS = {
    "lines_net": "LineTotalAmount",
    "allowances": "AllowanceTotalAmount",
    "charges": "ChargeTotalAmount",
    "net": "TaxBasisTotalAmount",
    "tax": "TaxTotalAmount",
    "gross": "GrandTotalAmount",
    "prepaid": "TotalPrepaidAmount",
    "payable": "DuePayableAmount",
    "rounding": "RoundingAmount",
}


def guideline_of(root: Node) -> str:
    """The identifier of the profile (BT-24), or nothing."""
    return next((node.text for node in root.all(_CONTEXT, "GuidelineSpecifiedDocumentContextParameter", "ID")), "")


def terms_of(root: Node) -> Terms:
    """The elements of the terms."""
    settlement = root.all(_TRANSACTION, _SETTLEMENT)
    agreement = root.all(_TRANSACTION, _AGREEMENT)
    period = _below(settlement, "BillingSpecifiedPeriod")
    return Terms(
        root=root.name,
        number=root.all(_HEADER, "ID"),
        issued_on=root.all(_HEADER, "IssueDateTime", "DateTimeString"),
        type_codes=root.all(_HEADER, "TypeCode"),
        currency=_below(settlement, "InvoiceCurrencyCode"),
        due_on=_due(_below(settlement, "SpecifiedTradePaymentTerms")),
        order_refs=_below(agreement, _ORDERS, _ORDER_ID),
        seller=_party(_below(agreement, "SellerTradeParty")),
        buyer=_party(_below(agreement, "BuyerTradeParty")),
        delivered=root.all(_TRANSACTION, _DELIVERY, "ActualDeliverySupplyChainEvent", "OccurrenceDateTime", "DateTimeString"),
        period_from=_below(period, "StartDateTime", "DateTimeString"),
        period_to=_below(period, "EndDateTime", "DateTimeString"),
        accounts=_below(settlement, "SpecifiedTradeSettlementPaymentMeans", "PayeePartyCreditorFinancialAccount", "IBANID"),
        amounts={name: _below(settlement, _SUMS, element) for name, element in _AMOUNTS.items()},
        groups=[_group(tax) for tax in _below(settlement, "ApplicableTradeTax")],
        texts=_texts(root),
        is_test=any(node.text.lower() in {"true", "1"} for node in root.all(_CONTEXT, "TestIndicator", "Indicator")),
    )


def _below(nodes: Nodes, *path: str) -> list[Node]:
    return [found for node in nodes for found in node.all(*path)]


def _party(parties: Nodes) -> Party:
    registrations = _below(parties, "SpecifiedTaxRegistration", "ID")
    tax_numbers = [node for node in registrations if node.attribute("schemeID").upper() == "FC"]
    address = _below(parties, "PostalTradeAddress")
    return Party(
        names=[*_below(parties, "Name"), *_below(parties, "SpecifiedLegalOrganization", "TradingBusinessName")],
        vat_ids=[node for node in registrations if node not in tax_numbers],
        tax_numbers=tax_numbers,
        countries=_below(address, "CountryID"),
        address=_below(address, "LineOne|LineTwo|LineThree|CityName"),
    )


def _due(terms: Nodes) -> list[Nodes]:
    """When the whole amount is due comes before the last day of a discount."""
    due = [(node, node.all("DueDateDateTime", "DateTimeString")) for node in terms]
    whole = [day for node, days in due if not node.all("ApplicableTradePaymentDiscountTerms") for day in days]
    return [whole, [day for _, days in due for day in days]]


def _group(tax: Node) -> GroupTerms:
    return GroupTerms(
        net=tax.all("BasisAmount"),
        tax=tax.all("CalculatedAmount"),
        rate=tax.all(_RATE),
        category=tax.all("CategoryCode"),
        taxes=tax.all("TypeCode"),
    )


def _texts(root: Node) -> Iterator[Node]:
    yield from root.all(_HEADER, "Name")
    yield from root.all(_HEADER, "IncludedNote", "Content")
    for line in root.all(_TRANSACTION, "IncludedSupplyChainTradeLineItem"):
        yield from line.all("SpecifiedTradeProduct", "Name|Description")
        yield from line.all("AssociatedDocumentLineDocument", "IncludedNote", "Content")
