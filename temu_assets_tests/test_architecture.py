"""How the parts may depend on each other, read from the source, and what importing the program must not do."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import temu_assets

ROOT = Path(temu_assets.__file__).parent
DOMAINS = {"orders", "inventory", "invoices", "bookkeeping", "reconciliation"}

# Imports point down this list, or stay inside one part. A new part gets its place here.
LAYERS = [
    {"cli"},
    {"definitions", "adoption", "backup"},
    {"automation", "uploads"},
    {"privacy", "operations", "alerts"},
    DOMAINS,
    {"problem_checks"},
    {"stage", "previews"},
    {"resources"},
    {"connections", "snapshots"},
    {"temu", "jtl", "toci"},
    {"settings", "incoming", "sheets"},
    {"alert_settings"},
    {"sql", "durable", "office_settings", "operations_settings", "secret_files", "settings_read"},
    {"redaction"},
    {"errors", "texts", "crash_points", "data_folders", "dry_run", "memory", "run_origin", "time_limit", "private_files"},
]
LEVEL = {part: level for level, parts in enumerate(LAYERS) for part in parts}

# What decides: values in, values out.
RULES = {
    "orders": {
        "address", "allotment", "countries", "from_temu", "holds", "jtl_format", "jtl_order", "jtl_xml", "jtl_xml_check", "names",
        "order", "order_preview", "parcels", "pricing", "shipment", "vat",
    },
    "backup": {"manifest"},
    "adoption": {"orders", "products", "report", "statuses", "values"},
    "privacy": {"rules"},
    "alerts": {"answers", "facts", "kinds", "message", "payloads", "plan", "rules", "wording"},
    "reconciliation": {"at_temu", "contents", "facts", "in_jtl", "kinds", "parcels", "stock"},
    "inventory": {"brake", "calculation", "deltas", "guards", "plan", "stock", "stock_preview"},
    "invoices": {
        "agreement", "e_invoice", "e_invoice_cii", "e_invoice_decoding", "e_invoice_kinds", "e_invoice_profiles",
        "e_invoice_reading", "e_invoice_terms", "e_invoice_ubl", "e_invoice_values", "e_invoice_xml", "figures", "file_kinds",
        "judging", "page_lines", "reading", "sheet", "text_amounts", "text_dates", "text_document", "text_folding", "text_ids",
        "text_kind", "text_labels", "text_layout", "text_money", "text_parties", "text_reading", "text_recognition", "text_tax",
        "text_values", "unreadable", "visibility",
    },
    "bookkeeping": {
        "booking", "columns", "corrections", "cross_checks", "document_field", "duplicates", "extf", "file_checks", "finding_log",
        "findings", "header", "header_checks", "marketplaces", "origin", "processing", "row_checks", "row_checks_accounts",
        "row_checks_amounts", "row_checks_dates", "row_checks_locks", "row_checks_tax", "row_checks_texts", "rules", "splitting",
        "sums", "temu_guard", "totals", "vat_rates", "zips",
    },
    "uploads": {"sniffing"},
}  # fmt: skip
NOT_IN_RULES = {"dagster", "sqlalchemy", "httpx", "os", "time", "socket", "threading", "pathlib"}

# Each takes a tenth of a second or more to import, and a run needs it seldom.
HEAVY = {"pandas", "lxml", "alembic", "openpyxl", "pypdfium2"}


@dataclass(frozen=True)
class Module:
    """One file of the program: its dotted name below ``temu_assets``, and its syntax tree."""

    name: str
    tree: ast.Module

    @property
    def part(self) -> str:
        return self.name.split(".")[0]


@dataclass(frozen=True)
class Import:
    """One import: what is imported, in which line, and whether it happens as soon as the module is imported."""

    target: str
    line: int
    is_at_import: bool


def modules() -> list[Module]:
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix("__init__").strip(".")
        if name:
            found.append(Module(name, ast.parse(path.read_text(encoding="utf-8"))))
    return found


def imports(module: Module) -> Iterator[Import]:
    late = {
        id(inner)
        for function in ast.walk(module.tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(function)
    }
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module.name}:{node.lineno} imports relatively"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            yield Import(name, node.lineno, id(node) not in late)


def own_part(target: str) -> str | None:
    package, _, rest = target.partition(".")
    return rest.split(".")[0] if package == "temu_assets" and rest else None


MODULES = modules()
every_module = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)


@every_module
def test_imports_point_one_way(module: Module) -> None:
    if module.part in {"sandbox", "__main__"}:
        return
    assert module.part in LEVEL, f"'{module.part}' has no place in LAYERS yet"
    wrong = [
        f"line {found.line}: {found.target}"
        for found in imports(module)
        if (part := own_part(found.target)) is not None
        and part != module.part
        and not (part == "sandbox" and module.part == "cli")
        and (part not in LEVEL or LEVEL[part] <= LEVEL[module.part])
    ]
    assert wrong == []


@every_module
def test_the_sandbox_stands_alone(module: Module) -> None:
    """What it answers must not come from the code it is there to try."""
    parts = {own_part(found.target) for found in imports(module)} - {None}
    if module.part == "sandbox":
        assert parts <= {"sandbox"}
    elif module.part != "cli":
        assert "sandbox" not in parts


def test_every_rule_module_is_there() -> None:
    assert {f"{domain}.{name}" for domain, names in RULES.items() for name in names} <= {module.name for module in MODULES}


@pytest.mark.parametrize(
    "module",
    [module for module in MODULES if module.name.rpartition(".")[2] in RULES.get(module.part, ())],
    ids=lambda module: module.name,
)
def test_a_rule_knows_no_framework_no_database_no_network_no_file_and_no_clock(module: Module) -> None:
    wrong = [found.target for found in imports(module) if found.target.split(".")[0] in NOT_IN_RULES]
    clock = [
        ast.unparse(node)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today"} and isinstance(node.value, ast.Name)
    ]
    assert wrong + clock == []


@every_module
def test_what_is_slow_to_import_is_imported_where_it_is_used(module: Module) -> None:
    if module.name.startswith(("sandbox.", "toci.migrations.")) or module.name == "toci.migrate":
        return
    wrong = [found.target for found in imports(module) if found.is_at_import and found.target.split(".")[0] in HEAVY]
    assert wrong == []


WATCHED_IMPORT = """
import os, sys
import dagster
asked = []
read = os._Environ.__getitem__
def watched(self, name):
    if name.startswith(("TEMU_APP", "TEMU_ACCESS", "JTL_DATABASE", "TOCI_DATABASE", "SQL_", "UPLOAD_TOKEN")):
        asked.append(name)
    return read(self, name)
