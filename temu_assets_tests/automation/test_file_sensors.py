"""The sensors that look for dropped files: a run once a file is complete, or where a run died; none for half a file or nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
from pydantic import SecretStr

from temu_assets.automation.file_sensors import build_file_sensors
from temu_assets.automation.news import SAME_NEWS_AGAIN_AFTER_SECONDS
from temu_assets.automation.triggers import ALL_ON
from temu_assets.bookkeeping import batch_store
from temu_assets.bookkeeping.batch_store import Arrival as DatevArrival
from temu_assets.invoices import document_rows
from temu_assets.invoices.document_rows import Arrival
from temu_assets.invoices.reading import Lane
from temu_assets.resources import Clock
from temu_assets.toci.database import Toci, open_engine
from temu_assets.toci.revision import ensure_current
from temu_assets_tests.automation.outcomes import nothing_new, starts_a_run
from temu_assets_tests.databases import empty_toci_url

SENSORS = {sensor.name: sensor for sensor in build_file_sensors(ALL_ON)}
FOLDERS = {"invoice_files_sensor": "pdf_reader/eingang/werbung", "datev_files_sensor": "csv_verarbeiter/eingang"}
each_sensor = pytest.mark.parametrize("name", FOLDERS)


@dataclass
class Place:
    data: Path
    toci: Toci
    instance: dg.DagsterInstance

    def drop(self, name: str, *, age: float = 60) -> Path:
        path = self.data / FOLDERS[name] / "file.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"something")
        os.utime(path, (time.time() - age, time.time() - age))
        return path

    def look(self, name: str, cursor: str | None = None) -> dg.SensorResult | dg.SkipReason:
        found = SENSORS[name](dg.build_sensor_context(instance=self.instance, cursor=cursor))
        assert isinstance(found, dg.SensorResult | dg.SkipReason)
        return found


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    url = empty_toci_url(tmp_path / "toci.db")
    monkeypatch.setenv("TEMU_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("TOCI_DATABASE_URL", url)
    toci = Toci(open_engine(SecretStr(url)), "sandbox")
    ensure_current(toci)
    with dg.DagsterInstance.ephemeral() as instance:
        yield Place(tmp_path, toci, instance)
    toci.close()


@each_sensor
def test_nothing_there_starts_nothing(name: str, place: Place) -> None:
    found = place.look(name)
    assert nothing_new(found) == "No file is there."


@each_sensor
def test_a_complete_file_starts_a_run(name: str, place: Place) -> None:
    place.drop(name)
    assert starts_a_run(place.look(name))


@each_sensor
def test_a_file_somebody_writes_is_waited_for(name: str, place: Place) -> None:
    place.drop(name, age=0.5)
    found = place.look(name)
    assert nothing_new(found) == "A file is still being written."


@each_sensor
def test_the_same_files_start_no_second_run_at_once_but_a_few_minutes_later(
    name: str, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.drop(name)
    first = place.look(name)
    assert isinstance(first, dg.SensorResult)
    assert not starts_a_run(place.look(name, first.cursor))
    later = datetime.fromtimestamp(time.time() + SAME_NEWS_AGAIN_AFTER_SECONDS, UTC)
    monkeypatch.setattr(Clock, "now", lambda _: later)
    assert starts_a_run(place.look(name, first.cursor))


@each_sensor
def test_another_file_starts_a_run_at_once(name: str, place: Place) -> None:
    first = place.look(name)
    path = place.drop(name)
    first = place.look(name)
    assert isinstance(first, dg.SensorResult)
    path.write_bytes(b"something else")
    os.utime(path, (time.time() - 30, time.time() - 30))
    assert starts_a_run(place.look(name, first.cursor))


def test_what_a_run_that_died_has_taken_starts_a_run(place: Place) -> None:
    now = datetime.now(UTC)
    arrival = Arrival("0" * 64, Lane.INVOICES, "a.pdf", "pdf_reader/archiv/a.pdf", 1)
    place.toci.write(lambda connection: document_rows.take(connection, "sandbox", [arrival], now=now))
    assert starts_a_run(place.look("invoice_files_sensor"))
    assert not starts_a_run(place.look("datev_files_sensor"))
    batch = DatevArrival("0" * 64, "EXTF_a.csv", "csv_verarbeiter/archiv/a.csv", 1, None)
    place.toci.write(lambda connection: batch_store.take(connection, "sandbox", [batch], now=now))
    assert starts_a_run(place.look("datev_files_sensor"))


@each_sensor
def test_what_was_taken_in_is_news_when_it_comes_again(name: str, place: Place) -> None:
    path = place.drop(name)
    first = place.look(name)
    assert isinstance(first, dg.SensorResult)
    known = path.stat()
    path.unlink()
    nothing = place.look(name, first.cursor)
    assert nothing_new(nothing)
    assert isinstance(nothing, dg.SensorResult)
    place.drop(name)
    os.utime(path, ns=(known.st_atime_ns, known.st_mtime_ns))
    assert starts_a_run(place.look(name, nothing.cursor))


@each_sensor
def test_while_a_run_is_under_way_nothing_is_started(name: str, place: Place) -> None:
    place.drop(name)
    job = "fetch_invoices" if name == "invoice_files_sensor" else "datev_processing"
    place.instance.add_run(dg.DagsterRun(job_name=job, status=dg.DagsterRunStatus.STARTED))
    found = place.look(name)
    assert isinstance(found, dg.SkipReason)
    assert "under way" in (found.skip_message or "")
