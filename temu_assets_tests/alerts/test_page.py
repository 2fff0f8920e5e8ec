"""The page for an administrator says what the code does: kinds, days, times and settings."""

from __future__ import annotations

import re
from pathlib import Path

from temu_assets.alert_settings import AlertSettings, WebhookKind
from temu_assets.alerts import plan, rules, token, without_database
from temu_assets.alerts.collecting import LOOK_BACK, STARTED_BY_SCHEDULE_WITHIN
from temu_assets.alerts.kinds import REMINDED, AlertKind

PAGE = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text(encoding="utf-8")
ROWS = {cells[1].strip(" `"): cells[2:] for line in PAGE.splitlines() if len(cells := line.split("|")) == 6}


def test_every_kind_is_explained_and_no_other() -> None:
    assert ROWS.keys() - {"kind", "---"} == {*AlertKind}


def test_what_is_told_again_daily_is_what_is_reminded_of() -> None:
    assert {kind for kind in AlertKind if "daily" in ROWS[kind][1]} == REMINDED


def test_every_setting_and_every_kind_of_webhook_is_named() -> None:
    words = {word for quoted in re.findall(r"`([^`\n]+)`", PAGE) for word in quoted.split("=")}
    assert {name.upper() for name in AlertSettings.model_fields} <= words
    assert {*WebhookKind} <= words


def test_the_numbers_are_those_of_the_code() -> None:
    hours, minutes = 3600, 60
    days = ", ".join(map(str, rules.TOKEN_DAYS[:-1]))
    assert f"ends in {days} or {rules.TOKEN_DAYS[-1]} days, or has ended (`{rules.EXPIRED}`)" in PAGE
    assert f"every {token.ASK_EVERY.total_seconds() / hours:.0f} hours" in PAGE
    assert f"less than {rules.LOW_DISK_BYTES / 1e9:.0f} GB is free" in PAGE
    assert f"{rules.ENOUGH_DISK_BYTES / 1e9:.1f} GB are free" in PAGE
    assert f"for {rules.WAY_FAILS_AFTER.total_seconds() / minutes:.0f} minutes; the other way says so" in PAGE
    assert f"cannot be used for {without_database.AWAY_FOR.total_seconds() / minutes:.0f} minutes" in PAGE
    assert f"how long silence is fine ({AlertSettings().alert_nothing_ran_hours:.0f})" in PAGE
    assert f"nobody tried again within {LOOK_BACK.days} days" in PAGE
    assert f"within the last {STARTED_BY_SCHEDULE_WITHIN.days} days" in PAGE
    assert rules.LONGEST_WAIT.total_seconds() == 2 * hours
    assert "not gone well for two hours" in PAGE
    assert [most for most, _ in plan._PAUSES] == [6, 12, 24]
    assert (
        "after 6 messages within 24 hours the next ones wait and gather for 10 minutes, after 12 for half an hour, after 24 for an hour"
        in PAGE
    )
