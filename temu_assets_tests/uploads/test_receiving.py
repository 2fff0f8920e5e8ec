"""Files that are dropped, over real HTTP: names, kinds, sizes, ZIPs, broken lines and full disks."""

from __future__ import annotations

import errno
import io
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets import incoming
from temu_assets.crash_points import AT
from temu_assets.uploads.app import MOST_AT_ONCE
from temu_assets.uploads.receiving import sweep, tidied
from temu_assets.uploads.sniffing import FileKind, kind_of, refusal
from temu_assets_tests.uploads.conftest import CSV, PDF, TOKEN, XML, Open, open_page, until

MB = 1_000_000
INVOICES = (FileKind.PDF, FileKind.XML, FileKind.ZIP)


@pytest.fixture(autouse=True)
def _empty(request: pytest.FixtureRequest) -> None:
    if "quiet_page" in request.fixturenames:
        page: Open = request.getfixturevalue("quiet_page")
        for lane in page.page.lanes.values():
            for path in (page.data / lane.folder).glob("*"):
                path.unlink()


def packed(*members: tuple[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return written.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "lane"),
    [("a.pdf", PDF, "rechnungen"), ("b.XML", XML, "werbung"), ("EXTF_a.csv", CSV, "datev"), ("Ä ö.pdf", b"\n" * 900 + PDF, "werbung")],
)
def test_a_file_lands_unchanged_in_its_lanes_folder(name: str, content: bytes, lane: str, quiet_page: Open) -> None:
    answer = quiet_page.upload(name, content, lane)
    assert (answer.status_code, answer.json()) == (201, {"files": [{"name": name, "refused": ""}]})
    assert quiet_page.waiting(lane) == {name: content}
    (path,) = (quiet_page.data / quiet_page.page.lanes[lane].folder).iterdir()  # type: ignore[index]  # a word is a lane's name
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in incoming.look(path.parent)] == [name]


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("../../x.pdf", "x.pdf"),
        ("..\\..\\x.pdf", "x.pdf"),
        ("C:\\x.pdf", "x.pdf"),
        ("/etc/passwd.pdf", "passwd.pdf"),
        ("a\0b.pdf", "a_b.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "a__Set-Cookie_ x.pdf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ("ü" * 300 + ".pdf", "ü" * 98 + ".pdf"),
        ("Müller & Söhne (2).pdf", "Müller & Söhne (2).pdf"),
        ("Mu\u0308ller.pdf", "Müller.pdf"),
        ("=cmd.pdf", "=cmd.pdf"),
        (".hidden.pdf", "hidden.pdf"),
        ("~$open.pdf", "__open.pdf"),
        ("nul.pdf", "_nul.pdf"),
        ("<script>alert(1)<.pdf", "_script_alert(1)_.pdf"),
        ("x.pdf/", None),
        ("", None),
        ("..", None),
        (".pdf", None),
        ("x.pdf.tmp", None),
        ("x.pdf.part", None),
        ("x", None),
    ],
)
def test_a_name_becomes_one_that_is_safe_or_is_refused(name: str, stored: str | None, quiet_page: Open) -> None:
    answer = quiet_page.upload(name)
    assert answer.status_code == (415 if stored is None else 201)
    assert quiet_page.waiting() == ({} if stored is None else {stored: PDF})
    assert not any(path.name.endswith((".pdf", "passwd")) for path in quiet_page.data.parent.iterdir())


@given(st.text(max_size=300))
def test_whatever_a_name_is_its_file_is_seen_and_in_its_folder(name: str) -> None:
    safe = tidied(f"{name}.pdf")
    assert safe == Path(safe).name
    assert not safe.startswith((".", "~$"))
    assert len(safe.encode()) < 250


def test_no_file_takes_the_place_of_another(quiet_page: Open) -> None:
    for number in range(4):
        assert quiet_page.upload("a.pdf", PDF + bytes([number])).status_code == 201
    assert quiet_page.waiting() == {name: PDF + bytes([number]) for number, name in enumerate(["a.pdf", "a_2.pdf", "a_3.pdf", "a_4.pdf"])}


def test_nor_where_files_cannot_have_two_names(quiet_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: Any, **__: Any) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    for number in range(2):
        assert quiet_page.upload("a.pdf", PDF + bytes([number])).status_code == 201
    assert quiet_page.waiting() == {"a.pdf": PDF + b"\0", "a_2.pdf": PDF + b"\1"}


