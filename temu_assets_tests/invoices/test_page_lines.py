"""Words and lines by place, whatever order a PDF draws in."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.invoices.page_lines import BLANK, GUESSED_BLANK, Glyph, Run, lines_of, spelled, words_of


def glyphs(text: str, left: float = 0.0, base: float = 100.0, size: float = 10.0, advance: float = 5.0) -> list[Glyph]:
    """Characters of one width; a blank is drawn, "_" is a gap the PDF reader takes for a blank."""
    found: list[Glyph] = []
    for number, character in enumerate(text):
        begin = left + number * advance
        if character == "_":
            found.append((GUESSED_BLANK, 0, 0, 0, 0))
        else:
            found.append((BLANK if character == " " else character, begin, begin + 5.0, base, size))
    return found


def texts(found: list[Glyph]) -> list[list[str]]:
    return [[word.text for word in line] for line in lines_of(words_of(found))]


def test_neighbours_become_a_word_and_gaps_separate() -> None:
    assert texts(glyphs("Netto 12,00")) == [["Netto", "12,00"]]
    assert texts(glyphs("Netto_12,00")) == [["Netto", "12,00"]]


def test_a_blank_too_narrow_to_be_seen_still_separates() -> None:
    narrow = [*glyphs("1"), (BLANK, 0.0, 0.0, 0.0, 0.0), *glyphs("234", left=5.5)]
    assert texts(narrow) == [["1 234"]]


def test_a_slanted_letter_that_reaches_into_the_blank_before_it_starts_a_word() -> None:
    slanted: list[Glyph] = [(GUESSED_BLANK, 7.5, 7.5, 0.0, 0.0), ("f", 6.0, 12.0, 100.0, 10.0)]
    (words,) = lines_of(words_of([*glyphs("s"), *slanted]))
    assert [(word.text, word.left) for word in words] == [("s", 0.0), ("f", 7.5)]


def test_letters_spaced_out_are_a_word_and_digits_spaced_out_are_not() -> None:
    assert texts(glyphs("RECHNUNG", advance=8.0)) == [["RECHNUNG"]]
    assert texts(glyphs("1234", advance=8.0)) == [["1", "2", "3", "4"]]


def test_text_drawn_twice_counts_once() -> None:
    once, again = glyphs("11,90"), glyphs("11,90", left=0.3)
    assert texts([*once, *again]) == [["11,90"]]


def test_a_ligature_that_comes_as_letters_at_one_place_keeps_them_all() -> None:
    ligature: list[Glyph] = [(letter, 5.0, 13.0, 100.0, 10.0) for letter in "ff"]
    assert texts([*glyphs("O"), *ligature, *glyphs("en", left=13.0)]) == [["Offen"]]


def test_the_same_word_twice_in_a_line_stays_twice() -> None:
    assert texts([*glyphs("19"), *glyphs("19", left=10.0), *glyphs("19", left=40.0)]) == [["1919", "19"]]


def test_a_line_is_what_is_level_with_sizes_that_differ() -> None:
    label, total = glyphs("Gesamt", size=9.0), glyphs("99", left=200.0, size=18.0)
    middle = glyphs("EUR", left=300.0, base=100.0 - 0.3 * 9.0, size=9.0)
    assert texts([*total, *label, *middle]) == [["Gesamt", "99", "EUR"]]


def test_lines_close_to_each_other_stay_apart() -> None:
    assert texts([*glyphs("b", base=109.0), *glyphs("a", base=100.0)]) == [["a"], ["b"]]


def test_an_accent_drawn_on_its_own_belongs_to_its_letter() -> None:
    found = [*glyphs("u"), ("\u0308", 0.0, 0.0, 100.0, 10.0), *glyphs("ber", left=5.0)]
    assert texts(found) == [["über"]]


@pytest.mark.parametrize(
    ("code", "read"),
    [
        (0x41, "A"),
        (0xA0, " "),
        (0x202F, " "),
        (0xAD, "-"),
        (0x2011, "-"),
        (0xFB01, "fi"),
        (0xFB03, "ffi"),
        (0x200B, ""),
        (0xFEFF, ""),
        (0x0, ""),
        (0x7, ""),
        (0xD800, ""),
        (0xF0B7, ""),
        (0x20AC, "€"),
        (0xFFFE, ""),
        (0x110000, ""),
    ],
)
def test_what_a_character_is_read_as(code: int, read: str) -> None:
    assert spelled(code) == read


cells = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 4), st.text("abc0123", min_size=1, max_size=4)),
    min_size=1,
    max_size=25,
    unique_by=lambda cell: cell[:2],
)


@given(cells, st.randoms(use_true_random=False))
def test_reading_order_does_not_depend_on_drawing_order(table: list[tuple[int, int, str]], order: random.Random) -> None:
    drawn = [Run(text, column * 50.0, column * 50.0 + 20, row * 12.0, 10.0) for row, column, text in table]
    expected = lines_of(drawn)
    assert [[word.text for word in line] for line in expected] == [
        [text for _, _, text in sorted(cell for cell in table if cell[0] == row)] for row in sorted({row for row, _, _ in table})
    ]
    order.shuffle(drawn)
    assert lines_of(drawn) == expected
