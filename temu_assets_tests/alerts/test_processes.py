"""Processes of their own: one after the other, at once, and killed between sending and writing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import temu_assets
from temu_assets.crash_points import AT
from temu_assets_tests.alerts.conftest import House

ROOT = Path(temu_assets.__file__).parent.parent


def start(house: House, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "temu_assets_tests.alerts.child", house.now.isoformat()],
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    out, err = process.communicate(timeout=60)
    assert process.returncode in (0, -signal.SIGKILL), err
    return process.returncode, out.strip()


def test_a_process_that_starts_anew_tells_nothing_again_and_two_at_once_tell_it_once(house: House) -> None:
    house.fail()
    both = [start(house) for _ in range(2)]
    assert sorted(ended(process) for process in both) == [(0, ""), (0, "mail=1 webhook=1")]
    assert (len(house.mail.messages), len(house.hook.received)) == (1, 1)
    house.wait()
    assert ended(start(house)) == (0, "")


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_one_that_is_killed_after_it_has_sent_sends_again_and_loses_nothing(house: House) -> None:
    """At least once: that a message arrives twice is the price of none being lost."""
    house.fail()
    assert ended(start(house, **{AT: "alert_sent#1"})) == (-signal.SIGKILL, "")
    assert (len(house.mail.messages), len(house.hook.received)) == (1, 0)
    house.wait()
    # The dead one's lease is taken over at once.
    assert ended(start(house)) == (0, "mail=1 webhook=1")
    assert (len(house.mail.messages), len(house.hook.received)) == (2, 1)
    house.wait()
    assert house.look().told == {}
