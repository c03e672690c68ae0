"""A snapshot moves a world from one store to another, and nothing of it changes on the way."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from conftest import START, FakeTransport
from postgres_server import wipe

from mock_server import snapshots
from mock_server.keeping import opened
from mock_server.orgs import NewOrg, Orgs
from mock_server.services import endpoints, messages
from mock_server.vendors.registry import DIALECTS

if TYPE_CHECKING:
    from pathlib import Path

    from mock_server.directory import Directory
    from mock_server.world import World


def registry(directory: Directory | None) -> Orgs:
    """Organizations that are the same wherever they are kept."""
    orgs = Orgs(FakeTransport(), *DIALECTS, rng_seed="tests", now=lambda: START, directory=directory)
    orgs.create(NewOrg(scale=0))
    return orgs


def live(world: World) -> None:
    """Some of everything: settled, under way, waiting."""
    endpoints.add(world, "http://127.0.0.1:9/hook", (), None)
    messages.receive_text(world, sender="+27821234567", text="hi \U0001f600", channel_id=None, profile_name="T")
    world.agenda.advance(world.clock.now() + 5_000_000)
    for number in range(5):
        messages.send_text(world, to=f"+2782123456{number}", text=f"m{number}", channel_id=None)
    world.agenda.advance(world.clock.now() + 1)


def test_from_memory_to_sqlite_to_postgres_and_back(tmp_path: Path, postgres: str) -> None:
    """Byte for byte at each stop; and it goes on in the same way at each."""
    wipe(postgres)
    stops = [registry(None), registry(opened(f"sqlite:///{tmp_path}/a.db", "tests"))]
    stops += [registry(opened(postgres, "tests")), registry(None)]
    live(stops[0].default)
    first = document = snapshots.write(snapshots.take(stops[0].default))
    for orgs in stops[1:]:
        orgs.restore("default", snapshots.read(json.loads(document)))
        document = snapshots.write(snapshots.take(orgs.default))
        assert document == first
    ends = set()
    for orgs in stops:
        orgs.default.agenda.advance(None)
        messages.send_text(orgs.default, to="+27821234567", text="after", channel_id=None)
        ends.add(snapshots.write(snapshots.take(orgs.default)))
        orgs.close()
    assert len(ends) == 1
