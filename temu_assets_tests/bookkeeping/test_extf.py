"""DATEV files read and written: nothing is lost, nothing is spelled anew, and what is none is refused with a reason."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from temu_assets.bookkeeping.columns import COLUMNS, is_plausible, name_of
from temu_assets.bookkeeping.extf import Encoding, ExtfFile, NotExtf, Row, parse, to_bytes
from temu_assets_tests.bookkeeping.extf_files import AMAZON, JERA, Booking, Quoting, Style, extf

HEAD = b'"EXTF";700;21;"Buchungsstapel";13;20260203101112345;;"JE";"";"";29098;55003;20260101;7;20260101;20260131;"Belege";"";1;0;0;"EUR"'
NAMES = ";".join(column.name for column in COLUMNS[:14]).encode("cp1252")


def refusal(content: bytes) -> str:
    with pytest.raises(NotExtf) as caught:
        parse(content)
    return caught.value.why


def with_rows(*rows: bytes) -> bytes:
    return b"\r\n".join([HEAD, NAMES, *rows]) + b"\r\n"


@pytest.mark.parametrize("quoting", Quoting)
@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig"])
def test_every_style_is_read_and_comes_back_byte_for_byte(encoding: str, quoting: Quoting) -> None:
    for end, columns, padding, closed in itertools.product(["\r\n", "\n", "\r"], [14, 116, 120, 122, 124, 125], [0, 94], [True, False]):
        style = Style(encoding, end, quoting, columns, padding, closed)
        content = extf([Booking(text="RE-1 Bäcker; „Söhne“"), Booking(day="0301")], style)
        file = parse(content)
        assert to_bytes(file) == content
        assert [row.values()[13] for row in file.rows] == ["RE-1 Bäcker; „Söhne“", "RE-2026-0001 Mustermann"]
        assert [row.line for row in file.rows] == [3, 4]
        assert file.width == columns
        assert file.usual_end == end


FIELDS = st.one_of(
    st.sampled_from(
        ['"', '""', '"a', 'a"', '"a"b', '"a""b"', '"a;b"', '"a\r\nb"', '"a\nb"', "\r", "12,00", "S", AMAZON, "Ã¤", "\ufeff", "\x1a", "\x85"]
    ),
    st.text(alphabet='ab1 ;"\r\n,', max_size=6),
    st.text(max_size=4).filter(lambda text: "\0" not in text),
)
ROWS = st.lists(st.tuples(st.lists(FIELDS, max_size=16).map(";".join), st.sampled_from(["\r\n", "\n", "\r\r\n", "\r"])), max_size=6)


@given(rows=ROWS, last=st.sampled_from(["", ";;;", "\r\n", "\n\n\n", '"']), bom=st.booleans())
@example(rows=[('12,00;"S";"offen', "\r\n"), ('13,00;"H";zu"', "\r\n")], last="", bom=False)
def test_whatever_is_accepted_comes_back_byte_for_byte(rows: list[tuple[str, str]], last: str, bom: bool) -> None:
    body = "".join(raw + end for raw, end in rows) + last
    head = (b"\xef\xbb\xbf" if bom else b"") + HEAD + b"\r\n" + NAMES.decode("cp1252").encode() + b"\n"
    content = head + body.encode()
    assert to_bytes(parse(content)) == content


@given(st.binary(max_size=200).filter(lambda content: b"\0" not in content), st.booleans())
def test_bytes_of_every_kind_come_back(content: bytes, bom: bool) -> None:
    content = (b"\xef\xbb\xbf" if bom else b"") + with_rows(content)
    assert to_bytes(parse(content)) == content


@given(st.binary(max_size=300))
def test_anything_at_all_is_taken_or_refused_with_a_reason(content: bytes) -> None:
    why = ""
    try:
        file = parse(content)
    except NotExtf as refused:
        why = refused.why
    assert len(why) > 20 or to_bytes(file) == content


@given(rows=ROWS, position=st.integers(1, 20), value=st.text(alphabet='aZ9ä ;"-', max_size=8), quotes_text=st.booleans())
def test_a_changed_field_is_the_only_one_that_changes(rows: list[tuple[str, str]], position: int, value: str, quotes_text: bool) -> None:
    file = parse(HEAD + b"\r\n" + NAMES + b"\r\n" + "".join(raw + end for raw, end in rows).encode())
    for row in file.rows:
        before = row.fields()
        try:
            changed = row.with_values({position: value}, quotes_text=quotes_text)
        except ValueError:
            continue
        after = changed.fields()
        assert len(after) == max(len(before), position)
        assert after[: position - 1] == (before + [""] * position)[: position - 1]
        assert after[position:] == before[position:]
        assert changed.end == row.end


def test_t1_nothing_is_taken_for_a_number_or_a_date() -> None:
    booking = Booking(amount="0119,00", account="010000000", day="0101", document="00012", more={37: "1E5", 92: "2026", 93: "01012026"})
    content = extf([booking], JERA)
    file = parse(content)
    assert [file.rows[0].values()[position - 1] for position in (1, 7, 10, 11, 37, 92, 93)] == [
        "0119,00", "010000000", "0101", "00012", "1E5", "2026", "01012026",
    ]  # fmt: skip
    changed = file.rows[0].with_values({14: "anders"}, quotes_text=False)
    assert changed.raw == file.rows[0].raw.replace("RE-2026-0001 Mustermann", "anders")


def test_t2_a_text_that_is_empty_in_quotes_and_one_that_is_not_there_stay_what_they_are() -> None:
    content = with_rows(b'12,00;"S";"";;;"NA";10000000;4400000;"";0101;"null";"";;"nan"', b"12,00;S;;;;NaN;10000000;4400000;;0101;;;;")
    file = parse(content)
    assert to_bytes(file) == content
    assert [row.values()[5] for row in file.rows] == ["NA", "NaN"]
    assert file.rows[0].with_values({14: "x"}, quotes_text=True).raw.startswith('12,00;"S";"";;;"NA";')


def test_t3_line_ends_stay_what_they_are() -> None:
    windows = extf([Booking(), Booking()])
    assert windows.count(b"\r\n") == windows.count(b"\n") == 4
    mixed = with_rows(b"12,00;S;;;;;1;2;;0101;;;;a") + b"13,00;S;;;;;1;2;;0101;;;;b\n14,00;S;;;;;1;2;;0101;;;;c\r\r\n\r\n"
    for content in (windows, mixed):
        file = parse(content)
        assert to_bytes(file) == content
    assert [row.values()[-1] for row in file.bookings] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("before", "position", "value", "after"),
    [
        ('1;"alt";3', 2, "neu", '1;"neu";3'),
        ("1;alt;3", 2, "neu", "1;neu;3"),
        ("1;alt;3", 2, "n;eu", '1;"n;eu";3'),
        ("1;alt;3", 2, 'n"eu', '1;"n""eu";3'),
        ('1;"alt";3', 2, 'n"eu', '1;"n""eu";3'),
        ('1;"a""b;c";3', 3, "4", '1;"a""b;c";4'),
        ("1;;3", 2, "neu", '1;"neu";3'),
        ("1;;3", 1, "neu", "neu;;3"),
        ("1;2", 5, "neu", "1;2;;;neu"),
        ("1;2", 6, "neu", '1;2;;;;"neu"'),
        ('"1";"2"', 1, "", '"";"2"'),
    ],
)
def test_a_field_is_spelled_in_the_style_of_its_file(before: str, position: int, value: str, after: str) -> None:
    assert Row(before, "\r\n", 3).with_values({position: value}, quotes_text=True).raw == after


def test_an_empty_field_stays_without_quotes_in_a_file_without_them() -> None:
    assert Row("1;;3", "", 3).with_values({2: "neu"}, quotes_text=False).raw == "1;neu;3"


@pytest.mark.parametrize(("style", "quotes"), [(Style(), True), (JERA, False), (Style(quoting=Quoting.ALL), True)])
def test_whether_a_file_quotes_its_texts(style: Style, quotes: bool) -> None:
    assert parse(extf(style=style)).quotes_text is quotes


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    file = parse(with_rows(b'12,00;"S";;;;;1;2;;0101;"a";;;"Zeile 1\r\nZeile 2"', b"", b'13,00;"S";;;;;1;2;;0101;"b";;;"c"'))
    assert [(row.line, row.values()[10]) for row in file.bookings] == [(3, "a"), (6, "b")]
    assert next(file.bookings).values()[13] == "Zeile 1\r\nZeile 2"
    assert [row.is_blank for row in file.rows] == [False, True, False]


@pytest.mark.parametrize(
    "text",
    [b'"offen', b'offen"', b'"Zum Loewen" GmbH', b'5" Rohr', b'a "b" c', b'"a "b" c"', b'"', b'"""'],
)
def test_a_stray_quote_swallows_no_other_booking(text: bytes) -> None:
    other = b'12,00;"S";"EUR";;;"";10000;8400;"";0101;"RE2";"";;"anderer"'
    file = parse(with_rows(b'12,00;"S";"EUR";;;"";10000;8400;"";0101;"RE1";"";;' + text, other, other))
    assert [row.values()[10] for row in file.bookings] == ["RE1", "RE2", "RE2"]
    assert [len(row.values()) for row in file.bookings] == [14, 14, 14]


