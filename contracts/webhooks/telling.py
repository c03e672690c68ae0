"""Laws about events: none is lost or invented, each has its id, they come in order, and they say what REST says."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from contracts.exchange import get
from contracts.laws.registry import law
from contracts.provenance import DESIGNED, DOCUMENTED, INFERRED, Mark
from contracts.stops import NotReached
from contracts.webhooks.declared import declared
from contracts.webhooks.desk import Desk, controlled, desk_of
from contracts.webhooks.story import OUTBOUND

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from contracts.laws.case import Case
    from contracts.webhooks.delivery import Delivery
    from contracts.webhooks.desk import Step

_REFERENCE = "/api-reference/webhooks"
NAME = "nothing-lost"


@law(NAME, "Every event is delivered to every endpoint that wants it", _REFERENCE, DOCUMENTED)
def nothing_lost(case: Case) -> None:
    """What has to happen is made to happen, and counted as it comes in. The other laws look at what came."""
    desk = desk_of(case)
    desk.play(case)
    for step in _readable(desk):
        for name, due in _due(desk, step):
            came = Counter(one.event for one in step.at(name))
            lost = [kind for kind, times in Counter(due).items() if came[kind] < times]
            case.expect(not lost, f"{step.about}: {_list(due)} at {name}", f"no {_list(lost)}", exchange=step.call)


@law(
    "nothing-invented", "Nothing is delivered that did not happen, nor again once it was accepted", _REFERENCE, INFERRED
)
def nothing_invented(case: Case) -> None:
    """Per step, at the endpoint that wants everything."""
    desk = controlled(case)
    for step in _readable(desk):
        came = Counter(one.event or "" for one in step.at(desk.everything))
        extra = [f"{times} times {kind}" for kind, times in came.items() if times > step.expected.count(kind)]
        promised = f"{step.about}: {_list(step.expected) or 'nothing'}"
        case.expect(not extra, promised, _list(extra), exchange=step.call)


@law("event-ids-unique", "Two events never have the same data.id", _REFERENCE, INFERRED)
def event_ids_unique(case: Case) -> None:
    """Or receivers would drop the second one as a duplicate. A delivery belongs to one event, too."""
    one_id_one_event(case, _sound(case))


def one_id_one_event(case: Case, deliveries: Iterable[Delivery]) -> None:
    """However often it is delivered, whatever the endpoint."""
    seen: dict[str, Delivery] = {}
    for one in deliveries:
        if one.event_id is None:
            continue
        first = seen.setdefault(one.event_id, one)
        same = (first.event, _subject(first)) == (one.event, _subject(one))
        case.expect(same, "a data.id of its own", f"that of a {first.event} before", exchange=one)


@law("delivery-ids-unique", "Two deliveries never have the same X-Flowella-Delivery", "/settings/webhooks", DOCUMENTED)
def delivery_ids_unique(case: Case) -> None:
    """Or receivers would drop the second one; the same event at two endpoints is two deliveries. Nothing failed so far."""
    seen: dict[str, Delivery] = {}
    for one in (one for step in _readable(desk_of(case)) for one in step.arrived):
        name = one.header("X-Flowella-Delivery")
        if name is not None:
            first = seen.setdefault(name, one)
            again = (first.event_id, first.hook) != (one.event_id, one.hook)
            case.expect(not again, "a delivery id of its own", f"that of a {first.event} before", exchange=one)


@law("event-ids-stable", "An event has the same data.id at every endpoint", "D19", DESIGNED)
def event_ids_stable(case: Case) -> None:
    """Retries are looked at by retries-same."""
    desk = controlled(case)
    others = {hook.name for hook in desk.hooks.values()} - {desk.everything}
    for step in _readable(desk):
        known = {(one.event, one.event_id) for one in step.at(desk.everything)}
        kinds = Counter(kind for kind, _ in known)
        for one in (one for name in others for one in step.at(name)):
            if kinds[one.event]:
                came = f"{one.event_id} at {one.hook}"
                case.expect((one.event, one.event_id) in known, "one id everywhere", came, exchange=one)


@law("states-in-order", "A message is sent, then delivered, then read, by createdAt", "D16", INFERRED)
def states_in_order(case: Case) -> None:
    """And where the clock stands still between two events, they arrive in that order too (D31)."""
    desk = desk_of(case)
    for step in _readable(desk):
        told = [one for one in step.at(desk.everything) if one.event in OUTBOUND]
        if len(told) < 2:
            continue
        by_time = [one.event for one in sorted(told, key=lambda one: str(one.json.get("createdAt")))]
        right = [kind for kind in OUTBOUND if kind in by_time]
        arrived = list(dict.fromkeys(one.event for one in told))
        case.expect(list(dict.fromkeys(by_time)) == right, _then(right), _then(by_time), exchange=told[-1])
        if desk.in_order:
            mark = Mark(DESIGNED, "D31")
            case.expect(arrived == right, f"arrive as {_then(right)}", _then(arrived), mark=mark, exchange=told[-1])


@law("payload-agrees", "What an event says is what the REST API says", "the spec", INFERRED, stands_on=(NAME,))
def payload_agrees(case: Case) -> None:
    """Ids, numbers, states, templates. A field that is missing or of another type is delivery-body's business."""
    desk = desk_of(case)
    rows = {row["id"]: row for row in _rows(case, "conversations")}
    templates = {row["id"]: row for row in _rows(case, "templates")}
    last = {
        str(one.data.get("conversationId")): one for one in _sound(case) if str(one.event).startswith("conversation.")
    }
    for step in _readable(desk):
        for one in step.at(desk.everything):
            _agree(case, one, {"organizationId": desk.org}, one.json)
            _agree(case, one, _as_answered(step, one))
            _agree(case, one, _as_listed(rows.get(_conversation(step, one, rows))))
    for conversation, one in last.items():
        _agree(case, one, {"status": rows.get(conversation, {}).get("status")})
    for one in {
        str(o.data.get("templateId")): o for o in _sound(case) if o.event == "template.status_updated"
    }.values():
        row = templates.get(str(one.data.get("templateId")), {})
        _agree(case, one, {name: row.get(name) for name in ("status", "name", "category", "language", "wabaId")})