os._Environ.__getitem__ = watched
def watch(event, args):
    if event in {"socket.connect", "socket.bind", "socket.getaddrinfo", "subprocess.Popen", "sqlite3.connect"}:
        asked.append(f"{event} {args}")
    if event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+") and ".pyc" not in str(args[0]):
        asked.append(f"writes {args[0]}")
sys.addaudithook(watch)
import importlib
for name in sys.argv[1:]:
    importlib.import_module(name)
print("parts", *asked)
asked.clear()
import temu_assets.definitions
print("definitions", *(entry for entry in asked if " " in entry))
print("loaded", *(name for name in ("pandas", "lxml", "alembic", "temu_assets.sandbox") if name in sys.modules))
"""

LOADED = """
import sys
import dagster
before = set(sys.modules)
import temu_assets.definitions
print(*sorted(set(sys.modules) - before))
"""
ONLY_FOR_WORK = {
    # What reaches databases and the network, and what reads and writes files of any kind.
    "sqlalchemy", "sqlite3", "pyodbc", "psycopg", "httpx", "httpcore", "h11", "rich", "smtplib", "xml", "multiprocessing.pool",
    "numpy", *HEAVY,
}  # fmt: skip
WORK = {"jtl", "temu", "sandbox", "snapshots", "connections", "incoming", "durable", "sheets", "adoption", "backup", "cli", "uploads"}
"""Parts of the program that no definition needs."""
NAMED = {"assets", "checks", "external", "kinds"}
"""All that a domain may load for its definitions, beside what ``LIGHT`` names."""
LIGHT = {"bookkeeping.findings", "bookkeeping.statuses"}


def test_loading_the_definitions_loads_what_they_say_and_not_what_does_the_work() -> None:
    """Every process of Dagster's loads them, and most of them run one stage or none."""
    run = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True, env=_without_settings())
    loaded = set(run.stdout.split())
    ours = {name.removeprefix("temu_assets.") for name in loaded if name.startswith("temu_assets.")}
    assert ours >= {f"{domain}.assets" for domain in DOMAINS}
    wrong = {name for name in loaded if name in ONLY_FOR_WORK or name.split(".")[0] in ONLY_FOR_WORK}
    wrong |= {name for name in ours if name.split(".")[0] in WORK}
    wrong |= {name for name in ours - LIGHT - DOMAINS if name.split(".")[0] in DOMAINS and name.split(".")[1] not in NAMED}
    assert wrong == set()


