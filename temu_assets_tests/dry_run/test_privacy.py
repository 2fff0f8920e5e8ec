"""What a dry run writes of buyers: in private files only, which go with the buyer, and soon in any case."""

from __future__ import annotations

import dataclasses
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from temu_assets.cli import main
from temu_assets.privacy.proofs import Place
from temu_assets_tests.dry_run.looking import dry_run
from temu_assets_tests.privacy.test_purge import purge
from temu_assets_tests.privacy.traces import CANARY, in_dagster, in_files
from temu_assets_tests.seller import Seller

PREVIEWS = "temu/dry_run"


def previews(seller: Seller) -> list[Path]:
    return sorted((seller.data / PREVIEWS).rglob("*.xml"))


@pytest.fixture
def shown(new_seller: Seller) -> str:
    """The canary's order, seen in a dry run and not handed over yet."""
    order = new_seller.place(address=dataclasses.replace(CANARY))
    dry_run(new_seller)
    return order


def test_the_buyer_is_in_the_file_and_nowhere_dagster_keeps(new_seller: Seller, shown: str) -> None:
    (file,) = previews(new_seller)
    assert file.stem == shown
    assert in_files(file.parent) == [file.name]
    assert in_dagster(new_seller.instance) == []
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_they_go_with_the_answers_they_were_made_of_even_of_orders_that_are_open(new_seller: Seller, shown: str) -> None:
    assert Place.DOCUMENTS not in purge(new_seller, timedelta(days=29))
    assert [file.stem for file in previews(new_seller)] == [shown]
    assert purge(new_seller, timedelta(days=31))[Place.DOCUMENTS] == 1
    assert list((new_seller.data / PREVIEWS).iterdir()) == []


def test_they_go_when_the_buyer_is_forgotten(new_seller: Seller, shown: str) -> None:
    new_seller.sandbox.shop.cancel_order(shown)
    assert new_seller.run().success
    result = CliRunner().invoke(main, ["forget", shown])
    assert result.exit_code == 0, result.output
    assert f"{PREVIEWS}/{previews_before(result.output)}" in result.output
    assert previews(new_seller) == []
    assert in_files(new_seller.data) == []


def previews_before(output: str) -> str:
    """The path below the folder of previews, as the command names it."""
    return next(line for line in output.splitlines() if PREVIEWS in line).partition(f"{PREVIEWS}/")[2].partition(":")[0]


def test_what_a_person_puts_there_stays(new_seller: Seller, shown: str) -> None:
    (file,) = previews(new_seller)
    note = file.with_name("notes.txt")
    note.write_text("looks right", encoding="utf-8")
    purge(new_seller, timedelta(days=31))
    assert not file.exists()
    assert note.exists()
    assert shown
