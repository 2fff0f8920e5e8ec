"""Text with places, attachments and pictures of PDFs, and what is said of files that are no readable PDF."""

from __future__ import annotations

import io
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from temu_assets.invoices import pdf as pdf_module
from temu_assets.invoices import pdf_text
from temu_assets.invoices.pdf import open_pdf
from temu_assets.invoices.unreadable import (
    Damaged,
    DamagedPage,
    EmptyFile,
    NeedsPassword,
    NotADocument,
    TooManyPages,
    UnknownEncryption,
    Unreadable,
)
from temu_assets_tests.invoices import pdfs
from temu_assets_tests.invoices.pdfs import At

INVOICE = ["Muster GmbH", "Rechnung\tRE-2026-17", "Gesamt\t1.190,00 €"]


def read(content: bytes) -> list[list[str]]:
    with open_pdf(content, max_pages=500) as pdf:
        return [pdf.page(number).texts for number in pdf.numbers]


def test_lines_words_and_their_places() -> None:
    with open_pdf(pdfs.text_pdf(INVOICE, ["Seite 2"]), max_pages=2) as pdf:
        page = pdf.page(1)
        assert pdf.page_count == 2
        assert pdf.page(2).texts == ["Seite 2"]
    assert page.texts == ["Muster GmbH", "Rechnung  RE-2026-17", "Gesamt  1.190,00 €"]
    assert (page.number, round(page.width), round(page.height)) == (1, 595, 842)
    total = page.lines[2][1]
    assert total.text == "1.190,00"
    assert total.left == pytest.approx(pdfs.LEFT + pdfs.COLUMN, abs=0.1)
    assert total.top == pytest.approx(pdfs.TOP + 2 * pdfs.LEADING - 8, abs=0.1)
    assert total.height == pytest.approx(10, abs=0.1)
    assert total.right - total.left == pytest.approx(38.92, abs=0.1)


def test_columns_drawn_one_after_the_other_are_read_by_line() -> None:
    labels = [At(60, 100, "Netto"), At(60, 114, "USt 19 %"), At(60, 128, "Brutto")]
    values = [At(500, 128, "119,00", is_right=True), At(500, 100, "100,00", is_right=True), At(500, 114, "19,00", is_right=True)]
    assert read(pdfs.text_pdf([*values, *labels])) == [["Netto  100,00", "USt 19 %  19,00", "Brutto  119,00"]]


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_pages_a_viewer_turns_are_read_as_seen(rotate: int) -> None:
    with open_pdf(pdfs.text_pdf(INVOICE, rotate=rotate), max_pages=1) as pdf:
        page = pdf.page(1)
    assert page.texts == ["Muster GmbH", "Rechnung  RE-2026-17", "Gesamt  1.190,00 €"]
    assert (round(page.width), round(page.height)) == (595, 842)
    assert page.lines[0][0].left == pytest.approx(pdfs.LEFT, abs=0.1)
    assert page.lines[0][0].top == pytest.approx(pdfs.TOP - 8, abs=0.1)


@pytest.mark.parametrize(("angle", "along", "down"), [(90, (0, -1), (1, 0)), (180, (-1, 0), (0, -1)), (270, (0, 1), (-1, 0))])
def test_pages_written_across_are_read_along_their_text(angle: float, along: tuple[int, int], down: tuple[int, int]) -> None:
    def at(column: int, row: int, text: str) -> At:
        x, y = 300 + along[0] * column + down[0] * row, 400 + along[1] * column + down[1] * row
        return At(x, y, text, angle=angle)

    page = [at(0, 0, "Netto"), at(0, 14, "USt"), at(150, 0, "100,00"), at(150, 14, "19,00")]
    assert read(pdfs.text_pdf(page)) == [["Netto  100,00", "USt  19,00"]]


def test_a_note_along_the_margin_and_a_stamp_stay_out_of_the_lines() -> None:
    page: list[str | At] = [*INVOICE, At(20, 120, "Amtsgericht Berlin HRB 1", angle=90), At(300, 300, "KOPIE", size=60, angle=45)]
    assert read(pdfs.text_pdf(page)) == [["Muster GmbH", "Rechnung  RE-2026-17", "Gesamt  1.190,00 €", "Amtsgericht Berlin HRB 1", "KOPIE"]]


def test_text_that_is_bold_by_being_drawn_twice_counts_once() -> None:
    page = [At(60, 100, "Gesamt 11,00"), At(60.3, 100, "Gesamt 11,00"), At(60, 130, "x"), At(60.2, 130.2, "x")]
    assert read(pdfs.text_pdf(page)) == [["Gesamt 11,00", "x"]]


def test_text_beside_the_page_is_not_read() -> None:
    assert read(pdfs.text_pdf([At(60, 100, "hier"), At(700, 100, "daneben"), At(60, 2000, "darunter")])) == [["hier"]]


