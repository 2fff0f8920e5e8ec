"""What a run tells when it cannot work, and what it never tells: a secret, or a buyer's data (fault 21)."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from temu_assets.sandbox.jtl import ParcelToShip
from temu_assets.sandbox.state import Address
from temu_assets_tests.seller import ADDRESS, AMOUNTS, CONFIRM, LIST, Seller, failure

BUYER = Address(
    name="Kanarina Geheimnis",
    street="Vogelkäfigweg 99b",
    postcode="98765",
    city="Zwitscherhausen",
    line2="Volierenhof",
    first_name="Kanarina",
    last_name="Geheimnis",
    mobile="+49 1555 7777777",
    mail="kanarina@example.invalid",
    drop_point="Nistkasten 3",
)
OF_THE_BUYER = [word for word in (*dataclasses.asdict(BUYER).values(), "Kanarina", "Vogelk", "Zwitscher") if isinstance(word, str) and word]


def told(seller: Seller) -> str:
    """Everything Dagster has stored of the runs: events, metadata, failures with their stack traces, run configuration."""
    runs = seller.instance.get_runs()
    events = [repr(entry) + dg.serialize_value(entry) for run in runs for entry in seller.instance.all_logs(run.run_id)]
    return "\n".join([*events, *map(repr, runs)])


def is_in(word: str, output: str) -> bool:
    """A postcode is five digits, and a moment's fraction of a second can be the same five by chance."""
    return re.search(rf"(?<![\d.]){word}(?!\d)", output) is not None if word.isdigit() else word in output


def secrets(seller: Seller) -> list[str]:
    access = seller.sandbox.shop.state.access
    return [access.app_secret, access.token]


def test_no_buyer_and_no_secret_in_anything_a_good_run_tells(new_seller: Seller, capfd: pytest.CaptureFixture[str]) -> None:
    """Fault 21: everybody who may look at Dagster may see all of it."""
    order = new_seller.place(address=dataclasses.replace(BUYER))
    held = new_seller.place(address=dataclasses.replace(BUYER, street="Vogelkäfigweg " * 30))
    assert new_seller.run(checks=True).success
    new_seller.sandbox.jtl.run_worker()
    new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking="00340434177000000001")])
    new_seller.sandbox.shop.change_address(held, street="Vogelkäfigweg 1 " * 30)
    assert new_seller.run(checks=True).success
    output = told(new_seller) + "".join(capfd.readouterr())
    assert order in output
    assert [word for word in [*OF_THE_BUYER, *secrets(new_seller)] if is_in(word, output)] == []


def _bad_address(seller: Seller) -> None:
    seller.fault("set_field", ADDRESS, path="receiptName", value={"first": "Kanarina Geheimnis"})


def _bad_amounts(seller: Seller) -> None:
    seller.fault("set_field", AMOUNTS, path="orderList", value="Kanarina Geheimnis")


def _talkative_refusal(seller: Seller) -> None:
    text = f"Kanarina Geheimnis, Vogelkäfigweg 99b, token {seller.sandbox.shop.state.access.token}"
    seller.fault("business_code", ADDRESS, code=222222222, message=text)


def _outage(seller: Seller) -> None:
    seller.fault("reset", LIST, times=5)


def _database_refuses(seller: Seller) -> None:
    """A server quotes the row it refuses."""
    refusal = (
        "CREATE TRIGGER refuse BEFORE UPDATE ON temu_orders WHEN NEW.recipient <> '' BEGIN SELECT RAISE(ABORT, 'no'); END"
        if seller.toci.engine.dialect.name == "sqlite"
        else "ALTER TABLE temu_orders ADD CONSTRAINT refuse CHECK (recipient = '')"
    )
    with seller.toci.engine.begin() as connection:
        connection.exec_driver_sql(refusal)


@pytest.mark.parametrize("trouble", [_bad_address, _bad_amounts, _talkative_refusal, _outage, _database_refuses])
def test_no_buyer_and_no_secret_in_anything_a_run_with_trouble_tells(
    new_seller: Seller, capfd: pytest.CaptureFixture[str], trouble: Callable[[Seller], None]
) -> None:
    """Fault 21."""
    assert new_seller.run().success
    new_seller.place(address=dataclasses.replace(BUYER))
    trouble(new_seller)
    new_seller.run(checks=True)
    output = told(new_seller) + "".join(capfd.readouterr())
    assert [word for word in [*OF_THE_BUYER, *secrets(new_seller)] if is_in(word, output)] == []


