"""The table before Flask: what it answers is what Flask would answer, to the byte, and it answers what it should."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from mock_server.app import create_app
from mock_server.domain.instant import parse
from mock_server.entrance import Entrance
from mock_server.orgs import NewOrg, Orgs
from mock_server.testing.exchange import Line
from mock_server.vendors.registry import DIALECTS
from mock_server.web.faults import EFFECTS, HEADER
from mock_server.wire.endings import ENVIRON_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from mock_server.web.front import Front
    from mock_server.webhooks.transport import Answer, Post

START = parse("2026-11-21T10:00:00Z")
KEY = "flo_" + "k" * 24
KEYED: dict[str, Any] = {"HTTP_AUTHORIZATION": f"Bearer {KEY}"}
JSON: dict[str, Any] = {"CONTENT_TYPE": "application/json"}
PERSON = "+15551234567"
SEND = json.dumps({"to": PERSON, "text": "Grüße, 你好"}).encode()
CONTROL = "/_mock/orgs/default"


class Nowhere:
    """A transport that nothing is given to: nobody subscribes here."""

    def submit(self, post: Post) -> Future[Answer]:
        raise AssertionError(post.url)

    def close(self) -> None: ...


@dataclass
class Side:
    """One application on a world of its own that starts like the other's, and all that it gave away."""

    way: str
    orgs: Orgs = field(init=False)
    seen: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.orgs = Orgs(Nowhere(), *DIALECTS, rng_seed="front", now=lambda: START)
        self.orgs.fault_header = True
        self.world, _, _ = self.orgs.create(NewOrg(scale=0, api_key=KEY))
        self.front: Front = create_app(self.orgs).wsgi_app  # type: ignore[assignment]
        ways: dict[str, Any] = {"front": self.front, "flask": self.front.behind, "entrance": Entrance(self.orgs)}
        self.application = ways[self.way]

    def call(self, method: str, path: str, body: bytes = b"", **environ: str) -> None:
        """One call as a server would make it; the answer to the last byte and what was done to the connection."""
        path, _, query = path.partition("?")
        line = Line()
        asked = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "127.0.0.1",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "CONTENT_LENGTH": str(len(body)),
            ENVIRON_KEY: line,
            **environ,
        }
        heads: list[tuple[str, Any]] = []
        answer = b"".join(self.application(asked, lambda status, headers, *_: heads.append((status, headers))))
        self.seen.append((method, path, heads, answer, vars(line)))

    def finish(self) -> list[Any]:
        """All of it, with the journal and what is stored."""
        store = self.world.store
        kept = [store.requests.everything(), store.messages.everything(), store.tasks.everything()]
        self.orgs.stop()
        return [*self.seen, kept]


def session(side: Side) -> None:
    """Good calls and bad ones, ways to ask that only look alike, and every fault."""
    operations = [(operation.method, path) for operation, path in _operations()]
    for method, path in operations:
        side.call(method, path, b"{}", **KEYED, **JSON)
        side.call(method, path)
        side.call("HEAD", path, **KEYED)
        side.call("PURGE", path, **KEYED)
        side.call(method, f"{path}/", b"{}", **KEYED, **JSON)
    side.call("POST", f"{CONTROL}/inbound", json.dumps({"from": PERSON, "text": "hi"}).encode(), **JSON)
    badly_asked(side)
    going_wrong(side)


def badly_asked(side: Side) -> None:
    """Bodies, types, keys, queries and hosts of all kinds."""
    for body in (SEND, b"", b"{", b'{"to": 1}', b'{"to":"a","to":"b"}', b"\xff", b"[" * 99, b" " * (1 << 20) + b"{}"):
        side.call("POST", "/api/v1/messages", body, **KEYED, **JSON)
    for kind in ("text/plain", "application/json; charset=latin-1", "application/json;charset=UTF-8", ""):
        side.call("POST", "/api/v1/messages", SEND, **KEYED, CONTENT_TYPE=kind)
    for key in ("Bearer", "Basic x", f"bearer  {KEY} ", "Bearer fiq_x", "Bearer flo_nobody"):
        side.call("GET", "/api/v1/ping", HTTP_AUTHORIZATION=key)
    for query in ("limit=2", "limit=0", "limit=2&limit=3", "cursor=%ff", "limit=%32", "a=b&&=", "limit"):
        side.call("GET", f"/api/v1/contacts?{query}", **KEYED)
    for host in ("", "a b", "[::1]:80", "ü", "x:y", "127.0.0.1:99999"):
        side.call("GET", "/api/v1/ping", **KEYED, HTTP_HOST=host)
    side.call("POST", "/api/v1/messages", SEND, **KEYED, **JSON, CONTENT_LENGTH="none")


def going_wrong(side: Side) -> None:
    """Every fault as a wish, one as a rule, and the rate limit."""
    for effect in EFFECTS:
        settings = {"latency": {"seconds": 2}, "status": {"status": 503}, "metaError": {"code": 131026}}.get(effect, {})
        wish = json.dumps({"type": effect, **settings})
        side.call(
            "POST", "/api/v1/messages", SEND, **KEYED, **JSON, **{f"HTTP_{HEADER.upper().replace('-', '_')}": wish}
        )
    rule = {"on": "sendMessage", "effect": {"type": "status", "status": 502}, "times": 1}
    side.call("POST", f"{CONTROL}/faults", json.dumps(rule).encode(), **JSON)
    for _ in range(60):  # until the rate limit strikes
        side.call("POST", "/api/v1/messages", SEND, **KEYED, **JSON)


def _operations() -> Iterator[tuple[Any, str]]:
    for dialect in DIALECTS:
        for operation in dialect.door.spec.operations.values():
            yield operation, dialect.door.prefix + operation.path


def test_all_ways_give_the_same_bytes() -> None:
    """A long session through the table, through Flask and through the entrance, where Flask comes later: status lines,
    headers in order, bodies, orders to the server, journal and store are the same.
    """
    front, flask, entrance = Side("front"), Side("flask"), Side("entrance")
    for side in (front, flask, entrance):
        session(side)

    assert front.finish() == flask.finish() == entrance.finish()
    assert {int(status[:3]) for _, _, heads, _, _ in front.seen for status, _ in heads} >= {
        200,
        201,
        401,
        404,
        405,
        415,
        429,
    }


@pytest.mark.parametrize(("operation", "path"), list(_operations()), ids=lambda found: getattr(found, "id", ""))
def test_every_fixed_path_of_a_vendor_passes_by_flask(operation: Any, path: str) -> None:
    """Flask is not even asked."""
    side = Side("front")
    side.front.behind = lambda *_: pytest.fail("this went to Flask")
    side.call(operation.method, path, b"{}", **KEYED, **JSON)

    assert len(side.seen) == 1
    side.orgs.stop()
