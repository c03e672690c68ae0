"""From `--store URL` to a directory."""

from __future__ import annotations

import logging

from sqlalchemy.exc import SQLAlchemyError

from mock_server.domain.errors import Invalid, Refusal
from mock_server.lasting import LastingDirectory
from mock_server.shared import SharedDirectory
from mock_server.store.protocol import Unavailable
from mock_server.store.sql.database import Database
from mock_server.store.sql.migrating import migrate


def opened(url: str, rng_seed: str) -> LastingDirectory:
    """The database at this URL, brought to the schema of this version. Raises Invalid saying what would be right."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    database = Database(url)
    try:
        migrate(database)
        return LastingDirectory(database, rng_seed) if database.alone else SharedDirectory(database, rng_seed)
    except (SQLAlchemyError, Unavailable) as error:
        database.close()
        raise Invalid("--store", f"{database.url!r} cannot be used: {str(error).splitlines()[0]}") from error
    except Refusal:
        database.close()
        raise
