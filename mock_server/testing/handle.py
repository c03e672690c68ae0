"""What a test holds: one organization of a fake, its clock in the test's hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from mock_server.clock import monotonic_now
from mock_server.domain.events import EventKind
from mock_server.domain.instant import iso
from mock_server.drills import manners
from mock_server.testing import claims, exchange
from mock_server.testing.faults import Faults
from mock_server.testing.receivers import Receiver
from mock_server.testing.records import Seen, as_fields, by_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from re import Pattern
    from wsgiref.types import WSGIApplication, WSGIEnvironment

    from mock_server.domain.instant import Instant
    from mock_server.testing.drilling import Drilling
    from mock_server.testing.httpx_door import FakeTransport
    from mock_server.testing.lab import Lab, Tenancy, Vendor


class Refused(ValueError):
    """The control plane refused what the test asked for; the text says what would be right."""


class Handle:
    """One organization. Its clock stands still until the test moves it; webhooks go out when it does."""

    def __init__(self, lab: Lab, tenancy: Tenancy, vendor: Vendor) -> None:
        self._lab = lab
        self._world = tenancy.world
        self._receivers: list[tuple[str, Receiver, bool]] = []
        self._calling: Receiver | None = None
        self._vendor = vendor
        self.came: dict[str, Instant] = {}
        """When each call came, by the machine's clock."""
        self.patience: dict[str, float | None] = {}
        """How many seconds the caller of each would have waited for an answer, where that is known."""
        self.began_at = self.now
        self.real_time = lab.live_url is not None
        """Do those who wait wait in real time?"""
        self.travels = False
        """Does the clock of the test's process go along?"""
        self.drilling = False
        """Is a drill being played?"""
        self.drills: list[Drilling] = []
        self.api_key = tenancy.api_key
        self.webhook_secret = tenancy.webhook_secret
        self.origin = lab.live_url or vendor.origin
        self.base_url = f"{self.origin}{vendor.prefix}"
        self.faults = Faults(self.control)
        self.on_time: Callable[[], None] = lambda: None
        """Called whenever the organization's time has moved, and before each call of a receiver."""

    def __repr__(self) -> str:
        return f"<{self._world.org.name} at {self.base_url}, {iso(self._world.clock.now())}>"

    @property
    def org_id(self) -> str:
        """The organization's id."""
        return self._world.org.id

    @property
    def sends(self) -> frozenset[str]:
        """The operations that reach somebody."""
        return self._vendor.sends

    @property
    def now(self) -> float:
        """The organization's present, as seconds since the epoch."""
        return self._world.clock.now() / 1_000_000

    @property
    def wsgi_app(self) -> WSGIApplication:
        """The whole fake as a WSGI application."""
        return self._lab.app

    def httpx_transport(self) -> FakeTransport:
        """For `httpx.Client(transport=...)` and `httpx.AsyncClient(transport=...)`."""
        from mock_server.testing.httpx_door import FakeTransport

        return FakeTransport(self.wsgi_app)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """A call of the control plane, below this organization. Raises Refused with its explanation."""
        url = f"http://localhost/_mock/orgs/{self.org_id}{path}"
        headers = [("Content-Type", "application/json")]
        raw = b"" if body is None else json.dumps(body).encode()
        answer = exchange.call(self.wsgi_app, method, url, headers, raw)
        content = b"".join(piece for _, piece in answer.pieces)
        value: Any = json.loads(content) if content else None
        if answer.code >= 400:
            raise Refused(f"{method} {path}: {value['error']['message']}")
        return value

    # What happens to the organization

    def subscribe(
        self, target: Any, events: str | Iterable[str] = "*", *, path: str = "/", raise_errors: bool = True
    ) -> Seen:
        """Have webhooks delivered to a WSGI or ASGI application (at `path`), a function of (headers, body), or a URL.

        What the receiver raises is a failed delivery, and raised again in the test unless `raise_errors` is False.
        """
        url = target
        if not isinstance(target, str):
            receiver = Receiver(target)
            host = self._lab.transport.add(receiver, self._around)
            self._receivers.append((host, receiver, raise_errors))
            url = f"http://{host}/{path.lstrip('/')}"
        wanted = [events] if isinstance(events, str) else list(events)
        spoken = self._vendor.dialect
        signing = {"secret": self.webhook_secret} if spoken.signs else {}
        return Seen(self.control("POST", "/webhooks", {"url": url, "events": wanted, "vendor": spoken.name, **signing}))

    def receive(self, from_: str, text: str, **fields: Any) -> Seen:
        """A contact writes. Webhooks about it have been delivered when this returns."""
        message = self.control("POST", "/inbound", {"from": from_, "text": text, **as_fields(fields)})
        self.advance(0)
        return Seen(message)

    def redeliver(self, delivery: Seen) -> None:
        """Send a webhook again, the same event with the same id."""
        self.control("POST", f"/deliveries/{delivery['id']}/redeliver")
        self.advance(0)

    def advance(self, seconds: float) -> dict[str, int]:
        """Let so much time pass: what falls due is done, in order. How much was done, by kind."""
        return self._pass({"seconds": seconds})

    def settle(self) -> dict[str, int]:
        """Let time pass until nothing waits any more: journeys are at their end, retries are over."""
        return self._pass({"until": "idle"})

    def sleep(self, seconds: float) -> None:
        """A sleep in which nobody waits: only the organization's time passes."""
        if self._calling is not None:  # a receiver sleeps, while time is passing anyway
            self._calling.slept += seconds
        elif self._world.agenda.advancing:
            return
        else:
            self.advance(seconds)

    def _pass(self, body: dict[str, Any]) -> dict[str, int]:
        ran: dict[str, int] = self.control("POST", "/clock/advance", body)["ran"]
        self.on_time()
        self.raise_errors()
        return ran

    def _stamp(self, environ: WSGIEnvironment) -> None:
        """When calls came by the machine's clock, as the journal has the organization's; how long they would have waited."""
        with self._world.lock:
            for record in self._world.store.requests.newest():
                if record.id in self.came:
                    return
                self.came[record.id] = monotonic_now()
                if exchange.PATIENCE_KEY in environ:
                    self.patience[record.id] = environ[exchange.PATIENCE_KEY]

    def _around(self, receiver: Receiver | None) -> None:
        self._calling = receiver
        self.on_time()

    # What was seen

    @property
    def messages(self) -> list[Seen]:
        """In both directions, oldest first, each with its statuses."""
        return by_time(self._all("/messages"))

    @property
    def deliveries(self) -> list[Seen]:
        """Webhooks, oldest first, each with its attempts."""
        return by_time(self._all("/deliveries"))

    @property
    def requests(self) -> list[Seen]:
        """Calls of the API, oldest first."""
        return by_time(self._all("/requests"))

    def _all(self, path: str) -> Iterator[Any]:
        query: dict[str, Any] = {"limit": 100}
        while True:
            page = self.control("GET", f"{path}?{urlencode(query)}")
            yield from page["items"]
            if "nextCursor" not in page:
                return
            query["cursor"] = page["nextCursor"]

    # What ought to have happened

    def assert_sent(
        self, to: str | None = None, text: str | Pattern[str] | None = None, count: int = 1, **fields: Any
    ) -> list[Seen]:
        """Exactly `count` messages were accepted for sending that look like this; they are returned."""
        __tracebackhide__ = True
        return claims.sent(self, claims.Wanted(to, text, as_fields(fields)), count)

    def assert_not_sent(self, to: str | None = None, text: str | Pattern[str] | None = None, **fields: Any) -> None:
        """No message that looks like this was accepted for sending."""
        __tracebackhide__ = True
        claims.sent(self, claims.Wanted(to, text, as_fields(fields)), 0)

    def assert_delivered(self, event: str, count: int | None = None) -> list[Seen]:
        """This event was delivered: `count` times, or at least once. What is due now goes out first."""
        __tracebackhide__ = True
        self.advance(0)
        return claims.delivered(self, event, count)

    def assert_not_delivered(self, event: str) -> None:
        """This event went out, and no receiver accepted it. What is due now goes out first."""
        __tracebackhide__ = True
        self.advance(0)
        claims.not_delivered(self, event)

    def assert_status(self, message_id: str, shown: str) -> None:
        """What the code under test shows as the status of a message is what became of that message."""
        __tracebackhide__ = True
        claims.status(self, message_id, shown)

    def assert_resilient(self) -> None:
        """The code under test minded its manners: it paced itself, took no for an answer, and sent nothing twice."""
        __tracebackhide__ = True
        manners.check(self.requests, self.deliveries, self._vendor.sends, self.came if self.real_time else None)

    def drill(self, name: str, **wanted: Any) -> Any:
        """Play a failure drill: `drill("lost-response", client=…)` judges at once and answers the report.

        Without a `client`, and where the drill wants one, `with flowella.drill(name): …` has the block be the client.
        `receiver`, `path`, `ledger`, `tell_secret` and `skip` as in docs/drills.md; anything else sets a parameter.
        """
        __tracebackhide__ = True
        from mock_server.testing.drilling import start

        return start(self, self._lab, name, wanted)

    # The end of a test

    def raise_errors(self) -> None:
        """Raise what a receiver raised since the last time; not in a drill, where it is evidence."""
        for _, receiver, raising in self._receivers:
            errors, receiver.errors = receiver.errors, []
            if errors and raising and not self.drilling:
                event, error = errors[0]
                error.add_note(_blame(event, len(errors)))
                raise error

    def loose_ends(self) -> list[str]:
        """What the test ordered and never got."""
        idle = [
            f"The drill {drill.name} was ordered and never played: with flowella.drill({drill.name!r}): …"
            for drill in self.drills
            if not drill.played
        ]
        return [*self.faults.unused(), *idle]

    def open(self) -> None:
        """Watch the calls that come."""
        self._lab.on_call.append(self._stamp)

    def close(self) -> None:
        """Nothing of it works any more."""
        self._lab.on_call.remove(self._stamp)
        for host, receiver, _ in self._receivers:
            self._lab.transport.remove(host)
            receiver.close()


def _blame(event: str, errors: int) -> str:
    """Whose exception it is, and how to go on."""
    more = f", the first of {errors} such errors" if errors > 1 else ""
    unknown = "; nobody knows this event yet, and a receiver answers 2xx to what it does not know"
    return (
        f"Raised by the receiver of {event}{more}; a failed delivery{'' if event in set(EventKind) else unknown}. "
        f"To test what happens then: subscribe(..., raise_errors=False)"
    )
