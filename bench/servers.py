"""Who is measured: the fake, a bare Flask route, and the peers that are installed. One table, `everybody`.

Peers live in a folder of their own, given by `--peers`:

    npm install --prefix DIR/npm @stoplight/prism-cli @mockoon/cli json-server@0.17.4 wiremock
    python -m venv DIR/py && DIR/py/bin/pip install 'moto[server]' pytest-httpserver

Each is started as its README says, but json-server without `--watch`: its own writes make it reload then, and it drops its
connections. Of WireMock there is a second row without its journal, which its documentation advises
for load.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from bench import machine
from bench.examples import CONTACT, PEOPLE, SENT, number, sends
from bench.load import Job
from mock_server.orgs import DEFAULT_API_KEY

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parent.parent
COMMAND = Path(sys.executable).with_name("flowella-mock")
JSON = {"Content-Type": "application/json"}
KEY = {"Authorization": f"Bearer {DEFAULT_API_KEY}"}
PATIENCE = 60.0
"""Seconds that a server may take to answer for the first time."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One kind of request; the bodies go in turn."""

    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    bodies: tuple[str, ...] = ()

    def job(self, port: int, connections: int, seconds: float) -> Job:
        """As work for the generator."""
        return Job(port, self.method, self.path, self.headers, list(self.bodies), connections, seconds)


SEND = Ask("POST", "/api/v1/messages", JSON | KEY, tuple(sends()))
PAGE = Ask("GET", "/api/v1/contacts?limit=25", KEY)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A server. `command` starts it on a port in a folder of its own; `needs` must be there; `set_up` fills it.

    `about` says what it does for a send. `warm` is how many seconds of load it gets first.
    """

    name: str
    about: str
    command: Callable[[int], list[str]]
    needs: Path
    version: Callable[[], str]
    files: dict[str, str] = field(default_factory=dict)
    set_up: Callable[[int], None] = lambda _: None
    send: Ask = SEND
    page: Ask = PAGE
    warm: float = 2.0

    @property
    def installed(self) -> bool:
        """Can it be started?"""
        return self.needs.exists()


class Running:
    """A candidate, started; `first_answer` is how many seconds it took to answer the first request."""

    def __init__(self, candidate: Candidate, folder: Path, core: int | None) -> None:
        self.candidate = candidate
        self.port = free_port()
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in candidate.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        begun = time.perf_counter()
        self._log = (folder / "log").open("wb")
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        environment.pop(
            "PYTHONDONTWRITEBYTECODE", None
        )  # else a checkout is compiled anew at each start; a wheel is not
        command = candidate.command(self.port)
        with machine.children_on(core):
            self.process = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=self._log, stderr=subprocess.STDOUT
            )
        self._await(begun + PATIENCE)
        self.first_answer = time.perf_counter() - begun

    def _await(self, deadline: float) -> None:
        while time.perf_counter() < deadline:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(OSError, http.client.HTTPException):
                if call(self.port, self.candidate.page) < 500:
                    return
            time.sleep(0.002)
        self.stop()
        raise SystemExit(f"{self.candidate.name} does not answer; see {self._log.name}")

    def set_up(self) -> None:
        """Fill it, and see that both requests are answered well."""
        self.candidate.set_up(self.port)
        for ask in (self.candidate.send, self.candidate.page):
            if not 200 <= (status := call(self.port, ask)) < 300:
                raise SystemExit(f"{self.candidate.name} answers {status} to {ask.method} {ask.path}")

    def stop(self) -> None:
        """End it and all it started."""
        for pid in reversed(machine.family(self.process.pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self._log.close()


def call(port: int, ask: Ask) -> int:
    """One request on a connection of its own; the status."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(ask.method, ask.path, ask.bodies[0] if ask.bodies else None, ask.headers)
        answer = connection.getresponse()
        answer.read()
    finally:
        connection.close()
    return answer.status


def await_port(port: int) -> None:
    """Until somebody listens there."""
    for _ in range(1_000):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.01)


