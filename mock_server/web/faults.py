"""Faults around a call. One small function per effect: it may carry the call out, answer something else, or nothing.

What is done to the connection is ordered from the server (`wire/endings.py`), which takes no worker's time for it: a
hundred hanging calls leave the control plane as quick as ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from mock_server.domain.errors import Invalid, Refusal
from mock_server.domain.faults import META_ERROR, Effect, Place, Struck, place
from mock_server.services.faults import strike
from mock_server.web import json_body
from mock_server.web.door import JSON
from mock_server.web.refusals import InternalError, Ordered, TooManyRequests
from mock_server.web.spec import Spec
from mock_server.wire.endings import ENVIRON_KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from werkzeug.wrappers import Request

    from mock_server.schema import Schema
    from mock_server.web.door import Call
    from mock_server.wire.endings import Wire

HEADER = "X-Mock-Fault"
"""Where a call may ask for its own fault."""

HANG = 3_600.0
"""Seconds that a call hangs unless it is said otherwise: longer than any client waits."""

DRIP_BYTES, DRIP_SECONDS = 1, 0.1
"""What `drip` does unless it is said otherwise."""


_PAGE = "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n</body>\r\n</html>\r\n"


@dataclass(frozen=True, slots=True)
class Play:
    """One effect on one call. `act` carries the call out and has its answer."""

    call: Call
    settings: dict[str, Any]
    act: Callable[[], Response]
    environ: Mapping[str, Any]

    @property
    def wire(self) -> Wire:
        """The connection."""
        wire: Wire | None = self.environ.get(ENVIRON_KEY)
        if wire is None:
            raise InternalError("This fault is done to the connection, and the server before this app cannot do it")
        return wire

    def unanswered(self) -> Response:
        """What stands in for an answer that nobody gets."""
        self.call.answered = False
        return Response(status=HTTPStatus.INTERNAL_SERVER_ERROR)


class CallFaults:
    """Carries a call out, or has it go wrong as it was ordered. `single_sends` are the operations that send one message.

    In `bulk_sends` it is a recipient that WhatsApp refuses, not the call, and the job sees to that.
    """

    def __init__(self, single_sends: frozenset[str], bulk_sends: frozenset[str]) -> None:
        self.single_sends = single_sends
        self.bulk_sends = bulk_sends

    def __call__(self, call: Call, request: Request, act: Callable[[], Response]) -> Response:
        struck = {**self._by_rule(call), **self._by_header(call, request)}
        call.struck = tuple(struck.values())
        for where in (Place.ANSWER, Place.PACE):  # so that what is slow is slow to go wrong
            if where in struck:
                effect = struck[where].effect
                act = partial(EFFECTS[effect.type], Play(call, effect.settings, act, request.environ))
        return act()

    def _by_rule(self, call: Call) -> dict[Place, Struck]:
        if not call.world.store.faults.count():
            return {}
        effects = EFFECTS.keys() if self._sends_one(call) else EFFECTS.keys() - {META_ERROR}
        with call.world.unit() as unit:
            return strike(unit, call.operation.id, call.fields, effects)

    def _by_header(self, call: Call, request: Request) -> dict[Place, Struck]:
        """The call's own wish, if this server grants such wishes. Raises Invalid."""
        text = request.headers.get(HEADER) if call.orgs.fault_header else None
        if text is None:
            return {}
        try:
            wanted = json_body.parse(text.encode("latin-1", "replace"))
            effect_schema().check(wanted)
        except Invalid as invalid:
            raise Invalid(f"{HEADER}: {invalid.field}", invalid.problem) from None
        except Refusal as refusal:
            raise Invalid(HEADER, f'{refusal}; write an effect, like {{"type":"status","status":503}}') from None
        settings = dict(wanted)
        effect = Effect(settings.pop("type"), settings)
        if effect.type == META_ERROR and not self._sends_one(call):
            raise Invalid(f"{HEADER}: type", f"metaError strikes a message, and {call.operation.id} does not send one")
        return {place("*", effect.type): Struck(None, HEADER, effect)}

    def _sends_one(self, call: Call) -> bool:
        return call.operation.id in self.single_sends


@cache
def effect_schema() -> Schema:
    """What an effect on a call may look like: the control plane's document says."""
    return Spec("control-openapi.yaml").component("RequestEffect")


def latency(play: Play) -> Response:
    """The same answer, later."""
    play.wire.delay(play.settings["seconds"])
    return play.act()


def status(play: Play) -> Response:
    """Not carried out; this status in the vendor's envelope."""
    settings = play.settings
    raise Ordered(settings["status"], settings.get("code"), settings.get("message"))


def rate_limit(_: Play) -> Response:
    """Not carried out; what the rate limit answers."""
    raise TooManyRequests("Too many requests")


def hang(play: Play) -> Response:
    """Not carried out; silence, and the connection stays open, until somebody takes the rule back (D139)."""
    world = play.call.world
    hold = world.hung.new(next(struck.rule_id for struck in play.call.struck if struck.effect.type == "hang"))
    play.wire.hang(play.settings.get("seconds", HANG), hold)
    if world.closed or (hold.rule_id and world.store.faults.get(hold.rule_id) is None):
        hold.let_go()  # it was taken back while the call came in
    return play.unanswered()


def reset(play: Play) -> Response:
    """Not carried out; the connection is reset (TCP RST)."""
    play.wire.reset()
    return play.unanswered()


def close(play: Play) -> Response:
    """Not carried out; the connection ends without a byte."""
    play.wire.close()
    return play.unanswered()


def truncate(play: Play) -> Response:
    """Carried out; the head of the answer, half its body, and the end of the connection."""
    response = play.act()
    play.wire.truncate(len(response.get_data()) // 2)
    return response


def malformed(play: Play) -> Response:
    """Carried out; status 200, and a body that is half of some JSON."""
    body = play.act().get_data()
    return Response(body[: len(body) // 2] or b"{", HTTPStatus.OK, content_type=JSON)


def html(play: Play) -> Response:
    """Not carried out; a proxy's error page."""
    status = HTTPStatus(play.settings.get("status", HTTPStatus.BAD_GATEWAY))
    return Response(_PAGE.format(f"{status} {status.phrase}"), status, content_type="text/html")


def drip(play: Play) -> Response:
    """Carried out; the answer's body a few bytes at a time."""
    play.wire.drip(play.settings.get("bytes", DRIP_BYTES), play.settings.get("seconds", DRIP_SECONDS))
    return play.act()


def lost_response(play: Play) -> Response:
    """Carried out; the connection ends without a byte. Whoever tries again does it twice."""
    play.act()
    play.wire.close()
    return play.unanswered()


def meta_error(play: Play) -> Response:
    """Carried out, and WhatsApp refuses the message: at once or later, as it does with this code."""
    play.call.meta_error = play.settings["code"]
    return play.act()


EFFECTS: Mapping[str, Callable[[Play], Response]] = {
    "latency": latency,
    "status": status,
    "rateLimit": rate_limit,
    "hang": hang,
    "reset": reset,
    "close": close,
    "truncate": truncate,
    "malformed": malformed,
    "html": html,
    "drip": drip,
    "lostResponse": lost_response,
    META_ERROR: meta_error,
}
