from __future__ import annotations

import ast
from pathlib import Path

import temu_assets.sandbox


def test_the_sandbox_shares_no_code_with_the_program_it_judges() -> None:
    folder = Path(temu_assets.sandbox.__file__).parent
    imported = {
        name
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
        if name.startswith("temu_assets")
    }
    assert {name for name in imported if not name.startswith("temu_assets.sandbox")} == set()
