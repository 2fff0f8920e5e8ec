"""What ``doctor`` says of JTL's shipping methods: whether each that is in use has a carrier at TEMU."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, inspect, select

from temu_assets.cli.doctor_lines import About, Line, ok, warning
from temu_assets.errors import TemuAssetsError
from temu_assets.orders.carriers import CarrierMap, Company, Unmapped, choose
from temu_assets.orders.countries import COUNTRY_BY_REGION
from temu_assets.orders.files import read_carrier_map
from temu_assets.settings import Settings
from temu_assets.temu.logistics import Carrier
from temu_assets.toci.database import Toci, open_engine
from temu_assets.toci.tables import temu_orders, temu_parcels

RECENT = timedelta(days=90)


def shipping_method_lines(settings: Settings, carriers: Sequence[Carrier], region: int) -> Iterator[Line]:
    """The methods of the parcels of the last weeks, and those of the seller's own table, held against TEMU's carriers.

    ``region`` is the one ``carriers`` were listed for: parcels to other countries are judged when they are reported. Raises
    ConfigurationError for a table that cannot be used.
    """
    mapping = read_carrier_map(settings.temu_carrier_map) if settings.temu_carrier_map else CarrierMap({})
    country = COUNTRY_BY_REGION[region].iso2 if region in COUNTRY_BY_REGION else ""
    companies = [Company(each.carrier_id, each.name, each.brand) for each in carriers]
    used = _recently_used(settings, region)
    listed = {method for method, only in mapping.carriers if only in ("", country)}
    yield method_line(used, listed, companies, mapping, country)


def method_line(used: Sequence[str], listed: set[str], companies: Sequence[Company], mapping: CarrierMap, country: str) -> Line:
    """``used``: methods of recent parcels; ``listed``: those of the seller's table, as compared."""
    known = {" ".join(method.casefold().split()) for method in used}
    wanted = [*used, *sorted(listed - known)]
    without = {method: found for method in wanted if isinstance(found := choose(method, companies, mapping, country), Unmapped)}
    if not wanted:
        return ok(About.SHIPPING_METHODS, "no parcel was sent yet and there is no carrier table")
    if not without:
        return ok(About.SHIPPING_METHODS, f"each of {len(wanted)} has a carrier at TEMU: {', '.join(wanted)}")
    return warning(
        About.SHIPPING_METHODS,
        f"without a carrier at TEMU for {country or 'the shop'}, so that their parcels wait: {', '.join(without)}",
        next(iter(without.values())).remedy,
    )


def _recently_used(settings: Settings, region: int) -> list[str]:
    """The shipping methods of our recent parcels to the region; none as long as our tables are not there or cannot be read."""

    def work(connection: Connection) -> list[str]:
        if not inspect(connection).has_table(temu_parcels.name):
            return []
        same_order = (temu_orders.c.shop == temu_parcels.c.shop) & (temu_orders.c.order_id == temu_parcels.c.order_id)
        return list(
            connection.execute(
                select(temu_parcels.c.shipping_method)
                .join(temu_orders, same_order)
                .where(
                    temu_parcels.c.shop == settings.shop,
                    temu_parcels.c.shipped_at >= datetime.now(UTC) - RECENT,
                    temu_orders.c.region_id == region,
                )
                .distinct()
                .order_by(temu_parcels.c.shipping_method)
            ).scalars()
        )

    try:
        toci = Toci(open_engine(settings.toci_url(), settings.sql_limits()), settings.shop)
        try:
            return toci.read(work)
        finally:
            toci.close()
    except TemuAssetsError:
        return []  # told where our database is looked at
