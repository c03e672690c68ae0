"""Applications on free loopback ports, in this process, on the server class of the fake itself."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mock_server.agenda import Pump
from mock_server.app import create_app
from mock_server.entrance import error_body
from mock_server.orgs import DEFAULT_API_KEY, NewOrg, Orgs
from mock_server.server import HttpServer
from mock_server.services import api_keys
from mock_server.vendors.flowella import FLOWELLA, PREFIX
from mock_server.webhooks.transport import HttpTransport

if TYPE_CHECKING:
    from collections.abc import Iterator
    from wsgiref.types import WSGIApplication

    from mock_server.domain.rate_limits import RateLimit

    from .messages import Call

OTHER_KEY = "flo_thisisanotherflowellakey"
"""The key of another organization on the same server."""

REVOKED_KEY = "flo_thisoneisrevokedsince000"
"""A key of the default organization that counts no longer."""


@dataclass(frozen=True, slots=True)
class Target:
    """A server to be checked: everything that one may have to know of it."""

    base_url: str
    api_key: str = DEFAULT_API_KEY
    other_key: str = OTHER_KEY
    revoked_key: str = REVOKED_KEY
    calls: list[Call] = field(default_factory=list)
    """What came in, on a server that writes it down."""

    @property
    def control_url(self) -> str:
        return self.base_url.removesuffix(PREFIX) + "/_mock"


@contextmanager
def serving(app: WSGIApplication, port: int = 0) -> Iterator[str]:
    """The root URL of this application while it is served."""
    with HttpServer(app, port=port, error_body=error_body) as server:
        yield server.url


@contextmanager
def running(orgs: Orgs) -> Iterator[Orgs]:
    """These organizations, while their clocks run."""
    orgs.run(Pump())
    yield orgs
    orgs.stop()


def honest_orgs(rate_limit: RateLimit | None = None, scale: float = 1.0, **options: Any) -> Orgs:
    """What `flowella-mock serve` holds, and beside it a revoked key and another organization."""
    orgs = Orgs(HttpTransport(), FLOWELLA, rate_limit=rate_limit, **options)
    ours = NewOrg("Ours", api_key=DEFAULT_API_KEY, rng_seed="0", rate_limit=rate_limit, scale=scale)
    theirs = NewOrg("Theirs", api_key=OTHER_KEY, rng_seed="1", rate_limit=rate_limit, scale=scale)
    world = orgs.create(ours)[0]
    orgs.create(theirs)
    _, revoked = orgs.issue_key(world, "Revoked", REVOKED_KEY)
    api_keys.drop(world, revoked.id)
    return orgs


@contextmanager
def honest(rate_limit: RateLimit | None = None) -> Iterator[Target]:
    """The fake as it is."""
    with running(honest_orgs(rate_limit)) as orgs, serving(create_app(orgs)) as url:
        yield Target(url + PREFIX)
