"""${message}

Revision ID: ${up_revision}
"""

import sqlalchemy as sa
from alembic.operations import Operations

from temu_assets.toci.columns import UtcDateTime, text_type

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade(op: Operations) -> None:
    ${upgrades if upgrades else "pass"}
