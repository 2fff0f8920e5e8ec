"""A virtual environment with this program and what it needs to run, nothing else: ``python3 deploy/make_release.py FOLDER``.

Every package is one that ``requirements.lock`` names, and has the hash that stands there; what is only needed for developing (tests,
linters) is fetched and checked with the others, but not installed. Used by ``deploy/systemd/install.sh`` and by the container image.
"""

# ruff: noqa: INP001, S603  # a script beside no package, which starts pip

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
EXTRAS = "sqlserver,postgresql"


def main(arguments: list[str]) -> None:
    """Make the folder, which must not exist yet. Further arguments are lock files like ours, all of which is installed as well."""
    if not arguments or sys.version_info < (3, 11):
        sys.exit("Usage: python3 deploy/make_release.py FOLDER [LOCK ...] (Python 3.11 or newer)")
    folder, locks = Path(arguments[0]), [PROJECT / "requirements.lock", *map(Path, arguments[1:])]
    if folder.exists():
        sys.exit(f"{folder} exists already; remove it first.")
    venv.create(folder, with_pip=True)
    pip = [str(folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"), "-m", "pip", "--disable-pip-version-check"]
    with tempfile.TemporaryDirectory() as temporary:
        wheels, source = Path(temporary, "wheels"), Path(temporary, "source")
        for lock in locks:
            subprocess.run([*pip, "download", "--quiet", "--no-deps", "--require-hashes", "-r", str(lock), "-d", str(wheels)], check=True)
        # Built from a copy: what an earlier build left behind would get into the package, and the project may be read-only.
        source.mkdir()
        shutil.copytree(PROJECT / "temu_assets", source / "temu_assets", ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("pyproject.toml", "README.md"):
            shutil.copy(PROJECT / name, source)
        more = _names(locks[1:])
        subprocess.run([*pip, "install", "--quiet", "--no-index", "--find-links", str(wheels), f"{source}[{EXTRAS}]", *more], check=True)
    subprocess.run([*pip, "check"], check=True)
    # Nothing installs anything there any more; a version that is not locked would only be something to keep up to date.
    subprocess.run([*pip, "uninstall", "--quiet", "--yes", "setuptools", "pip"], check=True)
    # `temu-assets doctor` compares what is installed with it.
    shutil.copy(locks[0], folder)


def _names(locks: list[Path]) -> list[str]:
    """The packages lock files name, as they stand at the beginning of a line: ``name==version``."""
    lines = (line for lock in locks for line in lock.read_text(encoding="utf-8").splitlines())
    return [line.split()[0] for line in lines if "==" in line and not line.startswith((" ", "#"))]


if __name__ == "__main__":
    main(sys.argv[1:])
