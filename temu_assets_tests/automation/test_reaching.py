"""The sensors open Dagster's storage once, and see in each tick what is in it now."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest
from dagster._core.test_utils import create_run_for_test

from temu_assets.automation import reaching
from temu_assets.automation.news import is_under_way
from temu_assets.automation.reaching import instance_of
from temu_assets.definitions import defs


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reaching, "_kept", None)


def tick(instance: dg.DagsterInstance) -> dg.SensorEvaluationContext:
    """As the code server makes it: with nothing but the way to the instance."""
    return dg.SensorEvaluationContext(
        instance_ref=instance.get_ref(), last_tick_completion_time=None, last_run_key=None, cursor=None, repository_name=None
    )


def test_ticks_of_one_instance_share_it_and_see_what_others_write(tmp_path: Path) -> None:
    with dg.DagsterInstance.local_temp(str(tmp_path)) as daemons:
        first = instance_of(tick(daemons))
        assert not is_under_way(tick(daemons), "a_job")
        create_run_for_test(daemons, job_name="a_job", status=dg.DagsterRunStatus.STARTED)
        assert is_under_way(tick(daemons), "a_job")
        assert instance_of(tick(daemons)) is first


def test_another_instance_is_another(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with dg.DagsterInstance.local_temp(str(tmp_path)) as one, dg.DagsterInstance.local_temp(str(tmp_path / "other")) as other:
        create_run_for_test(one, job_name="a_job", status=dg.DagsterRunStatus.STARTED)
        assert is_under_way(tick(one), "a_job")
        assert not is_under_way(tick(other), "a_job")
        assert is_under_way(tick(one), "a_job")


def test_no_sensor_asks_dagster_for_resources() -> None:
    """For those Dagster opens its storage anew in each tick."""
    assert {each.name: each.required_resource_keys for each in defs.get_repository_def().sensor_defs if each.required_resource_keys} == {}
