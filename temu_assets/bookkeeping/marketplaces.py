r"""Order numbers of marketplaces, known by their shape: the built-in ones, or those of the seller's own YAML. Pure.

YAML: names (small letters, digits, underscore) with one regular expression or a list of them, which match a whole number. What a group
named ``number`` matches is the number; without one, all of it is::

    amazon: '\d{3}-\d{7}-\d{7}'
    mirakl: ['M-\d{8}', '(?P<number>MK\d{6})-[A-Z]']
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from temu_assets.errors import ConfigurationError

AMAZON, TEMU, EBAY, OTTO, KAUFLAND = "amazon", "temu", "ebay", "otto", "kaufland"
_NAME = re.compile(r"[a-z0-9_]{1,20}")
_PART_SHIPMENT = re.compile(r"(.+?)_\d{1,3}", re.ASCII)
_DIGIT = re.compile(r"\d", re.ASCII)
_TOKEN = re.compile(r"""[^\s,;:()\[\]"'„“”]+""")
_DISPLAYED = {AMAZON: "Amazon", TEMU: "TEMU", EBAY: "eBay", OTTO: "OTTO", KAUFLAND: "Kaufland"}


@dataclass(frozen=True, slots=True)
class Shape:
    """How a marketplace's order numbers look. Where ``is_certain`` is false, other numbers look the same now and then."""

    marketplace: str
    pattern: re.Pattern[str]
    is_certain: bool = True


@dataclass(frozen=True, slots=True)
class OrderNumber:
    """An order number that was found: as the marketplace has it, without JTL's suffix for part shipments."""

    marketplace: str
    number: str
    is_certain: bool


@dataclass(frozen=True, slots=True)
class Shapes:
    """The shapes in force, the first that matches counts."""

    shapes: Sequence[Shape]

    def whole(self, text: str) -> OrderNumber | None:
        """The order number this field holds; blanks around it and ``_1`` behind it do not count (trap T4)."""
        text = text.strip()
        if len(text) < 4:
            return None
        found = self._match(text)
        if found is None and "_" in text and (parts := _PART_SHIPMENT.fullmatch(text)) is not None:
            found = self._match(parts[1])
        return found

    def without_suffix(self, text: str) -> str:
        """A field without JTL's suffix for part shipments, where what is left is an order number; else as it is."""
        parts = _PART_SHIPMENT.fullmatch(text.strip())
        if parts is None or self._match(text.strip()) is not None or self._match(parts[1]) is None:
            return text
        return parts[1]

    def within(self, text: str) -> list[OrderNumber]:
        """The certain order numbers among the words of a text that have a digit, each once, in their order."""
        found = [self.whole(token) for token in _TOKEN.findall(text) if len(token) > 5 and _DIGIT.search(token)]
        return list(dict.fromkeys(each for each in found if each is not None and each.is_certain))

    def shortened(self, text: str, longest: int) -> str:
        """A text cut to so many characters, without half an order number at its end: that would be another's."""
        if len(text) <= longest:
            return text
        cut = text[:longest]
        word = next((match for match in _TOKEN.finditer(text) if match.start() < longest < match.end()), None)
        if word is None or not cut[: word.start()].strip():
            return cut
        halved = self.whole(word[0]) or self.whole(cut[word.start() :])
        return cut if halved is None else cut[: word.start()].rstrip()

    def _match(self, text: str) -> OrderNumber | None:
        for shape in self.shapes:
            match = shape.pattern.fullmatch(text)
            if match is not None:
                return OrderNumber(shape.marketplace, match.groupdict().get("number") or text, shape.is_certain)
        return None


def _shape(marketplace: str, pattern: str, *, is_certain: bool = True) -> Shape:
    return Shape(marketplace, re.compile(pattern, re.ASCII), is_certain)


BUILT_IN = Shapes(
    (
        _shape(AMAZON, r"\d{3}-\d{7}-\d{7}"),
        # Parent orders, also as returns name them; and the orders below them.
        _shape(TEMU, r"(?P<number>PO-\d{3}-\d{10,20})(?:-D\d{1,3})?"),
        _shape(TEMU, r"\d{3}-\d{15,20}"),
        _shape(EBAY, r"\d{2}-\d{5}-\d{5}"),
        # Letters and then digits is how documents and customers are numbered; these two have a letter after a digit.
        _shape(OTTO, r"(?=[a-z0-9]*\d[a-z0-9]*[a-z])[a-z0-9]{10}", is_certain=False),
        _shape(KAUFLAND, r"(?=[A-Z0-9]*\d[A-Z0-9]*[A-Z])[A-Z0-9]{7,8}", is_certain=False),
    )
)


@lru_cache(maxsize=8)
def shapes_from(text: str) -> Shapes:
    """The shapes a YAML text gives; the built-in ones for an empty text. Raises ConfigurationError for anything that is not as above."""
    if not text.strip():
        return BUILT_IN
    import yaml

    try:
        told: object = yaml.safe_load(text)
    except yaml.YAMLError:
        raise _wrong("it is no YAML") from None
    if not isinstance(told, dict) or not told:
        raise _wrong("names of marketplaces with patterns are meant")
    shapes: list[Shape] = []
    for name, patterns in told.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise _wrong(f"{str(name)[:40]!r} is no name of a marketplace (small letters, digits, underscore)")
        shapes += [_own_shape(name, pattern) for pattern in (patterns if isinstance(patterns, list) else [patterns])]
    return Shapes(tuple(shapes))


def displayed(marketplace: str) -> str:
    """The marketplace's name as people write it."""
    return _DISPLAYED.get(marketplace, marketplace)


def _own_shape(name: str, pattern: object) -> Shape:
    if not isinstance(pattern, str) or not pattern:
        raise _wrong(f"{name} needs a pattern in quotes, or a list of them")
    try:
        compiled = re.compile(pattern, re.ASCII)
    except re.error:
        raise _wrong(f"{name} has a pattern that is no regular expression") from None
    if compiled.fullmatch(""):
        raise _wrong(f"{name} has a pattern that matches nothing at all")
    return Shape(name, compiled)


def _wrong(why: str) -> ConfigurationError:
    return ConfigurationError(
        f"The file with order number shapes (DATEV_MARKETPLACES) cannot be used: {why}.",
        remedy=r"correct it, for example temu: 'PO-\d{3}-\d{10,20}', or take the setting away to use the built-in shapes.",
    )
