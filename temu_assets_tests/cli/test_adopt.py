from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, inspect, text

from temu_assets.definitions import defs
from temu_assets.toci.database import open_engine
from temu_assets_tests.adoption import predecessor
from temu_assets_tests.adoption.predecessor import exported, number, order, product, shipped
from temu_assets_tests.cli.conftest import Run

TODAY = datetime.now(ZoneInfo("Europe/Berlin")).replace(tzinfo=None, microsecond=0)


@pytest.fixture
def engine(run: Run) -> Iterator[Engine]:
    engine = open_engine(SecretStr("sqlite:///data/sandbox/toci.db"))
    yield engine
    engine.dispose()


@pytest.fixture
def theirs(engine: Engine) -> Engine:
    """A predecessor's database with a little of everything."""
    with engine.begin() as connection:
        predecessor.build(
            connection,
            of_orders=[
                order(1, kaufdatum=TODAY - timedelta(days=20)),
                order(2, bestell_id=None),
                exported(3, kaufdatum=TODAY - timedelta(days=40), bestellstatus="In Klärung"),
                shipped(4, "1", temu_gemeldet=True, kaufdatum=TODAY - timedelta(days=300)),
            ],
            of_products=[product(1), product(2, sku_id=None)],
        )
    return engine


def tables(engine: Engine) -> set[str]:
    with engine.begin() as connection:
        return set(inspect(connection).get_table_names())


def test_where_nothing_is_to_adopt_it_says_so_and_makes_nothing(run: Run, engine: Engine) -> None:
    result = run("adopt")
    assert (result.exit_code, result.output) == (0, "Our database holds no tables of the predecessor: there is nothing to adopt.\n")
    assert tables(engine) == set()
    assert run("migrate").exit_code == 0
    assert run("adopt").output == result.output


def test_the_report_says_what_was_taken_over_and_what_was_not(run: Run, theirs: Engine) -> None:
    result = run("adopt")
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[:14] == [
        "Taken over for the shop 'sandbox':",
        "",
        "                theirs    taken over    left out",
        "orders               4             3           1",
        "exported             2             2           0",
        "reported             1             1           0",
        "cancelled            0             0           0",
        "items                4             3           1",
        "products             2             1           1",
        "Left out of orders: 1 x without an order number (row 2)",
        "Left out of items: 1 x its order was left out or is not there (row 2)",
        "Left out of products: 1 x without TEMU's SKU id (the next listing brings it) (row 2)",
        "Order status not understood, taken as to be shipped until TEMU is asked: 1 x 'In Klärung'",
        "Addresses and prices are asked from TEMU again where they are needed. Stock (temu_inventory) is calculated afresh.",
    ]
    assert "(2 orders are open, the oldest of " in result.output
    assert '"days_back": 42' in result.output
    assert not any(word in result.output for word in predecessor.BUYER.values())


def test_a_second_time_says_when_it_was_done_and_counts_the_same(run: Run, theirs: Engine) -> None:
    first, second = run("adopt"), run("adopt")
    assert second.exit_code == 0
    head, *rest = second.output.splitlines()
    assert re.fullmatch(r"Taken over for the shop 'sandbox' on [\d-]+ [\d:]+ UTC already; nothing was changed\. What it was:", head)
    assert rest == first.output.splitlines()[1:]


def test_a_dry_run_reports_and_changes_nothing(run: Run, theirs: Engine) -> None:
    before = tables(theirs)
    dry = run("adopt", "--dry-run")
    assert dry.exit_code == 0
    assert dry.output.endswith("Nothing was changed. Without --dry-run this is taken over.\n")
    assert tables(theirs) == before
    assert dry.output.splitlines()[1:13] == run("adopt").output.splitlines()[1:13]


def test_the_commands_of_the_next_steps_can_be_used_as_they_are_printed(run: Run, theirs: Engine) -> None:
    output = run("adopt").output
    (line,) = (line for line in output.splitlines() if "dagster asset materialize" in line)
    words = shlex.split(line)
    config = json.loads(words[words.index("--config-json") + 1])
    keys = words[words.index("--select") + 1].split(",")
    look = dg.define_asset_job("look", dg.AssetSelection.assets(*keys))
    job = dg.Definitions(assets=defs.assets, jobs=[look], resources=defs.resources).resolve_job_def("look")
    assert {node.name for node in job.nodes} == {"raw_orders", "orders_in_our_database"}
    assert dg.validate_run_config(job, config)

    (drops,) = (line for line in output.splitlines() if "DROP TABLE" in line)
    with theirs.begin() as connection:
        for statement in drops.split(";")[:-1]:
            connection.execute(text(statement))
    assert not any(name.startswith("predecessor_") for name in tables(theirs))
    assert run("adopt").output.startswith("Our database holds no tables of the predecessor")


def test_what_cannot_be_told_apart_is_refused_in_plain_words(run: Run, theirs: Engine) -> None:
    with theirs.begin() as connection:
        connection.execute(text("CREATE TABLE predecessor_temu_orders (id INTEGER)"))
    result = run("adopt")
    assert result.exit_code == 1
    assert "beside others that were moved aside before" in result.output
    assert "What to do:" in result.output
    assert number(1) not in result.output


def test_every_other_command_names_this_one(run: Run, theirs: Engine) -> None:
    for command in ("migrate", "problems"):
        result = run(command)
        assert result.exit_code == 1
        assert "`temu-assets adopt`" in result.output
