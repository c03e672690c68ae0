"""Real servers, organizations to use them in, and receivers for their webhooks.

One server per xdist worker is shared by the tests that only need some server; each test makes organizations of its own
in it. Tests about starting and stopping start their own.
"""

from __future__ import annotations

import http.client
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from email.message import Message

PATIENCE = 30.0
"""Seconds after which something that should happen at once counts as not happening."""

ADA = "+15551234567"
"""Somebody's number."""

COMMAND = shutil.which("flowella-mock", path=str(Path(sys.executable).parent))
LAST_LINE = "Stop with Ctrl-C."


class Answer(NamedTuple):
    """An HTTP answer, read to the end."""

    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        """The body, which must be what it says: strict JSON in UTF-8."""
        assert self.headers["Content-Type"] == "application/json; charset=utf-8"
        return json.loads(self.body.decode(), parse_constant=_refuse_constant)

    @property
    def code(self) -> str:
        """The code of an error."""
        code: str = self.json["error"]["code"]
        return code


def call(
    base: str,
    method: str,
    path: str,
    body: Any = None,
    *,
    token: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """One call on a connection of its own. A body that is not bytes goes out as JSON."""
    url = urlsplit(base)
    sent = dict(headers or {})
    if token is not None:
        sent.setdefault("Authorization", f"Bearer {token}")
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
    if body is not None:
        sent.setdefault("Content-Type", "application/json")
    connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=PATIENCE)
    try:
        connection.request(method, f"{url.path}{path}", body, sent)
        with connection.getresponse() as response:
            return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


@dataclass(frozen=True)
class Org:
    """One organization: its API with its key, and the control plane's view of it. `ok` calls must succeed."""

    server: Server
    id: str
    api_key: str
    webhook_secret: str

    def api(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """A call to the vendor's API with this organization's key."""
        return call(self.server.api_url, method, path, body, token=self.api_key, headers=headers)

    def ok(self, method: str, path: str, body: Any = None) -> Any:
        """What a call to the vendor's API answers, which must be a success."""
        return _success(self.api(method, path, body))

    def control(self, method: str, path: str, body: Any = None) -> Answer:
        """A call to this organization's part of the control plane."""
        return self.server.control(method, f"/orgs/{self.id}{path}", body)

    def set(self, method: str, path: str, body: Any = None) -> Any:
        """What a call to the control plane answers, which must be a success."""
        return _success(self.control(method, path, body))

    def all(self, path: str) -> list[Any]:
        """A whole list of the control plane, page by page, newest first."""
        found: list[Any] = []
        cursor = ""
        while True:
            page = self.set("GET", f"{path}{'&' if '?' in path else '?'}limit=100{cursor}")
            found += page["items"]
            if "nextCursor" not in page:
                return found
            cursor = f"&cursor={page['nextCursor']}"

    def counts(self) -> dict[str, int]:
        """How much there is of everything that an API call can change. The journal and retention are not part of it."""
        counts: dict[str, int] = self.set("GET", "")["counts"]
        return {name: count for name, count in counts.items() if name != "requests"}

    def contacts(self) -> list[Any]:
        """All contacts, in full: they are what an API call changes in place."""
        found: list[Any] = self.ok("GET", "/contacts?limit=100")["items"]
        return found

    def channel(self) -> str:
        """The default channel."""
        return next(str(channel["id"]) for channel in self.set("GET", "/channels")["items"] if channel["isDefault"])

    def advance(self, seconds: float) -> Any:
        """Let time pass on a manual clock, and everything that falls due with it."""
        return self.set("POST", "/clock/advance", {"seconds": seconds})

    def inbound(self, sender: str, text: str = "hello") -> Any:
        """A contact writes, which opens the 24 hours in which free-form text is delivered (D12)."""
        return self.set("POST", "/inbound", {"from": sender, "text": text})

    def subscribe(self, url: str, *events: str, secret: str | None = None) -> Any:
        """A webhook, to every event unless some are named."""
        body = {"url": url, "events": list(events) or ["*"], "secret": secret or self.webhook_secret}
        return self.set("POST", "/webhooks", body)


@dataclass(frozen=True)
class Server:
    """`flowella-mock serve`, running. `banner` is what it printed, `ready` what its ready file says."""

    process: subprocess.Popen[str]
    banner: str
    ready: dict[str, str]
    log: Path

    @property
    def api_url(self) -> str:
        """Where the vendor's API is."""
        return self.ready["baseUrl"]

    @property
    def address(self) -> tuple[str, int]:
        """The listening socket's."""
        url = urlsplit(self.api_url)
        return url.hostname or "", url.port or 0

    def control(self, method: str, path: str, body: Any = None, token: str | None = None) -> Answer:
        """A call to the control plane."""
        return call(self.ready["controlUrl"], method, path, body, token=token)

    @cached_property
    def default(self) -> Org:
        """The organization that is there from the start."""
        org = _success(self.control("GET", "/orgs/default"))
        return Org(self, org["id"], self.ready["apiKey"], self.ready["webhookSecret"])

    def org(self, *, limited: bool = False, **wanted: Any) -> Org:
        """A new organization, without a rate limit unless it is to be `limited`."""
        made = _success(self.control("POST", "/orgs", wanted))
        org = Org(self, made["id"], made["apiKey"], made["webhookSecret"])
        if not limited:
            org.set("PATCH", "/account", {"rateLimit": None})
        return org

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """Ask the process to go: its exit code, and how many seconds it took."""
        began = time.monotonic()
        self.process.send_signal(number)
        return self.wait(), time.monotonic() - began

    def wait(self) -> int:
        """The exit code of a process that has been asked to go."""
        try:
            return self.process.wait(10)
        except subprocess.TimeoutExpired:
            pytest.fail(f"asked to stop, the server still runs after 10 seconds: {self.log.read_text()}")


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without settings of the fake's, and with these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FLOWELLA_MOCK_")}
    return {**kept, "COLUMNS": "200", **settings}


@contextmanager
def serving(directory: Path, *options: str, **settings: str) -> Iterator[Server]:
    """A server on a free port, from its last line of greeting to its end."""
    assert COMMAND is not None, f"flowella-mock is not installed beside {sys.executable}"
    ready, log = directory / "ready.json", directory / "stderr.txt"
    port = () if "--port" in options or "FLOWELLA_MOCK_PORT" in settings else ("--port", "0")
    command = [COMMAND, "serve", *port, "--ready-file", str(ready), *options]
    with (
        log.open("w") as stderr,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=stderr, text=True, env=environment(settings)
        ) as process,
    ):
        watchdog = threading.Timer(PATIENCE, process.kill)
        watchdog.start()
        try:
            banner = _read_banner(process)
            assert LAST_LINE in banner, f"no greeting: {banner}{log.read_text()}"
            watchdog.cancel()
            yield Server(process, banner, json.loads(ready.read_text()), log)
        finally:
            watchdog.cancel()
            process.kill()


