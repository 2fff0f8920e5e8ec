"""Invented buyers: ordinary ones by region, and the special addresses of the fixture orders."""

from __future__ import annotations

import random

from temu_assets.sandbox.state import Address

AUSTRIA, FRANCE, GERMANY = 13, 69, 76

_FIRST = ("Erika", "Max", "Sabine", "Jürgen", "Aylin", "Björn", "Käthe", "Mehmet", "Paul", "Zoë", "Łukasz", "Inés")
_LAST = ("Beispiel", "Muster", "Schröder", "Grünwald", "Öztürk", "Weiß", "Nowák", "Krüger", "Probe", "Özil-Test")
_STREETS = ("Musterstraße", "Beispielweg", "Am Prüfstand", "Testallee", "Straße der Probe", "Lindenplatz")
_TOWNS = (
    ("01067", "Dresden", "Sachsen"),
    ("04109", "Leipzig", "Sachsen"),
    ("10115", "Berlin", "Berlin"),
    ("20095", "Hamburg", "Hamburg"),
    ("34117", "Kassel", "Hessen"),
    ("50667", "Köln", "Nordrhein-Westfalen"),
    ("68161", "Mannheim", "Baden-Württemberg"),
    ("80331", "München", "Bayern"),
)
_AUSTRIAN = (("1010", "Wien", "Wien"), ("5020", "Salzburg", "Salzburg"), ("8010", "Graz", "Steiermark"))
_FRENCH = (("75001", "Paris", "Île-de-France"), ("67000", "Strasbourg", "Grand Est"), ("06000", "Nice", "PACA"))


def somebody(rng: random.Random, region_id: int) -> Address:
    """Return an ordinary buyer in a region."""
    first, last = rng.choice(_FIRST), rng.choice(_LAST)
    postcode, city, state = rng.choice({AUSTRIA: _AUSTRIAN, FRANCE: _FRENCH}.get(region_id, _TOWNS))
    number = rng.randint(1, 180)
    return Address(
        name=f"{first} {last}",
        first_name=first,
        last_name=last,
        street=f"{number} rue de l'Exemple" if region_id == FRANCE else f"{rng.choice(_STREETS)} {number}",
        postcode=postcode,
        city=city,
        state=state,
        country={AUSTRIA: "Austria", FRANCE: "France"}.get(region_id, "Germany"),
        line2=rng.choice((None, None, None, "Hinterhaus", "3. Etage")),
        mobile=f"+49 1555{rng.randint(0, 9_999_999):07d}",
        mail=f"x{rng.randint(0, 9_999_999_999):010d}@g.shipping.temuemail.com",
    )


SPECIAL_ADDRESSES = {
    "umlauts": Address(
        "Jörg Müller-Groß",
        "Beispielstraße 12a",
        "34117",
        "Kassel",
        "Hessen",
        line2="Hinterhaus",
        first_name="Jörg",
        last_name="Müller-Groß",
    ),
    "quotes": Address('Anna "Anni" O\'Test & Co', "Straße <der> Probe 5", "50667", "Köln", "Nordrhein-Westfalen"),
    "emoji": Address("Lena 🌻 Sommer", "Blumenweg 7", "20095", "Hamburg", "Hamburg", line2="bei 🐕 klingeln"),
    "polish": Address("Żaneta Wójcik-Łęcka", "Ulmenstraße 3", "10115", "Berlin", "Berlin"),
    "packstation": Address(
        "Max Muster",
        "Packstation 123",
        "04109",
        "Leipzig",
        "Sachsen",
        line2="Postnummer 12345678",
        first_name="Max",
        last_name="Muster",
    ),
    "drop_point": Address(
        "Erika Beispiel",
        "Packstation 145",
        "80331",
        "München",
        "Bayern",
        drop_point="87654321",
        first_name="Erika",
        last_name="Beispiel",
    ),
    "care_of": Address("Paul Probe", "Lindenplatz 1", "68161", "Mannheim", "Baden-Württemberg", line2="c/o Familie Nowák"),
    "square": Address("Sabine Krüger", "Q7, 24", "68161", "Mannheim", "Baden-Württemberg"),
    "company_second_line": Address("Sabine Krüger", "Am Prüfstand 9", "34117", "Kassel", "Hessen", line2="Beispiel Werkzeugbau GmbH"),
    "company": Address("Muster & Partner GmbH & Co. KG", "Testallee 77", "20095", "Hamburg", "Hamburg"),
    "leading_zero": Address("Käthe Weiß", "Musterstraße 4", "01067", "Dresden", "Sachsen"),
    "noble_name": Address("Anna Maria von der Heide", "Schloßallee 2", "10115", "Berlin", "Berlin"),
    "one_word": Address("Zoë", "Beispielweg 8", "50667", "Köln", "Nordrhein-Westfalen"),
    "too_long": Address("Max Muster", "Sehr-lange-Straße-" * 20, "10115", "Berlin", "Berlin"),
    "masked": Address("Mehmet Öztürk", "Beispielweg 15", "50667", "Köln", "Nordrhein-Westfalen", masked=True),
    "shared": Address("Björn Grünwald", "Lindenplatz 12", "04109", "Leipzig", "Sachsen"),
    "austria": Address("Inés Österreicher", "Testgasse 3/12", "1010", "Wien", "Wien", country="Austria"),
    "france": Address("Zoé L'Exemple", "12 rue de l'Épreuve", "06000", "Nice", "PACA", country="France"),
    "nowhere": Address("Max Muster", "1 Sample Street", "00000", "Nowhere", country="Elsewhere"),
}
