"""What most tests stand on: worlds in memory, a clock that moves only by hand, a transport that takes notes."""

from __future__ import annotations

import os
from concurrent.futures import Future
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from postgres_server import VARIABLE, server, wipe

from mock_server.domain.instant import parse
from mock_server.orgs import NewOrg, Orgs
from mock_server.vendors.registry import DIALECTS
from mock_server.webhooks.transport import CANCELLED, Answer, Post

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mock_server.directory import Directory
    from mock_server.world import World

START = parse("2026-11-21T10:00:00Z")
"""Where every clock in these tests starts."""

# The same examples in every run: a test that fails fails for everybody. Explore with --hypothesis-profile=default.
settings.register_profile("house", deadline=None, database=None, derandomize=True)
settings.load_profile("house")


class FakeTransport:
    """Notes every post. `answer` gives the status it is answered with, or None: then it hangs until it is released."""

    def __init__(self) -> None:
        self.posts: list[Post] = []
        self.hanging: list[tuple[Post, Future[Answer]]] = []
        self.answer: Callable[[Post], int | None] = lambda _: 200

    def submit(self, post: Post) -> Future[Answer]:
        """Take one post."""
        self.posts.append(post)
        future: Future[Answer] = Future()
        status = self.answer(post)
        if status is None:
            self.hanging.append((post, future))
        else:
            future.set_result(Answer(status, None, "", 0.0, b"", ()))
        return future

    def release(self, status: int = 200) -> None:
        """Answer what hangs now."""
        self._complete(Answer(status, None, "", 0.0, b"", ()))

    def close(self) -> None:
        """Give up what hangs now."""
        self._complete(CANCELLED)

    def _complete(self, answer: Answer) -> None:
        hanging, self.hanging = self.hanging, []
        for _, future in hanging:
            future.set_result(answer)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL database for tests; each worker of a parallel run has one of its own."""
    given = os.environ.get(VARIABLE)
    if given:
        yield given
        return
    with server() as found:
        yield found.url()


@pytest.fixture
def transport() -> FakeTransport:
    """Where the webhooks of `orgs` go."""
    return FakeTransport()


@pytest.fixture
def directory(request: pytest.FixtureRequest, tmp_path: Path) -> Directory | None:
    """Where `orgs` are kept: in memory, or where FLOWELLA_MOCK_TEST_STORE says, which is `sqlite` or `postgres`."""
    kind = os.environ.get("FLOWELLA_MOCK_TEST_STORE", "memory")
    if kind == "memory":
        return None
    from mock_server.keeping import opened

    if kind == "sqlite":
        return opened(f"sqlite:///{tmp_path}/world.db", "tests")
    url: str = request.getfixturevalue("postgres")
    wipe(url)
    return opened(url, "tests")


@pytest.fixture
def orgs(transport: FakeTransport, directory: Directory | None) -> Iterator[Orgs]:
    """A registry without a pump: worlds work only when their clock is advanced, or somebody runs what is due."""
    registry = Orgs(transport, *DIALECTS, rng_seed="tests", now=lambda: START, directory=directory)
    yield registry
    registry.stop()
    registry.close()


@pytest.fixture
def world(orgs: Orgs) -> World:
    """An organization with the default seed, its clock standing at START."""
    return orgs.create(NewOrg(scale=0))[0]
