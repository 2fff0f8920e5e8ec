"""What ``doctor`` says of JTL-Wawi: reachable, complete, the names orders refer to, warehouses, the login's rights. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from temu_assets.cli.doctor_lines import About, Line, error, ok, warning
from temu_assets.cli.doctor_sql import collation_line, jtl_version_line, rights_lines, server_line
from temu_assets.errors import ConfigurationError
from temu_assets.jtl.database import Jtl
from temu_assets.jtl.orders import missing_names
from temu_assets.jtl.server import read_rights, read_server
from temu_assets.jtl.stock import Warehouse, all_warehouses
from temu_assets.jtl.tables import ORDER_TABLES, PARCEL_TABLES, RECONCILED_TABLES, STOCK_TABLES, WAREHOUSE_TABLES
from temu_assets.resources import JtlResource
from temu_assets.settings import Settings, StockBasis


def jtl_lines(settings: Settings) -> Iterator[Line]:
    """JTL's database from the outside in. Raises TemuAssetsError for what hides the rest."""
    with JtlResource().connect() as jtl:
        if jtl.engine.dialect.name == "mssql":
            yield from _server(jtl)
        by_warehouse = settings.jtl_stock_basis is not StockBasis.JTL_AVAILABLE
        jtl.require((*ORDER_TABLES, *PARCEL_TABLES, *(WAREHOUSE_TABLES if by_warehouse else STOCK_TABLES)))
        yield database_line(jtl)
        missing = missing_names(jtl, shipping_method=settings.jtl_versandart, payment_method=settings.jtl_zahlungsart)
        yield names_line(settings, missing)
        yield stock_line(settings.jtl_stock_basis, settings.warehouses() if by_warehouse else (), all_warehouses(jtl))


def database_line(jtl: Jtl) -> Line:
    """A JTL that has what orders, parcels and stock need, and perhaps not what only the comparison reads."""
    try:
        jtl.require(RECONCILED_TABLES)
    except ConfigurationError as missing:
        return warning(About.JTL_DATABASE, f"reachable, but the job reconcile cannot work: {missing.what}", missing.remedy)
    return ok(About.JTL_DATABASE, "reachable, with every table and column this program reads")


def _server(jtl: Jtl) -> Iterator[Line]:
    facts = jtl.read(read_server)
    yield server_line(About.JTL_SERVER, facts)
    yield collation_line(facts)
    yield from rights_lines(read_rights(jtl))
    yield jtl_version_line(jtl.wawi_version())


def names_line(settings: Settings, missing: Sequence[str]) -> Line:
    """The names JTL looks up when it takes an order. Company, user and language are given as keys; JTL alone knows whether it has them."""
    if missing:
        return error(About.JTL_NAMES, f"JTL has no {' and no '.join(missing)}", "create it in JTL, or set the setting to a name JTL has")
    keys = f"company {settings.jtl_firma}, user {settings.jtl_benutzer}, language {settings.jtl_sprache}"
    return ok(
        About.JTL_NAMES,
        f"shipping method '{settings.jtl_versandart}' and payment method '{settings.jtl_zahlungsart}' are there; {keys} "
        "are not looked up, the login may not read their tables",
    )


def stock_line(basis: StockBasis, chosen: tuple[int, ...], warehouses: list[Warehouse]) -> Line:
    """The warehouses by name and key, and whether those chosen are wise; nothing chosen means all."""
    marks = {True: " (fulfilment)", False: ""}
    choice = ", ".join(
        f"{warehouse.key} = {warehouse.name}{marks[warehouse.is_fulfilment]}{'' if warehouse.is_active else ' (not active)'}"
        for warehouse in warehouses
    )
    found = f"basis {basis}, warehouses {', '.join(map(str, chosen)) or 'all'} of {choice}"
    unknown = set(chosen) - {warehouse.key for warehouse in warehouses}
    if unknown:
        return error(About.JTL_STOCK, found, f"take {', '.join(map(str, sorted(unknown)))} out of JTL_WAREHOUSES: JTL does not have it")
    foreign = [warehouse.name for warehouse in warehouses if warehouse.key in chosen and warehouse.is_fulfilment]
    if foreign:
        return warning(
            About.JTL_STOCK,
            found,
            f"take {', '.join(foreign)} out of JTL_WAREHOUSES: a fulfilment warehouse's stock is somewhere else and would be sold on TEMU",
        )
    return ok(About.JTL_STOCK, found)
