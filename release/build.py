"""``python -m release.build [FOLDER]``: the wheel, the locked packages, the SBOM and the checksums of a release, in ``dist/``."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from release.sbom import PROJECT, sbom
from temu_assets.cli.locked import LOCK

CHECKSUMS = "SHA256SUMS"


def build(folder: Path) -> list[Path]:
    """Make everything anew; the folder is emptied first. Returns the files, checksums last. Raises CalledProcessError with pip's word."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as temporary:
        # From a copy: what an earlier build left behind would get into the wheel.
        source = Path(temporary)
        shutil.copytree(PROJECT / "temu_assets", source / "temu_assets", ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("pyproject.toml", "README.md"):
            shutil.copy(PROJECT / name, source)
        wheel = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
        subprocess.run([*wheel, "--wheel-dir", str(folder), str(source)], check=True)  # noqa: S603 — our own interpreter
    (made,) = folder.glob("*.whl")
    shutil.copy(PROJECT / LOCK, folder)
    (folder / f"{'-'.join(made.name.split('-')[:2])}.cdx.json").write_text(sbom(), encoding="utf-8")
    files = sorted(folder.iterdir())
    sums = "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)
    (folder / CHECKSUMS).write_text(sums, encoding="ascii")
    return [*files, folder / CHECKSUMS]


if __name__ == "__main__":
    for path in build(Path(*sys.argv[1:2] or ["dist"])):
        sys.stdout.write(f"{path}\n")
