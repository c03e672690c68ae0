"""What a process left when it died is taken up again: by the next one on SQLite, by another worker on PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from conftest import START, FakeTransport
from postgres_server import wipe

from mock_server.app import create_app
from mock_server.domain.errors import Invalid
from mock_server.domain.tasks import TaskKind
from mock_server.keeping import opened
from mock_server.lasting import store_of, world_id
from mock_server.orgs import NewOrg, Orgs
from mock_server.services import endpoints, messages
from mock_server.services.clocks import set_clock
from mock_server.store.protocol import Unavailable
from mock_server.store.sql.database import Session
from mock_server.vendors.registry import DIALECTS
from mock_server.worker import Worker

if TYPE_CHECKING:
    from pathlib import Path

    from mock_server.world import World

HOOK = "http://127.0.0.1:9/"


def registry(url: str) -> tuple[Orgs, FakeTransport]:
    """Organizations whose webhooks hang."""
    transport = FakeTransport()
    transport.answer = lambda _: None
    return Orgs(transport, *DIALECTS, rng_seed="tests", now=lambda: START, directory=opened(url, "tests")), transport


def attempts(transport: FakeTransport) -> list[bytes]:
    """What went out."""
    return [post.body for post in transport.posts]


def live(world: World) -> None:
    """A message that comes in, and a receiver for it."""
    endpoints.add(world, HOOK, (), None)
    messages.receive_text(world, sender="+27821234567", text="hi", channel_id=None, profile_name="T")


def test_an_attempt_that_was_on_the_wire_is_made_again(tmp_path: Path) -> None:
    """With the same event, once; and it was not lost that nothing else was due."""
    url = f"sqlite:///{tmp_path}/world.db"
    orgs, transport = registry(url)
    live(orgs.create(NewOrg(scale=1.0))[0])
    orgs.default.agenda.run_due()
    assert (len(transport.posts), orgs.default.store.tasks.count()) == (2, 0)
    orgs.close()  # and nobody settles anything
    orgs, again = registry(url)
    orgs.default.agenda.run_due()
    assert sorted(attempts(again)) == sorted(attempts(transport))
    again.release()
    assert {delivery.status for delivery in orgs.default.store.deliveries.newest()} == {"succeeded"}
    orgs.close()


def test_a_clock_that_was_being_advanced_runs_on(tmp_path: Path) -> None:
    """At its pace, from where it stood."""
    url = f"sqlite:///{tmp_path}/world.db"
    orgs, _ = registry(url)
    world = orgs.create(NewOrg(scale=60.0))[0]
    with world.lock:
        world.clock.hold()
    orgs.close()
    orgs, _ = registry(url)
    assert (orgs.default.clock.held, orgs.default.clock.scale) == (False, 60.0)
    orgs.close()


def test_time_passes_while_nobody_is_there(tmp_path: Path) -> None:
    """What fell due meanwhile is due at once; a manual clock stands where it stood."""
    url = f"sqlite:///{tmp_path}/world.db"
    orgs, _ = registry(url)
    fast, still = orgs.create(NewOrg(scale=1_000_000.0))[0], orgs.create(NewOrg(scale=0))[0]
    with fast.unit() as unit:
        unit.schedule(TaskKind.UNPAUSE, "nobody", unit.now + 1_000)
    stood = still.clock.now()
    orgs.close()
    orgs, _ = registry(url)
    assert orgs.default.agenda.real_seconds_until_due() == 0
    assert orgs.get(still.org.id).clock.now() == stood
    orgs.close()


def test_another_worker_takes_a_dead_ones_place(postgres: str) -> None:
    """The slot's delivery is prepared again, not the next one; once settled, the next; then the slot is given back."""
    wipe(postgres)
    orgs, transport = registry(postgres)
    world = orgs.create(NewOrg(scale=0))[0]
    live(world)
    set_clock(world, scale=1.0, now=None)
    with world.lock:
        world.agenda.run_due()
    assert (transport.posts, world.store.tasks.count(), store_of(world).lanes.count()) == ([], 0, 2)
    endpoint = next(world.store.endpoints.newest()).id
    first, second = Worker(postgres, 1), Worker(postgres, 1)

    def step(worker: Worker, done: Any) -> Any:
        return worker.take_turns(world.org.id, world_id(world), [((endpoint, 0), done)])[0]

    row, _, prepared = step(first, None)
    again_row, _, again = step(second, None)
    assert (again_row, again.delivery.id, again.post.body) == (row, prepared.delivery.id, prepared.post.body)
    transport.answer = lambda _: 200
    next_row, _, following = step(second, (row, again, transport.submit(again.post)))
    assert following.delivery.id != again.delivery.id
    assert step(second, (next_row, following, transport.submit(following.post))) is None
    found = orgs.default
    assert {delivery.status for delivery in found.store.deliveries.newest()} == {"succeeded"}
    with found.lock:
        assert (store_of(found).lanes.count(), store_of(found).lanes.at_work.get(endpoint)) == (0, [1])
    for one in (first, second, orgs):
        one.close()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://a/b", "write sqlite:///file.db"),
        ("sqlite://", "write sqlite:///file.db"),
        ("nonsense", "write sqlite:///file.db"),
        ("sqlite:////nowhere/at/all.db", "--store"),
    ],
)
def test_what_is_no_store_is_refused(url: str, said: str) -> None:
    """With what would be right."""
    with pytest.raises(Invalid, match=said):
        opened(url, "0")


def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    """It says which versions, and what to do."""
    from sqlalchemy import text

    url = f"sqlite:///{tmp_path}/world.db"
    directory = opened(url, "0")
    with directory.database.together() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    directory.close()
    with pytest.raises(Invalid, match="schema 9999, and this version knows up to 0002"):
        opened(url, "0")


def test_migrations_lead_to_the_tables_that_are_used(tmp_path: Path, postgres: str) -> None:
    """Alembic finds nothing to add, on either database."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from mock_server.store.sql.schema import metadata

    wipe(postgres)
    for url in (f"sqlite:///{tmp_path}/world.db", postgres):
        directory = opened(url, "0")
        with directory.database.engine.connect() as connection:
            ours = {"include_name": lambda name, kind, _: kind != "table" or name in metadata.tables}
            found = compare_metadata(MigrationContext.configure(connection, opts=ours), metadata)
        assert found == []
        directory.close()


def test_a_call_while_the_database_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is answered 500, in the door's own words; the next one, with the database back, as ever."""
    orgs, _ = registry(f"sqlite:///{tmp_path}/world.db")
    orgs.create(NewOrg(scale=0, api_key="flo_" + "a" * 24))
    client = create_app(orgs).test_client()
    headers = {"Authorization": "Bearer flo_" + "a" * 24}

    def fail(*_: Any) -> Any:
        raise Unavailable("gone")

    with monkeypatch.context() as away:
        away.setattr(Session, "execute", fail)
        refused = client.get("/api/v1/ping", headers=headers)
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (500, "INTERNAL_ERROR")
    assert client.get("/api/v1/ping", headers=headers).status_code == 200
    orgs.close()
