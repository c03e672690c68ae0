"""Talking to a running server: its control plane, and the vendor's API as an app would."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import ProxyHandler, Request, build_opener

import click

from mock_server.config import ENVIRONMENT_PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 30
"""Seconds for one answer."""


def server_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say which server is meant, and which organization there."""
    options = (
        click.option(
            "--control-token", envvar=f"{ENVIRONMENT_PREFIX}CONTROL_TOKEN", metavar="T", help="As given to serve."
        ),
        click.option(
            "--org", envvar=f"{ENVIRONMENT_PREFIX}ORG", default="default", show_default=True, help="Organization id."
        ),
        click.option(
            "--url",
            envvar=f"{ENVIRONMENT_PREFIX}URL",
            default="http://127.0.0.1:8484",
            show_default=True,
            help="Where the server is.",
        ),
    )
    for option in options:
        command = option(command)
    return command


class Server:
    """One organization on a running server. What goes wrong is a ClickException that says what to do."""

    def __init__(self, url: str, org: str, control_token: str | None) -> None:
        self.url = url.rstrip("/")
        self.org = org
        self._token = control_token
        self._open = build_opener(ProxyHandler({})).open

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """A call of the control plane, below the organization."""
        return self._call(method, f"/_mock/orgs/{quote(self.org, safe='')}{path}", body, self._token)

    def api(self, method: str, path: str, body: Any, api_key: str) -> Any:
        """A call of the vendor's API."""
        return self._call(method, f"/api/v1{path}", body, api_key)

    def _call(self, method: str, path: str, body: Any, token: str | None) -> Any:
        headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
        data = None if body is None else json.dumps(body).encode()
        if not self.url.startswith(("http://", "https://")):
            raise click.UsageError(f"--url {self.url!r} is not the address of a server, like http://127.0.0.1:8484")
        try:
            request = Request(self.url + path, data, headers, method=method)  # noqa: S310 (it is http)
            with self._open(request, timeout=PATIENCE) as answer:
                content = answer.read()
        except HTTPError as error:
            with error:
                raise click.ClickException(f"{method} {path}: {_reason(error)}") from None
        except (URLError, OSError, ValueError) as error:
            raise click.ClickException(
                f"nothing answers at {self.url} ({getattr(error, 'reason', error)}); start it with flowella-mock serve, "
                f"or say where it is with --url"
            ) from None
        return json.loads(content) if content else None


def _reason(error: HTTPError) -> str:
    try:
        said = json.loads(error.read())["error"]
        told = f"{said['code']}: {said['message']}"
    except (ValueError, KeyError, TypeError):
        return f"answered {error.code}; is this a flowella-mock?"
    if error.code == 401 and "/_mock" in error.url:
        return "this server's control plane needs the token it was started with: --control-token T"
    return told


def masked(secret: str) -> str:
    """Enough of a secret to recognise it."""
    return f"{secret[:6]}…{secret[-4:]}" if len(secret) > 12 else "…"
