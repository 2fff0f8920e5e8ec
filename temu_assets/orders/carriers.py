"""Which TEMU carrier a JTL shipping method is: the shop owner's table, else only names that agree without doubt.

There is no default: an unmapped method parks the parcel, it never becomes some carrier (fault 13). Carriers come from TEMU's
list for the region of the order. Source: fact sheet temu-api, section 4.1; design, setting ``TEMU_CARRIER_MAP``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from temu_assets.errors import ConfigurationError

_HEADER = ["jtl_shipping_method", "temu_carrier"]
_GENERIC_WORD = "paket"


@dataclass(frozen=True, slots=True)
class Company:
    """A carrier of TEMU's list for one region."""

    carrier_id: int
    name: str
    brand: str


@dataclass(frozen=True, slots=True)
class Unmapped:
    """No carrier is certain; the sentence says why and what to do."""

    reason: str


@dataclass(frozen=True, slots=True)
class CarrierMap:
    """The shop owner's table: JTL shipping method (as compared) to TEMU carrier, by name or id."""

    carriers: Mapping[str, str]

    def entry(self, method: str) -> str | None:
        """What the shop owner wrote for a shipping method, or None."""
        return self.carriers.get(_compared(method))

    @classmethod
    def from_csv(cls, text: str) -> CarrierMap:
        """The table from the text of a CSV file with the header ``jtl_shipping_method,temu_carrier``.

        A semicolon, which a German Excel writes, separates as well. Raises ``ConfigurationError`` naming the line.
        """
        text = text.removeprefix("\ufeff")
        reader = csv.reader(text.splitlines(), delimiter=";" if ";" in text.partition("\n")[0] else ",", strict=True)
        carriers: dict[str, str] = {}
        try:
            if [cell.strip().casefold() for cell in next(reader, [])] != _HEADER:
                raise _bad_line(1, f"the header is not {','.join(_HEADER)}")
            for row in reader:
                if any(cell.strip() for cell in row):
                    method, carrier = _read_row(row, reader.line_num)
                    if method in carriers:
                        raise _bad_line(reader.line_num, "the shipping method is already listed above")
                    carriers[method] = carrier
        except csv.Error as error:
            raise _bad_line(reader.line_num, f"it is not CSV ({error})") from error
        return cls(carriers)


def _read_row(row: list[str], number: int) -> tuple[str, str]:
    cells = [cell.strip() for cell in row]
    if len(cells) != len(_HEADER) or not all(cells):
        raise _bad_line(number, "it does not hold one shipping method and one carrier")
    return _compared(cells[0]), cells[1]


def _bad_line(number: int, what: str) -> ConfigurationError:
    return ConfigurationError(
        f"The carrier table (TEMU_CARRIER_MAP) cannot be used: line {number}: {what}.",
        remedy='Correct that line; each line is like "DHL Paket,DHL" or "DHL Paket,141252268".',
    )


def choose(method: str, companies: Sequence[Company], mapping: CarrierMap) -> int | Unmapped:
    """The id of the TEMU carrier for the JTL shipping method ``method``, out of the ``companies`` of the order's region."""
    wanted = mapping.entry(method)
    if wanted is None:
        return _by_agreement(method, companies)
    # The shop owner's own word for a carrier means its name first: a brand often has several carriers.
    matches = (
        _ids(company for company in companies if str(company.carrier_id) == wanted)
        or _ids(company for company in companies if _compared(company.name) == _compared(wanted))
        or _ids(company for company in companies if _compared(company.brand) == _compared(wanted))
    )
    if len(matches) == 1:
        return matches.pop()
    problem = f"{len(matches)} carriers of that name" if matches else "no such carrier"
    return Unmapped(
        f'The carrier table maps "{method}" to "{wanted}", and TEMU lists {problem} for this country. Enter one of these ids '
        f"in the table (TEMU_CARRIER_MAP): {_choices(companies)}."
    )


def _by_agreement(method: str, companies: Sequence[Company]) -> int | Unmapped:
    wanted = " ".join(word for word in _compared(method).split() if word != _GENERIC_WORD)
    # A name of its own beats the brand that several carriers share: "DHL" is not "DHL Express" of the brand DHL.
    matches = _ids(company for company in companies if wanted == _compared(company.name)) or _ids(
        company for company in companies if wanted == _compared(company.brand)
    )
    if wanted and len(matches) == 1:
        return matches.pop()
    return Unmapped(
        f'The JTL shipping method "{method}" is no certain TEMU carrier. Add a line "{method},<carrier>" to the carrier table '
        f"(TEMU_CARRIER_MAP) with one of these ids: {_choices(companies)}."
    )


def _ids(companies: Iterable[Company]) -> set[int]:
    return {company.carrier_id for company in companies}


def _choices(companies: Sequence[Company]) -> str:
    listed = ", ".join(f"{company.carrier_id} ({company.name})" for company in companies)
    return listed or "TEMU lists none for this country"


def _compared(name: str) -> str:
    return " ".join(name.casefold().split())
