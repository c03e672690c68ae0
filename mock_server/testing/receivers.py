"""Receivers under test, called as functions: WSGI and ASGI applications, and plain functions of (headers, body).

Whatever a receiver raises is kept for the test, and counts as a failed delivery, as it would in production.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mock_server.testing import exchange
from mock_server.webhooks.transport import Answer, PostError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mock_server.webhooks.transport import Post

EXCERPT = 2_048
"""Bytes of an answer's body that are kept, as over HTTP."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a receiver answered. `error` is what it raised, if its framework made an answer of that."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    error: BaseException | None = None


if TYPE_CHECKING:
    Call = Callable[[Post], Said]


class Receiver:
    """One receiver. `slept` counts what it slept while it was called, on the organization's clock."""

    def __init__(self, target: Any) -> None:
        self._loop = _Loop()
        self._call: Call = _as_call(target, self._loop)
        self.errors: list[tuple[str, BaseException]] = []
        self.slept = 0.0

    def close(self) -> None:
        """It is called no more."""
        self._loop.close()

    def deliver(self, post: Post) -> Answer:
        """One post, answered."""
        self.slept = 0.0
        try:
            said = self._call(post)
        except BaseException as error:  # noqa: BLE001 (pytest's own outcomes too; it is raised in the test later)
            said = Said(500, error=error)
        if said.error is not None:
            event = next((value for name, value in post.headers if name.endswith("-Event")), "a webhook")
            self.errors.append((event, said.error))
        if self.slept > post.timeout:
            return Answer(None, PostError.TIMEOUT, f"no answer within {post.timeout:g} s", post.timeout, b"", ())
        excerpt = said.body or (f"{type(said.error).__name__}: {said.error}".encode() if said.error else b"")
        return Answer(said.status, None, "", self.slept, excerpt[:EXCERPT], said.headers)


def _as_call(target: Any, loop: _Loop) -> Call:
    """How to call it. Raises TypeError, saying what would be right, for what cannot be called as any of the three."""
    if not callable(target):
        raise TypeError(
            f"subscribe() takes a URL, a WSGI or ASGI application, or a function of (headers, body); "
            f"got {type(target).__name__}: {target!r:.80}"
        )
    names = _parameters(target)
    if hasattr(target, "wsgi_app") or names[1:2] == ["start_response"]:
        return partial(_wsgi, target)
    if len(names) == 3 or names[:1] == ["scope"]:
        return partial(loop.asgi, target)
    if len(names) == 2:
        return partial(loop.function, target)
    raise TypeError(
        f"cannot tell how to call {target!r:.80} with parameters {names}: a WSGI application takes (environ, "
        f"start_response), an ASGI application (scope, receive, send), a function (headers, body)"
    )


def _parameters(target: Any) -> list[str]:
    """The names of the positional parameters that have to be given."""
    given = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    found = inspect.signature(target).parameters.values()
    return [parameter.name for parameter in found if parameter.kind in given and parameter.default is parameter.empty]


def _wsgi(app: Any, post: Post) -> Said:
    caught: list[BaseException] = []
    environ = exchange.environ("POST", post.url, post.headers, post.body)
    with _framework_errors(caught):
        status, headers, body = exchange.run(app, environ)
    code = int(status.partition(" ")[0])
    if code >= 500 and not body:
        body = environ["wsgi.errors"].getvalue().encode()
    return Said(code, tuple(headers), body, caught[-1] if caught and code >= 500 else None)


def _framework_errors(caught: list[BaseException]) -> ExitStack:
    """Flask and Django turn an exception into a 500 and tell it by a signal; listen, where they are in use."""

    def note(*_: Any, exception: BaseException | None = None, **__: Any) -> None:
        error = exception or sys.exc_info()[1]
        if error is not None:
            caught.append(error)

    stack = ExitStack()
    for module, name in (("flask", "got_request_exception"), ("django.core.signals", "got_request_exception")):
        signal = getattr(sys.modules.get(module), name, None)
        if signal is not None:
            signal.connect(note)
            stack.callback(signal.disconnect, note)
    return stack


class _Loop:
    """An event loop of its own for one receiver, so that what it keeps between calls stays usable."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._one_at_a_time = Lock()
        self._aside: ThreadPoolExecutor | None = None

    def asgi(self, app: Any, post: Post) -> Said:
        """Call an ASGI application. Its lifespan is not played."""
        said: Said = self._run(partial(_asgi, app, post))
        return said

    def function(self, function: Any, post: Post) -> Said:
        """Call a function, which may be asynchronous. It answers None (200), or a status."""
        status = function(Headers(post.headers), post.body)
        if inspect.isawaitable(status):
            status = self._run(partial(_awaited, status))
        if status is None:
            return Said(200)
        if isinstance(status, bool) or not isinstance(status, int):
            raise TypeError(f"a receiver answers None for 200, or a status as an int; got {status!r}")
        return Said(status)

    def close(self) -> None:
        """End the loop."""
        self._where_no_loop_runs(self._runner.close)
        if self._aside is not None:
            self._aside.shutdown()

    def _run(self, make: Callable[[], Any]) -> Any:
        with self._one_at_a_time:
            return self._where_no_loop_runs(lambda: self._runner.run(make()))

    def _where_no_loop_runs(self, action: Callable[[], Any]) -> Any:
        """Here; in a thread aside while the test itself is asynchronous."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return action()
        self._aside = self._aside or ThreadPoolExecutor(1, "flowella-receiver")
        return self._aside.submit(action).result()


async def _awaited(awaitable: Any) -> Any:
    return await awaitable


async def _asgi(app: Any, post: Post) -> Said:
    parts = urlsplit(post.url)
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": parts.scheme,
        "path": parts.path or "/",
        "raw_path": (parts.path or "/").encode("latin-1"),
        "query_string": parts.query.encode("latin-1"),
        "root_path": "",
        "headers": [
            (b"host", parts.netloc.encode("latin-1")),
            *((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in post.headers),
            (b"content-length", str(len(post.body)).encode("latin-1")),
        ],
        "client": ("127.0.0.1", 0),
        "server": (parts.hostname, parts.port or 80),
        "state": {},
    }
    incoming = [{"type": "http.request", "body": post.body, "more_body": False}]
    outgoing: list[Any] = []

    async def receive() -> Any:
        return incoming.pop() if incoming else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        outgoing.append(message)

    error: BaseException | None = None
    try:
        await app(scope, receive, send)
    except Exception as raised:  # noqa: BLE001 (Starlette answers first and raises then)
        error = raised
    return _said(outgoing, error)


def _said(messages: list[Any], error: BaseException | None) -> Said:
    start = next((message for message in messages if message["type"] == "http.response.start"), None)
    if start is None:
        return Said(500, error=error or RuntimeError("the ASGI application sent no http.response.start"))
    body = b"".join(message.get("body", b"") for message in messages if message["type"] == "http.response.body")
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in start.get("headers", ()))
    return Said(start["status"], headers, body, error)


class Headers(dict[str, str]):
    """Headers as sent; look-ups do not care about case."""

    def __init__(self, pairs: tuple[tuple[str, str], ...]) -> None:
        super().__init__(pairs)
        self._names = {name.lower(): name for name, _ in pairs}

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(self._names.get(name.lower(), name))

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._names

    def get(self, name: str, default: Any = None) -> Any:
        """The value, or `default`."""
        return super().get(self._names.get(name.lower(), name), default)
