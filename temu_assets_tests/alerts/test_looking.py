"""From what stands in our tables to what arrives: once, grouped, not again, all clear; with ways that fail and senders that meet."""

from __future__ import annotations

import shutil
import threading
from collections import namedtuple
from datetime import timedelta

import pytest

from temu_assets.alerts import looking, store
from temu_assets.alerts.kinds import Way
from temu_assets.errors import TransientError
from temu_assets.toci import leases
from temu_assets.toci.job_runs import RunStatus
from temu_assets.toci.leases import LeaseTakenError
from temu_assets_tests.alerts.conftest import MINUTE, House
from temu_assets_tests.alerts.jobs import ORDERS, STOCK

HOUR = timedelta(hours=1)


def test_a_failed_run_is_told_once_by_each_way_and_its_end_once(house: House) -> None:
    house.succeed()
    assert house.look().told == {}
    house.wait()
    house.fail()
    assert house.look().told == {Way.MAIL: 1, Way.WEBHOOK: 1}
    assert house.mail.subjects() == house.hooked() == ["[temu-assets sandbox] temu_orders_sync failed"]
    text = house.mail.text()
    for part in (
        "temu_orders_sync failed at 2026-11-26 12:01 UTC in the stage raw_orders",
        "TEMU did not like it.",
        "What the program did: ",
    ):
        assert part in text
    assert "What to do: correct the setting." in text
    assert "http://127.0.0.1:3000" in text
    for _ in range(3):
        house.wait()
        house.fail()
        assert house.look().told == {}
    house.wait()
    house.succeed()
    assert house.look().told == {Way.MAIL: 1, Way.WEBHOOK: 1}
    assert house.mail.subjects()[1] == "[temu-assets sandbox] all clear: temu_orders_sync failed"
    assert "nothing has to be done" in house.mail.text()
    assert house.look().told == {}
    house.wait()
    house.fail()
    assert house.look().told == {Way.MAIL: 1, Way.WEBHOOK: 1}


def test_everything_new_in_one_look_is_one_message(house: House) -> None:
    house.fail()
    house.fail(STOCK)
    house.report("order_held", {f"PO-{number}": ("'TASSE' is not known to JTL.", "create the article.") for number in range(7)})
    house.report("carrier_not_mapped", {"12": ('Shipping method "Foo" has no carrier.', "add a line.")})
    house.look()
    (subject,) = house.mail.subjects()
    assert subject.endswith("(and 3 more)")
    assert "7 x 'TASSE' is not known to JTL." in house.mail.text()
    assert "create the article. (All of them: temu-assets problems --kind order_held --all)" in house.mail.text()
    (request,) = house.hook.received
    assert [each["kind"] for each in request.json["new"]] == ["problem", "problem", "run_failed", "run_failed"]


def test_a_kind_of_problem_that_is_open_is_silent_until_it_was_over(house: House) -> None:
    held = {"PO-1": ("No address.", "wait.")}
    house.report("order_held", held)
    house.look()
    house.wait()
    house.report("order_held", held | {"PO-2": ("No price.", "ask TEMU.")})
    assert house.look().told == {}
    house.report("order_held", {})
    house.wait()
    assert house.look().told == {Way.MAIL: 1, Way.WEBHOOK: 1}
    house.report("order_held", held)
    house.wait()
    assert house.look().told == {Way.MAIL: 1, Way.WEBHOOK: 1}
    assert house.mail.subjects()[-1] == "[temu-assets sandbox] 1 open problem: order_held"


def test_a_triggered_run_is_told_after_its_last_attempt_only(house: House) -> None:
    for attempt in range(2):
        house.fail(error_kind="TemuTransient", may_pass=True, attempt=attempt)
        assert house.look().told == {}
        house.wait()
        running = house.begin(attempt=attempt + 1)
        house.wait(30 * MINUTE)
        assert house.look().told == {}  # it works
        house.end(running, RunStatus.CANCELLED)
    house.fail(error_kind="TemuTransient", may_pass=True, attempt=2)
    assert house.look().told[Way.MAIL] == 1
    assert "the attempt 3" in house.mail.text()


def test_one_that_is_well_at_the_second_attempt_is_never_told(house: House) -> None:
    house.fail(error_kind="TemuTransient", may_pass=True)
    house.look()
    house.wait()
    house.succeed(attempt=1)
    house.wait(HOUR)
    house.look()
    assert house.mail.messages == []


def test_one_that_nobody_tries_again_is_told_after_all(house: House) -> None:
    house.fail(error_kind="TemuTransient", may_pass=True)
    house.wait(16 * MINUTE)
    assert house.look().told[Way.MAIL] == 1


def test_a_run_by_hand_that_failed_is_told_at_once(house: House) -> None:
    house.fail(error_kind="TemuTransient", may_pass=True, is_triggered=False, started_by="command line")
    assert house.look().told[Way.MAIL] == 1


