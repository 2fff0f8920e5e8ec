"""The buyer's address in JTL's fields."""

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.orders.address import CountryStyle, JtlAddress, to_jtl_address
from temu_assets.orders.countries import COUNTRY_BY_REGION
from temu_assets.orders.holds import Hold, HoldReason
from temu_assets.orders.names import is_company, split_name
from temu_assets.orders.order import BuyerAddress
from temu_assets_tests.orders.samples import AUSTRIA, GERMANY, buyer_address, unsplit_address


def converted(address: BuyerAddress, region_id: int = GERMANY) -> JtlAddress:
    result = to_jtl_address(address, COUNTRY_BY_REGION[region_id])
    assert isinstance(result, JtlAddress)
    return result


def test_the_usual_address_is_carried_over_exactly() -> None:
    assert converted(buyer_address()) == JtlAddress(
        first_name="Jörg",
        last_name="Müller-Groß",
        company="",
        street="Beispielstraße 12a",
        extra="Hinterhaus",
        postcode="34117",
        city="Kassel",
        state="Hessen",
        country="DE",
        phone="+49 15550000001",
        mobile="",
        mail="x0000000001@example.invalid",
    )


@pytest.mark.parametrize(
    ("recipient", "first", "last"),
    [
        ("Erika Beispiel", "Erika", "Beispiel"),
        ("Anna Maria von der Heide", "Anna Maria", "von der Heide"),
        ("Jan van den Berg", "Jan", "van den Berg"),
        ("Marie de la Fontaine", "Marie", "de la Fontaine"),
        ("Luca Della Rosa", "Luca", "Della Rosa"),
        ("Maria del Carmen", "Maria", "del Carmen"),
        ("Karl Friedrich Beispiel", "Karl Friedrich", "Beispiel"),
        ("von Beispiel", "", "von Beispiel"),
        ("Nguyen Van", "Nguyen", "Van"),
        ("Beispiel", "", "Beispiel"),
        ("Müller, Jörg", "", "Müller, Jörg"),
        ("Łukasz Żółć", "Łukasz", "Żółć"),
        ("", "", ""),
    ],
)
def test_a_recipient_is_split_where_that_is_certain(recipient: str, first: str, last: str) -> None:
    assert split_name(recipient) == (first, last)


@given(st.text())
def test_splitting_loses_and_invents_no_word(recipient: str) -> None:
    first, last = split_name(recipient)
    assert f"{first} {last}".split() == recipient.split()


def test_the_names_temu_split_itself_win() -> None:
    address = converted(buyer_address(recipient="Jörg Peter Müller", first_name="Jörg", last_name="Peter Müller"))
    assert (address.first_name, address.last_name) == ("Jörg", "Peter Müller")


@pytest.mark.parametrize(
    "name",
    [
        *("Muster GmbH", "Muster gmbh", "Muster GmbH & Co. KG", "Muster AG", "Muster KG", "Muster OHG", "Muster UG (haftungsbeschränkt)"),
        *(
            "Muster e.K.",
            "Muster e. K.",
            "Ejemplo S.A., Madrid",
            "Exemple S.A.R.L.",
            "Muster eK",
            "Muster GbR",
            "Turnverein Muster e.V.",
            "Muster Handelsgesellschaft mbH",
        ),
        *("Muster Ltd", "Muster Ltd.", "Esempio S.r.l.", "Exemple SARL", "Exemple SAS", "Voorbeeld B.V.", "Przykład Sp. z o.o."),
        *("Example Inc", "Example Inc.", "Ejemplo S.L.", "Esempio S.p.A.", "Exempel AB", "Voorbeeld N.V.", "Muster gGmbH"),
    ],
)
def test_a_legal_form_makes_a_company(name: str) -> None:
    assert is_company(name)
    address = converted(unsplit_address(name, recipient_extra="Erika Beispiel"))
    assert (address.company, address.first_name, address.last_name) == (name, "", "Erika Beispiel")


@pytest.mark.parametrize(
    "name",
    [
        "Agnes Kugler",
        "Erika Se",
        "Pieter Sas",
        "Inca Beispiel",
        "Jörg AGRA",
        "Maria Ohg-Weber",
        "Ltdorf",
        "Anna Ag",
        "Ute ab",
        "S. A. Beispiel",
        "E. K. Beispiel",
        "B. V. Beispiel",
    ],
)
def test_a_name_that_only_looks_like_a_legal_form_stays_a_person(name: str) -> None:
    assert not is_company(name)


def test_a_company_keeps_the_person_temu_names_beside_it() -> None:
    address = converted(buyer_address(recipient="Muster GmbH", first_name="Erika", last_name="Beispiel"))
    assert (address.company, address.first_name, address.last_name) == ("Muster GmbH", "Erika", "Beispiel")


def test_a_company_in_the_second_line_is_the_company_and_the_third_line_stays() -> None:
    address = converted(buyer_address(line2="Muster GmbH", line3="Tor 3"))
    assert (address.first_name, address.last_name) == ("Jörg", "Müller-Groß")
    assert (address.company, address.street, address.extra) == ("Muster GmbH", "Beispielstraße 12a", "Tor 3")


