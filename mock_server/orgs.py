"""All organizations of one server: making worlds, finding them by id or API key, dropping them.

Nothing else makes worlds. Several organizations share the transport and the pump, and nothing that belongs to them.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from mock_server import seeds, snapshots
from mock_server.assembly import assemble
from mock_server.clock import Clock, monotonic_now
from mock_server.directory import Directory, MemoryDirectory, Plan
from mock_server.domain.api_keys import ApiKey, digest
from mock_server.domain.errors import Conflict, Invalid, NotFound
from mock_server.domain.rate_limits import RateLimit
from mock_server.ids import Dice
from mock_server.metrics import Metered, Metrics
from mock_server.seeds import EPOCH, Seed
from mock_server.services import api_keys, endpoints
from mock_server.world import Org, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mock_server.agenda import Pump
    from mock_server.domain.instant import Instant
    from mock_server.domain.policy import Policy
    from mock_server.snapshots import Snapshot
    from mock_server.vendors.dialect import Dialect
    from mock_server.webhooks.transport import Transport

    Check = Callable[[], str | None]
    """The reason why not, or None."""

DEFAULT_API_KEY = "flo_thisisafakeflowellakey00"
DEFAULT_WEBHOOK_SECRET = "whsec_thisisafakewebhooksecret00000000"  # noqa: S105 (fake on purpose, and documented)
DEFAULT_FLOWIQ_KEY = "fiq_thisisafakeflowiqkey0000"
"""The default organization's credentials are constants, so that scripts need no parsing."""

MOST_WAITS = 16
"""Calls that may wait at a time; each holds one of the server's threads, and there have to be some left."""


@dataclass(frozen=True, slots=True)
class NewOrg:
    """What one may ask of a new organization. `scale` as in `Clock`; None is made up, from the server's own dice.

    `hooks` are subscribed from the start, to every event, and sign with `webhook_secret`. `seed_files` lets `seed` be a
    file of this machine, which is for those who start the server, not for those who reach it.
    """

    name: str | None = None
    seed: str = "default"
    seed_files: bool = False
    scale: float = 1.0
    rng_seed: str | None = None
    api_key: str | None = None
    webhook_secret: str | None = None
    hooks: tuple[str, ...] = ()
    rate_limit: RateLimit | None = RateLimit()