@pytest.mark.parametrize("point", ["file_written", "file_renamed"])
def test_a_page_that_is_killed_leaves_a_whole_file_or_none(point: str, tmp_path: Path) -> None:
    (tmp_path / ".upload-1.tmp").write_bytes(PDF)
    code = "import pathlib, sys; from temu_assets.durable import name_new; name_new(*map(pathlib.Path, sys.argv[1:]))"
    command = [sys.executable, "-c", code, str(tmp_path / ".upload-1.tmp"), str(tmp_path / "a.pdf")]
    assert subprocess.run(command, env=os.environ | {AT: f"{point}#1"}).returncode == -signal.SIGKILL
    assert [file.path.read_bytes() for file in incoming.look(tmp_path)] == ([PDF] if point == "file_renamed" else [])


def test_files_of_one_name_that_come_at_once_are_all_kept(quiet_page: Open) -> None:
    threads = [threading.Thread(target=quiet_page.upload, args=("a.pdf", PDF + bytes([number]))) for number in range(MOST_AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(quiet_page.waiting().values()) == sorted(PDF + bytes([number]) for number in range(MOST_AT_ONCE))


@pytest.mark.parametrize(
    ("name", "content", "lane", "why"),
    [
        (
            "a.pdf",
            b"<!DOCTYPE html><html><body>Bitte anmelden</body></html>",
            "rechnungen",
            "heißt .pdf, aber ihr Inhalt ist etwas anderes",
        ),
        ("a.pdf", XML, "rechnungen", "sie enthält XML"),
        ("a.xml", PDF, "rechnungen", "sie enthält PDF"),
        ("a.xml", b'<?xml version="1.0"?><!DOCTYPE html><html/>', "rechnungen", "etwas anderes"),
        ("a.pdf", b"\n" * 1_100 + PDF, "rechnungen", "etwas anderes"),
        ("a.zip", PDF, "rechnungen", "sie enthält PDF"),
        ("a.csv", CSV, "rechnungen", "nur PDF, XML und ZIP"),
        ("a.exe", b"MZ", "werbung", "nur PDF, XML und ZIP"),
        ("a.pdf", b"", "werbung", "leer"),
        ("a.pdf", PDF, "datev", "nur CSV und ZIP"),
        ("a.csv", PDF, "datev", "sie enthält PDF"),
        ("a.csv", b"PK\x03\x04rest", "datev", "sie enthält ZIP"),
        ("a.csv", b"\x89PNG\r\n\x1a\n\0\0", "datev", "etwas anderes"),
        ("a.csv", b"<html>Fehler 500</html>", "datev", "etwas anderes"),
    ],
)
def test_a_file_that_is_not_what_belongs_here_is_refused_in_plain_german(
    name: str, content: bytes, lane: str, why: str, quiet_page: Open
) -> None:
    answer = quiet_page.upload(name, content, lane)
    assert answer.status_code == 415
    assert why in answer.json()["error"]
    assert quiet_page.waiting(lane) == {}


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b'"EXTF";700;21', FileKind.CSV),
        (b"\xef\xbb\xbfEXTF;700", FileKind.CSV),
        ("Umsatz;Köln\r\n".encode("cp1252"), FileKind.CSV),
        (b"\xef\xbb\xbf<?xml version='1.0'?>", FileKind.XML),
        ("\ufeff<Invoice xmlns='x'>".encode("utf-16-le"), FileKind.XML),
        ("\ufeff<?xml version='1.0'?>".encode("utf-16-be"), FileKind.XML),
        (b"  <ubl:Invoice ", FileKind.XML),
        (b"<!-- first -->", FileKind.XML),
        (b"junk%PDF-1.4", FileKind.PDF),
        (b"PK\x05\x06", FileKind.ZIP),
        (b"", None),
    ],
)
def test_what_a_file_is_stands_in_its_first_bytes(head: bytes, kind: FileKind | None) -> None:
    assert kind_of(head) is kind


@given(st.binary(max_size=200), st.text(max_size=20))
def test_no_beginning_upsets_the_look_at_it(head: bytes, name: str) -> None:
    assert kind_of(head) in {None, *FileKind}
    assert refusal(f"{name}.pdf", head, INVOICES) == "" or head[:5] != b"%PDF-"


