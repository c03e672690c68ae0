"""A directory that lasts: organizations, plans and dice in the database where their worlds are.

`LastingDirectory` is for the one process that a SQLite file belongs to: all worlds are here, and each change is written
down. What was under way when a process died is taken up again when the next one opens the file.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from mock_server.clock import Clock
from mock_server.codec import codec
from mock_server.directory import Plan
from mock_server.domain.deliveries import DeliveryStatus
from mock_server.domain.policy import Policy  # noqa: TC001 (the codec reads the hints of Constants)
from mock_server.domain.tasks import Task, TaskKind
from mock_server.ids import Dice
from mock_server.store.sql.registry import Registry
from mock_server.store.sql.store import SqlStore
from mock_server.world import Org, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from types import TracebackType

    from mock_server.store.protocol import Lock, Store
    from mock_server.store.sql.database import Database, Session


@dataclass(frozen=True, slots=True)
class Constants:
    """What of a world never changes."""

    org: Org
    policy: Policy
    dice: str


class LastingDirectory:
    """On a database that is this process's alone."""

    def __init__(self, database: Database, rng_seed: str) -> None:
        self.database = database
        self.registry = Registry(database)
        with database.together():
            found = self.registry.server(hold=True)
            if found is None:
                self.registry.begin(rng_seed)
                found = self.registry.server()
        self.dice = Dice(f"server/{found.rng_seed}")
        self.dice.drawn, self.default_id = found.drawn, found.default_org
        self.lock: Lock = _ServerLock(self)
        self._worlds: dict[str, World] = {}
        self._org_by_key: dict[str, str] = {}
        self._build: Callable[[World], World]
        self._adopted: Callable[[World], None]

    def open(self, build: Callable[[World], World], adopted: Callable[[World], None]) -> None:
        self._build, self._adopted = build, adopted
        for found in reversed(self.registry.everyone()):
            world = self.wake(found.world)
            take_up(world)
            self._worlds[found.id] = world
            self._org_by_key |= dict.fromkeys((key.digest for key in world.store.api_keys.newest()), found.id)

    def together(self) -> AbstractContextManager[Session]:
        return self.database.together()

    def new_store(self, org: Org, policy: Policy, dice: str) -> Store:
        constants = json.dumps(codec(Constants).encode(Constants(org, policy, dice)), separators=(",", ":"))
        return cast("Store", SqlStore(self.database, policy, constants=constants))

    def find(self, org_id: str) -> World | None:
        return self._worlds.get(org_id)

    def whose(self, digest: str) -> World | None:
        org_id = self._org_by_key.get(digest)
        return self._worlds.get(org_id) if org_id else None

    def everyone(self) -> list[World]:
        with self.database.mutex:
            return list(reversed(self._worlds.values()))

    def count(self) -> int:
        return self.registry.count()

    def plan(self, org_id: str) -> Plan:
        found: Plan = codec(Plan).decode(json.loads(self.registry.plan(org_id)))
        return found

    def move_in(self, world: World, plan: Plan | None = None) -> None:
        old, org_id = self.find(world.org.id), world.org.id
        with self.together():
            if plan is not None:
                text = json.dumps(codec(Plan).encode(plan), separators=(",", ":"))
                self.registry.add(org_id, world_id(world), text)
            else:
                self.registry.move(org_id, world_id(world))
            if old is not None:
                store_of(old).erase()
        self.default_id = self.default_id or org_id
        self._worlds[org_id] = world
        self._adopted(world)

    def issued(self, digest: str, world: World) -> None:
        self._org_by_key[digest] = world.org.id

    def move_out(self, world: World) -> None:
        keys = [key.digest for key in world.store.api_keys.newest()]
        with self.together():
            self.registry.remove(world.org.id)
            store_of(world).erase()
        for digest in keys:
            self._org_by_key.pop(digest, None)
        del self._worlds[world.org.id]

    def look(self) -> None:
        """The server's numbers as they are, once its row is held."""
        found = self.registry.server(hold=True)
        if found is not None:
            self.dice.drawn, self.default_id = found.drawn, found.default_org

    def close(self) -> None:
        """Let others have the database."""
        self.database.close()

    def wake(self, world_id: int) -> World:
        """The world of these rows."""
        constants: Any = codec(Constants).decode(json.loads(self.registry.constants(world_id) or "null"))
        store = cast("Store", SqlStore(self.database, constants.policy, world_id=world_id))
        return self._build(World(constants.org, Clock(), Dice(constants.dice), constants.policy, store))


class _ServerLock:
    """Held by whoever changes what stands here: one transaction, in which the server's own numbers are saved."""

    def __init__(self, directory: LastingDirectory) -> None:
        self._directory = directory
        self._mutex = threading.RLock()
        self._holds: list[AbstractContextManager[Session]] = []

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:  # noqa: ARG002
        self._mutex.acquire()
        hold = self._directory.database.together()
        try:
            hold.__enter__()
        except BaseException:
            self._mutex.release()
            raise
        self._holds.append(hold)
        if len(self._holds) == 1:
            self._directory.look()
        return True

    def release(self) -> None:
        self.__exit__(None, None, None)

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        directory, hold = self._directory, self._holds.pop()
        try:
            if kind is None and not self._holds:
                directory.registry.save(directory.dice.drawn, directory.default_id)
            hold.__exit__(kind, error, trace)
        finally:
            self._mutex.release()


def store_of(world: World) -> SqlStore:
    """A world of such a directory stands on rows."""
    if not isinstance(world.store, SqlStore):
        raise TypeError(f"{world.org.id} is kept elsewhere")
    return world.store


def world_id(world: World) -> int:
    """Which rows are its own."""
    return store_of(world).world_id


def take_up(world: World) -> None:
    """What a process left that died: a clock held still, and attempts that were on the wire and are made again."""
    with world.lock:
        world.clock.let_go()
        waiting = {task.id for task in world.store.tasks.everything()}
        world.store.begin()
        for task in _on_the_wire(world):
            if task.id not in waiting:
                world.store.tasks.put(task)
        world.store.commit()


def _on_the_wire(world: World) -> Iterator[Task]:
    for endpoint in world.store.endpoints.newest():
        for delivery in world.store.deliveries.newest(index="waiting", value=endpoint.id):
            if delivery.status is DeliveryStatus.PENDING:
                due = delivery.next_attempt_at
                yield Task(delivery.created_at if due is None else due, TaskKind.DELIVERY, delivery.id)
