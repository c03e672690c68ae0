"""Does a document make sense? Its shape is right by the time it comes here; now whether a world can live like that.

What one record says of another is in tables: a field on the left names a record of the collection on the right.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, TypeAlias

from mock_server.clock import END
from mock_server.codec import Wrong, camel
from mock_server.domain.chats import chat_id
from mock_server.domain.deliveries import DeliveryStatus
from mock_server.domain.errors import Invalid, did_you_mean
from mock_server.domain.instant import iso
from mock_server.domain.tallies import NONE
from mock_server.domain.tasks import TaskKind
from mock_server.explain import show
from mock_server.webhooks.targets import check_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mock_server.domain.deliveries import Delivery
    from mock_server.domain.policy import Policy
    from mock_server.snapshots.document import Snapshot, WorldState

_TALK = {"contact_id": "contacts", "channel_id": "channels"}
REFERENCES: Mapping[str, Mapping[str, str]] = {
    "chats": {**_TALK, "conversation_id": "conversations", "opt_out_id": "opt_outs"},
    "conversations": _TALK,
    "messages": {**_TALK, "conversation_id": "conversations", "template_id": "templates", "job_id": "jobs"},
    "opt_outs": _TALK,
    "jobs": {"channel_id": "channels", "template_id": "templates"},
    "audiences": {"id": "jobs"},
    "calls": {"contact_id": "contacts"},
    "held": {"message_id": "messages"},
    "pacings": {"id": "templates"},
    "reached": {"contact_id": "contacts"},
    "marketed": {"id": "contacts"},
}
SUBJECTS: Mapping[TaskKind, str] = {
    TaskKind.JOURNEY: "messages",
    TaskKind.DELIVERY: "deliveries",
    TaskKind.JOB: "jobs",
    TaskKind.UNPAUSE: "templates",
    TaskKind.VERDICT: "templates",
    TaskKind.LET_GO: "lettings",
}
"""What a task is about."""

_PHONE = re.compile(r"\+[0-9]{5,20}")
_DIGITS = re.compile(r"[0-9]{5,20}")
_LEAST_OF_POLICY = {
    "sends_per_second": 1,
    "attempt_timeout": 0.001,
    "failures_until_inactive": 1,
    "deliveries_in_flight": 1,
    "keep_requests": 1,
    "keep_deliveries": 1,
    "work_until_idle": 1,
}


def check(snapshot: Snapshot, webhook_hosts: tuple[str, ...]) -> None:
    """Raises Wrong for the first thing that makes no sense."""
    _check_state(snapshot.state)
    ids = {name: _unique_ids(name, records) for name, records in snapshot.records.items()}
    for name, references in REFERENCES.items():
        for position, record in enumerate(snapshot.records[name]):
            _check_references(ids, references, record, ("records", camel(name), position))
    for name, judge in _JUDGES.items():
        for position, record in enumerate(snapshot.records[name]):
            for field, problem in judge(record):
                raise Wrong(problem, *reversed(("records", camel(name), position, camel(field))))
    _check_tasks(snapshot, ids)
    _check_endpoints(snapshot, ids["endpoints"], webhook_hosts)


# ----------------------------------------------------------------------------------------------------------- the numbers


def _check_state(state: WorldState) -> None:
    clock, scale = state.clock, state.clock.scale
    if (clock.mode == "scaled") is (scale is None):
        raise Wrong("goes with the mode scaled, and is null with any other", "scale", "clock")
    if scale is not None and not (0 < scale <= 1_000_000 and math.isfinite(scale)):
        raise Wrong(f"must be more than 0, up to 1000000; got {scale:g}", "scale", "clock")
    if not 0 <= clock.now <= END:
        raise Wrong(f"must lie between {iso(0)} and {iso(END)}", "now", "clock")
    if state.latest_change > clock.now:
        raise Wrong(f"must not lie after clock.now, {iso(clock.now)}: that has not happened yet", "latestChange")
    for name, drawn in (("story", state.dice.story), ("journal", state.dice.journal)):
        if drawn < 0:
            raise Wrong(f"counts draws, so it is 0 or more; got {drawn}", name, "dice")
    _check_policy(state.policy)


def _check_policy(policy: Policy) -> None:
    limit = policy.rate_limit
    for name, least in _LEAST_OF_POLICY.items():
        if not least <= getattr(policy, name) <= 1_000_000_000:
            raise Wrong(f"must be {least} or more, up to 1000000000", camel(name), "policy")
    if limit is not None and not 0.001 <= limit.per_second <= 1_000_000:
        raise Wrong("must be between 0.001 and 1000000", "perSecond", "rateLimit", "policy")
    if limit is not None and limit.burst < 1:
        raise Wrong("must be 1 or more", "burst", "rateLimit", "policy")


# ----------------------------------------------------------------------------------------------------------- the records


def _unique_ids(name: str, records: list[Any]) -> set[str]:
    ids: set[str] = set()
    for position, record in enumerate(records):
        if record.id in ids:
            raise Wrong(f"{record.id!r} is an earlier one's too", "id", position, camel(name), "records")
        ids.add(record.id)
    return ids


def _check_references(
    ids: Mapping[str, set[str]], references: Mapping[str, str], record: Any, place: tuple[str | int, ...]
) -> None:
    for field, target in references.items():
        named = getattr(record, field)
        if named is not None and named not in ids[target]:
            raise _stranger(named, ids[target], target, (*place, camel(field)))


def _stranger(named: str, known: set[str], target: str, place: tuple[str | int, ...]) -> Wrong:
    guess = did_you_mean(named, known) if len(known) < 1_000 else ""
    return Wrong(f"{named!r} is none of records.{camel(target)}{guess}", *reversed(place))


Objections: TypeAlias = "Iterator[tuple[str, str]]"
"""Fields of a record that a world cannot live with, and why."""


def _judge_contact(contact: Any) -> Objections:
    if not _PHONE.fullmatch(contact.phone):
        yield "phone", f"{contact.phone!r} is not a number in E.164 such as +15551234567"
    if not _DIGITS.fullmatch(contact.key):
        yield "key", f"{contact.key!r} is not a number in digits such as 15551234567"


def _judge_chat(chat: Any) -> Objections:
    if chat.id != chat_id(chat.contact_id, chat.channel_id):
        yield "id", f"must be {chat_id(chat.contact_id, chat.channel_id)!r}, the contact's id and the channel's"


def _judge_message(message: Any) -> Objections:
    if not _PHONE.fullmatch(message.phone):
        yield "phone", f"{message.phone!r} is not a number in E.164 such as +15551234567"


def _judge_template(template: Any) -> Objections:
    """Components are WhatsApp's own objects, so no type hint has judged them."""
    for component in template.components:
        texts, buttons = [component.get(name, "") for name in ("type", "text", "format")], component.get("buttons", [])
        if not isinstance(buttons, list) or not all(isinstance(button, dict) for button in buttons):
            yield "components", "has buttons that are not an array of objects"
            return
        texts += [button.get(name, "") for button in buttons for name in ("type", "url")]
        wrong = next((text for text in texts if not isinstance(text, str)), None)
        if wrong is not None or None in texts:
            yield "components", f"has {show(wrong)} for a type, text, format or url, which are strings"


