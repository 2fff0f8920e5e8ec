"""The settings of invoices, bookkeeping and the page where files are dropped; read together with all others by ``settings.py``."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, SecretStr, field_validator
from pydantic_settings import NoDecode

_ACCOUNT_RANGE = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?")
_MARKETPLACE_ACCOUNT = re.compile(r"([a-z0-9_]{1,20})=(\d{1,9})")
_VAT_ID = re.compile(r"[A-Z]{2}[A-Z0-9+*]{2,13}")


class Correction(StrEnum):
    """What may be changed in a DATEV file (fact sheet backoffice, section 4.4)."""

    DOCUMENT_FIELD = "K1"
    CHECK_MARK = "K2"
    DATE = "K3"
    PART_SHIPMENT = "K4"
    FORBIDDEN_CHARACTERS = "K5"
    LONG_TEXT = "K6"
    DEBTOR = "K7"
    LOCK_FLAG = "K8"


class DocumentField(StrEnum):
    """What Belegfeld 1 shall hold once K1 is on."""

    CUSTOMER_NUMBER = "customer_number"
    ORDER_NUMBER = "order_number"
    INVOICE_NUMBER = "invoice_number"


class CriticalFiles(StrEnum):
    """What happens to a file with a critical contra account."""

    WITHHOLD = "withhold"
    PREFIX = "prefix"


class Split(StrEnum):
    """How a DATEV file is split."""

    NONE = "none"
    MONTH = "month"
    MARKETPLACE = "marketplace"


class InvoiceSettings(BaseModel):
    """Reading invoices."""

    invoice_folders: Annotated[tuple[tuple[str, Path], ...], NoDecode] = Field(
        (),
        description="Further folders invoices are collected from, such as a scanner's: rechnungen=/mnt/scans,werbung=/mnt/ads.",
    )
    invoice_profiles: Path | None = Field(
        None, description="Folder with issuer profiles (YAML) of the seller's own; one with the id of a built-in profile replaces it."
    )
    invoice_own_vat_id: str = Field(
        "", max_length=15, description="VAT id of the seller; an invoice that names another buyer is marked to be checked."
    )
    invoice_max_mb: int = Field(50, ge=1, le=1000, description="Largest invoice file that is read, in MB.")
    invoice_max_pages: int = Field(200, ge=1, le=10_000, description="Most pages an invoice may have.")
    invoice_seconds: int = Field(60, ge=1, le=3600, description="Longest time one invoice may take, OCR included.")
    invoice_memory_mb: int = Field(1024, ge=256, le=65_536, description="Most memory the process that reads invoices gets.")

    @field_validator("invoice_folders", mode="before")
    @classmethod
    def _split_folders(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        pairs = [part.strip().partition("=") for part in value.split(",") if part.strip()]
        if any(lane.strip() not in ("rechnungen", "werbung") or not path.strip() for lane, _, path in pairs):
            raise ValueError("lanes with a folder each are meant, for example rechnungen=/mnt/scans,werbung=/mnt/ads")
        return [(lane.strip(), Path(path.strip())) for lane, _, path in pairs]

    @field_validator("invoice_own_vat_id", mode="after")
    @classmethod
    def _spell_vat_id(cls, value: str) -> str:
        spelled = re.sub(r"[\s.-]", "", value).upper()
        if spelled and not _VAT_ID.fullmatch(spelled):
            raise ValueError("a VAT id is meant, for example DE123456789")
        return spelled


class BookkeepingSettings(BaseModel):
    """Checking and correcting DATEV files."""

    datev_corrections: Annotated[frozenset[Correction], NoDecode] = Field(
        frozenset(), description="Corrections that are made, comma separated: K1 to K8. Empty: files are checked and passed on unchanged."
    )
    datev_belegfeld1: DocumentField = Field(
        DocumentField.CUSTOMER_NUMBER, description="What K1 writes into Belegfeld 1: customer_number, order_number or invoice_number."
    )
    datev_critical_accounts: Annotated[tuple[tuple[int, int], ...], NoDecode] = Field(
        ((0, 20),), description="Contra accounts that mean a missing mapping, comma separated ranges. An empty one always counts."
    )
    datev_critical_files: CriticalFiles = Field(
        CriticalFiles.WITHHOLD, description="withhold a file with a critical contra account, or write it with the prefix #_ (prefix)."
    )
    datev_split: Split = Field(Split.NONE, description="none, month or marketplace: how files are split.")
    datev_debtors: Annotated[tuple[tuple[str, str], ...], NoDecode] = Field(
        (), description="Debtor account of each marketplace for K7 and its check, for example amazon=1000000,temu=1000100."
    )
    datev_default_debtor: str = Field(
        "", pattern=r"^\d{0,9}$", description="Collective debtor that means an unmapped payment method; rows on it are named."
    )
    datev_automatic_accounts: Annotated[tuple[int, ...], NoDecode] = Field(
        (8300, 8400, 4300, 4400),
        description="Automatic accounts, on which no tax key may stand; compared after zeros at the end are taken off.",
    )
    datev_lock_flag: str = Field(
        "", pattern=r"^[01]?$", description="What K8 writes into an empty row lock flag. Empty: the header's flag."
    )
    datev_temu_invoice_numbers: str = Field(
        "",
        max_length=200,
        description="Pattern (regular expression) of the invoice numbers TEMU issues in the seller's name. Empty: TEMU issues none.",
    )
    datev_marketplaces: Path | None = Field(
        None, description="YAML with the shapes of marketplaces' order numbers, instead of the built-in ones."
    )
    datev_jtl_sums: bool = Field(default=False, description="Hold sums per marketplace against JTL's orders. Reads JTL.")
    datev_keep_reports_days: int = Field(0, ge=0, description="Days reports are kept. 0: for ever.")
    datev_max_mb: int = Field(200, ge=1, le=2000, description="Largest DATEV file or unpacked ZIP that is read, in MB.")

    @field_validator("datev_corrections", "datev_automatic_accounts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [part.strip().upper() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("datev_critical_accounts", mode="before")
    @classmethod
    def _split_ranges(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        ranges = [_ACCOUNT_RANGE.fullmatch(part.strip()) for part in value.split(",") if part.strip()]
        found = [(int(each[1]), int(each[2] or each[1])) for each in ranges if each]
        if len(found) != len(ranges) or any(first > last for first, last in found):
            raise ValueError("ranges of accounts are meant, for example 0-20,9999")
        return found

    @field_validator("datev_debtors", mode="before")
    @classmethod
    def _split_debtors(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        pairs = [_MARKETPLACE_ACCOUNT.fullmatch(part.strip()) for part in value.split(",") if part.strip()]
        if not all(pairs):
            raise ValueError("marketplaces with their accounts are meant, for example amazon=1000000,temu=1000100")
        return [(each[1], each[2]) for each in pairs if each]

    @field_validator("datev_temu_invoice_numbers", mode="after")
    @classmethod
    def _check_pattern(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error:
            raise ValueError("a regular expression is meant, for example TEMU-DE-\\d+") from None
        return value


class UploadSettings(BaseModel):
    """The page where files are dropped."""

    upload_token: SecretStr | None = Field(
        None, description="Token that opens the upload page. Empty: a new one each time `temu-assets uploads` starts, which prints it."
    )
    upload_proxy_user_header: str = Field(
        "",
        pattern=r"^[A-Za-z0-9-]{0,60}$",
        description="Header in which a reverse proxy with a login names its user, such as X-Forwarded-User. Empty: no proxy is trusted.",
    )
    upload_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Names under which a reverse proxy reaches the upload page, comma separated; beside 127.0.0.1 and localhost."
    )

    @field_validator("upload_hosts", mode="before")
    @classmethod
    def _split_hosts(cls, value: object) -> object:
        return [part.strip().casefold() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
