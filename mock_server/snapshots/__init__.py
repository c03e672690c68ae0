"""A world as one JSON document, and back: `take` and `write`, `read` and `pour`.

Theory. What a world is follows from its records, its waiting tasks and a handful of numbers (`WorldState`), because all
chance is a seed with a counter and all time a clock with a hand. Records are frozen, so taking a snapshot is copying
references under the lock; writing them down happens outside it. How a record is written follows from its type hints
(`codec`), so a new field or collection needs nothing here. Reading judges the whole document before anything is built
of it: first its shape (`codec`), then its sense (`checks`).
"""

from mock_server.snapshots.document import KIND, VERSION, Snapshot, WorldState, pour, read, take, write

__all__ = ["KIND", "VERSION", "Snapshot", "WorldState", "pour", "read", "take", "write"]
