"""What a person or a company is called: splitting a recipient only where that is certain, and knowing a legal form.

Names are never shortened or corrected; what cannot be split certainly stays whole in the last name.
"""

from __future__ import annotations

import re

_PARTICLES = frozenset(
    {"von", "vom", "zu", "zum", "zur", "der", "den", "dem"}
    | {"van", "de", "ten", "ter", "te", "'t", "op", "in"}
    | {"du", "des", "la", "le", "les", "d'"}
    | {"da", "dal", "dalla", "degli", "dei", "del", "della", "dello", "di", "lo"}
    | {"las", "los", "do", "dos", "das"}
)

# Forms that are also names or words in another spelling ("Sas", "Se", "ab") count in this spelling only.
_EXACT_FORMS = (
    r"AG|KG|OHG|UG|SE|eK|eG|eV|Inc|INC|Ltd|LTD|Corp|PLC|plc|SARL|SAS|SASU|EURL|SA|SL|SLU|SRL|Srl|SpA|SPA|BV|NV|VOF|AB|ApS"
    r"|e\. ?K\.|e\. ?Kfm\.|e\. ?Kfr\.|e\. ?V\.|e\. ?G\."
)
_FORMS = r"g?GmbH|mbH|KGaA|GbR|PartGmbB|PartG|LLC|LLP|Limited|BVBA|Kft|Zrt|A/S|Sp\. ?z ?o\. ?o\.|s\. ?r\. ?o\."
# These could be a person's initials as well, so they count where no further word follows.
_LAST_FORMS = (
    r"S\. ?r\. ?l\.|S\. ?p\. ?A\.|S\. ?n\. ?c\.|S\. ?A\. ?S\.|S\. ?A\. ?R\. ?L\.|S\. ?A\.|S\. ?L\.|S\. ?L\. ?U\.|B\. ?V\."
    r"|N\. ?V\.|V\. ?O\. ?F\.|a\. ?s\.|Sp\. ?j\."
)
_LEGAL_FORM = re.compile(rf"(?<![\w.'’-])(?:(?:{_EXACT_FORMS}|(?i:{_FORMS}))(?![\w'’-])|(?i:{_LAST_FORMS})(?!\s*\w))")


def is_company(text: str) -> bool:
    """Whether the text carries a legal form (GmbH, e.K., S.r.l., Sp. z o.o. ...) as a whole word."""
    return _LEGAL_FORM.search(text) is not None


def split_name(recipient: str) -> tuple[str, str]:
    """First and last name of a person written as one text.

    A particle ("von der", "de la") opens the last name. Without one the last word is the last name. One word is a last
    name, and so is a text with a comma, whose order is not certain.
    """
    words = recipient.split()
    if len(words) < 2 or "," in recipient:
        return "", " ".join(words)
    start = next((at for at, word in enumerate(words[:-1]) if word.casefold() in _PARTICLES), len(words) - 1)
    return " ".join(words[:start]), " ".join(words[start:])
