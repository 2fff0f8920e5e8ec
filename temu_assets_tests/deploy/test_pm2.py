"""The file for PM2, loaded by node: the same commands as the units, and the code server left alone until its runs have ended."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from temu_assets_tests.deploy.files import DEPLOY, read_unit

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")


@needs_node
def test_it_runs_what_the_units_run() -> None:
    say = "const {apps} = require(process.argv[1]); console.log(JSON.stringify(apps))"
    said = subprocess.run(["node", "-e", say, str(DEPLOY / "pm2/ecosystem.config.js")], capture_output=True, text=True, check=True).stdout
    apps = {app["name"]: app for app in json.loads(said)}
    assert list(apps) == ["temu-assets-code", "temu-assets-daemon", "temu-assets-webserver", "temu-assets-alerts"]
    for name, app in apps.items():
        unit = read_unit(f"{name}.service")
        (command,) = unit.commands()
        words = [app["script"], *app["args"].replace(str(DEPLOY), "/etc/temu-assets").split()]
        assert words == command
        assert app["instances"] == 1
    code = apps["temu-assets-code"]
    assert code["treekill"] is False
    assert code["kill_timeout"] == 1000 * int(read_unit("temu-assets-code.service").one("TimeoutStopSec"))