def _read_banner(process: subprocess.Popen[str]) -> str:
    lines = []
    for line in process.stdout or ():
        lines.append(line)
        if LAST_LINE in line:
            break
    return "".join(lines)


def _success(answer: Answer) -> Any:
    assert 200 <= answer.status < 300, answer
    return answer.json if answer.body else None


def _refuse_constant(text: str) -> None:
    raise AssertionError(f"{text} is not JSON")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server that tests of this worker share."""
    with serving(tmp_path_factory.mktemp("server"), "--log-level", "warning") as running:
        yield running


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start a server of one's own: `start("--seed", "demo", FLOWELLA_MOCK_CLOCK="manual")`."""
    with ExitStack() as stack:

        def start_one(*options: str, **settings: str) -> Server:
            directory = tmp_path / f"server-{len(list(tmp_path.iterdir()))}"
            directory.mkdir()
            return stack.enter_context(serving(directory, *options, **settings))

        yield start_one


@pytest.fixture
def org(server: Server) -> Org:
    """An organization of this test's own on a clock that stands still; no rate limit."""
    return server.org(clock="manual")


def converse(org: Org) -> Any:
    """A contact writes, is answered, reads it, and says stop: one event of almost every kind."""
    org.inbound(ADA)
    org.ok("POST", "/messages", {"to": ADA, "text": "Grüße 👋 und <b>&amp;\u2028 mehr"})
    org.advance(10)
    conversation = org.ok("GET", "/conversations")["items"][0]
    org.set("PATCH", f"/conversations/{conversation['id']}", {"status": "CLOSED"})
    org.inbound(ADA, "STOP")
    org.ok("POST", "/messages", {"to": "+15557654321", "text": "You never wrote"})
    template = org.all("/templates?status=APPROVED")[0]
    org.set("PATCH", f"/templates/{template['id']}", {"status": "PAUSED"})
    return org.advance(10)


class Post(NamedTuple):
    """A webhook as it came in: the exact bytes."""

    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)


class Catcher:
    """A receiver in this process that answers `status` and keeps what came. `then` is called inside the handler.

    `posts` has what has been answered, `arrived` what has come in, in that order.
    """

    def __init__(self) -> None:
        self.status = 200
        self.then: Callable[[Post], None] = lambda _: None
        self.posts: queue.SimpleQueue[Post] = queue.SimpleQueue()
        self.arrived: list[Post] = []
        catcher = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                post = Post(self.headers, self.rfile.read(int(self.headers["Content-Length"])))
                catcher.arrived.append(post)
                catcher.then(post)
                self.send_response(catcher.status)
                self.send_header("Content-Length", "0")
                self.end_headers()
                catcher.posts.put(post)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hooks"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def take(self, count: int) -> list[Post]:
        """So many posts, waited for."""
        return [self.posts.get(timeout=PATIENCE) for _ in range(count)]

    def stop(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def catcher() -> Iterator[Catcher]:
    """A receiver that keeps what comes."""
    catcher = Catcher()
    yield catcher
    catcher.stop()
