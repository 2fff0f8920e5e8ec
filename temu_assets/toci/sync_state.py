"""Small named values a sync remembers between runs, such as up to when TEMU's orders are complete."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import Connection, delete, select

from temu_assets.crash_points import crash_point
from temu_assets.toci.tables import sync_state
from temu_assets.toci.writing import put


class Mark(StrEnum):
    """The names in use."""

    ORDERS_COMPLETE_UNTIL = "orders_complete_until"
    AMOUNTS_REFUSED_AT = "amounts_refused_at"
    TEMU_ACCESS = "temu_access"
    ADOPTED_AT = "adopted_at"
    BRAKE_RELEASED_AT = "brake_released_at"
    SKUS_GO_ON_AT = "skus_go_on_at"
    TARGETS_CALCULATED_AT = "targets_calculated_at"
    PARCELS_COMPARED_UP_TO = "parcels_compared_up_to"
    DATEV_REPORT_BEGUN = "datev_report_begun"
    TOKEN_SEEN = "token_seen"  # noqa: S105 — the name of a mark
    ALERTS_LOOKED = "alerts_looked"
    ALERT_MAIL = "alert_mail"
    ALERT_WEBHOOK = "alert_webhook"


def read(connection: Connection, shop: str, mark: Mark) -> str | None:
    """The remembered value, or None when there is none yet."""
    return connection.execute(
        select(sync_state.c.value).where(sync_state.c.shop == shop, sync_state.c.name == mark.value)
    ).scalar_one_or_none()


def read_instant(connection: Connection, shop: str, mark: Mark) -> datetime | None:
    """The remembered instant (aware UTC), or None when there is none yet."""
    value = read(connection, shop, mark)
    return None if value is None else datetime.fromisoformat(value)


def remember_instant(connection: Connection, shop: str, mark: Mark, value: datetime, *, now: datetime) -> None:
    """Remember an instant, inside the caller's transaction."""
    remember(connection, shop, mark, value.astimezone(UTC).isoformat(), now=now)


def remember(connection: Connection, shop: str, mark: Mark, value: str, *, now: datetime) -> None:
    """Remember a value, inside the caller's transaction."""
    crash_point("cursor_save_before")
    put(connection, sync_state, {"shop": shop, "name": mark.value, "value": value, "changed_at": now})
    crash_point("cursor_save_after")


def forget(connection: Connection, shop: str, mark: Mark) -> None:
    """Remember nothing under this name any more, inside the caller's transaction."""
    connection.execute(delete(sync_state).where(sync_state.c.shop == shop, sync_state.c.name == mark.value))
