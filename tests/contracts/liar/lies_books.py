"""Figures, ids and times that do not agree with what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mock_server.domain import wamids
from mock_server.domain.instant import iso, parse, seconds
from mock_server.services import optouts

from .lying import Honest, edits, lie

if TYPE_CHECKING:
    from .messages import Answer, Call

Json = Any


@edits("GET /analytics", "analytics-agree")
def one_too_many_counted(body: Json) -> None:
    """Off by one: the total counts a message that nobody sent"""
    body["outboundMessages"]["total"] += 1


@edits("GET /analytics", "analytics-agree")
def read_counts_twice(body: Json) -> None:
    """A message that is past SENT is counted as SENT too"""
    counts = body["outboundMessages"]["counts"]
    counts["SENT"] += counts["DELIVERED"] + counts["READ"] + counts["FAILED"]


@edits("GET /analytics", "analytics-agree")
def rate_of_the_rest(body: Json) -> None:
    """`failureRate` is what is left of `deliveryRate`, as if nothing were ever under way"""
    figures = body["outboundMessages"]
    figures["failureRate"] = round(1 - figures["deliveryRate"], 4)


@lie("GET /analytics", "analytics-agree")
def period_is_ignored(call: Call, honest: Honest) -> Answer:
    """The figures are of the last 30 days, whatever period is asked for"""
    answer = honest(call)
    if not answer.ok:
        return answer
    usual = honest(call.asking(startDate=None, endDate=None)).json["outboundMessages"]
    return answer.edited(lambda body: body.update(outboundMessages=usual))


@lie("POST /templates/send", "job-books")
def last_recipient_forgotten(call: Call, honest: Honest) -> Answer:
    """The last recipient of a bulk send is forgotten"""
    recipients = call.json.get("recipients")
    if not isinstance(recipients, list) or len(recipients) < 2:
        return honest(call)
    return honest(call.saying({**call.json, "recipients": recipients[:-1]}))


@lie("POST /templates/send", "job-books", "opt-out-blocks")
def campaigns_for_everybody(call: Call, honest: Honest) -> Answer:
    """A bulk send goes to those who opted out, too"""
    recipients, channel = call.json.get("recipients"), call.json.get("whatsappChannelId")
    answer = honest(call)
    for recipient in recipients if answer.ok and isinstance(recipients, list) else []:
        if "phone" in recipient:
            optouts.clear_by_api(honest.world(call), phone=recipient["phone"], channel_id=str(channel))
    return answer


@lie("GET /_mock/orgs/*/jobs*", "job-books")
def rejected_are_not_booked(call: Call, honest: Honest) -> Answer:
    """The job's books do not balance: suppressed recipients are in no column"""
    answer = honest(call)
    return answer.edited(without_suppressed) if answer.ok else answer


def without_suppressed(body: Json) -> None:
    for job in body.get("items", [body]):
        job["suppressed"] = 0


@edits("POST /messages", "ids-agree", "read-your-writes")
def another_conversation(body: Json) -> None:
    """`conversationId` of a sent message is not the one that the list of conversations has"""
    body["conversationId"] = next_id(body["conversationId"])


@edits("POST /messages", "ids-agree")
def another_contact(body: Json) -> None:
    """`contactId` of a sent message is not the one that the list of contacts has"""
    body["contactId"] = next_id(body["contactId"])


@edits("GET /conversations", "ids-agree")
def conversations_of_others(body: Json) -> None:
    """`contact.id` in the list of conversations is not the contact's"""
    for item in body["items"]:
        item["contact"]["id"] = next_id(item["contact"]["id"])


def next_id(text: str) -> str:
    return text[:-1] + ("a" if text[-1] != "a" else "b")


@lie("POST /messages", "ids-unique")
def every_second_id_again(call: Call, honest: Honest) -> Answer:
    """Every second message gets the id of the one before"""
    answer = honest(call)
    if not answer.ok:
        return answer
    last = honest.memory.pop("id", None)
    if last is None:
        honest.memory["id"] = answer.json["id"]
        return answer
    return answer.edited(lambda body: body.update(id=last))


@lie("POST /messages", "ids-unique")
def one_wamid_for_all(call: Call, honest: Honest) -> Answer:
    """Messages to one number all have the same `metaMessageId`"""
    answer = honest(call)
    if not answer.ok:
        return answer
    first = honest.memory.setdefault(answer.json["contactId"], answer.json["metaMessageId"])
    return answer.edited(lambda body: body.update(metaMessageId=first))


@edits("POST /messages", "wamid-well-formed")
def wamid_in_hex(body: Json) -> None:
    """`metaMessageId` is `wamid.` and a hexadecimal number"""
    body["metaMessageId"] = "wamid." + body["metaMessageId"].encode().hex()[-32:].upper()


@edits("POST /messages", "wamid-well-formed")
def wamid_of_somebody_else(body: Json) -> None:
    """`metaMessageId` names another number than the one written to"""
    true = wamids.decode(body["metaMessageId"])
    body["metaMessageId"] = wamids.encode(wamids.Wamid("15550100001", True, true.inner))


@edits("POST /messages", "wamid-well-formed")
def wamid_comes_in(body: Json) -> None:
    """`metaMessageId` of a sent message is that of a received one"""
    true = wamids.decode(body["metaMessageId"])
    body["metaMessageId"] = wamids.encode(wamids.Wamid(true.wa_id, False, true.inner))


def moved(text: str, by: float) -> str:
    return iso(parse(text) + seconds(by))


def rows(body: Json) -> list[Json]:
    """The contacts in an answer: a page of them, or one."""
    found: list[Json] = body.get("items", [body])
    return found


@edits("GET /contacts, POST /contacts", "timestamps-sane")
def local_time(body: Json) -> None:
    """`createdAt` and `updatedAt` are New York's time with a Z behind it"""
    for row in rows(body):
        for name in ("createdAt", "updatedAt"):
            row[name] = moved(row[name], -5 * 3600)


@edits("GET /contacts, POST /contacts", "timestamps-sane")
def from_the_future(body: Json) -> None:
    """`updatedAt` of contacts is the day after tomorrow"""
    for row in rows(body):
        row["updatedAt"] = moved(row["updatedAt"], 48 * 3600)


@edits("GET /contacts, POST /contacts", "timestamps-sane")
def changed_before_created(body: Json) -> None:
    """`updatedAt` of contacts lies an hour before `createdAt`: two servers, two clocks"""
    for row in rows(body):
        row["updatedAt"] = moved(row["updatedAt"], -3600)
