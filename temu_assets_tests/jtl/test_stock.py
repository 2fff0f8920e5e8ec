"""Stock on JTL's side."""

from __future__ import annotations

import itertools
from decimal import Decimal

import pytest
from sqlalchemy import event, text

from temu_assets.errors import ConfigurationError
from temu_assets.jtl.database import Jtl
from temu_assets.jtl.stock import ArticleStock, Warehouse, all_warehouses, article_stock
from temu_assets.jtl.values import to_figure
from temu_assets_tests.databases import jtl_is_a_file
from temu_assets_tests.jtl.books import Books


@pytest.fixture
def warehouses(books: Books) -> Books:
    """Warehouses 1 and 2, 3 is Amazon's; article 10 lies in all of them."""
    books.add("tWarenLager", kWarenLager=1, cName="Hauptlager")
    books.add("tWarenLager", kWarenLager=2, cName="Ladenlager", nAktiv=0)
    books.add("tWarenLager", kWarenLager=3, cName="FBA", nFulfillment=1)
    books.add("tArtikel", kArtikel=10, cArtNr="Mug-Blue", nPuffer=2)
    books.add("tlagerbestand", kArtikel=10, fVerfuegbar=12.5, fInAuftraegen=3)
    for warehouse, amount in ((1, 7), (1, 0.5), (2, 4), (3, 100)):
        books.add("stored_stock", kArtikel=10, kWarenlager=warehouse, fBestand=amount)
    return books


def test_an_article_is_told_with_all_its_figures(jtl: Jtl, warehouses: Books) -> None:
    """Fault 16: what is available already has the open orders taken off."""
    assert article_stock(jtl, ["MUG-BLUE"]) == {
        "mug-blue": ArticleStock(
            article_id=10,
            sku="Mug-Blue",
            buffer=Decimal(2),
            is_tracked=True,
            is_parent=False,
            available=Decimal("12.5"),
            in_orders=Decimal(3),
            physical=None,
        )
    }


@pytest.mark.parametrize(
    ("chosen", "physical"),
    [((1,), "7.5"), ((2,), "4"), ((1, 2), "11.5"), ((3,), "100"), ((1, 2, 3), "111.5")],
)
def test_physical_stock_is_the_sum_over_the_chosen_warehouses_alone(
    jtl: Jtl, warehouses: Books, chosen: tuple[int, ...], physical: str
) -> None:
    """Fault 16: all rows of an article are added up, and Amazon's stock counts only where it was chosen."""
    assert article_stock(jtl, ["Mug-Blue"], chosen)["mug-blue"].physical == Decimal(physical)


def test_an_article_without_a_stock_row_has_none_in_stock(jtl: Jtl, warehouses: Books) -> None:
    warehouses.add("tArtikel", kArtikel=11, cArtNr="MUG-NEW")
    stock = article_stock(jtl, ["MUG-NEW"], [1])["mug-new"]
    assert (stock.available, stock.in_orders, stock.physical) == (Decimal(0), Decimal(0), Decimal(0))
    assert (stock.has_total, stock.has_places) == (False, False)
    known = article_stock(jtl, ["Mug-Blue"], [1])["mug-blue"]
    assert (known.has_total, known.has_places) == (True, True)


def test_an_article_in_none_of_the_chosen_warehouses_is_told_as_such(jtl: Jtl, warehouses: Books) -> None:
    warehouses.add("tWarenLager", kWarenLager=4, cName="leer")
    stock = article_stock(jtl, ["Mug-Blue"], [4])["mug-blue"]
    assert (stock.has_total, stock.has_places, stock.physical) == (True, False, Decimal(0))


def test_an_article_jtl_does_not_have_is_absent_and_not_0(jtl: Jtl, warehouses: Books) -> None:
    """Fault 9."""
    warehouses.add("tArtikel", kArtikel=11, cArtNr="MUG-OLD", nDelete=1)
    assert article_stock(jtl, ["MUG-OLD", "MUG-NONE"], [1]) == {}


@pytest.mark.parametrize(("flag", "is_tracked"), [("Y", True), ("y ", True), ("N", False), ("", False)])
def test_an_article_tells_whether_its_stock_is_tracked(jtl: Jtl, warehouses: Books, flag: str, is_tracked: bool) -> None:
    warehouses.add("tArtikel", cArtNr="MUG", cLagerAktiv=flag)
    assert article_stock(jtl, ["MUG"])["mug"].is_tracked is is_tracked


def test_a_variation_parent_is_told_as_one(jtl: Jtl, warehouses: Books) -> None:
    warehouses.add("tArtikel", cArtNr="MUG", nIstVater=1)
    assert article_stock(jtl, ["MUG"])["mug"].is_parent is True


