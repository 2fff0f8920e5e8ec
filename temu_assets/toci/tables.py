"""The tables of our own database, with ``shop`` in every key.

Times are UTC, money is integer cents, ids of TEMU are text (14 to 17 digits, more than a spreadsheet keeps). The five names the
predecessor's documents use are kept: ``temu_orders``, ``temu_order_items``, ``temu_products``, ``temu_inventory`` and ``scheduler_logs``.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, MetaData, Table

from temu_assets.toci.columns import UtcDateTime, text_type

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)


def _shop() -> Column[str]:
    return Column("shop", text_type(40), primary_key=True)


def _text(name: str, length: int) -> Column[str]:
    return Column(name, text_type(length), nullable=False, default="")


temu_orders = Table(
    "temu_orders",
    metadata,
    _shop(),
    Column("order_id", text_type(50), primary_key=True, comment="TEMU parentOrderSn"),
    Column("status", Integer, nullable=False, comment="TEMU parentOrderStatus"),
    Column("region_id", Integer, nullable=False),
    Column("ordered_at", UtcDateTime, nullable=False),
    Column("paid_at", UtcDateTime),
    Column("ship_by", UtcDateTime),
    Column("temu_updated_at", UtcDateTime, nullable=False),
    Column("cancellation_requested", Boolean, nullable=False),
    Column("address_change_requested", Boolean, nullable=False),
    Column("address_changed", Boolean, nullable=False, comment="TEMU warns that the address was changed after the purchase"),
    Column("risk_alert", Boolean, nullable=False),
    Column("cash_on_delivery", Boolean, nullable=False),
    _text("recipient", 500),
    _text("recipient_extra", 500),
    _text("first_name", 500),
    _text("last_name", 500),
    _text("mobile", 100),
    _text("mail", 500),
    _text("country_name", 200),
    _text("state", 500),
    _text("city", 500),
    _text("district", 500),
    _text("line1", 1000),
    _text("line2", 1000),
    _text("line3", 1000),
    _text("line_all", 2000),
    _text("postcode", 100),
    _text("drop_point", 500),
    Column("address_fetched_at", UtcDateTime, comment="empty: never read, or TEMU says it changed since"),
    Column("buyer_erased_at", UtcDateTime, comment="the buyer's data were erased; TEMU is not asked for them again"),
    Column("currency", text_type(3)),
    Column("shipping_gross_cents", BigInteger),
    Column("shipping_net_cents", BigInteger),
    Column("shipping_tax_cents", BigInteger),
    Column("price_source", text_type(20)),
    Column("amounts_fetched_at", UtcDateTime, comment="empty: never read, or the quantities changed since"),
    Column("details_problem", text_type(1000), comment="why address or amounts could not be read"),
    Column("details_retry_at", UtcDateTime, comment="not asked again before; empty: with the next run"),
    Column("import_status", Integer, nullable=False, comment="the status that was imported as new when the order was last listed"),
    Column("hold_reason", text_type(40), comment="why the order does not go to JTL; empty: it may"),
    Column("hold_detail", text_type(1000)),
    Column("exported_at", UtcDateTime, comment="handed over to JTL, or found there"),
    Column("jtl_order_number", text_type(50), comment="JTL cAuftragsNr: the proof that JTL has taken the order"),
    Column("jtl_confirmed_at", UtcDateTime),
    Column("exported_address_hash", text_type(64), comment="of the address JTL was given, to notice a later change"),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column(
        "ready_since", UtcDateTime, comment="could go to JTL since; of a held one: last found held; empty: its lead time does not count"
    ),
    Index(None, "shop", "status"),
    Index(None, "shop", "temu_updated_at"),
)

temu_order_items = Table(
    "temu_order_items",
    metadata,
    _shop(),
    Column("line_id", text_type(50), primary_key=True, comment="TEMU orderSn"),
    Column("order_id", text_type(50), nullable=False),
    Column("position", Integer, nullable=False),
    Column("status", Integer, nullable=False),
    Column("quantity", Integer, nullable=False, comment="still to be sent: original less cancelled"),
    Column("original_quantity", Integer, nullable=False),
    Column("cancelled_quantity", Integer, nullable=False),
    Column("goods_id", text_type(30), nullable=False),
    Column("sku_id", text_type(30), nullable=False),
    Column("sku", text_type(200), nullable=False, comment="first article number; all of them are in articles"),
    Column("articles", text_type(), nullable=False, comment="JSON: [[article number, pieces per unit], ...]"),
    Column("name", text_type(1000), nullable=False),
    Column("variant", text_type(1000), nullable=False),
    Column("by_seller", Boolean, nullable=False),
    Column("amount_quantity", Integer, comment="quantity the amounts below were told for"),
    Column("unit_gross_cents", BigInteger),
    Column("unit_net_cents", BigInteger),
    Column("total_gross_cents", BigInteger),
    Column("tax_cents", BigInteger),
    Column("raw_tax_rate", BigInteger, comment="as told; its scale is not documented"),
    Column("exported_quantity", Integer, comment="pieces JTL was given"),
    Column("reported_at", UtcDateTime, comment="TEMU knows that the line has left"),
    Index(None, "shop", "order_id"),
)

temu_parcels = Table(
    "temu_parcels",
    metadata,
    _shop(),
    Column("parcel_id", Integer, primary_key=True, comment="JTL kVersand"),
    Column("order_id", text_type(50), nullable=False),
    Column("delivery_note", text_type(50), nullable=False),
    Column("tracking", text_type(255), nullable=False),
    Column("shipping_method", text_type(255), nullable=False),
    Column("shipped_at", UtcDateTime, nullable=False),
    Column("contents", text_type(), comment="JSON: [[article number, pieces], ...]; empty: JTL kept none"),
    Column("order_finished", Boolean, nullable=False, comment="JTL counts the order as completely delivered"),
    Column("reported_tracking", text_type(255), comment="the number TEMU was told"),
    Column("reported_carrier_id", BigInteger),
    Column("package_id", text_type(50), comment="TEMU packageSn: the proof"),
    Column("reported_at", UtcDateTime),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, comment="when JTL was first seen to tell it like this"),
    Index(None, "shop", "order_id"),
)

temu_products = Table(
    "temu_products",
    metadata,
    _shop(),
    Column("sku_id", text_type(30), primary_key=True),
    Column("goods_id", text_type(30), nullable=False),
    Column("sku", text_type(200), nullable=False, comment="TEMU skuSn = JTL cArtNr; empty: the seller gave none"),
    Column("goods_name", text_type(1000), nullable=False),
    Column("variant", text_type(1000), nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("is_listed", Boolean, nullable=False, comment="was in the last complete listing"),
    Column("listed_stock", Integer, nullable=False),
    Column("listed_at", UtcDateTime, nullable=False),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Index(None, "shop", "sku"),
)

temu_inventory = Table(
    "temu_inventory",
    metadata,
    _shop(),
    Column("sku_id", text_type(30), primary_key=True),
    Column("goods_id", text_type(30), nullable=False),
    Column("sku", text_type(200), nullable=False),
    Column("jtl_article_id", Integer, comment="JTL kArtikel"),
    Column("target", Integer, comment="what TEMU shall show; empty: nothing known yet, nothing is sent"),
    Column("reason", text_type(500), nullable=False, comment="the target's sum in words, or why the last one is held"),
    Column("in_flight", Integer, nullable=False, comment="pieces subtracted for TEMU orders JTL did not have"),
    Column("is_held", Boolean, nullable=False),
    Column("temu_stock", Integer, comment="what TEMU is known to show; empty: unknown"),
    Column("confirmed_target", Integer, comment="last target TEMU was seen to show"),
    Column("confirmed_in_flight", Integer, comment="in_flight of that target"),
    Column("needs_sync", Boolean, nullable=False),
    Column("synced_at", UtcDateTime, comment="when TEMU was last seen to show the target"),
    Column("differs_since", UtcDateTime),
    # When something else came out than before; when all were last calculated is a mark of ``sync_state``.
    Column("computed_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, comment="when the change was first seen that TEMU is not seen to show yet; empty: none, or held"),
    Index(None, "shop", "needs_sync"),
)

outbox = Table(
    "outbox",
    metadata,
    _shop(),
    Column("effect", text_type(20), primary_key=True),
    Column("key", text_type(60), primary_key=True),
    Column("state", text_type(10), nullable=False),
    Column("reason", text_type(1000), comment="why it is parked or unclear"),
    Column("evidence", text_type(1000), comment="what the other side showed"),
    Column("attempts", Integer, nullable=False),
    Column("retry_at", UtcDateTime, comment="a parked row is tried again then; empty: only after a person decided"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Index(None, "shop", "effect", "state"),
)

problems = Table(
    "problems",
    metadata,
    _shop(),
    Column("kind", text_type(50), primary_key=True),
    Column("key", text_type(100), primary_key=True),
    Column("reason", text_type(1000), nullable=False),
    Column("remedy", text_type(1000), nullable=False),
    Column("state", text_type(10), nullable=False),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("count", Integer, nullable=False),
    Index(None, "shop", "state"),
)

sync_state = Table(
    "sync_state",
    metadata,
    _shop(),
    Column("name", text_type(50), primary_key=True),
    Column("value", text_type(2000), nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)

raw_snapshots = Table(
    "raw_snapshots",
    metadata,
    _shop(),
    Column("path", text_type(300), primary_key=True, comment="below the data folder"),
    Column("kind", text_type(20), nullable=False),
    Column("content", text_type(20), nullable=False, comment="listing or details"),
    Column(
        "window_end",
        UtcDateTime,
        comment="the listing is complete up to then; empty: it says nothing about completeness",
    ),
    Column("records", Integer, nullable=False),
    Column("sha256", text_type(64), nullable=False),
    Column("written_at", UtcDateTime, nullable=False),
    Column("ingested_at", UtcDateTime),
    Index(None, "shop", "kind", "ingested_at"),
)

erasures = Table(
    "erasures",
    metadata,
    _shop(),
    Column("erasure_id", text_type(32), primary_key=True),
    Column("place", text_type(20), nullable=False, comment="what kind of thing was erased, and from where"),
    Column("order_id", text_type(50), comment="the order a person asked to forget; empty: its time was over"),
    Column("count", Integer, nullable=False),
    Column("sha256", text_type(64), nullable=False, comment="of the names of what was erased, one a line; never of what it said"),
    Column("erased_by", text_type(200), nullable=False, comment="the run or the command"),
    Column("begun_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime, comment="empty: broken off; the next purge finishes it"),
    Index(None, "shop", "done_at"),
)

invoice_documents = Table(
    "invoice_documents",
    metadata,
    _shop(),
    Column("sha256", text_type(64), primary_key=True, comment="of the file as it came"),
    Column("lane", text_type(20), nullable=False, comment="the folder it was dropped into: rechnungen or werbung"),
    Column("file_name", text_type(255), nullable=False),
    Column("archived_as", text_type(400), nullable=False, comment="below the data folder"),
    Column("size", BigInteger, nullable=False),
    Column("taken_at", UtcDateTime, nullable=False),
    Column("read_at", UtcDateTime, comment="empty: still to be read"),
    Column("status", text_type(10), comment="ok, prüfen or Fehler"),
    Column("notes", text_type(), comment="JSON: what is to be checked, or why it could not be read"),
    Column("kind", text_type(20)),
    Column("source", text_type(10), comment="XML, Text or OCR"),
    Column("profile", text_type(60), comment="the standard, or the issuer's profile, by which it was read"),
    Column("issuer", text_type(255)),
    Column("issuer_vat_id", text_type(20)),
    Column("buyer_vat_id", text_type(20)),
    Column("number", text_type(100)),
    Column("issued_on", Date),
    Column("period_from", Date),
    Column("period_to", Date),
    Column("due_on", Date),
    Column("country", text_type(2)),
    Column("currency", text_type(3)),
    Column("net_cents", BigInteger, comment="negative on a credit note, as all amounts"),
    Column("tax_cents", BigInteger),
    Column("gross_cents", BigInteger),
    Column("tax_groups", text_type(), comment="JSON: [[rate in percent, net cents, tax cents], ...]"),
    Column("reverse_charge", Boolean),
    Column("iban", text_type(40)),
    Column("order_refs", text_type(), comment="JSON: numbers of orders it names"),
    Column("places", text_type(), comment="JSON: where in the document each value stood"),
    Column("pages", Integer),
    Index(None, "shop", "lane", "read_at"),
)

datev_batches = Table(
    "datev_batches",
    metadata,
    _shop(),
    Column("sha256", text_type(64), primary_key=True, comment="of the CSV as it came"),
    Column("file_name", text_type(255), nullable=False),
    Column("archived_as", text_type(400), nullable=False, comment="below the data folder"),
    Column("size", BigInteger, nullable=False),
    Column("came_in", text_type(255), comment="the ZIP it came in"),
    Column("taken_at", UtcDateTime, nullable=False),
    Column("processed_at", UtcDateTime, comment="empty: still to be processed"),
    Column("rules", text_type(64), comment="digest of the rules it was processed with"),
    Column("status", text_type(20), comment="ok, prüfen, zurückgehalten or Fehler"),
    Column("note", text_type(1000), comment="why it was refused or withheld"),
    Column("outputs", text_type(), comment="JSON: names of the files written"),
    Column("row_count", Integer),
    Column("change_count", Integer),
    Column("error_count", Integer),
    Column("warning_count", Integer),
    Column("not_found_count", Integer),
    Column("debit_cents", BigInteger),
    Column("credit_cents", BigInteger),
    Column("result_path", text_type(400), comment="the result in full, JSON, below the data folder"),
    Column("reported_in", text_type(255), comment="the report that tells of it; empty: none yet"),
    Index(None, "shop", "processed_at"),
)

datev_documents = Table(
    "datev_documents",
    metadata,
    _shop(),
    Column("sha256", text_type(64), primary_key=True, comment="the batch"),
    Column("document_number", text_type(60), primary_key=True),
    Column("order_number", text_type(60), primary_key=True, comment="empty: the rows name none"),
    Column("kind", text_type(1), primary_key=True, comment="S or H"),
    Column("marketplace", text_type(20), nullable=False),
    Column("amount_cents", BigInteger, nullable=False),
    Column("first_line", Integer, nullable=False),
    Index(None, "shop", "document_number"),
    Index(None, "shop", "order_number"),
)

leases = Table(
    "leases",
    metadata,
    _shop(),
    Column("name", text_type(50), primary_key=True),
    Column("holder", text_type(200), nullable=False, comment="who to ask: program, run, host"),
    Column("host", text_type(200), nullable=False),
    Column(
        "process",
        text_type(100),
        nullable=False,
        comment="process id and its start, to tell a dead holder from a busy one",
    ),
    Column("token", BigInteger, nullable=False, comment="grows with every change of holder"),
    Column("claim", text_type(32), comment="the attempt that took it"),
    Column("expires_at", UtcDateTime, nullable=False),
)

scheduler_logs = Table(
    "scheduler_logs",
    metadata,
    _shop(),
    Column("log_id", text_type(40), primary_key=True, comment="run and place in it, so that writing twice is writing once"),
    Column("run_id", text_type(36), nullable=False),
    Column("job_id", text_type(100), nullable=False, comment="the job, or the asset that was materialized alone"),
    Column("job_type", text_type(30), nullable=False, comment="orders, inventory, invoices, bookkeeping, ..."),
    Column("level", text_type(10), nullable=False, comment="INFO, WARNING or ERROR"),
    Column("message", text_type(2000), nullable=False),
    Column("status", text_type(20), nullable=False, comment="as in job_runs, at that moment"),
    Column("timestamp", UtcDateTime, nullable=False),
    Index(None, "shop", "timestamp"),
    Index(None, "shop", "run_id"),
)

job_runs = Table(
    "job_runs",
    metadata,
    _shop(),
    Column("run_id", text_type(36), primary_key=True, comment="Dagster's"),
    Column("job_id", text_type(100), nullable=False),
    Column("job_type", text_type(30), nullable=False),
    Column("started_by", text_type(100), nullable=False, comment="name of the schedule or sensor, or by hand, command line, retry"),
    Column("is_triggered", Boolean, nullable=False, comment="no person started it"),
    Column("first_run_id", text_type(36), nullable=False, comment="of the run this one tries again; its own id otherwise"),
    Column("attempt", Integer, nullable=False, comment="0: the first"),
    Column("status", text_type(20), nullable=False, comment="running, success, failure, cancelled or killed"),
    Column("dry_run", Boolean, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("duration_ms", BigInteger),
    Column("counts", text_type(), comment="JSON: {asset: {name: number}}, what the stages counted"),
    Column("failed_checks", Integer),
    Column("failed_stage", text_type(100)),
    Column("error", text_type(2000), comment="what happened and what to do; never a buyer's data"),
    Column("error_kind", text_type(60), comment="the class of the error"),
    Column("may_pass", Boolean, comment="trying again can help"),
    Column("host", text_type(200), nullable=False),
    Column("process", text_type(100), nullable=False, comment="process id and its start, to tell a dead run from a busy one"),
    Index(None, "shop", "started_at"),
    Index(None, "shop", "job_id", "started_at"),
    Index(None, "shop", "status"),
)

lead_times = Table(
    "lead_times",
    metadata,
    _shop(),
    Column("effect", text_type(20), primary_key=True, comment="order, parcel or stock"),
    Column("key", text_type(60), primary_key=True, comment="order number, JTL kVersand or SKU id"),
    Column("done_at", UtcDateTime, primary_key=True, comment="the other side has it"),
    Column("began_at", UtcDateTime, nullable=False, comment="it could have been done from then on"),
    Column("seconds", Integer, nullable=False),
    Index(None, "shop", "effect", "done_at"),
)

alerts = Table(
    "alerts",
    metadata,
    _shop(),
    Column("kind", text_type(30), primary_key=True),
    Column("key", text_type(200), primary_key=True, comment="what it is about: a job, a kind of problem, days left, ..."),
    Column("subject", text_type(300), nullable=False),
    Column("text", text_type(2000), nullable=False),
    Column("remedy", text_type(1000), nullable=False),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime, comment="empty: not told yet"),
    Column("told_by", text_type(200), comment="the ways it went out: mail, webhook"),
    Column("resolved_at", UtcDateTime, comment="empty: still so"),
    Column("count", Integer, nullable=False),
    Index(None, "shop", "resolved_at"),
)
