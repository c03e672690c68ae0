"""Bringing a database to the schema of this version, by Alembic. The steps are in `store/migrations`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from mock_server.domain.errors import Invalid

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from mock_server.store.sql.database import Database

STEPS = Path(__file__).parent.parent / "migrations"
ONE_AT_A_TIME = 0x666C6F77
"""PostgreSQL's advisory lock for it: several processes may start at once."""


def migrate(database: Database) -> None:
    """Up to this version. Raises Invalid for a database of a later one, and for one that is somebody else's."""
    config = Config()
    config.set_main_option("script_location", str(STEPS))
    script = ScriptDirectory.from_config(config)
    with database.engine.begin() as connection:
        if not database.alone:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})"))
        current = MigrationContext.configure(connection).get_current_revision()
        known = {step.revision for step in script.walk_revisions()}
        if current is not None and current not in known:
            raise Invalid(
                "--store",
                f"the database has schema {current}, and this version knows up to {script.get_current_head()}; "
                f"it was made by a newer flowella-mock: use that, or another database",
            )
        if current != script.get_current_head():
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        if not database.alone:
            _have_procrastinate(connection)


def _have_procrastinate(connection: Connection) -> None:
    """The engine's own tables, by its own statements."""
    from procrastinate.schema import SchemaManager

    if connection.execute(text("SELECT to_regclass('procrastinate_jobs')")).scalar() is None:
        driver: Any = connection.connection.driver_connection
        driver.execute(SchemaManager.get_schema())
