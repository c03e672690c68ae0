"""Where webhooks are brought about and come in: a step is one call of ours and everything that arrived because of it.

Over the fake's control plane the harness has an organization of its own, whose clock moves only by its hand: when an
advance is answered, everything that fell due has been delivered. So nothing here waits, and nothing is late by accident.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from contracts.exchange import Call
from contracts.stops import NotReached
from contracts.webhooks.delivery import Delivery

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.control import Control
    from contracts.exchange import Answer, Exchange
    from contracts.laws.case import Case
    from contracts.scene import Scene
    from contracts.webhooks.inbox import Arrival, Inbox

TO_REACH_IT = "it takes the fake's control plane: --control-url http://127.0.0.1:8484/_mock"


@dataclass(slots=True)
class Hook:
    """One endpoint of ours, as the other side knows it, and what came to it."""

    name: str
    url: str
    id: str = ""
    secret: str = ""
    events: tuple[str, ...] = ("*",)
    made: Exchange | None = None
    """The call that made it, where we made it."""
    arrived: list[Delivery] = field(default_factory=list)


@dataclass(slots=True)
class Step:
    """One thing that was done. `expected` are the events it brings about at an endpoint that wants all of them."""

    about: str
    expected: tuple[str, ...]
    call: Exchange
    arrived: list[Delivery] = field(default_factory=list)

    @property
    def told(self) -> dict[str, Any]:
        """What the call was answered with."""
        body = self.call.answer.json if self.call.answer else None
        return body if isinstance(body, dict) else {}

    def at(self, hook: str) -> list[Delivery]:
        """What came to one endpoint."""
        return [one for one in self.arrived if one.hook == hook]


class Desk:
    """What bringing about has in common, wherever it is done."""

    everything = "everything"
    """The endpoint that wants all events, and answers each with 200."""
    slack = timedelta(seconds=2)
    """How far the emitter's clock and ours may be apart."""
    in_order = False
    """Whether deliveries have to arrive in the order in which things happened."""

    def __init__(self, scene: Scene, inbox: Inbox) -> None:
        self.scene, self.inbox = scene, inbox
        self.hooks: dict[str, Hook] = {}
        self.story: list[Step] = []
        self.strays: list[Arrival] = []
        self.now = scene.client.clock.now()
        self.org = ""
        """The organization's id, as REST tells it."""

    def play(self, case: Case) -> None:
        """Do what makes every kind of event happen, and keep each step in `story`."""
        raise NotImplementedError

    @property
    def control(self) -> Control:
        """The control plane of the organization it is about. Raises NotReached where there is none."""
        raise NotReached(TO_REACH_IT, required=False)

    def pass_time(self, case: Case, seconds: float) -> None:
        """Let so many seconds go by on the emitter's clock."""
        raise NotImplementedError

    def do(self, case: Case, call: Call, about: str, *expected: str, wait: float = 0.0) -> Step:
        """Make a call, let time pass, and see what arrives."""
        since = self.now
        case.must(case.ask(call), about)
        step = Step(about, expected, self.scene.client.record.last)
        self.pass_time(case, wait)
        step.arrived = self.collect(step.call, since)
        return step

    def tell(self, case: Case, call: Call, about: str, *expected: str, wait: float = 0.0) -> Step:
        """The same as a part of the story."""
        self.story.append(step := self.do(case, call, about, *expected, wait=wait))
        return step

    def after(self, case: Case, seconds: float, cause: Exchange) -> list[Delivery]:
        """Let time pass, and see what arrives because of an earlier call."""
        since = self.now
        self.pass_time(case, seconds)
        return self.collect(cause, since)

    def collect(self, cause: Exchange, since: datetime) -> list[Delivery]:
        """Everything that came, put into the record, where the laws that look on see it."""
        return [self._enter(one, cause, since) for one in self.inbox.take() if self._is_known(one)]

    def deliveries(self) -> list[Delivery]:
        """Everything so far that can be read."""
        return [one for one in self.scene.client.record.exchanges if isinstance(one, Delivery) and one.event]

    def leading_to(self, exchange: Exchange) -> list[Exchange]:
        """What has to be there first, so that a call shows it again: an endpoint."""
        name = exchange.hook if isinstance(exchange, Delivery) else self.everything
        made = [hook.made for hook in self.hooks.values() if hook.name == name and hook.made is not None]
        return made[-1:]

    def for_anybody(self, line: str) -> str:
        """A line for a shell, about somebody else's organization and receiver instead of ours, which are gone by then."""
        for org in self.scene.made_orgs:
            line = line.replace(f"/orgs/{org}", "/orgs/default")
        for hook in self.hooks.values():
            line = line.replace(hook.url, "'\"$RECEIVER\"'")
            line = line.replace(hook.id, "$WEBHOOK") if hook.id else line
        return line

    def _is_known(self, arrival: Arrival) -> bool:
        known = arrival.path in self.hooks
        if not known:
            self.strays.append(arrival)
        return known

    def _enter(self, arrival: Arrival, cause: Exchange, since: datetime) -> Delivery:
        client, hook = self.scene.client, self.hooks[arrival.path]
        call = Call(arrival.method, arrival.path, body=arrival.body, key=None, headers=arrival.headers)
        event = call.json.get("event") if isinstance(call.json, dict) else None
        delivery = Delivery(
            number=client.sent + 1,
            part=client.part,
            operation=event if isinstance(event, str) else None,
            call=call,
            url=self.inbox.url + arrival.path,
            sent=arrival.headers,
            answer=arrival.answer,
            trouble=None,
            at=arrival.at,
            hook=hook.name,
            secret=hook.secret,
            cause=cause,
            since=since,
            until=self.now,
        )
        hook.arrived.append(delivery)
        client.record.add(delivery)
        return delivery


