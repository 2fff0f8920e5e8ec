"""What Dagster is shown, written down: nothing appears, vanishes or is renamed by accident, because people and tools go by these names."""

from __future__ import annotations

from dataclasses import replace

import dagster as dg
import pytest

from temu_assets.automation.job_plan import DEFAULTS
from temu_assets.automation.triggers import ALL_ON, Triggers
from temu_assets.definitions import build_definitions, defs
from temu_assets.operations.recording import recording_executor

ASSETS = {
    "inventory": {
        "raw_skus": {"json", "python"},
        "temu_products": {"python", "table"},
        "temu_inventory": {"python", "sqlserver"},
        "stock_deltas": {"python"},
    },
    "orders": {
        "raw_orders": {"json", "python"},
        "temu_orders": {"python", "sql"},
        "temu_order_items": {"python", "sql"},
        "jtl_order_xml": {"python", "sqlserver", "xml"},
        "order_tracking": {"python", "sql", "sqlserver"},
        "tracking_upload": {"api", "python"},
    },
    "privacy": {"personal_data": {"python", "sql"}},
    "reconciliation": {"reconciliation": {"api", "python", "sqlserver"}},
    "operations": {"job_history": {"python", "sql"}, "dagster_storage": {"python", "sql"}, "lead_times": {"python", "sql"}},
    "invoices": {
        "invoice_documents": {"file", "python"},
        "invoices": {"excel", "python"},
        "advertising_invoices": {"excel", "python"},
    },
    "bookkeeping": {
        "datev_batches": {"csv", "python"},
        "datev_processed": {"csv", "python"},
        "datev_report": {"excel", "python"},
    },
    "outside": {
        "temu_shop_orders": {"api"},
        "temu_shop_listing": {"api"},
        "temu_shop_shipments": {"api"},
        "jtl_orders": {"sqlserver"},
        "jtl_parcels": {"sqlserver"},
        "jtl_stock": {"sqlserver"},
        "invoice_inbox": {"pdf", "xml"},
        "datev_inbox": {"csv"},
        "tax_adviser": {"csv"},
    },
}
LINEAGE = {
    "raw_orders": {"temu_shop_orders"},
    "temu_orders": {"raw_orders"},
    "temu_order_items": {"raw_orders"},
    "jtl_order_xml": {"temu_orders", "temu_order_items"},
    "jtl_orders": {"jtl_order_xml"},
    "jtl_parcels": {"jtl_orders"},
    "order_tracking": {"jtl_order_xml", "jtl_parcels"},
    "tracking_upload": {"order_tracking"},
    "temu_shop_shipments": {"tracking_upload"},
    "invoice_documents": {"invoice_inbox"},
    "invoices": {"invoice_documents"},
    "advertising_invoices": {"invoice_documents"},
    "datev_batches": {"datev_inbox"},
    "datev_processed": {"datev_batches", "jtl_orders"},
    "datev_report": {"datev_processed", "jtl_orders"},
    "tax_adviser": {"datev_processed", "datev_report"},
    "reconciliation": {
        "temu_shop_orders", "temu_shop_shipments", "temu_shop_listing", "jtl_orders", "jtl_parcels",
        "temu_orders", "jtl_order_xml", "tracking_upload", "stock_deltas",
    },
}  # fmt: skip
JOBS = {
    "temu_orders_sync": set(ASSETS["orders"]),
    "temu_tracking_sync": {"order_tracking", "tracking_upload"},
    "temu_inventory_sync": {"temu_inventory", "stock_deltas"},
    "temu_inventory_full_sync": set(ASSETS["inventory"]),
    "purge_personal_data": {"personal_data"},
    "reconcile": {"reconciliation"},
    "job_statistics": {"job_history", "lead_times"},
    "clean_dagster_storage": {"dagster_storage"},
    "fetch_invoices": set(ASSETS["invoices"]),
    "datev_processing": set(ASSETS["bookkeeping"]),
}
SCHEDULES = {
    "temu_orders_sync_schedule": ("temu_orders_sync", "0 9 * * *"),
    "temu_inventory_sync_schedule": ("temu_inventory_sync", "*/30 * * * *"),
    "temu_inventory_full_sync_schedule": ("temu_inventory_full_sync", "15 3 * * *"),
    "purge_personal_data_schedule": ("purge_personal_data", "30 4 * * *"),
    "reconcile_schedule": ("reconcile", "0 5 * * *"),
    "job_statistics_schedule": ("job_statistics", "10 * * * *"),
    "clean_dagster_storage_schedule": ("clean_dagster_storage", "20 1 * * *"),
}
CHECKS = {
    "raw_orders": {"every_answer_on_disk_is_as_it_was_written", "the_order_list_was_read_completely"},
    "temu_orders": {"every_listed_order_can_be_read", "every_shippable_order_has_address_and_prices"},
    "jtl_order_xml": {
        "no_open_order_waits_for_a_person", "every_ready_order_makes_valid_xml", "jtl_has_every_order_once", "jtl_takes_every_order",
        "nothing_changed_after_export",
    },
    "tracking_upload": {"every_parcel_is_clear", "every_shipping_method_has_a_carrier", "temu_takes_every_shipment"},
    "raw_skus": {"listing_is_complete"},
    "temu_products": {"every_sku_is_readable"},
    "temu_inventory": {
        "every_sku_has_a_code", "every_sku_has_a_jtl_article", "no_code_is_used_twice", "no_sku_is_a_variation_parent",
        "no_article_is_gone_from_jtl", "every_stock_in_jtl_is_readable",
    },
    "reconciliation": {
        "no_order_was_lost", "every_order_is_as_temu_lists_it", "every_order_is_in_jtl", "no_open_order_is_cancelled_in_jtl",
        "every_order_of_jtl_is_at_temu", "no_order_became_two_in_jtl", "pieces_and_cents_agree", "jtl_reads_its_import_table",
        "every_sent_parcel_is_at_temu", "every_parcel_at_temu_was_sent", "temu_shows_the_stock_it_showed",
    },
    "job_history": {"most_runs_go_well", "no_job_fails_again_and_again", "no_run_dies"},
    "lead_times": {"what_happens_is_passed_on_within_a_minute"},
    "invoices": {"every_invoice_was_read", "every_invoice_is_clear"},
    "advertising_invoices": {"every_advertising_invoice_was_read", "every_advertising_invoice_is_clear"},
    "datev_processed": {
        "every_datev_file_was_read", "no_file_is_withheld", "no_datev_errors", "every_order_number_is_known_to_jtl",
    },
    "datev_report": {"no_document_is_in_two_files", "no_second_invoice_for_a_temu_order"},
    "stock_deltas": {"temu_accepts_every_stock", "temu_shows_what_was_sent", "the_brake_is_off"},
}  # fmt: skip

