"""Deliveries that are due, by endpoint, for workers on many machines."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """One table."""
    op.create_table(
        "lanes",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("world", NUMBER, nullable=False),
        sa.Column("endpoint", TEXT, nullable=False),
        sa.Column("delivery", TEXT, nullable=False),
        sa.Column("slot", sa.Integer),
    )
    op.create_index("lanes_of", "lanes", ["world", "endpoint", "id"])
