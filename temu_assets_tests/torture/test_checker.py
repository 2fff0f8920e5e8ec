"""The judge sees each promise broken, names what breaks it, and knows nothing of the program."""

from __future__ import annotations

import ast
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from temu_assets_tests.torture import checker
from temu_assets_tests.torture.checker import INVARIANTS, Harm, Places, check
from temu_assets_tests.torture.conftest import Day
from temu_assets_tests.torture.world import buyer, put_back

FIRST = "PO-076-00210000000000010"
SECOND = "PO-076-00210000000000020"
BUNDLE = "PO-076-00210000000000030"
HELD = "PO-076-00210000000000060"
HAS_ITS_POSITIONS = "kAuftrag = (SELECT kAuftrag FROM tAuftrag WHERE cExterneAuftragsnummer = '{}')"

Change = Callable[[Places], None]


@pytest.fixture
def ended(day: Day, tmp_path: Path) -> Places:
    """A world of its own in which everything is right."""
    put_back(day.ended, tmp_path / "world")
    return Places(tmp_path / "world")


def in_jtl(*statements: str) -> Change:
    return lambda places: _execute(places.jtl, statements)


def in_ours(*statements: str) -> Change:
    return lambda places: _execute(places.ours, statements)


def _execute(database: Path, statements: tuple[str, ...]) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
            assert connection.execute("SELECT changes()").fetchone()[0] > 0, f"nothing was changed by {statement}"


def at_temu(change: Callable[[dict[str, Any]], None]) -> Change:
    def edit(places: Places) -> None:
        state = json.loads(places.temu.read_text(encoding="utf-8"))
        change(state)
        places.temu.write_text(json.dumps(state), encoding="utf-8")

    return edit


def package_of(state: dict[str, Any], order: str) -> dict[str, Any]:
    return next(package for package in state["packages"].values() if package["contents"][0]["parent_sn"] == order)


def sku(state: dict[str, Any], code: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in state["skus"].values() if each["code"] == code)
    return found


def confirmed_again(places: Places) -> None:
    """TEMU is told of a parcel twice, and refuses the second time."""
    calls = [json.loads(line) for line in places.calls.read_text(encoding="utf-8").splitlines()]
    told = next(call for call in calls if call["endpoint"] == "bg.logistics.shipment.v2.confirm" and call["verdict"] == "1000000")
    with places.calls.open("a", encoding="utf-8") as file:
        file.write(json.dumps(told | {"verdict": "120012004"}) + "\n")


def printed(text: str) -> Change:
    def say(places: Places) -> None:
        with (places.output / "runs.log").open("a", encoding="utf-8") as file:
            file.write(f"Sent to {text}.\n")

    return say


def left_in_data_folder(places: Places) -> None:
    (places.data / "temu" / "debug.txt").write_text(buyer(3).mail, encoding="utf-8")