GRAPH = defs.resolve_asset_graph()
EVERY_ASSET = sorted(GRAPH.get_all_asset_keys())


def test_dagster_can_load_everything() -> None:
    dg.Definitions.validate_loadable(defs)


def test_the_assets_are_these_in_these_groups_with_these_kinds() -> None:
    found: dict[str, dict[str, set[str]]] = {group: {} for group in ASSETS}
    for key in EVERY_ASSET:
        node = GRAPH.get(key)
        found.setdefault(node.group_name, {})[key.to_user_string()] = set(node.kinds)
    assert found == ASSETS


def test_the_lineage_of_an_order_runs_from_the_buyer_back_to_the_buyer() -> None:
    assert {name: {key.to_user_string() for key in GRAPH.get(dg.AssetKey(name)).parent_keys} for name in LINEAGE} == LINEAGE


@pytest.mark.parametrize("key", EVERY_ASSET, ids=lambda key: key.to_user_string())
def test_every_asset_says_what_it_is_and_every_one_of_ours_who_looks_after_it(key: dg.AssetKey) -> None:
    node = GRAPH.get(key)
    assert node.description
    assert node.kinds
    assert bool(node.owners) is node.is_executable
    if node.is_executable and node.group_name == "orders":
        assert "When red" in node.description or "Written in one transaction" in node.description


def test_the_jobs_run_these_stages_in_one_process() -> None:
    found = {}
    for job in defs.jobs or ():
        definition = defs.resolve_job_def(job.name)
        assert definition.description
        assert definition.executor_def is recording_executor
        found[job.name] = {key.to_user_string() for key in definition.asset_layer.selected_asset_keys}
    assert found == JOBS


def test_the_schedules_tick_in_german_time() -> None:
    found = {}
    for schedule in defs.schedules or ():
        assert isinstance(schedule, dg.ScheduleDefinition)
        assert schedule.execution_timezone == "Europe/Berlin"
        assert schedule.description
        found[schedule.name] = (schedule.job_name, schedule.cron_schedule)
    assert found == SCHEDULES


