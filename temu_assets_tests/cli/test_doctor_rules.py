"""How ``doctor`` judges: facts in, lines out. What it asks of the outside world is tried in ``test_doctor_broken.py``."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.automation.job_plan import DEFAULTS, DecidedBy, Trigger, TriggerKind
from temu_assets.cli import doctor_checks
from temu_assets.cli.doctor_dagster import WANTED, daemon_line, home_line, sections_line
from temu_assets.cli.doctor_database import network_line, older_line
from temu_assets.cli.doctor_doors import DOORS, doors_line, judged, listeners
from temu_assets.cli.doctor_lines import About, Level, Line, ok
from temu_assets.cli.doctor_machine import FILES_WARNING, ROOM_ERROR, ROOM_WARNING, compare, room_line
from temu_assets.cli.doctor_runs import JobHistory, history_line
from temu_assets.cli.doctor_shipping import method_line
from temu_assets.cli.doctor_temu import NEEDED, USEFUL, clock_lines, permission_lines, price_line, token_line
from temu_assets.cli.doctor_triggers import TriggerState, trigger_line
from temu_assets.errors import ConfigurationError
from temu_assets.orders.carriers import CarrierMap, Company
from temu_assets.temu.account import TokenInfo

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)


@given(st.integers(-100_000, 100_000))
def test_the_clock_is_judged_by_its_distance_whichever_way(seconds: int) -> None:
    (line,) = clock_lines(timedelta(seconds=seconds))
    assert line.level is (Level.ERROR if abs(seconds) > 300 else Level.WARNING if abs(seconds) > 60 else Level.OK)
    assert (f"{abs(seconds)} s" in line.found) is (seconds != 0)
    assert ("NTP" in line.remedy) is (abs(seconds) > 60)


def test_without_the_time_of_an_answer_nothing_is_said_of_the_clock() -> None:
    assert list(clock_lines(None)) == []


@pytest.mark.parametrize(
    ("left", "level"), [(0.5, Level.ERROR), (5, Level.WARNING), (30, Level.WARNING), (31, Level.OK), (-1, Level.ERROR)]
)
def test_a_token_is_judged_by_the_days_left(left: float, level: Level) -> None:
    line = token_line(TokenInfo("1", 100, 76, NOW + timedelta(days=left), frozenset()), NOW)
    assert line.level is level
    assert f"({int(left // 1)} days left)" in line.found
    assert ("TEMU_ACCESS_TOKEN" in line.remedy) is (level is not Level.OK)


@pytest.mark.parametrize("api", [*NEEDED, *USEFUL])
def test_each_missing_permission_is_named_with_what_stops_without_it(api: str) -> None:
    (line,) = permission_lines(frozenset([*NEEDED, *USEFUL]) - {api})
    assert f"{api} ({ {**NEEDED, **USEFUL}[api] })" in line.found
    assert line.level is (Level.ERROR if api in NEEDED else Level.WARNING)


def test_prices_have_two_sources_and_without_both_every_order_is_held() -> None:
    both = frozenset({"bg.order.amount.query", "temu.pay.tax.invoice.detail.query"})
    levels = [price_line(granted).level for granted in (both, both - {"bg.order.amount.query"}, frozenset[str]())]
    assert levels == [Level.OK, Level.WARNING, Level.ERROR]


DHL = Company(1, "DHL", "DHL")


def test_each_shipping_method_in_use_or_in_the_table_needs_a_carrier() -> None:
    mapping = CarrierMap.from_csv("jtl_shipping_method,temu_carrier\nHermes Paket,Hermes\n")
    line = method_line(["DHL Paket", "Spedition Müller"], {"hermes paket"}, [DHL], mapping, "DE")
    assert line.level is Level.WARNING
    assert "Spedition Müller, hermes paket" in line.found
    assert "DHL" not in line.found
    assert "TEMU_CARRIER_MAP" in line.remedy
    assert method_line(["DHL Paket"], set(), [DHL], CarrierMap({}), "DE").level is Level.OK
    assert method_line([], set(), [DHL], CarrierMap({}), "DE").level is Level.OK


@pytest.mark.parametrize(
    ("kind", "level"),
    [("nfs4", Level.ERROR), ("cifs", Level.ERROR), ("smb3", Level.ERROR), ("fuse.sshfs", Level.ERROR), ("ext4", Level.OK), ("", Level.OK)],
)
def test_sqlite_on_a_drive_in_the_network_is_an_error(kind: str, level: Level) -> None:
    line = network_line([Path("/mnt/office/toci.db")], {Path("/"): "ext4", Path("/mnt/office"): kind})
    assert line.level is level
    assert network_line([Path(r"\\server\share\toci.db")], {}).level is Level.ERROR


def test_an_older_database_stops_runs_on_a_server_only() -> None:
    assert older_line("toci.db", "0003", is_file=True).level is Level.WARNING
    line = older_line("db.example.invalid/toci", "0003", is_file=False)
    assert (line.level, "temu-assets migrate" in line.remedy, "0003" in line.found) == (Level.ERROR, True, True)


@pytest.mark.parametrize(
    ("free", "entries", "level"),
    [
        (ROOM_ERROR - 1, FILES_WARNING, Level.ERROR), (ROOM_WARNING - 1, FILES_WARNING, Level.WARNING),
        (ROOM_WARNING, FILES_WARNING, Level.OK), (ROOM_WARNING, 10, Level.WARNING), (ROOM_ERROR - 1, 10, Level.ERROR),
    ],
)  # fmt: skip
def test_room_is_judged_by_bytes_and_by_files(free: int, entries: int, level: Level) -> None:
    line = room_line({"/data": (10**12, 10**6), "/dagster": (free, entries)})
    assert line.level is level
    assert "/dagster" in line.found


def test_packages_are_compared_where_they_are_installed() -> None:
    assert compare("x", {"a": "1", "windows-only": "2"}, {"a": "1", "b": "9"}).level is Level.OK
    line = compare("x", {"a": "1", "b": "2"}, {"a": "1", "b": "3"})
    assert (line.level, "b 3 (locked: 2)" in line.found) == (Level.WARNING, True)


TCP = """  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1
   1: 0100007F:0FA0 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2
   2: 1401A8C0:0BB9 1501A8C0:C350 01 00000000:00000000 00:00000000 00000000     0        0 3
