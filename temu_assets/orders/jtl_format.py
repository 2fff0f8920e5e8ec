"""JTL's order XML ("format A") described once; writing (``jtl_xml``) and checking (``jtl_xml_check``) both follow it.

Source: fact sheet jtl-wawi, sections 1.4 (characters), 1.5 (elements, their order, shapes and lengths) and 1.13. JTL reads
the elements in exactly this order: with the positions after the customer it refuses the order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum, StrEnum

from temu_assets.texts import stored_length

HEADER = '<?xml version="1.0" encoding="ISO-8859-1"?>'
ROOT, ORDER, LINE, CUSTOMER, DELIVERY, PAYMENT = (
    "tBestellungen",
    "tBestellung",
    "twarenkorbpos",
    "tkunde",
    "tlieferadresse",
    "tzahlungsinfo",
)
ORDER_ATTRIBUTES = ("kFirma", "kBenutzer")


class PositionType(StrEnum):
    """The two values of ``cPosTyp`` that are known to work."""

    GOODS = "standard"
    SHIPPING = "versandkosten"


class Shape(Enum):
    """How the text of an element looks; the value is the pattern the whole text must match."""

    TEXT = r".*"
    LANGUAGE = r"[a-z]{3}"
    CURRENCY = r"[A-Z]{3}"
    DATE = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])|(0[1-9]|[12]\d|3[01])\.(0[1-9]|1[0-2])\.\d{4}"
    TWO_DIGITS = r"\d+\.\d{2}"
    FIVE_DIGITS = r"\d+\.\d{5}"
    POSITION_TYPE = "|".join(PositionType)


@dataclass(frozen=True, slots=True)
class Element:
    """One leaf element. ``max_length`` counts as the database does, see :func:`stored_length`."""

    name: str
    shape: Shape = Shape.TEXT
    max_length: int | None = None
    required: bool = False
    pattern: re.Pattern[str] | None = field(init=False, repr=False, compare=False)
    """What the whole text must match; None: any text."""

    def __post_init__(self) -> None:
        """Ready once for every order that is checked."""
        pattern = None if self.shape is Shape.TEXT else re.compile(self.shape.value, re.ASCII)
        object.__setattr__(self, "pattern", pattern)


def _leaves(*elements: Element | str) -> tuple[Element, ...]:
    return tuple(Element(element) if isinstance(element, str) else element for element in elements)


ORDER_LEAVES = _leaves(
    Element("cSprache", Shape.LANGUAGE, required=True),
    Element("cWaehrung", Shape.CURRENCY, required=True),
    "cBestellNr",
    Element("cExterneBestellNr", max_length=50, required=True),
    Element("cVersandartName", max_length=255, required=True),
    "cVersandInfo",
    Element("dVersandDatum", Shape.DATE),
    "cTracking",
    Element("dLieferDatum", Shape.DATE),
    "cKommentar",
    "cBemerkung",
    Element("dErstellt", Shape.DATE, required=True),
    Element("cZahlungsartName", max_length=255, required=True),
    Element("dBezahltDatum", Shape.DATE),
)

LINE_LEAVES = _leaves(
    Element("cName", max_length=255, required=True),
    Element("cArtNr", max_length=100),
    "cBarcode",
    "cSeriennummer",
    "cEinheit",
    Element("fPreisEinzelNetto", Shape.FIVE_DIGITS, required=True),
    Element("fPreis", Shape.TWO_DIGITS, required=True),
    Element("fMwSt", Shape.TWO_DIGITS, required=True),
    Element("fAnzahl", Shape.TWO_DIGITS, required=True),
    Element("cPosTyp", Shape.POSITION_TYPE, required=True),
    Element("fRabatt", Shape.TWO_DIGITS, required=True),
)

SALUTATION = Element("cAnrede", max_length=30)
TITLE = Element("cTitel", max_length=64)
FIRST_NAME = Element("cVorname", max_length=255)
LAST_NAME = Element("cNachname", max_length=255)
COMPANY = Element("cFirma", max_length=128)
STREET = Element("cStrasse", max_length=255, required=True)
EXTRA = Element("cAdressZusatz", max_length=255)
POSTCODE = Element("cPLZ", max_length=24, required=True)
CITY = Element("cOrt", max_length=255, required=True)
STATE = Element("cBundesland", max_length=255)
COUNTRY = Element("cLand", max_length=255, required=True)
PHONE = Element("cTel", max_length=30)
MOBILE = Element("cMobil", max_length=30)
MAIL = Element("cMail", max_length=255)

_PLACE = (COMPANY, STREET, EXTRA, POSTCODE, CITY, STATE, COUNTRY, PHONE, MOBILE, Element("cFax", max_length=30), MAIL)

# The title stands before the first name for the customer and after the last name for the delivery address.
CUSTOMER_LEAVES = _leaves(
    Element("cKundenNr", max_length=30),
    *(SALUTATION, TITLE, FIRST_NAME, LAST_NAME),
    *_PLACE,
    Element("cUSTID", max_length=20),
    "cWWW",
    "cHerkunft",
    Element("dErstellt", Shape.DATE, required=True),
)
DELIVERY_LEAVES = (SALUTATION, FIRST_NAME, LAST_NAME, TITLE, *_PLACE)
PAYMENT_LEAVES = _leaves(
    *("cBankName", "cBLZ", "cKontoNr", "cKartenNr"),
    Element("dGueltigkeit", Shape.DATE),
    *("cCVV", "cKartenTyp", "cInhaber", "cIBAN", "cBIC"),
)

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LINE_BREAKS = re.compile(r"[\t\r\n]+")
_MORE = "..."

DAMAGED = "\ufffd"
"""Unicode's own sign for a character that could not be read; TEMU's half emoji arrive as this (``temu/answers.py``)."""


def clean(text: str) -> str:
    """The text as JTL can hold it: on one line, without blanks at its ends, with a sign in place of each character that XML forbids.

    Everything else stays exactly as it is, umlauts, Polish letters and emoji included.
    """
    if text.isprintable():
        # Nothing in it is a control character, a line break or half a character.
        return text.strip()
    return _LINE_BREAKS.sub(" ", _FORBIDDEN.sub(DAMAGED, text)).strip()


def is_damaged(text: str) -> bool:
    """Whether a character of the text cannot be carried over: XML forbids it, or it was unreadable when it came."""
    return DAMAGED in clean(text)


def cut_at_word(text: str, limit: int) -> str:
    """The text cut to ``limit`` stored characters, at the last blank where there is one; three dots tell that something is missing."""
    if stored_length(text) <= limit:
        return text
    limit -= len(_MORE)
    kept = text[:limit]
    while stored_length(kept) > limit:
        kept = kept[:-1]
    if not text[len(kept)].isspace() and " " in kept:
        kept = kept[: kept.rindex(" ")]
    return kept.rstrip(" ,;/-") + _MORE
