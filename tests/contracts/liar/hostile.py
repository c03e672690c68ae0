"""Servers that are nothing like the contract: what a harness meets when an address, a key or a proxy is wrong.

`HOSTILE` has them by name; each is a context manager that gives a Target.
"""

from __future__ import annotations

import random
import socket
import socketserver
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING

from mock_server.app import create_app
from mock_server.vendors.flowella import PREFIX
from mock_server.wire import ENVIRON_KEY

from .messages import Answer, Call, ask, error, reply, send
from .serving import Target, honest, honest_orgs, running, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from wsgiref.types import StartResponse, WSGIApplication

    Start = Callable[[], AbstractContextManager[Target]]

LOGIN_PAGE = (
    b"<!doctype html><html><head><title>Sign in</title></head><body><h1>Sign in to continue</h1>"
    b'<form method="post" action="/login"><input name="user"><input name="password" type="password"></form></body></html>'
)
ELSEWHERE = "http://elsewhere.invalid"
"""Where the redirecting server sends everybody; a name that never exists (RFC 6761)."""


def login_page() -> Answer:
    """What a company's proxy says to everything, with status 200."""
    return reply(200, LOGIN_PAGE, "text/html; charset=utf-8")


def empty_object() -> Answer:
    """A server that is up and has nothing to say."""
    return reply(200, {})


def too_many() -> Answer:
    """A quota used up for good, in the right envelope."""
    return error(429, "RATE_LIMITED", "Too many requests")


def broken() -> Answer:
    """A server that fails at everything, in the right envelope."""
    return error(500, "INTERNAL_ERROR", "Something went wrong")


def same_for_all(answer: Callable[[], Answer]) -> WSGIApplication:
    """An application that answers every request alike."""

    def app(environ: dict[str, object], start_response: StartResponse) -> Iterable[bytes]:
        Call.read(environ)
        return send(answer(), start_response)

    return app


def redirecting(environ: dict[str, object], start_response: StartResponse) -> Iterable[bytes]:
    """Sends everything to the same path on another host; whoever follows takes the key there."""
    call = Call.read(environ)
    where = f"{ELSEWHERE}{call.path}"
    return send(reply(307, b"", "text/plain", Location=where), start_response)


def ending(how: str, *arguments: float) -> WSGIApplication:
    """An application whose connections end in one of the ways of `mock_server.wire`."""

    def app(environ: dict[str, object], start_response: StartResponse) -> Iterable[bytes]:
        Call.read(environ)
        getattr(environ[ENVIRON_KEY], how)(*arguments)
        return send(empty_object(), start_response)

    return app


@contextmanager
def app_target(app: WSGIApplication) -> Iterator[Target]:
    """An application in the place of the API."""
    with serving(app) as url:
        yield Target(url + PREFIX)


@contextmanager
def dead_port() -> Iterator[Target]:
    """A port where nobody listens, and nobody else can while this lasts."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield Target(f"http://127.0.0.1:{held.getsockname()[1]}{PREFIX}")


@contextmanager
def wrong_key() -> Iterator[Target]:
    """The honest fake, and a key that it does not know."""
    with honest() as target:
        yield replace(target, api_key="flo_thiskeyhasneverexisted00")


@contextmanager
def recording() -> Iterator[Target]:
    """The honest fake, every call written down in `calls`."""
    calls: list[Call] = []
    with running(honest_orgs()) as orgs:
        app = create_app(orgs)

        def record(environ: dict[str, object], start_response: StartResponse) -> Iterable[bytes]:
            call = Call.read(environ)
            calls.append(call)
            return send(ask(app, call), start_response)

        with serving(record) as url:
            yield Target(url + PREFIX, calls=calls)


class Garbage(socketserver.BaseRequestHandler):
    """Reads what comes and answers a kilobyte that is no HTTP, the same each time."""

    NOISE = random.Random(7).randbytes(1024)

    def handle(self) -> None:
        self.request.recv(65_536)
        self.request.sendall(self.NOISE)


@contextmanager
def garbage() -> Iterator[Target]:
    """A port where somebody speaks another protocol."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Garbage) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield Target(f"http://127.0.0.1:{server.server_address[1]}{PREFIX}")
        server.shutdown()


HOSTILE: Mapping[str, Start] = {
    "dead-port": dead_port,
    "wrong-key": wrong_key,
    "login-page": partial(app_target, same_for_all(login_page)),
    "empty-object": partial(app_target, same_for_all(empty_object)),
    "always-429": partial(app_target, same_for_all(too_many)),
    "always-500": partial(app_target, same_for_all(broken)),
    "redirects-elsewhere": partial(app_target, redirecting),
    "hangs": partial(app_target, ending("hang", 3600.0)),
    "hangs-up": partial(app_target, ending("close")),
    "resets": partial(app_target, ending("reset")),
    "garbage": garbage,
    "records": recording,
}
"""By name."""
