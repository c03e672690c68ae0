"""Promises about webhooks that a recording can be held to."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from contracts.laws.registry import Law
from contracts.provenance import DESIGNED, DOCUMENTED, INFERRED, Mark, follow, pointed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from contracts.auditing.case import HookCase
    from contracts.auditing.recording import Hook

    Judge = Callable[[HookCase, list[Hook]], None]

_PAGE = "/api-reference/webhooks"
_TOLERANCE = timedelta(minutes=5)
_STAGES = ("message.sent", "message.delivered", "message.read")
HOOK_LAWS: dict[str, tuple[Law, Judge]] = {}
"""By name, in the order in which they are looked at."""


def _law(name: str, promise: str, source: str, provenance: str) -> Callable[[Judge], Judge]:
    def enter(judge: Judge) -> Judge:
        law = Law(name, promise, Mark(provenance, source), watch=lambda _, __: None)
        HOOK_LAWS[name] = (law, judge)
        return judge

    return enter


@_law("webhook-known", "Every webhook is an event of the spec", "the spec", DOCUMENTED)
def known(case: HookCase, hooks: list[Hook]) -> None:
    """A JSON object that names its event."""
    for hook in hooks:
        event = event_of(hook)
        came = f"event {event!r}" if event else "no JSON with an event"
        case.expect_of(hook, bool(case.named(hook)), "an event of the spec", came, cause=str(event))


@_law("webhook-schema", "A webhook's body has the shape that the spec gives it", "the spec", DOCUMENTED)
def schema(case: HookCase, hooks: list[Hook]) -> None:
    """jsonschema, as for answers; of several shapes of one name any will do."""
    for hook in hooks:
        found = [list(case.scene.shapes.misfits(hook.json, steps)) for steps in case.shapes_of(hook)]
        misfits = min(found, key=len, default=[])
        for misfit in misfits:
            promised, came = f"{misfit.where} {misfit.promised}", f"{misfit.where} {misfit.came}"
            case.expect_of(hook, False, promised, came, mark=misfit.mark, cause=misfit.cause)
        if found and not misfits:
            case.held()


@_law("webhook-headers", "A webhook carries the headers that the spec gives it", "the spec", DOCUMENTED)
def headers(case: HookCase, hooks: list[Hook]) -> None:
    """Each required one, in its shape. Receivers see them in any case."""
    for hook in hooks:
        for name in case.named(hook)[:1]:
            for number, _ in enumerate(case.scene.spec.document["webhooks"][name]["post"].get("parameters", [])):
                _header(case, hook, ("webhooks", name, "post", "parameters", number))


def _header(case: HookCase, hook: Hook, steps: tuple[Any, ...]) -> None:
    node, mark = follow(case.scene.spec.document, steps)
    if "$ref" in node:
        steps = pointed(node["$ref"])
        node, mark = follow(case.scene.spec.document, steps)
    value, name = hook.header(node["name"]), node["name"]
    if value is None:
        case.expect_of(hook, not node.get("required"), f"a header {name}", "none", mark=mark, cause=name)
        return
    misfit = next(iter(case.scene.shapes.misfits(value, (*steps, "schema"))), None)
    if misfit is None:
        case.held()
    else:
        case.expect_of(
            hook, False, f"{name} {misfit.promised}", f"{name}: {value}", mark=misfit.mark, cause=f"{name} shape"
        )


@_law("webhook-signature", "A webhook is signed: HMAC-SHA256 of its bytes", _PAGE, DOCUMENTED)
def signature(case: HookCase, hooks: list[Hook]) -> None:
    """Only with the secret. The words of the signature are webhook-headers' business."""
    for hook in hooks if case.secret else []:
        came = hook.header("X-Flowella-Signature")
        if came is not None:
            made = hmac.new(str(case.secret).encode(), hook.body, hashlib.sha256).hexdigest()
            fine = hmac.compare_digest(made.encode(), came.lower().removeprefix("sha256=").encode())
            case.expect_of(hook, fine, "the signature of these bytes with --secret", came)


@_law("webhook-no-secret", "The signing secret never travels", "common sense", INFERRED)
def no_secret(case: HookCase, hooks: list[Hook]) -> None:
    """Neither in the body nor in a header."""
    for hook in hooks if case.secret else []:
        text = f"{hook.body!r}{hook.headers}"
        case.expect_of(hook, str(case.secret) not in text, "the secret stays at home", "it is in there")


@_law("webhook-timestamp", "The timestamp of a webhook is when it was sent", "/settings/webhooks", DOCUMENTED)
def timestamp(case: HookCase, hooks: list[Hook]) -> None:
    """Within five minutes of when it was recorded, and not before what it tells of."""
    for hook in hooks:
        sent = _seconds(hook.header("X-Flowella-Timestamp"))
        if sent is None:
            continue
        if hook.at is not None:
            fine = abs(sent - hook.at) <= _TOLERANCE
            case.expect_of(hook, fine, "within 5 minutes of its arrival", f"{sent.isoformat()}", cause="arrival")
        told = _time(hook.json.get("createdAt") if isinstance(hook.json, dict) else None)
        if told is not None:
            fine = told <= sent + timedelta(seconds=1)
            case.expect_of(hook, fine, "not before the event it tells of", f"{told - sent} before", cause="event")


