"""Which orders' buyers were erased, and the proof of everything that was

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic.operations import Operations

from temu_assets.toci.columns import UtcDateTime, text_type

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade(op: Operations) -> None:
    op.add_column(
        "temu_orders",
        sa.Column(
            "buyer_erased_at", UtcDateTime(), nullable=True, comment="the buyer's data were erased; TEMU is not asked for them again"
        ),
    )
    op.create_table(
        "erasures",
        sa.Column("shop", text_type(40), nullable=False),
        sa.Column("erasure_id", text_type(32), nullable=False),
        sa.Column("place", text_type(20), nullable=False, comment="what kind of thing was erased, and from where"),
        sa.Column("order_id", text_type(50), nullable=True, comment="the order a person asked to forget; empty: its time was over"),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("sha256", text_type(64), nullable=False, comment="of the names of what was erased, one a line; never of what it said"),
        sa.Column("erased_by", text_type(200), nullable=False, comment="the run or the command"),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True, comment="empty: broken off; the next purge finishes it"),
        sa.PrimaryKeyConstraint("shop", "erasure_id", name=op.f("pk_erasures")),
    )
    op.create_index(op.f("ix_erasures_shop_done_at"), "erasures", ["shop", "done_at"], unique=False)
