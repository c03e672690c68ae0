"""The tables. How they came to be, from version to version, is in `migrations`; a test holds the two against each other.

Ids sort as bytes, so that they sort by creation everywhere. A collection has one unique index at most and three listed
ones; uniqueness is the business of services, as in memory.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, PrimaryKeyConstraint, Table, Text

LISTS = ("list_1", "list_2", "list_3")
"""The columns of listed indexes, in the order in which a collection declares them."""

metadata = MetaData()
_TEXT = Text().with_variant(Text(collation="C"), "postgresql")
_NUMBER = BigInteger().with_variant(Integer, "sqlite")

server = Table(
    "server",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("rng_seed", _TEXT, nullable=False),
    Column("drawn", _NUMBER, nullable=False),
    Column("default_org", _TEXT, nullable=False),
)
"""One row: the server's own dice, and which organization is the default one."""

orgs = Table(
    "orgs",
    metadata,
    Column("id", _TEXT, primary_key=True),
    Column("world", _NUMBER, nullable=False),
    Column("plan", Text, nullable=False),
)
"""Which world is an organization's. A reset makes another one."""

worlds = Table(
    "worlds",
    metadata,
    Column("id", _NUMBER, primary_key=True),
    Column("constants", Text, nullable=False),
    sqlite_autoincrement=True,
)
"""What of a world never changes."""

states = Table(
    "states",
    metadata,
    Column("world", _NUMBER, primary_key=True, autoincrement=False),
    Column("version", _NUMBER, nullable=False),
    Column("numbers", Text, nullable=False),
    Column("books", Text, nullable=False),
)
"""What of a world changes with every transaction. Holding this row is holding the world."""

records = Table(
    "records",
    metadata,
    Column("world", _NUMBER, nullable=False),
    Column("kind", _TEXT, nullable=False),
    Column("id", _TEXT, nullable=False),
    Column("body", Text, nullable=False),
    Column("key", _TEXT),
    *(Column(name, _TEXT) for name in LISTS),
    PrimaryKeyConstraint("world", "kind", "id"),
)
Index("records_key", records.c.kind, records.c.key, records.c.world, postgresql_where=records.c.key.is_not(None))
for _name in LISTS:
    Index(
        f"records_{_name}",
        records.c.world,
        records.c.kind,
        records.c[_name],
        records.c.id,
        postgresql_where=records.c[_name].is_not(None),
        sqlite_where=records.c[_name].is_not(None),
    )

tasks = Table(
    "tasks",
    metadata,
    Column("world", _NUMBER, nullable=False),
    Column("id", _TEXT, nullable=False),
    Column("due", _NUMBER, nullable=False),
    Column("turn", _NUMBER, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("world", "id"),
)
Index("tasks_due", tasks.c.world, tasks.c.due, tasks.c.turn)

lanes = Table(
    "lanes",
    metadata,
    Column("id", _NUMBER, primary_key=True),
    Column("world", _NUMBER, nullable=False),
    Column("endpoint", _TEXT, nullable=False),
    Column("delivery", _TEXT, nullable=False),
    Column("slot", Integer),
)
"""Deliveries that are due on a running clock; `slot` says who has taken one."""
Index("lanes_of", lanes.c.world, lanes.c.endpoint, lanes.c.id)