def test_what_is_declared_too_large_is_refused_before_it_comes(quiet_page: Open) -> None:
    port = int(quiet_page.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(
            f"POST /uploads/rechnungen?name=a.pdf HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n"
            "Content-Length: 1000001\r\n\r\n".encode()
        )
        assert line.recv(4096).startswith(b"HTTP/1.1 413")
    assert quiet_page.waiting() == {}


def test_what_is_too_large_without_saying_so_is_refused_while_it_comes(quiet_page: Open) -> None:
    def pieces() -> Iterator[bytes]:
        yield PDF
        for _ in range(20):
            yield b"x" * 100_000

    answer = quiet_page.upload("a.pdf", pieces())  # type: ignore[arg-type]  # httpx takes pieces too
    assert answer.status_code == 413
    assert "größer als 1 MB (INVOICE_MAX_MB)" in answer.json()["error"]
    assert quiet_page.waiting() == {}
    assert quiet_page.upload("a.pdf", PDF + b"x" * (MB - len(PDF))).status_code == 201


@pytest.mark.parametrize("framing", ["Content-Length: 500000", "Transfer-Encoding: chunked"])
def test_a_broken_line_leaves_nothing(framing: str, quiet_page: Open) -> None:
    port = int(quiet_page.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as line:
        head = f"POST /uploads/rechnungen?name=a.pdf HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n{framing}\r\n\r\n"
        line.sendall(head.encode() + (b"9\r\n%PDF-1.7\n\r\n" if "chunked" in framing else PDF))
        until(lambda: len(quiet_page.waiting()) == 1)
        (name,) = quiet_page.waiting()
        assert name.startswith(".")
        assert incoming.look(quiet_page.data / "pdf_reader/eingang/rechnungen") == []
    until(lambda: quiet_page.waiting() == {})


def test_a_file_that_does_not_go_on_is_given_up(tmp_path: Path) -> None:
    with (
        open_page(tmp_path, command=None, idle_seconds=0.2) as page,
        socket.create_connection(("127.0.0.1", int(page.url.rpartition(":")[2]))) as line,
    ):
        line.sendall(
            f"POST /uploads/rechnungen?name=a.pdf HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n"
            "Content-Length: 500000\r\n\r\n%PDF-1.7".encode()
        )
        assert line.recv(4096).startswith(b"HTTP/1.1 408")
        assert page.waiting() == {}


def test_too_many_at_once_are_told_to_come_again(quiet_page: Open) -> None:
    lines = []
    try:
        for _ in range(MOST_AT_ONCE):
            line = socket.create_connection(("127.0.0.1", int(quiet_page.url.rpartition(":")[2])))
            lines.append(line)
            line.sendall(
                f"POST /uploads/rechnungen?name=a.pdf HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n"
                "Content-Length: 500000\r\n\r\n".encode()
            )
        until(lambda: len(quiet_page.waiting()) == MOST_AT_ONCE)
        answer = quiet_page.upload("b.pdf")
        assert answer.status_code == 503
        assert "gleich noch einmal" in answer.json()["error"]
    finally:
        for line in lines:
            line.close()
    until(lambda: quiet_page.waiting() == {})
    assert quiet_page.upload("b.pdf").status_code == 201


@pytest.mark.parametrize(("code", "status"), [(errno.ENOSPC, 507), (errno.EDQUOT, 507), (errno.EIO, 500), (errno.EROFS, 500)])
@pytest.mark.parametrize("step", ["open", "fsync", "rename"])
def test_a_disk_that_refuses_is_told_and_leaves_nothing(
    step: str, code: int, status: int, quiet_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = os.open

    def broken(*_: Any, **__: Any) -> Any:
        raise OSError(code, os.strerror(code))

    def broken_open(path: Any, *arguments: Any, **details: Any) -> int:
        return broken() if ".upload-" in str(path) else genuine(path, *arguments, **details)

    with monkeypatch.context() as patch:
        owner, name, way = {"open": (os, "open", broken_open), "fsync": (os, "fsync", broken), "rename": (Path, "replace", broken)}[step]
        patch.setattr(owner, name, way)
        if step == "rename":
            patch.setattr(os, "link", broken)
        answer = quiet_page.upload("a.pdf")
    assert answer.status_code == status
    assert ("kein Speicherplatz" in answer.json()["error"]) == (status == 507)
    assert quiet_page.waiting() == {}
    assert quiet_page.upload("a.pdf").status_code == 201


def test_what_a_killed_page_left_is_swept_once_it_is_old(tmp_path: Path) -> None:
    old, new, other = (tmp_path / name for name in (".upload-1.tmp", ".upload-2.tmp", "a.pdf"))
    for path in (old, new, other):
        path.write_bytes(b"half")
    for path in (old, other):
        os.utime(path, (time.time() - 90_000,) * 2)
    sweep(tmp_path)
    assert sorted(tmp_path.iterdir()) == [new, other]


def test_a_zip_of_invoices_is_dropped_file_by_file(quiet_page: Open) -> None:
    answer = quiet_page.upload("alle.zip", packed(("a.pdf", PDF), ("b.xml", XML), ("c.pdf", b"kein PDF"), ("__MACOSX/._a.pdf", b"x")))
    assert answer.status_code == 201
    assert [(file["name"], bool(file["refused"])) for file in answer.json()["files"]] == [
        ("a.pdf", False),
        ("b.xml", False),
        ("c.pdf", True),
    ]
    assert quiet_page.waiting() == {"a.pdf": PDF, "b.xml": XML}
    told = {(file["name"], file["came_in"], file["state"]) for file in quiet_page.outcomes()[:3]}
    assert told == {("a.pdf", "alle.zip", "wartet"), ("b.xml", "alle.zip", "wartet"), ("c.pdf", "alle.zip", "abgelehnt")}


def test_a_zip_for_datev_stays_one(quiet_page: Open) -> None:
    content = packed(("EXTF_a.csv", CSV), ("EXTF_b.csv", CSV + b"1"))
    assert quiet_page.upload("stapel.zip", content, "datev").status_code == 201
    assert quiet_page.waiting("datev") == {"stapel.zip": content}
    assert [(file["name"], file["came_in"]) for file in quiet_page.outcomes()[:2]] == [
        ("EXTF_b.csv", "stapel.zip"), ("EXTF_a.csv", "stapel.zip"),
    ]  # fmt: skip


@pytest.mark.parametrize("lane", ["rechnungen", "datev"])
@pytest.mark.parametrize(
    ("members", "why"),
    [
        ((("../../x{}", b""),), "Ordner oder Pfad"),
        ((("/x{}", b""),), "Ordner oder Pfad"),
        ((("ordner/x{}", b""),), "Ordner oder Pfad"),
        ((("innen.zip", b"PK\x03\x04"),), "weiteres ZIP"),
        ((("x.exe", b"MZ"),), "ist."),
        ((("bombe{}", b"\0" * 5 * MB),), "Ausgepackt"),
        (tuple((f"{number}{{}}", b"") for number in range(1_001)), "mehr als 1000"),
        ((), "leer"),
    ],
)  # fmt: skip
def test_a_hostile_zip_is_refused_whole(members: tuple[tuple[str, bytes], ...], why: str, lane: str, quiet_page: Open) -> None:
    ending = ".csv" if lane == "datev" else ".pdf"
    good = {"datev": (("gut.csv", CSV),), "rechnungen": (("gut.pdf", PDF),)}[lane] if members else ()
    content = packed(*good, *((name.format(ending), content) for name, content in members))
    answer = quiet_page.upload("x.zip", content, lane)
    assert answer.status_code == 415
    assert why in answer.json()["error"]
    assert quiet_page.waiting(lane) == {}
    assert [path.name for path in quiet_page.data.parent.rglob("x.*")] == []


def test_a_file_of_a_zip_is_no_larger_than_one_alone(quiet_page: Open) -> None:
    answer = quiet_page.upload("x.zip", packed(("groß.pdf", PDF + b"\0" * MB), ("klein.pdf", PDF)))
    assert ["größer als 1 MB" in file["refused"] for file in answer.json()["files"]] == [True, False]
    assert list(quiet_page.waiting()) == ["klein.pdf"]


def test_half_a_zip_is_refused(quiet_page: Open) -> None:
    whole = packed(("a.pdf", PDF))
    assert "beschädigt" in quiet_page.upload("x.zip", whole[:-10]).json()["error"]


@pytest.mark.parametrize("address", ["/uploads/ausgang?name=a.pdf", "/uploads/?name=a.pdf", "/uploads/..?name=a.pdf", "/runs/purge"])
def test_there_are_no_other_lanes(address: str, quiet_page: Open) -> None:
    assert quiet_page.visitor.post(address, content=PDF).status_code in {404, 405}


def test_a_file_comes_by_post_only(quiet_page: Open) -> None:
    for method in ("GET", "PUT", "DELETE"):
        assert quiet_page.visitor.request(method, "/uploads/rechnungen?name=a.pdf").status_code == 405
