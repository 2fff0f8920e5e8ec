"""XML of strangers: any bytes end in a reading or a sentence, quickly; nothing is opened, expanded or leaked."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from temu_assets.invoices.e_invoice import NotAnInvoice, UnreadableXml, is_e_invoice, read_e_invoice
from temu_assets.invoices.reading import Reading
from temu_assets_tests.invoices.e_invoices import ALL_SYNTAXES, Invoice, Writer, cii, in_envelope, ubl, zugferd_1

in_every_syntax = pytest.mark.parametrize("write", ALL_SYNTAXES.values(), ids=ALL_SYNTAXES.keys())
DOCTYPE = "Das XML enthält eine DOCTYPE-Angabe"
TOO_DEEP = "Das XML ist zu tief verschachtelt oder enthält zu lange Texte; es wird nicht gelesen."
SAMPLES = [cii(Invoice()), zugferd_1(Invoice()), ubl(Invoice()), ubl(Invoice(type_code="381")), in_envelope(ubl(Invoice()))]


def why(xml: bytes) -> str:
    with pytest.raises(UnreadableXml) as caught:
        read_e_invoice(xml)
    return caught.value.why


def with_doctype(doctype: str, *, entity: str = "") -> bytes:
    xml = cii(Invoice()).decode().replace("RE-2026-0815", entity or "RE-2026-0815")
    return xml.replace("<rsm:CrossIndustryInvoice", doctype + "<rsm:CrossIndustryInvoice", 1).encode()


def test_no_file_is_read_through_an_entity(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("geheim")
    for doctype in (
        f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]>',
        f'<!DOCTYPE x [<!ENTITY % p SYSTEM "{secret.as_uri()}"> %p;]>',
        f'<!DOCTYPE x SYSTEM "{secret.as_uri()}">',
        f'<!-- c --><?p i?>\n<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]>',
    ):
        for encoding in ("utf-8", "utf-16"):
            xml = with_doctype(doctype, entity="&e;").decode().replace("UTF-8", encoding).encode(encoding)
            assert why(xml).startswith(DOCTYPE)
            assert is_e_invoice(xml)


def test_a_doctype_is_refused_before_anything_is_expanded() -> None:
    laughs = "".join(f'<!ENTITY l{level} "{f"&l{level - 1};" * 10 if level else "ha"}">' for level in range(12))
    assert why(with_doctype(f"<!DOCTYPE x [{laughs}]>", entity="&l11;")).startswith(DOCTYPE)
    assert why(with_doctype("<!DOCTYPE CrossIndustryInvoice>")).startswith(DOCTYPE)
    assert is_e_invoice(with_doctype("<!DOCTYPE CrossIndustryInvoice>"))


def test_the_word_doctype_may_stand_in_a_text() -> None:
    xml = cii(Invoice(notes=("x",))).replace(b"<ram:Content>x", b"<ram:Content><![CDATA[<!DOCTYPE html>]]>")
    assert read_e_invoice(xml) == read_e_invoice(cii(Invoice(notes=("x",))))


def test_nothing_is_included(tmp_path: Path) -> None:
    (tmp_path / "n.txt").write_text("geheim")
    include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{(tmp_path / "n.txt").as_uri()}" parse="text"/>'
    found = read_e_invoice(cii(Invoice()).replace(b"RE-2026-0815", include.encode()))
    assert found.number is None
    assert "geheim" not in repr(found)


def test_entities_nobody_declared() -> None:
    assert why(cii(Invoice()).replace(b"RE-2026", b"&nbsp;")).startswith("Das XML ist beschädigt (nicht wohlgeformt, Zeile 2")


@pytest.mark.parametrize(
    ("start", "repeated", "times", "end", "sentence"),
    [
        (b"<Invoice>", b"<a>", 100_000, b"</Invoice>", TOO_DEEP),
        (b'<Invoice a="', b"x", 50_000_000, b'"/>', "Das XML ist größer als 20 MB; es wird nicht gelesen."),
        (b'<Invoice a="', b"x", 15_000_000, b'"/>', TOO_DEEP),
        (b"<Invoice>", b"<a/>", 1_500_000, b"</Invoice>", "Das XML enthält zu viele Elemente; es wird nicht gelesen."),
        (b"<!--", b"-", 5_000_000, b"", "Das XML ist beschädigt (nicht wohlgeformt, Zeile 1)."),
        (b"", b"<?a ", 500_000, b"", "Das XML ist beschädigt (nicht wohlgeformt, Zeile 1)."),
    ],
)  # fmt: skip
def test_what_would_take_long_or_much_memory(start: bytes, repeated: bytes, times: int, end: bytes, sentence: str) -> None:
    assert why(start + repeated * times + end) == sentence


@pytest.mark.parametrize(
    ("xml", "sentence"),
    [
        (b"", "Das XML ist leer."),
        (b"\xef\xbb\xbf \r\n", "Das XML ist leer."),
        (b"%PDF-1.7", "Das XML ist beschädigt (nicht wohlgeformt, Zeile 1)."),
        (b'<?xml version="1.0" encoding="UTF-7"?><Invoice/>', "Das XML nennt den Zeichensatz 'UTF-7'; der wird nicht gelesen."),
        (b'<?xml version="1.0" encoding="zip"?><Invoice/>', "Das XML nennt den Zeichensatz 'zip'; der wird nicht gelesen."),
        ("<Invoice>Müller</Invoice>".encode("latin-1"), "Das XML ist beschädigt: es enthält Zeichen, die nicht zu UTF-8 passen."),
        (b"\xff\xfe<", "Das XML ist beschädigt: es enthält Zeichen, die nicht zu UTF-16 passen."),
    ],
)  # fmt: skip
def test_what_cannot_be_read_has_a_sentence(xml: bytes, sentence: str) -> None:
    assert why(xml).replace("UTF-16-LE", "UTF-16") == sentence


@pytest.mark.parametrize(
    ("xml", "sentence"),
    [
        (b"<html/>", "Das XML ist keine E-Rechnung (Wurzelelement 'html')."),
        (b"<Invoice/>", "Das XML ist keine E-Rechnung (Wurzelelement 'Invoice')."),
        (b'<rsm:SCRDMCCBDACIOMessageStructure xmlns:rsm="urn:x"/>', "Das XML ist eine Bestellung (Order-X), keine Rechnung."),
        (b'<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"/>', "Das XML ist eine Bestellung (UBL), keine Rechnung."),
        (b"<FatturaElettronica/>", "Das XML ist eine italienische Rechnung (FatturaPA); dieses Format wird nicht gelesen."),
        (b"<StandardBusinessDocument/>", "Das XML ist keine E-Rechnung (Wurzelelement 'StandardBusinessDocument')."),
    ],
)  # fmt: skip
def test_other_documents_are_no_invoice(xml: bytes, sentence: str) -> None:
    with pytest.raises(NotAnInvoice) as caught:
        read_e_invoice(xml)
    assert caught.value.why == sentence
    assert not is_e_invoice(xml)


ENCODINGS: dict[str, tuple[str, bytes]] = {
    "utf-8": ("UTF-8", b""),
    "utf-8 with a mark": ("UTF-8", codecs.BOM_UTF8),
    "utf-16-le": ("UTF-16", codecs.BOM_UTF16_LE),
    "utf-16-be": ("UTF-16", codecs.BOM_UTF16_BE),
    "utf-16-le without a mark": ("UTF-16", b""),
    "utf-16-be without a mark": ("utf-16", b""),
    "latin-1": ("ISO-8859-1", b""),
    "cp1252": ("windows-1252", b""),
}


@in_every_syntax
@pytest.mark.parametrize("name", ENCODINGS)
def test_encodings(write: Writer, name: str) -> None:
    declared, mark = ENCODINGS[name]
    text = write(Invoice()).decode().replace('encoding="UTF-8"', f'encoding="{declared}"')
    xml = mark + text.encode(name.split()[0])
    assert read_e_invoice(xml) == read_e_invoice(write(Invoice()))
    assert read_e_invoice(xml).buyer == "Beispiel & Söhne KG"
    assert is_e_invoice(xml)


@in_every_syntax
@pytest.mark.parametrize(
    ("before", "after"),
    [(b" \n", b""), (b"\n\xef\xbb\xbf", b""), (b"\xef\xbb\xbf\xef\xbb\xbf \n", b""), (b"", b"\n\x00\x00"), (b"", b"<!-- end -->")],
)
def test_what_stands_around_the_document(write: Writer, before: bytes, after: bytes) -> None:
    xml = before + write(Invoice()) + after
    assert read_e_invoice(xml) == read_e_invoice(write(Invoice()))
    assert is_e_invoice(xml)


def test_utf_16_that_is_declared_and_not_written() -> None:
    xml = cii(Invoice()).replace(b'encoding="UTF-8"', b'encoding="utf-16"')
    assert read_e_invoice(xml) == read_e_invoice(cii(Invoice()))
    assert is_e_invoice(xml)


def test_a_damaged_invoice_is_known_as_one() -> None:
    """Such an attachment must not be passed over as if there were none."""
    for xml in SAMPLES:
        cut = xml[: len(xml) // 2]
        assert is_e_invoice(cut)
        assert why(cut).startswith("Das XML ist beschädigt (nicht wohlgeformt, Zeile ")


def outcome(xml: bytes) -> Reading | str:
    try:
        return read_e_invoice(xml)
    except (NotAnInvoice, UnreadableXml) as error:
        return error.why


@given(st.binary(max_size=300))
def test_any_bytes_end_in_a_sentence(xml: bytes) -> None:
    is_e_invoice(xml)
    assert isinstance(outcome(xml), str)


@given(st.sampled_from(SAMPLES), st.data())
@settings(max_examples=150, deadline=None)
def test_damaged_bytes_end_in_a_reading_or_a_sentence(xml: bytes, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(xml)))
        end = data.draw(st.integers(start, min(len(xml), start + 40)))
        xml = xml[:start] + data.draw(st.binary(max_size=8)) + xml[end:]
    is_e_invoice(xml)
    assert outcome(xml)


words = st.sampled_from(["", " ", "-", "1e9", "NaN", "99999999", "x" * 300, "\u202e", "2026-02-30", "🎈", "EUR", "&lt;", "0" * 50])


@given(st.sampled_from(SAMPLES), st.lists(words, min_size=4, max_size=4), st.integers(0, 30))
@settings(max_examples=150, deadline=None)
def test_any_text_in_any_element_is_read_or_doubted(xml: bytes, told: list[str], shift: int) -> None:
    parts = xml.decode().split("</")
    for position, text in enumerate(told):
        place = (shift + position * 7) % len(parts)
        parts[place] = parts[place].rpartition(">")[0] + ">" + text
    assert isinstance(outcome("</".join(parts).encode()), Reading)