class Orgs:
    """The registry. With a `pump`, worlds work by themselves; without one, only when their clock is advanced.

    `webhook_hosts` may be posted to over plain HTTP beside this machine. `rate_limit` is what organizations made over the
    control plane start with; `directory` says where organizations are kept, in this process unless told.
    """

    def __init__(
        self,
        transport: Transport,
        *dialects: Dialect,
        rng_seed: str = "0",
        webhook_hosts: tuple[str, ...] = (),
        rate_limit: RateLimit | None = RateLimit(),
        now: Callable[[], Instant] = monotonic_now,
        directory: Directory | None = None,
    ) -> None:
        self.webhook_hosts = webhook_hosts
        self.rate_limit = rate_limit
        self.metrics = Metrics()
        self._transport = Metered(transport, self.metrics)
        self.dialects = {one.name: one for one in dialects}
        self._now = now
        self._rng_seed = rng_seed
        self._directory = MemoryDirectory(rng_seed) if directory is None else directory
        self._dice = self._directory.dice
        self.lock = self._directory.lock
        """Held while organizations come, change places or go."""
        self._seeds: dict[str, Seed] = {}
        self.fault_header = False
        """May a call ask for its own fault, in the header X-Mock-Fault?"""
        self.waits = threading.BoundedSemaphore(MOST_WAITS)
        """Held by each call that waits for something to happen."""
        self.pump: Pump | None = None
        self.checks: dict[str, Check] = {}
        """What has to be well, by its name, before this server is given work."""
        self._directory.open(self._assemble, self._connect)

    @property
    def default(self) -> World:
        """The organization that `default` means."""
        return self.get("default")

    @property
    def default_id(self) -> str:
        """Its id; empty before there is one."""
        return self._directory.default_id

    @default_id.setter
    def default_id(self, org_id: str) -> None:
        self._directory.default_id = org_id

    def run(self, pump: Pump) -> None:
        """From now on the worlds work by themselves, as their clocks run."""
        with self.lock:
            self.pump = pump
            for world in self.all():
                self._connect(world)
        pump.start()

    def stop(self) -> None:
        """Nothing new is begun."""
        for world in self.all():
            world.closed = True
        if self.pump is not None:
            self.pump.stop()

    def close(self) -> None:
        """Nothing is asked of the store any more."""
        self._directory.close()

    def get(self, org_id: str) -> World:
        """By id, or `default`. Raises NotFound."""
        world = self._directory.find(self.default_id if org_id == "default" else org_id)
        if world is None:
            raise NotFound("organization", org_id, "list them at /_mock/orgs")
        return world

    def all(self) -> list[World]:
        """Newest first."""
        return self._directory.everyone()

    def by_key(self, secret: str) -> tuple[World, ApiKey] | None:
        """Whose key this is, revoked ones included; None for a key nobody has."""
        hashed = digest(secret)
        world = self._directory.whose(hashed)
        key = world.store.api_keys.one("digest", hashed) if world else None
        return (world, key) if world and key else None

    def create(self, wanted: NewOrg) -> tuple[World, str, str]:
        """A new organization with its API key and webhook secret. Raises Invalid for a seed that does not exist."""
        with self.lock:
            org_id = self._dice.record_id(EPOCH)
            plan = Plan(
                seed=self._seed(wanted),
                scale=wanted.scale,
                webhook_secret=wanted.webhook_secret or self._dice.signing_secret(),
                hooks=wanted.hooks,
                rate_limit=wanted.rate_limit,
                start=self._now() if wanted.scale == 0 else None,
            )
            org = Org(
                id=org_id,
                name=wanted.name or f"Organization {self._directory.count() + 1}",
                seed=plan.seed.name,
                rng_seed=f"{self._rng_seed}/{self._dice.drawn}" if wanted.rng_seed is None else wanted.rng_seed,
                created_at=self._now(),
            )
            world = self._build(org, plan)
            self._directory.move_in(world, plan)
            with settings_are_no_story(world):
                secret, _ = self.issue_key(world, "First key", wanted.api_key)
            return world, secret, plan.webhook_secret

    def _seed(self, wanted: NewOrg) -> Seed:
        """A seed this server has used before, file or not, may be named again by anybody."""
        seed = self._seeds.get(wanted.seed) or seeds.load(wanted.seed, files=wanted.seed_files)
        self._seeds[seed.name] = seed
        return seed

    def dialect(self, vendor: str = "") -> Dialect:
        """The vendor with this name, or the first one. Raises Invalid."""
        name = vendor or next(iter(self.dialects))
        if name not in self.dialects:
            raise Invalid("vendor", f"there is no vendor {name!r} here (there are: {', '.join(self.dialects)})")
        return self.dialects[name]

    def issue_key(self, world: World, label: str, secret: str | None = None, vendor: str = "") -> tuple[str, ApiKey]:
        """A new API key for this organization; the secret is answered here and kept nowhere."""
        with self.lock:
            secret = secret or self._dice.api_key(self.dialect(vendor).key_prefix)
            key = api_keys.add(world, label, secret)
            self._directory.issued(key.digest, world)
            return secret, key

    def reset(self, org_id: str) -> World:
        """Back to its seed and its start. API keys stay as they are. Raises NotFound."""
        with self.lock:
            old = self.get(org_id)
            return self._replace(old, self._build(old.org, self._directory.plan(old.org.id)), {})

    def restore(self, org_id: str, snapshot: Snapshot) -> World:
        """As the snapshot has it; identity and API keys stay. Raises NotFound, and Conflict while the clock is advanced."""
        org, state = self.get(org_id).org, snapshot.state
        with self._directory.together():
            world = self._world(org, Clock(state.clock.pace, state.clock.now), Dice(state.dice.seed), state.policy)
            snapshots.pour(snapshot, world)
            with self.lock:
                old = self.get(org_id)
                old.agenda.require_rest()
                with world.lock:
                    world.clock.set(now=state.clock.now)  # it has run since it was made
                return self._replace(old, world, {key.digest: key for key in snapshot.records["api_keys"]})

    def _replace(self, old: World, world: World, as_it_was: dict[str, ApiKey]) -> World:
        """Another world for an organization. Nothing of the old one runs any more, and what is on the wire is settled in it.

        API keys stay; one that is among `as_it_was`, by its digest, is as it was then.
        """
        with old.lock:
            old.closed = True
            world.feed, old.feed = old.feed, world.feed
            old.hung.let_go()
            keys = [replace(as_it_was.get(key.digest, key), id=key.id) for key in old.store.api_keys.everything()]
        world.store.api_keys.fill(keys)
        self._directory.move_in(world)
        world.began_again()
        return world

    def drop(self, org_id: str) -> None:
        """Gone, with all that was waiting. Raises NotFound, and Conflict for the default one."""
        with self.lock:
            world = self.get(org_id)
            if world.org.id == self.default_id:
                raise Conflict("The default organization stays; reset it instead")
            world.closed = True
            world.feed.close()
            world.hung.let_go()
            self._directory.move_out(world)

    def _connect(self, world: World) -> None:
        if self.pump is not None:
            world.wake = partial(self.pump.notify, world.agenda)
            world.wake()

    def _build(self, org: Org, plan: Plan) -> World:
        """A world as its plan says: planted at the epoch, so that its ids do not depend on today, then brought to now."""
        policy = replace(plan.seed.policy, rate_limit=plan.rate_limit)
        world = self._world(org, Clock(scale=0, start=EPOCH), Dice(org.rng_seed), policy)
        seeds.plant(world, plan.seed, plan.start or self._now())
        with world.lock:
            world.clock.set(scale=plan.scale)
        with settings_are_no_story(world):
            for url in plan.hooks:
                endpoints.add(world, url, (), plan.webhook_secret)
        return world

    def _world(self, org: Org, clock: Clock, dice: Dice, policy: Policy) -> World:
        return self._assemble(World(org, clock, dice, policy, self._directory.new_store(org, policy, dice.seed)))

    def _assemble(self, world: World) -> World:
        world.sent = self.metrics.sent.add
        return assemble(world, self._transport, self.dialects)


@contextmanager
def settings_are_no_story(world: World) -> Iterator[None]:
    """What comes with a new organization is not something that happened: its clock may still be set to before it."""
    happened = world.latest_change
    yield
    with world.lock:
        world.latest_change = happened


def scale_of(text: str, field: str = "clock") -> float:
    """`real`, `manual` or `xN` as a clock's scale. Raises Invalid."""
    names = {"real": 1.0, "manual": 0.0}
    if text in names:
        return names[text]
    try:
        scale = float(text.removeprefix("x")) if text.startswith("x") else 0.0
    except ValueError:
        scale = 0.0
    if not 0 < scale <= 1_000_000:
        raise Invalid(field, f"{text!r} is not a clock; it is real, manual, or xN for N times real time (x60)")
    return scale
