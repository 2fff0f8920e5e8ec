"""Whose an order in JTL is, and what it comes to: over real databases."""

from __future__ import annotations

import os
from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from pathlib import Path

import pytest
from pydantic import SecretStr

from temu_assets.errors import ConfigurationError
from temu_assets.jtl.customers import customer_numbers, gross_totals
from temu_assets.jtl.database import Jtl, open_engine
from temu_assets_tests.databases import JTL_URL, jtl_is_a_file
from temu_assets_tests.jtl.books import Books


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    books = Books(os.environ.get(JTL_URL) or f"sqlite:///{tmp_path / 'eazybusiness.db'}")
    yield books
    books.close()


@pytest.fixture
def jtl(books: Books) -> Iterator[Jtl]:
    jtl = Jtl(open_engine(SecretStr(books.url)))
    yield jtl
    jtl.close()


NUMBERS = count(1)


def order(books: Books, number: str, customer: str | None, **values: object) -> int:
    """JTL has an order under this external number."""
    return books.add("tAuftrag", cAuftragsNr=f"AU-{next(NUMBERS)}", cExterneAuftragsnummer=number, cKundenNr=customer, **values)


def test_the_customer_of_an_order_is_found_and_an_unknown_order_is_absent(jtl: Jtl, books: Books) -> None:
    order(books, "302-1", "10042 ")
    assert customer_numbers(jtl, ["302-1", "302-2"]) == {"302-1": frozenset({"10042"})}


def test_the_case_of_a_number_does_not_matter_and_every_spelling_asked_for_is_answered(jtl: Jtl, books: Books) -> None:
    order(books, "po-1", "10042")
    assert customer_numbers(jtl, ["PO-1", "Po-1", "PO-1"]) == {"PO-1": frozenset({"10042"}), "Po-1": frozenset({"10042"})}


def test_two_customers_under_one_number_are_both_told(jtl: Jtl, books: Books) -> None:
    order(books, "302-1", "10042")
    order(books, "302-1", "10043")
    assert customer_numbers(jtl, ["302-1"])["302-1"] == {"10042", "10043"}


def test_a_cancelled_order_counts_only_where_no_other_has_the_number(jtl: Jtl, books: Books) -> None:
    order(books, "302-1", "10042", nStorno=True)
    order(books, "302-1", "10043")
    order(books, "302-2", "10044", nStorno=True)
    assert customer_numbers(jtl, ["302-1", "302-2"]) == {"302-1": frozenset({"10043"}), "302-2": frozenset({"10044"})}


@pytest.mark.parametrize("customer", [None, "", "  "])
def test_an_order_without_a_customer_number_has_none(jtl: Jtl, books: Books, customer: str | None) -> None:
    order(books, "302-1", customer)
    assert customer_numbers(jtl, ["302-1"]) == {"302-1": frozenset()}


@pytest.mark.parametrize("other_type", [0, 2])
def test_an_offer_or_a_stock_transfer_is_no_order(jtl: Jtl, books: Books, other_type: int) -> None:
    order(books, "302-1", "10042", nType=other_type)
    assert customer_numbers(jtl, ["302-1"]) == {}


def test_a_month_of_orders_is_asked_for_in_a_few_statements(jtl: Jtl, books: Books) -> None:
    order(books, "302-2499", "10042")
    assert customer_numbers(jtl, [f"302-{number}" for number in range(2500)]) == {"302-2499": frozenset({"10042"})}
    assert customer_numbers(jtl, []) == {}


@jtl_is_a_file
def test_a_jtl_without_the_column_is_an_error_and_not_an_unknown_order(jtl: Jtl, books: Books) -> None:
    """T5: that it could not be found out never looks like "not there"."""
    books.run('ALTER TABLE "tAuftrag" DROP COLUMN "cKundenNr"')
    with pytest.raises(ConfigurationError, match="cKundenNr"):
        customer_numbers(jtl, ["302-1"])


def position(books: Books, of: int, net: str, pieces: int = 1, **values: object) -> None:
    books.add("tAuftragPosition", kAuftrag=of, fVkNetto=Decimal(net), fAnzahl=pieces, **values)


def test_an_order_comes_to_its_units_rounded_with_tax_and_discount_times_the_pieces(jtl: Jtl, books: Books) -> None:
    first = order(books, "302-1", "1")
    position(books, first, "8.3949", 3)  # 9.99 each
    position(books, first, "4.11", nType=2)  # 4.89 shipping
    position(books, first, "10", fMwSt=7, fRabatt=10)  # 9.63
    assert gross_totals(jtl, ["302-1", "302-9"]) == {"302-1": Decimal("44.49")}


def test_a_set_counts_once_and_orders_that_share_a_number_are_added_up(jtl: Jtl, books: Books) -> None:
    first, second = order(books, "302-1", "1"), order(books, "302-1", "1")
    head = books.add("tAuftragPosition", kAuftrag=first, fVkNetto=Decimal(100))
    position(books, first, "50", 2, kAuftragStueckliste=head)
    position(books, second, "1")
    assert gross_totals(jtl, ["302-1"]) == {"302-1": Decimal("120.19")}


@jtl_is_a_file
def test_an_order_whose_price_cannot_be_read_has_no_total(jtl: Jtl, books: Books) -> None:
    """Not 0: that would be a difference nobody made."""
    first = order(books, "302-1", "1")
    position(books, first, "1")
    books.run('UPDATE "tAuftragPosition" SET "fVkNetto" = \'viel\'')
    assert gross_totals(jtl, ["302-1"]) == {}
