"""Which issuer's profile a document fits, and in which language it is."""

from __future__ import annotations

from collections.abc import Sequence

from temu_assets.invoices.profiles import IssuerProfile, Language, Profiles
from temu_assets.invoices.text_document import Phrases
from temu_assets.invoices.text_folding import words
from temu_assets.invoices.text_labels import find_labels, label_table
from temu_assets.invoices.text_layout import Line

_FALLBACK = "de"
_MOST_LINES = 400
_LABEL_COUNTS = 3
"""A label of a language counts as much as so many of its frequent words."""


def recognise(phrases: Phrases, profiles: Profiles) -> tuple[IssuerProfile | None, str | None]:
    """The profile that fits best: the most phrases, then the longest. Two that fit as well are a doubt, and none is taken."""
    ranked = sorted(((score, profile.id) for profile in profiles.issuers.values() if (score := _score(phrases, profile))), reverse=True)
    if not ranked:
        return None, None
    best = [name for score, name in ranked if score == ranked[0][0]]
    if len(best) > 1:
        return None, f"Mehrere Aussteller-Profile passen gleich gut: {', '.join(sorted(best))}."
    return profiles.issuers[best[0]], None


def _score(phrases: Phrases, profile: IssuerProfile) -> tuple[int, int] | None:
    """How many phrases are there, and their length together; None where the profile does not fit."""
    if profile.issuer_names and not any(phrases.opens_a_cell(name) for name in profile.issuer_names):
        return None
    if not all(phrases.has(phrase) for phrase in profile.all_of):
        return None
    found = [phrase for phrase in profile.any_of if phrases.has(phrase)]
    if profile.any_of and not found:
        return None
    matched = [*profile.all_of, *found]
    return len(matched), sum(len(" ".join(words(phrase))) for phrase in matched)


def language_of(lines: Sequence[Line], phrases: Phrases, profiles: Profiles) -> Language:
    """The language whose labels and frequent words occur most."""
    scores = {language.language: _language_score(lines, phrases, language, profiles) for language in profiles.languages.values()}
    best = max(scores.values(), default=0)
    ahead = [code for code, score in scores.items() if score == best]
    return profiles.languages[_FALLBACK if _FALLBACK in ahead or not ahead else ahead[0]]


def _language_score(lines: Sequence[Line], phrases: Phrases, language: Language, profiles: Profiles) -> int:
    table = label_table(profiles, None, language, alone=True)
    labels = sum(len(find_labels(line, table)) for line in lines[:_MOST_LINES])
    return labels * _LABEL_COUNTS + phrases.count(language.words)