def test_a_killed_run_is_told_also_when_nobody_has_called_it_killed(house: House) -> None:
    house.end(house.begin(), RunStatus.KILLED, error="gone", error_kind="RunDied", may_pass=True)
    house.begin(STOCK, process="4194304@never")
    house.look()
    assert [each["subject"] for each in house.hook.received[0].json["new"]] == [f"{STOCK} was killed", f"{ORDERS} was killed"]


def test_what_temu_refuses_is_told_once_for_all_jobs_and_again_each_day_while_it_goes_on(house: House) -> None:
    house.look()
    house.fail(error_kind="TemuAuthorisation")
    house.look()
    for _ in range(12):
        house.wait(2 * HOUR)
        house.fail(STOCK, error_kind="TemuAuthorisation")
        house.fail(error_kind="TemuAuthorisation")
        house.look()
    assert house.mail.subjects() == [
        "[temu-assets sandbox] TEMU refuses access",
        "[temu-assets sandbox] still so: TEMU refuses access",
    ]
    assert "temu_inventory_sync and temu_orders_sync" in house.mail.text()
    house.wait()
    house.succeed(STOCK)
    house.look()
    assert house.mail.subjects()[-1] == "[temu-assets sandbox] all clear: TEMU refuses access"


def test_silence_is_told_once_something_should_run_and_somebody_watched(house: House) -> None:
    house.succeed(STOCK)
    for _ in range(18):
        house.look()
        house.wait(10 * MINUTE)
    assert house.mail.messages == []
    house.wait()
    house.look()
    assert house.mail.subjects() == ["[temu-assets sandbox] nothing has run for 3 hours"]
    assert "the last one began at 2026-11-26 12:00 UTC" in house.mail.text()
    house.wait()
    house.succeed(STOCK)
    house.look()
    assert house.mail.subjects()[-1] == "[temu-assets sandbox] all clear: nothing has run for 3 hours"


def test_a_machine_that_was_off_is_not_told_of_its_own_sleep(house: House) -> None:
    house.succeed(STOCK)
    house.look()
    house.wait(timedelta(days=3))
    house.look()
    house.wait(HOUR)
    house.look()
    assert house.mail.messages == []


def test_where_nothing_should_run_silence_is_fine_unless_a_schedule_did_run(house: House) -> None:
    off = tuple(type(job)(job.name, job.schedule, is_on=False, pause=job.pause) for job in house.jobs)
    for _ in range(10):
        house.look(off)
        house.wait(HOUR)
    assert house.mail.messages == []
    house.succeed(STOCK, started_by="temu_inventory_sync_schedule")
    for _ in range(5):
        house.look(off)
        house.wait(HOUR)
    assert house.mail.subjects() == ["[temu-assets sandbox] nothing has run for 3 hours"]


def test_the_brake_is_told_with_how_to_release_it(house: House) -> None:
    house.report("stock_brake", {"zero": ("60 of 100 SKUs would go to 0 and are held back: A (3 -> 0).", "temu-assets release-brake")})
    house.look()
    assert house.mail.subjects() == ["[temu-assets sandbox] the stock brake holds figures back"]
    assert "What to do: temu-assets release-brake" in house.mail.text()


def test_little_room_is_told_and_that_there_is_enough_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.settings().temu_data_dir.mkdir()
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 — as shutil's
    free = 900_000_000
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**10, 0, free))
    house.look()
    assert "has 900 MB left" in house.mail.text()
    free = 1_200_000_000
    house.wait()
    assert house.look().told == {}
    free = 2_000_000_000
    house.wait()
    house.look()
    assert house.mail.subjects()[-1].endswith("all clear: little room on the disk of the data folder")


def test_a_mail_server_that_is_down_is_told_later_and_the_webhook_not_twice(house: House) -> None:
    house.mail.stop()
    house.fail()
    outcome = house.look()
    assert outcome.told == {Way.WEBHOOK: 1}
    assert "nothing takes mail" in outcome.failed[Way.MAIL].what
    for _ in range(3):
        house.wait()
        assert house.look().told == {}
    house.mail.start()
    house.wait()
    assert house.look().told == {Way.MAIL: 1}
    assert (len(house.mail.messages), len(house.hook.received)) == (1, 1)
    house.wait()
    assert house.look().told == {}


def test_a_way_that_stays_broken_is_told_by_the_other_one(house: House) -> None:
    house.mail.stop()
    house.fail()
    for _ in range(17):
        house.look()
        house.wait()
    assert house.hooked() == ["[temu-assets sandbox] temu_orders_sync failed", "[temu-assets sandbox] alerts by mail do not arrive"]
    (trouble,) = store.trouble(house.toci.read(lambda connection: store.way_states(connection, house.toci.shop)))
    assert trouble.way == "mail"
    house.mail.start()
    house.look()
    house.wait()
    house.look()
    assert house.hooked()[-1] == "[temu-assets sandbox] all clear: alerts by mail do not arrive"
    assert house.mail.subjects() == ["[temu-assets sandbox] temu_orders_sync failed"]