def test_two_texts_of_one_booking_may_both_run_over_lines() -> None:
    file = parse(with_rows(b'12,00;S;"a\nb";;;"c\r\nd\r\ne";1;2;;0101;x;;;y', b"13,00;S;;;;;1;2;;0101;z;;;y"))
    assert [row.values()[10] for row in file.rows] == ["x", "z"]
    assert file.rows[1].line == 7


@pytest.mark.parametrize(
    ("content", "encoding", "text"),
    [
        (extf([Booking(text="ä€ł")], Style("utf-8")), Encoding.UTF8, "ä€ł"),
        (extf([Booking(text="ä€ł")], Style("utf-8-sig")), Encoding.UTF8_BOM, "ä€ł"),
        (extf([Booking(text="ä€")], Style("cp1252")), Encoding.CP1252, "ä€"),
        (with_rows(b"1,00;S;;;;;1;2;;0101;;;;\x81\x8d\x8f\x90\x9d\xe4"), Encoding.CP1252, "\x81\x8d\x8f\x90\x9dä"),
        (b"\xef\xbb\xbf" + with_rows(b"1,00;S;;;;;1;2;;0101;;;;\xe4"), Encoding.CP1252_BOM, "ä"),
    ],
)
def test_the_encoding_is_found_and_no_byte_is_lost(content: bytes, encoding: Encoding, text: str) -> None:
    file = parse(content)
    assert file.encoding is encoding
    assert file.rows[0].values()[13] == text
    assert to_bytes(file) == content


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "leer"),
        (b" \r\n\r\n", "leer"),
        (b"Datum;Betrag\r\n01.01.2026;5\r\n", "keine DATEV-Datei"),
        (b"<html><body>Bitte anmelden</body></html>", "keine DATEV-Datei"),
        (extf(header={3: "16"}), "Debitoren/Kreditoren"),
        (extf(header={3: "99"}), "„99“"),
        (extf(header={2: "600"}), "Versionsnummer „600“"),
        (HEAD, "nur die Kopfzeile"),
        (HEAD + b'\r\n12,00;"S";"EUR";;;"";10000;8400;;0101;"";"";;""\r\n', "Spaltennamen fehlt"),
        (HEAD + b"\r\n\r\n", "zweite Zeile ist leer"),
        (extf(style=Style(columns=13)), "nur 13 Spalten"),
        (extf().decode("cp1252").encode("utf-16"), "als Unicode"),
        (extf().decode("cp1252").encode("utf-16-le"), "als Unicode"),
        (extf() + b"\0", "Nullbytes"),
        (b"PK\x03\x04....", "XLSX"),
        (b"\xd0\xcf\x11\xe0....", "XLS"),
        (b"EXTF,700,21,Buchungsstapel\r\n", "Semikolon"),
    ],
)
def test_what_is_no_buchungsstapel_is_refused_and_told_why(content: bytes, why: str) -> None:
    assert why in refusal(content)


