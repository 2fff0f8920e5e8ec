"""``temu-assets doctor``: is everything there that a run needs? Each line says what was found and what to do.

Nothing is changed at TEMU or in JTL; our own database is set up if it is still empty.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from temu_assets.cli.doctor_lines import Level, Line
from temu_assets.errors import ConfigurationError, TemuAssetsError
from temu_assets.settings import Settings, StockBasis

if TYPE_CHECKING:
    from temu_assets.jtl.database import Jtl
    from temu_assets.jtl.stock import Warehouse
    from temu_assets.toci.database import Toci

_NEEDED_APIS = (
    "bg.order.list.v2.get",
    "bg.order.shippinginfo.v2.get",
    "bg.logistics.companies.get",
    "bg.logistics.shipment.v2.confirm",
    "bg.logistics.shipment.v2.get",
    "bg.local.goods.sku.list.query",
    "bg.local.goods.stock.edit",
    "temu.local.goods.sku.stock.query",
)
_TOKEN_WARNING = timedelta(days=30)
_FREE_BYTES = 1_000_000_000


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Only JSON on standard output, for monitoring.")
def doctor(*, as_json: bool) -> None:
    """Check settings, TEMU, JTL, our database and the data folder. Exit code 1 when something would stop a run."""
    lines = examine()
    if as_json:
        click.echo(json.dumps({"checks": [asdict(line) for line in lines]}, indent=2))
    else:
        for line in lines:
            click.echo(f"{line.level.upper():8} {line.name}: {line.found}")
            if line.remedy:
                click.echo(f"         What to do: {line.remedy}")
    raise SystemExit(1 if any(line.level is Level.ERROR for line in lines) else 0)


def examine() -> list[Line]:
    """All checks, each on its own: one that fails does not hide the others."""
    from temu_assets.cli.doctor_office import datev_lines, invoice_lines
    from temu_assets.settings import load_settings

    try:
        settings = load_settings()
        if not settings.is_sandbox:
            settings.temu()
    except TemuAssetsError as error:
        return [Line("settings", Level.ERROR, error.what, error.remedy)]
    lines = [Line("settings", Level.OK, "the sandbox is meant" if settings.is_sandbox else f"the shop '{settings.shop}' is meant")]
    checks: list[tuple[str, Callable[[Settings], Iterator[Line]]]] = [
        ("data folder", _data_folder),
        ("SQL driver", _sql_driver),
        ("our database", _our_database),
        ("TEMU", _temu),
        ("JTL", _jtl),
        ("invoices", invoice_lines),
        ("DATEV files", datev_lines),
    ]
    for name, check in checks:
        try:
            lines += check(settings)
        except TemuAssetsError as error:
            lines.append(Line(name, Level.ERROR, error.what, error.remedy))
    return lines


def _data_folder(settings: Settings) -> Iterator[Line]:
    folder = settings.temu_data_dir.resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            free = shutil.disk_usage(folder).free
    except OSError as error:
        yield Line(
            "data folder",
            Level.ERROR,
            f"{folder} cannot be written ({error.strerror})",
            "give the program write access, or set TEMU_DATA_DIR",
        )
        return
    level = Level.OK if free > _FREE_BYTES else Level.WARNING
    yield Line("data folder", level, f"{folder}, {free // 1_000_000:,} MB free", "" if level is Level.OK else "make room")


def _sql_driver(settings: Settings) -> Iterator[Line]:
    """The way to SQL Server, looked at before anything is connected; nothing to say where neither database is on one."""
    from temu_assets.cli.doctor_sql import driver_line, tls_line
    from temu_assets.sql.address import parse_url

    secret_urls = {"our database": ("TOCI_DATABASE_URL", settings.toci_url())}
    if not settings.is_sandbox:
        secret_urls["JTL"] = ("JTL_DATABASE_URL", settings.jtl_url())
    urls = {title: parse_url(url, setting, "the example in .env.example") for title, (setting, url) in secret_urls.items()}
    servers = {title: url for title, url in urls.items() if url.get_backend_name() == "mssql"}
    yield from {driver_line(url): None for url in servers.values()}
    for title, url in servers.items():
        yield tls_line(title, url)


def _our_database(settings: Settings) -> Iterator[Line]:
    from temu_assets.sql.address import place
    from temu_assets.toci.database import Toci, open_engine
    from temu_assets.toci.problems import open_problems
    from temu_assets.toci.revision import ensure_current

    toci = Toci(open_engine(settings.toci_url(), settings.sql_limits()), settings.shop)
    try:
        if toci.engine.dialect.name == "mssql":
            yield from _our_server(toci)
        ensure_current(toci)
        found = len(toci.read(lambda connection: open_problems(connection, toci.shop)))
    finally:
        toci.close()
    yield Line("our database", Level.OK, f"{place(toci.engine.url)} is there and current")
    if found:
        yield Line("problems", Level.WARNING, f"{found} wait for a person", "temu-assets problems")


def _our_server(toci: Toci) -> Iterator[Line]:
    """Raises ConfigurationError for JTL's own database, before a table of ours is made in it."""
    from temu_assets.cli.doctor_sql import server_lines
    from temu_assets.jtl.server import read_server

    facts = toci.read(read_server)
    if facts.is_jtl:
        raise ConfigurationError(
            f"TOCI_DATABASE_URL (or SQL_DATABASE_TOCI) names {facts.database}, which is JTL's database.",
            remedy="create a database of its own for this program (docs/sql/toci-rights.sql); our tables do not belong into JTL's.",
        )
    yield from server_lines("our", facts)
    yield Line("our collation", Level.OK, facts.collation)


