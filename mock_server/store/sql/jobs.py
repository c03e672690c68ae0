"""Work for others, as jobs of Procrastinate: deferred in the transaction of the change that caused them, or not at all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from mock_server.domain.instant import Instant
    from mock_server.store.sql.database import Session

QUEUE = "flowella_mock"
WAKE = "flowella_mock.wake"
LANE = "flowella_mock.lane"

_DEFER = text(
    "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW("
    "  CAST(:queue AS varchar), CAST(:task AS varchar), 0, NULL, NULL, CAST(:arguments AS jsonb),"
    "  to_timestamp(CAST(:at AS double precision) / 1000000)"
    ")::procrastinate_job_to_defer_v1])"
)
_CLAIM = text("SELECT pg_try_advisory_lock(:space, :key)")
_UNCLAIM = text("SELECT pg_advisory_unlock(:space, :key)")
_CLAIMED = text("SELECT NOT pg_try_advisory_xact_lock(:space, :key)")
ADVANCING = 0x666C6F78
"""PostgreSQL's advisory locks for it: held by the connection of whoever advances a world's clock, by the world's id."""


def defer(session: Session, task: str, when: Instant, **arguments: Any) -> None:
    """Have this done at this real instant, by whoever is there."""
    session.execute(_DEFER, {"queue": QUEUE, "task": task, "at": when, "arguments": json.dumps(arguments)})


def claim(session: Session, world_id: int) -> None:
    """This connection advances this world's clock."""
    session.execute(_CLAIM, {"space": ADVANCING, "key": world_id})


def unclaim(session: Session, world_id: int) -> None:
    """Not any more."""
    session.execute(_UNCLAIM, {"space": ADVANCING, "key": world_id})


def claimed(session: Session, world_id: int) -> bool:
    """Is there a connection that does?"""
    return bool(session.execute(_CLAIMED, {"space": ADVANCING, "key": world_id}).scalar())
