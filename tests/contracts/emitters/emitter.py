"""A lie: one promise about webhooks broken, declared beside the function that breaks it; and the fake that tells it.

The function's name is the lie's, its docstring says what is wrong. There are four ways to tell one: `content` edits the
JSON, which is then signed as it should be; `seal` changes headers and bytes after that; `course` decides what becomes of a
post on its way; `policy` and `control` change how the fake was set up.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

from liar.lying import Honest, Liar
from liar.lying import Lie as Twisted
from liar.serving import Target, serving

from mock_server.app import create_app
from mock_server.orgs import DEFAULT_API_KEY, NewOrg, Orgs
from mock_server.vendors.flowella import FLOWELLA, PREFIX
from mock_server.web.door import encode
from mock_server.webhooks.signing import sign
from mock_server.webhooks.transport import Answer, HttpTransport, Post

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from wsgiref.types import StartResponse

    from liar.messages import Answer as Reply
    from liar.messages import Call

    from mock_server.domain.deliveries import Delivery, Headers
    from mock_server.domain.endpoints import Endpoint
    from mock_server.domain.policy import Policy
    from mock_server.world import World


@dataclass(slots=True)
class Letter:
    """One attempt, before it goes out. `json` is what it says, `headers` and `body` how it is written."""

    delivery: Delivery
    endpoint: Endpoint
    headers: dict[str, str]
    body: bytes
    json: Any

    @property
    def event(self) -> str:
        return str(self.delivery.event.kind)

    @property
    def attempt(self) -> int:
        return self.delivery.next_number

    def say(self, body: bytes) -> None:
        """Another body, rightly signed."""
        self.body = body
        self.headers["X-Flowella-Signature"] = sign(self.endpoint.secret, body)


@dataclass(slots=True)
class Way:
    """What a post on its way may meet. `memory` is what the lie remembers from post to post."""

    honest: HttpTransport
    secret_of: Callable[[str], str]
    memory: dict[str, Any] = field(default_factory=dict)

    def on(self, *posts: Post) -> Future[Answer]:
        """These one after the other; the first one's answer is what counts."""
        whole: Future[Answer] = Future()
        answers: list[Answer] = []

        def go(index: int) -> None:
            def over(future: Future[Answer]) -> None:
                answers.append(future.result())
                if index + 1 < len(posts):
                    go(index + 1)
                else:
                    whole.set_result(answers[0])

            self.honest.submit(posts[index]).add_done_callback(over)

        go(0)
        return whole

    @staticmethod
    def lost() -> Future[Answer]:
        """It goes nowhere, and counts as accepted."""
        future: Future[Answer] = Future()
        future.set_result(Answer(200, None, "", 0.0, b"", ()))
        return future


Content = Callable[[Letter], Any]
Course = Callable[[Post, Way], Future[Answer]]
PolicyEdit = Callable[["Policy"], "Policy"]
Control = Callable[["Call", Honest], "Reply"]


@dataclass(frozen=True, slots=True)
class Lie:
    """`found_by` is the check that has to report it."""

    name: str
    about: str
    found_by: str
    content: Content | None = None
    seal: Content | None = None
    course: Course | None = None
    policy: PolicyEdit | None = None
    control: Twisted | None = None


LIES: dict[str, Lie] = {}
"""By name, in the order in which they are declared."""


def _declare(found_by: str, way: str, of: Callable[..., Any], told: Any) -> None:
    name = of.__name__.replace("_", "-")
    if name in LIES:
        raise ValueError(f"there are two lies named {name}")
    about = " ".join((of.__doc__ or "").split()).removesuffix(".")
    LIES[name] = Lie(name, about, found_by, **{way: told})


def content(found_by: str) -> Callable[[Content], Content]:
    """Declare a lie that edits the JSON; what it writes is signed as it should be."""

    def declare(edit: Content) -> Content:
        _declare(found_by, "content", edit, edit)
        return edit

    return declare


def seal(found_by: str) -> Callable[[Content], Content]:
    """Declare a lie that changes headers or bytes after they were signed."""

    def declare(edit: Content) -> Content:
        _declare(found_by, "seal", edit, edit)
        return edit

    return declare


def course(found_by: str) -> Callable[[Course], Course]:
    """Declare a lie about what becomes of a post."""

    def declare(detour: Course) -> Course:
        _declare(found_by, "course", detour, detour)
        return detour

    return declare


def policy(found_by: str) -> Callable[[PolicyEdit], PolicyEdit]:
    """Declare a lie that is another policy."""

    def declare(edit: PolicyEdit) -> PolicyEdit:
        _declare(found_by, "policy", edit, edit)
        return edit

    return declare


def control(on: str, found_by: str) -> Callable[[Control], Control]:
    """Declare a lie told where webhooks are set up: `METHOD path` of the control plane."""

    def declare(twist: Control) -> Control:
        told = Twisted(twist.__name__, "settings", "", (on,), (found_by,), twist)
        _declare(found_by, "control", twist, told)
        return twist

    return declare


class Emitter:
    """The fake, served on a free port. It is built once, and tells whatever lie it is asked for."""

    def __init__(self) -> None:
        self._lie: Lie | None = None
        self._http = HttpTransport()
        self._way = Way(self._http, self._secret_of)
        self.orgs = _Orgs(self, replace(FLOWELLA, compose=self._compose), rate_limit=None)
        self.orgs.create(NewOrg("Ours", api_key=DEFAULT_API_KEY, rng_seed="0", scale=0))
        self._app = create_app(self.orgs)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._url = self._stack.enter_context(serving(self._serve))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        self._http.close()

    @contextmanager
    def telling(self, name: str | None) -> Iterator[Target]:
        """Tell this lie for a while; None is the honest one."""
        self._lie, self._way = (LIES[name] if name else None), Way(self._http, self._secret_of)
        try:
            yield Target(self._url + PREFIX)
        finally:
            self._lie = None

    def submit(self, post: Post) -> Future[Answer]:
        """The transport: on its way, or astray."""
        if self._lie is None or self._lie.course is None:
            return self._http.submit(post)
        return self._lie.course(post, self._way)

    def close(self) -> None:
        """With the emitter."""

    def policy(self, honest: Policy) -> Policy:
        """What a new organization goes by."""
        return self._lie.policy(honest) if self._lie and self._lie.policy else honest

    def _serve(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        told = self._lie.control if self._lie else None
        return Liar(Honest(self._app, self.orgs), told)(environ, start_response)

    def _compose(
        self, world: World, delivery: Delivery, endpoint: Endpoint, at: int, rewrite: Any = None
    ) -> tuple[Headers, bytes]:
        import json

        headers, body = FLOWELLA.compose(world, delivery, endpoint, at, rewrite)
        letter = Letter(delivery, endpoint, dict(headers), body, json.loads(body))
        if self._lie and self._lie.content:
            self._lie.content(letter)
            letter.say(encode(letter.json))
        if self._lie and self._lie.seal:
            self._lie.seal(letter)
        return tuple(letter.headers.items()), letter.body

    def _secret_of(self, url: str) -> str:
        for world in self.orgs.all():
            with world.unit() as unit:
                for endpoint in unit.store.endpoints.newest():
                    if endpoint.url == url:
                        return endpoint.secret
        raise LookupError(url)


class _Orgs(Orgs):
    def __init__(self, emitter: Emitter, dialect: Any, **options: Any) -> None:
        super().__init__(emitter, dialect, **options)
        self._emitter = emitter

    def create(self, wanted: NewOrg) -> tuple[World, str, str]:
        world, key, other = super().create(wanted)
        world.policy = self._emitter.policy(world.policy)
        return world, key, other
