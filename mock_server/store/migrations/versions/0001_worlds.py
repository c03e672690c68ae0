"""Organizations, worlds, records and tasks."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
LISTS = ("list_1", "list_2", "list_3")


def upgrade() -> None:
    """All of it."""
    op.create_table(
        "server",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("rng_seed", TEXT, nullable=False),
        sa.Column("drawn", NUMBER, nullable=False),
        sa.Column("default_org", TEXT, nullable=False),
    )
    op.create_table(
        "orgs",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("world", NUMBER, nullable=False),
        sa.Column("plan", sa.Text, nullable=False),
    )
    op.create_table(
        "worlds",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("constants", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "states",
        sa.Column("world", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("numbers", sa.Text, nullable=False),
        sa.Column("books", sa.Text, nullable=False),
    )
    if op.get_bind().engine.name == "postgresql":
        op.execute("ALTER TABLE states SET (fillfactor = 20)")  # each row is written anew with every transaction
    _records()
    op.create_table(
        "tasks",
        sa.Column("world", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("due", NUMBER, nullable=False),
        sa.Column("turn", NUMBER, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("tasks_due", "tasks", ["world", "due", "turn"])


def _records() -> None:
    op.create_table(
        "records",
        sa.Column("world", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("kind", TEXT, primary_key=True),
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("key", TEXT),
        *(sa.Column(name, TEXT) for name in LISTS),
    )
    op.create_index("records_key", "records", ["kind", "key", "world"], postgresql_where=sa.text("key IS NOT NULL"))
    for name in LISTS:
        present = sa.text(f"{name} IS NOT NULL")
        op.create_index(
            f"records_{name}",
            "records",
            ["world", "kind", name, "id"],
            postgresql_where=present,
            sqlite_where=present,
        )
