"""A fake in this process, with a new organization for every input and a receiver that always says 200."""

from __future__ import annotations

import json
import logging
from concurrent.futures import Future
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from bench.fuzz.target import expect
from mock_server.app import create_app
from mock_server.domain.instant import parse
from mock_server.orgs import DEFAULT_API_KEY, DEFAULT_FLOWIQ_KEY, NewOrg, Orgs
from mock_server.vendors.registry import DIALECTS
from mock_server.webhooks.transport import Answer, Post
from mock_server.wire import ENVIRON_KEY, Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from flask import Flask

    from mock_server.world import World

START = parse("2026-11-21T10:00:00Z")
KEYS = {"flowella": DEFAULT_API_KEY, "flowiq": DEFAULT_FLOWIQ_KEY}


class Receiver:
    """A transport whose posts are answered before they are on their way."""

    def submit(self, _: Post) -> Future[Answer]:
        """Takes one."""
        future: Future[Answer] = Future()
        future.set_result(Answer(200, None, "", 0.0, b"", ()))
        return future

    def close(self) -> None:
        """There is nothing to close."""


@cache
def _house() -> tuple[Orgs, Flask]:
    registry = Orgs(Receiver(), *DIALECTS, rng_seed="fuzz", now=lambda: START)
    return registry, create_app(registry)


@contextmanager
def orgs() -> Iterator[Orgs]:
    """The registry, without a pump, and without organizations again afterwards."""
    registry, _ = _house()
    try:
        yield registry
    finally:
        registry.default_id = ""  # which may not be dropped
        for world in registry.all():
            registry.drop(world.org.id)


class Said(NamedTuple):
    """An answer. The body of a stream is not waited for."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body; raises ValueError if it is none."""
        return json.loads(self.body)


class Caller:
    """Calls the app as a server would. What the app logs as a mistake of its own is raised here."""

    def __init__(self, registry: Orgs, world: World) -> None:
        self.world_id = world.org.id
        self.orgs = registry
        _, self._app = _house()

    @property
    def world(self) -> World:
        """The organization that calls go to, as it is now."""
        return self.orgs.get(self.world_id)

    def __call__(
        self, method: str, path: str, query: str = "", body: bytes = b"", headers: Iterable[tuple[str, str]] = ()
    ) -> Said:
        """One call."""
        said: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], _: Any = None, /) -> Callable[[bytes], object]:
            said.extend((status, headers))
            return said.append

        environ = _environ(method, path, query, body, headers)
        with mistakes_raised():
            answer = self._app.wsgi_app(environ, start)
            streamed = dict(said[1]).get("Content-Type", "").startswith("text/event-stream")
            content = b"" if streamed else b"".join(answer)
            close: Callable[[], None] | None = getattr(answer, "close", None)
            if close is not None:
                close()
        return Said(int(said[0].split()[0]), dict(said[1]), content)


def _environ(method: str, path: str, query: str, body: bytes, headers: Iterable[tuple[str, str]]) -> dict[str, Any]:
    import io
    import sys

    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "here",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": "application/json",
        ENVIRON_KEY: Wire(lambda _, announced: None),
    }
    for name, value in headers:
        environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    return environ


class _Raising(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.error: BaseException | None = None

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1] is not None:
            self.error = record.exc_info[1]


@contextmanager
def mistakes_raised() -> Iterator[None]:
    """Exceptions that were caught and logged are raised all the same."""
    handler, log = _Raising(), logging.getLogger("flowella_mock")
    log.addHandler(handler)
    log.propagate, before = False, log.propagate
    try:
        yield
    finally:
        log.propagate = before
        log.removeHandler(handler)
    if handler.error is not None:
        raise handler.error


@contextmanager
def caller(*, fault_header: bool = False) -> Iterator[Caller]:
    """Somebody who calls a new organization, without rate limit and on a clock that stands still."""
    with orgs() as registry:
        registry.fault_header = fault_header
        world = registry.create(NewOrg(scale=0, rng_seed="0", api_key=DEFAULT_API_KEY, rate_limit=None))[0]
        registry.default_id = world.org.id
        registry.issue_key(world, "FlowIQ", DEFAULT_FLOWIQ_KEY, vendor="flowiq")
        yield Caller(registry, world)


def envelope(said: Said, where: str) -> None:
    """A refusal is JSON and has words in it."""
    expect(said.headers.get("Content-Type", "").startswith("application/json"), f"{where}: {said.status} is no JSON")
    told = said.json
    expect(isinstance(told, dict) and told, f"{where}: {said.status} says {told!r}")
