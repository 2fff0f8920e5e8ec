"""Somebody who follows ``docs/api.md``: copies each block into a shell, a Python or a database, and looks at what comes."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from sqlalchemy import text

from temu_assets.toci.database import Toci
from temu_assets_tests.api.answers import differences
from temu_assets_tests.api.page import KEPT, Block
from temu_assets_tests.api.server import PROJECT, Server

SHOWN_SERVER = "http://127.0.0.1:3000"
SHOWN_PROXY = "https://dagster.example.com"
SHOWN_HOST = "dagster.example.com"


@dataclass
class Reader:
    """Sits in the server's folder. ``output`` is what the last block gave; variables last from block to block."""

    server: Server
    proxy_url: str
    toci: Toci
    output: str = ""
    python: dict[str, object] = field(default_factory=dict)
    rows: list[tuple[object, ...]] = field(default_factory=list)
    followed: set[str] = field(default_factory=set)

    def follow(self, block: Block) -> None:
        """Run a block, keep it as a file, or hold what it shows against what the last one gave."""
        code = self.as_here(block.code)
        if block.language == "sh":
            self.output = self.type(code)
        elif block.language == "python":
            written = StringIO()
            with redirect_stdout(written):
                exec(compile(code, f"api.md, line {block.line}", "exec"), self.python)
            self.output = written.getvalue()
        elif block.language == "sql":
            with self.toci.engine.connect() as connection:
                self.rows = [tuple(row) for row in connection.execute(text(code))]
        elif block.language in KEPT:
            kept = self.server.folder / KEPT[block.language]
            kept.touch(mode=0o600)
            kept.write_text(code, encoding="utf-8")
        elif block.language == "json":
            found = differences(json.loads(code), json.loads(self.output))
            assert not found, f"line {block.line}: {found}"
        else:
            assert self.output.strip() == code.strip(), f"line {block.line}"

    def type(self, code: str) -> str:
        """What a shell prints for these lines; fails unless each of them goes well."""
        state = self.server.folder / "shell_state"
        state.touch()
        lines = f"set -a; . ./shell_state\n{code}\n{{ export -p; declare -f; }} > shell_state"
        home = {"HOME": str(self.server.folder)}
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", lines], cwd=self.server.folder, env=self.server.environment | home,
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, f"{code}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def variable(self, name: str) -> str:
        """What a variable of the shell holds."""
        return self.type(f'printf %s "${name}"')

    def as_here(self, code: str) -> str:
        """A block with this server's addresses and programs in place of those the page names."""
        here = {
            SHOWN_SERVER: self.server.url,
            SHOWN_PROXY: self.proxy_url,
            SHOWN_HOST: "127.0.0.1",
            ".venv/bin/": f"{Path(sys.executable).parent}/",
            "-w workspace.yaml": f"-w {PROJECT / 'workspace.yaml'}",
        }
        for shown, real in here.items():
            code = code.replace(shown, real)
        return code
