"""docs/deployment.md: everything its commands name is there, and each is a command somebody can give.

What they do is tried by the other tests of this folder, as far as it can be without root, Docker, a cluster and Windows; the page says so.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator

import click
import pytest

from temu_assets.cli import main
from temu_assets_tests.deploy.files import DEPLOY, PROJECT, SYSTEMD
from temu_assets_tests.deploy.test_containers import compose

PAGE = (PROJECT / "docs/deployment.md").read_text(encoding="utf-8")
PROGRAMS = {
    "apt-get", "cat", "cd", "chmod", "chown", "cp", "createdb", "createuser", "deploy/systemd/install.sh", "docker", "echo", "editor",
    "install",
    "helm", "journalctl", "kubectl", "ln", "mkdir", "nginx", "openssl", "pm2", "printf", "sed",
    "systemctl", "systemd-creds", "tee", "temu-assets",
}  # fmt: skip


def code() -> list[str]:
    """The lines set as code, without PowerShell's and those that are settings."""
    lines = [line.strip() for line in PAGE.splitlines() if line.startswith("    ")]
    return [line for line in lines if not re.match(r"[A-Z_]+=|\.\\|& '|Start-Service|notepad|cd C:", line)]


def commands() -> Iterator[list[str]]:
    """Each command with its words; of a pipe, each part."""
    for line in code():
        for part in line.split(" | "):
            words = shlex.split(part)
            while words[0] == "sudo" or words[0] in ("-u", "postgres"):
                words = words[1:]
            yield words


def test_the_page_has_commands() -> None:
    assert len(list(commands())) > 50
    assert {words[0] for words in commands()} <= PROGRAMS


def test_every_file_of_ours_is_there() -> None:
    made_by_hand = ("deploy/docker/secrets", "deploy/docker/shop.env", "deploy/docker/.env")
    named = {name.rstrip(".") for name in re.findall(r"deploy/[\w./*-]+", PAGE) if not name.startswith(made_by_hand)}
    assert len(named) > 12
    assert {name for name in named if not (PROJECT / name).exists()} == set()
    assert (PROJECT / "deploy/docker/shop.env.example").exists()


def test_every_unit_is_there_and_every_timer_is_switched_on() -> None:
    for name in re.findall(r"`?((?:restart-)?temu-assets(?:-\w+)*\.(?:timer|target|service))`?", PAGE):
        assert (SYSTEMD / name).exists(), name
    (enabled,) = [words for words in commands() if words[:2] == ["systemctl", "enable"]]
    assert {path.name for path in SYSTEMD.glob("*.timer")} <= set(enabled)
    for path in SYSTEMD.glob("temu-assets-*.service"):
        assert f"`{path.stem}" in PAGE, path.name


@pytest.mark.parametrize("words", [words for words in commands() if words[0] == "temu-assets"], ids=" ".join)
def test_every_command_of_ours_is_there(words: list[str]) -> None:
    if words[1] == "dagster":
        return
    command: click.Command = main
    for word in words[1:]:
        if isinstance(command, click.Group) and word in command.commands:
            command = command.commands[word]
    assert command is not main
    assert not isinstance(command, click.Group)
    options = {option for each in command.params for option in each.opts}
    assert {word for word in words if word.startswith("--")} <= options


def test_commands_of_the_units_are_there_too() -> None:
    """``alerts check`` and ``backup make`` among them."""
    for path in [*SYSTEMD.glob("*.service"), *(DEPLOY / "kubernetes").glob("*.yaml"), DEPLOY / "docker/compose.yaml"]:
        for first, second in re.findall(r"temu-assets[\" ,]+(alerts|backup|migrate|uploads)[\", ]*(\w*)", path.read_text(encoding="utf-8")):
            command = main.commands[first]
            if isinstance(command, click.Group):
                assert second in command.commands, path.name


@pytest.mark.parametrize("words", [words for words in commands() if words[:2] == ["docker", "compose"]], ids=" ".join)
def test_every_service_of_compose_is_there(words: list[str]) -> None:
    services = set(compose()["services"])
    if "exec" in words:
        assert words[words.index("exec") + 1] in services
    if "logs" in words:
        assert words[-1] in services


@pytest.mark.skipif(shutil.which("sed") is None, reason="sed is not there")
def test_the_line_that_edits_a_configuration_leaves_nothing_of_the_example() -> None:
    (line,) = [words for words in commands() if words[:2] == ["sed", "-i"]]
    result = subprocess.run(["sed", line[2], str(DEPLOY / "proxy/nginx.conf")], capture_output=True, text=True, check=True)
    assert "server_name belege.temu.firma.example;" in result.stdout
    assert "temu.example.com" not in result.stdout
