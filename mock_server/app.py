"""The Flask application: the vendors' doors and the control plane, and an answer for everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from mock_server.clock import monotonic_now
from mock_server.domain.errors import did_you_mean
from mock_server.vendors.registry import DIALECTS, door_at
from mock_server.web import console, journal, refusals
from mock_server.web.auth import bearer
from mock_server.web.control import PREFIX, is_control, probes
from mock_server.web.control.door import control_door
from mock_server.web.front import Front, routes_of

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from mock_server.domain.errors import Refusal
    from mock_server.orgs import Orgs
    from mock_server.web.door import Door
    from mock_server.world import World


def create_app(orgs: Orgs, control_token: str | None = None) -> Flask:
    """A WSGI application over these organizations."""
    app = Flask("flowella_mock", static_folder=None)
    app.url_map.strict_slashes = True
    app.url_map.merge_slashes = False
    doors = {one.document: one.door for one in DIALECTS}
    control = control_door(doors, control_token)
    for one in orgs.dialects.values():
        one.door.mount(app, orgs, one.name)
    control.mount(app, orgs, "control")
    console.mount(app, PREFIX)
    probes.mount(app, PREFIX, orgs)

    def unrouted(error: HTTPException) -> Response:
        door = control if is_control(request.path) else door_at(request.path)
        response = door.refuse(_refusal(error, control))
        if isinstance(error, MethodNotAllowed):
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
        orgs.metrics.note_call("none", "none", response.status_code, monotonic_now())
        if door.journal is not None and error.code != 500:
            journal.record_unrouted(_world_of_caller(orgs), request, response)
        return response

    app.register_error_handler(HTTPException, unrouted)
    app.wsgi_app = Front(app.wsgi_app, routes_of(orgs))  # type: ignore[method-assign]  # as Flask's documentation wraps it
    return app


def _refusal(error: HTTPException, control: Door) -> Refusal:
    """What the router or the request parser said, as a refusal of ours."""
    if isinstance(error, MethodNotAllowed):
        return refusals.MethodNotAllowed(
            f"{request.method} is not allowed at {request.path}; it takes {', '.join(sorted(error.valid_methods or ()))}"
        )
    if error.code == 500:  # a store that cannot be reached, before anybody knows whose call it is
        return refusals.InternalError("Something went wrong inside the fake; its log has the trace")
    if error.code == 404:
        return refusals.NoSuchPath(f"There is nothing at {request.path}; {_directions(request.path, control)}")
    return refusals.InvalidJson(error.description or "The request cannot be read")


def _directions(path: str, control: Door) -> str:
    doors = [one.door for one in DIALECTS]
    known = [door.prefix + operation.path for door in doors for operation in door.spec.operations.values()]
    if is_control(path):
        known = [operation.path for operation in control.spec.operations.values()]
        path = path.replace("/orgs/default", "/orgs/{org}")
    guess = did_you_mean(path, known)
    if guess or not is_control(path):
        return guess.removeprefix("; ") or f"the API has {', '.join(dict.fromkeys(known))}"
    return f"what there is stands in {PREFIX}/control-openapi.json"


def _world_of_caller(orgs: Orgs) -> World:
    """Whose journal a stray call belongs into: the key's, or the default organization's."""
    found = orgs.by_key(bearer(request) or "")
    return found[0] if found else orgs.default
