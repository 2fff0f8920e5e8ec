"""The list of everything in a release names every package production needs, as locked, and nothing of the tests'."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import distribution, requires
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement

from release.sbom import EXTRAS, PROJECT, sbom
from temu_assets.cli.locked import canonical, production, read_lock

Components = dict[tuple[str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def listed() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(sbom())
    return found


@pytest.fixture(scope="module")
def components(listed: dict[str, Any]) -> Components:
    return {(each["name"], each["version"]): each for each in listed["components"]}


def test_it_is_cyclonedx(listed: dict[str, Any]) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(listed)) is None
    assert listed["metadata"]["component"]["name"] == "temu-assets"


def locked_lines() -> Iterator[tuple[str, str, set[str]]]:
    """Name, version and hashes from the lock file, by another reading of it than the program's."""
    for block in re.split(r"\n(?=\S)", (PROJECT / "requirements.lock").read_text(encoding="utf-8")):
        name, version = re.match(r"(\S+)==(\S+)", block).groups()  # type: ignore[union-attr]  # every block begins so
        yield canonical(name), version, set(re.findall(r"sha256:(\w+)", block))


def needed_here() -> set[str]:
    """What an installation of the program with its extras consists of on this machine, as the installed packages say."""
    found: set[str] = set()
    todo = [("temu-assets", frozenset(EXTRAS))]
    while todo:
        name, extras = todo.pop()
        for requirement in map(Requirement, requires(name) or ()):
            wanted = [{"extra": extra} for extra in ("", *extras)]
            if requirement.marker and not any(requirement.marker.evaluate(each) for each in wanted):
                continue
            needed = canonical(requirement.name)
            if needed not in found or requirement.extras:
                todo += [(needed, frozenset(requirement.extras))] if needed not in found else []
                found.add(needed)
    return found


def test_every_package_of_an_installation_is_listed_in_its_version_with_every_hash(components: Components) -> None:
    locked = {(name, version): hashes for name, version, hashes in locked_lines()}
    for name in needed_here():
        version = distribution(name).version
        (files,) = components[name, version]["externalReferences"]
        assert {each["content"] for each in files["hashes"]} == locked[name, version] != set()
        assert components[name, version]["purl"] == f"pkg:pypi/{name}@{version}"
    assert len(needed_here()) > 70


def test_all_that_is_listed_is_locked_and_nothing_is_the_tests_or_the_linters(components: Components) -> None:
    assert set(components) <= {(name, version) for name, version, _ in locked_lines()}
    assert {name for name, _ in components}.isdisjoint({"pytest", "mypy", "ruff", "hypothesis", "pip-audit", "cyclonedx-bom", "reportlab"})


def test_a_package_for_some_systems_only_says_for_which(components: Components) -> None:
    versions = {version: each for (name, version), each in components.items() if name == "numpy"}
    assert len(versions) == 2
    assert all("python_full_version" in each["properties"][0]["value"] for each in versions.values())


def test_who_needs_whom_hangs_together(listed: dict[str, Any]) -> None:
    needs = {each["ref"]: set(each.get("dependsOn", ())) for each in listed["dependencies"]}
    reached, todo = set(), ["root"]
    while todo:
        ref = todo.pop()
        if ref not in reached:
            reached.add(ref)
            todo += needs[ref]
    assert reached == {"root", *(each["bom-ref"] for each in listed["components"])}


def test_a_lock_file_of_another_making_is_refused() -> None:
    with pytest.raises(ValueError, match="no pinned package"):
        read_lock("alembic>=1\n    --hash=sha256:" + "0" * 64)


def test_a_package_is_production_only_through_who_asks_for_it() -> None:
    ours = "    # via temu-assets (pyproject.toml)\n"
    lock = f"a==1\n    # via\n    #   b\n    #   tool\nb==1 ; sys_platform == 'win32'\n{ours}c==1\n    # via tool\n"
    assert [package.name for package in production(read_lock(lock), ["B"])] == ["a", "b"]


def test_a_release_is_a_wheel_its_lock_file_its_list_and_their_checksums(tmp_path: Path) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "release.build", str(tmp_path / "dist")], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    lines = (tmp_path / "dist" / "SHA256SUMS").read_text().splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    files = {path.name: path for path in (tmp_path / "dist").iterdir() if path.name != "SHA256SUMS"}
    assert {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()} == sums
    (wheel,) = (path for path in files.values() if path.suffix == ".whl")
    assert sum(name.endswith(".cdx.json") for name in files) == 1
    assert (files["requirements.lock"]).read_bytes() == (PROJECT / "requirements.lock").read_bytes()
    names = zipfile.ZipFile(wheel).namelist()
    assert "temu_assets/definitions.py" in names
    assert not [name for name in names if name.startswith(("temu_assets_tests", "release", "deploy"))]