def _judge_tally(tally: Any) -> Objections:
    if len(tally.counts) != len(NONE):
        yield "counts", f"must have {len(NONE)} numbers; has {len(tally.counts)}"


def _judge_job(job: Any) -> Objections:
    if min(job.accepted, job.suppressed, job.rejected, job.pending) < 0:
        yield "recipients", "must be at least accepted + suppressed + rejected, none of which may be negative"


_JUDGES: Mapping[str, Callable[[Any], Objections]] = {
    "contacts": _judge_contact,
    "chats": _judge_chat,
    "messages": _judge_message,
    "tallies": _judge_tally,
    "templates": _judge_template,
    "jobs": _judge_job,
}


def _check_endpoints(snapshot: Snapshot, endpoints: set[str], webhook_hosts: tuple[str, ...]) -> None:
    """Webhooks may go where this server lets them go (D23), and what waits for one needs it."""
    for position, endpoint in enumerate(snapshot.records["endpoints"]):
        try:
            check_url(endpoint.url, webhook_hosts)
        except Invalid as refusal:
            raise Wrong(refusal.problem, "url", position, "endpoints", "records") from None
    waiting = {task.subject for task in snapshot.tasks if task.kind is TaskKind.DELIVERY}
    for position, delivery in enumerate(snapshot.records["deliveries"]):
        place = ("records", "deliveries", position)
        if delivery.status is DeliveryStatus.PENDING:
            _check_pending(delivery, endpoints, waiting, place)


def _check_pending(delivery: Delivery, endpoints: set[str], waiting: set[str], place: tuple[str | int, ...]) -> None:
    if delivery.endpoint_id not in endpoints:
        raise _stranger(delivery.endpoint_id, endpoints, "endpoints", (*place, "endpointId"))
    if delivery.id not in waiting:
        raise Wrong("is pending, so tasks must have one of the kind delivery about it", "status", *reversed(place))


# ------------------------------------------------------------------------------------------------------------- the tasks


def _check_tasks(snapshot: Snapshot, ids: Mapping[str, set[str]]) -> None:
    seen: set[str] = set()
    recipients = {audience.id: len(audience.recipients) for audience in snapshot.records["audiences"]}
    jobs = {job.id: job.recipients for job in snapshot.records["jobs"]}
    for position, task in enumerate(snapshot.tasks):
        target = SUBJECTS.get(task.kind)
        if target is not None and task.subject not in ids[target]:
            raise _stranger(task.subject, ids[target], target, ("tasks", position, "subject"))
        if task.id in seen:
            raise Wrong(f"{task.subject!r} has a task of the kind {task.kind} already", "subject", position, "tasks")
        seen.add(task.id)
        if (task.kind is TaskKind.JOURNEY) is not bool(task.detail):
            raise Wrong("is the rest of a journey, so it goes with the kind journey", "detail", position, "tasks")
        if task.kind is TaskKind.JOB and recipients.get(task.subject) != jobs[task.subject]:
            raise Wrong("is a job whose audience is missing or not complete", "subject", position, "tasks")
