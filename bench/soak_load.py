"""The load of `bench.soak`: a crowd of clients, and a receiver of webhooks that fails now and then."""

from __future__ import annotations

import http.client
import itertools
import json
import random
import socket
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import TracebackType

PEOPLE = 2_000
"""Numbers that are written to; numbers are cached once they are known."""

LISTENERS = 8
SENDERS = 3


@dataclass(frozen=True, slots=True)
class Fake:
    """A running server."""

    host: str
    port: int
    api: str
    control: str
    key: str

    @classmethod
    def of(cls, ready: Path) -> Self:
        """When it is."""
        for _ in range(600):
            if ready.exists():
                break
            time.sleep(0.05)
        about = json.loads(ready.read_text())
        api = urlsplit(about["baseUrl"])
        return cls(api.hostname or "", api.port or 0, api.path, urlsplit(about["controlUrl"]).path, about["apiKey"])


class Client:
    """One connection, kept until the server or a fault closes it."""

    def __init__(self, fake: Fake, key: str | None = None, patience: float = 30.0) -> None:
        self._line = http.client.HTTPConnection(fake.host, fake.port, timeout=patience)
        self._headers = {"Authorization": f"Bearer {key or fake.key}", "Content-Type": "application/json"}

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """The status, and the body if it is JSON."""
        try:
            self._line.request(method, path, None if body is None else json.dumps(body), self._headers)
            answer = self._line.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            self._line.close()
            raise
        with suppress(ValueError):
            return answer.status, json.loads(text)
        return answer.status, None

    def close(self) -> None:
        """Hang up."""
        self._line.close()


def call(fake: Fake, method: str, path: str, body: Any = None) -> Any:
    """One call that has to succeed, on a connection of its own."""
    client = Client(fake)
    status, answer = client(method, path, body)
    client.close()
    if not 200 <= status < 300:
        raise RuntimeError(f"{method} {path}: {status} {answer}")
    return answer


@contextmanager
def organization(client: Client, fake: Fake) -> Iterator[Any]:
    """One that comes and goes."""
    _, org = client("POST", f"{fake.control}/orgs", {"name": "guest"})
    try:
        yield org
    finally:
        client("DELETE", f"{fake.control}/orgs/{org['id']}")


class Crowd:
    """Everybody at once, until the end of the `with`."""

    def __init__(self, fake: Fake) -> None:
        self.fake = fake
        self.latencies: list[float] = []
        self.calls = 0
        self._over = threading.Event()
        channel = next(one for one in self._list("channels") if one["isDefault"])
        template = next(one for one in self._list("templates") if one["name"] == "order_update")
        self._bulk = {"templateId": template["id"], "whatsappChannelId": channel["id"]}
        roles: list[Callable[[Client], None]] = [self._guests, self._broadcast, self._spoil, self._garble, self._write]
        roles += [self._send] * SENDERS + [self._listen] * LISTENERS
        self._threads = [threading.Thread(target=self._play, args=(role, n)) for n, role in enumerate(roles)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _list(self, name: str) -> list[Any]:
        found: list[Any] = call(self.fake, "GET", f"{self.fake.control}/orgs/default/{name}?limit=100")["items"]
        return found

    def _play(self, role: Callable[[Client], None], number: int) -> None:
        client = Client(self.fake, patience=10.0)
        self._chance = random.Random(number)
        while not self._over.is_set():
            with suppress(OSError, http.client.HTTPException):  # faults
                role(client)
        client.close()

    def _person(self) -> str:
        return f"+1555{self._chance.randrange(PEOPLE) + 2_000_000:07d}"

    def _send(self, client: Client) -> None:
        for path in ("/contacts?limit=50", "/conversations?limit=25", "/ping"):
            for _ in range(5):
                began = time.monotonic()
                client("POST", f"{self.fake.api}/messages", {"to": self._person(), "text": "hello " * 10})
                self.latencies.append(time.monotonic() - began)
            client("GET", f"{self.fake.api}{path}")
            self.calls += 6
        self._over.wait(0.01)

    def _write(self, client: Client) -> None:
        client("POST", f"{self.fake.control}/orgs/default/inbound", {"from": self._person(), "text": "hi"})
        client("GET", f"{self.fake.control}/orgs/default/messages?limit=20")
        self.calls += 2
        self._over.wait(0.02)

    def _broadcast(self, client: Client) -> None:
        people = [{"phone": f"+1555{n + 2_000_000:07d}", "bodyParameters": ["A", "b", "c"]} for n in range(100)]
        client("POST", f"{self.fake.api}/templates/send", {**self._bulk, "recipients": people})
        self.calls += 1
        self._over.wait(2)

    def _guests(self, client: Client) -> None:
        with organization(client, self.fake) as org:
            guest = Client(self.fake, org["apiKey"])
            base = f"{self.fake.control}/orgs/{org['id']}"
            client("POST", f"{base}/inbound", {"from": "+15551234567", "text": "hi"})
            for _ in range(10):
                guest("POST", f"{self.fake.api}/messages", {"to": "+15551234567", "text": "x"})
            _, snapshot = client("GET", f"{base}/snapshot")
            client("PUT", f"{base}/snapshot", snapshot)
            client("POST", f"{base}/reset")
            guest.close()
        self.calls += 16
        self._over.wait(0.2)

    def _spoil(self, client: Client) -> None:
        """Faults, in an organization of their own; whoever is struck hangs up after a moment."""
        with organization(client, self.fake) as org:
            base = f"{self.fake.control}/orgs/{org['id']}"
            for effect in ("hang", "reset", "close", "truncate", "malformed", "html", "drip", "lostResponse"):
                _, rule = client("POST", f"{base}/faults", {"on": "*", "effect": {"type": effect}})
                struck = [Client(self.fake, org["apiKey"], patience=0.05) for _ in range(4)]
                for one in struck:
                    with suppress(OSError, http.client.HTTPException):
                        one("GET", f"{self.fake.api}/contacts")
                client("DELETE", f"{base}/faults/{rule['id']}")
                for one in struck:
                    one.close()
                self.calls += 6
        self._over.wait(0.1)

    def _garble(self, _: Client) -> None:
        """Bytes that are no HTTP, half requests, and connections that say nothing."""
        lines = [socket.create_connection((self.fake.host, self.fake.port), timeout=5) for _ in range(20)]
        for line in lines:
            with suppress(OSError):
                line.sendall(
                    self._chance.choice((b"\x16\x03\x01", b"GET / HT", b"\r\n" * 500, b"", b"POST / HTTP/1.1\r\n"))
                )
        self._over.wait(0.2)
        for line in lines:
            line.close()

    def _listen(self, __: Client) -> None:
        """A stream of events for a while. Whoever is at the end of one comes back, as browsers do."""
        with socket.create_connection((self.fake.host, self.fake.port), timeout=1) as line:
            line.sendall(f"GET {self.fake.control}/orgs/default/events HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            for _ in range(self._chance.randrange(50, 500)):
                if self._over.is_set() or not line.recv(65_536):
                    break


class Receiver:
    """Answers 200; every seventh time 500, every fiftieth late. Leaves nothing behind."""

    def __init__(self) -> None:
        turns = itertools.count()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                turn = next(turns)
                if turn % 50 == 0:
                    time.sleep(0.3)
                self.send_response(500 if turn % 7 == 0 else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Quietly."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
