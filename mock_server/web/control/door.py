"""The control plane's door, and what is behind it."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from mock_server.web.auth import bearer
from mock_server.web.control import (
    events,
    inbound,
    metrics,
    origins,
    people,
    problems,
    server,
    settings,
    state,
    tasks,
    traffic,
    waiting,
)
from mock_server.web.control.faults import fault_views
from mock_server.web.control.vocabulary import Vocabulary
from mock_server.web.door import Call, Door
from mock_server.web.refusals import Unauthorized
from mock_server.web.spec import Spec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.wrappers import Request

    from mock_server.web.door import View


def control_door(vendors: Mapping[str, Door], token: str | None) -> Door:
    """The door. Each vendor's document is served beside its own, by the operation that is named; `token`, if any, is asked
    of every call.
    """
    vocabulary = Vocabulary.of(vendors.values())
    spec = Spec("control-openapi.yaml", closed=True)

    def identify(call: Call, request: Request) -> None:
        origins.refuse_strangers(request, token)
        given = bearer(request) or ""
        if token is not None and not hmac.compare_digest(given.encode(), token.encode()):
            raise Unauthorized("The control plane needs Authorization: Bearer and the token given to --control-token")
        if "org" in call.path:
            call.world = call.orgs.get(call.path["org"])

    def serve(document: Spec) -> View:
        return lambda _: (200, document.document)

    views = {
        **server.VIEWS,
        **metrics.VIEWS,
        **settings.VIEWS,
        **state.VIEWS,
        **inbound.VIEWS,
        **people.VIEWS,
        **tasks.VIEWS,
        **traffic.VIEWS,
        **waiting.VIEWS,
        **events.VIEWS,
        **fault_views(spec, vocabulary),
        **{name: serve(door.spec) for name, door in vendors.items()},
        "getControlOpenapi": serve(spec),
    }
    return Door(
        spec=spec, prefix="", views=views, identify=identify, problem=problems.problem, body_limits=state.BODY_LIMITS
    )
