"""What each fault looks like from outside, made by running. `python bench/fault_table.py` rewrites docs/faults.md.

Calls are made by curl against a server on loopback; webhooks go to a receiver that verifies as the documentation says.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import subprocess
import threading
import time
from base64 import b64decode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

from mock_server.config import Config
from mock_server.domain.faults import effects_for
from mock_server.orgs import DEFAULT_API_KEY
from mock_server.serving import Fake

PAGE = Path(__file__).parent.parent / "docs" / "faults.md"
SECRET = "whsec_fault_table"
CURL_SAYS = {0: "ok", 18: "partial file", 28: "timed out", 52: "empty reply", 56: "connection reset"}

CALLS: dict[str, dict[str, Any]] = {
    "latency": {"seconds": 0.5},
    "status": {"status": 503},
    "metaError": {"code": 131056},
    "drip": {"bytes": 50, "seconds": 0.1},
}
HOOKS: dict[str, dict[str, Any]] = {"delay": {"seconds": 90}}


class Receiver(BaseHTTPRequestHandler):
    """Raw bytes, constant time, five minutes."""

    arrivals: ClassVar[list[bytes]] = []
    now = 0.0

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        sound = hmac.compare_digest(self.headers.get("X-Flowella-Signature", ""), digest)
        sound = sound and abs(Receiver.now - int(self.headers["X-Flowella-Timestamp"])) <= 300
        status = 200 if sound else 401
        Receiver.arrivals.append(body)
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


def _curl(*arguments: str) -> tuple[int, str, float]:
    began = time.monotonic()
    done = subprocess.run(["curl", "-s", "-i", "-m", "2", *arguments], capture_output=True, check=False)
    return done.returncode, done.stdout.decode(), time.monotonic() - began


class Table:
    """One fake, one receiver, one row per effect."""

    def __init__(self, url: str) -> None:
        self._url = url

    def control(self, method: str, path: str, body: Any = None) -> Any:
        sent = ["-H", "Content-Type: application/json", "-d", json.dumps(body)] if body is not None else []
        answer = _curl("-X", method, f"{self._url}/_mock/orgs/default{path}", *sent)[1].split("\r\n\r\n", 1)[1]
        return json.loads(answer) if answer else None

    def call_row(self, effect: str) -> str:
        ordered = {"type": effect, **CALLS.get(effect, {})}
        before = self._sent()
        self.control("POST", "/faults", {"on": "sendMessage", "effect": ordered})
        key = ["-H", f"Authorization: Bearer {DEFAULT_API_KEY}", "-H", "Content-Type: application/json"]
        code, got, took = _curl(f"{self._url}/api/v1/messages", *key, "-d", '{"to":"+447700900123","text":"hi"}')
        self.control("DELETE", "/faults")
        head, _, body = got.partition("\r\n\r\n")
        lines = head.split("\r\n")
        status = lines[0].split(" ", 2)[1] if head else "none"
        kind = next((line.split(": ")[1].split(";")[0] for line in lines if line.startswith("Content-Type")), "")
        length = next((line.split(": ")[1] for line in lines if line.startswith("Content-Length")), "0")
        size = f"{len(body)} of {length} bytes" if head else "0 bytes"
        shown = f"`{_clip(body)}`" if body else ""
        carried = "yes" if self._sent() > before else "no"
        curl = f"{code} ({CURL_SAYS[code]})"
        cells = [f"`{_json(ordered)}`", curl, status, kind, size, f"{took:.1f} s", carried, shown]
        return f"| {' | '.join(cells)} |"

    def _sent(self) -> int:
        return len(self.control("GET", "/messages?limit=100")["items"])

    def hook_row(self, effect: str) -> str:
        ordered = {"type": effect, **HOOKS.get(effect, {})}
        self.control("POST", "/faults", {"on": "webhook:message.received", "effect": ordered, "times": 1})
        begun = self._pass(0)
        for text in ("first", "second"):
            self.control("POST", "/inbound", {"from": "+447700900123", "text": text})
        for _ in range(13):
            self._pass(10)
        self.control("DELETE", "/faults")
        attempts = [
            (_seconds(attempt["at"]), attempt)
            for delivery in self.control("GET", "/deliveries?limit=100")["items"]
            if _seconds(delivery["createdAt"]) >= begun
            for attempt in delivery["attempts"]
        ]
        attempts.sort(key=lambda pair: Receiver.arrivals.index(b64decode(pair[1]["requestBody"])))
        first = [pair for pair in attempts if '"second"' not in pair[1]["requestText"]]
        answered = [f"{attempt['status']} at {at - begun:.0f} s" for at, attempt in first]
        about = _about(*first[0]) if first else "never posted"
        if effect == "reorder":
            order = ["second" if '"second"' in attempt["requestText"] else "first" for _, attempt in attempts]
            about = f"arrives after the next: {', then '.join(order)}"
        return f"| `{_json(ordered)}` | {', '.join(answered) or 'nothing'} | {about} |"

    def _pass(self, seconds: int) -> float:
        """Let time pass; when it is then."""
        Receiver.now = _seconds(self.control("POST", "/clock/advance", {"seconds": seconds})["now"])
        return Receiver.now


def _about(at: float, attempt: dict[str, Any]) -> str:
    head, body = attempt["requestHeaders"], b64decode(attempt["requestBody"])
    signature = head.get("X-Flowella-Signature", "absent")
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    fits = "right" if signature == digest else "absent" if signature == "absent" else "wrong"
    age = at - int(head["X-Flowella-Timestamp"])
    stale = f", timestamp {age:.0f} s old" if age > 300 else ""
    return f"{head['X-Flowella-Event']}, {len(body):,} bytes, signature {fits}{stale}: `{_clip(body.decode())}`"


def _seconds(text: str) -> float:
    from mock_server.domain.instant import parse

    return parse(text) / 1_000_000


def _clip(text: str) -> str:
    line = re.sub(r"\s+", " ", text).replace("|", "\\|")
    return line if len(line) <= 70 else f"{line[:40]}…{line[-25:]}"


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def main() -> None:
    """Run each effect and write the page."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with Fake(Config(port=0, clock="manual", rate_limit=None, log_level="error")) as fake:
        table = Table(fake.server.url)
        calls = [table.call_row(effect) for effect in effects_for("*")]
        hook = {"url": f"http://127.0.0.1:{server.server_port}/h", "events": ["message.received"], "secret": SECRET}
        table.control("POST", "/webhooks", hook)
        hooks = [table.hook_row(effect) for effect in effects_for("webhook:*")]
    server.shutdown()
    page = PAGE.read_text(encoding="utf-8")
    for name, rows in (("calls", calls), ("webhooks", hooks)):
        begin, end = f"<!-- {name}: made by bench/fault_table.py -->\n", f"<!-- end of {name} -->"
        before, _, rest = page.partition(begin)
        old, _, after = rest.partition(end)
        titles = "\n".join(old.strip().split("\n")[:2])
        page = before + begin + "\n" + titles + "\n" + "\n".join(rows) + "\n\n" + end + after
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