def free_port() -> int:
    """One that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port: int = sock.getsockname()[1]
    return port


def everybody(peers: Path) -> list[Candidate]:
    """Ours first, then the limit, then the peers."""
    return [ours(), ours("real"), bare("ours"), bare("waitress"), *of_node(peers / "npm"), *of_python(peers / "py")]


def ours(clock: str = "manual") -> Candidate:
    """The fake, from its command line."""
    running = "" if clock == "manual" else ", clock running: every message's journey besides"
    options = ["--rate-limit", "off", "--log-level", "warning", "--clock", clock]
    return Candidate(
        "flowella-mock" + (", real clock" if running else ""),
        f"key, rate limit, schema, rules, store, journal{running}",
        lambda port: [str(COMMAND), "serve", "--port", str(port), *options],
        COMMAND,
        lambda: "this commit",
        set_up=_people,
    )


def _people(port: int) -> None:
    """Those who are written to have written; there are more than a page of them."""
    for index in range(PEOPLE):
        body = json.dumps({"from": number(index), "text": "hello"})
        call(port, Ask("POST", "/_mock/orgs/default/inbound", JSON, (body,)))


def bare(server: str) -> Candidate:
    """A Flask application that does nothing."""
    where = "our loop" if server == "ours" else "waitress as it comes"
    return Candidate(
        f"bare Flask route ({where})",
        "nothing: a constant",
        lambda port: [sys.executable, "-m", "bench.bare", str(port), server],
        ROOT,
        lambda: "",
    )


def of_node(folder: Path) -> list[Candidate]:
    """Prism, Mockoon, json-server and WireMock, whose jar comes in a package."""
    binaries, modules = folder / "node_modules" / ".bin", folder / "node_modules"
    prism, mockoon, server = (str(binaries / name) for name in ("prism", "mockoon-cli", "json-server"))
    jar = next(modules.glob("wiremock/build/wiremock-standalone-*.jar"), modules / "wiremock.jar")
    mappings = {"mappings/all.json": json.dumps({"mappings": _stubs()})}
    spec = str(ROOT / "openapi.yaml")
    plain = ("/messages", "/contacts?limit=25")
    sending, paging = (Ask("POST", plain[0], JSON | KEY, SEND.bodies), Ask("GET", plain[1], KEY))

    def version(package: str) -> Callable[[], str]:
        return lambda: str(json.loads((modules / package / "package.json").read_text())["version"])

    def java(port: int, *more: str) -> list[str]:
        return ["java", "-jar", str(jar), "--port", str(port), *more]

    tuned = ("--no-request-journal", "--disable-gzip")
    wire = partial(Candidate, needs=jar, version=version("wiremock"), files=mappings, warm=15.0)
    return [
        wire("WireMock", "a constant, for a path", java),
        wire("WireMock (tuned)", "a constant, for a path; no journal, no gzip", lambda port: java(port, *tuned)),
        Candidate(
            "Prism", "schema, an example of the spec", lambda port: [prism, "mock", "-p", str(port), spec],
            Path(prism), version("@stoplight/prism-cli"), send=sending, page=paging, warm=5.0,
        ),
        Candidate(
            "Mockoon", "stateful, CRUD route, no rules",
            lambda port: [mockoon, "start", "--data", "mock.json", "--port", str(port)],
            Path(mockoon), version("@mockoon/cli"), {"mock.json": json.dumps(_mockoon())},
            send=sending, page=Ask("GET", plain[1], KEY), warm=5.0,
        ),
        Candidate(
            "json-server", "stateful, writes a file; not watching it", lambda port: [server, "db.json", "--port", str(port)],
            Path(server), version("json-server"),
            {"db.json": json.dumps({"messages": [], "contacts": [CONTACT | {"id": n} for n in range(100)]})},
            send=sending, page=Ask("GET", "/contacts?_limit=25", KEY), warm=3.0,
        ),
    ]  # fmt: skip


def _stubs() -> list[dict[str, Any]]:
    page = {"data": [CONTACT] * 25, "nextCursor": None}
    return [
        {
            "request": {"method": method, "urlPath": path},
            "response": {"status": status, "jsonBody": body, "headers": JSON},
        }
        for method, path, status, body in (
            ("POST", "/api/v1/messages", 201, SENT),
            ("GET", "/api/v1/contacts", 200, page),
        )
    ]


def _mockoon() -> dict[str, Any]:
    """An environment with two CRUD routes over two data buckets."""

    def bucket(name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
        return {"uuid": f"bucket-{name}", "id": name[:4], "name": name, "documentation": "", "value": json.dumps(rows)}

    def route(name: str) -> dict[str, Any]:
        answer = {
            "uuid": f"answer-{name}", "body": "{}", "latency": 0, "statusCode": 200, "label": "", "headers": [],
            "bodyType": "DATABUCKET", "filePath": "", "databucketID": name[:4], "sendFileAsBody": False, "rules": [],
            "rulesOperator": "OR", "disableTemplating": False, "fallbackTo404": False, "default": True,
            "crudKey": "id", "callbacks": [],
        }  # fmt: skip
        return {
            "uuid": f"route-{name}", "type": "crud", "documentation": "", "method": "", "endpoint": name,
            "responses": [answer], "responseMode": None, "streamingMode": None, "streamingInterval": 0,
        }  # fmt: skip

    names = ("messages", "contacts")
    rows: dict[str, list[dict[str, Any]]] = {"messages": [], "contacts": [CONTACT | {"id": n} for n in range(25)]}
    return {
        "uuid": "bench", "lastMigration": 33, "name": "bench", "endpointPrefix": "", "latency": 0, "port": 3000,
        "hostname": "127.0.0.1", "folders": [], "routes": [route(name) for name in names],
        "rootChildren": [{"type": "route", "uuid": f"route-{name}"} for name in names], "proxyMode": False,
        "proxyHost": "", "proxyRemovePrefix": False, "tlsOptions": {"enabled": False, "type": "CERT", "pfxPath": "",
        "certPath": "", "keyPath": "", "caPath": "", "passphrase": ""}, "cors": True, "headers": JSON_HEADERS,
        "proxyReqHeaders": [], "proxyResHeaders": [], "data": [bucket(name, rows[name]) for name in names],
        "callbacks": [],
    }  # fmt: skip


JSON_HEADERS = [{"key": "Content-Type", "value": "application/json"}]


def of_python(folder: Path) -> list[Candidate]:
    """moto's server, speaking as SNS, and pytest-httpserver."""
    python, moto = folder / "bin" / "python", folder / "bin" / "moto_server"

    httpserver = next(folder.glob("lib/*/site-packages/pytest_httpserver"), folder / "pytest_httpserver")

    def version(package: str) -> Callable[[], str]:
        code = f"import importlib.metadata as m; print(m.version({package!r}))"
        return lambda: subprocess.check_output([python, "-c", code], text=True).strip()

    return [
        Candidate(
            "moto (SNS)", "stateful: a publish; a list of topics", lambda port: [str(moto), "-p", str(port)],
            moto, version("moto"), set_up=_topics, send=_sns("Publish", [_published(body) for body in sends()]),
            page=_sns("ListTopics", [{}]),
        ),
        Candidate(
            "pytest-httpserver", "a constant", lambda port: [str(python), "serve.py", str(port)],
            httpserver, version("pytest-httpserver"), {"serve.py": _HTTPSERVER},
        ),
    ]  # fmt: skip


def _sns(action: str, bodies: list[dict[str, str]]) -> Ask:
    signed = "AWS4-HMAC-SHA256 Credential=x/20261122/us-east-1/sns/aws4_request, SignedHeaders=host, Signature=x"
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "Authorization": signed}
    return Ask("POST", "/", headers, tuple(urlencode({"Action": action, **body}) for body in bodies))


def _published(body: str) -> dict[str, str]:
    return {"TopicArn": "arn:aws:sns:us-east-1:123456789012:topic0", "Message": body}


def _topics(port: int) -> None:
    for index in range(25):
        call(port, _sns("CreateTopic", [{"Name": f"topic{index}"}]))


_HTTPSERVER = f"""
import sys, threading
from pytest_httpserver import HTTPServer
server = HTTPServer(host="127.0.0.1", port=int(sys.argv[1]))
server.expect_request("/api/v1/messages", method="POST").respond_with_json({SENT!r}, status=201)
server.expect_request("/api/v1/contacts").respond_with_json({{"data": [{CONTACT!r}] * 25, "nextCursor": None}})
server.start()
threading.Event().wait()
"""