@pytest.mark.parametrize(
    ("changes", "street", "extra"),
    [
        ({"line2": "", "line_all": ""}, "Beispielstraße 12a", ""),
        ({"line2": "Hinterhaus", "line3": "3. Stock"}, "Beispielstraße 12a", "Hinterhaus, 3. Stock"),
        ({"line2": "Hinterhaus", "line3": "hinterhaus"}, "Beispielstraße 12a", "Hinterhaus"),
        ({"line1": "Beispielstraße 12a Hinterhaus"}, "Beispielstraße 12a Hinterhaus", ""),
        ({"line1": "Hauptstraße 3", "line2": "3"}, "Hauptstraße 3", "3"),
        ({"line1": "", "line2": "3", "line_all": "Hauptstraße 3"}, "Hauptstraße 3", ""),
        ({"line1": "Packstation 145", "line2": "1234567890", "drop_point": "Packstation 145"}, "Packstation 145", "1234567890"),
        (
            {"line2": "Postnummer 1234567890", "drop_point": "Packstation 145"},
            "Beispielstraße 12a",
            "Postnummer 1234567890, Packstation 145",
        ),
        ({"line1": "Postfiliale 501", "line2": "Postnummer 12 345-67"}, "Postfiliale 501", "Postnummer 12 345-67"),
        ({"line1": "Q 7, 24", "line2": ""}, "Q 7, 24", ""),
        ({"recipient_extra": "c/o Beispiel", "line2": ""}, "Beispielstraße 12a", "c/o Beispiel"),
    ],
)
def test_street_and_supplement_say_everything_once(changes: dict[str, str], street: str, extra: str) -> None:
    address = converted(buyer_address(**changes))
    assert (address.street, address.extra) == (street, extra)


def test_a_leading_zero_of_the_postcode_stays() -> None:
    assert converted(buyer_address(postcode="01067")).postcode == "01067"


def test_the_country_follows_the_region_and_the_style() -> None:
    assert converted(buyer_address(), AUSTRIA).country == "AT"
    named = to_jtl_address(buyer_address(), COUNTRY_BY_REGION[AUSTRIA], CountryStyle.GERMAN_NAME)
    assert isinstance(named, JtlAddress)
    assert named.country == "Österreich"


def test_masked_phone_and_mail_are_left_out() -> None:
    address = converted(buyer_address(mobile="+49 155****001", mail="x****@example.invalid"))
    assert (address.phone, address.mail) == ("", "")


def test_a_phone_is_tightened_only_when_it_would_not_fit() -> None:
    assert converted(buyer_address(mobile="+49 (155) 500-00 01")).phone == "+49 (155) 500-00 01"
    assert converted(buyer_address(mobile="+49 (155) 500 - 00 01 - 12 34 56")).phone == "+491555000001123456"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"line1": "x" * 256}, "street"),
        ({"postcode": "1" * 25}, "postcode"),
        ({"city": "x" * 256}, "city"),
        ({"recipient": "Muster GmbH " + "x" * 120}, "company"),
        ({"mobile": "1" * 31}, "phone"),
        ({"line2": "x" * 200, "line3": "y" * 100}, "extra"),
        ({"line1": "\N{OPEN MAILBOX WITH RAISED FLAG}" * 128}, "street"),
    ],
)
def test_what_does_not_fit_is_held_naming_the_field_and_never_cut(changes: dict[str, str], field: str) -> None:
    held = to_jtl_address(buyer_address(**changes), COUNTRY_BY_REGION[GERMANY])
    assert isinstance(held, Hold)
    assert held.reason == HoldReason.ADDRESS_TOO_LONG
    assert field in held.detail
    assert "xxx" not in held.detail


def test_a_character_that_xml_forbids_leaves_a_sign_and_all_others_stay() -> None:
    """Such an order is held before it gets here (``holds``)."""
    address = converted(buyer_address(line1="\x00Łódź\x0b \ud800Straße\ufffe 1 \N{HOUSE BUILDING}", city="Bad\r\nHomburg"))
    assert address.street == "\ufffdŁódź\ufffd \ufffdStraße\ufffd 1 \N{HOUSE BUILDING}"
    assert address.city == "Bad Homburg"


@pytest.mark.parametrize(
    ("names", "first", "last", "extra"),
    [
        ({"recipient": "Dr. Jörg Müller", "first_name": "Jörg", "last_name": "Müller"}, "Dr. Jörg", "Müller", ""),
        ({"recipient": "MÜLLER Jörg", "first_name": "Jörg", "last_name": "Müller"}, "Jörg", "Müller", ""),
        ({"recipient": "Erika Beispiel", "first_name": "Jörg", "last_name": "Müller"}, "Jörg", "Müller", "Erika Beispiel"),
        ({"recipient": "Familie Müller", "first_name": "Jörg", "last_name": ""}, "Familie", "Müller", "Jörg"),
    ],
)
def test_where_recipient_and_split_name_differ_neither_is_lost(names: dict[str, str], first: str, last: str, extra: str) -> None:
    address = converted(buyer_address(**names, line2=""))
    assert (address.first_name, address.last_name, address.extra) == (first, last, extra)


@given(st.builds(BuyerAddress, **{field.name: st.text(max_size=40) for field in fields(BuyerAddress)}))
def test_any_address_becomes_a_jtl_address_or_a_hold(address: BuyerAddress) -> None:
    result = to_jtl_address(address, COUNTRY_BY_REGION[GERMANY])
    assert isinstance(result, JtlAddress | Hold)
    if isinstance(result, JtlAddress):
        assert "*" not in result.phone + result.mail
        assert result.country == "DE"
