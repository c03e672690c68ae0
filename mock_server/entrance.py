"""Where every call comes in. A vendor's fixed paths are answered at once; all else is Flask's, and so is the control plane.

Flask, its routes and the control plane are half of a start, so they come with the first call that needs them; `serve` does
not wait for one but has them come as soon as it answers.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from mock_server.vendors.registry import door_at
from mock_server.web import refusals
from mock_server.web.control import is_control
from mock_server.web.control.problems import problem as control_problem
from mock_server.web.door import JSON, encode
from mock_server.web.front import Front, routes_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from mock_server.domain.errors import Refusal
    from mock_server.orgs import Orgs


class Entrance(Front):
    """The same answers as the Flask application over these organizations gives, sooner after the start."""

    def __init__(self, orgs: Orgs, control_token: str | None = None) -> None:
        super().__init__(self._ask_flask, routes_of(orgs))
        self._orgs = orgs
        self._control_token = control_token
        self._coming = threading.Lock()
        self._flask: WSGIApplication | None = None

    def prepare(self) -> WSGIApplication:
        """Flask, which is there from then on."""
        with self._coming:
            if self._flask is None:
                from mock_server.app import create_app

                self._flask = create_app(self._orgs, self._control_token)
            return self._flask

    def _ask_flask(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return (self._flask or self.prepare())(environ, start_response)


def error_body(path: str, status: int, reason: str) -> tuple[str, bytes]:
    """An answer for a request that never reached the application, in the envelope of whoever lives at its path."""
    refusal = _BY_STATUS.get(status, refusals.InvalidJson if status < 500 else refusals.InternalError)
    speak = control_problem if is_control(path) else door_at(path).problem
    return JSON, encode(speak(refusal(reason), None)[1])


_BY_STATUS: dict[int, type[Refusal]] = {
    404: refusals.NoSuchPath,
    405: refusals.MethodNotAllowed,
    413: refusals.PayloadTooLarge,
    415: refusals.UnsupportedMediaType,
    429: refusals.TooManyRequests,
}