def test_a_way_that_failed_and_has_nothing_to_tell_any_more_is_no_trouble(house: House) -> None:
    house.fail()
    house.hook.answers.append((500, ""))
    house.look()
    house.wait()
    house.succeed()
    for _ in range(20):
        house.look()
        house.wait()
    assert house.mail.subjects() == [
        "[temu-assets sandbox] temu_orders_sync failed",
        "[temu-assets sandbox] all clear: temu_orders_sync failed",
    ]


def test_a_way_with_wrong_settings_keeps_nothing_from_the_other(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERT_MAIL_SECURITY", "none")
    monkeypatch.setenv("ALERT_MAIL_HOST", "mail.example.invalid")
    house.fail()
    outcome = house.look()
    assert outcome.told == {Way.WEBHOOK: 1}
    assert "ALERT_MAIL_SECURITY=none" in outcome.failed[Way.MAIL].what


@pytest.mark.parametrize("answer", [(500, "oops"), (404, "no_service")])
def test_a_webhook_that_refuses_is_tried_with_every_look(house: House, answer: tuple[int, str]) -> None:
    house.hook.answers += [answer, answer]
    house.fail()
    assert house.look().told == {Way.MAIL: 1}
    house.wait()
    assert house.look().told == {}
    house.wait()
    assert house.look().told == {Way.WEBHOOK: 1}
    assert len(house.mail.messages) == 1


def test_two_that_look_at_once_tell_it_once(house: House) -> None:
    house.fail()
    outcomes: list[object] = []
    start = threading.Barrier(4)

    def one() -> None:
        start.wait()
        try:
            outcomes.append(house.look().told)
        except TransientError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(house.mail.messages), len(house.hook.received)) == (1, 1)
    assert [told for told in outcomes if told] == [{Way.MAIL: 1, Way.WEBHOOK: 1}]


def test_who_looks_while_somebody_else_does_is_told_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with leases.hold(house.toci, looking.LEASE, "another"):
        settings = house.settings()
        with pytest.raises(LeaseTakenError, match="another"):
            looking.look(house.toci, settings, {}, (), "a test", now=house.now, wait_seconds=0)


def test_what_was_found_is_remembered_without_any_way_and_told_once_there_is_one(house: House) -> None:
    house.fail()
    settings = house.settings()
    looking.look(house.toci, settings, {}, house.jobs, "a test", now=house.now, wait_seconds=5)
    (row,) = house.rows().values()
    assert (row.sent_at, row.told_by) == (None, None)
    house.wait()
    assert house.look().told == {Way.MAIL: 1, Way.WEBHOOK: 1}
    (row,) = house.rows().values()
    assert row.sent_at == house.now
    assert row.told_by == "mail@2026-11-26T12:01:00Z, webhook@2026-11-26T12:01:00Z"


def test_a_long_outage_does_not_flood(house: House) -> None:
    """Four hours in which everything fails every ten minutes, comes well now and then, and problems come and go."""
    for step in range(24):
        house.wait(10 * MINUTE)
        if step % 5:
            house.fail(STOCK, error_kind="TemuTransient", may_pass=True, attempt=2)
            house.fail(ORDERS, error_kind="ConfigurationError")
        else:
            house.succeed(STOCK)
        house.report("order_held", {"PO-1": ("No address.", "wait.")} if step % 2 else {})
        house.look()
    assert 12 < len(house.mail.messages) < 20
    assert len(house.mail.messages) == len(house.hook.received)


def test_an_outage_of_a_week_is_seven_messages(house: House) -> None:
    for _ in range(7 * 6):
        house.look()
        house.fail(STOCK, error_kind="TemuTransient", may_pass=True, attempt=2)
        house.wait(4 * HOUR)
    assert house.mail.subjects()[0] == "[temu-assets sandbox] temu_inventory_sync failed"
    assert set(house.mail.subjects()[1:]) == {"[temu-assets sandbox] still so: temu_inventory_sync failed"}
    assert len(house.mail.messages) == 7


def test_the_message_goes_before_it_is_written_and_no_transaction_is_open_meanwhile(house: House) -> None:
    """Another process can write while the mail server takes its time."""
    seen: list[object] = []
    taken = house.mail.handle_DATA

    async def slow(*arguments: object) -> str:
        seen.append(next(iter(house.rows().values())).sent_at)
        house.report("order_held", {"PO-1": ("No address.", "wait.")})
        return await taken(*arguments)  # type: ignore[arg-type]  # as aiosmtpd calls it

    house.mail.handle_DATA = slow  # type: ignore[method-assign,assignment]
    house.fail()
    house.look()
    assert seen == [None]
    assert next(iter(house.rows().values())).sent_at is not None
