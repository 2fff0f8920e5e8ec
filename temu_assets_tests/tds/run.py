"""Runs a command beside a T-SQL server: ``python -m temu_assets_tests.tds.run DRIVER COMMAND ...``.

The command finds two empty databases of it as TEST_TOCI_URL and TEST_JTL_URL, reached through ``mssqlpython``, ``freetds`` or ``odbc18``
(then TEST_ODBC_DRIVER names Microsoft's driver). PostgreSQL's binaries must be there.
"""

from __future__ import annotations

import os
import subprocess
import sys

from temu_assets_tests.databases import JTL_URL, TOCI_URL
from temu_assets_tests.tds.control import TsqlServer
from temu_assets_tests.tds.postgres import Postgres
from temu_assets_tests.tds.urls import DRIVERS


def main(driver: str, command: list[str]) -> int:
    """The command's exit code."""
    known = next(name for name in DRIVERS if name == driver)
    with Postgres() as postgres, TsqlServer(postgres) as server:
        urls = {}
        for variable, database in ((TOCI_URL, "toci_test"), (JTL_URL, "eazybusiness_test")):
            server.create_database(database)
            urls[variable] = server.url(database, known)
        return subprocess.call(command, env=os.environ | urls)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], sys.argv[2:]))
