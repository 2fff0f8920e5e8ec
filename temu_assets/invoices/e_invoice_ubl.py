"""Where the terms stand in UBL 2: Invoice and CreditNote (XRechnung, Peppol BIS)."""

from __future__ import annotations

from collections.abc import Iterator

from temu_assets.invoices.e_invoice_terms import GroupTerms, Party, Terms
from temu_assets.invoices.e_invoice_xml import Node

ROOTS = {"Invoice", "CreditNote"}
MARKS = {"AccountingSupplierParty", "AccountingCustomerParty", "LegalMonetaryTotal"}
"""Elements by which UBL is known where the namespace is missing or wrong. Other formats have a root called Invoice too."""
_AMOUNTS = {
    "lines_net": "LineExtensionAmount",
    "allowances": "AllowanceTotalAmount",
    "charges": "ChargeTotalAmount",
    "net": "TaxExclusiveAmount",
    "gross": "TaxInclusiveAmount",
    "prepaid": "PrepaidAmount",
    "payable": "PayableAmount",
    "rounding": "PayableRoundingAmount",
}


def guideline_of(root: Node) -> str:
    """The identifier of the profile (BT-24), or nothing."""
    return next((node.text for node in root.all("CustomizationID")), "")


def terms_of(root: Node) -> Terms:
    """The elements of the terms."""
    sums = {name: root.all("LegalMonetaryTotal", element) for name, element in _AMOUNTS.items()}
    return Terms(
        root=root.name,
        number=root.all("ID"),
        issued_on=root.all("IssueDate"),
        type_codes=root.all("InvoiceTypeCode|CreditNoteTypeCode"),
        currency=root.all("DocumentCurrencyCode"),
        due_on=[root.all("DueDate"), root.all("PaymentMeans", "PaymentDueDate"), root.all("PaymentTerms", "PaymentDueDate")],
        order_refs=root.all("OrderReference", "ID|SalesOrderID"),
        seller=_party(root, "AccountingSupplierParty"),
        buyer=_party(root, "AccountingCustomerParty"),
        delivered=root.all("Delivery", "ActualDeliveryDate"),
        period_from=root.all("InvoicePeriod", "StartDate"),
        period_to=root.all("InvoicePeriod", "EndDate"),
        accounts=root.all("PaymentMeans", "PayeeFinancialAccount", "ID"),
        amounts=sums | {"tax": root.all("TaxTotal", "TaxAmount")},
        groups=_groups(root),
        texts=_texts(root),
    )


def _party(root: Node, role: str) -> Party:
    schemes = root.all(role, "Party", "PartyTaxScheme")
    vat = [scheme for scheme in schemes if any(node.text.upper() == "VAT" for node in scheme.all("TaxScheme", "ID"))]
    return Party(
        names=[*root.all(role, "Party", "PartyLegalEntity", "RegistrationName"), *root.all(role, "Party", "PartyName", "Name")],
        vat_ids=[node for scheme in vat for node in scheme.all("CompanyID")],
        tax_numbers=[node for scheme in schemes if scheme not in vat for node in scheme.all("CompanyID")],
        countries=root.all(role, "Party", "PostalAddress", "Country", "IdentificationCode"),
        address=[
            *root.all(role, "Party", "PostalAddress", "StreetName|AdditionalStreetName|CityName"),
            *root.all(role, "Party", "PostalAddress", "AddressLine", "Line"),
        ],
    )


def _groups(root: Node) -> list[GroupTerms]:
    """The groups of all tax totals; of totals that say the same in the same currency (as invoice and as accounting currency), of one."""
    groups: dict[tuple[str, str, int], list[GroupTerms]] = {}
    for number, total in enumerate(root.all("TaxTotal")):
        found = [_group(subtotal) for subtotal in total.all("TaxSubtotal")]
        amount = next(iter(total.all("TaxAmount")), None)
        same = (amount.text, amount.attribute("currencyID"), -1) if amount is not None else ("", "", number)
        if found:
            groups.setdefault(same, found)
    return [group for found in groups.values() for group in found]


def _group(subtotal: Node) -> GroupTerms:
    return GroupTerms(
        net=subtotal.all("TaxableAmount"),
        tax=subtotal.all("TaxAmount"),
        # UBL 2.0 has the rate beside the category, 2.1 inside.
        rate=[*subtotal.all("TaxCategory", "Percent"), *subtotal.all("Percent")],
        category=subtotal.all("TaxCategory", "ID"),
        taxes=subtotal.all("TaxCategory", "TaxScheme", "ID"),
    )


def _texts(root: Node) -> Iterator[Node]:
    yield from root.all("Note")
    for line in root.all("InvoiceLine|CreditNoteLine"):
        yield from line.all("Note")
        yield from line.all("Item", "Name|Description")
