"""What an e-invoice is by its type code (BT-3, UN/EDIFACT 1001) and by its root element."""

from __future__ import annotations

from temu_assets.invoices.e_invoice_xml import shown
from temu_assets.invoices.reading import Kind

_CREDIT_NOTES = {"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "502", "503", "532"}
_INVOICES = {
    "71", "80", "82", "84", "102", "130", "202", "203", "204", "211", "218", "219", "295", "326", "331", "380", "382", "383", "384", "385",
    "386", "387", "388", "389", "390", "393", "394", "395", "456", "457", "471", "472", "473", "500", "501", "527", "553", "575", "623",
    "633", "751", "780", "817", "870", "875", "876", "877", "935",
}  # fmt: skip
_PRO_FORMA = "325"


def kind_of(codes: list[str], root: str) -> tuple[Kind | None, str | None]:
    """The kind of a document with these type codes and this root, and a doubt about it. Corrections (384) are invoices."""
    if root == "CreditNote":
        wrong = [code for code in codes if code not in _CREDIT_NOTES]
        doubt = f"BT-3 Art des Dokuments: {shown(wrong[0])}, das XML ist aber als Gutschrift (CreditNote) aufgebaut." if wrong else None
        return Kind.CREDIT_NOTE, doubt
    if not codes:
        # UBL has a root of its own for invoices, so it may leave the code out; CII has one for everything.
        return (Kind.INVOICE, None) if root == "Invoice" else (None, None)
    kinds = {_kind(code) for code in codes}
    if kinds == {Kind.OTHER}:
        return Kind.OTHER, "Das XML ist eine Proforma-Rechnung (BT-3: 325), keine Rechnung."
    if len(kinds) == 1 and None not in kinds:
        return kinds.pop(), None
    return None, f"BT-3 Art des Dokuments: {', '.join(shown(code) for code in codes[:3])} ist nicht bekannt oder nicht eindeutig."


def _kind(code: str) -> Kind | None:
    if code in _CREDIT_NOTES:
        return Kind.CREDIT_NOTE
    if code in _INVOICES:
        return Kind.INVOICE
    return Kind.OTHER if code == _PRO_FORMA else None
