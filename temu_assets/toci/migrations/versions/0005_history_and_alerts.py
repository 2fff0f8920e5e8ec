"""The history of runs, how long things take, and what people were told of

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic.operations import Operations

from temu_assets.toci.columns import UtcDateTime, text_type

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade(op: Operations) -> None:
    op.create_table(
        "scheduler_logs",
        sa.Column("shop", text_type(40), nullable=False),
        sa.Column("log_id", text_type(40), nullable=False, comment="run and place in it, so that writing twice is writing once"),
        sa.Column("run_id", text_type(36), nullable=False),
        sa.Column("job_id", text_type(100), nullable=False, comment="the job, or the asset that was materialized alone"),
        sa.Column("job_type", text_type(30), nullable=False, comment="orders, inventory, invoices, bookkeeping, ..."),
        sa.Column("level", text_type(10), nullable=False, comment="INFO, WARNING or ERROR"),
        sa.Column("message", text_type(2000), nullable=False),
        sa.Column("status", text_type(20), nullable=False, comment="as in job_runs, at that moment"),
        sa.Column("timestamp", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "log_id", name="pk_scheduler_logs"),
    )
    op.create_index("ix_scheduler_logs_shop_timestamp", "scheduler_logs", ["shop", "timestamp"])
    op.create_index("ix_scheduler_logs_shop_run_id", "scheduler_logs", ["shop", "run_id"])
    op.create_table(
        "job_runs",
        sa.Column("shop", text_type(40), nullable=False),
        sa.Column("run_id", text_type(36), nullable=False, comment="Dagster's"),
        sa.Column("job_id", text_type(100), nullable=False),
        sa.Column("job_type", text_type(30), nullable=False),
        sa.Column("started_by", text_type(100), nullable=False, comment="name of the schedule or sensor, or by hand, command line, retry"),
        sa.Column("is_triggered", sa.Boolean(), nullable=False, comment="no person started it"),
        sa.Column("first_run_id", text_type(36), nullable=False, comment="of the run this one tries again; its own id otherwise"),
        sa.Column("attempt", sa.Integer(), nullable=False, comment="0: the first"),
        sa.Column("status", text_type(20), nullable=False, comment="running, success, failure, cancelled or killed"),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("duration_ms", sa.BigInteger(), nullable=True),
        sa.Column("counts", text_type(), nullable=True, comment="JSON: {asset: {name: number}}, what the stages counted"),
        sa.Column("failed_checks", sa.Integer(), nullable=True),
        sa.Column("failed_stage", text_type(100), nullable=True),
        sa.Column("error", text_type(2000), nullable=True, comment="what happened and what to do; never a buyer's data"),
        sa.Column("error_kind", text_type(60), nullable=True, comment="the class of the error"),
        sa.Column("may_pass", sa.Boolean(), nullable=True, comment="trying again can help"),
        sa.Column("host", text_type(200), nullable=False),
        sa.Column("process", text_type(100), nullable=False, comment="process id and its start, to tell a dead run from a busy one"),
        sa.PrimaryKeyConstraint("shop", "run_id", name="pk_job_runs"),
    )
    op.create_index("ix_job_runs_shop_started_at", "job_runs", ["shop", "started_at"])
    op.create_index("ix_job_runs_shop_job_id_started_at", "job_runs", ["shop", "job_id", "started_at"])
    op.create_index("ix_job_runs_shop_status", "job_runs", ["shop", "status"])
    op.create_table(
        "lead_times",
        sa.Column("shop", text_type(40), nullable=False),
        sa.Column("effect", text_type(20), nullable=False, comment="order, parcel or stock"),
        sa.Column("key", text_type(60), nullable=False, comment="order number, JTL kVersand or SKU id"),
        sa.Column("done_at", UtcDateTime(), nullable=False, comment="the other side has it"),
        sa.Column("began_at", UtcDateTime(), nullable=False, comment="it could have been done from then on"),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "effect", "key", "done_at", name="pk_lead_times"),
    )
    op.create_index("ix_lead_times_shop_effect_done_at", "lead_times", ["shop", "effect", "done_at"])
    op.create_table(
        "alerts",
        sa.Column("shop", text_type(40), nullable=False),
        sa.Column("kind", text_type(30), nullable=False),
        sa.Column("key", text_type(200), nullable=False, comment="what it is about: a job, a kind of problem, days left, ..."),
        sa.Column("subject", text_type(300), nullable=False),
        sa.Column("text", text_type(2000), nullable=False),
        sa.Column("remedy", text_type(1000), nullable=False),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True, comment="empty: not told yet"),
        sa.Column("told_by", text_type(200), nullable=True, comment="the ways it went out: mail, webhook"),
        sa.Column("resolved_at", UtcDateTime(), nullable=True, comment="empty: still so"),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "kind", "key", name="pk_alerts"),
    )
    op.create_index("ix_alerts_shop_resolved_at", "alerts", ["shop", "resolved_at"])
    op.add_column(
        "temu_orders",
        sa.Column(
            "ready_since",
            UtcDateTime(),
            nullable=True,
            comment="could go to JTL since; of a held one: last found held; empty: its lead time does not count",
        ),
    )
    op.add_column(
        "temu_parcels", sa.Column("changed_at", UtcDateTime(), nullable=True, comment="when JTL was first seen to tell it like this")
    )
    op.add_column(
        "temu_inventory",
        sa.Column(
            "changed_at",
            UtcDateTime(),
            nullable=True,
            comment="when the change was first seen that TEMU is not seen to show yet; empty: none, or held",
        ),
    )