def test_files_of_datev_itself_and_of_the_old_version_are_taken() -> None:
    assert isinstance(parse(extf(header={1: "DTVF"})), ExtfFile)
    assert isinstance(parse(extf(header={2: "510"})), ExtfFile)


def test_columns_have_their_official_places() -> None:
    assert len(COLUMNS) == 125
    official = {
        1: "Umsatz (ohne Soll/Haben-Kz)", 7: "Konto", 11: "Belegfeld 1", 14: "Buchungstext", 20: "Beleglink", 21: "Beleginfo - Art 1",
        36: "Beleginfo - Inhalt 8", 40: "EU-Land u. UStID (Bestimmung)", 48: "Zusatzinformation - Art 1",
        49: "Zusatzinformation- Inhalt 1", 87: "Zusatzinformation- Inhalt 20", 95: "Auftragsnummer", 103: "Buchungs GUID",
        114: "Festschreibung", 118: "Generalumkehr (GU)", 125: "Abw. Skontokonto", 130: "Spalte 130",
    }  # fmt: skip
    assert {position: name_of(position) for position in official} == official
    assert sum(column.is_text for column in COLUMNS) == 84


@pytest.mark.parametrize(
    ("position", "name", "plausible"),
    [(1, "Umsatz", True), (1, "Konto", False), (7, "Kontonummer", True), (8, "Gegenkonto (ohne BU-Schluessel)", True),
     (11, "Belegfeld1", True), (11, "Buchungstext", False), (5, "irgendwas", True)],
)  # fmt: skip
def test_names_are_compared_however_they_are_spelled(position: int, name: str, plausible: bool) -> None:
    assert is_plausible(position, name) is plausible
