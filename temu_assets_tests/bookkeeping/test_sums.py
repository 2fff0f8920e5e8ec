"""Sums of DATEV files are exact, and a file that would add up to something else is not handed on."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.bookkeeping import processing
from temu_assets.bookkeeping.extf import ExtfFile, parse, to_bytes
from temu_assets.bookkeeping.findings import Sums
from temu_assets.bookkeeping.sums import Tally, require_same, tally, to_cents, to_decimal
from temu_assets.errors import InternalError
from temu_assets_tests.bookkeeping.extf_files import JERA, Booking, extf
from temu_assets_tests.bookkeeping.process_files import rules, run


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("1234,50", 123450), ("1234,5", 123450), ("1234", 123400), ("0,01", 1), ("0", 0), ("007,10", 710), ("9999999999,99", 999999999999),
        ("1.234,50", None), ("-5,00", None), ("5.00", None), ("", None), ("5,", None), (",5", None), ("5,001", None), ("1E5", None),
        (" 5,00", None), ("٣,00", None), ("5,00\n", None), ("12345678901,00", None),
    ],
)  # fmt: skip
def test_t7_amounts_are_whole_cents(text: str, cents: int | None) -> None:
    assert to_cents(text) == cents


def test_t7_ten_cents_a_hundred_thousand_times_are_ten_thousand_euros() -> None:
    total = Tally()
    for _ in range(100_000):
        total.add(["0,10", "S", "", "", "", "", "1", "2"])
    assert total.sums == Sums(100_000, Decimal("10000.00"), Decimal("0.00"))


@given(st.lists(st.tuples(st.integers(1, 10**12 - 1), st.booleans()), max_size=8))
def test_t7_sums_are_exact(amounts: list[tuple[int, bool]]) -> None:
    bookings = [Booking(amount=f"{cents // 100},{cents % 100:02d}", side="S" if debit else "H") for cents, debit in amounts]
    sums = tally(parse(extf(bookings)).rows).sums
    assert sums.rows == len(amounts)
    assert sums.debit * 100 == sum(cents for cents, debit in amounts if debit)
    assert sums.credit * 100 == sum(cents for cents, debit in amounts if not debit)


@given(st.integers(0, 10**14))
def test_cents_are_told_with_both_their_digits(cents: int) -> None:
    assert to_decimal(cents) * 100 == cents
    assert to_decimal(cents).as_tuple().exponent == -2


def test_before_and_after_are_told() -> None:
    processed = run(Booking(), Booking(side="H", amount="19,00"), Booking(amount="1.000,00"), given=rules("K6"))
    assert processed.before == processed.after == Sums(3, Decimal("119.00"), Decimal("19.00"))


BOOKINGS = [Booking(), Booking(side="H", amount="19,00", day="0301"), Booking(amount="1.000,00", contra="4300000"), Booking(side="X")]


@pytest.mark.parametrize(
    "changed",
    [
        BOOKINGS[:3],
        [*BOOKINGS, Booking()],
        [Booking(amount="119,01"), *BOOKINGS[1:]],
        [Booking(side="H"), *BOOKINGS[1:]],
        [Booking(contra="4300000"), *BOOKINGS[1:]],
        [Booking(account="10000001"), *BOOKINGS[1:]],
        [*BOOKINGS[:2], Booking(amount="1.000,01", contra="4300000"), BOOKINGS[3]],
        [*BOOKINGS[:3], Booking(side="Y")],
    ],
)
def test_what_does_not_add_up_to_the_same_is_found(changed: list[Booking]) -> None:
    before, after = tally(parse(extf(BOOKINGS, JERA)).rows), tally(parse(extf(changed, JERA)).rows)
    require_same(before, before, file="EXTF_a.csv", debtors_changed=False)
    with pytest.raises(InternalError, match="EXTF_a"):
        require_same(before, after, file="EXTF_a.csv", debtors_changed=False)


def test_debtors_may_change_where_they_are_meant_to() -> None:
    before, after = tally(parse(extf([Booking()])).rows), tally(parse(extf([Booking(account="10000001")])).rows)
    require_same(before, after, file="EXTF_a.csv", debtors_changed=True)
    other_contra = tally(parse(extf([Booking(contra="4300000")])).rows)
    with pytest.raises(InternalError, match="contra accounts"):
        require_same(before, other_contra, file="EXTF_a.csv", debtors_changed=True)


def test_the_proof_is_on_the_bytes_that_are_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(file: ExtfFile) -> bytes:
        return to_bytes(file).replace(b"119,00", b"911,00")

    monkeypatch.setattr(processing, "to_bytes", broken)
    with pytest.raises(InternalError, match="sums of debit and credit"):
        run(Booking())
