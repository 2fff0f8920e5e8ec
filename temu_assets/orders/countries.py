"""The countries TEMU delivers to from a shop in the EU: TEMU's region number, JTL's name, and the VAT rates in force.

A region that is not in this table is unknown and stays unknown; it never becomes Germany (fault 4 of the predecessor in
fact sheet jtl-wawi, section 5.3). Source of the region numbers: fact sheet temu-api, section 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Country:
    """A destination; ``vat_rates`` are in percent, the usual one first; 0 is a rate everywhere and written at Germany only."""

    iso2: str
    german_name: str
    vat_rates: tuple[Decimal, ...]


def _country(iso2: str, german_name: str, *vat_rates: str) -> Country:
    return Country(iso2, german_name, tuple(Decimal(rate) for rate in vat_rates))


GERMANY = _country("DE", "Deutschland", "19", "7", "0")

COUNTRY_BY_REGION: dict[int, Country] = {
    13: _country("AT", "Österreich", "20", "13", "10"),
    20: _country("BE", "Belgien", "21", "12", "6"),
    53: _country("CZ", "Tschechien", "21", "12"),
    54: _country("DK", "Dänemark", "25"),
    69: _country("FR", "Frankreich", "20", "10", "5.5", "2.1"),
    76: GERMANY,
    90: _country("HU", "Ungarn", "27", "18", "5"),
    98: _country("IT", "Italien", "22", "10", "5", "4"),
    114: _country("LU", "Luxemburg", "17", "14", "8", "3"),
    141: _country("NL", "Niederlande", "21", "9"),
    162: _country("PL", "Polen", "23", "8", "5"),
    186: _country("ES", "Spanien", "21", "10", "4"),
    191: _country("SE", "Schweden", "25", "12", "6"),
    192: _country("CH", "Schweiz", "8.1", "3.8", "2.6"),
    210: _country("GB", "Vereinigtes Königreich", "20", "5"),
    211: _country("US", "Vereinigte Staaten von Amerika"),
}
