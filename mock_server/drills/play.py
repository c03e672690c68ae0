"""Playing a drill: set the world up, take one step after the other, and note everything that is seen.

One engine for both ways to drive it: `Stage` is the organization, in process or on a server, and `Cast` who was given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mock_server.domain.errors import Invalid, Refusal
from mock_server.domain.instant import SECOND
from mock_server.drills import books
from mock_server.drills.cast import Ended, Job
from mock_server.drills.record import Begun, Done, Look, Record
from mock_server.drills.steps import ACTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mock_server.drills.cast import Cast, Stage
    from mock_server.drills.drill import Drill, Settings, Step
    from mock_server.drills.record import Posted

Seen = dict[str, Any]

TEMPLATE = "hello_world"
"""What campaigns send, of the seed's templates; it has nothing to fill in."""


class Play:
    """One drill being played."""

    def __init__(self, drill: Drill, stage: Stage, cast: Cast) -> None:
        self.drill = drill
        self.stage = stage
        self.cast = cast
        self.rules: dict[str, str] = {}
        self.posted: list[Posted] = []
        self.secret: str | None = None
        self._steps: list[Done] = []
        self._looks: list[Look] = []
        self._asked = 0
        self._own_key: Seen | None = None
        self.ended = Ended("")
        """How the client came out of the step at hand."""
        self._set_the_scene()

    # Before it begins

    def _set_the_scene(self) -> None:
        wanted = self.drill.world
        name = wanted.get("template", TEMPLATE)
        self.template = self._named("/templates", name)
        self.channel = next(
            one for one in self.stage.control("GET", "/channels?limit=100")["items"] if one["isDefault"]
        )
        settings = {key: wanted[key] for key in ("rateLimit", "limits", "billing") if key in wanted}
        if settings:
            self.stage.control("PATCH", "/account", settings)
        for phone in self.drill.whom(wanted["wrote"]) if "wrote" in wanted else ():
            self.stage.control("POST", "/inbound", {"from": phone, "text": "Hello"})
        self.stage.advance(1 + (-self.stage.now() % SECOND) / SECOND)
        self._before = {name: {one["id"] for one in seen} for name, seen in self._everything()}
        self.began = self.stage.now()

    def _named(self, path: str, name: str) -> Seen:
        found: list[Seen] = self.stage.control("GET", f"{path}?limit=100")["items"]
        one = next((one for one in found if one["name"] == name), None)
        if one is None:
            known = ", ".join(one["name"] for one in found)
            raise Invalid(f"drill {self.drill.name}: world.template", f"there is no {name!r} (there are: {known})")
        return one

    def _everything(self) -> Iterator[tuple[str, Iterable[Seen]]]:
        yield "requests", self.stage.requests
        yield "deliveries", self.stage.deliveries
        yield "messages", self.stage.messages

    # While it is played

    def steps(self) -> Iterator[Step]:
        """Each step, to be taken by `take`."""
        return iter(self.drill.steps)

    def take(self, step: Step) -> None:
        """Do it, and write it down. A step that the world refuses is a mistake in the drill."""
        action, begun, self.ended = ACTIONS[step.action], self.begin(), Ended("")
        try:
            note = action.do(self, step.settings)
        except Refusal as refusal:
            place = f"drill {self.drill.name}: {begun.place}: {step.action}"
            raise Invalid(place, str(refusal)) from None
        self.note(step, begun, note)

    @property
    def number(self) -> int:
        """Of the step at hand, or the next one."""
        return len(self._steps) + 1

    def begin(self) -> Begun:
        """Where the drill stands before a step."""
        counts = self.stage.control("GET", "")["counts"]
        seen = {name: len(before) for name, before in self._before.items()}
        return Begun(
            self.number,
            self.stage.now(),
            counts["requests"] - seen["requests"],
            counts["deliveries"] - seen["deliveries"],
        )

    def note(self, step: Step, begun: Begun, note: str = "") -> None:
        """One step was taken."""
        words = ACTIONS[step.action].tell(self.drill, step.settings)
        self._steps.append(Done(begun, step.action, words, self.stage.now(), note, self.ended))

    def ask_client(self, settings: Settings) -> str:
        """Have the client, or in its absence us, do something."""
        job = self.job(settings)
        ended = self._stand_in(job) if self.cast.client is None else self.in_its_time(job)
        self.ended = ended
        return ended.words

    def job(self, settings: Settings) -> Job:
        """What the client is to do next."""
        self._asked += 1
        return Job(
            drill=self.drill.name,
            number=self._asked,
            task=settings.get("task", "write"),
            recipients=tuple(self.drill.whom(settings.get("to"))),
            text=settings.get("text", "Your order is on its way."),
            template_id=self.template["id"],
            channel_id=self.channel["id"],
            throttle_per_hour=settings.get("throttlePerHour"),
        )

    def in_its_time(self, job: Job) -> Ended:
        """The client at work; where it lives in real time, the organization's clock runs meanwhile."""
        assert self.cast.client is not None  # noqa: S101 (asked before)
        if not self.stage.real_time:
            return self.cast.client(job)
        self.clock_runs()
        try:
            return self.cast.client(job)
        finally:
            self.clock_stands()

    def clock_runs(self) -> None:
        """As the drill says."""
        scale = float(self.drill.clock.removeprefix("x")) if self.drill.clock.startswith("x") else 1.0
        self.stage.control("PUT", "/clock", {"mode": "real"} if scale == 1 else {"mode": "scaled", "scale": scale})

    def clock_stands(self) -> None:
        """In our hand again, at a full second."""
        self.stage.control("PUT", "/clock", {"mode": "manual"})
        self.stage.advance(-self.stage.now() % SECOND / SECOND)

    def _stand_in(self, job: Job) -> Ended:
        """Without a client somebody has to write, or the receiver would have nothing to hear of."""
        if self._own_key is None:
            self._own_key = self.stage.control("POST", "/api-keys", {"label": "drill", "role": "OWNER"})
        self.stage.play_client(job, self._own_key["secret"])
        return Ended("no client was given, so the drill did it")

    def look(self) -> str:
        """Into the integration's own books."""
        read, trouble = None, "no ledger was given"
        if self.cast.ledger is not None:
            try:
                read, trouble = books.understood(self.cast.ledger()), ""
            except Refusal as refusal:
                trouble = str(refusal)
        self._looks.append(Look(read, trouble))
        return trouble

    def webhooks(self) -> list[Seen]:
        """The organization's endpoints."""
        found: list[Seen] = self.stage.control("GET", "/webhooks?limit=100")["items"]
        return found

    @property
    def client_keys(self) -> list[str]:
        """The API keys that the client may have."""
        own = self._own_key and self._own_key["id"]
        keys = self.stage.control("GET", "/api-keys?limit=100")["items"]
        return [key["id"] for key in keys if key["id"] != own and key["status"] == "active"]

    def new(self, seen: Iterable[Seen], kind: str) -> list[Seen]:
        """Those that were not there before the drill began."""
        return [one for one in seen if one["id"] not in self._before[kind]]

    # When it is over

    def record(self) -> Record:
        """All that was seen."""
        self.look()
        own = self._own_key and self._own_key["id"]
        calls = [call for call in self.new(self.stage.requests, "requests") if own is None or call["keyId"] != own]
        webhooks = self.webhooks()
        given = {"client": self.cast.client, "receiver": webhooks, "ledger": self.cast.ledger}
        return Record(
            drill=self.drill,
            began=self.began,
            ended=self.stage.now(),
            calls=calls,
            deliveries=self.new(self.stage.deliveries, "deliveries"),
            messages=self.new(self.stage.messages, "messages"),
            webhooks=webhooks,
            unstruck=self._unstruck(),
            steps=self._steps,
            looks=self._looks,
            posted=self.posted,
            sends=self.stage.sends,
            real=self.stage.came if self.stage.real_time else None,
            patience=self.stage.patience,
            played=self.cast.client is not None,
            missing=tuple(name for name, one in given.items() if not one),
        )

    def _unstruck(self) -> tuple[str, ...]:
        """The faults that were to strike and never did."""
        rules = self.stage.control("GET", "/faults?limit=100")["items"]
        idle = (r for r in rules if r["id"] in self.rules.values() and not r["hits"] and r["probability"] == 1)
        return tuple(f"{rule['on']} → {rule['effect']['type']}" for rule in idle)


def play(drill: Drill, stage: Stage, cast: Cast) -> Record:
    """From the first step to the last."""
    playing = Play(drill, stage, cast)
    for step in playing.steps():
        playing.take(step)
    return playing.record()
