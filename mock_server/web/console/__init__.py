"""The console: a page at /_mock/ that shows what happens and lets people take part.

It is files and nothing else. Whatever the page knows or does, it asks of the control plane, like any other client.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

from mock_server import __version__

if TYPE_CHECKING:
    from flask import Flask

HOME = Path(__file__).parent

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What the page may do: only what lies beside it, nothing inline. So text that gets out of hand still cannot run."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}

TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
"""The machine's own table of types may be anything; a module of a wrong type does not run."""


def mount(app: Flask, prefix: str) -> None:
    """Serve the page at `prefix` and its files below `console/`. Neither asks for a token: they hold no secrets."""
    pages = Blueprint("console", __name__, template_folder="templates")
    pages.add_url_rule(f"{prefix}/", "page", _page, methods=["GET"], provide_automatic_options=False)
    pages.add_url_rule(f"{prefix}/console/<path:name>", "file", _file, methods=["GET"], provide_automatic_options=False)
    pages.after_request(_guarded)
    app.register_blueprint(pages)


def _page() -> str:
    return render_template("console.html", version=__version__)


def _file(name: str) -> Response:
    file = Path(safe_join(str(HOME / "static"), name) or "")
    if file.suffix not in TYPES or not file.is_file():
        raise NotFound
    response = Response(file.read_bytes(), content_type=f"{TYPES[file.suffix]}; charset=utf-8")
    response.add_etag()
    response.make_conditional(request)
    return response


def _guarded(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response
