"""Lengths of texts as SQL Server counts them: an emoji is two."""

from __future__ import annotations


def stored_length(text: str) -> int:
    """How many characters of an NVARCHAR column the text takes."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, longest: int) -> str:
    """The text for people to read, not longer than its column and without the one character no server keeps in a text."""
    text = text.replace("\0", "")
    if len(text) * 2 <= longest:
        return text
    # Half of a character that counts twice is dropped.
    return text.encode("utf-16-le", "surrogatepass")[: longest * 2].decode("utf-16-le", "ignore")
