"""Order numbers of marketplaces are known by their shape, and what only looks a little like one is not taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.bookkeeping.marketplaces import BUILT_IN, displayed, shapes_from
from temu_assets.errors import ConfigurationError
from temu_assets_tests.bookkeeping.extf_files import AMAZON, AMAZON_2, EBAY, TEMU


def whole(text: str) -> tuple[str, str] | None:
    found = BUILT_IN.whole(text)
    return None if found is None else (found.marketplace, found.number)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (AMAZON, ("amazon", AMAZON)),
        (TEMU, ("temu", TEMU)),
        (f"{TEMU}-D01", ("temu", TEMU)),
        ("076-00000000000000011", ("temu", "076-00000000000000011")),
        (EBAY, ("ebay", EBAY)),
        ("b79ztbrvqm", ("otto", "b79ztbrvqm")),
        ("MHD8E3G", ("kaufland", "MHD8E3G")),
        ("RE-2026-0001", None), ("RE12345", None), ("KD10001", None), ("RE123456", None), ("2026001", None), ("re12345678", None),
        ("1234567890", None), ("ABCDEFG", None), ("028-1234567-765432", None), (f"{AMAZON}x", None), (f"Nr {AMAZON}", None), ("", None),
        ("PO-76-00000000000000001", None), ("٠٢٨-1234567-7654321", None), ("_1", None),
    ],
)  # fmt: skip
def test_shapes(text: str, found: tuple[str, str] | None) -> None:
    assert whole(text) == found


@pytest.mark.parametrize("number", [AMAZON, TEMU, EBAY])
@pytest.mark.parametrize("form", ["{}", " {}", "{} ", "{}_1", "{}_2", "{}_12", "  {}_3\t"])
def test_t4_part_shipments_and_blanks_do_not_hide_an_order_number(number: str, form: str) -> None:
    found = BUILT_IN.whole(form.format(number))
    assert found is not None
    assert found.number == number


@pytest.mark.parametrize(
    ("text", "stripped"),
    [(f"{AMAZON}_1", AMAZON), (f" {TEMU}_12 ", TEMU), (AMAZON, AMAZON), ("RE-1_1", "RE-1_1"), (f"{AMAZON}_", f"{AMAZON}_"),
     (f"{AMAZON}_1_2", f"{AMAZON}_1_2"), (f"{AMAZON}_x", f"{AMAZON}_x")],
)  # fmt: skip
def test_t4_the_suffix_is_taken_off_order_numbers_alone(text: str, stripped: str) -> None:
    assert BUILT_IN.without_suffix(text) == stripped


@given(st.text(alphabet="AMZ0159_- ", max_size=24))
def test_without_suffix_there_is_none_left(text: str) -> None:
    once = BUILT_IN.without_suffix(text)
    assert BUILT_IN.without_suffix(once) == once


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        (f"RE-1 {AMAZON} Müller", [AMAZON]), (f"({AMAZON}), {TEMU}; {AMAZON}_1", [AMAZON, TEMU]), ("b79ztbrvqm MHD8E3G", []),
        (f"x{AMAZON}", []), (f"„{TEMU}“", [TEMU]), ("", []),
    ],
)  # fmt: skip
def test_order_numbers_within_a_text_are_whole_words_of_a_certain_shape(text: str, numbers: list[str]) -> None:
    assert [found.number for found in BUILT_IN.within(text)] == numbers


def test_a_sellers_own_shapes_replace_the_built_in_ones() -> None:
    shapes = shapes_from("shop: 'SH\\d{6}'\nmirakl: ['M-\\d{8}', '(?P<number>MK\\d{6})-[A-Z]']\nwith_suffix: 'WXY_\\d'\n")
    found = {text: shapes.whole(text) for text in ("SH123456", "SH123456_1", "M-12345678", "MK123456-B", "WXY_1", AMAZON)}
    assert {text: (each.marketplace, each.number) if each else None for text, each in found.items()} == {
        "SH123456": ("shop", "SH123456"), "SH123456_1": ("shop", "SH123456"), "M-12345678": ("mirakl", "M-12345678"),
        "MK123456-B": ("mirakl", "MK123456"), "WXY_1": ("with_suffix", "WXY_1"), AMAZON: None,
    }  # fmt: skip
    assert shapes.without_suffix("WXY_1") == "WXY_1"
    assert [each.number for each in shapes.within(f"SH123456 {AMAZON_2}")] == ["SH123456"]


@pytest.mark.parametrize("text", ["", "  \n", "\n\n"])
def test_no_text_means_the_built_in_shapes(text: str) -> None:
    assert shapes_from(text) is BUILT_IN


@pytest.mark.parametrize(
    "text",
    ["a: [", "- amazon", "amazon", "{}", "Amazon: 'x\\d'", "amazon: '('", "amazon: ''", "amazon: '.*'", "amazon: 5", "5: 'x'",
     "amazon: [[x]]", "amazon: {a: b}", "amazon:", "!!python/object/apply:os.system ['true']"],
)  # fmt: skip
def test_shapes_that_cannot_be_used_are_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="DATEV_MARKETPLACES"):
        shapes_from(text)


def test_names_as_people_write_them() -> None:
    assert [displayed(name) for name in ("temu", "ebay", "shop", "")] == ["TEMU", "eBay", "shop", ""]
