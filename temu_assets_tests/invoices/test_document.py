"""From a file to readings: which source is asked, in which order, and what is said of what did not work."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from temu_assets.invoices import document, ocr
from temu_assets.invoices.document import read_document
from temu_assets.invoices.jobs import Limits
from temu_assets.invoices.profiles import Profiles, load_profiles
from temu_assets.invoices.reading import Kind, Lane, Outcome, Page, Source
from temu_assets_tests.invoices import e_invoices, pdfs
from temu_assets_tests.invoices.test_ocr import needs_tesseract

LIMITS = Limits(max_bytes=1_000_000, max_pages=100, seconds=60, memory_mb=1024)
INVOICE = [
    "Muster Lieferant GmbH",
    "Musterweg 1, 12345 Berlin",
    "USt-IdNr. DE123456789",
    "Rechnung Nr. RE-2026-17",
    "Rechnungsdatum: 03.11.2026",
    "Netto\t\t100,00 EUR",
    "USt 19 %\t\t19,00 EUR",
    "Gesamtbetrag\t\t119,00 EUR",
]


def ubl(number: str = "RE-2026-17", gross: str = "119.00") -> bytes:
    """A small e-invoice."""
    return e_invoices.ubl(e_invoices.Invoice(number=number, issued_on=date(2026, 11, 3), gross=gross))


@pytest.fixture(scope="module")
def profiles() -> Profiles:
    return load_profiles(())


@pytest.fixture(autouse=True)
def _asked_anew() -> Iterator[None]:
    ocr._languages.cache_clear()
    yield
    ocr._languages.cache_clear()


def read(content: bytes, profiles: Profiles, limits: Limits = LIMITS) -> Outcome:
    return read_document(content, Lane.INVOICES, limits, profiles)


def sources(outcome: Outcome) -> list[Source]:
    return [reading.source for reading in outcome.readings]


def test_text_alone(profiles: Profiles) -> None:
    outcome = read(pdfs.text_pdf(INVOICE), profiles)
    assert (sources(outcome), outcome.failure, outcome.pages, outcome.notes, outcome.seen) == ([Source.TEXT], None, 1, (), None)
    (reading,) = outcome.readings
    assert (reading.number, reading.issued_on, reading.gross) == ("RE-2026-17", date(2026, 11, 3), Decimal("119.00"))


def test_bare_xml_in_any_encoding(profiles: Profiles) -> None:
    text = ubl().decode().replace(' encoding="UTF-8"', "")
    for xml in (ubl(), b"\xef\xbb\xbf" + ubl(), text.encode("utf-16"), b"\n" + text.split("?>", 1)[1].encode()):
        outcome = read(xml, profiles)
        assert (sources(outcome), outcome.pages, outcome.notes) == ([Source.XML], None, ())
        assert outcome.readings[0].gross == Decimal("119.00")


def test_embedded_xml_comes_first_and_the_text_is_there_to_compare(profiles: Profiles) -> None:
    outcome = read(pdfs.with_attachment(pdfs.text_pdf(INVOICE), "factur-x.xml", ubl()), profiles)
    assert (sources(outcome), outcome.notes, outcome.pages) == ([Source.XML, Source.TEXT], (), 1)
    assert outcome.seen == frozenset({"number", "issued_on", "gross"})
    other = read(pdfs.with_attachment(pdfs.text_pdf(INVOICE), "factur-x.xml", ubl(gross="129.00")), profiles)
    assert other.seen == frozenset({"number", "issued_on"})


def test_xml_of_any_name_counts_and_one_of_the_standards_first(profiles: Profiles) -> None:
    plain = pdfs.text_pdf(INVOICE)
    named_otherwise = pdfs.with_attachment(plain, "daten.bin", ubl("A-1"))
    assert read(named_otherwise, profiles).readings[0].number == "A-1"
    both = read(pdfs.with_attachment(named_otherwise, "ZUGFeRD-invoice.xml", ubl("B-1")), profiles)
    assert both.readings[0].number == "B-1"
    assert len(both.notes) == 1
    assert "mehrere E-Rechnungen" in both.notes[0]
    twice = pdfs.with_attachment(pdfs.with_attachment(plain, "factur-x.xml", ubl()), "xrechnung.xml", ubl() + b"\n")
    assert read(twice, profiles).notes == ()


def test_an_attached_xml_of_another_kind_is_passed_over(profiles: Profiles) -> None:
    outcome = read(pdfs.with_attachment(pdfs.text_pdf(INVOICE), "bestellung.xml", b"<Order/>"), profiles)
    assert (sources(outcome), outcome.notes) == ([Source.TEXT], ())


BILLION_LAUGHS = b"""<!DOCTYPE Invoice [<!ENTITY a "aaaaaaaaaa">%s]><Invoice>&i;</Invoice>""" % b"".join(
    b'<!ENTITY %c "%s">' % (name, b"&%c;" % (name - 1) * 10) for name in b"bcdefghi"
)
XXE = b'<!DOCTYPE Invoice [<!ENTITY x SYSTEM "file:///etc/hostname">]><Invoice>&x;</Invoice>'


@pytest.mark.parametrize("xml", [ubl()[:-40], BILLION_LAUGHS, XXE, b"<Invoice/>", b""], ids=["cut off", "laughs", "XXE", "other", "empty"])
def test_a_bad_xml_is_noted_and_the_text_is_read(xml: bytes, profiles: Profiles) -> None:
    outcome = read(pdfs.with_attachment(pdfs.text_pdf(INVOICE), "factur-x.xml", xml), profiles)
    assert sources(outcome) == [Source.TEXT]
    assert len(outcome.notes) == 1
    assert outcome.readings[0].gross == Decimal("119.00")


@pytest.mark.parametrize("xml", [ubl()[:-40], BILLION_LAUGHS, XXE, b"<rss/>", b"<<<"], ids=["cut off", "laughs", "XXE", "other", "none"])
def test_a_bad_bare_xml_says_why(xml: bytes, profiles: Profiles) -> None:
    outcome = read(xml, profiles)
    assert outcome.readings == ()
    assert outcome.failure
    assert outcome.failure.endswith(".")


@needs_tesseract
def test_a_scan_is_read_by_ocr(profiles: Profiles) -> None:
    outcome = read(pdfs.image_only(pdfs.text_pdf(INVOICE)), profiles)
    assert (sources(outcome), outcome.failure, outcome.notes) == ([Source.OCR], None, ())
    assert outcome.readings[0].kind is Kind.INVOICE
    assert outcome.readings[0].gross == Decimal("119.00")


def test_a_scan_without_ocr_says_what_is_missing(profiles: Profiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    scan = pdfs.image_only(pdfs.text_pdf(INVOICE))
    assert read(scan, profiles) == Outcome(failure=ocr.NOT_INSTALLED, pages=1)
    with_xml = read(pdfs.with_attachment(scan, "factur-x.xml", ubl()), profiles)
    assert (sources(with_xml), with_xml.failure, with_xml.notes, with_xml.seen) == ([Source.XML], None, (), None)


def test_of_a_long_document_the_pages_that_are_read_are_told(profiles: Profiles) -> None:
    long = pdfs.text_pdf(*(INVOICE if number in {0, 29} else [f"Anlage {number}"] for number in range(30)))
    outcome = read(long, profiles)
    assert outcome.pages == 30
    assert outcome.notes == ("Das Dokument hat 30 Seiten; gelesen wurden die ersten 12 und die letzten 8.",)


def test_a_damaged_page_is_told_and_the_others_are_read(profiles: Profiles) -> None:
    content = b"BT /F1 12 Tf 14 TL 60 700 Td %s ET" % b" ".join(b"(%s) Tj T*" % line.replace("\t", " ").encode() for line in INVOICE)
    damaged = pdfs.content_pdf(content, objects={2: b"<</Type/Pages/Kids[3 0 R 9 0 R]/Count 2>>"})
    outcome = read(damaged, profiles)
    assert outcome.notes == ("Seite 2 ist beschädigt und wurde nicht gelesen.",)
    assert outcome.readings[0].number == "RE-2026-17"


def test_what_is_too_large_or_no_document_says_so(profiles: Profiles) -> None:
    small = Limits(max_bytes=10, max_pages=1, seconds=60, memory_mb=1024)
    assert "höchstens 0 MB" in str(read(pdfs.text_pdf(INVOICE), profiles, small).failure)
    assert "HTML" in str(read(b"<html>Anmelden</html>", profiles).failure)
    assert "leer" in str(read(b"", profiles).failure)


def test_a_fault_of_ours_is_told_without_values(profiles: Profiles, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(pages: list[Page], *_: object) -> None:
        raise KeyError(pages[0].texts[0])

    monkeypatch.setattr(document, "read_text", broken)
    outcome = read(pdfs.text_pdf(INVOICE), profiles)
    assert outcome.readings == ()
    assert "KeyError" in str(outcome.failure)
    assert "Muster" not in str(outcome)


def test_too_little_memory_is_told_as_that(profiles: Profiles, monkeypatch: pytest.MonkeyPatch) -> None:
    def hungry(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(document, "read_text", hungry)
    assert "1024 MB" in str(read(pdfs.text_pdf(INVOICE), profiles).failure)
