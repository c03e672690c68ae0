"""A real deployment: there is no control plane, so somebody adds our URL in Settings > Webhooks, and time cannot be moved.

What can be looked at is what happens to messages to a `--recipient`. Others may use the organization meanwhile: what is
not about our messages is judged by itself, and never counted.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from contracts.speech.base import GREETING
from contracts.stops import NotReached
from contracts.webhooks.desk import Desk, Hook, Step
from contracts.webhooks.looking import TOLERANCE

if TYPE_CHECKING:
    from contracts.laws.case import Case
    from contracts.scene import Scene
    from contracts.webhooks.delivery import Delivery
    from contracts.webhooks.inbox import Inbox

PATH = "/flowella-contract"
_LOOK_EVERY = 0.25
_ARRIVES = 60.0
"""Seconds within which a message that was accepted has to be told of."""
_FINAL = frozenset({"message.delivered", "message.failed"})


class ListeningDesk(Desk):
    """One endpoint, which somebody has added, and messages to people who were named."""

    slack = TOLERANCE

    def __init__(self, scene: Scene, inbox: Inbox, secret: str) -> None:
        super().__init__(scene, inbox)
        self.hooks[PATH] = Hook(self.everything, inbox.url + PATH, secret=secret)
        who = scene.who.json if scene.who else None
        self.org = str(who.get("organizationId")) if isinstance(who, dict) else ""
        self.pair: tuple[Delivery, Delivery] | None = None
        """An attempt that we refused, and the next one."""
        scene.mask.learn_secret(secret)

    def play(self, case: Case) -> None:
        """One message: that it was sent, and what became of it."""
        self.story.append(step := self.send(case, until=_FINAL))
        kinds = {one.event for one in step.arrived}
        if not kinds:
            raise NotReached(
                f"nothing about a message came within {_ARRIVES:g} s: is {self.inbox.url}{PATH} added in Settings > Webhooks "
                "for all events, and reachable from there?"
            )
        step.expected = ("message.failed",) if "message.failed" in kinds else ("message.sent", "message.delivered")
        if not kinds & _FINAL:
            step.expected = ("message.sent",)  # a phone may be off

    def pass_time(self, case: Case, seconds: float) -> None:  # noqa: ARG002 - time passes by itself
        """Wait. Raises OverBudget where no time is left."""
        self.scene.client.wait(seconds)
        self.now = self.scene.client.clock.now()

    def send(self, case: Case, until: frozenset[str]) -> Step:
        """Write to a recipient, and wait for one of these events about it."""
        call = case.scene.speech.verbs["send"](case.scene.people.somebody(), GREETING)
        step = self.do(case, call, "a message is sent")
        message, arrived = step.told.get("id"), list(step.arrived)
        for _ in range(round(_ARRIVES / _LOOK_EVERY)):
            if any(one.event in until and one.data.get("messageId") == message for one in arrived):
                break
            arrived += self.after(case, _LOOK_EVERY, step.call)
        step.arrived = [one for one in arrived if one.data.get("messageId") == message]
        return step

    def retried(self, case: Case, wait: float) -> tuple[Delivery, Delivery | None]:
        """A delivery that we refuse, and its next attempt: None if there is none in twice the time."""
        self.inbox.answer(PATH, 500)
        try:
            step = self.send(case, until=_FINAL | {"message.sent"})
        finally:
            self.inbox.answer(PATH, 200)
        refused = [one for one in step.arrived if not one.accepted]
        if not refused:
            raise NotReached("no delivery came that could be refused")
        first, until = refused[0], self.now + timedelta(seconds=2 * wait)
        while self.now < until:
            for one in self.after(case, _LOOK_EVERY, step.call):
                if (one.event, one.data.get("messageId")) == (first.event, first.data.get("messageId")):
                    return first, one
        return first, None
