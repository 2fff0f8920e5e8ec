"""Numbers that name somebody: VAT ids, IBANs and German tax numbers; only what has the right form is taken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_VAT_FORMS = {
    "AT": "ATU#{8}", "BE": "BE[01]#{9}", "BG": "BG#{9,10}", "CH": "CHE#{9}", "CY": "CY#{8}@", "CZ": "CZ#{8,10}", "DE": "DE#{9}",
    "DK": "DK#{8}", "EE": "EE#{9}", "ES": "ES[A-Z]#{7}[A-Z0-9]|ES#{8}@", "FI": "FI#{8}", "FR": "FR[A-Z0-9]{2}#{9}", "GB": "GB#{9}|GB#{12}",
    "GR": "EL#{9}", "HR": "HR#{11}", "HU": "HU#{8}", "IE": "IE#{7}[A-W][A-I]?|IE#[A-Z0-9+*]#{5}@", "IT": "IT#{11}",
    "LT": "LT#{12}|LT#{9}", "LU": "LU#{8}", "LV": "LV#{11}", "MT": "MT#{8}", "NL": "NL#{9}B#{2}", "PL": "PL#{10}", "PT": "PT#{9}",
    "RO": "RO#{2,10}", "SE": "SE#{10}01", "SI": "SI#{8}", "SK": "SK#{10}", "XI": "XI#{9}|XI#{12}",
}  # fmt: skip
"""By country; # is a digit, @ a letter. Northern Ireland's ids begin with XI and belong to GB."""

_IBAN_LENGTHS = {
    "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24, "FI": 18, "FR": 27, "GB": 22,
    "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MT": 31, "NL": 18, "NO": 15, "PL": 28,
    "PT": 25, "RO": 24, "SE": 24, "SI": 19, "SK": 24,
}  # fmt: skip

_UNIT = re.compile(r"(\[[^\]]+\]|[#@]|[A-Z0-9])(\{[\d,]+\}|\?)?")


def _spaced(form: str) -> str:
    """The form with a blank, dot or hyphen allowed between any two characters."""
    parts = []
    for unit, count in _UNIT.findall(form):
        letter = {"#": r"\d", "@": "[A-Z]"}.get(unit, unit)
        parts.append(rf"(?:{letter}[ .-]?){count}" if count else rf"{letter}[ .-]?")
    return "".join(parts)


_VAT = {
    country: re.compile("|".join(rf"(?<![A-Za-z0-9]){_spaced(form)}(?![A-Za-z0-9])" for form in forms.split("|")))
    for country, forms in _VAT_FORMS.items()
}
_EXACT = {
    country: re.compile("|".join(f"(?:{each.replace('#', '[0-9]').replace('@', '[A-Z]')})" for each in forms.split("|")))
    for country, forms in _VAT_FORMS.items()
}
_ANY_PREFIX = re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(sorted({form[:2] for form in '|'.join(_VAT_FORMS.values()).split('|')}))})")
_BARE_VAT = {"it": ("IT", r"\d{11}"), "pl": ("PL", r"\d{10}"), "es": ("ES", r"[A-Z]\d{7}[A-Z0-9]|\d{8}[A-Z]")}
_TAX_NUMBER = re.compile(r"(?<![\w/])(\d{2,3}[ /]\d{3,4}[ /]\d{4,5}|\d{10,13})(?![\w/])")
_IBAN_START = re.compile(r"(?<![A-Za-z0-9])([A-Z]{2})\d{2}(?=[ A-Z0-9])")
_LIKE_IBAN = re.compile(r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3}")


@dataclass(frozen=True, slots=True)
class VatId:
    """A VAT id without blanks, at ``start`` of a text, and the country it belongs to."""

    value: str
    country: str
    start: int


def find_vat_ids(text: str) -> Iterator[VatId]:
    """All well-formed VAT ids with their country in front."""
    for prefix in _ANY_PREFIX.finditer(text):
        if _LIKE_IBAN.match(text, prefix.start()):
            continue
        for country, form in _VAT.items():
            match = form.match(text, prefix.start())
            if match is None:
                continue
            value = re.sub(r"[ .-]", "", match[0])
            if _EXACT[country].fullmatch(value):
                yield VatId(value, "GB" if country == "XI" else country, match.start())
                break


def bare_vat_id(text: str, language: str) -> str | None:
    """A VAT id behind its label as Italy, Poland and Spain print it, without the country; given with it."""
    country, form = _BARE_VAT.get(language, ("", ""))
    compact = re.sub(r"[ .-]", "", text.strip(" :.")).upper()
    return f"{country}{compact}" if country and re.fullmatch(form, compact) else None


def find_ibans(text: str) -> Iterator[str]:
    """All IBANs whose check digits are right, without blanks."""
    for match in _IBAN_START.finditer(text):
        length = _IBAN_LENGTHS.get(match[1])
        if length is None:
            continue
        compact, at = "", match.start()
        while at < len(text) and len(compact) < length and (text[at].isalnum() or (text[at] == " " and text[at + 1 : at + 2] != " ")):
            compact += text[at].strip()
            at += 1
        if len(compact) == length and not text[at : at + 1].isalnum() and is_iban(compact):
            yield compact


def is_iban(text: str) -> bool:
    """Whether length and check digits are those of an IBAN."""
    if len(text) != _IBAN_LENGTHS.get(text[:2]) or not text.isascii() or not text.isalnum() or not text.isupper():
        return False
    return _has_right_digits(text)


def is_wrong_iban(text: str) -> bool:
    """Whether it has the form of an IBAN and is none; an account of another kind is not wrong."""
    if re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", text) is None:
        return False
    return not (is_iban(text) if text[:2] in _IBAN_LENGTHS else _has_right_digits(text))


def _has_right_digits(text: str) -> bool:
    return int("".join(str(int(letter, 36)) for letter in text[4:] + text[:4])) % 97 == 1


def tax_number_in(text: str) -> str | None:
    """A German tax number at the beginning of a text."""
    match = _TAX_NUMBER.match(text.strip(" :."))
    return match[1] if match else None
