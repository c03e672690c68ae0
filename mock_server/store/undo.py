"""The log of a transaction, in every store: whose record with which id was what before, for a rollback to put back."""

from __future__ import annotations

from typing import Any

from mock_server.store.protocol import Change

Undo = list[tuple[Any, str, Any]]
"""Owner, id, and what was there before."""


class UndoLog:
    """Half of a store. An owner has a `name` if it holds records, `get` and `restore`."""

    def __init__(self) -> None:
        self._undo: Undo = []

    def begin(self) -> None:
        self._undo.clear()

    def changes(self) -> list[Change]:
        touched = dict.fromkeys((owner, record_id) for owner, record_id, _ in self._undo if owner.name)
        return [Change(owner.name, record_id, owner.get(record_id)) for owner, record_id in touched]

    def commit(self) -> bool:
        changed = bool(self._undo)
        self._undo.clear()
        return changed

    def rollback(self) -> None:
        for owner, record_id, before in reversed(self._undo):
            owner.restore(record_id, before)
        self._undo.clear()
