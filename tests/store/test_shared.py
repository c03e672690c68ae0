"""Two servers on one PostgreSQL: whatever happens in one is so in the other."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from conftest import START, FakeTransport
from postgres_server import wipe

from mock_server import snapshots
from mock_server.clock import END
from mock_server.domain.errors import Conflict, NotFound
from mock_server.domain.faults import EFFECTS, Effect
from mock_server.domain.rate_limits import RateLimit
from mock_server.feed import Gap
from mock_server.keeping import opened
from mock_server.lasting import store_of
from mock_server.orgs import NewOrg, Orgs
from mock_server.services import endpoints, faults, messages
from mock_server.services.accounts import admit_call
from mock_server.services.clocks import set_clock
from mock_server.store.protocol import Gone
from mock_server.vendors.registry import DIALECTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mock_server.world import World

PHONE = "+27821234567"


@dataclass
class Server:
    """One of them, with its own connections, its own idea of worlds, its own transport."""

    orgs: Orgs
    transport: FakeTransport

    @property
    def world(self) -> World:
        """The default organization's, as a request would find it."""
        return self.orgs.default


def _server(url: str) -> Server:
    transport = FakeTransport()
    return Server(
        Orgs(transport, *DIALECTS, rng_seed="tests", now=lambda: START, directory=opened(url, "tests")), transport
    )


@pytest.fixture
def servers(postgres: str) -> Iterator[tuple[Server, Server]]:
    """Both, with one organization whose clock stands."""
    wipe(postgres)
    one = _server(postgres)
    one.orgs.create(NewOrg(scale=0, rng_seed="s", api_key="flo_" + "a" * 24, rate_limit=RateLimit(1, 5)))
    two = _server(postgres)
    yield one, two
    for server in (one, two):
        server.orgs.stop()
        server.orgs.close()


def send(world: World, text: str) -> str:
    """A message to the same person."""
    return messages.send_text(world, to=PHONE, text=text, channel_id=None).id


def test_what_is_sent_at_one_is_read_at_the_other(servers: tuple[Server, Server]) -> None:
    """By turns; each draws its ids where the other left off, and both tell the same story as one server in memory."""
    one, two = servers
    sent = [send(servers[number % 2].world, f"m{number}") for number in range(6)]
    for server in servers:
        assert [message.id for message in server.world.store.messages.newest()][:6] == sent[::-1]
    alone = Orgs(FakeTransport(), *DIALECTS, rng_seed="tests", now=lambda: START)
    world = alone.create(NewOrg(scale=0, rng_seed="s", api_key="flo_" + "a" * 24, rate_limit=RateLimit(1, 5)))[0]
    assert [send(world, f"m{number}") for number in range(6)] == sent
    assert snapshots.write(snapshots.take(one.world)) == snapshots.write(snapshots.take(world))
    assert snapshots.write(snapshots.take(two.world)) == snapshots.write(snapshots.take(world))


def test_keys_and_organizations_of_one_are_the_others(servers: tuple[Server, Server]) -> None:
    """Made in one, found in the other; dropped there, gone here."""
    one, two = servers
    world, secret, _ = one.orgs.create(NewOrg(name="New", scale=0))
    found = two.orgs.by_key(secret)
    assert found is not None
    assert (found[0].org, two.orgs.all()[0].org.name) == (world.org, "New")
    more, _ = two.orgs.issue_key(found[0], "Second")
    assert one.orgs.by_key(more) is not None
    two.orgs.drop(world.org.id)
    assert one.orgs.by_key(secret) is None
    with pytest.raises(NotFound):
        one.orgs.get(world.org.id)


def test_one_rate_limit_for_all(servers: tuple[Server, Server]) -> None:
    """Five calls at once, wherever they land."""
    assert [admit_call(servers[number % 2].world) for number in range(7)] == [True] * 5 + [False] * 2


def test_the_clock_is_the_organizations(servers: tuple[Server, Server]) -> None:
    """Moved in one, it shows the same in the other; work is done where it is advanced, once."""
    one, two = servers
    endpoints.add(one.world, "http://127.0.0.1:9/", (), None)
    send(one.world, "m")
    ran = two.world.agenda.advance(None)
    assert ran.total() > 1
    assert (len(one.transport.posts), len(two.transport.posts) > 0) == (0, True)
    assert one.world.clock.now() == two.world.clock.now() > START
    assert one.world.agenda.advance(None) == {}


def test_only_one_advances(servers: tuple[Server, Server]) -> None:
    """While it does, the other refuses to; and to set the clock, and to take a snapshot."""
    one, two = servers
    one.transport.answer = lambda _: None
    endpoints.add(one.world, "http://127.0.0.1:9/", (), None)
    send(one.world, "m")
    advancing = threading.Thread(target=lambda: one.world.agenda.advance(None))
    advancing.start()
    while not one.transport.hanging:
        threading.Event().wait(0.01)
    for attempt in (
        lambda: two.world.agenda.advance(None),
        lambda: set_clock(two.world, scale=1.0, now=None),
        lambda: snapshots.take(two.world),
    ):
        with pytest.raises(Conflict):
            attempt()
    one.transport.answer = lambda _: 200
    one.transport.release()
    advancing.join()
    assert two.world.agenda.advance(None) == {}


