"""Texts as JTL can hold them."""

from __future__ import annotations

import re
import sys

from hypothesis import given
from hypothesis import strategies as st

from temu_assets.orders.jtl_format import DAMAGED, clean

any_text = st.text(st.one_of(st.characters(codec=None), st.sampled_from("\x00\t\n\r\x1f\x7f\x85\xa0\ud83d\ufffe\uffff\U0001f600 äß<&")))


@given(any_text)
def test_what_xml_forbids_is_marked_and_breaks_become_blanks_whichever_way_it_is_found(text: str) -> None:
    marked = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", DAMAGED, text)
    assert clean(text) == re.sub(r"[\t\r\n]+", " ", marked).strip()


def test_every_single_character_is_kept_or_marked() -> None:
    for code in range(sys.maxunicode + 1):
        text = f"a{chr(code)}b"
        is_break = chr(code) in "\t\r\n"
        is_forbidden = (code < 0x20 and not is_break) or 0xD800 <= code <= 0xDFFF or code in (0xFFFE, 0xFFFF)
        assert clean(text) == ("a b" if is_break else f"a{DAMAGED}b" if is_forbidden else text), hex(code)