def _temu(_settings: Settings) -> Iterator[Line]:
    from temu_assets.resources import TemuResource

    with TemuResource().connect() as client:
        token = client.account.token_info()
        left = token.expires_at - datetime.now(UTC)
        level = Level.OK if left > _TOKEN_WARNING else Level.WARNING
        yield Line(
            "TEMU token",
            level,
            f"valid until {token.expires_at:%Y-%m-%d} ({left.days} days), region {token.region_id}",
            "" if level is Level.OK else "authorise the app again in Seller Center and put the new token into TEMU_ACCESS_TOKEN",
        )
        missing = [api for api in _NEEDED_APIS if api not in token.scopes]
        if missing:
            yield Line(
                "TEMU permissions", Level.ERROR, f"not granted: {', '.join(missing)}", "grant them to the app, then authorise it again"
            )
        if "bg.order.amount.query" not in token.scopes:
            yield Line(
                "TEMU prices",
                Level.WARNING,
                "bg.order.amount.query is not granted; prices come from the invoice data, and orders without it are held",
                "apply for it in the partner platform, then authorise the app again",
            )
        carriers = client.logistics.companies(token.region_id)
        yield Line("TEMU carriers", Level.OK if carriers else Level.ERROR, f"{len(carriers)} for region {token.region_id}")


def _jtl(settings: Settings) -> Iterator[Line]:
    from temu_assets.jtl.orders import missing_names
    from temu_assets.jtl.stock import all_warehouses
    from temu_assets.jtl.tables import ORDER_TABLES, PARCEL_TABLES, STOCK_TABLES
    from temu_assets.resources import JtlResource

    with JtlResource().connect() as jtl:
        if jtl.engine.dialect.name == "mssql":
            yield from _jtl_server(jtl)
        jtl.require((*ORDER_TABLES, *PARCEL_TABLES, *STOCK_TABLES))
        yield Line("JTL database", Level.OK, "reachable, with every table and column this program reads")
        missing = missing_names(jtl, shipping_method=settings.jtl_versandart, payment_method=settings.jtl_zahlungsart)
        if missing:
            yield Line(
                "JTL names", Level.ERROR, f"JTL has no {' and no '.join(missing)}", "create it in JTL, or set the setting to a name JTL has"
            )
        else:
            yield Line("JTL names", Level.OK, f"shipping method '{settings.jtl_versandart}', payment method '{settings.jtl_zahlungsart}'")
        chosen = settings.warehouses() if settings.jtl_stock_basis is not StockBasis.JTL_AVAILABLE else ()
        yield _stock_line(settings.jtl_stock_basis, chosen, all_warehouses(jtl))


def _jtl_server(jtl: Jtl) -> Iterator[Line]:
    from temu_assets.cli.doctor_sql import collation_line, jtl_version_line, rights_lines, server_lines
    from temu_assets.jtl.server import read_rights, read_server

    facts = jtl.read(read_server)
    yield from server_lines("JTL", facts)
    yield collation_line(facts)
    rights = read_rights(jtl)
    yield from rights_lines(rights)
    yield jtl_version_line(jtl.wawi_version())


def _stock_line(basis: StockBasis, chosen: tuple[int, ...], warehouses: list[Warehouse]) -> Line:
    """The warehouses by name and key, and whether those chosen are wise; nothing chosen means all."""
    marks = {True: " (fulfilment)", False: ""}
    choice = ", ".join(
        f"{warehouse.key} = {warehouse.name}{marks[warehouse.is_fulfilment]}{'' if warehouse.is_active else ' (not active)'}"
        for warehouse in warehouses
    )
    found = f"basis {basis}, warehouses {', '.join(map(str, chosen)) or 'all'} of {choice}"
    unknown = set(chosen) - {warehouse.key for warehouse in warehouses}
    if unknown:
        return Line(
            "JTL stock", Level.ERROR, found, f"take {', '.join(map(str, sorted(unknown)))} out of JTL_WAREHOUSES: JTL does not have it"
        )
    foreign = [warehouse.name for warehouse in warehouses if warehouse.key in chosen and warehouse.is_fulfilment]
    if foreign:
        return Line(
            "JTL stock",
            Level.WARNING,
            found,
            f"take {', '.join(foreign)} out of JTL_WAREHOUSES: a fulfilment warehouse's stock is somewhere else and would be sold on TEMU",
        )
    return Line("JTL stock", Level.OK, found)
