"""When a run is dry."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.dry_run import is_dry


def config(**fields: object) -> dict[str, object]:
    return {"ops": {name: {"config": {"dry_run": value}} for name, value in fields.items()}}


def test_the_setting_alone_makes_every_run_dry() -> None:
    assert is_dry({}, by_setting=True)
    assert is_dry(config(jtl_order_xml=False), by_setting=True)


def test_one_field_makes_the_whole_run_dry() -> None:
    assert is_dry(config(jtl_order_xml=False, tracking_upload=True), by_setting=False)
    assert is_dry({"ops": {"raw_orders": {"config": {"days_back": 3}}, **config(stock_deltas=True)["ops"]}}, by_setting=False)  # type: ignore[dict-item]  # what an op is given may be anything


@pytest.mark.parametrize(
    "run_config",
    [
        {},
        {"ops": {}},
        {"ops": {"jtl_order_xml": {}}},
        {"ops": {"jtl_order_xml": {"config": {}}}},
        {"ops": {"jtl_order_xml": {"config": {"dry_run": False}}}},
        {"ops": {"jtl_order_xml": {"config": {"dry_run": None}}}},
        {"dry_run": True},
        {"execution": {"config": {"dry_run": True}}},
    ],
)
def test_a_run_nobody_asked_to_be_dry_is_not(run_config: dict[str, object]) -> None:
    assert not is_dry(run_config, by_setting=False)


@pytest.mark.parametrize("value", [True, 1, "true", "false", {"env": "TEMU_DRY_RUN"}, 0])
def test_what_is_not_plainly_false_is_dry(value: object) -> None:
    assert is_dry(config(stock_deltas=value), by_setting=False)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["ops", "config", "dry_run", "x"]), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["ops", "resources", "loggers"]), anything, max_size=3))
def test_no_configuration_makes_it_fail(run_config: dict[str, object]) -> None:
    assert is_dry(run_config, by_setting=True)
    assert is_dry(run_config, by_setting=False) in (True, False)
