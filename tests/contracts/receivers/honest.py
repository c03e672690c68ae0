"""A small receiver that is right, on the standard library, in pieces: each mistake takes one of them and gets it wrong.

It keeps a ledger, and can be asked to fail once, as a real one does in the middle of its work.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message
    from socketserver import BaseServer

SECRET = "whsec_thisisafakewebhooksecret"
PATH = "/webhooks/flowella"
RANK = {"SENT": 1, "DELIVERED": 2, "READ": 3}


class Failed(Exception):
    """The endpoint fails, in the middle of its work."""


class Receiver:
    """One endpoint. `post` is what it does with a request, piece by piece; it gives the status of the answer."""

    server: type[BaseServer] = ThreadingHTTPServer
    tolerance = 300

    def __init__(self, secret: str = SECRET) -> None:
        self.secret = secret.encode()
        self.processed: Counter[str] = Counter()
        self.messages: dict[str, str] = {}
        self.failures = 0
        self.busy = 0
        self.lock = threading.Lock()

    def post(self, handler: BaseHTTPRequestHandler) -> int:
        if handler.command != "POST":
            return 405
        body = self.read(handler)
        return self.judge(handler.headers, body) or self.take(body, handler.headers)

    def read(self, handler: BaseHTTPRequestHandler) -> bytes:
        return handler.rfile.read(int(handler.headers.get("Content-Length", 0)))

    # Who posts?

    def judge(self, headers: Message, body: bytes) -> int:
        """A status for what is refused."""
        return 0 if self.genuine(headers, body) and self.recent(headers) else 401

    def genuine(self, headers: Message, body: bytes) -> bool:
        return self.same(self.digest(self.signed(body)), self.given(headers))

    def given(self, headers: Message) -> str:
        return headers.get("X-Flowella-Signature", "")

    def signed(self, body: bytes) -> bytes:
        return body

    def digest(self, body: bytes) -> str:
        return hmac.new(self.secret, body, hashlib.sha256).hexdigest()

    def same(self, ours: str, theirs: str) -> bool:
        return hmac.compare_digest(ours.encode(), theirs.encode())

    def recent(self, headers: Message) -> bool:
        given = headers.get("X-Flowella-Timestamp", "")
        return given.isdecimal() and self.near(time.time() - int(given))

    def near(self, age: float) -> bool:
        return abs(age) <= self.tolerance

    # What do they say?

    def take(self, body: bytes, headers: Message) -> int:
        """In one transaction: what was seen, and what follows."""
        try:
            event = self.parse(body)
        except ValueError:
            return 400
        try:
            with self.lock:
                return self.handle(event, headers)
        except Failed:
            return 500

    def parse(self, body: bytes) -> dict[str, Any]:
        event = json.loads(body)
        if not isinstance(event, dict):
            raise ValueError("an event is an object")  # noqa: TRY004 - bad input, not a bad caller
        return event

    def handle(self, event: dict[str, Any], headers: Message) -> int:
        if not self.known(event, headers):
            self.work(event)
        return 200

    def known(self, event: dict[str, Any], headers: Message) -> bool:
        return event["data"]["id"] in self.processed

    def work(self, event: dict[str, Any]) -> None:
        if self.failures:
            self.failures -= 1
            raise Failed
        self.processed[event["data"]["id"]] += 1
        self.told(event["event"], event["data"])

    def told(self, kind: str, data: dict[str, Any]) -> None:
        if kind in {"message.sent", "message.delivered", "message.read"}:
            self.move(data["messageId"], data["status"])

    def move(self, message: str, status: str) -> None:
        if RANK[status] > RANK.get(self.messages.get(message, ""), 0):
            self.messages[message] = status

    # What is known of it

    def ledger(self) -> dict[str, Any]:
        with self.lock:
            return {"events": dict(self.processed), "messages": dict(self.messages)}

    def fail_next(self) -> None:
        with self.lock:
            self.failures += 1


class Handler(BaseHTTPRequestHandler):
    """HTTP around a receiver."""

    receiver: Receiver

    def answer(self) -> None:
        if self.path == "/ledger":
            self.say(200, json.dumps(self.receiver.ledger()).encode())
        elif self.path == "/fail":
            self.receiver.fail_next()
            self.say(200)
        else:
            self.say(self.receiver.post(self))

    do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815

    def say(self, status: int, body: bytes = b"{}") -> None:
        self.close_connection = True
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if 300 <= status < 400:
            self.send_header("Location", "/login")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quietly."""


@contextmanager
def standing(receiver: Receiver) -> Iterator[str]:
    """The receiver's root URL while it is served."""

    class Bound(Handler):
        pass

    Bound.receiver = receiver
    quiet = {"request_queue_size": 64, "daemon_threads": True, "block_on_close": False, "handle_error": lambda *_: None}
    kind: Any = type("Server", (receiver.server,), quiet)
    server = kind(("127.0.0.1", 0), Bound)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
