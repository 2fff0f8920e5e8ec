"""The services and the task for Windows as far as they can be judged elsewhere, and that the program loads without Unix's own modules."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree

from temu_assets_tests.deploy.files import DEPLOY, PROJECT, read_unit

WINDOWS = DEPLOY / "windows"
SERVICES = sorted(WINDOWS.glob("temu-assets-*.xml"))
KNOWN = {
    "id", "name", "description", "executable", "arguments", "workingdirectory", "env", "startmode", "delayedAutoStart", "depend",
    "onfailure", "resetfailure", "stoptimeout", "logpath", "log", "sizeThreshold", "keepFiles", "service",
}  # fmt: skip
"""Elements of WinSW's configuration that are used; each is in its documentation (xml-config-file.md, logging-and-error-reporting.md)."""
UNIX_ONLY = ("fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty")
_LOADER = """
import importlib, pkgutil, sys
import temu_assets

def load():
    names = [each.name for each in pkgutil.walk_packages(temu_assets.__path__, "temu_assets.")]
    for name in names:
        if not name.endswith("__main__") and ".migrations" not in name:
            importlib.import_module(name)
    return len(names)

load()  # with everything others need
for name in [name for name in sys.modules if name == "temu_assets" or name.startswith("temu_assets.")]:
    del sys.modules[name]
sys.platform = "win32"
for name in {blocked}:
    sys.modules[name] = None  # importing it fails
import os, types
sys.modules["msvcrt"] = types.ModuleType("msvcrt")  # what Windows has instead
for name in ("fork", "getuid", "geteuid", "setsid", "killpg"):
    if hasattr(os, name):
        delattr(os, name)
import temu_assets
print(load())
"""


def text_of(service: etree._Element, name: str) -> str:
    return service.findtext(name) or ""


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_a_service_is_what_winsw_reads(path: Path) -> None:
    service = etree.parse(path).getroot()
    assert {str(each.tag) for each in service.iter(etree.Element)} <= KNOWN
    assert text_of(service, "id") == path.stem
    assert text_of(service, "startmode") == "Automatic"
    assert all(re.fullmatch(r"\d+ (sec|min|hour)", text_of(service, name)) for name in ("stoptimeout", "resetfailure"))
    assert {each.get("action") for each in service.findall("onfailure")} == {"restart"}
    assert "/" not in text_of(service, "executable") + text_of(service, "workingdirectory") + text_of(service, "logpath")


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_a_service_runs_what_the_unit_of_the_same_name_runs(path: Path) -> None:
    """One truth: the units are really started by a test."""
    service = etree.parse(path).getroot()
    program = text_of(service, "executable").rpartition("\\")[2].removesuffix(".exe")
    words = [program, *shlex.split(text_of(service, "arguments").replace("\\", "/"))]
    (unit,) = read_unit(f"{path.stem}.service").commands()
    assert [word.rpartition("/")[2] for word in words] == [word.rpartition("/")[2] for word in unit]
    assert (Path(sys.executable).parent / program).exists() or sys.platform == "win32"


def test_the_task_looks_every_ten_minutes() -> None:
    space = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    task = etree.parse(WINDOWS / "alerts-task.xml").getroot()
    assert task.findtext(".//t:Repetition/t:Interval", namespaces=space) == "PT10M"
    assert task.findtext(".//t:Exec/t:Command", namespaces=space) == r"@PROGRAM@\venv\Scripts\temu-assets.exe"
    assert task.findtext(".//t:Exec/t:Arguments", namespaces=space) == "alerts check"
    assert task.findtext(".//t:RunLevel", namespaces=space) == "LeastPrivilege"


def test_the_script_fills_in_what_the_files_leave_open() -> None:
    script = (WINDOWS / "install.ps1").read_text(encoding="utf-8")
    for path in WINDOWS.glob("*.xml"):
        for placeholder in re.findall(r"@[A-Z]+@", path.read_text(encoding="utf-8")):
            assert f"'{placeholder}'" in script
    for name in (path.stem.removeprefix("temu-assets-") for path in SERVICES):
        assert f"'{name}'" in script
    for source in re.findall(r'"\$source\\([\w.\\]+)"', script):
        assert (PROJECT / source.replace("\\", "/")).exists(), source


def test_the_scripts_blocks_are_closed() -> None:
    """No PowerShell here to ask; what is left open is what an edit most easily leaves behind."""
    script = re.sub(r"<#.*?#>|#.*|'[^'\n]*'|\"[^\"\n]*\"", "", (WINDOWS / "install.ps1").read_text(encoding="utf-8"), flags=re.DOTALL)
    for opening, closing in ("{}", "()", "[]"):
        assert script.count(opening) == script.count(closing), opening


@pytest.mark.skipif(sys.platform == "win32", reason="the real thing is there")
def test_everything_loads_where_unixs_own_modules_are_missing() -> None:
    loader = _LOADER.replace("{blocked}", repr(UNIX_ONLY))
    result = subprocess.run([sys.executable, "-W", "ignore", "-c", loader], capture_output=True, text=True, check=False, cwd=PROJECT)
    assert result.returncode == 0, result.stderr[-2000:]
    assert int(result.stdout) > 150
