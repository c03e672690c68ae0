"""One fake for a whole test session: the application, its organizations, and where their webhooks go.

Building the application takes as long as a hundred tests, so it is built once; an organization takes a third of a
millisecond, so every test has one of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from mock_server.agenda import Pump
from mock_server.domain.errors import Invalid
from mock_server.entrance import Entrance, error_body
from mock_server.ids import Dice
from mock_server.orgs import NewOrg, Orgs
from mock_server.server import HttpServer
from mock_server.serving import MAX_BODY, THREADS
from mock_server.testing.transport import InProcess
from mock_server.vendors.flowella import FLOWELLA, PREFIX
from mock_server.vendors.flowiq import FLOWIQ
from mock_server.vendors.registry import DIALECTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

    from mock_server.domain.rate_limits import RateLimit
    from mock_server.testing.requests_door import Interception
    from mock_server.vendors.dialect import Dialect
    from mock_server.world import World


@dataclass(frozen=True, slots=True)
class Vendor:
    """Where the real service lives, and how it speaks."""

    dialect: Dialect
    origin: str
    prefix: str

    @property
    def sends(self) -> frozenset[str]:
        """Which operations reach somebody each time they are called."""
        played = self.dialect.door.faults
        return frozenset() if played is None else played.single_sends | played.bulk_sends


Secrets = tuple[str, str]
"""An API key and a signing secret."""

FLOWELLA_LIVES = Vendor(FLOWELLA, "https://app.flowella.io", PREFIX)
FLOWIQ_LIVES = Vendor(FLOWIQ, "https://api.flowiq.live", "")


@dataclass(frozen=True, slots=True)
class Tenancy:
    """One test's organization in a lab."""

    world: World
    api_key: str
    webhook_secret: str


class Lab:
    """A fake without a socket; with `live`, one that serves on a free port and works by itself."""

    def __init__(self, *, live: bool = False) -> None:
        self.transport = InProcess()
        self.orgs = Orgs(self.transport, *DIALECTS, rng_seed="pytest")
        self.orgs.create(NewOrg(name="Between tests", scale=0))
        self._entrance = Entrance(self.orgs)
        self.on_call: list[Callable[[WSGIEnvironment], None]] = []
        """Called after each call with its environment, in whatever thread it was answered."""
        self._server: HttpServer | None = None
        self._interception: Interception | None = None
        if live:
            self._server = HttpServer(self.app, threads=THREADS, max_body=MAX_BODY, error_body=error_body)
            self.orgs.run(Pump())
            self._server.start()

    def app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The fake as a WSGI application."""
        answer = self._entrance(environ, start_response)
        for note in tuple(self.on_call):
            note(environ)
        return answer

    @property
    def live_url(self) -> str | None:
        """Where it serves; None without a socket."""
        return None if self._server is None else self._server.url

    def move_in(
        self, vendor: Vendor, name: str, seed: str, rate_limit: RateLimit | None, secrets: Secrets | None = None
    ) -> Tenancy:
        """A new organization. Its key, its secret and its dice follow from `name` alone: no order of tests changes them.

        `secrets` are a key and a signing secret to use instead.
        """
        dice = Dice(f"pytest/{name}")
        key, signing = secrets or (dice.api_key(vendor.dialect.key_prefix), dice.signing_secret())
        wanted = NewOrg(
            name=name,
            seed=seed,
            seed_files=True,
            scale=0,
            rng_seed=f"pytest/{name}",
            api_key=key,
            webhook_secret=signing,
            rate_limit=rate_limit,
        )
        world, api_key, secret = self.orgs.create(wanted)
        return Tenancy(world, api_key, secret)

    def move_out(self, tenancy: Tenancy) -> None:
        """Forget it."""
        self.orgs.drop(tenancy.world.org.id)

    def intercept(self, origin: str) -> None:
        """Answer what `requests` sends to this origin, where `requests` is installed.

        Raises Invalid without `responses`: the calls would go to the real service.
        """
        if find_spec("requests") is None:
            return
        if find_spec("responses") is None:
            raise Invalid("flowella", "needs the package responses: pip install 'flowella-mock[pytest]'")
        from mock_server.testing.requests_door import Interception

        self._interception = self._interception or Interception()
        self._interception.add(origin, self.app)

    def release(self, origin: str) -> None:
        """Take one `intercept` back."""
        if self._interception is not None:
            self._interception.remove(origin)

    def close(self) -> None:
        """End of the session."""
        self.orgs.stop()
        self.transport.close()
        if self._server is not None:
            self._server.stop(0.4)
