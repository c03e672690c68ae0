"""A door: one API, its spec and its words for errors. Every request goes through the same column, top to bottom.

    route, method -> who is asking -> rate limit -> content type -> body syntax -> schema -> faults -> one service -> render

The first step that fails answers, and nothing has changed then (D4); so a fault strikes only what would have been
carried out. Operations are plain functions behind one table:
`view(request) -> (status, body)`; methods and paths come from the spec.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.wrappers import Response

from mock_server.clock import monotonic_now
from mock_server.domain.errors import Refusal
from mock_server.domain.fields import fields_of
from mock_server.web import json_body
from mock_server.web.refusals import InternalError, InvalidJson, PayloadTooLarge, UnsupportedMediaType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from flask import Flask
    from werkzeug.wrappers import Request

    from mock_server.domain.api_keys import ApiKey
    from mock_server.domain.faults import Struck
    from mock_server.domain.fields import Fields
    from mock_server.orgs import Orgs
    from mock_server.web.faults import CallFaults
    from mock_server.web.spec import Operation, Spec
    from mock_server.world import World

log = logging.getLogger("flowella_mock.api")

MEGABYTE = 1 << 20
DEFAULT_BODY_LIMIT = MEGABYTE

JSON = "application/json; charset=utf-8"
"""The content type of answers."""

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

BYTES_PER_VALUE = 25
"""A body at its limit of bytes may hold so many fewer values: 50,000 recipients with ten parameters each fit into 20 MB."""


@dataclass(slots=True)
class Call:
    """One request on its way down: what is known of it so far.

    `struck` are the faults played on it, `answered` whether the client gets an answer, `meta_error` the WhatsApp error
    code that its message is to fail with.
    """

    operation: Operation
    spec: Spec
    orgs: Orgs
    path: Mapping[str, str]
    world: World
    key: ApiKey | None = None
    query: dict[str, Any] = field(default_factory=dict)
    raw: bytes = b""
    refused: str = ""
    body: Any = None
    struck: tuple[Struck, ...] = ()
    answered: bool = True
    meta_error: int | None = None

    @property
    def fields(self) -> Fields:
        """What the patterns of a fault rule are held against."""
        about = {"method": self.operation.method, "keyId": self.key.id if self.key else ""}
        return fields_of(self.path, self.query, self.body, about)


Reply = tuple[int, Any]
"""HTTP status and what goes into the body; None for no body, bytes for JSON that is written already, or a whole response."""

if TYPE_CHECKING:
    View = Callable[[Call], Reply]
    Identify = Callable[[Call, Request], None]
    """Says who is asking by setting `call.world` and `call.key`, and counts the call. Raises a refusal.

    Until then the call belongs to the default organization, so that its journal shows calls with a wrong key.
    """
    Problem = Callable[[Refusal, Call | None], tuple[int, dict[str, Any]]]
    """A refusal in the door's own words: HTTP status and body. The call is None where no operation was reached."""


@dataclass(frozen=True, slots=True)
class Door:
    """What makes one API different from another.

    `faults` may have a call go wrong in place of being carried out, `journal` is told of each call. The control plane
    has neither.
    """

    spec: Spec
    prefix: str
    views: Mapping[str, View]
    identify: Identify
    problem: Problem
    body_limits: Mapping[str, int] = field(default_factory=dict)
    faults: CallFaults | None = None
    journal: Callable[[Call, Request, Response | None], None] | None = None

    def routes(self, orgs: Orgs, name: str) -> Iterator[Route]:
        """One for every operation of the spec that has a view. The metrics know this door by the name."""
        for operation in self.spec.operations.values():
            view = self.views.get(operation.id)
            if view is not None:
                yield Route(self, orgs, operation, view, name)

    def mount(self, app: Flask, orgs: Orgs, name: str) -> None:
        """Let Flask route them."""
        for route in self.routes(orgs, name):
            app.add_url_rule(
                route.path.replace("{", "<").replace("}", ">"),
                endpoint=f"{self.spec.name}:{route.operation.id}",
                view_func=route,
                methods=[route.operation.method],
                provide_automatic_options=False,
            )

    def owns(self, path: str) -> bool:
        """Is this path one of this API's, or below one?"""
        known = (self.prefix + operation.path for operation in self.spec.operations.values())
        return any(path == own or path.startswith(f"{own}/") for own in known)

    def refuse(self, refusal: Refusal, call: Call | None = None) -> Response:
        """The refusal as a response; without a call where no operation was reached."""
        status, body = self.problem(refusal, call)
        return respond(status, body)


