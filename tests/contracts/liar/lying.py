"""A lie: one promise broken, declared beside the function that breaks it; and the middleware that tells it.

The function's name is the lie's, its docstring says what is wrong, its module what kind it is. `on` says which calls it
is told at, as `METHOD path` with the vendor's prefix left out; a HEAD is answered as the GET is.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from mock_server.app import create_app
from mock_server.vendors.flowella import PREFIX

from .messages import Answer, Call, ask, send
from .serving import Target, honest_orgs, running, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIApplication

    from mock_server.domain.api_keys import ApiKey
    from mock_server.domain.rate_limits import RateLimit
    from mock_server.orgs import Orgs
    from mock_server.world import World

    Twist = Callable[[Call, "Honest"], Answer]
    Edit = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Lie:
    """`found_by` are the checks that may report it: one, unless its cause necessarily shows in several."""

    name: str
    kind: str
    about: str
    on: tuple[str, ...]
    found_by: tuple[str, ...]
    twist: Twist

    def concerns(self, call: Call) -> bool:
        """Is it told at this call?"""
        what = f"{call.method} {call.path.removeprefix(PREFIX)}"
        return any(fnmatchcase(what, pattern) for pattern in self.on)


LIES: dict[str, Lie] = {}
"""By name, in the order in which they are declared."""


def lie(on: str, *found_by: str) -> Callable[[Twist], Twist]:
    """Declare a lie told at the calls of `on` (several are separated by commas)."""

    def declare(twist: Twist) -> Twist:
        name = twist.__name__.replace("_", "-")
        if name in LIES:
            raise ValueError(f"there are two lies named {name}")
        about = " ".join((twist.__doc__ or "").split()).removesuffix(".")
        kind = twist.__module__.rpartition("lies_")[2]
        LIES[name] = Lie(name, kind, about, tuple(on.split(", ")), found_by, twist)
        return twist

    return declare


def edits(on: str, *found_by: str) -> Callable[[Edit], Edit]:
    """Declare a lie that edits the JSON of successes: in place, or by what it returns."""

    def declare(edit: Edit) -> Edit:
        def twist(call: Call, honest: Honest) -> Answer:
            answer = honest(call)
            return answer.edited(edit) if answer.ok else answer

        twist.__name__, twist.__doc__, twist.__module__ = edit.__name__, edit.__doc__, edit.__module__
        lie(on, *found_by)(twist)
        return edit

    return declare


@dataclass(slots=True)
class Honest:
    """The honest fake, as a lie has it at hand: to be asked, and with its worlds laid open."""

    app: WSGIApplication
    orgs: Orgs
    pause: Callable[[float], None] = time.sleep
    memory: dict[Any, Any] = field(default_factory=dict)
    """What the lie remembers from call to call."""
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __call__(self, call: Call) -> Answer:
        return ask(self.app, call)

    def caller(self, call: Call) -> tuple[World, ApiKey] | None:
        """Whose key this is, a revoked one too."""
        return self.orgs.by_key(call.header("Authorization").removeprefix("Bearer "))

    def world(self, call: Call) -> World:
        """The caller's organization; the default one for a stranger, who will be refused."""
        found = self.caller(call)
        return found[0] if found else self.orgs.default


class Liar:
    """WSGI middleware that tells one lie; without one it is not there."""

    def __init__(self, honest: Honest, told: Lie | None) -> None:
        self._honest = honest
        self._lie = told

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        call = Call(environ, b"")
        as_get = call.with_environ(REQUEST_METHOD="GET") if call.method == "HEAD" else call
        if self._lie is None or not (self._lie.concerns(call) or self._lie.concerns(as_get)):
            return self._honest.app(environ, start_response)
        if self._lie.concerns(call):
            return send(self._tell(Call.read(environ), self._lie), start_response)
        answer = self._tell(Call.read(as_get.environ), self._lie)
        length = str(len(answer.body))
        return send(replace(answer.but(Content_Length=length), body=b""), start_response)

    def _tell(self, call: Call, told: Lie) -> Answer:
        return told.twist(call, self._honest)


@contextmanager
def lying(
    name: str | None, rate_limit: RateLimit | None = None, port: int = 0, *, slowness: float = 1.0
) -> Iterator[Target]:
    """The fake, telling this lie; None is the honest one. `slowness` stretches or shortens every pause it makes."""
    with running(honest_orgs(rate_limit)) as orgs:
        honest = Honest(create_app(orgs), orgs, lambda seconds: time.sleep(seconds * slowness))
        app = Liar(honest, LIES[name] if name else None)
        with serving(app, port) as url:
            yield Target(url + PREFIX)
