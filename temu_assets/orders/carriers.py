"""Which TEMU carrier a JTL shipping method is: the shop owner's table, else only names that agree without doubt.

There is no default: an unmapped method parks the parcel, it never becomes some carrier (fault 13). Carriers come from TEMU's
list for the region of the order, and a line of the table can hold for one region only. Source: fact sheet temu-api, section
4.1; design, setting ``TEMU_CARRIER_MAP``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from temu_assets.errors import ConfigurationError
from temu_assets.orders.countries import COUNTRY_BY_REGION

_HEADER = ["jtl_shipping_method", "temu_carrier"]
_HEADER_WITH_REGION = [*_HEADER, "region"]
_REGIONS = {country.iso2: country.iso2 for country in COUNTRY_BY_REGION.values()} | {
    str(number): country.iso2 for number, country in COUNTRY_BY_REGION.items()
}
_GENERIC_WORD = "paket"


@dataclass(frozen=True, slots=True)
class Company:
    """A carrier of TEMU's list for one region."""

    carrier_id: int
    name: str
    brand: str


@dataclass(frozen=True, slots=True)
class Unmapped:
    """No carrier is certain: why, with what TEMU offers, and what to do."""

    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class CarrierMap:
    """The shop owner's table: JTL shipping method (as compared) and region (ISO2, empty for all) to TEMU carrier, by name or id."""

    carriers: Mapping[tuple[str, str], str]

    def entry(self, method: str, region: str = "") -> str | None:
        """What the shop owner wrote for a shipping method, or None. A line for the ``region`` (ISO2) wins over one for all."""
        return self.carriers.get((_compared(method), region), self.carriers.get((_compared(method), "")))

    @classmethod
    def from_csv(cls, text: str) -> CarrierMap:
        """The table from the text of a CSV file with the header ``jtl_shipping_method,temu_carrier[,region]``.

        A region is ISO2 or TEMU's number; without one the line holds for every region. A semicolon, which a German Excel writes,
        separates as well. Raises ``ConfigurationError`` naming the line.
        """
        text = text.removeprefix("\ufeff")
        reader = csv.reader(text.splitlines(), delimiter=";" if ";" in text.partition("\n")[0] else ",", strict=True)
        carriers: dict[tuple[str, str], str] = {}
        try:
            header = [cell.strip().casefold() for cell in next(reader, [])]
            if header not in (_HEADER, _HEADER_WITH_REGION):
                raise _bad_line(1, f"the header is not {','.join(_HEADER)} or {','.join(_HEADER_WITH_REGION)}")
            for row in reader:
                if any(cell.strip() for cell in row):
                    method, region, carrier = _read_row(row, len(header), reader.line_num)
                    if (method, region) in carriers:
                        raise _bad_line(reader.line_num, "the shipping method is already listed above")
                    carriers[method, region] = carrier
        except csv.Error as error:
            raise _bad_line(reader.line_num, f"it is not CSV ({error})") from error
        return cls(carriers)


def _read_row(row: list[str], columns: int, number: int) -> tuple[str, str, str]:
    method, carrier, *regions = [cell.strip() for cell in row] if 1 < len(row) <= columns else ["", ""]
    if not method or not carrier:
        raise _bad_line(number, "it does not hold one shipping method and one carrier")
    region = regions[0].upper() if regions else ""
    if region and region not in _REGIONS:
        raise _bad_line(number, f"{regions[0]} is not the country code (such as AT) or region number of a country TEMU delivers to")
    return _compared(method), _REGIONS.get(region, ""), carrier


def _bad_line(number: int, what: str) -> ConfigurationError:
    return ConfigurationError(
        f"The carrier table (TEMU_CARRIER_MAP) cannot be used: line {number}: {what}.",
        remedy='Correct that line; each line is like "DHL Paket,DHL" or "DHL Paket,141252268", with a country as third column if wanted.',
    )


def choose(method: str, companies: Sequence[Company], mapping: CarrierMap, region: str = "") -> int | Unmapped:
    """The id of the TEMU carrier for the JTL shipping method ``method``, out of the ``companies`` of the order's ``region`` (ISO2)."""
    wanted = mapping.entry(method, region)
    if wanted is None:
        return _by_agreement(method, companies, region)
    # The shop owner's own word for a carrier means its name first: a brand often has several carriers.
    matches = (
        _ids(company for company in companies if str(company.carrier_id) == wanted)
        or _ids(company for company in companies if _compared(company.name) == _compared(wanted))
        or _ids(company for company in companies if _compared(company.brand) == _compared(wanted))
    )
    if len(matches) == 1:
        return matches.pop()
    place = region or "the country of the order"
    problem = f"of that name TEMU offers {len(matches)} for {place}" if matches else f"TEMU does not offer this carrier for {place}"
    return Unmapped(
        f'The carrier table maps "{method}" to "{wanted}", and {problem}. {_offer(companies, region)}',
        _another_line(method, region, mapping),
    )


def _another_line(method: str, region: str, mapping: CarrierMap) -> str:
    otherwise = "If none of them took the parcel, confirm it in the TEMU Seller Center."
    if (_compared(method), region) in mapping.carriers and region:
        return f"Correct the line for {region} in the carrier table (TEMU_CARRIER_MAP). {otherwise}"
    return (
        f"If one of them took the parcel, add a line for this country to the carrier table (TEMU_CARRIER_MAP), with the column region: "
        f'"{method},<carrier>,{region or "<country>"}". The line there is may be right for other countries. {otherwise}'
    )


def _by_agreement(method: str, companies: Sequence[Company], region: str) -> int | Unmapped:
    wanted = " ".join(word for word in _compared(method).split() if word != _GENERIC_WORD)
    # A name of its own beats the brand that several carriers share: "DHL" is not "DHL Express" of the brand DHL.
    matches = _ids(company for company in companies if wanted == _compared(company.name)) or _ids(
        company for company in companies if wanted == _compared(company.brand)
    )
    if wanted and len(matches) == 1:
        return matches.pop()
    return Unmapped(
        f'The JTL shipping method "{method}" is no certain TEMU carrier. {_offer(companies, region)}',
        f'Add a line "{method},<carrier>" to the carrier table (TEMU_CARRIER_MAP), with the name or the id of one of them.',
    )


def _ids(companies: Iterable[Company]) -> set[int]:
    return {company.carrier_id for company in companies}


def _offer(companies: Sequence[Company], region: str) -> str:
    listed = ", ".join(f"{company.carrier_id} ({company.name})" for company in companies)
    return f"TEMU offers for {region or 'the country of the order'}: {listed or 'no carrier at all'}."


def _compared(name: str) -> str:
    return " ".join(name.casefold().split())
