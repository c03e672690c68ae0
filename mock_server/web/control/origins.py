"""Pages of strangers: a browser may not change anything here for any page but our own.

A browser says where a call comes from, other clients say nothing and are let through. A name that is made to point at
this machine (DNS rebinding) looks like the same origin to the browser; so without a token only origins count that cannot
be made to: an address, or `localhost`.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mock_server.domain.errors import Forbidden

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

READING = frozenset({"GET", "HEAD"})
OUR_OWN = frozenset({"same-origin", "none"})
"""`none` is a person's own doing: an address typed in, a bookmark."""


def refuse_strangers(request: Request, token: str | None) -> None:
    """Raises Forbidden for a change that a browser asks for on behalf of another origin."""
    if request.method in READING:
        return
    site, origin = request.headers.get("Sec-Fetch-Site", "none"), request.headers.get("Origin")
    foreign = site not in OUR_OWN or (origin is not None and not _ours(origin, request.host, token))
    if foreign:
        raise Forbidden(
            f"A browser asks for this on behalf of {(origin or 'another site')[:80]!r}, and pages of other origins may "
            "change nothing here; call the control plane from a server, a test, or the console at /_mock/"
        )


def _ours(origin: str, host: str, token: str | None) -> bool:
    try:
        url = urlsplit(origin)
        name = url.hostname or ""
    except ValueError:
        return False
    return url.netloc.casefold() == host.casefold() and (token is not None or _cannot_be_rebound(name))


def _cannot_be_rebound(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
