"""XML of strangers, read safely: no entities, no other files, no network, nothing that grows while it is read."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Protocol

from temu_assets.invoices.e_invoice_decoding import UnknownEncoding, decoded

MAX_BYTES = 20 * 1024 * 1024
MAX_MARKS = 1_000_000
"""So many tags and attributes; an invoice of 10,000 lines has half of them. Each takes a hundred bytes of memory and more."""
_PEEKED = 256 * 1024
_PROLOG = re.compile(r"(?:\s+|<!--.*?-->|<\?.*?\?>)*+", re.DOTALL)
_START_TAG = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)")
_SHOWN = 40


class UnreadableXml(Exception):  # noqa: N818 -- says what it is
    """The XML cannot or must not be read; ``why`` is a German sentence."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class _Element(Protocol):
    tag: object
    text: str | None

    def get(self, key: str) -> str | None: ...
    def iterchildren(self, *tags: str) -> Iterator[_Element]: ...


class Node:
    """An element, asked by local names alone: files in the wild have namespaces of all versions, or wrong ones."""

    __slots__ = ("_element",)

    def __init__(self, element: _Element) -> None:
        self._element = element

    @property
    def name(self) -> str:
        """The local name."""
        return _split(self._element.tag)[1]

    @property
    def namespace(self) -> str:
        """The namespace, or nothing."""
        return _split(self._element.tag)[0]

    @property
    def text(self) -> str:
        """The text without blanks around it and with single blanks inside; nothing where there are elements in it."""
        if next(self._element.iterchildren(), None) is not None:
            return ""
        return " ".join((self._element.text or "").split())

    def attribute(self, name: str) -> str:
        """An attribute without a namespace, or nothing."""
        return (self._element.get(name) or "").strip()

    def children(self) -> Iterator[Node]:
        """The elements inside, in their order."""
        return (Node(child) for child in self._element.iterchildren())

    def all(self, *path: str) -> list[Node]:
        """The elements at a path of local names; a step may name several ("Invoice|CreditNote")."""
        found = [self._element]
        for step in path:
            tags = [f"{{*}}{name}" for name in step.split("|")]
            found = [child for element in found for child in element.iterchildren(*tags)]
        return [Node(element) for element in found]


def parse(xml: bytes) -> Node:
    """The root element. Raises ``UnreadableXml``."""
    from lxml import etree

    source = _checked(xml).encode()
    parser = etree.XMLParser(**_LIMITS)
    try:
        root: _Element = etree.fromstring(source, parser)
    except etree.XMLSyntaxError as error:
        if error.code in {etree.ErrorTypes.ERR_RESOURCE_LIMIT, etree.ErrorTypes.ERR_NAME_TOO_LONG}:
            raise UnreadableXml("Das XML ist zu tief verschachtelt oder enthält zu lange Texte; es wird nicht gelesen.") from error
        raise UnreadableXml(f"Das XML ist beschädigt (nicht wohlgeformt, Zeile {error.lineno or 1}).") from error
    return Node(root)


def first_names(xml: bytes) -> list[tuple[str, str]]:
    """Namespace and local name of the first elements of a file, as far as its beginning can be read. Raises nothing on any bytes.

    A file with a DOCTYPE is not parsed; its names are those that look like tags, without namespaces.
    """
    from lxml import etree

    try:
        text = decoded(xml[:_PEEKED], whole=False)
    except (UnknownEncoding, UnicodeDecodeError):
        return []
    if _has_doctype(text):
        return [("", match[1]) for match in _START_TAG.finditer(text)]
    parser = etree.XMLPullParser(events=("start",), **_LIMITS)
    found: list[tuple[str, str]] = []
    # What stands before a fault is told all the same.
    with contextlib.suppress(etree.XMLSyntaxError, UnicodeEncodeError):
        parser.feed(text.encode())
    with contextlib.suppress(etree.XMLSyntaxError):
        found.extend(_split(element.tag) for _, element in parser.read_events())
    return found


_LIMITS: dict[str, bool | str] = {
    "encoding": "utf-8", "resolve_entities": False, "no_network": True, "load_dtd": False, "dtd_validation": False, "huge_tree": False,
    "remove_comments": True, "remove_pis": True,
}  # fmt: skip


def _checked(xml: bytes) -> str:
    """The text of a file that is harmless to parse."""
    if len(xml) > MAX_BYTES:
        raise UnreadableXml(f"Das XML ist größer als {MAX_BYTES // 1024**2} MB; es wird nicht gelesen.")
    try:
        text = decoded(xml)
    except UnknownEncoding as error:
        raise UnreadableXml(f"Das XML nennt den Zeichensatz '{error.name}'; der wird nicht gelesen.") from error
    except UnicodeDecodeError as error:
        raise UnreadableXml(f"Das XML ist beschädigt: es enthält Zeichen, die nicht zu {error.encoding.upper()} passen.") from error
    if not text:
        raise UnreadableXml("Das XML ist leer.")
    if _has_doctype(text):
        raise UnreadableXml(
            "Das XML enthält eine DOCTYPE-Angabe; damit ließen sich fremde Dateien einlesen oder der Rechner lahmlegen. "
            "E-Rechnungen haben keine, es wird nicht gelesen."
        )
    if text.count("<") + text.count("=") > MAX_MARKS:
        raise UnreadableXml("Das XML enthält zu viele Elemente; es wird nicht gelesen.")
    return text


def _has_doctype(text: str) -> bool:
    """Only comments and processing instructions may stand before it, so nothing else has to be understood to find it."""
    prolog = _PROLOG.match(text)
    return text.startswith("<!DOCTYPE", prolog.end() if prolog else 0)


def _split(tag: object) -> tuple[str, str]:
    namespace, _, name = str(tag).rpartition("}")
    return namespace.removeprefix("{"), name


def shown(text: str) -> str:
    """A value of a stranger's file as a sentence quotes it."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text[: _SHOWN + 1])
    return f"'{printable}'" if len(text) <= _SHOWN else f"'{printable[:_SHOWN]}…'"
