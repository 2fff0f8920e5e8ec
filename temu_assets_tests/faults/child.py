"""A process of its own that runs a job for every line it is told, and says how it ended: ``python -m temu_assets_tests.faults.child``."""

from __future__ import annotations

import sys

import dagster as dg

from temu_assets_tests.seller import WITHOUT_CHECKS


def main() -> None:
    """Until there is nothing more to read."""
    _say("ready")
    with dg.DagsterInstance.ephemeral() as instance:
        for line in sys.stdin:
            job = WITHOUT_CHECKS.resolve_job_def(line.strip())
            result = job.execute_in_process(instance=instance, raise_on_error=False)
            _say("green" if result.success else "red")


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
