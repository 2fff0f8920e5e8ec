"""The pages in ``docs/`` say what is there: no check, reason, kind, setting, fixture or fault is missing, and every command line works."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import httpx
import pytest

from temu_assets import errors
from temu_assets.definitions import defs
from temu_assets.inventory import checks as inventory_checks
from temu_assets.orders import checks as order_checks
from temu_assets.orders.holds import HoldReason
from temu_assets.reconciliation import checks as reconciliation_checks
from temu_assets.sandbox.admin import BUYER_OPERATIONS, JTL_OPERATIONS, SELLER_OPERATIONS
from temu_assets.sandbox.faults import FaultKind
from temu_assets.sandbox.fixtures import build_shop
from temu_assets.sandbox.run import RunningSandbox, open_sandbox
from temu_assets.settings import Settings

DOCS = Path(__file__).parent.parent / "docs"


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def words(name: str) -> set[str]:
    """Everything a page sets in code type."""
    return set(re.findall(r"`([^`\n]+)`", page(name)))


def watched_kinds(module: ModuleType) -> Iterator[str]:
    """The kinds of problems a module's checks watch, read from its calls of ``open_problems_of``."""
    tree = ast.parse(Path(module.__file__ or "").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "open_problems_of":
            value: object = module
            for name in ast.unparse(node.args[0]).split("."):
                value = getattr(value, name)
            yield str(value)


def test_every_check_is_explained() -> None:
    names = {key.name for check in defs.asset_checks or () for key in check.check_keys}
    assert len(names) > 30
    assert names - words("operations.md") == set()


def test_every_kind_of_problem_is_explained() -> None:
    kinds = {*watched_kinds(order_checks), *watched_kinds(inventory_checks), *watched_kinds(reconciliation_checks)}
    assert len(kinds) > 13
    assert kinds - words("operations.md") == set()


def test_every_reason_to_hold_an_order_is_explained() -> None:
    assert {reason.value for reason in HoldReason} - words("operations.md") == set()


def test_every_kind_of_error_is_explained() -> None:
    kinds = {kind.__name__ for kind in errors.TemuAssetsError.__subclasses__() if kind.__module__ == errors.__name__}
    assert kinds - words("operations.md") == set()


def as_written(default: object) -> str:
    """A default as it would be written into ``.env``; a pair of numbers is a range."""
    if isinstance(default, tuple):
        return ",".join("-".join(map(str, each)) if isinstance(each, tuple) else str(each) for each in default)
    return str(default).lower() if isinstance(default, bool) else str(default)


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_listed_with_its_default(name: str) -> None:
    rows = {cells[1].strip(): cells[2].strip() for line in page("settings.md").splitlines() if len(cells := line.split("|")) == 5}
    default = Settings.model_fields[name].default
    assert rows[f"`{name.upper()}`"] == ("" if default in (None, (), "", frozenset()) else f"`{as_written(default)}`")


def test_no_setting_is_listed_that_is_not_there() -> None:
    listed = re.findall(r"^\| `([A-Z0-9_]+)` \|", page("settings.md"), re.MULTILINE)
    assert {name.lower() for name in listed} == set(Settings.model_fields)


def test_every_named_order_fault_and_operation_of_the_sandbox_is_listed() -> None:
    there = {*build_shop(orders=0).named, *FaultKind, *BUYER_OPERATIONS, *SELLER_OPERATIONS, *JTL_OPERATIONS}
    assert {str(name) for name in there} - words("sandbox.md") == set()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with open_sandbox(tmp_path_factory.mktemp("sandbox"), orders=5) as sandbox:
        yield sandbox


def curl_lines() -> list[str]:
    return re.findall(r"^    (?:ORDER=\$\()?(curl .*?)(?: \| cut .*)?$", page("sandbox.md"), re.MULTILINE)


def test_the_page_has_command_lines_to_try() -> None:
    assert len(curl_lines()) > 20


@pytest.mark.parametrize("line", curl_lines())
def test_a_command_line_of_the_sandboxs_page_works(line: str, sandbox: RunningSandbox) -> None:
    named = sandbox.shop.named
    # JTL can ship only what it has; everything else is tried on an order that came to TEMU.
    order = named["already_in_jtl"] if "/admin/jtl" in line else named["umlauts"]
    root = sandbox.server.url.removesuffix("/openapi/router")
    filled = line.replace("$SANDBOX", root).replace("$JSON", "Content-Type: application/json").replace("$ORDER", order)
    _, silent, *arguments = shlex.split(filled)
    assert silent == "-s"
    options = {flag: arguments[place + 1] for place, flag in enumerate(arguments) if flag in ("-H", "-d", "-X")}
    (address,) = (argument for argument in arguments if argument.startswith(root))
    header, _, value = options.get("-H", "Accept: */*").partition(": ")
    method = options.get("-X", "POST" if "-d" in options else "GET")
    answer = httpx.request(method, address, headers={header: value}, content=options.get("-d"))
    assert answer.status_code == 200, answer.text


def links() -> Iterator[tuple[str, str]]:
    """Every link of a page to a file of this repository, and the page it stands on."""
    for path in (DOCS.parent / "README.md", DOCS.parent / "CHANGELOG.md", *sorted(DOCS.glob("*.md"))):
        for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
            if "://" not in target:
                yield path.relative_to(DOCS.parent).as_posix(), target


def anchors(path: Path) -> set[str]:
    """The headings of a page, as links name them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(("page_name", "target"), sorted(set(links())))
def test_a_link_leads_to_a_page_and_a_heading_that_are_there(page_name: str, target: str) -> None:
    place, _, anchor = target.partition("#")
    path = ((DOCS.parent / page_name).parent / place).resolve() if place else DOCS.parent / page_name
    assert path.exists()
    if anchor:
        assert anchor in anchors(path)
