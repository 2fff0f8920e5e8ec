"""Every setting: name, default, unit, meaning. Read from the environment and ``.env``, and only when first used.

Secrets may also come as files (``secret_files.py``). An environment variable wins over a file, a file over ``.env``.

With none of the connection settings given, the program works on the sandbox (``temu-assets sandbox`` writes where it listens to
``<data>/sandbox/connection.json``). As soon as one of them is given, all are required: nothing falls back to the sandbox.
Empty text counts as not given. Values of secrets never appear in a message.

SQL Server is named either by a URL for each database or once by plain parts (``SQL_...``); a URL wins for its database.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, DotEnvSettingsSource, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from temu_assets.alert_settings import AlertSettings
from temu_assets.errors import ConfigurationError, TransientError
from temu_assets.office_settings import BookkeepingSettings, InvoiceSettings, UploadSettings
from temu_assets.operations_settings import OperationSettings
from temu_assets.secret_files import SecretFiles, places_of_secrets, secret_names
from temu_assets.settings_read import KeptSettings
from temu_assets.sql.limits import Limits
from temu_assets.sql.parts import DriverChoice, Encryption, Place, ServerParts, is_this_machine, parse_encryption, parse_server

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


class Settings(AlertSettings, OperationSettings, UploadSettings, BookkeepingSettings, InvoiceSettings, BaseSettings):
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
    temu_keep_answers_days: int = Field(30, ge=0, description="Days TEMU's raw answers are kept once they were taken in. 0: for ever.")
    temu_keep_addresses_days: int = Field(
        90, ge=0, description="Days an order's address and its copy as XML are kept once the order is finished. 0: for ever."
    )
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

    sql_server: str | None = Field(
        None,
        description="SQL Server with JTL's and our own database: host, host\\INSTANCE or host,port. Instead of the two URLs.",
    )
    sql_port: int | None = Field(None, ge=1, le=65535, description="Port of SQL_SERVER, if it is not part of it. Default: 1433.")
    sql_username: str | None = Field(None, description="SQL login. Empty: Windows authentication (Kerberos elsewhere).")
    sql_password: SecretStr | None = Field(None, description="Password of the SQL login.")
    sql_database_jtl: str = Field("eazybusiness", description="JTL's database on SQL_SERVER; each tenant of JTL has its own.")
    sql_database_toci: str = Field("toci", description="Our own database on SQL_SERVER.")
    sql_driver: DriverChoice = Field(
        DriverChoice.AUTO, description="auto, odbc18, mssqlpython or freetds. auto takes the first of them that is there."
    )
    sql_encrypt: Encryption = Field(Encryption.YES, description="yes, strict (TDS 8.0, SQL Server 2022) or no.")
    sql_trust_server_certificate: bool = Field(
        default=False, description="Do not check the server's certificate. Anybody in between can then read and change everything."
    )
    sql_hostname_in_certificate: str | None = Field(
        None, description="Name in the server's certificate, where it differs from the host in SQL_SERVER."
    )
    sql_pool_size: int = Field(10, ge=1, description="Connections kept open to each database.")
    sql_max_overflow: int = Field(20, ge=0, description="Connections beyond the pool while there is much to do.")
    sql_pool_pre_ping: bool = Field(default=True, description="Ask whether a kept connection is good, after a rest or an error.")
    sql_pool_recycle_seconds: int = Field(3600, ge=1, description="Age after which a kept connection is replaced.")
    sql_login_timeout_seconds: int = Field(15, ge=1, description="Longest wait for the server to answer a new connection.")
    sql_query_timeout_seconds: int = Field(60, ge=1, description="Longest time one statement may take.")
    sql_lock_timeout_seconds: int = Field(5, ge=1, description="Longest wait for what somebody else has locked.")
    sql_fast_executemany: bool = Field(default=True, description="Send many rows in one call (Microsoft's two drivers; FreeTDS cannot).")

    stock_brake_zero_share: float = Field(
        0.3, ge=0, le=1, description="A run that would set a larger share of the listing to 0 stops and asks."
    )
    stock_brake_raise_share: float = Field(
        0.5, ge=0, le=1, description="A run that would raise a larger share of the listing stops and asks."
    )
    stock_brake_min_skus: int = Field(50, ge=0, description="Below so many known SKUs the brake does not act.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Where values come from, the strongest first."""
        return init_settings, env_settings, SecretFiles(settings_cls, dotenv_settings), dotenv_settings, file_secret_settings

    @field_validator("jtl_warehouses", mode="before")
    @classmethod
    def _split_warehouses(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("sql_server", mode="after")
    @classmethod
    def _check_server(cls, value: str | None) -> str | None:
        if value is not None:
            parse_server(value)
        return value

    @field_validator("sql_encrypt", mode="before")
    @classmethod
    def _spell_encrypt(cls, value: object) -> object:
        return parse_encryption(value) if isinstance(value, str) else value

    @field_validator("sql_driver", mode="before")
    @classmethod
    def _spell_driver(cls, value: object) -> object:
        return value.strip().casefold() if isinstance(value, str) else value

    @property
    def is_sandbox(self) -> bool:
        """True when no connection setting is given, so that the sandbox is meant."""
        return not self._connection_settings_given()

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
        return self.jtl_database_url or self._url_on_server(self.sql_database_jtl)

    def toci_url(self) -> SecretStr:
        """SQLAlchemy URL of our own database: as given, else on SQL_SERVER, else SQLite in the data folder.

        Raises ConfigurationError when SQL_SERVER cannot be used, or is missing where settings that belong to it are given.
        """
        if self.toci_database_url is not None:
            return self.toci_database_url
        if self.sql_server is not None or (self._belongs_to_server() and self.jtl_database_url is None):
            return self._url_on_server(self.sql_database_toci)
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

    def sql_limits(self) -> Limits:
        """How many connections to a database server are kept, and how long anything on it may take."""
        return Limits(
            pool_size=self.sql_pool_size,
            max_overflow=self.sql_max_overflow,
            pool_pre_ping=self.sql_pool_pre_ping,
            pool_recycle_seconds=self.sql_pool_recycle_seconds,
            login_timeout_seconds=self.sql_login_timeout_seconds,
            query_timeout_seconds=self.sql_query_timeout_seconds,
            lock_timeout_seconds=self.sql_lock_timeout_seconds,
            fast_executemany=self.sql_fast_executemany,
        )

    def _connection_settings_given(self) -> list[str]:
        """The settings that mean a real shop, as far as they are given."""
        given = {
            "TEMU_APP_KEY": self.temu_app_key,
            "TEMU_APP_SECRET": self.temu_app_secret,
            "TEMU_ACCESS_TOKEN": self.temu_access_token,
            "TEMU_API_ENDPOINT": self.temu_api_endpoint,
            "JTL_DATABASE_URL": self.jtl_database_url,
            "SQL_SERVER": self.sql_server,
        }
        return [name for name, value in given.items() if value is not None] + self._belongs_to_server()

    def _belongs_to_server(self) -> list[str]:
        """The settings that mean nothing without SQL_SERVER, as far as they are given."""
        given = {"SQL_USERNAME": self.sql_username, "SQL_PASSWORD": self.sql_password, "SQL_PORT": self.sql_port}
        return [name for name, value in given.items() if value is not None]

    def _require_connection_settings(self) -> None:
        given = self._connection_settings_given()
        missing = [name for name in ("TEMU_APP_KEY", "TEMU_APP_SECRET", "TEMU_ACCESS_TOKEN") if name not in given]
        if not {"JTL_DATABASE_URL", "SQL_SERVER"} & set(given):
            missing.append("SQL_SERVER" if self._belongs_to_server() else "JTL_DATABASE_URL or SQL_SERVER")
        if missing:
            raise ConfigurationError(
                f"Missing setting: {', '.join(missing)} ({', '.join(given)} given, so a real shop is meant, not the sandbox).",
                remedy="add the missing lines to .env or the environment; .env.example shows each with its meaning.",
            )
        if self.sql_server is not None:
            self._server()

    def _url_on_server(self, database: str) -> SecretStr:
        """The URL of a database on SQL_SERVER, complete for the driver that is there."""
        from temu_assets.sql.address import server_url  # SQLAlchemy takes a while to load

        return SecretStr(server_url(self._server(), database).render_as_string(hide_password=False))

    def _server(self) -> ServerParts:
        """SQL_SERVER and what belongs to it. Raises ConfigurationError for parts that are missing or contradict each other."""
        if self.sql_server is None:
            raise ConfigurationError(
                f"Missing setting: SQL_SERVER ({', '.join(self._belongs_to_server())} given, which belong to it).",
                remedy="add SQL_SERVER to .env or the environment, or the URL of each database instead.",
            )
        if (self.sql_username is None) != (self.sql_password is None):
            missing, given = ("SQL_USERNAME", "SQL_PASSWORD") if self.sql_username is None else ("SQL_PASSWORD", "SQL_USERNAME")
            raise ConfigurationError(
                f"Missing setting: {missing} ({given} given, so a SQL login is meant).",
                remedy="give both, or neither for Windows authentication.",
            )
        if self.sql_database_toci.casefold() == self.sql_database_jtl.casefold():
            raise ConfigurationError(
                "SQL_DATABASE_TOCI and SQL_DATABASE_JTL name the same database; our tables do not belong into JTL's.",
                remedy="create a database of its own for this program and name it in SQL_DATABASE_TOCI.",
            )
        place = parse_server(self.sql_server)
        if place.port is not None and self.sql_port not in (None, place.port):
            raise ConfigurationError(
                "SQL_SERVER has another port than SQL_PORT.",
                remedy="leave one of the two out.",
            )
        return ServerParts(
            place=Place(place.host, place.instance, place.port or self.sql_port),
            username=self.sql_username,
            password=self.sql_password,
            driver=self.sql_driver,
            encryption=self.sql_encrypt,
            trust_server_certificate=self.sql_trust_server_certificate,
            hostname_in_certificate=self.sql_hostname_in_certificate,
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
    """Environment, secret files and ``.env`` as they are now; raises ConfigurationError that names the variables, never their values."""
    return _KEPT.get(_read_settings, _files)


_KEPT: KeptSettings[Settings] = KeptSettings()


def _files() -> list[Path]:
    """Every file settings are looked for in, relative to where the program works."""
    try:
        written = DotEnvSettingsSource(Settings, env_ignore_empty=False).env_vars
    except (UnicodeDecodeError, OSError):
        written = {}
    return [Path(".env"), *places_of_secrets(secret_names(Settings.model_fields), written)]


def _read_settings() -> Settings:
    try:
        _refuse_a_line_against_dry_runs()
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


def _refuse_a_line_against_dry_runs() -> None:
    """Raise ConfigurationError for a line ``TEMU_DRY_RUN`` in ``.env`` that is not true.

    Dagster puts every line of ``.env`` over the environment, an empty one too, before this program is loaded. Nobody could tell any more
    that a dry run was asked for in front of the command, and it would be a real one.
    """
    lines = DotEnvSettingsSource(Settings, env_ignore_empty=False).env_vars
    if "temu_dry_run" not in lines or (lines["temu_dry_run"] or "").strip().lower() in ("1", "true", "yes", "on", "t", "y"):
        return
    raise ConfigurationError(
        f"The file .env in {Path.cwd()} has a line TEMU_DRY_RUN that does not say true. Dagster lets it win over TEMU_DRY_RUN=1 in front "
        "of a command, so what was meant as a dry run would be sent. Nothing runs.",
        remedy="take that line out of .env, or put # in front of it. Without it runs are real, and TEMU_DRY_RUN=1 before a command counts.",
    )


def _refuse_plain_http(endpoint: str) -> None:
    try:
        parts = urlsplit(endpoint)
    except ValueError:
        parts = urlsplit("")
    if parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(parts.hostname))):
        return
    raise ConfigurationError(
        "TEMU_API_ENDPOINT must be a full https:// URL (plain http:// is allowed for 127.0.0.1 and localhost only).",
        remedy=f"set TEMU_API_ENDPOINT={EU_ROUTER} or leave it out.",
    )


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