"""
TCP6 = """  sl  local_address                         remote_address                        st tx_queue
   0: 00000000000000000000000000000000:0BB9 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 4
   1: 00000000000000000000000001000000:0BB8 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 5
   2: 0000000000000000FFFF00000100007F:0FA0 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 6
"""


def test_the_kernels_tables_are_read_in_its_own_spelling() -> None:
    assert list(listeners(TCP)) == [("0.0.0.0", 3000), ("127.0.0.1", 4000)]
    assert list(listeners(TCP6)) == [("::", 3001), ("::1", 3000), ("127.0.0.1", 4000)]


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.168.1.20"])
@pytest.mark.parametrize("port", DOORS)
def test_a_door_that_is_open_to_the_network_is_an_error_that_names_it(address: str, port: int) -> None:
    line = judged([("127.0.0.1", 3000), (address, port), ("0.0.0.0", 22)], DOORS)
    assert line.level is Level.ERROR
    assert f"port {port} on {address} ({DOORS[port]})" in line.found
    assert "22" not in line.found


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(("family", "address"), [(socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")])
def test_a_port_that_is_really_open_is_seen(family: socket.AddressFamily, address: str) -> None:
    try:
        listening = socket.socket(family)
        listening.bind((address, 0))
    except OSError:
        pytest.skip("this machine has no IPv6")
    with listening:
        port = listening.getsockname()[1]
        assert doors_line({port: "the door"}).level is Level.OK
        listening.listen()
        line = doors_line({port: "the door"})
        assert (line.level, "the door" in line.found) == (Level.ERROR, True)


@pytest.mark.parametrize(
    ("given", "is_folder", "is_trial", "level"),
    [
        ("", False, False, Level.WARNING), ("", False, True, Level.OK), (".dagster", True, True, Level.ERROR),
        ("/nowhere", False, False, Level.ERROR), ("/srv/dagster", True, False, Level.OK),
    ],
)  # fmt: skip
def test_dagsters_home_is_what_dagster_takes(given: str, is_folder: bool, is_trial: bool, level: Level) -> None:
    assert home_line(given, is_folder=is_folder, is_trial=is_trial).level is level


def test_what_dagster_yaml_leaves_out_is_named() -> None:
    whole: dict[str, object] = {name: {"enabled": True, "max_runtime_seconds": 1800} for name in WANTED}
    assert sections_line(Path("dagster.yaml"), whole).level is Level.OK
    for name in WANTED:
        line = sections_line(Path("dagster.yaml"), {key: value for key, value in whole.items() if key != name})
        assert (line.level, name in line.found) == (Level.WARNING, True)
    assert "max_runtime_seconds" in sections_line(Path("dagster.yaml"), whole | {"run_monitoring": {"enabled": True}}).found


def beats(*, age: float, of: tuple[str, ...] = ("SCHEDULER", "SENSOR")) -> dict[str, datetime]:
    return {name: NOW - timedelta(seconds=age) for name in of}


@pytest.mark.parametrize("is_needed", [True, False])
def test_the_daemon_is_judged_by_its_heartbeats(is_needed: bool) -> None:
    def level(heartbeats: dict[str, datetime], failing: tuple[str, ...] = ()) -> Level:
        return daemon_line(["SCHEDULER", "SENSOR"], heartbeats, failing, NOW, is_needed=is_needed).level

    assert level(beats(age=20)) is Level.OK
    assert level(beats(age=20), ("SENSOR",)) is Level.WARNING
    assert level(beats(age=300)) is Level.ERROR
    assert level(beats(age=20, of=("SCHEDULER",))) is Level.ERROR
    assert level({}) is (Level.ERROR if is_needed else Level.WARNING)


def state(*, planned: bool, by: DecidedBy, is_on: bool, switched: bool = False) -> TriggerState:
    return TriggerState(Trigger("orders_schedule", TriggerKind.SCHEDULE, "* * * * *", planned, by), is_on, switched)


@pytest.mark.parametrize(
    ("found", "level"),
    [
        (state(planned=False, by=DecidedBy.DEFAULT, is_on=False), Level.WARNING),
        (state(planned=False, by=DecidedBy.DEFAULT, is_on=False, switched=True), Level.OK),
        (state(planned=False, by=DecidedBy.DEFAULT, is_on=True, switched=True), Level.OK),
        (state(planned=False, by=DecidedBy.FILE, is_on=False), Level.OK),
        (state(planned=True, by=DecidedBy.FILE, is_on=True), Level.OK),
        (state(planned=True, by=DecidedBy.FILE, is_on=False, switched=True), Level.WARNING),
    ],
)
def test_a_trigger_that_is_off_without_anybodys_word_is_told(found: TriggerState, level: Level) -> None:
    line = trigger_line([found], is_trial=False)
    assert line.level is level
    assert "orders_schedule" in line.found
    assert (trigger_line([found], is_trial=True).level is Level.OK) is (found.planned.decided_by is DecidedBy.DEFAULT or level is Level.OK)


def test_every_trigger_of_the_plan_is_told() -> None:
    states = [TriggerState(each, each.is_on, switched=False) for each in DEFAULTS.triggers(on_by_default=True)]
    line = trigger_line(states, is_trial=True)
    assert all(each.planned.name in line.found for each in states)


def test_a_job_that_ended_badly_since_its_last_success_is_told() -> None:
    well = JobHistory(NOW, NOW - timedelta(hours=1))
    assert history_line({"temu_orders_sync": well}).level is Level.OK
    for badly in (JobHistory(NOW - timedelta(hours=1), NOW), JobHistory(None, NOW)):
        line = history_line({"temu_orders_sync": well, "reconcile": badly})
        assert (line.level, "since: reconcile at 2026-11-26 03:00 UTC" in line.found) == (Level.WARNING, True)


def test_a_look_that_fails_keeps_its_lines_and_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def expected() -> list[Line]:
        raise ConfigurationError("It is wrong.", remedy="Make it right.")

    def surprised() -> list[Line]:
        raise KeyError("Canary-7363")

    def half() -> Iterator[Line]:
        yield ok(About.CLOCK, "right")
        raise ConfigurationError("It is wrong.", remedy="Make it right.")

    looks: list[tuple[About, Callable[[], Iterable[Line]]]] = [
        (About.TEMU, half),
        (About.JTL, expected),
        (About.PYTHON, surprised),
        (About.OCR, lambda: [ok(About.OCR, "there")]),
    ]
    monkeypatch.setattr(doctor_checks, "_checks", lambda *_, **__: [doctor_checks.Check(about, look) for about, look in looks])
    lines = doctor_checks.examine()
    assert [(line.name, line.level.value) for line in lines[1:-1]] == [
        (About.CLOCK, "ok"), (About.TEMU, "error"), (About.JTL, "error"), (About.PYTHON, "error"), (About.OCR, "ok"),
    ]  # fmt: skip
    assert "Canary-7363" not in str(lines)
    assert "KeyError" in str(lines)
