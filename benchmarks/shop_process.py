"""TEMU and JTL-Wawi of the sandbox in a process of their own, so that their work is not counted as the program's.

``ShopProcess`` starts ``python -m benchmarks.shop_process``; what happens in the shop meanwhile goes through the sandbox's admin endpoints.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from benchmarks.full_size import make_shop
from temu_assets.sandbox.run import open_sandbox

PROJECT = Path(__file__).parent.parent
NO_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True)
class Access:
    """What a program needs to reach the shop."""

    endpoint: str
    app_key: str
    app_secret: str
    access_token: str
    jtl_database_url: str

    def environment(self, data: Path, *, calls_per_second: float = NO_LIMIT) -> dict[str, str]:
        """The settings of a real shop that lead here; our own database and files lie in ``data``."""
        return {
            "TEMU_APP_KEY": self.app_key,
            "TEMU_APP_SECRET": self.app_secret,
            "TEMU_ACCESS_TOKEN": self.access_token,
            "TEMU_API_ENDPOINT": self.endpoint,
            "TEMU_REQUESTS_PER_SECOND": str(calls_per_second),
            "TEMU_DATA_DIR": str(data),
            "JTL_DATABASE_URL": self.jtl_database_url,
        }


class ShopProcess:
    """A shop with so many ordinary orders and further SKUs, served until the end of the block. ``folder`` must not exist yet."""

    def __init__(self, folder: Path, *, orders: int, skus: int = 0, latency_ms: float = 20, limit: int = 0) -> None:
        self._command = [sys.executable, "-m", "benchmarks.shop_process", str(folder)]
        self._command += [f"--orders={orders}", f"--skus={skus}", f"--latency-ms={latency_ms}", f"--limit={limit}"]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        told = self._process.stdout.readline()
        if not told:
            raise RuntimeError(f"The shop did not start: {' '.join(self._command)}")
        self.access = Access(**json.loads(told))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.send_signal(signal.SIGINT)
        self._process.wait(timeout=60)

    def admin(self, method: str, path: str, **details: Any) -> Any:
        """Call an admin endpoint of the sandbox (``temu_assets/sandbox/admin.py``), and give its answer."""
        base = self.access.endpoint.split("/openapi", maxsplit=1)[0]
        answer = httpx.request(method, f"{base}/admin/{path}", timeout=600, trust_env=False, **details)
        answer.raise_for_status()
        return answer.json()


def _serve(folder: Path, *, orders: int, skus: int, latency_ms: float, limit: int) -> None:
    make_shop(folder, orders=orders, skus=skus)
    with open_sandbox(folder, latency_ms=latency_ms, requests_per_second=limit or None) as sandbox:
        access = sandbox.shop.state.access
        told = {
            "endpoint": sandbox.server.url,
            "app_key": access.app_key,
            "app_secret": access.app_secret,
            "access_token": access.token,
            "jtl_database_url": sandbox.jtl.url,
        }
        print(json.dumps(told), flush=True)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
        os._exit(0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--skus", type=int, default=0)
    parser.add_argument("--latency-ms", type=float, default=20)
    parser.add_argument("--limit", type=int, default=0, help="Calls per second TEMU allows; 0: any number.")
    given = parser.parse_args()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    _serve(given.folder, orders=given.orders, skus=given.skus, latency_ms=given.latency_ms, limit=given.limit)
