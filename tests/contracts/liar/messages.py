"""A call and its answer as plain values, so that a lie is a small function of them."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from werkzeug.datastructures import Headers
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.test import run_wsgi_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication

JSON = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Call:
    """What came in. `environ` is WSGI's, without the body, which has been read."""

    environ: dict[str, Any]
    body: bytes

    @classmethod
    def read(cls, environ: dict[str, Any]) -> Call:
        """Take the whole request in."""
        length = int(environ.get("CONTENT_LENGTH") or 0)
        return cls(environ, environ["wsgi.input"].read(length))

    @property
    def method(self) -> str:
        return str(self.environ["REQUEST_METHOD"])

    @property
    def path(self) -> str:
        return str(self.environ["PATH_INFO"])

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.environ.get("QUERY_STRING", ""), keep_blank_values=True))

    @property
    def json(self) -> Any:
        """The body's JSON; an empty object if it has none, which no lie minds."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def header(self, name: str) -> str:
        """A request header, empty if it is not there."""
        return str(self.environ.get(f"HTTP_{name.upper().replace('-', '_')}", ""))

    def asking(self, **query: str | None) -> Call:
        """The same call with other query parameters; None leaves one out."""
        kept = {name: value for name, value in {**self.query, **query}.items() if value is not None}
        return replace(self, environ={**self.environ, "QUERY_STRING": urlencode(kept)})

    def saying(self, body: Any) -> Call:
        """The same call with other JSON in its body, not shorter than it was: what is too large stays too large."""
        return replace(self, body=json.dumps(body).encode().ljust(len(self.body)))

    def with_environ(self, **environ: str) -> Call:
        """The same call with other WSGI variables."""
        return replace(self, environ={**self.environ, **environ})


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes out. The length is counted when it does."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def ok(self) -> bool:
        return self.status < 300

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def but(self, status: int | None = None, **headers: str | None) -> Answer:
        """The same answer with another status or headers (`Content_Type=…`); None leaves one out."""
        changed = {name.replace("_", "-"): value for name, value in headers.items()}
        kept = [pair for pair in self.headers if pair[0].lower() not in {name.lower() for name in changed}]
        kept += [(name, value) for name, value in changed.items() if value is not None]
        return replace(self, status=status or self.status, headers=tuple(kept))

    def saying(self, body: Any) -> Answer:
        """The same answer with another body, as JSON unless it is bytes."""
        return replace(self, body=body if isinstance(body, bytes) else _compact(body))

    def edited(self, edit: Callable[[Any], Any]) -> Answer:
        """The same answer with its JSON edited: in place, or by what `edit` returns."""
        body = self.json
        changed = edit(body)
        return self.saying(body if changed is None else changed)


def reply(status: int, body: Any, content_type: str = JSON, **headers: str) -> Answer:
    """An answer from nothing; the names of more headers must be words."""
    return Answer(status, (("Content-Type", content_type), *headers.items()), b"").saying(body)


def error(status: int, code: str, message: str) -> Answer:
    """A refusal in the vendor's envelope."""
    return reply(status, {"error": {"code": code, "message": message}})


def ask(app: WSGIApplication, call: Call) -> Answer:
    """What the application answers."""
    environ = {**call.environ, "wsgi.input": io.BytesIO(call.body), "CONTENT_LENGTH": str(len(call.body))}
    chunks, status, headers = run_wsgi_app(app, environ, buffered=True)
    return Answer(int(status.split()[0]), tuple(headers), b"".join(chunks))


def send(answer: Answer, start_response: StartResponse) -> Iterable[bytes]:
    """Give the answer to the server."""
    headers = Headers(list(answer.headers))
    headers["Content-Length"] = str(len(answer.body))
    start_response(f"{answer.status} {HTTP_STATUS_CODES.get(answer.status, 'Unknown')}", headers.to_wsgi_list())
    return [answer.body]


def _compact(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
