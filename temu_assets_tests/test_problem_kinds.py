"""Every kind of problem the program reports is watched by a check, which tells the kind, and is explained for a person."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path

import temu_assets
from temu_assets.cli.retries import RETRIES
from temu_assets.definitions import defs
from temu_assets.inventory.kinds import HeldKind
from temu_assets.invoices.kinds import Kind as InvoiceKind
from temu_assets.problem_checks import KIND
from temu_assets.reconciliation.kinds import Kind

ROOT = Path(temu_assets.__file__).parent
OPERATIONS = (ROOT.parent / "docs" / "operations.md").read_text(encoding="utf-8")
LOOPS: dict[str, dict[str, set[str]]] = {
    "temu_assets.inventory.stages": {"kind": {*HeldKind}},
    "temu_assets.reconciliation.reconciling": {"kind": {*Kind}},
    "temu_assets.invoices.reading_stage": {"kind": {*InvoiceKind}},
}
"""Where a kind is a variable, what it runs through."""


def reported_kinds() -> Iterator[str]:
    """The third argument of every call of ``problems.report`` in the program."""
    for path in sorted(ROOT.rglob("*.py")):
        name = ".".join(["temu_assets", *path.relative_to(ROOT).with_suffix("").parts])
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "problems.report":
                kind = ast.unparse(node.args[2])
                found = LOOPS.get(name, {}).get(kind)
                yield from found or [str(attrgetter(kind)(importlib.import_module(name)))]


def watched_kinds() -> dict[str, str]:
    """The check that watches each kind."""
    checks = [spec for each in defs.asset_checks or () for spec in each.check_specs]
    return {str(spec.metadata[KIND]): spec.name for spec in checks if KIND in (spec.metadata or {})}


def test_every_kind_is_watched_by_a_check_that_tells_it() -> None:
    kinds = set(reported_kinds())
    assert len(kinds) > 15
    assert kinds == watched_kinds().keys()


def test_every_kind_is_explained_in_the_row_of_its_check() -> None:
    rows = dict(re.findall(r"^\| `([a-z_]+)` \(`[a-z_]+`\) \| (?:`([a-z_]+)`)? ?\|", OPERATIONS, re.MULTILINE))
    assert {check: rows.get(check) for check in watched_kinds().values()} == {check: kind for kind, check in watched_kinds().items()}


def test_every_kind_that_can_be_tried_again_is_explained_with_its_job() -> None:
    assert RETRIES.keys() <= watched_kinds().keys()
    rows = dict(re.findall(r"^\| `([a-z_]+)` \| [^|]+ \| `([a-z_]+)` \|$", OPERATIONS, re.MULTILINE))
    assert {kind: rows.get(kind) for kind in RETRIES} == {kind: retry.job for kind, retry in RETRIES.items()}