class Route:
    """One operation, callable by Flask; `answer` is for whoever has the request at hand."""

    def __init__(self, door: Door, orgs: Orgs, operation: Operation, view: View, name: str) -> None:
        self.operation = operation
        self.path = door.prefix + operation.path
        self._door = door
        self._name = name
        self._orgs = orgs
        self._view = view
        self._limit = door.body_limits.get(operation.id, DEFAULT_BODY_LIMIT)

    def __call__(self, **path: str) -> Response:
        from flask import request

        return self.answer(request, path)

    def answer(self, request: Request, path: Mapping[str, str]) -> Response:
        """From top to bottom."""
        began = monotonic_now()
        call = Call(self.operation, self._door.spec, self._orgs, path, self._orgs.default)
        response = self._guard(call, partial(self._come_in, call, request))
        response = self._guard(call, partial(self._write_down, call, request, response))
        status = response.status_code if call.answered else None
        self._orgs.metrics.note_call(self._name, self.operation.id, status, began)
        return response

    def _write_down(self, call: Call, request: Request, response: Response) -> Response:
        """What cannot be written down has not been answered either."""
        if self._door.journal is not None:
            self._door.journal(call, request, response if call.answered else None)
        return response

    def _come_in(self, call: Call, request: Request) -> Response:
        self._door.identify(call, request)
        if self.operation.method != "GET":
            self._read_body(call, request)
        if self.operation.query is not None:
            call.query = self._door.spec.read_query(self.operation, _arguments(request))
        if self._door.faults is None:
            return self._carry_out(call)
        return self._door.faults(call, request, partial(self._guard, call, partial(self._carry_out, call)))

    def _carry_out(self, call: Call) -> Response:
        return respond(*self._view(call))

    def _guard(self, call: Call, step: Callable[[], Response]) -> Response:
        """Whatever goes wrong in this step becomes an answer."""
        try:
            return step()
        except Refusal as refusal:
            call.refused = f" {refusal}"
            return self._door.refuse(refusal, call)
        except Exception:
            about = {"org": call.world.org.id, "operation": self.operation.id, "status": 500}
            log.exception("%s failed", self.operation.id, extra=about)
            mistake = InternalError("Something went wrong inside the fake; its log has the trace")
            return self._door.refuse(mistake, call)

    def _read_body(self, call: Call, request: Request) -> None:
        schema = self.operation.body
        if schema is None:
            return
        length = request.content_length or 0
        if not length and not self.operation.body_required:
            call.body = {}
            return
        require_json(request)
        if length > self._limit:
            raise PayloadTooLarge(f"The body has {length} bytes; {self.operation.id} reads at most {self._limit}")
        call.raw = request.get_data(cache=False)
        call.body = json_body.parse(call.raw, most_values=self._limit // BYTES_PER_VALUE)
        schema.check(call.body)


def _arguments(request: Request) -> dict[str, list[str]]:
    """Raises InvalidJson for bare bytes that are no UTF-8; our own server lets none through."""
    try:
        return request.args.to_dict(flat=False)
    except UnicodeDecodeError:
        raise InvalidJson("The query has bytes that are not UTF-8; write them as %XX") from None


def require_json(request: Request) -> None:
    """Raises UnsupportedMediaType unless the body is declared as JSON in UTF-8."""
    declared = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype != "application/json" or declared not in {"utf-8", "utf8"}:
        got = request.headers.get("Content-Type", "none")[:80]
        raise UnsupportedMediaType(f"Content-Type must be application/json in UTF-8; got {got}")


def respond(status: int, body: Any) -> Response:
    """A JSON response, compact, in UTF-8; no body for None."""
    if isinstance(body, Response):
        return body
    if body is None:
        response = Response(status=_line(status))
        del response.headers["Content-Type"]
        return response
    raw = body if isinstance(body, bytes) else encode(body)
    return Response(raw, _line(status), content_type=JSON)


def _line(status: int) -> str:
    """As people write it: 201 Created."""
    return f"{int(status)} {HTTP_STATUS_CODES.get(status, 'Unknown')}"


def encode(body: Any) -> bytes:
    """Compact JSON in UTF-8."""
    return _ENCODER.encode(body).encode("utf-8", "replace")
