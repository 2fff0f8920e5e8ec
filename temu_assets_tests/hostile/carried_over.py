"""Whether everything a buyer's address says has arrived in JTL's XML; written from the facts, it shares no rule with the program."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

NAMES = ("cVorname", "cNachname", "cFirma", "cAdressZusatz", "cStrasse")
WHERE_IT_MAY_STAND = {
    "receiptName": NAMES,
    "receiptAdditionalName": NAMES,
    "firstName": NAMES,
    "lastName": NAMES,
    "addressLine1": ("cStrasse",),
    "addressLine2": ("cStrasse", "cAdressZusatz", "cFirma"),
    "addressLine3": ("cStrasse", "cAdressZusatz"),
    "contactlessDropPoint": ("cStrasse", "cAdressZusatz"),
    "postCode": ("cPLZ",),
    "regionName3": ("cOrt",),
    "regionName2": ("cBundesland",),
}
EXACTLY = {"addressLine1": "cStrasse", "postCode": "cPLZ", "regionName3": "cOrt", "regionName2": "cBundesland", "mail": "cMail"}
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def can_be_xml(text: str) -> bool:
    """Whether XML 1.0 has all characters of the text, and none of them stands for one that was lost before."""
    return _FORBIDDEN.search(text) is None and "\ufffd" not in text


def parse(xml: str) -> etree._Element:
    """The order in the document; fails unless it is ASCII and well-formed for a parser that forgives nothing."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=False, huge_tree=False)
    return etree.fromstring(xml.encode("ascii"), parser)[0]


def lost(raw: Mapping[str, object], order: etree._Element) -> list[str]:
    """The fields of TEMU's answer of which something did not arrive. Blanks count as one, as JTL's fields have one line."""
    extra = raw.get("addressExtra")
    given = {**raw, **(extra if isinstance(extra, dict) else {})}
    missing = []
    for block in ("tkunde", "tlieferadresse"):
        written = {element.tag: element.text or "" for element in order.find(block)}
        for field, elements in WHERE_IT_MAY_STAND.items():
            text, there = str(given.get(field) or "").casefold(), " ".join(written[name] for name in elements).casefold()
            if not _words(text) <= _words(there) and " ".join(text.split()) not in " ".join(there.split()):
                missing.append(f"{block}: {field}")
        missing += [
            f"{block}: {field} as it is"
            for field, element in EXACTLY.items()
            if (text := _one_line(given.get(field))) and "*" not in text and written[element] != text
        ]
    return missing


def _one_line(text: object) -> str:
    return re.sub(r"[\t\r\n]+", " ", str(text or "")).strip()


def _words(text: str) -> set[str]:
    return {word.strip(",") for word in text.split()} - {""}
