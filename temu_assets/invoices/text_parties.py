"""Who issued a document: name, VAT id, tax number and IBAN, each only where it is sure whose it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from temu_assets.invoices.profiles import IssuerProfile, Labelled
from temu_assets.invoices.text_document import Document, Phrases
from temu_assets.invoices.text_folding import words
from temu_assets.invoices.text_ids import bare_vat_id, find_ibans, find_vat_ids, tax_number_in
from temu_assets.invoices.text_labels import Hit
from temu_assets.invoices.text_layout import Line

_BLOCK = 9
"""How many lines of an address may follow its heading."""
_FAR = 1000
_ASIDE = 30.0
"""How far apart, in points, the left edges of one column may be."""
_FOOT = 0.76
"""What stands below this share of the page's height is its foot."""

_FORMS = (
    r"(?:GmbH(?: ?& ?Co\.? ?KG(?:aA)?)?|gGmbH|mbH|AG(?: ?& ?Co\.? ?KG)?|KGaA|KG|OHG|e\. ?K\.|eK|UG(?: ?\(haftungsbeschränkt\))?|GbR|SE"
    r"|Ltd\.?|Limited|LLP|LLC|Inc\.?|PLC|S\.?à\.? ?r\.?l\.?|S\.?A\.?R\.?L\.?|SASU?|S\.A\.S?\.?|SA|B\.?V\.?|N\.?V\.?|S\.?r\.?l\.?"
    r"|S\.?p\.?A\.?|S\.L\.U?\.?|SL|Sp\. ?z ?o\. ?o\.|Sp\. ?k\.|AB|e\. ?V\.|eG|ApS|A/S|Oy|GesmbH|Ges\.m\.b\.H\.|PartG(?: ?mbB)?|s\.r\.o\.)"
)
_COMPANY = re.compile(rf"([^\W_][^·|•;:,–\u2022]{{1,70}}? {_FORMS})(?![\w])(?=(?:[\s·|•,;:–(-]|$))")
_POSTCODE = re.compile(r"(?<!\d)\d{4,5}\s+[^\W\d]")
_SENDER_MARKS = ("·", "|", "•", " - ", " – ", "*", ",")
_SENDER_WORDS = frozenset(
    {
        "telefon",
        "tel",
        "fax",
        "telefax",
        "mail",
        "www",
        "iban",
        "bic",
        "hrb",
        "amtsgericht",
        "handelsregister",
        "geschaftsfuhrer",
        "steuernummer",
    }
    | {"phone", "rcs", "siret", "rea", "kvk", "krs", "regon", "capital", "bank"}
)
"""What only who sends an invoice prints near his VAT id."""
_PAYER_WORDS = frozenset({"lastschrift", "abgebucht", "abbuchung", "eingezogen", "einzug", "mandat", "mandatsreferenz", "debit"})
_PAYER_PHRASES = ("ihrem konto", "ihr konto", "your account", "von ihrem", "votre compte")


@dataclass(slots=True)
class Parties:
    """What is sure about both sides."""

    issuer: str | None = None
    issuer_vat_id: str | None = None
    issuer_country: str | None = None
    buyer_vat_id: str | None = None
    tax_number: str | None = None
    iban: str | None = None
    places: dict[str, str] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Id:
    value: str
    country: str
    line: Line
    is_buyers: bool
    is_issuers: bool


def parties(document: Document, phrases: Phrases, profile: IssuerProfile | None, heights: Mapping[int, float]) -> Parties:
    """Both sides as far as they are sure; ``heights``: of the pages, in points."""
    found = Parties()
    _vat_ids(document, profile, heights, found)
    _issuer(document, phrases, profile, heights, found)
    numbers = {number: hit.place for hit in document.all_hits(Labelled.TAX_NUMBER) if (number := _tax_number(document, hit)) is not None}
    if len(numbers) == 1:
        found.tax_number, found.places["tax_number"] = next(iter(numbers.items()))
    ibans = {iban: line.place for line in document.lines if not _is_payers(line) for iban in find_ibans(line.text)}
    if len(ibans) == 1:
        found.iban, found.places["iban"] = next(iter(ibans.items()))
    elif ibans:
        found.places["iban"] = f"mehrere IBANs: {', '.join(sorted(ibans)[:4])}"
    return found


def _tax_number(document: Document, hit: Hit) -> str | None:
    for start, end in document.pieces(hit)[:2]:
        number = tax_number_in(hit.line.text[start:end])
        if number is not None:
            return number
    return None


def _is_payers(line: Line) -> bool:
    """Whether an IBAN in the line may be the account that money is taken from."""
    told = [token.folded for token in line.tokens]
    joined = " ".join(told)
    return bool(_PAYER_WORDS & set(told)) or any(phrase in joined for phrase in _PAYER_PHRASES)


