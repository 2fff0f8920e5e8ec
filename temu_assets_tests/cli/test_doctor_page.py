"""docs/doctor.md explains every line there can be and no other, and its one-liners for monitoring do what it says."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import asdict
from pathlib import Path

import pytest

from temu_assets.cli.doctor_lines import About, Line, error, ok, warning

PAGE = (Path(__file__).parents[2] / "docs" / "doctor.md").read_text(encoding="utf-8")


def rows() -> dict[str, list[str]]:
    found = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in PAGE.splitlines() if line.startswith("| `")]
    return {cells[0].strip("`"): cells[1:] for cells in found}


def test_the_page_lists_exactly_the_lines_there_are_in_four_columns() -> None:
    assert set(rows()) == {str(about) for about in About}
    assert all(len(cells) == 3 and cells[0] for cells in rows().values())


def one_liner(program: str) -> str:
    (line,) = (line.strip() for line in PAGE.splitlines() if line.startswith("    temu-assets doctor --json |") and program in line)
    return line.partition("|")[2].strip()


@pytest.mark.parametrize("program", ["jq -r", "python3 -c"])
@pytest.mark.parametrize(
    ("lines", "exit_code"),
    [
        ([ok(About.TEMU, "fine")], 0),
        ([ok(About.TEMU, "fine"), warning(About.CLOCK, "70 s ahead", "set it")], 1),
        ([error(About.JTL, "it's away", "look"), warning(About.CLOCK, "70 s ahead", "set it")], 2),
    ],
)
def test_a_one_liner_tells_monitoring_what_it_wants(program: str, lines: list[Line], exit_code: int) -> None:
    if shutil.which(program.split()[0]) is None:
        pytest.skip(f"needs {program.split()[0]}")
    said = json.dumps({"checks": [asdict(line) for line in lines]})
    done = subprocess.run(["sh", "-c", one_liner(program)], input=said, capture_output=True, text=True, check=False)
    assert done.returncode == exit_code, done.stderr
    told = done.stdout + done.stderr
    assert all((f"{line.name}: {line.found}" in told) is (line.level != "ok") for line in lines)
