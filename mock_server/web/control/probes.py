"""Control plane: what an orchestrator asks. Is the process alive, and may it be given work?

Not operations of the door like the others: a probe brings no token, shows nothing of any organization, and must be
answered when nothing else can be.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from mock_server import __version__
from mock_server.web.control.problems import problem
from mock_server.web.door import respond
from mock_server.web.refusals import NotReady

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.wrappers import Response

    from mock_server.orgs import Check, Orgs

log = logging.getLogger("flowella_mock.api")


def mount(app: Flask, prefix: str, orgs: Orgs) -> None:
    """Serve the probes below `prefix`."""

    def ready() -> Response:
        reasons = troubles(orgs)
        return respond(*problem(NotReady("; ".join(reasons)))) if reasons else respond(200, {"ready": True})

    for name, view in (("health", _health), ("ready", ready)):
        app.add_url_rule(f"{prefix}/{name}", name, view, methods=["GET"], provide_automatic_options=False)


def _health() -> Response:
    return respond(200, {"ok": True, "version": __version__})


def troubles(orgs: Orgs) -> list[str]:
    """Why this server should not be given work yet, or any more: the default organization, and what `orgs.checks` say."""
    if not orgs.default_id:
        return ["the default organization is not there yet"]
    said = (_said(name, check) for name, check in orgs.checks.items())
    return [reason for reason in said if reason]


def _said(name: str, check: Check) -> str | None:
    try:
        return check()
    except Exception as error:
        log.exception("the check of the %s failed", name)  # what it says may name a host or a user: for the log only
        return f"the {name} does not answer ({type(error).__name__})"