CONTENTS = {
    "scaled by its matrix": (b"BT /F1 1 Tf 12 0 0 12 60 700 Tm (Netto) Tj 20 0 Td (1,00) Tj ET", "Netto  1,00"),
    "upside down coordinates": (b"q .75 0 0 -.75 0 842 cm BT /F1 16 Tf 1 0 0 -1 100 200 Tm (Netto) Tj ET Q", "Netto"),
    "kerned instead of blanks": (b"BT /F1 12 Tf 60 700 Td [(Net)-20(to)-300(1)30(2)-400(34)] TJ ET", "Netto 12 34"),
    "letters spaced out": (b"BT /F1 12 Tf 4 Tc 60 700 Td (RECHNUNG) Tj ET", "RECHNUNG"),
    "protected blank": (b"BT /F1 12 Tf 60 700 Td (1\xa0234,00) Tj ET", "1 234,00"),
    "hyphen as soft hyphen": (b"BT /F1 12 Tf 60 700 Td (RE\xad17) Tj ET", "RE-17"),
    "invisible text of an OCR": (b"BT 3 Tr /F1 12 Tf 60 700 Td (Netto) Tj ET", "Netto"),
}


@pytest.mark.parametrize(("content", "text"), CONTENTS.values(), ids=CONTENTS)
def test_ways_to_draw_text(content: bytes, text: str) -> None:
    assert read(pdfs.content_pdf(content)) == [[text]]


def test_a_hyphen_at_the_end_of_a_line_stays() -> None:
    content = b"BT /F1 12 Tf 60 700 Td (Rechnungs-) Tj 0 -14 Td (betrag) Tj ET"
    assert read(pdfs.content_pdf(content)) == [["Rechnungs-", "betrag"]]


def test_ligatures_become_letters() -> None:
    pdfmetrics.registerFont(TTFont("Vera", "Vera.ttf"))
    assert read(pdfs.text_pdf([At(60, 100, "\ufb01x", font="Vera")])) == [["fix"]]


def test_what_is_written_into_form_fields_is_read() -> None:
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    canvas.drawString(60, 700, "Nummer")
    canvas.acroForm.textfield(name="n", value="RE-17", x=150, y=692, width=150, height=20)
    canvas.save()
    assert read(buffer.getvalue()) == [["Nummer  RE-17"]]


def test_of_a_long_document_both_ends_are_read() -> None:
    with open_pdf(pdfs.text_pdf(*([f"Seite {number}"] for number in range(1, 31))), max_pages=30) as pdf:
        assert pdf.numbers == (*range(1, 13), *range(23, 31))
        assert pdf.page(pdf.numbers[-1]).texts == ["Seite 30"]
    with open_pdf(pdfs.text_pdf(*(["x"] for _ in range(20))), max_pages=30) as pdf:
        assert pdf.numbers == tuple(range(1, 21))


def test_a_page_full_of_characters_is_read_in_part_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_text, "MOST_CHARACTERS", 5)
    with open_pdf(pdfs.text_pdf(["1234567"]), max_pages=1) as pdf:
        assert pdf.page(1).texts == ["12345"]
        assert len(pdf.notes) == 1


def test_attachments_that_may_be_xml(monkeypatch: pytest.MonkeyPatch) -> None:
    content = pdfs.text_pdf(INVOICE)
    for name, attached in {"factur-x.xml": b"<a/>", "ohne-endung": b"\xef\xbb\xbf<b/>", "agb.pdf": content, "leer.XML": b"kein"}.items():
        content = pdfs.with_attachment(content, name, attached)
    with open_pdf(content, max_pages=1) as pdf:
        assert sorted(pdf.attachments()) == [("factur-x.xml", b"<a/>"), ("leer.XML", b"kein"), ("ohne-endung", b"\xef\xbb\xbf<b/>")]
        assert pdf.notes == []
    monkeypatch.setattr(pdf_module, "LARGEST_ATTACHMENT", 4)
    with open_pdf(content, max_pages=1) as pdf:
        assert sorted(pdf.attachments()) == [("factur-x.xml", b"<a/>"), ("leer.XML", b"kein")]
        assert len(pdf.notes) == 2
    monkeypatch.setattr(pdf_module, "MOST_ATTACHMENTS", 1)
    with open_pdf(content, max_pages=1) as pdf:
        assert len(pdf.attachments()) <= 1
        assert "4 Anhänge" in pdf.notes[-1]


def test_a_picture_of_a_page_is_grey_and_not_larger_than_allowed() -> None:
    with open_pdf(pdfs.text_pdf(INVOICE), max_pages=1) as pdf:
        fine = pdf.picture(1, dpi=72, most_pixels=10_000_000)
        coarse = pdf.picture(1, dpi=300, most_pixels=10_000)
    assert (fine.width, fine.height, fine.scale) == (596, 842, 1.0)
    assert len(fine.pixels) == fine.width * fine.height
    assert min(fine.pixels) < 100 < max(fine.pixels) == 255
    assert coarse.width * coarse.height < 10_500


