"""The first tables

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic.operations import Operations

from temu_assets.toci.columns import UtcDateTime, text_type

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade(op: Operations) -> None:
    op.create_table(
        "leases",
        sa.Column("shop", text_type(40), nullable=False),
        sa.Column("name", text_type(50), nullable=False),
        sa.Column("holder", text_type(200), nullable=False, comment="who to ask: program, run, host"),
        sa.Column("host", text_type(200), nullable=False),
        sa.Column("process", text_type(100), nullable=False, comment="process id and its start, to tell a dead holder from a busy one"),
        sa.Column("token", sa.BigInteger(), nullable=False, comment="grows with every change of holder"),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "name", name=op.f("pk_leases")),
    )
    op.create_table(
        "outbox",
        sa.Column("shop", text_type(40), nullable=False),
        sa.Column("effect", text_type(20), nullable=False),
        sa.Column("key", text_type(60), nullable=False),
        sa.Column("state", text_type(10), nullable=False),
        sa.Column("reason", text_type(1000), nullable=True, comment="why it is parked or unclear"),
        sa.Column("evidence", text_type(1000), nullable=True, comment="what the other side showed"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column(
            "retry_at",
            UtcDateTime(),
            nullable=True,
            comment="a parked row is tried again then; empty: only after a person decided",
        ),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "effect", "key", name=op.f("pk_outbox")),
    )
    op.create_index(op.f("ix_outbox_shop_effect_state"), "outbox", ["shop", "effect", "state"], unique=False)
    op.create_table(
        "problems",
        sa.Column("shop", text_type(40), nullable=False),
        sa.Column("kind", text_type(50), nullable=False),
        sa.Column("key", text_type(100), nullable=False),
        sa.Column("reason", text_type(1000), nullable=False),
        sa.Column("remedy", text_type(1000), nullable=False),
        sa.Column("state", text_type(10), nullable=False),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "kind", "key", name=op.f("pk_problems")),
    )
    op.create_index(op.f("ix_problems_shop_state"), "problems", ["shop", "state"], unique=False)
    op.create_table(
        "raw_snapshots",
        sa.Column("shop", text_type(40), nullable=False),
        sa.Column("path", text_type(300), nullable=False, comment="below the data folder"),
        sa.Column("kind", text_type(20), nullable=False),
        sa.Column("content", text_type(20), nullable=False, comment="listing or details"),
        sa.Column(
            "window_end",
            UtcDateTime(),
            nullable=True,
            comment="the listing is complete up to then; empty: it says nothing about completeness",
        ),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("sha256", text_type(64), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("ingested_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("shop", "path", name=op.f("pk_raw_snapshots")),
    )
    op.create_index(op.f("ix_raw_snapshots_shop_kind_ingested_at"), "raw_snapshots", ["shop", "kind", "ingested_at"], unique=False)
    op.create_table(
        "sync_state",
        sa.Column("shop", text_type(40), nullable=False),
        sa.Column("name", text_type(50), nullable=False),
        sa.Column("value", text_type(2000), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "name", name=op.f("pk_sync_state")),
    )
    op.create_table(
        "temu_inventory",
        sa.Column("shop", text_type(40), nullable=False),
        sa.Column("sku_id", text_type(30), nullable=False),
        sa.Column("goods_id", text_type(30), nullable=False),
        sa.Column("sku", text_type(200), nullable=False),
        sa.Column("jtl_article_id", sa.Integer(), nullable=True, comment="JTL kArtikel"),
        sa.Column("target", sa.Integer(), nullable=True, comment="what TEMU shall show; empty: nothing known yet, nothing is sent"),
        sa.Column("reason", text_type(500), nullable=False, comment="the target's sum in words, or why the last one is held"),
        sa.Column("in_flight", sa.Integer(), nullable=False, comment="pieces subtracted for TEMU orders JTL did not have"),
        sa.Column("is_held", sa.Boolean(), nullable=False),
        sa.Column("temu_stock", sa.Integer(), nullable=True, comment="what TEMU is known to show; empty: unknown"),
        sa.Column("confirmed_target", sa.Integer(), nullable=True, comment="last target TEMU was seen to show"),
        sa.Column("confirmed_in_flight", sa.Integer(), nullable=True, comment="in_flight of that target"),
        sa.Column("needs_sync", sa.Boolean(), nullable=False),
        sa.Column("synced_at", UtcDateTime(), nullable=True, comment="when TEMU was last seen to show the target"),
        sa.Column("differs_since", UtcDateTime(), nullable=True),
        sa.Column("computed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "sku_id", name=op.f("pk_temu_inventory")),
    )
    op.create_index(op.f("ix_temu_inventory_shop_needs_sync"), "temu_inventory", ["shop", "needs_sync"], unique=False)
    op.create_table(
        "temu_order_items",
        sa.Column("shop", text_type(40), nullable=False),
        sa.Column("line_id", text_type(50), nullable=False, comment="TEMU orderSn"),
        sa.Column("order_id", text_type(50), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False, comment="still to be sent: original less cancelled"),
        sa.Column("original_quantity", sa.Integer(), nullable=False),
        sa.Column("cancelled_quantity", sa.Integer(), nullable=False),
        sa.Column("goods_id", text_type(30), nullable=False),
        sa.Column("sku_id", text_type(30), nullable=False),
        sa.Column("sku", text_type(200), nullable=False, comment="first article number; all of them are in articles"),
        sa.Column("articles", text_type(), nullable=False, comment="JSON: [[article number, pieces per unit], ...]"),
        sa.Column("name", text_type(1000), nullable=False),
        sa.Column("variant", text_type(1000), nullable=False),
        sa.Column("by_seller", sa.Boolean(), nullable=False),
        sa.Column("amount_quantity", sa.Integer(), nullable=True, comment="quantity the amounts below were told for"),
        sa.Column("unit_gross_cents", sa.BigInteger(), nullable=True),
        sa.Column("unit_net_cents", sa.BigInteger(), nullable=True),
        sa.Column("total_gross_cents", sa.BigInteger(), nullable=True),
        sa.Column("tax_cents", sa.BigInteger(), nullable=True),
        sa.Column("raw_tax_rate", sa.BigInteger(), nullable=True, comment="as told; its scale is not documented"),
        sa.Column("exported_quantity", sa.Integer(), nullable=True, comment="pieces JTL was given"),
        sa.Column("reported_at", UtcDateTime(), nullable=True, comment="TEMU knows that the line has left"),
        sa.PrimaryKeyConstraint("shop", "line_id", name=op.f("pk_temu_order_items")),
    )
    op.create_index(op.f("ix_temu_order_items_shop_order_id"), "temu_order_items", ["shop", "order_id"], unique=False)
    op.create_table(
        "temu_orders",
        sa.Column("shop", text_type(40), nullable=False),
        sa.Column("order_id", text_type(50), nullable=False, comment="TEMU parentOrderSn"),
        sa.Column("status", sa.Integer(), nullable=False, comment="TEMU parentOrderStatus"),
        sa.Column("region_id", sa.Integer(), nullable=False),
        sa.Column("ordered_at", UtcDateTime(), nullable=False),
        sa.Column("paid_at", UtcDateTime(), nullable=True),
        sa.Column("ship_by", UtcDateTime(), nullable=True),
        sa.Column("temu_updated_at", UtcDateTime(), nullable=False),
        sa.Column("cancellation_requested", sa.Boolean(), nullable=False),
        sa.Column("address_change_requested", sa.Boolean(), nullable=False),
        sa.Column("address_changed", sa.Boolean(), nullable=False, comment="TEMU warns that the address was changed after the purchase"),
        sa.Column("risk_alert", sa.Boolean(), nullable=False),
        sa.Column("cash_on_delivery", sa.Boolean(), nullable=False),
        sa.Column("recipient", text_type(500), nullable=False),
        sa.Column("recipient_extra", text_type(500), nullable=False),
        sa.Column("first_name", text_type(500), nullable=False),
        sa.Column("last_name", text_type(500), nullable=False),
        sa.Column("mobile", text_type(100), nullable=False),
        sa.Column("mail", text_type(500), nullable=False),
        sa.Column("country_name", text_type(200), nullable=False),
        sa.Column("state", text_type(500), nullable=False),
        sa.Column("city", text_type(500), nullable=False),
        sa.Column("district", text_type(500), nullable=False),
        sa.Column("line1", text_type(1000), nullable=False),
        sa.Column("line2", text_type(1000), nullable=False),
        sa.Column("line3", text_type(1000), nullable=False),
        sa.Column("line_all", text_type(2000), nullable=False),
        sa.Column("postcode", text_type(100), nullable=False),
        sa.Column("drop_point", text_type(500), nullable=False),
        sa.Column(
            "address_fetched_at",
            UtcDateTime(),
            nullable=True,
            comment="empty: never read, or TEMU says it changed since",
        ),
        sa.Column("currency", text_type(3), nullable=True),
        sa.Column("shipping_gross_cents", sa.BigInteger(), nullable=True),
        sa.Column("shipping_net_cents", sa.BigInteger(), nullable=True),
        sa.Column("shipping_tax_cents", sa.BigInteger(), nullable=True),
        sa.Column("price_source", text_type(20), nullable=True),
        sa.Column(
            "amounts_fetched_at",
            UtcDateTime(),
            nullable=True,
            comment="empty: never read, or the quantities changed since",
        ),
        sa.Column("details_problem", text_type(1000), nullable=True, comment="why address or amounts could not be read"),
        sa.Column(
            "details_retry_at",
            UtcDateTime(),
            nullable=True,
            comment="not asked again before; empty: with the next run",
        ),
        sa.Column(
            "import_status", sa.Integer(), nullable=False, comment="the status that was imported as new when the order was last listed"
        ),
        sa.Column("hold_reason", text_type(40), nullable=True, comment="why the order does not go to JTL; empty: it may"),
        sa.Column("hold_detail", text_type(1000), nullable=True),
        sa.Column("exported_at", UtcDateTime(), nullable=True, comment="handed over to JTL, or found there"),
        sa.Column("jtl_order_number", text_type(50), nullable=True, comment="JTL cAuftragsNr: the proof that JTL has taken the order"),
        sa.Column("jtl_confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("exported_address_hash", text_type(64), nullable=True, comment="of the address JTL was given, to notice a later change"),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "order_id", name=op.f("pk_temu_orders")),
    )
    op.create_index(op.f("ix_temu_orders_shop_status"), "temu_orders", ["shop", "status"], unique=False)
    op.create_index(op.f("ix_temu_orders_shop_temu_updated_at"), "temu_orders", ["shop", "temu_updated_at"], unique=False)
    op.create_table(
        "temu_parcels",
        sa.Column("shop", text_type(40), nullable=False),
        sa.Column("parcel_id", sa.Integer(), nullable=False, comment="JTL kVersand"),
        sa.Column("order_id", text_type(50), nullable=False),
        sa.Column("delivery_note", text_type(50), nullable=False),
        sa.Column("tracking", text_type(255), nullable=False),
        sa.Column("shipping_method", text_type(255), nullable=False),
        sa.Column("shipped_at", UtcDateTime(), nullable=False),
        sa.Column("contents", text_type(), nullable=True, comment="JSON: [[article number, pieces], ...]; empty: JTL kept none"),
        sa.Column("order_finished", sa.Boolean(), nullable=False, comment="JTL counts the order as completely delivered"),
        sa.Column("reported_tracking", text_type(255), nullable=True, comment="the number TEMU was told"),
        sa.Column("reported_carrier_id", sa.BigInteger(), nullable=True),
        sa.Column("package_id", text_type(50), nullable=True, comment="TEMU packageSn: the proof"),
        sa.Column("reported_at", UtcDateTime(), nullable=True),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "parcel_id", name=op.f("pk_temu_parcels")),
    )
    op.create_index(op.f("ix_temu_parcels_shop_order_id"), "temu_parcels", ["shop", "order_id"], unique=False)
    op.create_table(
        "temu_products",
        sa.Column("shop", text_type(40), nullable=False),
        sa.Column("sku_id", text_type(30), nullable=False),
        sa.Column("goods_id", text_type(30), nullable=False),
        sa.Column("sku", text_type(200), nullable=False, comment="TEMU skuSn = JTL cArtNr; empty: the seller gave none"),
        sa.Column("goods_name", text_type(1000), nullable=False),
        sa.Column("variant", text_type(1000), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_listed", sa.Boolean(), nullable=False, comment="was in the last complete listing"),
        sa.Column("listed_stock", sa.Integer(), nullable=False),
        sa.Column("listed_at", UtcDateTime(), nullable=False),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "sku_id", name=op.f("pk_temu_products")),
    )
    op.create_index(op.f("ix_temu_products_shop_sku"), "temu_products", ["shop", "sku"], unique=False)
