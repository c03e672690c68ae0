"""Finding what a call names."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from mock_server.domain.errors import NotFound
from mock_server.ids import as_uuid, start_of_uuid
from mock_server.store.protocol import Record

if TYPE_CHECKING:
    from mock_server.store.protocol import Collection

R = TypeVar("R", bound=Record)


def by_uuid(collection: Collection[R], uuid: str) -> R | None:
    """The record whose id makes this UUID, if there is one."""
    try:
        start = start_of_uuid(uuid)
    except ValueError:
        return None
    record = next(collection.newest(before=f"{start}~"), None)
    return record if record is not None and as_uuid(record.id) == uuid.lower() else None


def existing(collection: Collection[R], record_id: str, thing: str) -> R:
    """The record with this id. Raises NotFound, calling it a `thing`."""
    record = collection.get(record_id)
    if record is None:
        raise NotFound(thing, record_id)
    return record