class ControlledDesk(Desk):
    """An organization on the fake, with its clock in our hand."""

    in_order = True

    def __init__(self, scene: Scene, inbox: Inbox, org: str) -> None:
        super().__init__(scene, inbox)
        self.org, self._control = org, scene.control_of(org)
        self._hooks_made = 0
        self._regular: str | None = None

    @property
    def control(self) -> Control:
        """Its control plane."""
        return self._control

    def start(self) -> None:
        """Look at its clock."""
        self._read_clock(self.scene.client.send(self.control.clock()))

    def play(self, case: Case) -> None:
        """The whole story."""
        from contracts.webhooks.story import tell

        tell(case, self)

    def pass_time(self, case: Case, seconds: float) -> None:
        """Advance its clock; what falls due has happened when this returns."""
        self._read_clock(case.ask(self.control.advance(seconds)))

    def subscribe(self, case: Case, name: str, *events: str) -> Hook:
        """An endpoint of ours under this name. No events are all of them."""
        self._hooks_made += 1
        path = f"/{name}-{self._hooks_made}"
        wanted = events or ("*",)
        made = case.must(case.ask(self.control.subscribe(self.inbox.url + path, wanted)), "making a webhook")
        url, record = self.inbox.url + path, self.scene.client.record
        hook = Hook(name, url, str(made.get("id")), str(made.get("secret")), wanted, record.last)
        self.scene.mask.learn_secret(hook.secret)
        self.hooks[path] = hook
        return hook

    def write(self, case: Case) -> Step:
        """Somebody writes whose conversation is open already, which is one event and no more."""
        return self.do(case, self.control.inbound(self.regular(case)), "somebody writes", "message.received")

    def regular(self, case: Case) -> str:
        """Whose conversation is open."""
        if self._regular is None:
            self._regular = case.scene.people.somebody()
            self.do(case, self.control.inbound(self._regular), "somebody writes for the first time")
        return self._regular

    @contextmanager
    def endpoint(self, case: Case, name: str, status: int = 200, location: str = "") -> Iterator[Hook]:
        """An endpoint that answers like this, and is away again afterwards."""
        self.regular(case)
        hook = self.subscribe(case, name)
        self.answer(hook, status, location)
        try:
            yield hook
        finally:
            case.ask(self.control.unsubscribe(hook.id))

    def answer(self, hook: Hook, status: int, location: str = "") -> None:
        """From now on this endpoint answers like this."""
        self.inbox.answer(hook.url.removeprefix(self.inbox.url), status, (("Location", location),) if location else ())

    def _read_clock(self, answer: Answer) -> None:
        now = answer.json.get("now") if isinstance(answer.json, dict) else None
        try:
            self.now = datetime.fromisoformat(str(now))
        except ValueError:
            raise NotReached(f"the control plane's clock answered {answer.status}, and no time") from None


def controlled(case: Case) -> ControlledDesk:
    """Where this law brings things about, over the control plane. Raises NotReached on a real deployment."""
    desk = desk_of(case)
    if not isinstance(desk, ControlledDesk):
        raise NotReached(TO_REACH_IT, required=False)
    return desk


def desk_of(case: Case) -> Desk:
    """Where this law brings things about."""
    assert case.scene.desk is not None  # noqa: S101 - the book of webhooks opens one before the first law
    return case.scene.desk
