"""ZIPs as people make them, and as somebody makes them who means harm (T6)."""

from __future__ import annotations

import io
import re
import stat
import struct
import tracemalloc
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.bookkeeping.zips import MOST_MEMBERS, Member, RefusedZipError, open_zip

MB = 1_000_000


def packed(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return written.getvalue()


def refusal(content: bytes, *, most_bytes: int = MB) -> str:
    with pytest.raises(RefusedZipError) as refused:
        open_zip(content, most_bytes=most_bytes)
    return refused.value.why


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_files_come_out_as_they_went_in_and_in_their_order(method: int) -> None:
    members = (("EXTF_b.csv", b"\xfc;1\r\n"), ("EXTF_a.CSV", b""), ("März.csv", bytes(range(256)) * 999))
    assert open_zip(packed(*members, method=method), most_bytes=MB) == [Member(name, content) for name, content in members]


@pytest.mark.parametrize(
    "name",
    ["../boese.csv", "../../etc/cron.d/boese.csv", "/etc/boese.csv", "ordner/a.csv", "C:\\boese.csv", "C:boese.csv", "..\\boese.csv",
     "a.csv:versteckt.csv", "\\\\server\\freigabe\\a.csv", "ordner/", "..", "a.csv\0.csv"],
)  # fmt: skip
def test_t6_a_name_that_is_a_path_refuses_the_zip(name: str) -> None:
    info = zipfile.ZipInfo("x" * len(name))
    content = packed(("gut.csv", b"1"), (info, b"2"))
    # The library that writes ZIPs tidies names up, so it is put in afterwards.
    assert "Ordner oder Pfad" in refusal(content.replace(b"x" * len(name), name.encode()))


def test_what_macs_put_beside_the_files_is_passed_over() -> None:
    assert open_zip(packed(("a.csv", b"1"), ("__MACOSX/._a.csv", b"2")), most_bytes=MB) == [Member("a.csv", b"1")]
    assert "leer" in refusal(packed(("__MACOSX/._a.csv", b"2")))


def test_zips_of_invoices_hold_invoices() -> None:
    content = packed(("a.PDF", b"1"), ("b.xml", b"2"))
    assert [member.name for member in open_zip(content, most_bytes=MB, endings=(".pdf", ".xml"))] == ["a.PDF", "b.xml"]
    with pytest.raises(RefusedZipError, match="keine PDF-Datei oder XML-Datei ist"):
        open_zip(packed(("a.csv", b"1")), most_bytes=MB, endings=(".pdf", ".xml"))
    with pytest.raises(RefusedZipError, match="INVOICE_MAX_MB"):
        open_zip(content, most_bytes=1, endings=(".pdf", ".xml"), setting="INVOICE_MAX_MB")


def special(name: str, kind: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (kind | 0o777) << 16
    return info


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFDIR])
def test_a_link_or_a_device_refuses_the_zip(kind: int) -> None:
    assert "keine gewöhnliche Datei" in refusal(packed((special("a.csv", kind), b"/etc/passwd")))


def test_a_plain_file_of_unix_is_one() -> None:
    assert open_zip(packed((special("a.csv", stat.S_IFREG), b"1")), most_bytes=MB) == [Member("a.csv", b"1")]


def test_a_zip_in_a_zip_another_file_and_a_name_twice_are_refused_by_name() -> None:
    assert "weiteres ZIP („b.ZIP“)" in refusal(packed(("a.csv", b""), ("b.ZIP", packed(("c.csv", b"")))))
    assert "„liesmich.txt“, das keine CSV-Datei ist" in refusal(packed(("a.csv", b""), ("liesmich.txt", b"")))
    assert "zwei Dateien mit dem Namen „A.csv“" in refusal(packed(("a.csv", b"1"), ("A.csv", b"2")))
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = packed(("a.csv", b"1"), ("a.csv", b"2"))
    assert "zwei Dateien" in refusal(twice)


def test_an_encrypted_file_is_refused_as_such() -> None:
    content = bytearray(packed(("a.csv", b"1")))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + place] |= 1
    assert "Kennwort" in refusal(bytes(content))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_may_take_any_amount_of_memory_are_refused(method: int) -> None:
    assert "unüblichen Verfahren" in refusal(packed(("a.csv", b"1" * 1000), method=method))


def test_a_bomb_is_put_out_before_it_is_unpacked() -> None:
    content = packed(*((f"{number}.csv", bytes(20 * MB)) for number in range(3)))
    assert len(content) < MB // 10
    tracemalloc.start()
    assert "größer als 1 MB (DATEV_MAX_MB)" in refusal(content)
    assert tracemalloc.get_traced_memory()[1] < 5 * MB
    tracemalloc.stop()


def test_the_size_is_counted_over_all_files_and_the_last_byte_that_fits_is_taken() -> None:
    content = packed(("a.csv", bytes(600_000)), ("b.csv", bytes(400_000)))
    assert len(open_zip(content, most_bytes=MB)) == 2
    assert "DATEV_MAX_MB" in refusal(content, most_bytes=MB - 1)


def test_what_a_zip_says_of_its_sizes_is_not_believed() -> None:
    content = bytearray(packed(("a.csv", bytes(3 * MB))))
    for signature, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", content, content.index(signature) + place, 10)
    assert "beschädigt" in refusal(bytes(content))


def test_a_thousand_files_are_taken_and_one_more_is_not() -> None:
    members = [(f"{number}.csv", b"") for number in range(MOST_MEMBERS + 1)]
    assert len(open_zip(packed(*members[1:]), most_bytes=MB)) == MOST_MEMBERS
    assert f"mehr als {MOST_MEMBERS}" in refusal(packed(*members))


def test_a_damaged_content_is_noticed() -> None:
    content = packed(("a.csv", b"eins;zwei\r\n" * 100), method=zipfile.ZIP_STORED)
    assert "beschädigt" in refusal(content.replace(b"eins", b"zwei", 1))


@pytest.mark.parametrize("content", [b"", b"PK", b"EXTF;700", b"<html>", packed(("a.csv", b"1"))[:-5]])
def test_what_is_no_zip_is_said_to_be_damaged(content: bytes) -> None:
    assert "beschädigt oder unvollständig" in refusal(content)


def test_an_empty_zip_is_said_to_be_empty() -> None:
    assert "leer" in refusal(packed())


GOOD = packed(("EXTF_1.csv", b"abc;def\r\n" * 40), ("EXTF_2.csv", zlib.compress(b"x")))


@given(
    places=st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=6), length=st.integers(0, len(GOOD))
)
def test_whatever_is_wrong_with_a_zip_is_told_in_one_german_sentence(places: list[tuple[int, int]], length: int) -> None:
    content = bytearray(GOOD)
    for place, value in places:
        content[place] = value
    why, names = "Das ZIP", []
    try:
        names = [member.name for member in open_zip(bytes(content[:length]), most_bytes=MB)]
    except RefusedZipError as refused:
        why = refused.why
    assert re.match(r"Das ZIP|„", why)
    assert why.isprintable()
    assert not [name for name in names if "/" in name]