TWICE = "INSERT INTO tXMLBestellImport (cText) SELECT cText FROM torture_handed_over WHERE cText LIKE '%{}%'"
GONE = (
    f"DELETE FROM tAuftragPosition WHERE {HAS_ITS_POSITIONS.format(FIRST)}",
    f"DELETE FROM tAuftrag WHERE cExterneAuftragsnummer = '{FIRST}'",
)
BROKEN: dict[str, tuple[Change, str, Harm, str]] = {
    "an order is missing in JTL": (
        lambda places: (in_jtl(*GONE)(places), at_temu(lambda state: state["orders"][FIRST].update(status=2))(places),
                        at_temu(lambda state: state["orders"][FIRST]["lines"][0].update(status=2))(places))[0],
        "I1", Harm.LOST, FIRST,
    ),
    "an order was handed over twice": (in_jtl(TWICE.format(FIRST)), "I1", Harm.DOUBLED, FIRST),
    "an order was handed over twice, and the worker has taken both": (
        in_jtl(TWICE.format(FIRST), "DELETE FROM tXMLBestellImport"), "I1", Harm.DOUBLED, FIRST
    ),
    "JTL has an order twice": (
        in_jtl(
            "INSERT INTO tAuftrag (cAuftragsNr, dErstellt, cExterneAuftragsnummer)"
            f" SELECT cAuftragsNr || 'X', dErstellt, cExterneAuftragsnummer FROM tAuftrag WHERE cExterneAuftragsnummer = '{FIRST}'"
        ),
        "I1", Harm.DOUBLED, FIRST,
    ),
    "JTL has an order of nobody": (
        in_jtl(f"UPDATE tAuftrag SET cExterneAuftragsnummer = 'PO-999' WHERE cExterneAuftragsnummer = '{FIRST}'"),
        "I2", Harm.WRONG, "PO-999",
    ),
    "an order went to JTL before it could be shipped": (
        at_temu(lambda state: state["orders"][FIRST].update(ready_since=None)), "I2", Harm.WRONG, FIRST
    ),
    "JTL has more pieces": (
        in_jtl(f"UPDATE tAuftragPosition SET fAnzahl = fAnzahl + 1 WHERE nType = 1 AND {HAS_ITS_POSITIONS.format(FIRST)}"),
        "I3", Harm.WRONG, FIRST,
    ),
    "JTL charges a cent more": (
        in_jtl(f"UPDATE tAuftragPosition SET fVkNetto = fVkNetto + 0.01 WHERE nType = 1 AND {HAS_ITS_POSITIONS.format(FIRST)}"),
        "I3", Harm.WRONG, FIRST,
    ),
    "JTL charges no shipping": (
        in_jtl(f"UPDATE tAuftragPosition SET fVkNetto = 0 WHERE nType = 2 AND {HAS_ITS_POSITIONS.format(FIRST)}"), "I3", Harm.WRONG, FIRST
    ),
    "JTL takes another tax": (
        in_jtl(f"UPDATE tAuftragPosition SET fMwSt = 7 WHERE nType = 1 AND {HAS_ITS_POSITIONS.format(FIRST)}"), "I3", Harm.WRONG, FIRST
    ),
    "JTL ships elsewhere": (
        in_jtl("UPDATE tAdresse SET cPLZ = '34119' WHERE nTyp = 0 AND cStrasse = 'Geheimgasse 1001'"), "I3", Harm.WRONG, FIRST
    ),
    "an order went without an address": (
        in_jtl("UPDATE torture_handed_over SET cText = replace(cText, '<cPLZ>34117</cPLZ>', '<cPLZ/>')"), "I4", Harm.WRONG, FIRST
    ),
    "an order went without a price": (
        in_jtl("UPDATE torture_handed_over SET cText = replace(cText, '<fPreisEinzelNetto>', '<fPreisEinzelNetto>-')"),
        "I4", Harm.WRONG, FIRST,
    ),
    "an order went without goods": (
        in_jtl("UPDATE torture_handed_over SET cText = replace(cText, '<cPosTyp>standard', '<cPosTyp>versandkosten')"),
        "I4", Harm.WRONG, FIRST,
    ),
    "TEMU does not know a parcel": (
        at_temu(lambda state: state["packages"].pop(package_of(state, FIRST)["package_sn"])), "I5", Harm.LOST, FIRST
    ),
    "TEMU has a parcel twice": (
        at_temu(lambda state: state["packages"].update(copy=package_of(state, FIRST) | {"package_sn": "PK-9"})),
        "I5", Harm.DOUBLED, "00340434177000000009",
    ),
    "TEMU was told of a parcel twice": (confirmed_again, "I5", Harm.DOUBLED, "again"),
    "TEMU was told another carrier": (
        at_temu(lambda state: package_of(state, FIRST).update(carrier_id=547987123)), "I5", Harm.WRONG, "told carrier GLS"
    ),
    "TEMU was told a parcel that has not left": (
        in_jtl("UPDATE tVersand SET dVersendet = NULL WHERE cIdentCode = '50000000001'"), "I5", Harm.WRONG, "before it left"
    ),
    "TEMU was told a number nobody has": (
        at_temu(lambda state: package_of(state, FIRST).update(tracking_number="4711")), "I5", Harm.WRONG, "4711"
    ),
    "TEMU was told more pieces": (
        in_jtl("UPDATE tVersandPos SET fAnzahl = 1 WHERE fAnzahl = 2"), "I5", Harm.WRONG, "told 3"
    ),
    "TEMU shows too much": (at_temu(lambda state: sku(state, "BROTDOSE-BL").update(stock=99)), "I6", Harm.WRONG, "oversells"),
    "TEMU shows a sold-out article": (
        at_temu(lambda state: sku(state, "FLASCHE-750-WS").update(stock=1)), "I6", Harm.WRONG, "0 may be sold"
    ),
    "TEMU shows too little": (at_temu(lambda state: sku(state, "BROTDOSE-BL").update(stock=0)), "I6", Harm.WRONG, "shows 0"),
    "a stock nobody can know was set": (
        at_temu(lambda state: sku(state, "NICHT-IN-JTL").update(stock=0, edited_at=1.0)), "I6", Harm.WRONG, "cannot be known"
    ),
    "an order is called done and is not": (
        in_ours(f"UPDATE temu_orders SET exported_at = '2026-01-01 00:00:00.000000' WHERE order_id = '{HELD}'"), "I7", Harm.LOST, HELD
    ),
    "an order is called another": (
        in_ours(f"UPDATE temu_orders SET jtl_order_number = 'AU0' WHERE order_id = '{FIRST}'"), "I7", Harm.WRONG, "AU0"
    ),
    "a parcel is called done without evidence": (
        in_ours("UPDATE outbox SET evidence = 'believe me' WHERE effect = 'shipment'"), "I7", Harm.LOST, "believe me"
    ),
    "a parcel is called reported under another number": (
        in_ours("UPDATE temu_parcels SET reported_tracking = '1' WHERE reported_at IS NOT NULL"), "I7", Harm.WRONG, "reported as 1"
    ),
    "a stock is called set and is not": (in_ours("UPDATE temu_inventory SET target = 77 WHERE target > 0"), "I7", Harm.WRONG, "77"),
    "a held order is in no inbox": (in_ours(f"DELETE FROM problems WHERE key = '{HELD}'"), "I8", Harm.LOST, HELD),
    "a cancelled order is in no inbox": (
        in_ours(f"UPDATE problems SET state = 'closed' WHERE key = '{BUNDLE}'"), "I8", Harm.LOST, BUNDLE
    ),
    "what is parked is in no inbox": (
        in_ours(f"UPDATE outbox SET state = 'parked' WHERE key = '{SECOND}'"), "I8", Harm.WRONG, f"{SECOND} is parked"
    ),
    "what is under way is in no inbox": (
        in_ours(f"UPDATE outbox SET state = 'sending' WHERE key = '{SECOND}'"), "I8", Harm.WRONG, f"{SECOND} is sending"
    ),
    "an answer was never taken in": (in_ours("UPDATE raw_snapshots SET ingested_at = NULL"), "I8", Harm.WRONG, "never taken in"),
    "a buyer is in the log": (printed(buyer(1).name), "I9", Harm.WRONG, "runs.log"),
    "a secret is in the log": (printed("sandbox-secret-0123456789abcdef"), "I9", Harm.WRONG, "runs.log"),
    "a buyer is in the data folder": (left_in_data_folder, "I9", Harm.WRONG, "debug.txt"),
    "a buyer is in the inbox": (
        in_ours(f"UPDATE problems SET reason = reason || '{buyer(2).street}'"), "I9", Harm.WRONG, "table problems"
    ),
    "a secret is in our database": (
        in_ours("UPDATE temu_orders SET details_problem = 'sandbox-token-de'"), "I9", Harm.WRONG, "toci.db"
    ),
}  # fmt: skip


