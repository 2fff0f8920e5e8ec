"""A DATEV file from its bytes to what is handed on: the documents and sums it is told to hold."""

from __future__ import annotations

from decimal import Decimal

import pytest

from temu_assets.bookkeeping.extf import NotExtf
from temu_assets.bookkeeping.findings import Document, TotalsRow
from temu_assets.bookkeeping.processing import process
from temu_assets.errors import ConfigurationError
from temu_assets_tests.bookkeeping.extf_files import AMAZON, JERA, NAME, TEMU, Booking, extf
from temu_assets_tests.bookkeeping.process_files import Jtl, never, rules, run


def test_what_is_no_buchungsstapel_is_refused() -> None:
    with pytest.raises(NotExtf, match="leer"):
        process(b"", NAME, rules(), never)


def test_shapes_that_cannot_be_used_are_a_wrong_setting() -> None:
    with pytest.raises(ConfigurationError):
        run(given=rules(marketplaces="amazon: '('"))


def test_a_sellers_own_shapes_are_used_throughout() -> None:
    given = rules("K1", marketplaces="shop: 'SH\\d{6}'")
    processed = run(Booking(document="SH123456_1"), Booking(), given=given, look_up=Jtl({"SH123456": ["K1"]}))
    assert [(change.old, change.new) for change in processed.changes] == [("SH123456_1", "K1")]
    assert [(each.order_number, each.marketplace) for each in processed.documents] == [("SH123456", "shop"), ("", "")]


def documents(*bookings: Booking) -> list[tuple[str, str, str, str, int]]:
    return [(each.number, each.order_number, each.side, str(each.amount), each.first_line) for each in run(*bookings).documents]


@pytest.mark.parametrize(
    ("document", "text", "number", "order"),
    [
        (AMAZON, "RE-2026-0001 Muster", "RE-2026-0001", AMAZON),
        ("K-1001", "RE-2026-0001 Muster", "RE-2026-0001", ""),
        ("K-1001", f"RE-2026-0001 {AMAZON}", "RE-2026-0001", AMAZON),
        ("AR-78/13", "Holzlieferung", "AR-78/13", ""),
        ("AR-78/13", "Zahlung mit 2% Skonto", "AR-78/13", ""),
        ("AR-2013", "Rechnung AR-2013 vom 01.02.2026", "AR-2013", ""),
        ("4711", "12345 Berlin, Rechnung 4711", "4711", ""),
        (AMAZON, "Muster", "", AMAZON),
        (AMAZON, f"{TEMU} RE-1", "", AMAZON),
        (f"{TEMU}_2", "Rechnung Nr. RE-2026-0001, Muster", "RE-2026-0001", TEMU),
        ("", "RE-2026-0001.", "RE-2026-0001", ""),
        ("RE-1", "", "RE-1", ""),
        ("MHD8E3G", "RE12B45X Muster", "RE12B45X", "MHD8E3G"),
    ],
)
def test_t9_documents_are_known_by_their_number_whatever_belegfeld_1_holds(document: str, text: str, number: str, order: str) -> None:
    assert [found[:2] for found in documents(Booking(document=document, text=text))] == [(number, order)]


def test_t9_a_corrected_file_holds_the_same_documents() -> None:
    given = rules("K1", "K2", "K3", "K4", "K5", "K6", "K8")
    bookings = (Booking(text="RE-1000 " + "x" * 60), Booking(document=f"{TEMU}_1", text="RE-1001 B", day="201"))
    corrected = run(*bookings, given=given, look_up=Jtl({AMAZON: ["K1"], TEMU: ["K2"]}))
    assert len(corrected.changes) > 4
    assert corrected.documents == run(*bookings).documents


def test_rows_of_one_document_are_taken_together() -> None:
    bookings = (
        Booking(amount="10,00", text="RE-1001 A"), Booking(amount="20,50", text="RE-1001 A", contra="4300000"), Booking(text="RE-1002 A"),
        Booking(amount="5,00", side="H", text="RE-1001 Storno"), Booking(amount="kaputt", text="RE-1001 A"),
    )  # fmt: skip
    assert documents(*bookings) == [
        ("RE-1001", AMAZON, "S", "30.50", 3), ("RE-1002", AMAZON, "S", "119.00", 5), ("RE-1001", AMAZON, "H", "5.00", 6),
    ]  # fmt: skip


