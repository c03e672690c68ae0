"""Real processes on a store: servers, workers, and a receiver that remembers what it was sent."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

import requests

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE = 90
"""Seconds after which something that ought to happen is not going to; machines that test are slow at times."""


class Receiver:
    """Answers every webhook 200, and counts them by the id of their event."""

    def __init__(self) -> None:
        self.came: Counter[str] = Counter()
        self._news = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                receiver.note(event["data"]["id"])
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Quietly."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def note(self, event_id: str) -> None:
        """One more."""
        with self._news:
            self.came[event_id] += 1
            self._news.notify_all()

    def wait_for(self, events: int) -> bool:
        """Until so many different ones came."""
        with self._news:
            return self._news.wait_for(lambda: len(self.came) >= events, PATIENCE)

    def close(self) -> None:
        """No more."""
        self._server.shutdown()
        self._server.server_close()


class Program:
    """`flowella-mock` with these arguments, in a process of its own."""

    def __init__(self, *arguments: str, quiet: bool = False) -> None:
        command = [sys.executable, "-c", "from mock_server.cli import main; main()", *arguments, "--log-level", "error"]
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL if quiet else None
        )

    @property
    def running(self) -> bool:
        """Is it?"""
        return self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL: it has no say in it."""
        self._process.kill()
        self._process.wait()

    def exit_code(self) -> int:
        """When it has ended by itself."""
        return self._process.wait(PATIENCE)

    def stop(self) -> int:
        """As Ctrl-C does; its exit code."""
        self._process.terminate()
        return self._process.wait(PATIENCE)


class Api(Program):
    """A server, and a client of it."""

    def __init__(self, folder: Path, store: str, *arguments: str, quiet: bool = False) -> None:
        self._ready = folder / f"ready-{quote(store, safe='')[-12:]}-{id(self)}"
        super().__init__(
            "serve", "--port", "0", "--store", store, "--ready-file", str(self._ready), *arguments, quiet=quiet
        )
        self.session = requests.Session()
        self.about: dict[str, str] = {}
        self.timeout = 30

    def wait(self) -> Api:
        """Until it answers."""
        turn = threading.Event()
        for _ in range(PATIENCE * 20):
            if self._ready.exists():
                break
            assert self.running
            turn.wait(0.05)
        self.about = json.loads(self._ready.read_text())
        self.session.headers["Authorization"] = f"Bearer {self.about['apiKey']}"
        return self

    def api(self, method: str, path: str, body: Any = None, key: str | None = None) -> requests.Response:
        """A call of the Flowella API."""
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return self.session.request(
            method, self.about["baseUrl"] + path, json=body, headers=headers, timeout=self.timeout
        )

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """What a call of the control plane answers."""
        answer = self.session.request(method, self.about["controlUrl"] + path, json=body, timeout=self.timeout)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def all(self, path: str) -> list[dict[str, Any]]:
        """Every item of a list of the control plane."""
        items: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = self.control("GET", f"{path}?limit=100{cursor}")
            items += cast("list[dict[str, Any]]", page["items"])
            if "nextCursor" not in page:
                return items
            cursor = f"&cursor={quote(page['nextCursor'])}"


@contextmanager
def closing(*programs: Program) -> Iterator[None]:
    """None of them is left running."""
    try:
        yield
    finally:
        for program in programs:
            program.kill()
