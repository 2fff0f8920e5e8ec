"""Issuers and languages as data: by which phrases a document is recognised, and how its labels, amounts and dates are written.

A YAML text holds one profile or several, each after a line ``---``. ``type: issuer`` (the usual one) describes one kind of document of one
issuer, ``type: language`` the labels of everyday invoices in a language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from temu_assets.errors import ConfigurationError
from temu_assets.invoices.figures import Decimals
from temu_assets.invoices.reading import Kind, Lane
from temu_assets.invoices.text_dates import DateOrder
from temu_assets.invoices.text_folding import words

_FOLDER = "profile_data"
LONGEST_PROFILE = 200_000
"""A longer YAML text is no profile."""


class Labelled(StrEnum):
    """What a label can stand before, above or over a column of. ITEM: a column of the list of items; OTHER: what must not be mistaken."""

    NUMBER = "number"
    CREDIT_NUMBER = "credit_number"
    NUMBER_AND_DATE = "number_and_date"
    ISSUED_ON = "issued_on"
    DUE_ON = "due_on"
    PERIOD = "period"
    SERVICE_DATE = "service_date"
    NET = "net"
    SUBTOTAL = "subtotal"
    TAX = "tax"
    RATE = "rate"
    GROSS = "gross"
    PAYABLE = "payable"
    PREPAID = "prepaid"
    CURRENCY = "currency"
    ORDER = "order"
    ISSUER = "issuer"
    BUYER = "buyer"
    VAT_ID = "vat_id"
    BUYER_VAT_ID = "buyer_vat_id"
    TAX_NUMBER = "tax_number"
    ITEM = "item"
    OTHER = "other"


class Statement(StrEnum):
    """A sentence that says why there is no tax, or when the service was."""

    REVERSE_CHARGE = "reverse_charge"
    SMALL_BUSINESS = "small_business"
    INTRA_EU = "intra_eu"
    EXPORT = "export"
    SERVICE_ON_INVOICE_DATE = "service_on_invoice_date"


class Title(StrEnum):
    """What a document calls itself."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    CORRECTION = "correction"
    OTHER = "other"


class Strength(StrEnum):
    """How surely a label of a language means its field."""

    STRONG = "strong"
    MEDIUM = "medium"
    WEAK = "weak"


Text = Annotated[str, Field(min_length=1, max_length=200)]
Texts = tuple[Text, ...]


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class IssuerProfile(_Data):
    """One kind of document of one issuer. What is not told here is read by the labels of its language."""

    type: Literal["issuer"] = "issuer"
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,59}$")
    issuer: Text | None = None
    issuer_names: Texts = ()
    vat_ids: Texts = ()
    lane: Lane
    kind: Kind | None = None
    country: str | None = Field(None, pattern=r"^[A-Z]{2}$")
    language: str = Field(pattern=r"^[a-z]{2}$")
    currency: str | None = Field(None, pattern=r"^[A-Z]{3}$")
    decimals: Decimals | None = None
    dates: DateOrder | None = None
    all_of: Texts = ()
    any_of: Texts = ()
    labels: Mapping[Labelled, Texts] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_recognisable(self) -> IssuerProfile:
        if not self.all_of and not self.any_of:
            raise ValueError("all_of or any_of has to name a phrase by which the document is recognised")
        _require_words([*self.all_of, *self.any_of, *self.issuer_names, *(text for texts in self.labels.values() for text in texts)])
        return self


class Language(_Data):
    """The labels of everyday invoices in one language. ``words``: frequent words, to tell the language by."""

    type: Literal["language"]
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,59}$")
    language: str = Field(pattern=r"^[a-z]{2}$")
    decimals: Decimals
    dates: DateOrder
    blank_thousands: bool = False
    crown: str | None = Field(None, pattern=r"^[A-Z]{3}$")
    words: Texts
    labels: Mapping[Labelled, Mapping[Strength, Texts]]
    titles: Mapping[Title, Texts]
    statements: Mapping[Statement, Texts] = Field(default_factory=dict)
    conditions: Texts = ()
    tax_words: Texts
    tax_fillers: Texts = ()
    base_words: Texts = ()
    inside_words: Texts = ()
    net_words: Texts = ()
    gross_words: Texts = ()
    fillers: Texts = ()
    discount_words: Texts = ()
    advertising: Texts = ()

    @model_validator(mode="after")
    def _has_words(self) -> Language:
        _require_words([text for strengths in self.labels.values() for texts in strengths.values() for text in texts])
        _require_words([text for texts in self.titles.values() for text in texts])
        return self


def _require_words(texts: list[str]) -> None:
    for text in texts:
        if not words(text):
            raise ValueError(f"'{text}' has no letter or digit")


_ISSUER = TypeAdapter(IssuerProfile)
_LANGUAGE = TypeAdapter(Language)


@dataclass(frozen=True, eq=False)
class Profiles:
    """All profiles that are in force, by id, and the languages by their code."""

    issuers: Mapping[str, IssuerProfile]
    languages: Mapping[str, Language]


def load_profiles(extra: tuple[tuple[str, str], ...] = ()) -> Profiles:
    """The built-in profiles and ``extra`` ones, given as file name and YAML text; one with the id of another replaces it.

    Raises ConfigurationError naming the file and what is wrong in it.
    """
    issuers: dict[str, IssuerProfile] = {}
    languages: dict[str, Language] = {}
    for name, text in (*_built_in(), *extra):
        for profile in _profiles(name, text):
            if isinstance(profile, Language):
                languages[profile.language] = profile
            else:
                issuers[profile.id] = profile
    for profile in issuers.values():
        if profile.language not in languages:
            raise _wrong(profile.id, f"there is no language '{profile.language}'; known are {', '.join(sorted(languages))}")
    return Profiles(issuers, languages)


def _built_in() -> list[tuple[str, str]]:
    """The YAML texts that come with the program; the only place here that reads files."""
    folder = resources.files(__package__ or "").joinpath(_FOLDER)
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".yaml")), key=lambda entry: entry.name)
    return [(entry.name, entry.read_text(encoding="utf-8")) for entry in files]


def _profiles(name: str, text: str) -> Iterator[IssuerProfile | Language]:
    import yaml

    if len(text) > LONGEST_PROFILE:
        raise _wrong(name, f"it is longer than {LONGEST_PROFILE} characters")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        documents = [document for document in yaml.load_all(text, Loader=loader) if document is not None]
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark is not None else ""
        raise _wrong(name, f"it is no YAML{where}") from None
    if not documents:
        raise _wrong(name, "it is empty")
    for document in documents:
        if not isinstance(document, dict):
            raise _wrong(name, "a profile is a mapping, for example 'id: my-supplier'")
        kind = _LANGUAGE if document.get("type") == "language" else _ISSUER
        try:
            yield kind.validate_python(document)
        except ValidationError as error:
            raise _wrong(name, _told(error)) from None


def _told(error: ValidationError) -> str:
    """What is wrong, by field; without the values, which may be long."""
    problems = [f"{'.'.join(str(part) for part in each['loc']) or 'profile'}: {each['msg']}" for each in error.errors(include_url=False)]
    return "; ".join(problems[:5]) + (f" and {len(problems) - 5} more" if len(problems) > 5 else "")


def _wrong(name: str, what: str) -> ConfigurationError:
    return ConfigurationError(
        f"The invoice profile '{name}' cannot be used: {what}.",
        remedy="Correct the file in the folder that INVOICE_PROFILES names, or take it out; no invoice is read until then.",
    )
