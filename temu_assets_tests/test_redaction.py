"""What may be told of what went wrong."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.errors import InternalError
from temu_assets.redaction import bug, harmless_words, keep_values_out_of_logs

NAME = "Erika Mustermann"


def raised(error: BaseException) -> BaseException:
    """With a traceback."""
    with pytest.raises(type(error)) as caught:
        raise error
    return caught.value


@pytest.mark.parametrize("error", [KeyError(NAME), ValueError(NAME), OSError(5, NAME, NAME), ExceptionGroup(NAME, [KeyError(NAME)])])
def test_a_bug_is_told_by_kind_and_place(error: Exception) -> None:
    told = bug(raised(error))
    assert isinstance(told, InternalError)
    assert f"{type(error).__name__} at temu_assets_tests/test_redaction.py:" in told.what
    assert NAME not in str(told)
    assert told.__cause__ is None
    assert told.__context__ is None


def test_a_bug_that_was_never_raised_has_no_place() -> None:
    assert "KeyError at an unknown place" in bug(KeyError(NAME)).what


def test_a_chain_that_bites_its_tail_ends() -> None:
    first, second = KeyError(NAME), ValueError(NAME)
    first.__cause__, second.__cause__ = second, first
    assert bug(first).what.count("its cause was") == 1


@given(st.text())
def test_of_a_text_of_temus_only_listed_words_are_kept(text: str) -> None:
    kept = harmless_words(text)
    assert len(kept) <= 200
    assert set(kept.replace("…", " ").split()) <= set(text.split())


@pytest.mark.parametrize("text", ["erika mustermann", "abcdefghijklmnopqrstuvwxyzabcd", "musterweg kassel hessen", "x=secret", "Erika"])
def test_a_name_in_small_letters_and_a_token_without_digits_are_no_words(text: str) -> None:
    assert harmless_words(text) == ""


@pytest.mark.parametrize(
    ("name", "quiet", "loud"),
    [
        ("sqlalchemy.engine.Engine", logging.DEBUG, logging.INFO),
        ("httpx", logging.INFO, logging.WARNING),
        ("httpcore.http11", logging.DEBUG, logging.WARNING),
        ("httpcore.connection", logging.DEBUG, logging.WARNING),
    ],
)
def test_libraries_tell_no_values_at_any_level(name: str, quiet: int, loud: int, caplog: pytest.LogCaptureFixture) -> None:
    keep_values_out_of_logs()
    keep_values_out_of_logs()
    caplog.set_level(logging.DEBUG, logger=name)
    logging.getLogger(name).log(quiet, "Row %r", (NAME,))
    assert caplog.records == []
    logging.getLogger(name).log(loud, "something")
    assert len(caplog.records) == 1