def test_oversold_stock_stays_negative(jtl: Jtl, warehouses: Books) -> None:
    warehouses.change("tlagerbestand", fVerfuegbar=-3)
    assert article_stock(jtl, ["Mug-Blue"])["mug-blue"].available == -3


@pytest.mark.parametrize(
    ("table", "column", "figure"),
    [("tArtikel", "nPuffer", "buffer"), ("stored_stock", "fBestand", "physical")],
)
def test_a_value_that_is_missing_from_a_row_cannot_be_read_and_is_not_0(
    jtl: Jtl, warehouses: Books, table: str, column: str, figure: str
) -> None:
    """Fault 9: and it is the trouble of this article alone."""
    warehouses.change(table, **{column: None})
    warehouses.add("tArtikel", kArtikel=11, cArtNr="MUG-NEW")
    stock = article_stock(jtl, ["Mug-Blue", "MUG-NEW"], [1])
    assert getattr(stock["mug-blue"], figure).is_nan()
    assert getattr(stock["mug-new"], figure) == 0


@pytest.mark.parametrize("value", [None, "", "viele", "NaN", float("nan"), float("inf"), "1e12", Decimal("-1e12"), b"12"])
def test_a_value_that_is_no_number_of_pieces_cannot_be_read(value: object) -> None:
    """Fault 9: and no sum with it passes for 0."""
    assert to_figure(value).is_nan()
    assert (to_figure(value) + 5).is_nan()


@pytest.mark.parametrize(("value", "figure"), [(0, "0"), (-3, "-3"), ("12.5", "12.5"), (0.1, "0.1"), (Decimal("1e9"), "1000000000")])
def test_a_number_of_pieces_is_read_exactly(value: object, figure: str) -> None:
    assert to_figure(value) == Decimal(figure)


@jtl_is_a_file
@pytest.mark.parametrize("value", ["viele", "1e12", "inf"])
def test_a_table_that_holds_nonsense_is_read_as_that(jtl: Jtl, warehouses: Books, value: str) -> None:
    """Fault 9."""
    warehouses.change("tlagerbestand", fVerfuegbar=text(f"'{value}'"))
    assert article_stock(jtl, ["Mug-Blue"])["mug-blue"].available.is_nan()


def test_a_warehouse_jtl_does_not_have_is_named_with_the_choices(jtl: Jtl, warehouses: Books) -> None:
    with pytest.raises(ConfigurationError, match=r"names 8, 9, which.*1 = Hauptlager, 2 = Ladenlager, 3 = FBA"):
        article_stock(jtl, ["Mug-Blue"], [1, 8, 9])


def test_the_warehouses_to_choose_from(jtl: Jtl, warehouses: Books) -> None:
    assert all_warehouses(jtl) == [
        Warehouse(1, "Hauptlager", is_active=True, is_fulfilment=False),
        Warehouse(2, "Ladenlager", is_active=False, is_fulfilment=False),
        Warehouse(3, "FBA", is_active=True, is_fulfilment=True),
    ]


def test_more_articles_than_one_statement_can_name_are_all_told(jtl: Jtl, warehouses: Books) -> None:
    skus = [f"SKU-{number}" for number in range(2200)]
    for sku in skus:
        warehouses.add("tArtikel", cArtNr=sku)
    assert set(article_stock(jtl, [*skus, *skus], [1])) == {sku.casefold() for sku in skus}


@pytest.mark.parametrize("look", [1, 2, 3])
def test_what_is_shipped_while_both_figures_are_read_is_not_offered(jtl: Jtl, warehouses: Books, look: int) -> None:
    """Fault 16: it left the shelf and the open orders together."""
    warehouses.change("tlagerbestand", fInAuftraegen=111.5)
    article_stock(jtl, ["Mug-Blue"], [1])  # The columns are looked at.
    statements = itertools.count(1)

    @event.listens_for(jtl.engine, "before_cursor_execute")
    def _before(*_: object) -> None:
        if next(statements) == look:
            warehouses.change("tlagerbestand", fInAuftraegen=0)
            warehouses.change("stored_stock", fBestand=0)

    stock = article_stock(jtl, ["Mug-Blue"], [1, 2, 3])["mug-blue"]
    assert stock.physical is not None
    assert stock.physical - stock.in_orders <= 0
    assert next(statements) > look


@jtl_is_a_file
def test_jtl_that_cannot_be_read_is_not_a_jtl_without_stock(jtl: Jtl, warehouses: Books) -> None:
    """Fault 9: stock 0 because of an error must never reach TEMU."""
    warehouses.close()
    warehouses.path.write_bytes(b"a letter " * 1000)
    with pytest.raises(ConfigurationError, match="is not a SQLite database"):
        article_stock(jtl, ["Mug-Blue"])
