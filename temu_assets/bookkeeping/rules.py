"""By which rules DATEV files are processed; their digest tells whether a file was processed by the same rules before."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import date

from temu_assets.office_settings import BookkeepingSettings, Correction, CriticalFiles, DocumentField, Split

VERSION = 1
"""Changes when the same rules begin to mean something else."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules as the settings give them. ``marked_on``: the day K2's check mark names, which is none of the rules."""

    corrections: frozenset[Correction] = frozenset()
    document_field: DocumentField = DocumentField.CUSTOMER_NUMBER
    critical_accounts: tuple[tuple[int, int], ...] = ((0, 20),)
    critical_files: CriticalFiles = CriticalFiles.WITHHOLD
    split: Split = Split.NONE
    debtors: tuple[tuple[str, str], ...] = ()
    default_debtor: str = ""
    automatic_accounts: tuple[int, ...] = (8300, 8400, 4300, 4400)
    lock_flag: str = ""
    temu_invoice_numbers: str = ""
    marketplaces: str = ""
    """Text of the seller's own YAML with order number shapes; empty: the built-in ones."""
    marked_on: date = field(default=date(2000, 1, 1), compare=False)

    @property
    def needs_jtl(self) -> bool:
        """Whether JTL has to be asked for customer or invoice numbers."""
        return Correction.DOCUMENT_FIELD in self.corrections and self.document_field is DocumentField.CUSTOMER_NUMBER

    @property
    def digest(self) -> str:
        """SHA-256 of everything that can change what a file becomes."""
        values = {name: value for name, value in asdict(self).items() if name != "marked_on"}
        values["corrections"] = sorted(self.corrections)
        return hashlib.sha256(json.dumps([VERSION, values], sort_keys=True).encode()).hexdigest()


def rules_from(settings: BookkeepingSettings, *, marketplaces: str, today: date) -> Rules:
    """The rules the settings mean; ``today`` in German time."""
    return Rules(
        corrections=settings.datev_corrections,
        document_field=settings.datev_belegfeld1,
        critical_accounts=settings.datev_critical_accounts,
        critical_files=settings.datev_critical_files,
        split=settings.datev_split,
        debtors=settings.datev_debtors,
        default_debtor=settings.datev_default_debtor,
        automatic_accounts=settings.datev_automatic_accounts,
        lock_flag=settings.datev_lock_flag,
        temu_invoice_numbers=settings.datev_temu_invoice_numbers,
        marketplaces=marketplaces,
        marked_on=today,
    )
