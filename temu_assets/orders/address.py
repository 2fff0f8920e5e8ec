"""The buyer's address in JTL's fields: nothing of it cut, repeated or invented.

Source: fact sheets jtl-wawi, sections 1.4, 1.5 (lengths) and 1.7 (country), and temu-api, section 3.4.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from temu_assets.orders import jtl_format
from temu_assets.orders.countries import Country
from temu_assets.orders.holds import Hold, HoldReason
from temu_assets.orders.jtl_format import Element, clean
from temu_assets.orders.names import is_company, split_name
from temu_assets.orders.order import BuyerAddress
from temu_assets.texts import stored_length


class CountryStyle(StrEnum):
    """How JTL is told the country; which of the two an installation takes is its setting."""

    ISO2 = "iso2"
    GERMAN_NAME = "german_name"


@dataclass(frozen=True, slots=True)
class JtlAddress:
    """An address as JTL stores it; used for the customer and the delivery alike."""

    first_name: str
    last_name: str
    company: str
    street: str
    extra: str
    postcode: str
    city: str
    state: str
    country: str
    phone: str
    mobile: str
    mail: str


_ELEMENTS: dict[str, Element] = {
    "first_name": jtl_format.FIRST_NAME,
    "last_name": jtl_format.LAST_NAME,
    "company": jtl_format.COMPANY,
    "street": jtl_format.STREET,
    "extra": jtl_format.EXTRA,
    "postcode": jtl_format.POSTCODE,
    "city": jtl_format.CITY,
    "state": jtl_format.STATE,
    "country": jtl_format.COUNTRY,
    "phone": jtl_format.PHONE,
    "mobile": jtl_format.MOBILE,
    "mail": jtl_format.MAIL,
}


def to_jtl_address(address: BuyerAddress, country: Country, style: CountryStyle = CountryStyle.ISO2) -> JtlAddress | Hold:
    """The address for JTL, or the hold ``address_too_long`` naming the field that does not fit.

    Expects an address that ``holds.hold`` lets pass. A phone or mail with asterisks is left out. Packstation and
    Postfiliale lines stay exactly as the buyer wrote them.
    """
    given = _Given.of(address)
    first_name, last_name, company, unused = _who(given)
    result = JtlAddress(
        first_name=first_name,
        last_name=last_name,
        company=company,
        street=given.line1 or given.line_all,
        extra=_extra(given, unused),
        postcode=given.postcode,
        city=given.city,
        state=given.state,
        country=country.iso2 if style is CountryStyle.ISO2 else country.german_name,
        phone=_phone(given.mobile),
        mobile="",
        mail="" if "*" in given.mail else given.mail,
    )
    return _hold_for_length(result) or result


@dataclass(frozen=True, slots=True)
class _Given:
    """The cleaned texts this module reads."""

    recipient: str
    recipient_extra: str
    first_name: str
    last_name: str
    mobile: str
    mail: str
    state: str
    city: str
    line1: str
    line2: str
    line3: str
    line_all: str
    postcode: str
    drop_point: str
    district: str
    country_name: str

    @classmethod
    def of(cls, address: BuyerAddress) -> _Given:
        return cls(**{name: clean(getattr(address, name)) for name in cls.__dataclass_fields__})


def _who(given: _Given) -> tuple[str, str, str, list[str]]:
    """First name, last name, company, and the lines that are left for the address supplement."""
    first_name, last_name, company, lines = _named(given)
    said = _words(f"{first_name} {last_name} {company}")
    left = [name for name in (given.recipient, given.first_name, given.last_name) if not _words(name) <= said]
    return first_name, last_name, company, [*left, *lines]


def _named(given: _Given) -> tuple[str, str, str, list[str]]:
    person = _person(given)
    if is_company(given.recipient):
        if person and not is_company(" ".join(person)):
            return *person, given.recipient, [given.recipient_extra, given.line2, given.line3]
        return "", given.recipient_extra, given.recipient, [given.line2, given.line3]
    first_name, last_name = person or split_name(given.recipient or given.last_name or given.first_name)
    if is_company(given.line2):
        return first_name, last_name, given.line2, [given.recipient_extra, given.line3]
    return first_name, last_name, "", [given.recipient_extra, given.line2, given.line3]


def _person(given: _Given) -> tuple[str, str] | None:
    """The two names as TEMU split them, with what the recipient has in front of them ("Dr."); None where TEMU split none."""
    first_name, last_name = given.first_name, given.last_name
    if not (first_name and last_name):
        return None
    has_more = _words(f"{first_name} {last_name}") < _words(given.recipient)
    if has_more and not is_company(given.recipient) and given.recipient.endswith(f" {last_name}"):
        first_name = given.recipient.removesuffix(last_name).strip()
    return first_name, last_name


def _words(text: str) -> frozenset[str]:
    return frozenset(text.casefold().split())


def _extra(given: _Given, lines: list[str]) -> str:
    """What the street does not say yet, joined by commas."""
    kept: list[str] = []
    for part in (*lines, given.drop_point, *_said_only_in_the_joined_line(given)):
        said = [given.line1 or given.line_all, *kept]
        # Without a first line the street is TEMU's joined line, which repeats the others.
        joined = not given.line1 and _stands_in(part, given.line_all)
        if part and not joined and not any(_repeats(part, text) for text in said):
            kept.append(part)
    return ", ".join(kept)


def _said_only_in_the_joined_line(given: _Given) -> list[str]:
    """TEMU's joined line, which should repeat the others, where it has a word that stands nowhere else."""
    others = {name: getattr(given, name) for name in given.__dataclass_fields__ if name != "line_all"}
    words_of = re.compile(r"\w+").findall
    is_new = set(words_of(given.line_all.casefold())) - set(words_of(" ".join(others.values()).casefold()))
    return [given.line_all] if given.line1 and is_new else []


def _repeats(part: str, text: str) -> bool:
    """Whether ``text`` already says ``part``. "3" inside "Hauptstr. 3" is no repetition: it can be a door number."""
    is_phrase = re.search(r"[^\W\d_]{3}", part) is not None
    return part.casefold() == text.casefold() or (is_phrase and _stands_in(part, text))


def _stands_in(part: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(part.casefold())}(?!\w)", text.casefold()) is not None


def _phone(number: str) -> str:
    if "*" in number:
        return ""
    if stored_length(number) <= (jtl_format.PHONE.max_length or 0):
        return number
    return re.sub(r"[\s()\[\]–-]", "", number)


def _hold_for_length(address: JtlAddress) -> Hold | None:
    for field, element in _ELEMENTS.items():
        length = stored_length(getattr(address, field))
        if element.max_length is not None and length > element.max_length:
            return Hold(
                HoldReason.ADDRESS_TOO_LONG,
                f"The field {field} ({element.name}) has {length} characters and JTL holds {element.max_length}. Nothing was "
                f"cut; enter the order in JTL by hand with a shortened address.",
            )
    return None
