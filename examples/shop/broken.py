"""The shop, wrong in one way at a time. Each of these mistakes has been made in production by somebody.

`SIBLINGS` has them by name. The shop's own tests pass on every one of them that does not look for its mistake.
"""

import json
import time
from typing import ClassVar

from shop import Courier, Inbox, Order, Shop, Unsure


class Hasty(Courier):
    def wait(self, attempt: int, status: int) -> None:
        if status != 429:  # no time to lose
            super().wait(attempt, status)


class Hammering(Courier):
    def wait(self, attempt: int, status: int) -> None:
        if status == 429:
            super().wait(attempt, status)


class Stubborn(Courier):
    """Takes this refusal for trouble that passes."""

    unimpressed_by = 400

    def passing(self, status: int) -> bool:
        return status == self.unimpressed_by or super().passing(status)


class StubbornAboutKeys(Stubborn):
    unimpressed_by = 401


class StubbornAboutMoney(Stubborn):
    unimpressed_by = 402


class Repeating(Courier):
    def call(self, method: str, path: str, body: dict | None):
        try:
            return super().call(method, path, body)
        except Unsure:
            return super().call(method, path, body)


class Tireless(Courier):
    attempts = 1000


class Patient(Courier):
    timeout = None


class Brittle(Courier):
    def read(self, answer) -> dict:
        return answer.json()


class Ignores429(Shop):
    """Tries again at once when it is told that it calls too often."""

    courier_class = Hasty


class HammersTheFallen(Shop):
    """Tries again at once when the service is down, as everybody else does."""

    courier_class = Hammering


class Retries400(Shop):
    """Sends what was refused for good again, unchanged."""

    courier_class = Stubborn


class Retries401(Shop):
    """Believes that a key that is refused will be taken the next time."""

    courier_class = StubbornAboutKeys


class Retries402(Shop):
    """Believes that a bill pays itself within seconds."""

    courier_class = StubbornAboutMoney


class SendsTwice(Shop):
    """Takes a lost answer for a lost message, and sends it again."""

    courier_class = Repeating


class NeverGivesUp(Shop):
    """Goes on for hours against a service that is down."""

    courier_class = Tireless


class WaitsForEver(Shop):
    """Has no timeout: one connection that nobody answers, and it stands still."""

    courier_class = Patient


class CrashesOnGarbage(Shop):
    """Believes that 200 means JSON."""

    courier_class = Brittle


class Reserialising(Inbox):
    def signed(self, body: bytes) -> bytes:
        return json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False).encode()


class Trusting(Inbox):
    def genuine(self, headers, body: bytes) -> bool:
        return True


class Timeless(Inbox):
    def genuine(self, headers, body: bytes) -> bool:
        headers = {**headers, "X-Flowella-Timestamp": str(int(time.time()))}
        return super().genuine(headers, body)


class Forgetful(Inbox):
    def news(self, event: dict) -> bool:
        return True


class Racing(Inbox):
    def news(self, event: dict) -> bool:
        new = event["data"]["id"] not in self.seen
        time.sleep(0.02)  # the way to the database and back
        self.seen.add(event["data"]["id"])
        return new


class Exact(Inbox):
    tolerance = 60


class Conservative(Inbox):
    def use(self, secret: str) -> None:
        """The secret is read once, at the start."""


class ChecksReserialisedJson(Shop):
    """Checks the signature of JSON that it has parsed and written anew: right until somebody puts a blank into it."""

    inbox_class = Reserialising


class VerifiesNothing(Shop):
    """Believes whatever it is told."""

    inbox_class = Trusting


class IgnoresTimestamps(Shop):
    """Believes what was true last week, so that anybody who listened then can say it again."""

    inbox_class = Timeless


class ProcessesDuplicates(Shop):
    """Does everything again when an event comes again."""

    inbox_class = Forgetful


class ChecksThenActs(Shop):
    """Looks whether an event is known, and remembers it a moment later: two at once are both new."""

    inbox_class = Racing


class StrictClock(Shop):
    """Allows for no more than a minute between the sender's clock and its own."""

    inbox_class = Exact


class KeepsOldSecret(Shop):
    """Goes on verifying with the secret that it started with."""

    inbox_class = Conservative


class SwallowsStrangers(Shop):
    """Answers 200 to what it cannot verify, so that nobody learns anything. It does not come again then."""

    def strange(self):
        return {"ok": True}


class DowngradesStatuses(Shop):
    """Takes the last status that arrived for the present one."""

    def move(self, order: Order, data: dict) -> None:
        order.update = data["status"]


class IgnoresStop(Shop):
    """Hears that somebody opted out, and writes to them."""

    def on_optout_created(self, data: dict) -> None:
        """Not our business."""


class ResendsFailures(Shop):
    """Sends again whatever failed, at once."""

    most = 20

    def move(self, order: Order, data: dict) -> None:
        super().move(order, data)
        if order.update == "FAILED" and self.most:
            self.most -= 1
            self.tell(order, f"Your order {order.number} is on its way.")


class IgnoresTemplateNews(Shop):
    """Does not hear that Meta has paused a template."""

    def on_template(self, data: dict) -> None:
        """Marketing will know."""


class NeverLooksBack(Shop):
    """Relies on webhooks alone, and nobody notices when they stop."""

    def reconcile(self) -> None:
        """All is quiet."""


class DiesOnUnknownEvents(Shop):
    """Knows all events there are, until there is a new one."""

    events: ClassVar = {
        "message.received": "on_message_received",
        "optout.created": "on_optout_created",
        "message.sent": "on_status",
        "message.delivered": "on_status",
        "message.read": "on_status",
        "message.failed": "on_status",
        "conversation.opened": "on_conversation",
        "conversation.closed": "on_conversation",
        "template.status_updated": "on_template",
        "webhook.test": "on_conversation",
    }

    def handle(self, event: dict) -> None:
        getattr(self, self.events[event["event"]])  # or KeyError
        super().handle(event)

    def on_conversation(self, data: dict) -> None:
        """Nothing to do."""


class AnswersTooLate(Shop):
    """Goes through all that it ever heard before it answers: quick enough, until a campaign comes."""

    seconds_for_each = 0.05

    def handle(self, event: dict) -> None:
        super().handle(event)
        time.sleep(self.seconds_for_each * len(self.inbox.seen))


class BelievesInAnswers(Shop):
    """Takes 201 for the end of the story, and never hears that a message failed."""

    def move(self, order: Order, data: dict) -> None:
        if data["status"] != "FAILED":
            super().move(order, data)


SIBLINGS = {sibling.__name__: sibling for sibling in Shop.__subclasses__()}