def test_junk_before_the_beginning_and_an_empty_password_are_fine() -> None:
    assert read(b"\r\nX-Mail: 1\r\n\r\n" * 50 + pdfs.text_pdf(INVOICE))[0][0] == "Muster GmbH"
    assert read(pdfs.text_pdf(INVOICE, owner_password="geheim"))[0][0] == "Muster GmbH"


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


WRONG = {
    "HTML": (b"\n<!DOCTYPE html>\n<html><body>Anmelden %PDF</body></html>", NotADocument, "eine HTML-Seite"),
    "JPEG": (b"\xff\xd8\xff\xe0\x00\x10JFIF", NotADocument, "ein Bild (JPEG)"),
    "PNG": (b"\x89PNG\r\n\x1a\n", NotADocument, "ein Bild (PNG)"),
    "ZIP": (zipped("a.pdf"), NotADocument, "ein Archiv (ZIP)"),
    "Word": (zipped("[Content_Types].xml", "word/document.xml"), NotADocument, "ein Word-Dokument"),
    "Excel": (zipped("[Content_Types].xml", "xl/workbook.xml"), NotADocument, "eine Excel-Datei"),
    "old Word": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), NotADocument, "Word, Excel oder Outlook"),
    "mail": (b"Received: from mail.example.invalid\r\nSubject: Rechnung\r\n\r\n", NotADocument, "eine E-Mail"),
    "other XML": (b"<?xml version='1.0'?><rss/>", NotADocument, "eine andere XML-Datei"),
    "text": ("Rechnung über 10 €".encode(), NotADocument, "eine Textdatei"),
    "bytes": (bytes(range(256)), NotADocument, "weder ein PDF noch eine E-Rechnung."),
    "empty": (b"", EmptyFile, "leer"),
    "password": (pdfs.encrypted(INVOICE, password="x"), NeedsPassword, "Kennwort"),
    "first line only": (b"%PDF-1.7\n", Damaged, "beschädigt"),
    "unknown encryption": (
        pdfs.text_pdf(INVOICE, owner_password="x").replace(b"/Filter /Standard", b"/Filter /Sonstwas"),
        UnknownEncryption,
        "verschlüsselt",
    ),
    "no pages": (
        pdfs.objects_pdf({1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Type/Pages/Kids[]/Count 0>>"}),
        Unreadable,
        "PDF",
    ),
    "too many pages": (pdfs.text_pdf(*(["x"] for _ in range(4))), TooManyPages, "4 Seiten, gelesen werden höchstens 3"),
}


@pytest.mark.parametrize(("content", "reason", "words"), WRONG.values(), ids=WRONG)
def test_what_is_no_readable_pdf_says_what_it_is(content: bytes, reason: type[Unreadable], words: str) -> None:
    with pytest.raises(reason) as caught, open_pdf(content, max_pages=3):
        pass
    assert words in caught.value.why
    assert caught.value.why.endswith(".")


def test_a_page_that_is_missing_says_which() -> None:
    pages = {1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Type/Pages/Kids[3 0 R 9 0 R]/Count 2>>"}
    good = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>"
    with open_pdf(pdfs.objects_pdf({**pages, 3: good}), max_pages=2) as pdf:
        assert pdf.page(1).lines == ()
        with pytest.raises(DamagedPage, match="Seite 2"):
            pdf.page(2)


VALID = pdfs.with_attachment(pdfs.text_pdf(INVOICE, ["Seite 2"]), "factur-x.xml", b"<a/>")


def everything(content: bytes) -> list[str]:
    """Whatever is read of a file: our own reasons may come, nothing else."""
    try:
        with open_pdf(content, max_pages=50) as pdf:
            pdf.attachments()
            for number in pdf.numbers:
                try:
                    pdf.page(number)
                except DamagedPage as error:
                    pdf.notes.append(error.why)
            return pdf.notes
    except Unreadable as error:
        return [error.why]


@pytest.mark.parametrize("share", range(0, 100, 4))
def test_a_file_cut_off_anywhere_is_noticed(share: int) -> None:
    assert everything(VALID[: len(VALID) * share // 100])


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(VALID) - 1), st.binary(min_size=1, max_size=8)), min_size=1, max_size=20))
def test_a_file_changed_anywhere_is_read_or_refused(changes: list[tuple[int, bytes]]) -> None:
    content = bytearray(VALID)
    for place, new in changes:
        content[place : place + len(new)] = new
    everything(bytes(content))


@settings(deadline=None)
@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_refused_plainly(content: bytes, is_packed: bool) -> None:
    assert everything(content)
    filters = b"/Filter/FlateDecode" if is_packed else b""
    everything(pdfs.content_pdf(zlib.compress(content) if is_packed else content, filters=filters))
