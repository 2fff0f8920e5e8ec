"""What only shows across files: documents in two of them, second invoices, gaps, and sums against JTL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.bookkeeping.cross_checks import (
    MOST_EACH,
    MOST_GAPS,
    BatchDocument,
    gaps,
    in_two_files,
    missing_numbers,
    open_invoices,
    second_invoices,
)
from temu_assets.bookkeeping.findings import Document, Severity
from temu_assets.bookkeeping.jtl_sums import money, sum_findings, sums_against_jtl

DAY = datetime(2026, 2, 1, 8, tzinfo=UTC)


def document(
    number: str = "RE-1",
    order: str = "",
    *,
    file: str = "b.csv",
    day: int = 2,
    side: str = "S",
    amount: str = "11.90",
    market: str = "temu",
) -> BatchDocument:
    """In a file that came that many days after the first of February."""
    return BatchDocument(
        f"digest of {file} of {day}", file, DAY + timedelta(days=day), Document(number, order, side, market, Decimal(amount), 3)
    )


def test_c01_a_document_of_an_earlier_file_is_told_in_the_later_one() -> None:
    earlier, later = document(file="a.csv", day=1), document()
    (finding,) = in_two_files([later], [earlier, later])
    assert (finding.code, finding.severity, finding.file, finding.line, finding.value) == ("C01", Severity.ERROR, "b.csv", 3, "RE-1")
    assert "a.csv vom 02.02.2026, Zeile 3" in finding.hint
    assert in_two_files([earlier], [earlier, later]) == []


def test_c01_of_two_files_of_one_run_the_later_one_is_told() -> None:
    both = [document(file="a.csv", day=1), document()]
    assert [finding.file for finding in in_two_files(both, both)] == ["b.csv"]


@pytest.mark.parametrize(
    "other",
    [document("RE-2", file="a.csv", day=1), document(side="H", file="a.csv", day=1), document(day=2)],
    ids=["number", "side", "self"],
)
def test_c01_another_number_the_other_side_and_the_file_itself_are_no_double(other: BatchDocument) -> None:
    assert in_two_files([document()], [document(), other]) == []


def test_c01_rows_without_a_number_are_no_double() -> None:
    assert in_two_files([document("")], [document("", file="a.csv", day=1)]) == []


def test_c01_a_corrected_file_of_the_same_name_is_told_once_as_information() -> None:
    mine = [document(f"RE-{number}") for number in range(3)]
    before = [document(f"RE-{number}", file="B.csv", day=1) for number in range(2)]
    (finding,) = in_two_files(mine, [*mine, *before])
    assert (finding.severity, finding.line) == (Severity.INFO, 0)
    assert "2 Belege standen schon" in finding.hint
    (finding,) = in_two_files(mine[:1], [*mine, *before])
    assert "Ein Beleg stand schon" in finding.hint


def test_c01_many_doubles_of_two_files_are_told_in_part_and_counted() -> None:
    mine = [document(f"RE-{number}") for number in range(100)]
    findings = in_two_files(mine, [document(f"RE-{number}", file="a.csv", day=1) for number in range(100)])
    assert len(findings) == MOST_EACH + 1
    assert "Insgesamt 100 Belege" in findings[-1].hint


def test_t01_a_temu_order_with_invoices_in_two_files_is_an_error() -> None:
    earlier, later = document("TEMU-7", "PO-1", file="a.csv", day=1), document("RE-9", "PO-1")
    (finding,) = second_invoices([later], [earlier, later])
    assert (finding.code, finding.severity, finding.file, finding.value) == ("T01", Severity.ERROR, "b.csv", "PO-1")
    assert "RE-9 hier, dazu TEMU-7 in a.csv" in finding.hint


def test_t01_is_silent_where_there_is_no_second_invoice_to_pay_tax_for() -> None:
    mine = document("RE-9", "PO-1")
    same = document("RE-9", "PO-1", file="a.csv", day=1)
    other = document("TEMU-7", "PO-1", file="a.csv", day=1)
    credited = document("GS-1", "PO-1", side="H", file="a.csv", day=1)
    elsewhere = document("RE-9", "302-1", market="amazon")
    assert second_invoices([mine], [mine, same]) == []
    assert second_invoices([mine], [mine, other, credited]) == []
    assert second_invoices([elsewhere], [elsewhere, document("RE-8", "302-1", market="amazon", file="a.csv", day=1)]) == []
    assert second_invoices([document("RE-9")], [document("RE-9"), document("RE-8", file="a.csv", day=1)]) == []


def test_t01_within_one_file_is_for_the_rules_of_that_file() -> None:
    both = [document("RE-8", "PO-1"), document("RE-9", "PO-1")]
    assert second_invoices(both, both) == []


def test_a_credit_note_takes_one_invoice_back() -> None:
    invoice, second, credit = document("RE-1").document, document("RE-2").document, document("GS-1", side="H").document
    assert [open_invoices(each) for each in ([invoice], [invoice, invoice], [invoice, second], [invoice, second, credit])] == [1, 1, 2, 1]


def series(*numbers: int, beginning: str = "RE-", width: int = 0) -> list[BatchDocument]:
    return [document(f"{beginning}{number:0{width}d}") for number in numbers]


def test_c02_a_gap_is_told_with_the_number_before_it_and_neighbours_together() -> None:
    there = series(*(number for number in range(1000, 1020) if number not in (1003, 1010, 1011, 1012)))
    missing = missing_numbers(there)
    assert list(missing) == ["RE-1003", "RE-1010", "RE-1011", "RE-1012"]
    found = gaps(missing, {"RE-1003"})
    assert [(each.code, each.severity, each.file, each.value) for each in found] == [
        ("C02", Severity.INFO, "b.csv", "RE-1010 bis RE-1012 (3 Nummern)")
    ]
    assert "Nach RE-1009" in found[0].hint


def test_c02_numbers_with_zeros_in_front_keep_their_width_and_every_beginning_is_a_series() -> None:
    there = series(*range(8, 20), beginning="GS2026-", width=6) + series(*range(1, 20), 21)
    assert list(missing_numbers([each for each in there if each.document.number != "GS2026-000012"])) == ["GS2026-000012", "RE-20"]


def test_c02_few_numbers_or_numbers_here_and_there_are_no_series() -> None:
    assert missing_numbers(series(1, 3, 5)) == {}
    assert missing_numbers(series(*range(0, 2000, 7))) == {}
    assert missing_numbers([document("ohne"), document("")]) == {}


def test_c02_gaps_without_end_are_told_in_part() -> None:
    there = series(*(number for number in range(1000) if number % 3))
    found = gaps(missing_numbers(there), set())
    assert len(found) == MOST_GAPS + 1
    assert "weitere Lücken" in found[-1].hint


@given(st.sets(st.integers(0, 10**6), min_size=2, max_size=200))
def test_c02_what_is_missing_is_between_and_not_there(numbers: set[int]) -> None:
    missing = {int(each.removeprefix("RE-")) for each in missing_numbers(series(*numbers))}
    assert missing & numbers == set()
    assert all(min(numbers) < each < max(numbers) for each in missing)


def test_c03_invoices_are_held_against_jtls_orders_by_marketplace() -> None:
    documents = [
        document("RE-1", "PO-1"),
        document("RE-2", "PO-2", amount="10.00"),
        document("RE-3", "PO-2", amount="5.00", file="a.csv"),
        document("RE-4", "302-1", amount="1234.56", market="amazon"),
        document("RE-5", "302-9", market="amazon"),
        document("GS-1", "302-1", side="H", market="amazon"),
        document("RE-6", ""),
    ]
    sums = sums_against_jtl(documents, {"PO-1": Decimal("11.90"), "PO-2": Decimal("15.01"), "302-1": Decimal("1234.56")})
    assert [(each.marketplace, each.in_files, each.in_jtl, each.differing, each.unknown) for each in sums] == [
        ("amazon", Decimal("1234.56"), Decimal("1234.56"), (), 1),
        ("temu", Decimal("26.90"), Decimal("26.91"), ("PO-2",), 0),
    ]
    agreeing, differing = sum_findings(sums)
    assert (agreeing.code, agreeing.severity, agreeing.value) == ("C03", Severity.INFO, "Dateien 1.234,56, JTL 1.234,56")
    assert "1 Bestellungen sind in JTL nicht zu finden" in agreeing.hint
    assert (differing.severity, differing.value) == (Severity.WARNING, "Dateien 26,90, JTL 26,91")
    assert "PO-2" in differing.hint


def test_money_is_written_as_germans_do() -> None:
    assert [money(Decimal(each)) for each in ("0", "1234567.8", "-0.05")] == ["0,00", "1.234.567,80", "-0,05"]