def _without_settings() -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TEMU_", "JTL_", "TOCI_", "SQL_"))}
    return environment | {"PYTHONPATH": str(ROOT.parent)}


def test_importing_the_program_reads_no_secret_touches_nothing_and_loads_nothing_slow(tmp_path: Path) -> None:
    """The definitions alone look at the settings, to know whether triggers start by themselves; that needs no settings that are right."""
    parts = [
        f"temu_assets.{module.name}"
        for module in MODULES
        if module.part not in {"sandbox", "cli", "definitions", "__main__"} and not module.name.startswith("toci.migrat")
    ]
    wrong_settings = dict.fromkeys(("TEMU_APP_KEY", "TEMU_APP_SECRET", "TEMU_ACCESS_TOKEN", "JTL_DATABASE_URL", "JTL_WAREHOUSES"), "wrong")
    run = subprocess.run(
        [sys.executable, "-c", WATCHED_IMPORT, *parts],
        env=_without_settings() | wrong_settings,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == ["parts", "definitions", "loaded"]
    assert list(tmp_path.iterdir()) == []


ENTRIES = ("asset", "multi_asset", "multi_asset_check", "sensor")
HARMLESS = {"time.monotonic", "dg.AssetKey", "dg.MaterializeResult", "sorted"}
"""What cannot fail on a value, so that it may stand outside."""


def test_what_dagster_calls_fails_plainly_only() -> None:
    """Whatever goes wrong in a stage, a check or a sensor passes ``told_plainly``, which keeps values out of Dagster's history."""
    entries, outside = 0, []
    for module in modules():
        for function in ast.walk(module.tree):
            if isinstance(function, ast.FunctionDef) and _is_called_by_dagster(function):
                entries += 1
                outside += [f"{module.name}.{function.name}: {call}" for call in _calls_outside(function) if call not in HARMLESS]
    assert entries > 9
    assert outside == []


def _is_called_by_dagster(function: ast.FunctionDef) -> bool:
    return any(ast.unparse(decorator).startswith(tuple(f"dg.{entry}(" for entry in ENTRIES)) for decorator in function.decorator_list)


def _calls_outside(function: ast.FunctionDef) -> list[str]:
    plain = [
        block
        for block in ast.walk(function)
        if isinstance(block, ast.With) and ast.unparse(block.items[0].context_expr) == "told_plainly()"
    ]
    inside = {id(node) for block in plain for node in ast.walk(block)}
    body = [node for statement in function.body for node in ast.walk(statement)]
    return [ast.unparse(node.func) for node in body if isinstance(node, ast.Call) and id(node) not in inside]
