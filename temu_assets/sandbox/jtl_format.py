"""JTL's order XML ("menu" format) as the stand-in insists on it: names, order, shapes, lengths.

Source: fact sheet jtl-wawi, sections 1.4 and 1.5. That JTL refuses what does not fit is an assumption of that sheet's
section 4.3; real JTL may be milder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree

HEADER = '<?xml version="1.0" encoding="ISO-8859-1"?>'

_SHAPES = {
    "date": re.compile(r"\d{4}-\d{2}-\d{2}|\d{2}\.\d{2}\.\d{4}"),
    "money2": re.compile(r"-?\d+\.\d{2}"),
    "money5": re.compile(r"-?\d+\.\d{5}"),
    "number": re.compile(r"\d+"),
}


class RejectedError(Exception):
    """The stand-in does not import this XML; the text says why."""


@dataclass(frozen=True, slots=True)
class Field:
    """One element: its shape, greatest length, whether it has to be there, and whether it may be empty."""

    name: str
    shape: str = "text"
    length: int = 0
    optional: bool = False
    filled: bool = False

    def check(self, text: str) -> None:
        """Raise RejectedError if the text does not fit."""
        if not text:
            if self.filled:
                raise RejectedError(f"{self.name} is empty.")
            return
        shape = _SHAPES.get(self.shape)
        if shape is not None and not shape.fullmatch(text):
            raise RejectedError(f"{self.name} is not of the shape {self.shape}.")
        if self.length and len(text) > self.length:
            raise RejectedError(f"{self.name} has {len(text)} characters, {self.length} are allowed.")


def _fields(names: str) -> tuple[Field, ...]:
    return tuple(Field(name) for name in names.split())


ORDER_HEAD = (
    Field("cSprache", length=3, filled=True),
    Field("cWaehrung", length=3, filled=True),
    Field("fGuthaben", "money2", optional=True),
    Field("fGesamtsumme", "money2", optional=True),
    Field("cBestellNr", length=50),
    Field("cExterneBestellNr", length=50),
    Field("cVersandartName", length=255, filled=True),
    *_fields("cVersandInfo"),
    Field("dVersandDatum", "date"),
    Field("cTracking"),
    Field("cLogistiker", optional=True),
    Field("dLieferDatum", "date"),
    *_fields("cKommentar cBemerkung"),
    Field("dErstellt", "date", filled=True),
    Field("cZahlungsartName", length=255, filled=True),
    Field("dBezahltDatum", "date"),
    Field("fBezahlt", "money2", optional=True),
    Field("nZahlungsziel", "number", optional=True),
)
POSITION = (
    Field("cName", length=255, filled=True),
    Field("cArtNr", length=100),
    *_fields("cBarcode"),
    Field("cSeriennummer", optional=True),
    *_fields("cEinheit"),
    Field("fPreisEinzelNetto", "money5", filled=True),
    Field("fPreis", "money2", filled=True),
    Field("fMwSt", "money2", filled=True),
    Field("fAnzahl", "money2", filled=True),
    Field("cPosTyp", filled=True),
    Field("fRabatt", "money2", filled=True),
)
CUSTOMER = (
    Field("cKundenNr", length=20),
    Field("cAnrede", length=30),
    Field("cTitel", length=64),
    Field("cVorname", length=255),
    Field("cNachname", length=255),
    Field("cFirma", length=128),
    Field("cStrasse", length=255, filled=True),
    Field("cAdressZusatz", length=255),
    Field("cPLZ", length=24, filled=True),
    Field("cOrt", length=255, filled=True),
    Field("cBundesland", length=255),
    Field("cLand", length=255, filled=True),
    Field("cTel", length=30),
    Field("cMobil", length=30),
    Field("cFax", length=30),
    Field("cMail", length=255),
    Field("cUSTID", length=20),
    *_fields("cWWW"),
    Field("cNewsletter", optional=True),
    Field("dGeburtstag", "date", optional=True),
    Field("fRabatt", "money2", optional=True),
    *_fields("cHerkunft"),
    Field("dErstellt", "date"),
)
_OF_CUSTOMER = {field.name: field for field in CUSTOMER}
_DELIVERY_ORDER = "Anrede Vorname Nachname Titel Firma Strasse AdressZusatz PLZ Ort Bundesland Land Tel Mobil Fax Mail"
DELIVERY = tuple(_OF_CUSTOMER[f"c{name}"] for name in _DELIVERY_ORDER.split())
PAYMENT = (
    *_fields("cBankName cBLZ cKontoNr cKartenNr dGueltigkeit cCVV cKartenTyp cInhaber"),
    Field("cIBAN", optional=True),
    Field("cBIC", optional=True),
)
ORDER_ATTRIBUTES = frozenset({"kFirma", "kBenutzer", "cRechnungsNr", "cFirma", "cMandant"})
POSITION_TYPES = {"standard": 1, "versandkosten": 2}


@dataclass(frozen=True, slots=True)
class OrderXml:
    """One order as read: texts by element name."""

    head: dict[str, str]
    positions: list[dict[str, str]]
    customer: dict[str, str]
    delivery: dict[str, str]


def read(text: str) -> list[OrderXml]:
    """Read the orders of one XML text; raises RejectedError."""
    if not text.startswith(HEADER):
        raise RejectedError(f"The text does not start with {HEADER}")
    if "<!DOCTYPE" in text:
        raise RejectedError("A document type is not allowed.")
    try:
        raw = text.encode("iso-8859-1")
    except UnicodeEncodeError:
        raise RejectedError("The text has characters outside ISO-8859-1.") from None
    try:
        root = ElementTree.fromstring(raw)  # noqa: S314 - a document type, and so every entity, is refused above
    except ElementTree.ParseError as error:
        raise RejectedError(f"The text is not well-formed XML: {error}") from None
    if root.tag != "tBestellungen" or not len(root):
        raise RejectedError("The root must be tBestellungen with at least one tBestellung.")
    return [_order(element) for element in root]


def _order(element: ElementTree.Element) -> OrderXml:
    if element.tag != "tBestellung" or set(element.attrib) - ORDER_ATTRIBUTES:
        raise RejectedError(f"{element.tag} or its attributes are unknown.")
    children = list(element)
    first = next((place for place, child in enumerate(children) if child.tag == "twarenkorbpos"), len(children))
    rest = children[first:]
    goods = [child for child in rest if child.tag == "twarenkorbpos"]
    blocks = rest[len(goods) :]
    if [child.tag for child in rest[: len(goods)]] != ["twarenkorbpos"] * len(goods) or not goods:
        raise RejectedError("twarenkorbpos must follow the order's own fields, all in a row, at least one.")
    tags = [block.tag for block in blocks]
    if tags not in (["tkunde"], ["tkunde", "tlieferadresse"], ["tkunde", "tlieferadresse", "tzahlungsinfo"]):
        raise RejectedError(f"After the positions come tkunde, tlieferadresse, tzahlungsinfo, not {', '.join(tags)}.")
    customer = _texts(list(blocks[0]), CUSTOMER, "tkunde")
    if len(blocks) > 2:
        _texts(list(blocks[2]), PAYMENT, "tzahlungsinfo")
    return OrderXml(
        head=_texts(children[:first], ORDER_HEAD, "tBestellung"),
        positions=[_texts(list(child), POSITION, "twarenkorbpos") for child in goods],
        customer=customer,
        delivery=_texts(list(blocks[1]), DELIVERY, "tlieferadresse") if len(blocks) > 1 else customer,
    )


def _texts(children: list[ElementTree.Element], fields: tuple[Field, ...], block: str) -> dict[str, str]:
    """Walk the children along the fields; an optional field may be skipped, nothing else."""
    texts: dict[str, str] = {}
    waiting = list(children)
    for field in fields:
        if waiting and waiting[0].tag == field.name:
            child = waiting.pop(0)
            if len(child):
                raise RejectedError(f"{block}/{field.name} must hold text only.")
            texts[field.name] = (child.text or "").strip()
            field.check(texts[field.name])
        elif not field.optional:
            found = waiting[0].tag if waiting else "the end"
            raise RejectedError(f"In {block} comes {found} where {field.name} is expected.")
    if waiting:
        raise RejectedError(f"In {block} {waiting[0].tag} is unknown or at the wrong place.")
    return texts
