"""What a person sees of each file: the rules alone, and over real HTTP with runs that take what was dropped."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from temu_assets.uploads.lanes import LaneName
from temu_assets.uploads.outcomes import MOST_SHOWN, InFolder, Outcome, Row, State, outcomes
from temu_assets.uploads.receiving import Received
from temu_assets_tests.uploads import fake_run
from temu_assets_tests.uploads.conftest import CSV, PDF, Open, open_page, until

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
BEFORE, AFTER = NOON - timedelta(days=2), NOON + timedelta(seconds=9)
DROPPED = Received(1, LaneName.INVOICES, "a.pdf", "a.pdf", "", ("d1",), NOON)
ROW = Row(LaneName.INVOICES, "d1", "a.pdf", "", NOON, AFTER, State.CHECK, "Die Nummer fehlt.", "Muster GmbH")
THERE = InFolder(LaneName.INVOICES, "a.pdf", NOON)
IDLE = dict.fromkeys(LaneName, False)
BUSY = dict.fromkeys(LaneName, True)


def the_one(received: Received = DROPPED, *rows: Row, waiting: tuple[InFolder, ...] = (), busy: bool = False) -> Outcome:
    (found,) = outcomes([received], rows, waiting, running=BUSY if busy else IDLE)
    return found


def test_a_file_waits_in_its_folder_is_read_and_has_an_outcome() -> None:
    assert the_one(waiting=(THERE,)).state is State.WAITING
    assert the_one(waiting=(THERE,), busy=True).state is State.WAITING
    taken = replace(ROW, done_at=None, state=None)
    assert the_one(DROPPED, taken, waiting=(THERE,), busy=True).state is State.READING
    assert the_one(DROPPED, taken).state is State.WAITING
    done = the_one(DROPPED, ROW)
    assert (done.state, done.reason, done.detail, done.done_at) == (State.CHECK, "Die Nummer fehlt.", "Muster GmbH", AFTER)


def test_a_file_that_was_read_before_is_known_once_it_has_left_its_folder() -> None:
    old = replace(ROW, done_at=BEFORE)
    assert the_one(DROPPED, old, waiting=(THERE,)).state is State.WAITING
    known = the_one(DROPPED, old)
    assert (known.state, known.reason, known.done_at) == (State.KNOWN, "prüfen: Die Nummer fehlt.", BEFORE)


def test_a_document_in_the_other_lane_is_the_same_document() -> None:
    moved = replace(DROPPED, lane=LaneName.ADVERTISING)
    assert the_one(moved, replace(ROW, done_at=BEFORE)).state is State.KNOWN
    assert the_one(moved, replace(ROW, lane=LaneName.ADVERTISING)).state is State.CHECK


def test_a_file_somebody_took_away_is_said_to_be_gone() -> None:
    gone = the_one(DROPPED, busy=True)
    assert gone.state is State.ERROR
    assert "noch einmal ablegen" in gone.reason


def test_the_same_file_dropped_twice_is_read_and_then_known() -> None:
    again = replace(DROPPED, number=2, at=AFTER + timedelta(seconds=1))
    assert [each.state for each in outcomes([DROPPED, again], [ROW], [], running=IDLE)] == [State.KNOWN, State.CHECK]


def test_a_file_of_a_zip_that_the_run_refused_tells_why() -> None:
    member = Received(1, LaneName.DATEV, "EXTF_a.csv", "x.zip", "x.zip", ("member", "zip"), NOON)
    refused = Row(LaneName.DATEV, "zip", "x.zip", "", AFTER, AFTER, State.ERROR, "Das ZIP ist beschädigt.", "")
    found = the_one(member, refused)
    assert (found.state, found.reason, found.came_in) == (State.ERROR, "Das ZIP ist beschädigt.", "x.zip")


def test_earlier_files_fill_up_the_list_the_newest_first() -> None:
    old = [replace(ROW, digest=f"d{number}", taken_at=BEFORE + timedelta(minutes=number)) for number in range(2, MOST_SHOWN + 20)]
    by_hand = InFolder(LaneName.DATEV, "EXTF_hand.csv", BEFORE + timedelta(hours=9))
    found = outcomes([DROPPED], [*old, ROW], [by_hand], running=IDLE)
    assert len(found) == MOST_SHOWN
    assert [found[0].key, found[1].name] == ["f1", "EXTF_hand.csv"]
    assert [each.at for each in found] == sorted((each.at for each in found), reverse=True)
    assert len({each.key for each in found}) == MOST_SHOWN


def test_all_of_today_is_shown_however_much_it_is() -> None:
    many = [replace(DROPPED, number=number, digests=(str(number),)) for number in range(MOST_SHOWN * 2)]
    assert len(outcomes(many, [ROW], [], running=IDLE)) == MOST_SHOWN * 2


def test_what_was_dropped_is_read_and_told(page: Open) -> None:
    page.upload("gut.pdf")
    page.upload("pruefen.pdf", PDF + b"1", "werbung")
    page.upload("fehler.pdf", PDF + b"2")
    page.upload("EXTF_a.csv", CSV, "datev")
    until(lambda: "wartet" not in page.states().values())
    told = {file["name"]: (file["state"], file["reason"], file["detail"]) for file in page.outcomes()}
    detail = "Muster GmbH · Nr. 4711 · -1.234,56 EUR"
    assert told == {
        "gut.pdf": ("ok", "", detail),
        "pruefen.pdf": ("prüfen", "Die Rechnungsnummer fehlt.", detail),
        "fehler.pdf": ("Fehler", "Die Datei ist mit einem Kennwort geschützt.", detail),
        "EXTF_a.csv": ("prüfen", "1 Fehler, 2 Bestellnummern nicht gefunden.", "3 Buchungen"),
    }
    page.upload("noch einmal.pdf")
    until(lambda: page.states()["noch einmal.pdf"] != "wartet")
    assert page.states()["noch einmal.pdf"] == "schon verarbeitet"


def test_every_file_of_a_zip_is_told(page: Open) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("EXTF_a.csv", CSV)
        archive.writestr("EXTF_b.csv", CSV + b"1")
    page.upload("stapel.zip", content.getvalue(), "datev")
    until(lambda: "wartet" not in page.states().values())
    assert page.states() == {"EXTF_a.csv": "prüfen", "EXTF_b.csv": "prüfen"}
    assert {file["came_in"] for file in page.outcomes()} == {"stapel.zip"}


def test_what_is_told_outlives_the_page(page: Open) -> None:
    page.upload("gut.pdf")
    (page.data / "csv_verarbeiter/eingang").mkdir(parents=True)
    (page.data / "csv_verarbeiter/eingang/EXTF_hand.csv").write_bytes(CSV)
    until(lambda: page.states().get("gut.pdf") == "ok")
    page.page._received.clear()
    assert page.states() == {"gut.pdf": "ok", "EXTF_hand.csv": "wartet"}


def test_nothing_is_sent_again_while_nothing_changes(page: Open) -> None:
    first = page.visitor.get("/outcomes")
    assert page.visitor.get("/outcomes", headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    page.upload("gut.pdf")
    assert page.visitor.get("/outcomes", headers={"If-None-Match": first.headers["etag"]}).status_code == 200


def test_a_database_that_is_away_is_said_plainly_and_files_are_still_taken(page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    from temu_assets.errors import TransientError

    def away(_: object) -> None:
        raise TransientError("Our database at secret-host cannot be reached.", remedy="wait.")

    (page.data / fake_run.FAIL).touch()
    with monkeypatch.context() as patch:
        patch.setattr(page.toci, "read", away)
        answer = page.visitor.get("/outcomes")
        assert answer.status_code == 503
        assert "nicht abrufbar" in answer.json()["error"]
        assert "secret-host" not in answer.text
        assert page.upload("a.pdf").status_code == 201
    assert page.states() == {"a.pdf": "wartet"}


def test_the_page_says_what_each_lane_takes(page: Open) -> None:
    told = page.visitor.get("/lanes").json()
    assert told["lanes"]["datev"] == {"endings": [".csv", ".zip"], "most_bytes": 1_000_000, "most_zip_bytes": 1_000_000}
    assert told["dagster"] == "http://127.0.0.1:3000"


def test_a_visitor_from_elsewhere_gets_no_link_to_this_machine(tmp_path_factory: pytest.TempPathFactory) -> None:
    with open_page(tmp_path_factory.mktemp("page"), command=None, upload_hosts="belege.example.invalid") as page:
        assert page.visitor.get("/lanes", headers={"Host": "belege.example.invalid"}).json()["dagster"] is None
