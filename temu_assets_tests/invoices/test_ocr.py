"""Scans: what tesseract finds becomes, and what is said where tesseract is not there, fails or takes too long."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from temu_assets.invoices import ocr
from temu_assets.invoices.pdf import open_pdf
from temu_assets_tests.invoices import pdfs

INVOICE = ["Muster Lieferant GmbH", "Rechnung Nr.\t\tRE-2026-0815", "Gesamtbetrag\t\t1.190,00 EUR"]


def languages() -> str:
    if shutil.which("tesseract") is None:
        return ""
    return subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, check=False).stdout


needs_tesseract = pytest.mark.skipif("deu" not in languages().split(), reason="tesseract with German is not installed here")
needs_scripts = pytest.mark.skipif(sys.platform == "win32", reason="a script stands for tesseract")


@pytest.fixture(autouse=True)
def _asked_anew() -> Iterator[None]:
    ocr._languages.cache_clear()
    yield
    ocr._languages.cache_clear()


@pytest.fixture
def fake_tesseract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A script on PATH that is asked for its languages as the real one is, and then does what the test writes into it."""
    script = tmp_path / "bin" / "tesseract"
    script.parent.mkdir()
    script.touch(mode=0o755)
    monkeypatch.setenv("PATH", f"{script.parent}:/usr/bin:/bin")
    return script


def does(script: Path, what: str, languages: str = "deu") -> None:
    script.write_text(f'#!/bin/sh\n[ "$1" = --list-langs ] && echo {languages} && exit\n{what}\n')


def recognised(content: bytes, seconds: float = 60) -> ocr.Recognised:
    with open_pdf(content, max_pages=50) as pdf:
        return ocr.recognise(pdf, seconds=seconds)


@needs_tesseract
def test_a_scan_is_read_with_places() -> None:
    found = recognised(pdfs.image_only(pdfs.text_pdf(INVOICE)))
    assert found.notes == ()
    (page,) = found.pages
    assert page.texts == ["Muster Lieferant GmbH", "Rechnung Nr.  RE-2026-0815", "Gesamtbetrag  1.190,00 EUR"]
    assert page.width == pytest.approx(595.3, abs=1)
    word = page.lines[1][2]
    assert word.left == pytest.approx(pdfs.LEFT + 2 * pdfs.COLUMN, abs=1)
    assert word.top == pytest.approx(pdfs.TOP + pdfs.LEADING - 8, abs=2)
    assert word.height == pytest.approx(10, abs=2)


@needs_tesseract
def test_a_scan_at_a_slant_keeps_its_lines() -> None:
    document = pypdfium2.PdfDocument(pdfs.text_pdf(["Netto\t\t1.000,00 EUR", "USt 19 %\t\t190,00 EUR", "Brutto\t\t1.190,00 EUR"]))
    page = document[0]
    slanted = page.render(scale=3, grayscale=True).to_pil().rotate(1.5, fillcolor=255, resample=3)
    page.close()
    document.close()
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=pdfs.A4)
    canvas.drawImage(ImageReader(slanted), 0, 0, *pdfs.A4)
    canvas.save()
    (read,) = recognised(buffer.getvalue()).pages
    assert [line.replace(" %", "%") for line in read.texts] == ["Netto  1.000,00 EUR", "USt 19%  190,00 EUR", "Brutto  1.190,00 EUR"]


def test_without_tesseract_the_note_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert recognised(pdfs.image_only(pdfs.text_pdf(["x"]))) == ocr.Recognised((), (ocr.NOT_INSTALLED,))


@needs_scripts
def test_without_german_it_is_not_used(fake_tesseract: Path) -> None:
    does(fake_tesseract, "exit 1", languages="eng")
    assert recognised(pdfs.image_only(pdfs.text_pdf(["x"]))).notes == (ocr.NOT_INSTALLED,)


@needs_scripts
def test_when_it_fails_or_hangs_the_note_says_so(fake_tesseract: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = pdfs.image_only(pdfs.text_pdf(["x"], ["y"]))
    does(fake_tesseract, "cat >/dev/null; exit 1")
    failed = recognised(scan)
    assert failed.pages == ()
    assert failed.notes == ("Die Texterkennung von Seite 1 ist gescheitert.", "Die Texterkennung von Seite 2 ist gescheitert.")
    monkeypatch.setattr(ocr, "_SHORTEST", 0.1)
    does(fake_tesseract, "exec sleep 60")
    assert ["Seite 1 dauerte zu lange" in note for note in recognised(scan, seconds=0.5).notes] == [True]
    assert ["ab Seite 1 reichte die Zeit nicht" in note for note in recognised(scan, seconds=0.05).notes] == [True]


@needs_scripts
def test_of_a_long_scan_the_first_and_last_pages_are_read(fake_tesseract: Path) -> None:
    does(fake_tesseract, "cat >/dev/null")
    found = recognised(pdfs.text_pdf(*(["x"] for _ in range(9))))
    assert [page.number for page in found.pages] == [1, 2, 3, 8, 9]
    assert found.notes == ("Texterkennung nur auf 5 von 9 Seiten.",)


def line(box: str, base: str, *words: tuple[str, str, int]) -> str:
    """One line as tesseract writes it; words with box, text and confidence."""
    spans = "".join(f"<span class='ocrx_word' id='w' title='bbox {box}; x_wconf {sure}'>{text}</span>" for box, text, sure in words)
    return f"<span class='ocr_line' id='l' title=\"bbox {box}; baseline {base}; x_size 50; x_descenders 10\">{spans}</span>"


def read(found: str) -> list[tuple[str, float, float, float, float]]:
    return [(word.text, word.left, word.right, round(word.base, 3), word.size) for word in ocr.words_in(found, scale=5.0)]


def test_words_stand_on_the_base_line_of_their_line() -> None:
    found = line("100 100 1000 150", "0 -10", ("100 100 190 140", "Summe", 95), ("900 112 1000 150", "9,90", 90))
    assert read(found) == [("Summe", 20.0, 38.0, 28.0, 10.0), ("9,90", 180.0, 200.0, 28.0, 10.0)]


def test_a_slant_is_taken_out() -> None:
    label = line("0 100 100 140", "0.02 0", ("0 100 100 140", "Netto", 95))
    value = line("1000 120 1100 160", "0.02 0", ("1000 120 1100 160", "9,90", 95))
    assert [base for *_, base, _ in read(label + value)] == [28.0, 28.0]


def test_what_is_no_word_or_a_mere_guess_is_left_out() -> None:
    found = line(
        "0 0 9 9", "0 0", ("0 0 9 9", " ", 95), ("0 0 9 9", "~", 3), ("0 0 9 9", "M&amp;K", 95), ("0 0 9 9", "<strong>fett</strong>", 95)
    )
    assert [word.text for word in ocr.words_in(found, scale=1.0)] == ["M&K", "fett"]
    assert ocr.words_in("<html>kaputt", scale=1.0) == []
