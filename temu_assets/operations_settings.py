"""The settings of running the program for years: jobs, dry run, how long history is kept; read with all others by ``settings.py``."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, Field


class OperationSettings(BaseModel):
    """When jobs run, whether anything leaves the house, and how long is kept what they did."""

    temu_jobs_file: Path | None = Field(default=None, description="TOML with what differs per job: on, cron, time limit, retries, delay.")
    temu_dry_run: bool = Field(default=False, description="Compute and show everything, write nothing into JTL and send nothing to TEMU.")
    temu_keep_runs_days: int = Field(
        default=30, ge=1, description="Days Dagster keeps runs that went well; the last one of each asset stays."
    )
    temu_keep_failed_runs_days: int = Field(default=90, ge=1, description="Days Dagster keeps runs that failed.")
    temu_keep_history_days: int = Field(default=730, ge=0, description="Days our own history of runs is kept (job_runs). 0: for ever.")
