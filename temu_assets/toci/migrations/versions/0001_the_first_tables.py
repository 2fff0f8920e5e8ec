"""The first tables

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

import temu_assets.toci.columns

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leases",
        sa.Column("shop", sa.Unicode(length=40), nullable=False),
        sa.Column("name", sa.Unicode(length=50), nullable=False),
        sa.Column("holder", sa.Unicode(length=200), nullable=False, comment="who to ask: program, run, host"),
        sa.Column("host", sa.Unicode(length=200), nullable=False),
        sa.Column(
            "process", sa.Unicode(length=100), nullable=False, comment="process id and its start, to tell a dead holder from a busy one"
        ),
        sa.Column("token", sa.BigInteger(), nullable=False, comment="grows with every change of holder"),
        sa.Column("expires_at", temu_assets.toci.columns.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "name", name=op.f("pk_leases")),
    )
    op.create_table(
        "outbox",
        sa.Column("shop", sa.Unicode(length=40), nullable=False),
        sa.Column("effect", sa.Unicode(length=20), nullable=False),
        sa.Column("key", sa.Unicode(length=60), nullable=False),
        sa.Column("state", sa.Unicode(length=10), nullable=False),
        sa.Column("reason", sa.Unicode(length=1000), nullable=True, comment="why it is parked or unclear"),
        sa.Column("evidence", sa.Unicode(length=1000), nullable=True, comment="what the other side showed"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column(
            "retry_at",
            temu_assets.toci.columns.UtcDateTime(),
            nullable=True,
            comment="a parked row is tried again then; empty: only after a person decided",
        ),
        sa.Column("created_at", temu_assets.toci.columns.UtcDateTime(), nullable=False),
        sa.Column("changed_at", temu_assets.toci.columns.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "effect", "key", name=op.f("pk_outbox")),
    )
    op.create_index(op.f("ix_outbox_shop_effect_state"), "outbox", ["shop", "effect", "state"], unique=False)
    op.create_table(
        "problems",
        sa.Column("shop", sa.Unicode(length=40), nullable=False),
        sa.Column("kind", sa.Unicode(length=50), nullable=False),
        sa.Column("key", sa.Unicode(length=100), nullable=False),
        sa.Column("reason", sa.Unicode(length=1000), nullable=False),
        sa.Column("remedy", sa.Unicode(length=1000), nullable=False),
        sa.Column("state", sa.Unicode(length=10), nullable=False),
        sa.Column("first_seen_at", temu_assets.toci.columns.UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", temu_assets.toci.columns.UtcDateTime(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "kind", "key", name=op.f("pk_problems")),
    )
    op.create_index(op.f("ix_problems_shop_state"), "problems", ["shop", "state"], unique=False)
    op.create_table(
        "raw_snapshots",
        sa.Column("shop", sa.Unicode(length=40), nullable=False),
        sa.Column("path", sa.Unicode(length=300), nullable=False, comment="below the data folder"),
        sa.Column("kind", sa.Unicode(length=20), nullable=False),
        sa.Column("content", sa.Unicode(length=20), nullable=False, comment="listing or details"),
        sa.Column(
            "window_end",
            temu_assets.toci.columns.UtcDateTime(),
            nullable=True,
            comment="the listing is complete up to then; empty: it says nothing about completeness",
        ),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Unicode(length=64), nullable=False),
        sa.Column("written_at", temu_assets.toci.columns.UtcDateTime(), nullable=False),
        sa.Column("ingested_at", temu_assets.toci.columns.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("shop", "path", name=op.f("pk_raw_snapshots")),
    )
    op.create_index(op.f("ix_raw_snapshots_shop_kind_ingested_at"), "raw_snapshots", ["shop", "kind", "ingested_at"], unique=False)
    op.create_table(
        "sync_state",
        sa.Column("shop", sa.Unicode(length=40), nullable=False),
        sa.Column("name", sa.Unicode(length=50), nullable=False),
        sa.Column("value", sa.Unicode(length=2000), nullable=False),
        sa.Column("changed_at", temu_assets.toci.columns.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "name", name=op.f("pk_sync_state")),
    )
    op.create_table(
        "temu_inventory",
        sa.Column("shop", sa.Unicode(length=40), nullable=False),
        sa.Column("sku_id", sa.Unicode(length=30), nullable=False),
        sa.Column("goods_id", sa.Unicode(length=30), nullable=False),
        sa.Column("sku", sa.Unicode(length=200), nullable=False),
        sa.Column("jtl_article_id", sa.Integer(), nullable=True, comment="JTL kArtikel"),
        sa.Column("target", sa.Integer(), nullable=True, comment="what TEMU shall show; empty: nothing known yet, nothing is sent"),
        sa.Column("reason", sa.Unicode(length=500), nullable=False, comment="the target's sum in words, or why the last one is held"),
        sa.Column("in_flight", sa.Integer(), nullable=False, comment="pieces subtracted for TEMU orders JTL did not have"),
        sa.Column("is_held", sa.Boolean(), nullable=False),
        sa.Column("temu_stock", sa.Integer(), nullable=True, comment="what TEMU is known to show; empty: unknown"),
        sa.Column("confirmed_target", sa.Integer(), nullable=True, comment="last target TEMU was seen to show"),
        sa.Column("confirmed_in_flight", sa.Integer(), nullable=True, comment="in_flight of that target"),
        sa.Column("needs_sync", sa.Boolean(), nullable=False),
        sa.Column("synced_at", temu_assets.toci.columns.UtcDateTime(), nullable=True, comment="when TEMU was last seen to show the target"),
        sa.Column("differs_since", temu_assets.toci.columns.UtcDateTime(), nullable=True),
        sa.Column("computed_at", temu_assets.toci.columns.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "sku_id", name=op.f("pk_temu_inventory")),
    )
    op.create_index(op.f("ix_temu_inventory_shop_needs_sync"), "temu_inventory", ["shop", "needs_sync"], unique=False)
    op.create_table(
        "temu_order_items",
        sa.Column("shop", sa.Unicode(length=40), nullable=False),
        sa.Column("line_id", sa.Unicode(length=50), nullable=False, comment="TEMU orderSn"),
        sa.Column("order_id", sa.Unicode(length=50), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False, comment="still to be sent: original less cancelled"),
        sa.Column("original_quantity", sa.Integer(), nullable=False),
        sa.Column("cancelled_quantity", sa.Integer(), nullable=False),
        sa.Column("goods_id", sa.Unicode(length=30), nullable=False),
        sa.Column("sku_id", sa.Unicode(length=30), nullable=False),
        sa.Column("sku", sa.Unicode(length=200), nullable=False, comment="first article number; all of them are in articles"),
        sa.Column("articles", sa.UnicodeText(), nullable=False, comment="JSON: [[article number, pieces per unit], ...]"),
        sa.Column("name", sa.Unicode(length=1000), nullable=False),
        sa.Column("variant", sa.Unicode(length=1000), nullable=False),
        sa.Column("by_seller", sa.Boolean(), nullable=False),
        sa.Column("amount_quantity", sa.Integer(), nullable=True, comment="quantity the amounts below were told for"),
        sa.Column("unit_gross_cents", sa.BigInteger(), nullable=True),
        sa.Column("unit_net_cents", sa.BigInteger(), nullable=True),
        sa.Column("total_gross_cents", sa.BigInteger(), nullable=True),
        sa.Column("tax_cents", sa.BigInteger(), nullable=True),
        sa.Column("raw_tax_rate", sa.BigInteger(), nullable=True, comment="as told; its scale is not documented"),
        sa.Column("exported_quantity", sa.Integer(), nullable=True, comment="pieces JTL was given"),
        sa.Column("reported_at", temu_assets.toci.columns.UtcDateTime(), nullable=True, comment="TEMU knows that the line has left"),
        sa.PrimaryKeyConstraint("shop", "line_id", name=op.f("pk_temu_order_items")),
    )
    op.create_index(op.f("ix_temu_order_items_shop_order_id"), "temu_order_items", ["shop", "order_id"], unique=False)
    op.create_table(
        "temu_orders",
        sa.Column("shop", sa.Unicode(length=40), nullable=False),
        sa.Column("order_id", sa.Unicode(length=50), nullable=False, comment="TEMU parentOrderSn"),
        sa.Column("status", sa.Integer(), nullable=False, comment="TEMU parentOrderStatus"),
        sa.Column("region_id", sa.Integer(), nullable=False),
        sa.Column("ordered_at", temu_assets.toci.columns.UtcDateTime(), nullable=False),
        sa.Column("paid_at", temu_assets.toci.columns.UtcDateTime(), nullable=True),
        sa.Column("ship_by", temu_assets.toci.columns.UtcDateTime(), nullable=True),
        sa.Column("temu_updated_at", temu_assets.toci.columns.UtcDateTime(), nullable=False),
        sa.Column("cancellation_requested", sa.Boolean(), nullable=False),
        sa.Column("address_change_requested", sa.Boolean(), nullable=False),
        sa.Column("address_changed", sa.Boolean(), nullable=False, comment="TEMU warns that the address was changed after the purchase"),
        sa.Column("risk_alert", sa.Boolean(), nullable=False),
        sa.Column("cash_on_delivery", sa.Boolean(), nullable=False),
        sa.Column("recipient", sa.Unicode(length=500), nullable=False),
        sa.Column("recipient_extra", sa.Unicode(length=500), nullable=False),
        sa.Column("first_name", sa.Unicode(length=500), nullable=False),
        sa.Column("last_name", sa.Unicode(length=500), nullable=False),
        sa.Column("mobile", sa.Unicode(length=100), nullable=False),
        sa.Column("mail", sa.Unicode(length=500), nullable=False),
        sa.Column("country_name", sa.Unicode(length=200), nullable=False),
        sa.Column("state", sa.Unicode(length=500), nullable=False),
        sa.Column("city", sa.Unicode(length=500), nullable=False),
        sa.Column("district", sa.Unicode(length=500), nullable=False),
        sa.Column("line1", sa.Unicode(length=1000), nullable=False),
        sa.Column("line2", sa.Unicode(length=1000), nullable=False),
        sa.Column("line3", sa.Unicode(length=1000), nullable=False),
        sa.Column("line_all", sa.Unicode(length=2000), nullable=False),
        sa.Column("postcode", sa.Unicode(length=100), nullable=False),
        sa.Column("drop_point", sa.Unicode(length=500), nullable=False),
        sa.Column(
            "address_fetched_at",
            temu_assets.toci.columns.UtcDateTime(),
            nullable=True,
            comment="empty: never read, or TEMU says it changed since",
        ),
        sa.Column("currency", sa.Unicode(length=3), nullable=True),
        sa.Column("shipping_gross_cents", sa.BigInteger(), nullable=True),
        sa.Column("shipping_net_cents", sa.BigInteger(), nullable=True),
        sa.Column("shipping_tax_cents", sa.BigInteger(), nullable=True),
        sa.Column("price_source", sa.Unicode(length=20), nullable=True),
        sa.Column(
            "amounts_fetched_at",
            temu_assets.toci.columns.UtcDateTime(),
            nullable=True,
            comment="empty: never read, or the quantities changed since",
        ),
        sa.Column("details_problem", sa.Unicode(length=1000), nullable=True, comment="why address or amounts could not be read"),
        sa.Column(
            "details_retry_at",
            temu_assets.toci.columns.UtcDateTime(),
            nullable=True,
            comment="not asked again before; empty: with the next run",
        ),
        sa.Column(
            "import_status", sa.Integer(), nullable=False, comment="the status that was imported as new when the order was last listed"
        ),
        sa.Column("hold_reason", sa.Unicode(length=40), nullable=True, comment="why the order does not go to JTL; empty: it may"),
        sa.Column("hold_detail", sa.Unicode(length=1000), nullable=True),
        sa.Column("exported_at", temu_assets.toci.columns.UtcDateTime(), nullable=True, comment="handed over to JTL, or found there"),
        sa.Column(
            "jtl_order_number", sa.Unicode(length=50), nullable=True, comment="JTL cAuftragsNr: the proof that JTL has taken the order"
        ),
        sa.Column("jtl_confirmed_at", temu_assets.toci.columns.UtcDateTime(), nullable=True),
        sa.Column(
            "exported_address_hash", sa.Unicode(length=64), nullable=True, comment="of the address JTL was given, to notice a later change"
        ),
        sa.Column("first_seen_at", temu_assets.toci.columns.UtcDateTime(), nullable=False),
        sa.Column("changed_at", temu_assets.toci.columns.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "order_id", name=op.f("pk_temu_orders")),
    )
    op.create_index(op.f("ix_temu_orders_shop_status"), "temu_orders", ["shop", "status"], unique=False)
    op.create_index(op.f("ix_temu_orders_shop_temu_updated_at"), "temu_orders", ["shop", "temu_updated_at"], unique=False)
    op.create_table(
        "temu_parcels",
        sa.Column("shop", sa.Unicode(length=40), nullable=False),
        sa.Column("parcel_id", sa.Integer(), nullable=False, comment="JTL kVersand"),
        sa.Column("order_id", sa.Unicode(length=50), nullable=False),
        sa.Column("delivery_note", sa.Unicode(length=50), nullable=False),
        sa.Column("tracking", sa.Unicode(length=255), nullable=False),
        sa.Column("shipping_method", sa.Unicode(length=255), nullable=False),
        sa.Column("shipped_at", temu_assets.toci.columns.UtcDateTime(), nullable=False),
        sa.Column("contents", sa.UnicodeText(), nullable=True, comment="JSON: [[article number, pieces], ...]; empty: JTL kept none"),
        sa.Column("order_finished", sa.Boolean(), nullable=False, comment="JTL counts the order as completely delivered"),
        sa.Column("reported_tracking", sa.Unicode(length=255), nullable=True, comment="the number TEMU was told"),
        sa.Column("reported_carrier_id", sa.BigInteger(), nullable=True),
        sa.Column("package_id", sa.Unicode(length=50), nullable=True, comment="TEMU packageSn: the proof"),
        sa.Column("reported_at", temu_assets.toci.columns.UtcDateTime(), nullable=True),
        sa.Column("first_seen_at", temu_assets.toci.columns.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "parcel_id", name=op.f("pk_temu_parcels")),
    )
    op.create_index(op.f("ix_temu_parcels_shop_order_id"), "temu_parcels", ["shop", "order_id"], unique=False)
    op.create_table(
        "temu_products",
        sa.Column("shop", sa.Unicode(length=40), nullable=False),
        sa.Column("sku_id", sa.Unicode(length=30), nullable=False),
        sa.Column("goods_id", sa.Unicode(length=30), nullable=False),
        sa.Column("sku", sa.Unicode(length=200), nullable=False, comment="TEMU skuSn = JTL cArtNr; empty: the seller gave none"),
        sa.Column("goods_name", sa.Unicode(length=1000), nullable=False),
        sa.Column("variant", sa.Unicode(length=1000), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_listed", sa.Boolean(), nullable=False, comment="was in the last complete listing"),
        sa.Column("listed_stock", sa.Integer(), nullable=False),
        sa.Column("listed_at", temu_assets.toci.columns.UtcDateTime(), nullable=False),
        sa.Column("first_seen_at", temu_assets.toci.columns.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "sku_id", name=op.f("pk_temu_products")),
    )
    op.create_index(op.f("ix_temu_products_shop_sku"), "temu_products", ["shop", "sku"], unique=False)