def test_who_dies_while_advancing_leaves_a_clock_that_runs(servers: tuple[Server, Server]) -> None:
    """The clock it held goes on as before, once somebody looks."""
    one, two = servers
    set_clock(one.world, scale=60.0, now=None)
    world = one.world
    with world.lock:
        world.clock.hold()
    assert two.world.agenda.advancing
    one.orgs.close()  # its connections end, as when it is killed
    watch = store_of(world).watch
    watch._advancing.connection.invalidate()  # type: ignore[union-attr]
    for _ in range(500):
        with two.world.lock:
            if not two.world.clock.held:
                break
        threading.Event().wait(0.01)
    assert (two.world.clock.held, two.world.clock.scale) == (False, 60.0)


def test_a_reset_in_one_is_a_reset_in_the_other(servers: tuple[Server, Server]) -> None:
    """What held on to the old world is told that it is gone, and writes nothing."""
    one, two = servers
    send(one.world, "m")
    old = one.world
    two.orgs.reset("default")
    with pytest.raises(Gone):
        send(old, "late")
    assert (one.world.store.messages.count(), one.world is old, old.closed) == (
        two.world.store.messages.count(),
        False,
        True,
    )
    assert send(one.world, "new") in {message.id for message in two.world.store.messages.newest()}


def test_a_running_clock_is_called_up_in_time(servers: tuple[Server, Server]) -> None:
    """One job for the next thing due, deferred with the change; none while the clock stands; another when it is set."""
    one, _ = servers
    send(one.world, "m")
    assert _wakes(one) == 0
    set_clock(one.world, scale=1.0, now=None)
    assert _wakes(one) == 1
    for number in range(5):
        send(one.world, f"m{number}")
    assert _wakes(one) == 1
    set_clock(one.world, scale=0.0, now=min(one.world.clock.now() + 1, END))
    send(one.world, "later")
    assert (_wakes(one), store_of(one.world).wake_at) == (1, None)


def _wakes(server: Server) -> int:
    from sqlalchemy import text

    database = store_of(server.world).database
    return len(database.read(text("SELECT id FROM procrastinate_jobs WHERE status = 'todo'"), {}))


def _send_and_fail(world: World) -> None:
    with world.unit() as unit:
        send(world, "m")
        raise ZeroDivisionError(unit)


def test_what_is_rolled_back_defers_nothing(servers: tuple[Server, Server]) -> None:
    """No job without its change."""
    one, _ = servers
    set_clock(one.world, scale=1.0, now=None)
    with pytest.raises(ZeroDivisionError):
        _send_and_fail(one.world)
    assert (_wakes(one), one.world.store.tasks.count()) == (0, 0)


def test_who_waits_here_hears_of_what_is_done_there(servers: tuple[Server, Server]) -> None:
    """And who listens is told that there is something to be read again."""
    one, two = servers
    world, done = one.world, []
    place = world.feed.begin()
    waiting = threading.Thread(target=lambda: done.append(world.wait_for(lambda: world.store.messages.count() > 2, 60)))
    waiting.start()
    for number in range(3):
        send(two.world, f"m{number}")
    waiting.join()
    assert done == [True]
    assert Gap(place + 1, None) in list(world.feed.after(place))


def test_faults_are_counted_for_all(servers: tuple[Server, Server]) -> None:
    """A rule that strikes twice does so twice, wherever."""
    one, two = servers
    faults.add(one.world, "sendMessage", Effect("status", {"status": 503}), {"times": 2})
    struck = []
    for number in range(5):
        with servers[number % 2].world.unit() as unit:
            struck.append(bool(faults.strike(unit, "sendMessage", {}, EFFECTS.keys())))
    assert struck == [True, True, False, False, False]
    assert next(two.world.store.faults.newest()).seen == next(one.world.store.faults.newest()).seen == 5


def test_both_at_once(servers: tuple[Server, Server]) -> None:
    """Four threads in two servers: each message has an id of its own, and the counts are right."""

    def work(server: Server, name: str) -> None:
        for number in range(12):
            send(server.world, f"{name}{number}")

    threads = [threading.Thread(target=work, args=(servers[n % 2], f"{n}/")) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = list(servers[0].world.store.messages.newest())
    assert sorted(message.text or "" for message in found) == sorted(f"{n}/{i}" for n in range(4) for i in range(12))
    assert (servers[1].world.store.messages.count(), servers[0].world.store.tasks.count()) == (48, 48)
