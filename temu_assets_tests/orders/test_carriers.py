"""Which TEMU carrier a JTL shipping method is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.errors import ConfigurationError
from temu_assets.orders.carriers import CarrierMap, Company, Unmapped, choose

DHL, DPD, GLS = Company(141252268, "DHL", "DHL"), Company(998264853, "DPD DE", "DPD"), Company(547987123, "GLS", "GLS")
GERMAN = (DHL, DPD, GLS)
NONE = CarrierMap({})


def table(*lines: str) -> CarrierMap:
    return CarrierMap.from_csv("\n".join(["jtl_shipping_method,temu_carrier", *lines]))


@pytest.mark.parametrize(
    ("method", "carrier"),
    [("DHL Paket", DHL), ("dhl", DHL), ("Paket DHL", DHL), ("DPD DE", DPD), ("DPD Paket", DPD), ("GLS", GLS), (" gls  paket ", GLS)],
)
def test_names_that_agree_without_doubt_need_no_table(method: str, carrier: Company) -> None:
    assert choose(method, GERMAN, NONE) == carrier.carrier_id


@pytest.mark.parametrize("method", ["DP Warenpost DE", "DHL Express", "Hermes", "Paket", "", "TEMU", "D H L"])
def test_any_other_method_is_unmapped_and_never_some_carrier(method: str) -> None:
    """Fault 13: the predecessor reported everything unknown as DHL."""
    result = choose(method, GERMAN, NONE)
    assert isinstance(result, Unmapped)
    assert f'"{method}"' in result.reason
    assert "141252268 (DHL)" in result.reason


def test_a_brand_of_two_carriers_is_a_doubt_unless_one_of_them_has_the_very_name() -> None:
    assert isinstance(choose("DPD Paket", (Company(6, "DPD DE", "DPD"), Company(7, "DPD Express", "DPD")), NONE), Unmapped)
    assert choose("DHL Paket", (DHL, Company(5, "DHL Express", "DHL")), NONE) == DHL.carrier_id
    assert choose("DHL Paket", (DHL, DHL), NONE) == DHL.carrier_id


@pytest.mark.parametrize("carrier", ["DHL", "dhl", "141252268"])
def test_the_table_names_a_carrier_by_name_or_id(carrier: str) -> None:
    assert choose("DP Warenpost DE", GERMAN, table(f"dp warenpost de,{carrier}")) == DHL.carrier_id


def test_the_table_wins_over_names_that_agree() -> None:
    assert choose("DHL Paket", GERMAN, table("DHL Paket,GLS")) == GLS.carrier_id


def test_a_name_in_the_table_means_the_name_before_the_brand() -> None:
    companies = (DHL, Company(5, "DHL Express", "DHL"), Company(6, "Post A", "Post"), Company(7, "Post B", "Post"))
    assert choose("Versand", companies, table("Versand,DHL")) == DHL.carrier_id
    assert isinstance(choose("Versand", companies, table("Versand,Post")), Unmapped)


@pytest.mark.parametrize("carrier", ["Hermes", "123456789"])
def test_a_carrier_that_temu_does_not_list_for_the_country_is_unmapped(carrier: str) -> None:
    """Fault 13: one id of the predecessor was a placeholder."""
    result = choose("DHL Paket", GERMAN, table(f"DHL Paket,{carrier}"))
    assert isinstance(result, Unmapped)
    assert carrier in result.reason
    assert "547987123 (GLS)" in result.reason
    assert isinstance(choose("DHL Paket", (), NONE), Unmapped)


AUSTRIAN = (DHL, Company(881, "DPD AT", "DPD AT"))
BY_COUNTRY = "jtl_shipping_method,temu_carrier,region\nDPD Paket,DPD DE,\nDPD Paket,DPD AT,{region}"


@pytest.mark.parametrize("region", ["AT", "at", "13"])
def test_a_line_for_the_region_of_the_order_wins(region: str) -> None:
    mapping = CarrierMap.from_csv(BY_COUNTRY.format(region=region))
    assert choose("dpd paket", AUSTRIAN, mapping, "AT") == 881
    assert choose("DPD Paket", GERMAN, mapping, "DE") == DPD.carrier_id
    assert (mapping.entry("DPD Paket"), mapping.entry("DPD Paket", "AT"), mapping.entry("GLS", "AT")) == ("DPD DE", "DPD AT", None)


def test_a_carrier_that_temu_does_not_offer_abroad_needs_another_line_and_leaves_the_one_there_is() -> None:
    result = choose("DPD Paket", AUSTRIAN, table("DPD Paket,DPD DE"), "AT")
    assert isinstance(result, Unmapped)
    assert 'maps "DPD Paket" to "DPD DE", and TEMU does not offer this carrier for AT' in result.reason
    assert "881 (DPD AT)" in result.reason
    assert '"DPD Paket,<carrier>,AT"' in result.remedy
    assert "may be right for other countries" in result.remedy


def test_a_line_of_the_region_itself_is_to_be_corrected() -> None:
    result = choose("DPD Paket", (DHL,), CarrierMap.from_csv(BY_COUNTRY.format(region="AT")), "AT")
    assert isinstance(result, Unmapped)
    assert result.remedy.startswith("Correct the line for AT")


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffjtl_shipping_method;temu_carrier\r\nDHL Paket;DHL\r\n;\r\n",
        "jtl_shipping_method,temu_carrier\n DHL Paket , DHL \n\n",
        'JTL_Shipping_Method,TEMU_Carrier\n"DHL Paket",DHL',
        "jtl_shipping_method,temu_carrier,region\nDHL Paket,DHL",
        "jtl_shipping_method;temu_carrier;region\nDHL Paket;DHL; \n;;",
    ],
)
def test_the_table_is_read_as_spreadsheets_write_it(text: str) -> None:
    assert CarrierMap.from_csv(text).carriers == {("dhl paket", ""): "DHL"}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("method,carrier\nDHL Paket,DHL", 1),
        ("jtl_shipping_method,temu_carrier\nDHL Paket", 2),
        ("jtl_shipping_method,temu_carrier\nDHL Paket,DHL\n,DHL", 3),
        ("jtl_shipping_method,temu_carrier\nDHL Paket,", 2),
        ("jtl_shipping_method,temu_carrier\nDHL, Paket,DHL", 2),
        ("jtl_shipping_method,temu_carrier\nDHL Paket,DHL\n\ndhl paket,GLS", 4),
        ('jtl_shipping_method,temu_carrier\n"DHL Paket,DHL', 2),
        ("jtl_shipping_method,temu_carrier\nDHL Paket,DHL,AT", 2),
        ("jtl_shipping_method,temu_carrier,region\nDHL Paket,DHL,Austria", 2),
        ("jtl_shipping_method,temu_carrier,region\nDHL Paket,DHL,AT\nDHL Paket,GLS,13", 3),
    ],
)
def test_a_table_that_cannot_be_read_names_the_line(text: str, line: int) -> None:
    with pytest.raises(ConfigurationError, match=rf"TEMU_CARRIER_MAP.*line {line}:"):
        CarrierMap.from_csv(text)


@given(method=st.text(), companies=st.lists(st.builds(Company, st.integers(1, 5), st.text(max_size=3), st.text(max_size=3))))
def test_a_chosen_carrier_is_always_in_the_list(method: str, companies: list[Company]) -> None:
    result = choose(method, companies, NONE)
    assert isinstance(result, Unmapped) or result in {company.carrier_id for company in companies}
