"""What is said is wrong; it is well signed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from .emitter import Letter, content

ANOTHER = "cmzzzzzzzzzzzzzzzzzzzzzzz"
"""An id of nothing."""


def _earlier(text: str, **by: float) -> str:
    return (datetime.fromisoformat(text) - timedelta(**by)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@content("delivery-body")
def missing_field(letter: Letter) -> None:
    """`contactId` is left out."""
    letter.json["data"].pop("contactId", None)


@content("delivery-body")
def missing_created_at(letter: Letter) -> None:
    """The envelope has no `createdAt`."""
    letter.json.pop("createdAt")


@content("delivery-fields")
def extra_field(letter: Letter) -> None:
    """A field that no page speaks of."""
    letter.json["data"]["internalShard"] = "eu-1"


@content("delivery-fields")
def extra_in_the_envelope(letter: Letter) -> None:
    """The attempt is counted in the body, which nobody announced."""
    letter.json["attempt"] = 1


@content("delivery-body")
def wrong_type(letter: Letter) -> None:
    """`data.timestamp` is a number."""
    letter.json["data"]["timestamp"] = 1_795_306_159


@content("delivery-body")
def null_where_not_allowed(letter: Letter) -> None:
    """`metaMessageId` of a message that was sent is null."""
    if letter.event == "message.sent":
        letter.json["data"]["metaMessageId"] = None


@content("delivery-body")
def unknown_event(letter: Letter) -> None:
    """The event has a name that is not in the list."""
    if letter.event == "message.read":
        letter.json["event"] = "message.opened"


@content("delivery-body")
def data_beside_the_envelope(letter: Letter) -> None:
    """What belongs into `data` stands in the envelope."""
    letter.json.update(letter.json.pop("data"))


@content("delivery-body")
def status_of_the_state_before(letter: Letter) -> None:
    """`message.delivered` says `SENT`."""
    if letter.event == "message.delivered":
        letter.json["data"]["status"] = "SENT"


@content("delivery-body")
def status_in_lower_case(letter: Letter) -> None:
    """`conversation.closed` says `closed`."""
    if letter.event == "conversation.closed":
        letter.json["data"]["status"] = "closed"


@content("delivery-body")
def time_without_a_zone(letter: Letter) -> None:
    """`createdAt` is ISO 8601, but nobody knows where."""
    letter.json["createdAt"] = letter.json["createdAt"].removesuffix("Z")


@content("event-time")
def created_an_hour_ago(letter: Letter) -> None:
    """The emitter's clock and its database are in two time zones."""
    letter.json["createdAt"] = _earlier(letter.json["createdAt"], hours=1)


@content("event-time")
def created_tomorrow(letter: Letter) -> None:
    """Events come from the future."""
    letter.json["createdAt"] = _earlier(letter.json["createdAt"], days=-1)


@content("states-in-order")
def delivered_before_it_was_sent(letter: Letter) -> None:
    """By `createdAt`."""
    if letter.event == "message.delivered":
        letter.json["createdAt"] = _earlier(letter.json["createdAt"], seconds=1)


@content("payload-agrees")
def wrong_message_id(letter: Letter) -> None:
    """`messageId` is not the id that sending was answered with."""
    _replace(letter.json["data"], "messageId")


@content("payload-agrees")
def wrong_conversation_id(letter: Letter) -> None:
    """`conversationId` is of no conversation."""
    _replace(letter.json["data"], "conversationId")


@content("payload-agrees")
def wrong_contact_id(letter: Letter) -> None:
    """`contactId` is of no contact."""
    _replace(letter.json["data"], "contactId")


@content("payload-agrees")
def wrong_organization(letter: Letter) -> None:
    """`organizationId` is another one's."""
    letter.json["organizationId"] = ANOTHER


@content("payload-agrees")
def wrong_number(letter: Letter) -> None:
    """`to` is not whom we wrote to."""
    if "to" in letter.json["data"]:
        letter.json["data"]["to"] = "+12025550199"


@content("payload-agrees")
def wrong_opt_out_id(letter: Letter) -> None:
    """`optOutId` is not the id that the API answered with."""
    _replace(letter.json["data"], "optOutId")


@content("payload-agrees")
def status_contradicts_rest(letter: Letter) -> None:
    """A template that REST shows as rejected is told to be paused."""
    if letter.json["data"].get("status") == "REJECTED":
        letter.json["data"]["status"] = "PAUSED"


@content("retries-same")
def event_id_changes_on_retry(letter: Letter) -> None:
    """Each attempt has a `data.id` of its own."""
    if letter.attempt > 1:
        letter.json["data"]["id"] = letter.json["data"]["id"][:-1] + str(letter.attempt)


@content("retries-same")
def body_changes_on_retry(letter: Letter) -> None:
    """A retry tells the time anew."""
    if letter.attempt > 1:
        letter.json["data"]["timestamp"] = _earlier(letter.json["data"]["timestamp"], seconds=-30)


@content("event-ids-stable")
def event_id_differs_by_endpoint(letter: Letter) -> None:
    """Two endpoints cannot agree on what they both were told."""
    letter.json["data"]["id"] = letter.json["data"]["id"][:-8] + letter.endpoint.id[-8:]


def _replace(data: dict[str, Any], name: str) -> None:
    if name in data:
        data[name] = ANOTHER
