"""The text of an XML file: what its bytes mean, whatever stands before the declaration. The declaration itself is taken off."""

from __future__ import annotations

import codecs
import re

_UTF_8, _UTF_16 = "utf-8", "utf-16"
_READ = {
    "utf-8": _UTF_8, "utf8": _UTF_8, "us-ascii": _UTF_8, "ascii": _UTF_8,
    "utf-16": _UTF_16, "utf16": _UTF_16, "utf-16le": "utf-16-le", "utf-16be": "utf-16-be", "ucs-2": _UTF_16,
    "iso-8859-1": "latin-1", "iso8859-1": "latin-1", "iso_8859-1": "latin-1", "latin1": "latin-1", "latin-1": "latin-1",
    "iso-8859-2": "iso8859-2", "iso-8859-15": "iso8859-15", "windows-1252": "cp1252", "cp1252": "cp1252", "windows-1250": "cp1250",
}  # fmt: skip
_BLANKS = b" \t\r\n"
_DECLARED = re.compile(rb"<\?xml\s[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")
_DECLARATION = re.compile(r"<\?xml\s[^>]*\?>")
_BEFORE, _AFTER = "\ufeff \t\r\n", "\x00\ufeff \t\r\n"


class UnknownEncoding(Exception):  # noqa: N818 -- says what it is
    """The file declares an encoding that no invoice has (``name``)."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def decoded(xml: bytes, *, whole: bool = True) -> str:
    """The XML as text, from its first mark-up on. ``whole``: False for the beginning of a file, which may end inside a letter.

    Raises ``UnknownEncoding``, and ``UnicodeDecodeError`` where bytes are none of the encoding's letters.
    """
    text = codecs.getincrementaldecoder(_encoding(xml))().decode(xml, final=whole)
    text = text.strip(_AFTER) if whole else text.lstrip(_BEFORE)
    declaration = _DECLARATION.match(text)
    return text[declaration.end() :] if declaration else text


def _encoding(xml: bytes) -> str:
    start = xml[:1024].lstrip(_BLANKS)
    if start.startswith(codecs.BOM_UTF8):
        return _UTF_8
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _UTF_16
    if b"\x00" in start[:2]:
        return "utf-16-be" if start.startswith(b"\x00") else "utf-16-le"
    declared = _DECLARED.match(start)
    if declared is None:
        return _UTF_8
    name = declared[1].decode("ascii")
    encoding = _READ.get(name.lower())
    if encoding is None:
        raise UnknownEncoding(name)
    # Programs that write text files declare UTF-16 and save UTF-8. Here every letter of the declaration was one byte.
    return _UTF_8 if encoding.startswith(_UTF_16) else encoding