def test_the_sensors_look_this_often_and_start_these_jobs() -> None:
    found = {
        sensor.name: ({target.job_name for target in sensor.targets}, sensor.minimum_interval_seconds) for sensor in defs.sensors or ()
    }
    assert found == {
        "temu_orders_sensor": ({"temu_orders_sync"}, 15),
        "jtl_parcels_sensor": ({"temu_tracking_sync"}, 15),
        "jtl_stock_sensor": ({"temu_inventory_sync"}, 15),
        "invoice_files_sensor": ({"fetch_invoices"}, 30),
        "datev_files_sensor": ({"datev_processing"}, 30),
        "retry_sensor": (set(JOBS), 15),
        "dead_runs_sensor": (set(), 30),
        "alerts_sensor": (set(), 60),
    }


def states(triggers: Triggers) -> dict[str, str]:
    definitions = build_definitions(triggers)
    return {trigger.name: trigger.default_status.value for trigger in [*(definitions.schedules or ()), *(definitions.sensors or ())]}


@pytest.mark.parametrize("are_on", [True, False])
def test_schedules_and_sensors_start_by_themselves_only_where_they_may(are_on: bool) -> None:
    assert set(states(Triggers(DEFAULTS, on_by_default=are_on)).values()) == {"RUNNING" if are_on else "STOPPED"}


def test_what_the_jobs_file_switches_on_is_on_with_what_looks_after_runs_and_nothing_else() -> None:
    jobs = {**DEFAULTS.jobs, "reconcile": replace(DEFAULTS.jobs["reconcile"], enabled=True)}
    found = states(Triggers(replace(DEFAULTS, jobs=jobs), on_by_default=False))
    looking_after = {sensor.name for sensor in DEFAULTS.sensors.values() if sensor.looks_after_runs}
    assert {name for name, state in found.items() if state == "RUNNING"} == {"reconcile_schedule"} | looking_after


def test_what_the_jobs_file_switches_off_is_off_and_still_there() -> None:
    sensors = {**DEFAULTS.sensors, "temu_orders_sensor": replace(DEFAULTS.sensors["temu_orders_sensor"], enabled=False)}
    found = states(Triggers(replace(DEFAULTS, sensors=sensors), on_by_default=True))
    assert found.keys() == states(ALL_ON).keys()
    assert [name for name, state in found.items() if state == "STOPPED"] == ["temu_orders_sensor"]


def test_the_plan_knows_every_job_and_every_sensor_and_no_other() -> None:
    assert set(DEFAULTS.jobs) == {job.name for job in defs.jobs or ()}
    assert set(DEFAULTS.sensors) == {sensor.name for sensor in defs.sensors or ()}


def test_every_schedule_has_the_time_limit_of_its_job_and_no_run_by_hand_has_one() -> None:
    for schedule in defs.schedules or ():
        assert isinstance(schedule, dg.ScheduleDefinition)
        limit = DEFAULTS.jobs[schedule.job_name].time_limit_seconds
        (request,) = schedule.evaluate_tick(dg.build_schedule_context()).run_requests or ()
        assert request.tags["dagster/max_runtime"] == str(limit)
    for job in defs.jobs or ():
        assert "dagster/max_runtime" not in defs.resolve_job_def(job.name).run_tags


def test_every_job_shows_what_is_configured_for_it() -> None:
    for name, job in DEFAULTS.jobs.items():
        definition = defs.resolve_job_def(name)
        shown = {key: value.value for key, value in definition.metadata.items()}
        assert (shown["cron"], shown["time_limit_seconds"], shown["retries"], shown["retry_delay_seconds"]) == (
            job.cron or "none",
            job.time_limit_seconds,
            job.retries,
            job.retry_delay_seconds,
        )
        assert f"may take {job.time_limit_seconds} s" in (definition.description or "")


def test_the_checks_are_these_and_none_stops_a_later_stage() -> None:
    found: dict[str, set[str]] = {}
    for key in GRAPH.asset_check_keys:
        found.setdefault(key.asset_key.to_user_string(), set()).add(key.name)
        spec = GRAPH.get(key)
        assert spec.description
        assert not spec.blocking
    assert found == CHECKS