def _vat_ids(document: Document, profile: IssuerProfile | None, heights: Mapping[int, float], found: Parties) -> None:
    ids = list(_ids(document, profile))
    known = {each.value for each in ids if profile and each.value in profile.vat_ids}
    own = known or {each.value for each in ids if each.is_issuers and not each.is_buyers}
    buyers = {each.value for each in ids if each.is_buyers} - own
    others = {each.value for each in ids} - own - buyers
    if not own:
        sure = {each.value for each in ids if each.value in others and _is_senders(document, each, heights)}
        is_only_one = len(others) == 1 and not any(_is_beside_customer(document, each) for each in ids)
        own = sure or (others if is_only_one and not any(document.all_hits(Labelled.TAX_NUMBER)) else set())
    if len(own) == 1:
        first = next(each for each in ids if each.value in own)
        found.issuer_vat_id, found.issuer_country = first.value, first.country
        found.places["issuer_vat_id"] = first.line.place
    elif len(own) > 1 or len(others) > 1:
        found.doubts.append(f"Mehrere USt-IdNrn., deren Zuordnung nicht sicher ist: {', '.join(sorted(own or others))}.")
    if len(buyers) == 1:
        found.buyer_vat_id = next(iter(buyers))
        found.places["buyer_vat_id"] = next(each.line.place for each in ids if each.value in buyers)


def _is_senders(document: Document, vat_id: _Id, heights: Mapping[int, float]) -> bool:
    """Whether it stands at the foot, behind the sums, or among what only a sender prints."""
    if vat_id.is_buyers or _is_beside_customer(document, vat_id):
        return False
    if _is_at_foot(vat_id.line, heights):
        return True
    number = document.number_of(vat_id.line)
    last = max((document.number_of(hit.line) for hit in document.all_hits(Labelled.GROSS, Labelled.PAYABLE)), default=None)
    near = document.lines[max(0, number - 2) : number + 3]
    marks = {token.folded for line in near if line.page == vat_id.line.page for token in line.tokens}
    return (last is not None and number > last) or bool(marks & _SENDER_WORDS)


def _ids(document: Document, profile: IssuerProfile | None) -> Iterator[_Id]:
    buyers = list(document.all_hits(Labelled.BUYER))
    issuers: list[Hit | tuple[Line, float]] = [*document.all_hits(Labelled.ISSUER), *_named(document, profile)]
    for line in document.lines:
        hits = [hit for hit in document.hits_of(line) if hit.means in {Labelled.VAT_ID, Labelled.BUYER_VAT_ID}]
        bare = [(hit, bare_vat_id(line.text[slice(*document.pieces(hit)[0])], document.language.language)) for hit in hits]
        values = [(each.value, each.country, each.start) for each in find_vat_ids(line.text)]
        values += [(value, value[:2], hit.start) for hit, value in bare if value is not None]
        for value, country, start in values:
            label = next((hit for hit in reversed(hits) if hit.start <= start), None)
            above = _label_above(document, line, start)
            is_buyers = any(hit is not None and hit.means is Labelled.BUYER_VAT_ID for hit in (label, above))
            to_buyer, to_issuer = _lines_under(document, line, start, buyers), _lines_under(document, line, start, issuers)
            is_buyers = is_buyers or to_buyer < to_issuer
            yield _Id(value, country, line, is_buyers, not is_buyers and to_issuer < _FAR)


def _named(document: Document, profile: IssuerProfile | None) -> Iterator[tuple[Line, float]]:
    """Where the issuer's name opens a cell."""
    names = tuple(
        words(name) for name in (*(profile.issuer_names if profile else ()), *((profile.issuer,) if profile and profile.issuer else ()))
    )
    for line in document.lines:
        for cell in line.cells:
            told = tuple(token.folded for token in line.tokens if cell.start <= token.start < cell.end)
            if any(name and told[: len(name)] == name for name in names):
                yield line, line.span(cell.start, cell.end)[0]


def _is_in_block(document: Document, line: Line, start: int, heads: Sequence[Hit | tuple[Line, float]]) -> bool:
    """Whether a piece of a line stands under one of the heads, in its column, a few lines below at most."""
    return _lines_under(document, line, start, heads) < _FAR


def _lines_under(document: Document, line: Line, start: int, heads: Sequence[Hit | tuple[Line, float]]) -> int:
    """How many lines a piece of a line stands under the nearest of the heads, in its column; _FAR where it stands under none."""
    nearest = _FAR
    left = line.span(line.cells[line.cell_at(start)].start, start + 1)[0]
    for head in heads:
        above, edge = (head.line, head.line.span(head.start, head.end)[0]) if isinstance(head, Hit) else head
        apart = document.number_of(line) - document.number_of(above)
        is_near = line.page == above.page and 0 <= apart <= 2 * _BLOCK and line.top - above.top <= _BLOCK * 1.6 * max(above.height, 8.0)
        if is_near and abs(left - edge) <= _ASIDE:
            nearest = min(nearest, apart)
    return nearest


