"""One host with every service running, for all tests that ask it; test_services.py comes last and stops it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest

from temu_assets_tests.api.server import until
from temu_assets_tests.deploy.installed import Installed, installed

HOST_NAME = "temu.example.com"
EVERY_MINUTE = """\
[jobs.temu_inventory_sync]
enabled = true
cron = "* * * * *"
[jobs.temu_orders_sync]
enabled = false
[sensors.temu_orders_sensor]
enabled = false
"""


@pytest.fixture(scope="package")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """Everything the units start, and a schedule that ticks every minute."""
    if "TEST_DEPLOYMENT" not in os.environ:
        pytest.skip("starts every service and waits for a schedule: set TEST_DEPLOYMENT=1")
    if sys.platform != "linux":
        pytest.skip("systemd's units are for Linux")
    root = tmp_path_factory.mktemp("host")
    (root / "jobs.toml").write_text(EVERY_MINUTE, encoding="utf-8")
    settings = (
        f"TEMU_JOBS_FILE={root}/jobs.toml\nTEMU_REQUESTS_PER_SECOND=2000\n"
        f"UPLOAD_PROXY_USER_HEADER=X-Forwarded-User\nUPLOAD_HOSTS=belege.{HOST_NAME}\n"
    )
    with installed(root, settings=settings) as host:
        host.start()
        until(host.is_well, f"all services to be well; see {root}/*.log")
        yield host