def _wrong_secret(patched: pytest.MonkeyPatch, seller: Seller) -> None:
    patched.setenv("TEMU_APP_SECRET", "wrong-secret-canary")


def _wrong_token(patched: pytest.MonkeyPatch, seller: Seller) -> None:
    patched.setenv("TEMU_ACCESS_TOKEN", "wrong-token-canary")


def _nobody_there(patched: pytest.MonkeyPatch, seller: Seller) -> None:
    patched.setenv("TEMU_API_ENDPOINT", "http://127.0.0.1:9/openapi/router")


def _missing_setting(patched: pytest.MonkeyPatch, seller: Seller) -> None:
    patched.delenv("TEMU_ACCESS_TOKEN")


def _bad_carrier_map(patched: pytest.MonkeyPatch, seller: Seller) -> None:
    table = seller.data / "carriers.csv"
    table.write_text("carrier\nDHL\n")
    patched.setenv("TEMU_CARRIER_MAP", str(table))


CANNOT_WORK = [
    (_wrong_secret, "signature invalid", "TEMU_APP_SECRET"),
    (_wrong_token, "access token missing or unknown", "TEMU_ACCESS_TOKEN"),
    (_nobody_there, LIST, "internet connection"),
    (_missing_setting, "Missing setting: TEMU_ACCESS_TOKEN", ".env"),
    (_bad_carrier_map, "carrier table (TEMU_CARRIER_MAP)", "line"),
]


@pytest.mark.parametrize(("trouble", "cause", "remedy"), CANNOT_WORK, ids=lambda value: getattr(value, "__name__", None))
def test_a_run_that_cannot_work_is_red_names_cause_and_remedy_and_heals_by_itself(
    new_seller: Seller, trouble: Callable[[pytest.MonkeyPatch, Seller], None], cause: str, remedy: str
) -> None:
    """Faults 10 and 15: never a green run that did nothing, and never one message for everything."""
    assert new_seller.run().success
    order = new_seller.place()
    with pytest.MonkeyPatch.context() as patched:
        trouble(patched, new_seller)
        message = failure(new_seller.run())
    assert cause in message
    assert "What to do: " in message
    assert remedy in message
    assert "canary" not in told(new_seller)
    assert new_seller.problems() == {}
    assert new_seller.run().success
    new_seller.sandbox.jtl.run_worker()
    assert new_seller.in_jtl(order) == 1


def test_a_folder_that_cannot_be_written_is_red_before_anything_is_handed_over(new_seller: Seller) -> None:
    """Fault 10."""
    new_seller.place()
    blocked = new_seller.data / "temu" / "export"
    blocked.parent.mkdir(parents=True)
    blocked.write_text("in the way")
    assert "cannot be written" in failure(new_seller.run())
    assert new_seller.waiting_rows() == 0
    blocked.unlink()
    assert new_seller.run().success
    assert new_seller.waiting_rows() == 1


def test_the_folder_of_answers_is_the_programs_alone(new_seller: Seller) -> None:
    """Fault 21: buyers' addresses lie there."""
    new_seller.place(address=dataclasses.replace(BUYER))
    assert new_seller.run().success
    for folder in ("api_responses", "export"):
        files = [path for path in (new_seller.data / "temu" / folder).rglob("*") if path.is_file()]
        assert files
        assert {path.stat().st_mode & 0o077 for path in files} == {0}


def test_a_red_stage_leaves_the_later_ones_undone_and_the_run_red(new_seller: Seller) -> None:
    """Fault 10."""
    new_seller.place()
    new_seller.fault("http_status", LIST, status=500, times=5)
    result = new_seller.run()
    assert not result.success
    assert result.dagster_run.is_failure_or_canceled
    assert not [event for event in result.all_events if event.event_type == dg.DagsterEventType.ASSET_MATERIALIZATION]
    assert CONFIRM not in new_seller.calls()
    assert not Path(new_seller.data / "temu" / "export").exists()