@_law("webhook-event-stable", "A delivery that is tried again is the same event, byte for byte", "D20", DESIGNED)
def stable(case: HookCase, hooks: list[Hook]) -> None:
    """The same delivery id, the same bytes."""
    first: dict[str, Hook] = {}
    for hook in hooks:
        delivery = hook.header("X-Flowella-Delivery")
        if delivery is None:
            continue
        before = first.setdefault(delivery, hook)
        if before is not hook:
            one, other = event_id(before), event_id(hook)
            came = f"event id {other}, before it {one}" if one != other else "other bytes"
            case.expect_of(hook, before.body == hook.body, "the same event again", came)


@_law("webhook-ids-unique", "An event id names one event", "D19", DESIGNED)
def unique(case: HookCase, hooks: list[Hook]) -> None:
    """However often it is delivered, whatever the endpoint."""
    first: dict[str, Hook] = {}
    for hook in hooks:
        name = event_id(hook)
        if name is not None:
            before = first.setdefault(name, hook)
            same = (event_of(before), _subject(before)) == (event_of(hook), _subject(hook))
            case.expect_of(hook, same, "an event id that nothing else had", "that of another event")


@_law("webhook-order", "A message is sent, then delivered, then read, each once; or it fails", _PAGE, INFERRED)
def order(case: HookCase, hooks: list[Hook]) -> None:
    """By the times in the events: webhooks themselves may arrive in any order."""
    stories: dict[str, dict[str, tuple[str, Hook]]] = {}
    for hook in hooks:
        data = _data(hook)
        event, message = event_of(hook), data.get("messageId")
        if event not in {*_STAGES, "message.failed"} or not isinstance(message, str):
            continue
        known_id, _ = stories.setdefault(message, {}).setdefault(str(event), (str(event_id(hook)), hook))
        case.expect_of(hook, known_id == event_id(hook), "each stage once", f"a second {event}", cause="twice")
    for story in stories.values():
        _judge_story(case, {event: hook for event, (_, hook) in story.items()})


def _judge_story(case: HookCase, story: dict[str, Hook]) -> None:
    reached = [(stage, _time(_data(story[stage]).get("timestamp"))) for stage in _STAGES if stage in story]
    for (early, one), (late, other) in pairwise(reached):
        if one is not None and other is not None:
            case.expect_of(story[late], one <= other, f"{late} not before {early}", "it is before", cause="order")
    if "message.failed" in story:
        delivered = next((stage for stage in _STAGES[1:] if stage in story), None)
        failed = story["message.failed"]
        case.expect_of(
            failed, delivered is None, "what arrived has not failed", f"failed and {delivered}", cause="both"
        )


@_law("webhook-retries", "What was answered 2xx is not sent again", _PAGE, INFERRED)
def retries(case: HookCase, hooks: list[Hook]) -> None:
    """Where the answers were recorded."""
    last: dict[str, Hook] = {}
    for hook in hooks:
        delivery = hook.header("X-Flowella-Delivery")
        before = last.get(delivery or "")
        if delivery and before is not None:
            done = before.status is not None and 200 <= before.status < 300
            case.expect_of(hook, not done, "no retry after 2xx", f"again after {before.status}", cause="done")
        if delivery:
            last[delivery] = hook


def event_of(hook: Hook) -> str | None:
    """What it says that it tells."""
    body = hook.json
    name = (body.get("event") or body.get("event_type")) if isinstance(body, dict) else None
    return name if isinstance(name, str) else None


def event_id(hook: Hook) -> str | None:
    """By which receivers tell duplicates."""
    name = _data(hook).get("id")
    return name if isinstance(name, str) else None


def _data(hook: Hook) -> dict[str, Any]:
    data = hook.json.get("data") if isinstance(hook.json, dict) else None
    return data if isinstance(data, dict) else {}


def _subject(hook: Hook) -> tuple[Any, ...]:
    return tuple(_data(hook).get(name) for name in ("messageId", "conversationId", "templateId", "timestamp"))


def _seconds(value: str | None) -> datetime | None:
    return datetime.fromtimestamp(int(value), UTC) if value and re.fullmatch(r"\d{1,11}", value, re.ASCII) else None


def _time(value: Any) -> datetime | None:
    try:
        when = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return when if when.tzinfo else None


def names_of(document: dict[str, Any], hook: Hook) -> Iterator[str]:
    """The webhooks of the spec that an event can be."""
    event, known_names = event_of(hook), document.get("webhooks", {})
    return (name for name in (str(event), f"web.{event}") if name in known_names)
