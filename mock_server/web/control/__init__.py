"""The control plane under /_mock: everything a test may do that a customer of the vendor may not."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from mock_server.web.auth import bearer
from mock_server.web.control import events, problems, server, settings, state, traffic, waiting
from mock_server.web.control.faults import fault_views
from mock_server.web.control.vocabulary import Vocabulary
from mock_server.web.door import Call, Door, Reply
from mock_server.web.refusals import Unauthorized
from mock_server.web.spec import Spec

if TYPE_CHECKING:
    from flask import Request

PREFIX = "/_mock"


def control_door(vendor: Door, token: str | None) -> Door:
    """The door. `vendor`'s document is served beside its own; `token`, if any, is asked of every call."""
    vocabulary = Vocabulary.of([vendor])
    spec = Spec("control-openapi.yaml", closed=True)

    def identify(call: Call, request: Request) -> None:
        given = bearer(request) or ""
        if token is not None and not hmac.compare_digest(given.encode(), token.encode()):
            raise Unauthorized("The control plane needs Authorization: Bearer and the token given to --control-token")
        if "org" in call.path:
            call.world = call.orgs.get(call.path["org"])

    def get_openapi(_: Call) -> Reply:
        return 200, vendor.spec.document

    def get_control_openapi(_: Call) -> Reply:
        return 200, spec.document

    documents = {"getOpenapi": get_openapi, "getControlOpenapi": get_control_openapi}
    views = {
        **server.VIEWS,
        **settings.VIEWS,
        **state.VIEWS,
        **traffic.VIEWS,
        **waiting.VIEWS,
        **events.VIEWS,
        **fault_views(spec, vocabulary),
        **documents,
    }
    return Door(
        spec=spec, prefix="", views=views, identify=identify, problem=problems.problem, body_limits=state.BODY_LIMITS
    )
