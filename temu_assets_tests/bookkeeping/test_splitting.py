"""A file split into parts: every booking in one of them, as it was, and headers that fit."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.bookkeeping.extf import parse
from temu_assets.bookkeeping.findings import Processed, Severity
from temu_assets.bookkeeping.header import header_of
from temu_assets.office_settings import CriticalFiles, Split
from temu_assets_tests.bookkeeping.extf_files import AMAZON, EBAY, JERA, NAME, TEMU, Booking, Quoting, Style, extf
from temu_assets_tests.bookkeeping.process_files import Jtl, output, rules, run, told

MONTH, MARKETPLACE = rules(split=Split.MONTH), rules(split=Split.MARKETPLACE)
YEAR = {15: "20260115", 16: "20260320", 17: "Belege 2026"}
STEM = NAME.removesuffix(".csv")


def periods(processed: Processed) -> list[tuple[str, str, str, str]]:
    """Name, title, first and last day of each part."""
    headers = [(each.name, header_of(parse(each.content).header)) for each in processed.outputs]
    return [(name, header.value(17), header.value(15), header.value(16)) for name, header in headers]


def test_by_month_each_part_has_its_period_within_that_of_the_file() -> None:
    bookings = [Booking(day=day) for day in ("2001", "0102", "2802", "0103", "2101")]
    processed = run(*bookings, given=MONTH, header=YEAR)
    assert periods(processed) == [
        (f"{STEM}_202601.csv", "Belege 2026 202601", "20260115", "20260131"),
        (f"{STEM}_202602.csv", "Belege 2026 202602", "20260201", "20260228"),
        (f"{STEM}_202603.csv", "Belege 2026 202603", "20260301", "20260320"),
    ]
    assert [[row.values()[9] for row in output(processed, number).bookings] for number in range(3)] == [
        ["2001", "2101"], ["0102", "2802"], ["0103"],
    ]  # fmt: skip
    assert processed.before == processed.after


def test_by_month_a_part_is_a_file_as_it_should_be() -> None:
    processed = run(Booking(day="2001"), Booking(day="0102"), given=MONTH, header=YEAR)
    again = [run(header=dict(enumerate(header_of(parse(each.content).header).values, 1)), name=each.name) for each in processed.outputs]
    assert [each.findings for each in again if told(each, "H02") or told(each, "H03")] == []
    assert output(processed).header.raw == parse(extf(header=YEAR)).header.raw.replace(
        '20260115;20260320;"Belege 2026"', '20260115;20260131;"Belege 2026 202601"'
    )


def test_by_month_what_lies_outside_the_period_has_its_own_month() -> None:
    processed = run(Booking(day="2001"), Booking(day="0112"), given=MONTH, header=YEAR)
    assert periods(processed)[1] == (f"{STEM}_202612.csv", "Belege 2026 202612", "20261201", "20261231")


def test_by_month_bookings_without_a_day_are_a_part_of_their_own() -> None:
    processed = run(Booking(day="2001"), Booking(day="9999"), Booking(day=""), given=MONTH, header=YEAR)
    assert periods(processed) == [
        (f"{STEM}_202601.csv", "Belege 2026 202601", "20260115", "20260131"),
        (f"{STEM}_ohne_datum.csv", "Belege 2026 ohne datum", "20260115", "20260320"),
    ]
    assert [(found.severity, found.value) for found in told(processed, "R04") if not found.line] == [(Severity.WARNING, "2")]


def test_by_month_the_fiscal_year_says_which_year_is_meant() -> None:
    header = {13: "20250701", 15: "20250701", 16: "20260630"}
    processed = run(Booking(day="3112"), Booking(day="0101"), given=MONTH, header=header)
    assert [name for name, *_ in periods(processed)] == [f"{STEM}_202512.csv", f"{STEM}_202601.csv"]


def test_by_marketplace() -> None:
    bookings = (
        Booking(), Booking(document=f"{TEMU}_1"), Booking(document=EBAY), Booking(document="RE-1"), Booking(document="MHD8E3G"),
        Booking(document="b79ztbrvqm"), Booking(document="K-1", text=f"RE-2 {AMAZON}"), Booking(document="RE-3", account="10000200"),
    )  # fmt: skip
    processed = run(*bookings, given=rules(split=Split.MARKETPLACE, debtors=(("temu", "10000200"),)), header={17: "x" * 30})
    assert [(name.removeprefix(STEM), title, len(list(output(processed, number).bookings))) for number, (name, title, *_) in
            enumerate(periods(processed))] == [
        ("_amazon.csv", "x" * 23 + " Amazon", 2), ("_ebay.csv", "x" * 25 + " eBay", 1), ("_kaufland.csv", "x" * 21 + " Kaufland", 1),
        ("_otto.csv", "x" * 25 + " OTTO", 1), ("_temu.csv", "x" * 25 + " TEMU", 2), ("_sonstige.csv", "x" * 21 + " sonstige", 1),
    ]  # fmt: skip


def test_k1_does_not_hide_the_marketplace() -> None:
    given_rules = rules("K1", split=Split.MARKETPLACE)
    processed = run(Booking(), Booking(document=TEMU), given=given_rules, look_up=Jtl({AMAZON: ["K1"], TEMU: ["K2"]}))
    assert [(each.name, [row.values()[10] for row in parse(each.content).bookings]) for each in processed.outputs] == [
        (f"{STEM}_amazon.csv", ["K1"]), (f"{STEM}_temu.csv", ["K2"]),
    ]  # fmt: skip


@pytest.mark.parametrize("given_rules", [MONTH, MARKETPLACE])
def test_one_part_only_is_the_file_itself(given_rules: object) -> None:
    cases: list[list[Booking | str]] = [[Booking(), "", Booking(text="RE-2")], [""]]
    for bookings in cases:
        processed = run(*bookings, given=given_rules, style=JERA)  # type: ignore[arg-type]  # parametrized
        assert [(each.name, each.content) for each in processed.outputs] == [(NAME, extf(bookings, JERA))]


def test_names_that_are_none_of_datevs_get_the_suffix_all_the_same() -> None:
    names = [
        run(Booking(), Booking(document=TEMU), given=MARKETPLACE, name=name).outputs[0].name for name in ("a.b.CSV", "stapel", "a.txt")
    ]
    assert names == ["a.b_amazon.CSV", "stapel_amazon.csv", "a.txt_amazon.csv"]


def test_a_file_with_an_open_quote_is_not_split() -> None:
    row = ";".join(Booking(document=TEMU).values(124)).replace("RE-2026-0001 Mustermann", '"offen')
    bookings: list[Booking | str] = [Booking(), row, Booking(text="RE-2")]
    processed = run(*bookings, given=MARKETPLACE, style=JERA)
    assert [each.content for each in processed.outputs] == [extf(bookings, JERA)]
    assert {found.line for found in told(processed, "R21")} == {4}


def test_files_with_critical_accounts_are_withheld_or_marked_by_their_names() -> None:
    bookings = (Booking(), Booking(document=TEMU, contra="7"))
    withheld = run(*bookings, given=MARKETPLACE)
    assert withheld.outputs == ()
    assert "einer Buchung" in withheld.withheld
    assert "Zeile 4" in withheld.withheld
    marked = run(*bookings, given=rules(split=Split.MARKETPLACE, critical_files=CriticalFiles.PREFIX))
    assert [each.name for each in marked.outputs] == [f"#_{STEM}_amazon.csv", f"#_{STEM}_temu.csv"]
    assert marked.withheld == ""
    assert [each.name for each in run(given=rules(critical_files=CriticalFiles.PREFIX)).outputs] == [NAME]


BOOKINGS = st.lists(
    st.builds(
        Booking,
        amount=st.sampled_from(["119,00", "0,01", "1.000,00"]),
        side=st.sampled_from(["S", "H", "x"]),
        day=st.sampled_from(["2001", "0102", "0103", "9999", "201"]),
        document=st.sampled_from([AMAZON, TEMU, EBAY, "RE-1", "MHD8E3G"]),
        text=st.sampled_from(["RE-1 a", 'RE-2 "b" c', "RE-3;d", "RE-4 ä"]),
    )
    | st.just(""),
    max_size=6,
)
STYLES = st.builds(
    Style,
    end=st.sampled_from(["\r\n", "\n"]),
    quoting=st.sampled_from(list(Quoting)),
    columns=st.sampled_from([14, 124]),
    closed=st.booleans(),
)


@given(bookings=BOOKINGS, style=STYLES, by=st.sampled_from(list(Split)), k3=st.booleans())
def test_splitting_keeps_every_booking_as_it_was(bookings: list[Booking | str], style: Style, by: Split, k3: bool) -> None:
    processed = run(*(bookings or [""]), style=style, given=rules(*["K3"] * k3, split=by), header=YEAR)
    whole = run(*(bookings or [""]), style=style, given=rules(*["K3"] * k3), header=YEAR)
    rows = Counter(row.raw for each in processed.outputs for row in parse(each.content).bookings)
    assert rows == Counter(row.raw for row in output(whole).bookings)
    assert processed.before == processed.after == whole.after
    assert len({each.name for each in processed.outputs}) == len(processed.outputs)
    for each in processed.outputs:
        part = parse(each.content)
        assert part.column_names == output(whole).column_names
        assert {row.end for row in part.bookings} <= {style.end, ""}
        assert len(each.content.splitlines()) == len(part.rows) + 2
