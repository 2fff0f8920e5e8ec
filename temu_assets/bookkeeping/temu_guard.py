"""T01 and T02 within a file: a second invoice for a TEMU order. TEMU issues one in the seller's name; two owe the VAT twice. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from temu_assets.bookkeeping.columns import DOCUMENT_1
from temu_assets.bookkeeping.cross_checks import open_invoices
from temu_assets.bookkeeping.finding_log import FindingLog
from temu_assets.bookkeeping.findings import Document
from temu_assets.bookkeeping.marketplaces import TEMU
from temu_assets.bookkeeping.sums import DEBIT


def guard_temu(documents: Iterable[Document], temu_invoice_numbers: str, log: FindingLog) -> None:
    """T01; and T02 where the pattern of the numbers TEMU issues is known."""
    orders: defaultdict[str, list[Document]] = defaultdict(list)
    for document in documents:
        if document.marketplace == TEMU and document.order_number and document.number:
            orders[document.order_number].append(document)
    issued_by_temu = re.compile(temu_invoice_numbers) if temu_invoice_numbers else None
    for order, found in orders.items():
        invoices = [document for document in found if document.side == DEBIT]
        if open_invoices(found) > 1:
            _tell_second(order, invoices, log)
        for invoice in invoices if issued_by_temu is not None else ():
            if issued_by_temu is not None and not issued_by_temu.fullmatch(invoice.number):
                hint = (
                    f"Zur TEMU-Bestellung {order} steht hier die Rechnung {invoice.number}; TEMU hat sie aber schon selbst ausgestellt "
                    "(DATEV_TEMU_INVOICE_NUMBERS). Bitte stornieren und die Rechnung von TEMU buchen."
                )
                log.error("T02", invoice.first_line, DOCUMENT_1, invoice.number, hint)


def _tell_second(order: str, invoices: Sequence[Document], log: FindingLog) -> None:
    last = max(invoices, key=lambda each: each.first_line)
    others = ", ".join(dict.fromkeys(f"{each.number} (Zeile {each.first_line})" for each in invoices if each is not last))
    hint = (
        f"Zur TEMU-Bestellung {order} gibt es mehrere Rechnungen: {last.number} hier, dazu {others}. TEMU stellt die Rechnung im Namen des "
        "Händlers aus; wird eine zweite gebucht, ist die Umsatzsteuer doppelt geschuldet. Bitte eine stornieren oder als Teilrechnungen "
        "bestätigen."
    )
    log.error("T01", last.first_line, DOCUMENT_1, last.number, hint)
