"""What a file is, told by how it begins and not by its name."""

from __future__ import annotations

import re

_BEGINNING = 1024
"""A PDF may have so many bytes of something else before it begins; readers have always forgiven that."""
_XML_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
_MAIL = re.compile(rb"(?:Return-Path|Received|From|To|Date|Subject|MIME-Version|Delivered-To|Message-ID|X-[\w-]{1,60}): ?", re.IGNORECASE)
_AGAIN = "Bitte die Rechnung selbst als PDF oder XML herunterladen und ablegen."
_AS_PDF = "Bitte als PDF speichern und noch einmal ablegen."
_UNPACKED = "Bitte entpacken und die Rechnungen einzeln ablegen."
_FROM_MAIL = "Bitte den Anhang der E-Mail speichern und ablegen."
_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"\xff\xd8\xff", "ein Bild (JPEG)", _AS_PDF),
    (b"\x89PNG", "ein Bild (PNG)", _AS_PDF),
    (b"GIF8", "ein Bild (GIF)", _AS_PDF),
    (b"BM", "ein Bild (BMP)", _AS_PDF),
    (b"II*\0", "ein Bild (TIFF)", _AS_PDF),
    (b"MM\0*", "ein Bild (TIFF)", _AS_PDF),
    (b"{\\rtf", "ein Textdokument (RTF)", _AS_PDF),
    (b"\xd0\xcf\x11\xe0", "eine Datei von Word, Excel oder Outlook", _AS_PDF),
    (b"Rar!", "ein Archiv (RAR)", _UNPACKED),
    (b"7z\xbc\xaf", "ein Archiv (7-Zip)", _UNPACKED),
    (b"\x1f\x8b", "ein Archiv (GZIP)", _UNPACKED),
    (b"%!PS", "eine PostScript-Datei", _AS_PDF),
    (b"MZ", "ein Programm", _AGAIN),
)
_IN_ZIP = (
    (b"word/document.xml", "ein Word-Dokument", _AS_PDF),
    (b"xl/workbook.xml", "eine Excel-Datei", _AS_PDF),
    (b"opendocument", "ein OpenDocument (LibreOffice)", _AS_PDF),
)


def is_pdf(content: bytes) -> bool:
    """Whether it begins like a PDF, after at most one kilobyte of something else."""
    return b"%PDF-" in content[: _BEGINNING + 5]


def begins_like_xml(content: bytes) -> bool:
    """Whether it may be XML, in any encoding; an HTML page is none."""
    return (content.lstrip()[:1] == b"<" or content.startswith(_XML_MARKS)) and not _is_html(content)


def looks_like(content: bytes) -> tuple[str | None, str]:
    """What a file that is no PDF looks like ("eine HTML-Seite"; None: like nothing known), and what to do about it."""
    if _is_html(content):
        return "eine HTML-Seite (oft eine Anmelde- oder Fehlerseite)", _AGAIN
    if content.startswith(b"PK\x03\x04"):
        named = next(((words, advice) for mark, words, advice in _IN_ZIP if mark in content), None)
        return named or ("ein Archiv (ZIP)", _UNPACKED)
    for signature, words, advice in _SIGNATURES:
        if content.startswith(signature):
            return words, advice
    if _MAIL.match(content):
        return "eine E-Mail", _FROM_MAIL
    if begins_like_xml(content):
        return "eine andere XML-Datei", _AGAIN
    return ("eine Textdatei", _AGAIN) if _is_text(content) else (None, _AGAIN)


def _is_html(content: bytes) -> bool:
    beginning = content[:_BEGINNING].replace(b"\0", b"").lower()
    return re.search(rb"<!doctype\s+html|<html[\s>]", beginning) is not None


def _is_text(content: bytes) -> bool:
    beginning = content[:_BEGINNING]
    return not any(byte < 32 and byte not in b"\t\n\r\f" for byte in beginning)
