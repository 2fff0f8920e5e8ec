"""What is deployed is the version that is here."""

from __future__ import annotations

import importlib.metadata
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
NAMING = ["deploy/docker/compose.yaml", "deploy/kubernetes/values.yaml", "deploy/kubernetes/migrate-job.yaml", "docs/deployment.md"]
VERSION = importlib.metadata.version("temu-assets")


@pytest.mark.parametrize("name", NAMING)
def test_the_image_has_the_version_of_the_program(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    found = set(re.findall(r"temu-assets:(\d+\.\d+\.\d+)|^ +tag: (\d+\.\d+\.\d+)$", text, re.MULTILINE))
    assert {first or second for first, second in found} == {VERSION}


def test_the_changes_of_this_version_are_written_down_first() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (\S+)", text, re.MULTILINE)[0] == VERSION
