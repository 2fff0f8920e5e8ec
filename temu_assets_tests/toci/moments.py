"""Instants the tests share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 2, 1, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
MUCH_LATER = NOW + timedelta(days=1)