def test_a_world_in_which_all_is_well_is_found_to_be_so(ended: Places) -> None:
    assert check(ended.folder) == []
    assert sum(1 for _ in ended.output.iterdir()) == 2
    assert buyer(1).street.encode() in ended.jtl.read_bytes()


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_named(name: str, ended: Places) -> None:
    break_it, invariant, harm, word = BROKEN[name]
    break_it(ended)
    named = [str(finding) for finding in check(ended.folder) if (finding.invariant, finding.harm) == (invariant, harm)]
    assert any(word in sentence for sentence in named), named


def test_each_invariant_is_broken_here_at_least_once() -> None:
    assert {invariant for _, invariant, _, _ in BROKEN.values()} == set(INVARIANTS)


def test_an_order_temu_refused_may_stand_in_the_inbox(ended: Places) -> None:
    BROKEN["an order is missing in JTL"][0](ended)
    in_ours(f"UPDATE problems SET key = '{FIRST}' WHERE key = '{HELD}'")(ended)
    assert any(finding.invariant == "I1" for finding in check(ended.folder))
    assert not any(finding.invariant == "I1" for finding in check(ended.folder, temu_failed=True))


def test_it_imports_nothing_but_python_and_itself() -> None:
    folder = Path(checker.__file__).parent
    own = "temu_assets_tests.torture.checker"
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert name.split(".")[0] in sys.stdlib_module_names or name == own or name.startswith(f"{own}."), f"{path.name}: {name}"


PROGRAM = """
import sys
sys.modules["temu_assets"] = None
sys.modules["sqlalchemy"] = None
from pathlib import Path
from temu_assets_tests.torture.checker import check
print(*check(Path(sys.argv[1])), sep="\\n")
print("loaded", *sorted(name for name in sys.modules if name.startswith("temu_assets.")))
"""


def test_it_judges_where_the_program_cannot_be_imported(ended: Places) -> None:
    BROKEN["an order was handed over twice"][0](ended)
    root = Path(checker.__file__).parents[3]
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(ended.folder)], capture_output=True, text=True, check=True, env={"PYTHONPATH": str(root)}
    )
    assert run.stdout.splitlines() == [f"I1 doubled: Order {FIRST} was handed to JTL 2 times.", "loaded"]
