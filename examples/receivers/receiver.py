"""A webhook receiver for Flowella, with nothing but the standard library.

    FLOWELLA_WEBHOOK_SECRET=whsec_... python receiver.py 9000

Port 0 takes any free one. `--any-time` accepts old timestamps too, for tests that move the clock by hand.
"""

import hashlib
import hmac
import json
import os
import sys
import threading
import time
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = (os.environ.get("FLOWELLA_WEBHOOK_SECRET") or sys.exit("set FLOWELLA_WEBHOOK_SECRET")).encode()
TOLERANCE = float("inf") if "--any-time" in sys.argv else 300  # seconds
seen: dict[str, str] = {}  # event id -> event; yours belongs into a database, with a unique key
lock = threading.Lock()


def objection(headers: Message, body: bytes) -> str | None:
    """What is wrong with this request, if anything. `body` is exactly what came, before anybody parses it."""
    expected = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), headers.get("X-Flowella-Signature", "").encode()):
        return "wrong signature"
    sent_at = headers.get("X-Flowella-Timestamp", "")
    if not sent_at.isdecimal() or abs(time.time() - int(sent_at)) > TOLERANCE:
        return "more than 5 minutes off"
    return None


class Receiver(BaseHTTPRequestHandler):
    """POST takes events: verify, keep, answer, and only then work, for Flowella waits 10 seconds. GET shows them."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if problem := objection(self.headers, body):
            self.answer(401, {"error": problem})
            print("refused:", problem, flush=True)
            return
        event = json.loads(body)
        with lock:
            repeated = event["data"]["id"] in seen
            seen.setdefault(event["data"]["id"], event["event"])
        self.answer(200, {"ok": True})  # for a repetition too, or it would come again
        print("repeated:" if repeated else "accepted:", event["event"], event["data"]["id"], flush=True)

    def do_GET(self) -> None:
        self.answer(200, [{"event": event, "id": event_id} for event_id, event in list(seen.items())])

    def answer(self, status: int, value: object) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(value).encode())

    def log_message(self, *_: object) -> None:
        """Our own lines are enough."""


if __name__ == "__main__":
    port = next((int(argument) for argument in sys.argv[1:] if argument.isdecimal()), 9000)
    server = ThreadingHTTPServer(("127.0.0.1", port), Receiver)
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
