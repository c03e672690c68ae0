"""Which organization lives in which world, and by which plan; the server's own dice. In memory, as the worlds are.

`Orgs` decides, a directory remembers. One that lasts does so in the same database as the stores it hands out, so that
what is done with its lock held is one transaction, worlds and all.
"""

from __future__ import annotations

import threading
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from mock_server.ids import Dice
from mock_server.seeds import Seed  # noqa: TC001 (the codec reads the hints of Plan)
from mock_server.store.memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from mock_server.domain.instant import Instant
    from mock_server.domain.policy import Policy
    from mock_server.domain.rate_limits import RateLimit
    from mock_server.store.protocol import Lock, Store
    from mock_server.world import Org, World


@dataclass(frozen=True, slots=True)
class Plan:
    """What a world is built from, and built from again on reset. `start` None is whenever that happens."""

    seed: Seed
    scale: float
    webhook_secret: str
    hooks: tuple[str, ...]
    rate_limit: RateLimit | None
    start: Instant | None


class Directory(Protocol):
    """See the top of the file."""

    lock: Lock
    """Held by whoever changes what stands here; reentrant."""
    dice: Dice
    default_id: str
    """The organization that `default` means; empty before there is one."""

    def open(self, build: Callable[[World], World], adopted: Callable[[World], None]) -> None:
        """`build` makes a world ready to work; `adopted` is to be told of each that has taken its place."""

    def together(self) -> AbstractContextManager[object]:
        """What is done inside is kept as one."""

    def new_store(self, org: Org, policy: Policy, dice: str) -> Store:
        """An empty one, for a world that begins with these."""

    def find(self, org_id: str) -> World | None:
        """The organization's world as it is by now."""

    def whose(self, digest: str) -> World | None:
        """The world with this API key."""

    def everyone(self) -> list[World]:
        """Newest first."""

    def count(self) -> int:
        """How many organizations there are."""

    def plan(self, org_id: str) -> Plan:
        """What its world is built from."""

    def move_in(self, world: World, plan: Plan | None = None) -> None:
        """From now on this is its organization's world; `plan` comes with a new organization."""

    def issued(self, digest: str, world: World) -> None:
        """This key leads to this world."""

    def move_out(self, world: World) -> None:
        """The organization is gone."""

    def close(self) -> None:
        """The end of the server."""


class MemoryDirectory:
    """In this process."""

    def __init__(self, rng_seed: str) -> None:
        self.lock: Lock = threading.RLock()
        self.dice = Dice(f"server/{rng_seed}")
        self.default_id = ""
        self.adopted: Callable[[World], None]
        self._worlds: dict[str, World] = {}
        self._plans: dict[str, Plan] = {}
        self._org_by_key: dict[str, str] = {}

    def open(self, build: Callable[[World], World], adopted: Callable[[World], None]) -> None:  # noqa: ARG002
        self.adopted = adopted

    def together(self) -> AbstractContextManager[object]:
        return nullcontext()

    def new_store(self, org: Org, policy: Policy, dice: str) -> Store:  # noqa: ARG002
        return MemoryStore(policy)

    def find(self, org_id: str) -> World | None:
        return self._worlds.get(org_id)

    def whose(self, digest: str) -> World | None:
        org_id = self._org_by_key.get(digest)
        return self._worlds.get(org_id) if org_id else None

    def everyone(self) -> list[World]:
        with self.lock:
            return list(reversed(self._worlds.values()))

    def count(self) -> int:
        return len(self._worlds)

    def plan(self, org_id: str) -> Plan:
        return self._plans[org_id]

    def move_in(self, world: World, plan: Plan | None = None) -> None:
        if plan is not None:
            self._plans[world.org.id] = plan
        self.default_id = self.default_id or world.org.id
        self._worlds[world.org.id] = world
        self.adopted(world)

    def issued(self, digest: str, world: World) -> None:
        self._org_by_key[digest] = world.org.id

    def move_out(self, world: World) -> None:
        for key in world.store.api_keys.newest():
            self._org_by_key.pop(key.digest, None)
        del self._worlds[world.org.id], self._plans[world.org.id]

    def close(self) -> None:
        """Nothing to let go of."""