def _label_above(document: Document, line: Line, start: int) -> Hit | None:
    """The label of a VAT id in the line right above, over the id."""
    number = document.number_of(line)
    if not number or document.lines[number - 1].page != line.page:
        return None
    span = line.span(start, start + 6)
    over = document.lines[number - 1]
    spans = [(hit, over.span(hit.start, hit.end)) for hit in document.hits_of(over)]
    return next((hit for hit, other in spans if min(span[1], other[1]) > max(span[0], other[0])), None)


def _is_at_foot(line: Line, heights: Mapping[int, float]) -> bool:
    return line.top > _FOOT * heights.get(line.page, 842.0)


def _is_beside_customer(document: Document, vat_id: _Id) -> bool:
    """Whether it stands among what is told about the customer."""
    number = document.number_of(vat_id.line)
    near = document.lines[max(0, number - 2) : number + 3]
    return any(
        token.folded.startswith(("kunde", "kd", "customer")) for line in near if line.page == vat_id.line.page for token in line.tokens
    )


def _issuer(document: Document, phrases: Phrases, profile: IssuerProfile | None, heights: Mapping[int, float], found: Parties) -> None:
    if profile is not None and (profile.issuer or profile.issuer_names):
        printed = [name for name in profile.issuer_names if phrases.has(name)]
        whole = [
            name for name in printed if not any(name != other and words(name) == words(other)[: len(words(name))] for other in printed)
        ]
        found.issuer = whole[0] if len(whole) == 1 else profile.issuer or (whole[0] if whole else None)
        found.places["issuer"] = f"Profil {profile.id}"
        return
    for name, place in (_labelled_issuer(document), _sender(document, heights), _beside_vat_id(document, found)):
        if name is not None:
            found.issuer, found.places["issuer"] = name, place
            return


def _labelled_issuer(document: Document) -> tuple[str | None, str]:
    for hit in document.all_hits(Labelled.ISSUER):
        own = hit.line.text[slice(*document.pieces(hit)[0])].lstrip(" :.-").rstrip()
        below = document.below(hit.line, hit.start, hit.end)
        texts = [own] if own else [below[0].text[below[1] : below[2]]] if below and not document.has_label(*below) else []
        names = [match[1].strip() for text in texts if (match := _COMPANY.match(text))]
        if names:
            return names[0], hit.place
    return None, ""


def _companies(line: Line) -> Iterator[tuple[str, str]]:
    """Names with a legal form at the beginning of a cell, each with its cell."""
    for cell in line.cells:
        text = line.text[cell.start : cell.end]
        match = _COMPANY.match(text)
        if match is not None:
            yield match[1].strip(), text


def _sender(document: Document, heights: Mapping[int, float]) -> tuple[str | None, str]:
    """The company of the sender's line above the address, or of the foot; only if all of them name one company."""
    found: dict[tuple[str, ...], tuple[str, str]] = {}
    buyers = list(document.all_hits(Labelled.BUYER))
    for line in document.lines:
        for name, text in _companies(line):
            if any(hit.line is line for hit in buyers) or _is_in_block(document, line, line.text.find(text), buyers):
                continue
            behind = text[len(name) :]
            is_sender = _POSTCODE.search(behind) is not None and behind.strip().startswith(tuple(mark.strip() for mark in _SENDER_MARKS))
            if is_sender or (_is_at_foot(line, heights) and not _is_bank(name)):
                found.setdefault(words(name), (name, line.place))
    return next(iter(found.values())) if len(found) == 1 else (None, "")


def _is_bank(name: str) -> bool:
    return any("bank" in word or "sparkasse" in word for word in words(name))


def _beside_vat_id(document: Document, found: Parties) -> tuple[str | None, str]:
    """The company that opens a cell in the line of the issuer's VAT id, or a few lines above it in its column."""
    names: dict[tuple[str, ...], tuple[str, str]] = {}
    for line in document.lines if found.issuer_vat_id else ():
        starts = [each.start for each in find_vat_ids(line.text) if each.value == found.issuer_vat_id]
        if not starts:
            continue
        number = document.number_of(line)
        for above in document.lines[max(0, number - _BLOCK) : number + 1]:
            for name, text in _companies(above):
                edge = above.span(at := above.text.find(text), at + 1)[0]
                is_head = above is line or _is_in_block(document, line, starts[0], [(above, edge)])
                if is_head and not _is_bank(name):
                    names.setdefault(words(name), (name, above.place))
    return next(iter(names.values())) if len(names) == 1 else (None, "")
