"""Every setting: name, default, unit, meaning. Read from the environment and ``.env``, and only when first used.

With none of the connection settings given, the program works on the sandbox (``temu-assets sandbox`` writes where it listens to
``<data>/sandbox/connection.json``). As soon as one of them is given, all are required: nothing falls back to the sandbox.
Empty text counts as not given. Values of secrets never appear in a message.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from temu_assets.errors import ConfigurationError, TransientError

EU_ROUTER = "https://openapi-b-eu.temu.com/openapi/router"


class OrderDelivery(StrEnum):
    """How an order reaches JTL: into its import table, or as a file a person imports."""

    DATABASE = "database"
    FILE = "file"


class StockBasis(StrEnum):
    """Which stock of JTL may be sold on TEMU (fact sheet jtl-wawi, section 2.4)."""

    JTL_AVAILABLE = "jtl_available"
    WAREHOUSE = "warehouse"
    WAREHOUSE_MINUS_ORDERS = "warehouse_minus_orders"


class UnknownArticle(StrEnum):
    """What happens to an order with an article number that JTL does not have."""

    HOLD = "hold"
    EXPORT = "export"


class CountryFormat(StrEnum):
    """How a country is written to JTL."""

    ISO2 = "iso2"
    GERMAN = "german"


class DateFormat(StrEnum):
    """How a date is written to JTL."""

    ISO = "iso"
    GERMAN = "german"


class Settings(BaseSettings):
    """The settings as given; use the methods below for what depends on whether a shop or the sandbox is meant."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8-sig",  # the editors of Windows put a mark in front
        env_ignore_empty=True,
        extra="ignore",
        hide_input_in_errors=True,
        frozen=True,
    )

    temu_app_key: SecretStr | None = Field(None, description="App key of the self-developed app in the TEMU partner platform.")
    temu_app_secret: SecretStr | None = Field(None, description="App secret that belongs to the app key.")
    temu_access_token: SecretStr | None = Field(None, description="Token the seller copies from Seller Center after authorising the app.")
    temu_api_endpoint: str | None = Field(None, description=f"Full router URL. Default: {EU_ROUTER}")
    temu_shop: str = Field(
        "temu",
        max_length=40,
        description="Short name of the shop; part of every key in our database. Never change it later.",
    )
    temu_requests_per_second: float = Field(
        10.0, gt=0, description="Calls per second this program makes at most. TEMU's own default limit is 20 per app."
    )
    temu_concurrency: int = Field(8, ge=1, le=64, description="Calls under way at once while addresses and amounts are read.")
    temu_data_dir: Path = Field(Path("data"), description="Folder for raw answers, XML and exports.")
    temu_carrier_map: Path | None = Field(None, description="CSV with the header jtl_shipping_method,temu_carrier[,region].")
    temu_warehouse_id: str | None = Field(None, description="TEMU warehouse the parcels leave from. Default: the shop's default one.")
    temu_partial_shipments: bool = Field(
        default=False,
        description="Report finished lines before the whole order has left. Off: one call when all of it has left.",
    )

    toci_database_url: SecretStr | None = Field(None, description="SQLAlchemy URL of our own database. Default: SQLite in the data folder.")

    jtl_database_url: SecretStr | None = Field(None, description="SQLAlchemy URL of JTL-Wawi's database (eazybusiness).")
    jtl_order_delivery: OrderDelivery = Field(
        OrderDelivery.DATABASE, description="database (dbo.tXMLBestellImport) or file (data/temu/xml)."
    )
    jtl_stock_basis: StockBasis = Field(StockBasis.JTL_AVAILABLE, description="jtl_available, warehouse or warehouse_minus_orders.")
    jtl_warehouses: Annotated[tuple[int, ...], NoDecode] = Field(
        (), description="Keys (kWarenLager) for the warehouse bases, comma separated."
    )
    jtl_firma: int = Field(1, ge=0, description="kFirma of the orders.")
    jtl_benutzer: int = Field(1, ge=0, description="kBenutzer of the orders.")
    jtl_sprache: str = Field("ger", description="Language of the orders, ISO 639-2.")
    jtl_waehrung: str = Field("EUR", description="Currency of the orders. An order in another currency is held.")
    jtl_versandart: str = Field("TEMU", description="Name of the shipping method in JTL; must exist there.")
    jtl_zahlungsart: str = Field("TEMU", description="Name of the payment method in JTL; must exist there.")
    jtl_import_platform: int = Field(
        5, ge=0, le=255, description="nPlattform of the import row. 5 is what is known to work; not documented by JTL."
    )
    jtl_date_format: DateFormat = Field(DateFormat.ISO, description="iso (2026-02-01) or german (01.02.2026).")
    jtl_country_format: CountryFormat = Field(CountryFormat.ISO2, description="iso2 (DE) or german (Deutschland).")
    jtl_mark_paid: bool = Field(
        default=True,
        description="Hand orders over as paid, so that JTL releases them. Off: the payment method must allow shipping before payment.",
    )
    jtl_customer_number: str = Field(
        "", max_length=30, description="One customer number for all orders. Empty: JTL makes a new customer for each."
    )
    jtl_unknown_article: UnknownArticle = Field(
        UnknownArticle.HOLD, description="hold or export an order whose article number JTL does not know."
    )
    jtl_untracked_stock: int = Field(
        10,
        ge=0,
        description="Offer this many of an article whose stock JTL does not track (what JTL's own channels do).",
    )
    jtl_xsd: Path | None = Field(None, description="Path of JTL's OldWawi.xsd; every order is then checked against it as well.")
    jtl_confirm_hours: float = Field(24.0, gt=0, description="Hours after which an order that JTL has not taken becomes a problem.")

    stock_brake_zero_share: float = Field(
        0.3, ge=0, le=1, description="A run that would set a larger share of the listing to 0 stops and asks."
    )
    stock_brake_raise_share: float = Field(
        0.5, ge=0, le=1, description="A run that would raise a larger share of the listing stops and asks."
    )
    stock_brake_min_skus: int = Field(50, ge=0, description="Below so many known SKUs the brake does not act.")

    @field_validator("jtl_warehouses", mode="before")
    @classmethod
    def _split_warehouses(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @property
    def is_sandbox(self) -> bool:
        """True when no connection setting is given, so that the sandbox is meant."""
        return not any(
            (
                self.temu_app_key,
                self.temu_app_secret,
                self.temu_access_token,
                self.temu_api_endpoint,
                self.jtl_database_url,
            )
        )

    @property
    def shop(self) -> str:
        """The shop's short name; the sandbox has its own, so that the two never share a row."""
        return "sandbox" if self.is_sandbox else self.temu_shop

    def temu(self) -> TemuAccess:
        """Where and how to reach TEMU. Raises ConfigurationError naming what is missing."""
        if self.is_sandbox:
            sandbox = SandboxConnection.read(self.sandbox_dir)
            return TemuAccess(
                sandbox.endpoint,
                sandbox.app_key,
                sandbox.app_secret,
                sandbox.access_token,
                self.temu_requests_per_second,
            )
        self._require_connection_settings()
        endpoint = self.temu_api_endpoint or EU_ROUTER
        _refuse_plain_http(endpoint)
        assert self.temu_app_key is not None  # noqa: S101 — _require_connection_settings has checked
        assert self.temu_app_secret is not None  # noqa: S101
        assert self.temu_access_token is not None  # noqa: S101
        return TemuAccess(
            endpoint,
            self.temu_app_key.get_secret_value(),
            self.temu_app_secret,
            self.temu_access_token,
            self.temu_requests_per_second,
        )

    def jtl_url(self) -> SecretStr:
        """SQLAlchemy URL of JTL's database. Raises ConfigurationError naming what is missing."""
        if self.is_sandbox:
            return SandboxConnection.read(self.sandbox_dir).jtl_database_url
        self._require_connection_settings()
        assert self.jtl_database_url is not None  # noqa: S101 — as above
        return self.jtl_database_url

    def toci_url(self) -> SecretStr:
        """SQLAlchemy URL of our own database; never missing."""
        if self.toci_database_url is not None:
            return self.toci_database_url
        folder = self.sandbox_dir if self.is_sandbox else self.temu_data_dir
        return SecretStr(f"sqlite:///{folder.resolve() / 'toci.db'}")

    @property
    def sandbox_dir(self) -> Path:
        """Folder with the sandbox's state and its connection file."""
        return self.temu_data_dir / "sandbox"

    def warehouses(self) -> tuple[int, ...]:
        """Warehouse keys for the chosen stock basis; raises ConfigurationError when the basis needs some and none is given."""
        if self.jtl_stock_basis is not StockBasis.JTL_AVAILABLE and not self.jtl_warehouses:
            raise ConfigurationError(
                f"JTL_STOCK_BASIS={self.jtl_stock_basis} counts chosen warehouses, but JTL_WAREHOUSES is empty.",
                remedy="set JTL_WAREHOUSES to the keys that serve TEMU, for example JTL_WAREHOUSES=1,2 (see dbo.tWarenLager).",
            )
        return self.jtl_warehouses

    def _require_connection_settings(self) -> None:
        given = {
            "TEMU_APP_KEY": self.temu_app_key,
            "TEMU_APP_SECRET": self.temu_app_secret,
            "TEMU_ACCESS_TOKEN": self.temu_access_token,
            "JTL_DATABASE_URL": self.jtl_database_url,
        }
        missing = [name for name, value in given.items() if value is None]
        if missing:
            present = [name for name, value in given.items() if value is not None] + (
                ["TEMU_API_ENDPOINT"] if self.temu_api_endpoint else []
            )
            raise ConfigurationError(
                f"Missing setting: {', '.join(missing)} ({', '.join(present)} given, so a real shop is meant, not the sandbox).",
                remedy="add the missing lines to .env or the environment; .env.example shows each with its meaning.",
            )


@dataclass(frozen=True, slots=True)
class TemuAccess:
    """What a TEMU client needs."""

    endpoint: str
    app_key: str
    app_secret: SecretStr
    access_token: SecretStr
    requests_per_second: float

    @property
    def fingerprint(self) -> str:
        """Tells one access from another without telling either: a new token has another one."""
        return hashlib.sha256(f"{self.app_key} {self.access_token.get_secret_value()}".encode()).hexdigest()[:16]


class SandboxConnection(BaseModel):
    """What ``temu-assets sandbox`` writes about itself."""

    endpoint: str
    app_key: str
    app_secret: SecretStr
    access_token: SecretStr
    jtl_database_url: SecretStr
    pid: int

    @classmethod
    def read(cls, folder: Path) -> SandboxConnection:
        """Read ``connection.json`` of a live sandbox; raises TransientError when none is running."""
        path = folder / "connection.json"
        try:
            connection = cls.model_validate(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise TransientError(
                f"No TEMU or JTL setting is given, so the sandbox is meant, but none is running ({path} does not exist).",
                remedy="start `temu-assets sandbox` in another terminal, or fill in .env for a real shop (see .env.example).",
            ) from None
        except (ValueError, OSError) as error:
            raise ConfigurationError(
                f"The sandbox's connection file {path} cannot be read ({type(error).__name__}).",
                remedy="delete it and start `temu-assets sandbox` again.",
            ) from None
        if not _alive(connection.pid):
            raise TransientError(
                f"The sandbox named in {path} is no longer running.",
                remedy="start `temu-assets sandbox` in another terminal.",
            )
        return connection


def load_settings() -> Settings:
    """Read environment and ``.env``; raises ConfigurationError that names the variables, never their values."""
    try:
        return Settings()
    except ValidationError as error:
        findings = "; ".join(
            f"{'.'.join(str(part) for part in item['loc']).upper()}: {item['msg']}" for item in error.errors(include_input=False)
        )
        raise ConfigurationError(
            f"Settings cannot be used: {findings}.",
            remedy="correct them in .env or the environment; .env.example shows each with its meaning.",
        ) from None
    except (UnicodeDecodeError, OSError) as error:
        raise ConfigurationError(
            f"The file .env in {Path.cwd()} cannot be read ({type(error).__name__}).",
            remedy="save it as UTF-8 text and let the program's user read it.",
        ) from None


def _refuse_plain_http(endpoint: str) -> None:
    try:
        parts = urlsplit(endpoint)
    except ValueError:
        parts = urlsplit("")
    if parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname))):
        return
    raise ConfigurationError(
        "TEMU_API_ENDPOINT must be a full https:// URL (plain http:// is allowed for 127.0.0.1 and localhost only).",
        remedy=f"set TEMU_API_ENDPOINT={EU_ROUTER} or leave it out.",
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _alive(pid: int) -> bool:
    if os.name == "nt":
        return True  # signal 0 is Ctrl-C there; a sandbox that has ended then shows as a refused connection
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
