"""Text as it is compared: lower case, without accents and punctuation. Documents lose accents, labels in profiles have them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_LETTERS = {"ß": "ss", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i"}
_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_WORD = re.compile(r"[^\W_]+")
_ODD = str.maketrans({"\x80": "€", "¨": None, "´": None, "\u00ad": None, "ﬁ": "fi", "ﬂ": "fl", "ﬀ": "ff", "ﬃ": "ffi", "\t": " "})
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\ufeff]")


def cleaned(text: str) -> str:
    """The text without what documents carry and nobody sees: ligatures, soft hyphens, control characters."""
    return unicodedata.normalize("NFC", _CONTROLS.sub(" ", text.translate(_ODD)))


def fold(word: str) -> str:
    """The word in lower case and without accents."""
    if word.isascii():
        return word.lower()
    spelled = "".join(_LETTERS.get(letter, letter) for letter in word.casefold())
    return "".join(letter for letter in unicodedata.normalize("NFKD", spelled) if not unicodedata.combining(letter))


def words(text: str) -> tuple[str, ...]:
    """The folded words of a text."""
    return tuple(fold(match[0]) for match in _WORD.finditer(cleaned(text)))


@lru_cache(maxsize=16_384)
def spellings(text: str) -> frozenset[tuple[str, ...]]:
    """All ways a document may show the words of a label: without accents, without the accented letters, with ae for ä."""
    clean = unicodedata.normalize("NFC", text)
    dropped = "".join(letter for letter in clean if letter.isascii() or not letter.isalpha())
    spelled_out = clean.casefold().translate(_SPELLED_OUT)
    ways = {words(clean), words(spelled_out)}
    if len(dropped) > 0.7 * len(clean):
        ways.add(words(dropped))
    return frozenset(way for way in ways if way)
