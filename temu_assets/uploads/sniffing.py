"""What a file is, by its first bytes and not by its name; and the sentence for one that does not belong where it was dropped."""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import StrEnum

HEAD_BYTES = 8_192
"""So much of a file is looked at."""
_PDF_WITHIN = 1_024
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be", b"\xef\xbb\xbf": "utf-8"}
_HTML = re.compile(r"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
_XML = re.compile(r"\s*<(?:\?xml[\s?]|!--|[A-Za-z_][\w.:-]*[\s/>])")
_NOT_IN_TEXT = re.compile(rb"[\x00-\x08\x0e-\x19\x1b-\x1f]")


class FileKind(StrEnum):
    """The kinds of files the page takes; the value is how their names end."""

    PDF = ".pdf"
    XML = ".xml"
    CSV = ".csv"
    ZIP = ".zip"

    @property
    def label(self) -> str:
        """As a person calls it."""
        return self.value[1:].upper()

    def is_ending_of(self, name: str) -> bool:
        """Whether a file's name says it is of this kind."""
        return name.casefold().endswith(self.value)


def kind_of(head: bytes) -> FileKind | None:
    """What a file is that begins so (``HEAD_BYTES`` of it are enough); None for anything the page does not take."""
    if head.startswith(_ZIP):
        return FileKind.ZIP
    if b"%PDF-" in head[:_PDF_WITHIN]:
        return FileKind.PDF
    encoding = next((name for mark, name in _MARKS.items() if head.startswith(mark)), "latin-1")
    text = head.decode(encoding, "replace").lstrip("\ufeff")
    if _HTML.search(text):
        return None
    if _XML.match(text):
        return FileKind.XML
    return FileKind.CSV if head and not _NOT_IN_TEXT.search(head) else None


def refusal(name: str, head: bytes, allowed: Collection[FileKind]) -> str:
    """Why a file with this name and beginning is not taken, in German; empty when it is."""
    if not head:
        return "Die Datei ist leer."
    promised = next((kind for kind in allowed if kind.is_ending_of(name)), None)
    if promised is None:
        return f"Hier werden nur {_listed(allowed)} angenommen."
    found = kind_of(head)
    if found is promised:
        return ""
    seen = f"sie enthält {found.label}" if found in {FileKind.PDF, FileKind.XML, FileKind.ZIP} else "ihr Inhalt ist etwas anderes"
    return f"Die Datei heißt {promised.value}, aber {seen}. Bitte die Originaldatei ablegen."


def _listed(kinds: Collection[FileKind]) -> str:
    *first, last = [kind.label for kind in FileKind if kind in kinds]
    return f"{', '.join(first)} und {last}" if first else last
