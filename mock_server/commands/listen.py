"""`flowella-mock listen`: a running server's webhooks, live in the terminal.

It makes an endpoint for itself on the control plane, receives on loopback, verifies each signature, and takes the endpoint
away when it ends. With `--forward-to` it hands the same bytes and headers on, and answers what it is answered.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

import click

from mock_server.commands.client import Server, masked, server_options
from mock_server.commands.stopping import asked_to_stop
from mock_server.config import ENVIRONMENT_PREFIX
from mock_server.webhooks.signing import verify

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 9.5
"""Seconds for whoever it is forwarded to; the sender gives up after ten."""

OWN = {"host", "content-length", "connection"}
"""Headers of the connection, which the next one has of its own."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One webhook: what came, whether its signature is right, what was answered, and why if that needs a word.

    `genuine` is None where the vendor signs nothing.
    """

    headers: dict[str, str]
    body: bytes
    genuine: bool | None
    status: int
    remark: str

    def as_json(self) -> str:
        """One line, for programs."""
        try:
            body = json.loads(self.body)
        except ValueError:
            body = self.body.decode("utf-8", "replace")
        said = {"genuine": self.genuine, "status": self.status, "remark": self.remark or None}
        return json.dumps({**said, "headers": self.headers, "body": body}, ensure_ascii=False)

    def as_text(self) -> tuple[str, str, str, str]:
        """Time, event, what it is about, and the verdict, for people."""
        try:
            body = json.loads(self.body)
            name, time = (_first(body, *names) for names in (("event", "event_type"), ("createdAt", "timestamp")))
            return str(time)[11:23], str(name), _about(body.get("data", body)), self._verdict()
        except (ValueError, AttributeError, TypeError, StopIteration):
            return "", "no event", repr(self.body[:60]), self._verdict()

    def _verdict(self) -> str:
        signed = {None: "unsigned", True: "genuine", False: "WRONG SIGNATURE"}[self.genuine]
        return f"{signed}, answered {self.status}{f' ({self.remark})' if self.remark else ''}"


def _first(body: dict[str, Any], *names: str) -> Any:
    """What stands under the first of these names that is there. Raises StopIteration."""
    return next(body[name] for name in names if name in body)


def _about(data: dict[str, Any]) -> str:
    """The few fields that tell one event from another."""
    names = ("from", "to", "whatsapp_id", "visitor_id", "phone", "name", "status", "text", "reason", "message")
    words = [f"{name} {data[name]!r:.60}" for name in (*names, "conversationId") if data.get(name)]
    error = data.get("error")
    return ", ".join([*words[:3], *([f"error {error['code']}"] if isinstance(error, dict) else [])])


@click.command()
@server_options
@click.option("--event", "events", multiple=True, metavar="EVENT", help="Only this event; may be repeated.")
@click.option("--vendor", default="flowella", show_default=True, help="Whose webhooks: flowella or flowiq.")
@click.option("--platform", default="whatsapp", show_default=True, help="Of FlowIQ's: whatsapp or web.")
@click.option(
    "--secret",
    envvar=f"{ENVIRONMENT_PREFIX}WEBHOOK_SECRET",
    show_envvar=True,
    help="What the webhooks are signed with; for the default organization its own secret.",
)
@click.option("--forward-to", metavar="URL", help="Post the same bytes and headers there, and answer with its status.")
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="Port to receive on; 0 takes any free one.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
def listen(url: str, org: str, control_token: str | None, **options: Any) -> None:
    """Show a running server's webhooks as they come, verified, until Ctrl-C."""
    server = Server(url, org, control_token)
    forward_to, as_json = options["forward_to"], options["as_json"]
    printing = threading.Lock()
    show = _show_json if as_json else _show_text()

    def hear(headers: dict[str, str], body: bytes) -> int:
        signature = next((v for name, v in headers.items() if name.lower() == "x-flowella-signature"), "")
        status, remark = _forward(forward_to, headers, body) if forward_to else (200, "")
        secret = endpoint["secret"]
        heard = Heard(headers, body, verify(secret, body, signature) if secret else None, status, remark)
        with printing:
            show(heard)
        return status

    with asked_to_stop() as asked, _Receiver(options["port"], hear) as here:
        vendor, platform = options["vendor"], options["platform"]
        secret = options["secret"] or _default_secret(org, vendor)
        wanted = {"url": here.url, "events": list(options["events"]) or ["*"], "vendor": vendor, "platform": platform}
        endpoint = server.control("POST", "/webhooks", {**wanted, **({"secret": secret} if secret else {})})
        try:
            if not as_json:
                _announce(server, here.url, endpoint, forward_to)
            asked.recv(1)
        finally:
            server.control("DELETE", f"/webhooks/{endpoint['id']}")


def _default_secret(org: str, vendor: str) -> str | None:
    """The default organization's is known, if the vendor signs; another's is made up for this endpoint unless it is given."""
    from mock_server.orgs import DEFAULT_WEBHOOK_SECRET
    from mock_server.vendors.registry import DIALECTS

    signs = {one.name: one.signs for one in DIALECTS}
    return DEFAULT_WEBHOOK_SECRET if org == "default" and signs.get(vendor) else None


def _announce(server: Server, here: str, endpoint: dict[str, Any], forward_to: str | None) -> None:
    onward = f", and forwarding to {forward_to}" if forward_to else ""
    click.echo(f"Listening to {server.org} at {server.url} on {here}{onward}.")
    signed = f"Signed with {masked(endpoint['secret'])}" if endpoint["secret"] else "Nothing is signed"
    click.echo(f"{signed}. Stop with Ctrl-C.")


def _show_json(heard: Heard) -> None:
    click.echo(heard.as_json())


def _show_text() -> Callable[[Heard], None]:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)

    def show(heard: Heard) -> None:
        time, event, about, verdict = heard.as_text()
        good = heard.genuine is not False and 200 <= heard.status < 300
        console.print(
            Text.assemble(
                (f"{time:<12} ", "dim"), (f"{event:<24} ", "bold"), f"{about}  ", (verdict, "green" if good else "red")
            )
        )

    return show


class _NoRedirects(HTTPRedirectHandler):
    """A redirect is an answer, as it is for the sender."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _forward(url: str, headers: dict[str, str], body: bytes) -> tuple[int, str]:
    """The same bytes and headers, one stop further on."""
    kept = {name: value for name, value in headers.items() if name.lower() not in OWN}
    try:
        request = Request(url, body, kept, method="POST")  # noqa: S310 (where the user says)
        with build_opener(ProxyHandler({}), _NoRedirects).open(request, timeout=PATIENCE) as answer:
            return answer.status, ""
    except HTTPError as error:
        with error:
            return error.code, error.read(200).decode("utf-8", "replace").strip()
    except (URLError, OSError, ValueError) as error:
        return 502, f"{url} does not answer: {getattr(error, 'reason', error)}"


class _Receiver:
    """An HTTP server on loopback that hands each POST to a function and answers the status it returns."""

    def __init__(self, port: int, hear: Callable[[dict[str, str], bytes], int]) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.send_response(hear(dict(self.headers.items()), body))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Our own lines are enough."""

        try:
            self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        except OSError as error:
            raise click.ClickException(f"--port {port}: {error.strerror}; 0 takes any free one") from None
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
