"""The shop, wrong in one way at a time. Each of these mistakes has been made in production by somebody.

`SIBLINGS` has them by name. The shop's own tests pass on every one of them that does not look for its mistake.
"""

import json
import time
from typing import ClassVar

from shop import Courier, Inbox, Order, Shop, Unsure


class Hasty(Courier):
    def wait(self, attempt: int) -> None:
        """No time to lose."""


class Stubborn(Courier):
    def passing(self, status: int) -> bool:
        return True


class Repeating(Courier):
    def post(self, to: str, text: str):
        try:
            return super().post(to, text)
        except Unsure:
            return super().post(to, text)


class Tireless(Courier):
    attempts = 1000


class Ignores429(Shop):
    """Tries again at once when it is told that it calls too often."""

    courier_class = Hasty


class Retries400(Shop):
    """Sends what was refused for good again, unchanged."""

    courier_class = Stubborn


class SendsTwice(Shop):
    """Takes a lost answer for a lost message, and sends it again."""

    courier_class = Repeating


class NeverGivesUp(Shop):
    """Goes on for hours against a service that is down."""

    courier_class = Tireless


class Reserialising(Inbox):
    def signed(self, body: bytes) -> bytes:
        return json.dumps(json.loads(body)).encode()


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


class ChecksReserialisedJson(Shop):
    """Checks the signature of JSON that it has parsed and written anew."""

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


class DowngradesStatuses(Shop):
    """Takes the last status that arrived for the present one."""

    def move(self, order: Order, data: dict) -> None:
        order.update = data["status"]


class IgnoresStop(Shop):
    """Hears that somebody opted out, and writes to them."""

    def on_optout_created(self, data: dict) -> None:
        """Not our business."""


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
        "template.status_updated": "on_conversation",
        "webhook.test": "on_conversation",
    }

    def handle(self, event: dict) -> None:
        getattr(self, self.events[event["event"]])(event["data"])

    def on_conversation(self, data: dict) -> None:
        """Nothing to do."""


class AnswersTooLate(Shop):
    """Does its work first and answers then."""

    def handle(self, event: dict) -> None:
        super().handle(event)
        time.sleep(12)


class BelievesInAnswers(Shop):
    """Takes 201 for the end of the story, and never hears that a message failed."""

    def on_status(self, data: dict) -> None:
        """It was sent, was it not?"""


SIBLINGS = {sibling.__name__: sibling for sibling in Shop.__subclasses__()}