def test_an_invoice_is_one_on_whichever_side_its_debtor_stands_and_a_reversal_takes_it_back() -> None:
    bookings = (
        Booking(text="RE-1001"), Booking(account="4400000", contra="10000000", side="H", text="RE-1002"),
        Booking(text="RE-1003", more={118: "1"}), Booking(account="4400000", contra="10000000", side="H", text="RE-1004", more={118: "G"}),
    )  # fmt: skip
    assert [(number, side) for number, _, side, _, _ in documents(*bookings)] == [
        ("RE-1001", "S"), ("RE-1002", "S"), ("RE-1003", "H"), ("RE-1004", "H"),
    ]  # fmt: skip


def test_a_payment_is_no_document() -> None:
    payment, other = Booking(account="1800000", contra="10000000"), Booking(account="10000000", contra="1460000", side="H")
    assert documents(payment, other, Booking(account="1200000", contra="4400000")) != []
    assert documents(payment, other) == []


def test_totals() -> None:
    bookings = (
        Booking(amount="100,00"), Booking(amount="50,00", side="H", day="0102", document=TEMU),
        Booking(amount="20,00", contra="4320000", key="240", day="9999", document="RE-1", account="1200000", more={40: "FR", 41: "20,00"}),
    )  # fmt: skip
    totals = run(*bookings, style=JERA).totals
    hundred, fifty, twenty, nothing = Decimal("100.00"), Decimal("50.00"), Decimal("20.00"), Decimal("0.00")
    assert totals == (
        TotalsRow("Monat", "2026-01", 1, hundred, nothing),
        TotalsRow("Monat", "2026-02", 1, nothing, fifty),
        TotalsRow("Monat", "ohne gültiges Datum", 1, twenty, nothing),
        TotalsRow("Debitor", "10000000", 2, hundred, fifty),
        TotalsRow("Debitor", "ohne Debitor", 1, twenty, nothing),
        TotalsRow("Gegenkonto / Schlüssel / Land / Satz", "4320000 / 240 / FR / 20,00", 1, twenty, nothing),
        TotalsRow("Gegenkonto / Schlüssel / Land / Satz", "4400000 / - / - / -", 2, hundred, fifty),
        TotalsRow("Marktplatz", "Amazon", 1, hundred, nothing),
        TotalsRow("Marktplatz", "TEMU", 1, nothing, fifty),
        TotalsRow("Marktplatz", "ohne", 1, twenty, nothing),
    )


def test_documents_of_a_marketplace_known_by_its_debtor_alone() -> None:
    processed = run(Booking(document="RE-1", text="RE-1001"), given=rules(debtors=(("temu", "10000000"),)))
    assert processed.documents == (Document("RE-1001", "", "S", "temu", Decimal("119.00"), 3),)
    shared = rules(debtors=(("temu", "10000000"), ("ebay", "10000000")))
    assert run(Booking(document="RE-1"), given=shared).documents[0].marketplace == ""


def test_findings_stand_in_the_order_of_lines_with_the_name_of_the_file() -> None:
    processed = run(Booking(), Booking(amount="0,00", document="RE 1"), Booking(side="x"), header={21: "1"}, name="Stapel.csv")
    assert [(found.line, found.code) for found in processed.findings] == [(0, "H01"), (1, "H05"), (4, "R02"), (4, "R07"), (5, "R03")]
    assert {found.file for found in processed.findings} == {"Stapel.csv"}


def test_long_values_are_told_in_part() -> None:
    (found,) = [found for found in run(Booking(text="RE-1 " + "x" * 1000)).findings if found.code == "R09"]
    assert len(found.value) == 121


def test_a_file_of_two_lines_is_handed_on_as_it_is() -> None:
    content = extf(()).removesuffix(b"\r\n")
    assert process(content, NAME, rules(), never).outputs[0].content == content
