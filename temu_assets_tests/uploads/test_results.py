"""What can be downloaded, over real HTTP, and what cannot."""

from __future__ import annotations

import http.client
import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from temu_assets.uploads.results import Shelf, results, zipped
from temu_assets_tests.uploads.conftest import CSV, TOKEN, Open, open_page

FOLDERS = {"rechnungen": "pdf_reader/ausgang", "datev": "csv_verarbeiter/ausgang", "berichte": "csv_verarbeiter/reports"}
SECRET = b"nobody's business"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    with open_page(tmp_path_factory.mktemp("page"), command=None) as page:
        for number, (shelf, name) in enumerate(
            [("rechnungen", "rechnungen.xlsx"), ("rechnungen", "werbung.xlsx"), ("rechnungen", "other.xlsx"), ("datev", "EXTF_a.csv"),
             ("datev", "EXTF_Ä & 50%.csv"), ("datev", ".EXTF_half.csv.tmp"), ("datev", "~$EXTF_a.csv"), ("berichte", "auswertung.xlsx")]
        ):  # fmt: skip
            path = page.data / FOLDERS[shelf] / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(CSV * (number + 1))
            os.utime(path, (1_700_000_000 + number,) * 2)
        (page.data / "secret.txt").write_bytes(SECRET)
        (page.data / FOLDERS["datev"] / "link.csv").symlink_to(page.data / "secret.txt")
        (page.data / FOLDERS["datev"] / "folder.csv").mkdir()
        yield page


def test_each_shelf_lists_its_files_and_nothing_else(shop: Open) -> None:
    listed = shop.visitor.get("/results").json()
    assert {shelf: [file["name"] for file in told["files"]] for shelf, told in listed.items()} == {
        "rechnungen": ["rechnungen.xlsx", "werbung.xlsx"],
        "datev": ["EXTF_Ä & 50%.csv", "EXTF_a.csv"],
        "berichte": ["auswertung.xlsx"],
    }
    first = listed["datev"]["files"][1]
    assert (first["size"], first["changed_at"]) == (len(CSV) * 4, "2023-11-14T22:13:23+00:00")


@pytest.mark.parametrize(
    ("shelf", "name", "kind"),
    [
        ("rechnungen", "rechnungen.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("datev", "EXTF_Ä & 50%.csv", "application/octet-stream"),
        ("berichte", "auswertung.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_a_file_is_downloaded_unchanged_and_never_shown(shelf: str, name: str, kind: str, shop: Open) -> None:
    answer = shop.visitor.get(f"/results/{shelf}/{quote(name)}")
    assert answer.status_code == 200
    assert answer.content == (shop.data / FOLDERS[shelf] / name).read_bytes()
    assert answer.headers["content-type"] == kind
    assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''{quote(name, safe='')}"


def as_written(page: Open, address: str) -> tuple[int, bytes]:
    """Status and content of an address that nobody tidies up on the way."""
    connection = http.client.HTTPConnection("127.0.0.1", int(page.url.rpartition(":")[2]))
    connection.request("GET", address, headers={"Authorization": f"Bearer {TOKEN}"})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


@pytest.mark.parametrize("shelf", ["rechnungen", "datev", "berichte", "..", ".", "", "pdf_reader", "RECHNUNGEN"])
@pytest.mark.parametrize(
    "name",
    ["../secret.txt", "../../secret.txt", "..", ".", "", "/etc/passwd", "..\\..\\secret.txt", "link.csv", "folder.csv", "other.xlsx",
     ".EXTF_half.csv.tmp", "~$EXTF_a.csv", "EXTF_a.csv\0", "EXTF_A.CSV", "missing.csv", "....//....//secret.txt"],
)  # fmt: skip
def test_nothing_else_can_be_reached(shelf: str, name: str, shop: Open) -> None:
    for written in (quote(name, safe=""), quote(name, safe="/"), quote(quote(name, safe=""), safe="")):
        status, content = as_written(shop, f"/results/{shelf}/{written}")
        assert status == 404
        assert SECRET not in content


def test_all_files_of_a_shelf_come_as_one_zip(shop: Open) -> None:
    answer = shop.visitor.get("/results/datev.zip")
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''datev.zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {"EXTF_a.csv": CSV * 4, "EXTF_Ä & 50%.csv": CSV * 5}


def test_an_empty_shelf_is_an_empty_zip(quiet_page: Open) -> None:
    assert quiet_page.visitor.get("/results").json()["datev"] == {"count": 0, "files": []}
    with zipfile.ZipFile(io.BytesIO(quiet_page.visitor.get("/results/datev.zip").content)) as archive:
        assert archive.namelist() == []


@pytest.mark.parametrize("shelf", ["..", "archiv", "rechnungen/../datev"])
def test_there_are_no_other_shelves(shelf: str, shop: Open) -> None:
    assert shop.visitor.get(f"/results/{quote(shelf, safe='')}.zip").status_code == 404


def test_a_zip_is_never_whole_in_memory(tmp_path: Path) -> None:
    folder = tmp_path / FOLDERS["datev"]
    folder.mkdir(parents=True)
    for number in range(4):
        (folder / f"{number}.csv").write_bytes(os.urandom(2_000_000))
    parts = list(zipped(results(tmp_path, Shelf.DATEV)))
    assert sum(map(len, parts)) > 8_000_000
    assert max(map(len, parts)) < 1_000_000


def test_a_file_that_a_link_replaced_or_that_went_is_left_out(tmp_path: Path) -> None:
    folder = tmp_path / FOLDERS["datev"]
    folder.mkdir(parents=True)
    for name in ("a.csv", "b.csv", "c.csv"):
        (folder / name).write_bytes(CSV)
    found = results(tmp_path, Shelf.DATEV)
    (tmp_path / "secret.txt").write_bytes(SECRET)
    (folder / "a.csv").unlink()
    (folder / "a.csv").symlink_to(tmp_path / "secret.txt")
    (folder / "b.csv").unlink()
    with zipfile.ZipFile(io.BytesIO(b"".join(zipped(found)))) as archive:
        assert archive.namelist() == ["c.csv"]
