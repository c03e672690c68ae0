"""Right endpoints in other styles: Node, Flask, ASGI. They are the examples of this repository, with a ledger."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import threading
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Any, ClassVar

import httpx

from .honest import PATH, SECRET
from .shops import keeping

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = Path(__file__).parents[3] / "examples"
for folder in ("shop", "shop_asgi"):
    sys.path.append(str(EXAMPLES / folder))


def example(name: str) -> Any:
    """A module of the examples."""
    return import_module(name)


Place = tuple[str, str]
"""The endpoint's URL, and its ledger's."""


@contextmanager
def node() -> Iterator[Place]:
    """`examples/receivers/receiver.mjs`, which shows what it accepted at GET."""
    program = which("node")
    assert program is not None
    environment = {"FLOWELLA_WEBHOOK_SECRET": SECRET, "PATH": str(Path(program).parent)}
    command = [program, str(EXAMPLES / "receivers" / "receiver.mjs"), "0"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        threading.Thread(target=process.stdout.read, daemon=True).start()  # or it would wait for a reader
        try:
            assert found is not None
            yield found[0], found[0]
        finally:
            process.kill()


@contextmanager
def flask(shop_class: Any = None) -> Iterator[Place]:
    """The shop, or one of its wrong siblings, on the server of the fake; every message it hears of is an order's."""
    ours = example("shop")
    shop = keeping(shop_class or ours.Shop, ours.Order)("http://127.0.0.1:9", "flo_key", SECRET)
    with _wsgi(shop.app) as url:
        yield url + PATH, f"{url}/ledger"


@contextmanager
def asgi() -> Iterator[Place]:
    """The help desk, which greets over an API that says yes to everything."""

    class Keeping(example("desk").Desk):  # type: ignore[misc]
        processed: ClassVar[Counter[str]] = Counter()

        async def handle(self, event: str, data: dict[str, Any]) -> None:
            self.processed[data["id"]] += 1
            await super().handle(event, data)

    api = httpx.MockTransport(lambda _: httpx.Response(201, json={"id": "cm0"}))
    desk = Keeping(httpx.AsyncClient(transport=api, base_url="http://api"), SECRET)
    with _asgi(desk, lambda: dict(desk.processed)) as url:
        yield url + PATH, f"{url}/ledger"


STYLES = {"node": node, "flask": flask, "asgi": asgi}


@contextmanager
def _wsgi(app: Any) -> Iterator[str]:
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        def log(self, *_: object) -> None:
            """Quietly."""

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    with _serving(server) as url:
        yield url


@contextmanager
def _serving(server: Any) -> Iterator[str]:
    """A server of the standard library's kind, for as long as this lasts."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def _asgi(app: Any, ledger: Any) -> Iterator[str]:
    """A thread for each connection, and one loop for the application."""
    loop = asyncio.new_event_loop()
    running = threading.Thread(target=loop.run_forever, daemon=True)
    running.start()

    class Bridge(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            told, status = b"", 200
            if self.path == "/ledger":
                told = json.dumps(ledger()).encode()
            else:
                status = self.ask(body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815

        def ask(self, body: bytes) -> int:
            headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in self.headers.items()]
            scope = {"type": "http", "method": self.command, "path": self.path, "headers": headers}
            sent: list[dict[str, Any]] = []

            async def receive() -> dict[str, Any]:
                return {"type": "http.request", "body": body, "more_body": False}

            async def send(message: dict[str, Any]) -> None:
                sent.append(message)

            try:
                asyncio.run_coroutine_threadsafe(app(scope, receive, send), loop).result()
            except Exception:  # noqa: BLE001 - what a server does
                return 500
            return int(sent[0]["status"])

        def log_message(self, *_: object) -> None:
            """Quietly."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Bridge)
    server.daemon_threads = True
    try:
        with _serving(server) as url:
            yield url
    finally:
        loop.call_soon_threadsafe(loop.stop)
        running.join()
        loop.close()
