"""systemd's own opinion of the units, what they promise to each other and to the program, and what ``install.sh`` lays down."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from temu_assets_tests.deploy.files import DEPLOY, HARDENING, PROJECT, SYSTEMD, Unit, read_unit, units
from temu_assets_tests.deploy.installed import IN_ORDER, PORTS

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not there")
needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="systemd's units and install.sh are for Linux")
OURS = [unit.name for unit in units() if unit.name.startswith("temu-assets-")]
LISTENING = [name for name in OURS if read_unit(name).one("Type") == "exec"]
WITH_SECRETS = {f"temu-assets-{name}.service" for name in ("migrate", "code", "uploads", "alerts", "backup")}
MOST_EXPOSED = 20
"""In tenths, as --threshold takes it; systemd calls up to 2.0 OK."""


def analyze(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SYSTEMD_UNIT_PATH": f"{folder}:", "SYSTEMD_COLORS": "0"}
    return subprocess.run(["systemd-analyze", *arguments], env=environment, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The units, with the programs they start where they are in this test: systemd looks whether they can be executed."""
    folder = tmp_path_factory.mktemp("units")
    shutil.copytree(SYSTEMD, folder, dirs_exist_ok=True)
    programs = Path(sys.executable).parent
    systemctl = folder / "systemctl"
    systemctl.write_text("#!/bin/sh\n", encoding="utf-8")
    systemctl.chmod(0o755)
    for file in folder.rglob("*.service"):
        text = file.read_text(encoding="utf-8").replace("/opt/temu-assets/current/bin", str(programs))
        file.write_text(text.replace("/usr/bin/systemctl", str(systemctl)), encoding="utf-8")
    return folder


@needs_systemd
def test_systemd_has_nothing_to_say_against_them(folder: Path) -> None:
    names = [file.name for kind in ("service", "timer", "target") for file in folder.glob(f"*.{kind}")]
    assert len(names) > 10
    result = analyze(folder, "verify", "--man=no", *names)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@needs_systemd
def test_systemd_would_say_what_is_wrong(folder: Path, tmp_path: Path) -> None:
    """The test above could not fail otherwise."""
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    unit = tmp_path / "temu-assets-code.service"
    unit.write_text(unit.read_text(encoding="utf-8").replace("Restart=always", "Restart=allways"), encoding="utf-8")
    assert "allways" in analyze(tmp_path, "verify", "--man=no", unit.name).stderr


@needs_systemd
@pytest.mark.parametrize("name", [unit.name for unit in units()])
def test_little_is_open_to_whoever_takes_a_service_over(name: str, folder: Path) -> None:
    result = analyze(folder, "security", "--offline=true", "--no-pager", f"--threshold={MOST_EXPOSED}", f"./{name}")
    assert result.returncode == 0, result.stdout.splitlines()[-1]


def test_stopping_waits_longer_than_any_run_may_take() -> None:
    """And asks the code server alone, which lets its runs end."""
    code = read_unit("temu-assets-code.service")
    longest = max(
        yaml.safe_load((PROJECT / name).read_text(encoding="utf-8"))["run_monitoring"]["max_runtime_seconds"]
        for name in ("dagster.yaml", "deploy/dagster-postgres.yaml")
    )
    assert int(code.one("TimeoutStopSec")) > longest
    assert code.one("KillMode") == "mixed"


@pytest.mark.parametrize("name", LISTENING)
def test_each_comes_back_is_limited_and_belongs_to_the_target(name: str) -> None:
    unit = read_unit(name)
    assert unit.one("Restart") == "always"
    assert unit.all("MemoryMax")
    assert unit.one("PartOf") == "temu-assets.target"
    assert "temu-assets-migrate.service" in unit.words("Requires")
    assert name in read_unit("temu-assets.target").words("Wants")


def test_they_start_in_this_order() -> None:
    """What a unit requires starts before it and stops after it: the daemon is gone when the code server launches nothing any more."""
    place = {f"temu-assets-{name}.service": number for number, name in enumerate(IN_ORDER)}
    for name in place:
        unit = read_unit(name)
        for required in [*unit.words("Requires"), *unit.words("Wants")]:
            if required in place:
                assert required in unit.words("After")
                assert place[required] < place[name]


def without_loopback(unit: Unit) -> list[list[str]]:
    return [command for command in unit.commands() if "-h" in command and command[command.index("-h") + 1] != "127.0.0.1"]


def test_everything_that_listens_listens_on_this_machine_only() -> None:
    assert {unit.name: found for unit in units() if (found := without_loopback(unit))} == {}
    assert yaml.safe_load((DEPLOY / "workspace.yaml").read_text(encoding="utf-8"))["load_from"][0]["grpc_server"]["host"] == "127.0.0.1"


def test_the_page_names_every_port() -> None:
    page = (PROJECT / "docs/deployment.md").read_text(encoding="utf-8")
    text = " ".join(" ".join(command) for unit in units() for command in unit.commands())
    for port in PORTS:
        assert port in text
        assert re.search(rf"\| {port} \|.*\| 127\.0\.0\.1", page), port


@pytest.mark.parametrize("name", OURS)
def test_secrets_are_where_they_are_needed_only(name: str) -> None:
    """The settings are read from ``.env`` where a service works; the others could not even open the file."""
    unit = read_unit(name)
    hidden = "-/etc/temu-assets/temu-assets.env" in unit.words("InaccessiblePaths")
    assert hidden == (name not in WITH_SECRETS)
    assert (unit.all("WorkingDirectory") == ["/var/lib/temu-assets"]) == (name in WITH_SECRETS)


def test_what_the_program_needs_is_not_locked() -> None:
    """The boot id tells a dead lease; invoice readers limit themselves; PDFium calls back into Python."""
    text = "\n".join(line for line in HARDENING.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    for harmful in ("ProcSubset", "MemoryDenyWriteExecute", "@resources", "PrivateNetwork"):
        assert harmful not in text


def tree(root: Path) -> dict[str, tuple[int, bytes]]:
    """Mode and content of everything below a folder; of a link, where it leads."""
    found = {}
    for path in sorted(root.rglob("*")):
        content = str(path.readlink()).encode() if path.is_symlink() else b"" if path.is_dir() else path.read_bytes()
        found[str(path.relative_to(root))] = (path.lstat().st_mode & 0o777, content)
    return found


def install(root: Path) -> None:
    subprocess.run([str(SYSTEMD / "install.sh")], env={**os.environ, "DESTDIR": str(root)}, check=True, capture_output=True)


@needs_linux
def test_installing_twice_is_installing_once(tmp_path: Path) -> None:
    install(tmp_path)
    once = tree(tmp_path)
    install(tmp_path)
    assert tree(tmp_path) == once
    assert once["etc/temu-assets/temu-assets.env"] == (0o640, (PROJECT / ".env.example").read_bytes())
    assert once["var/lib/temu-assets"][0] == 0o700
    assert {f"etc/systemd/system/{unit.name}" for unit in [*units(), *units("timer"), *units("target")]} <= set(once)


@needs_linux
def test_installing_again_keeps_what_the_administrator_wrote(tmp_path: Path) -> None:
    install(tmp_path)
    settings = tmp_path / "etc/temu-assets/temu-assets.env"
    settings.write_text("TEMU_SHOP=mine\n", encoding="utf-8")
    unit = tmp_path / "etc/systemd/system/temu-assets-code.service"
    unit.write_text("old", encoding="utf-8")
    install(tmp_path)
    assert settings.read_text(encoding="utf-8") == "TEMU_SHOP=mine\n"
    assert unit.read_bytes() == (SYSTEMD / unit.name).read_bytes()