def _agree(case: Case, one: Delivery, right: dict[str, Any], said: dict[str, Any] | None = None) -> None:
    """Compare what both sides know. One finding, however many fields and events it shows in."""
    said = one.data if said is None else said
    for name, value in right.items():
        if isinstance(value, str) and isinstance(said.get(name), str):
            came = f"{name} {said[name]}"
            case.expect(said[name] == value, f"{one.event}: {name} {value}, as REST says", came, exchange=one)


def _as_answered(step: Step, one: Delivery) -> dict[str, Any]:
    """What the answer of the call said of the thing that the event is about."""
    told, kind = step.told, str(one.event)
    if kind in OUTBOUND or kind == "message.received":
        if "metaMessageId" not in told:
            return {"templateId": told.get("templateId")}
        names = ("conversationId", "contactId", "metaMessageId")
        return {"messageId": told.get("id"), **{name: told.get(name) for name in names}}
    if kind.startswith("conversation."):
        return {"conversationId": told.get("conversationId"), "contactId": told.get("contactId")}
    return {"optOutId": told.get("optOutId")} if kind == "optout.created" else {}


def _conversation(step: Step, one: Delivery, rows: dict[str, Any]) -> str:
    """Which conversation it is about: by the call's answer, or else as the event says, if there is such a one."""
    said = str(step.told.get("conversationId") or one.data.get("conversationId"))
    return said if said in rows else ""


def _as_listed(row: dict[str, Any] | None) -> dict[str, Any]:
    contact = (row or {}).get("contact") or {}
    if row is None:
        return {}
    phone = contact.get("phone")
    return {
        "whatsappChannelId": row.get("whatsappChannelId"),
        "contactId": contact.get("id"),
        **dict.fromkeys(("to", "from", "phone"), phone),
    }


def _rows(case: Case, what: str) -> Iterator[dict[str, Any]]:
    page = case.must(case.ask(get(f"/{what}", limit=100)), f"the list of {what}")
    for row in page.get("items", []):
        if isinstance(row, dict) and isinstance(row.get("id"), str):
            yield row


def _due(desk: Desk, step: Step) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What has to come to which endpoint; one that wants less is compared with what the other one got."""
    yield desk.everything, step.expected
    came = [one.event or "" for one in step.at(desk.everything)]
    for hook in desk.hooks.values():
        if hook.name != desk.everything:
            yield hook.name, tuple(kind for kind in came if kind in hook.events and kind in step.expected)


def _readable(desk: Desk) -> list[Step]:
    """The steps of which every delivery can be read. Raises NotReached where nothing was done."""
    if not desk.story:
        raise NotReached(f"it takes what {NAME} does")
    known = declared(desk.scene.spec)
    return [step for step in desk.story if all(one.event in known for one in step.arrived)]


def _sound(case: Case) -> list[Delivery]:
    """What came in the story and can be read."""
    return [one for step in desk_of(case).story for one in step.arrived if one.event]


def _subject(one: Delivery) -> tuple[Any, ...]:
    """What tells two events of one kind apart: when it happened, to what."""
    names = ("messageId", "conversationId", "optOutId", "templateId")
    return (str(one.json.get("createdAt")), *(str(one.data.get(name)) for name in names))


def _list(kinds: Any) -> str:
    return ", ".join(kinds)


def _then(kinds: Any) -> str:
    return " then ".join(map(str, kinds))
