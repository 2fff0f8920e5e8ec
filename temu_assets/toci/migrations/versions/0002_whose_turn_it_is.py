"""A lease tells which attempt took it, so that one whose answer was lost is recognised

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic.operations import Operations

from temu_assets.toci.columns import text_type

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade(op: Operations) -> None:
    op.add_column("leases", sa.Column("claim", text_type(32), nullable=True, comment="the attempt that took it"))
