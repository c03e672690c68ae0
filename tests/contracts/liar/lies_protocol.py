"""HTTP itself: statuses, content types, methods, sizes, HEAD and OPTIONS, redirects, and the time it takes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from .lying import Honest, lie
from .messages import error, reply

if TYPE_CHECKING:
    from .messages import Answer, Call


@lie("POST /messages", "status-declared")
def ok_is_not_created(call: Call, honest: Honest) -> Answer:
    """A sent message answers 200 where 201 is promised"""
    answer = honest(call)
    return answer.but(200) if answer.ok else answer


@lie("POST /contacts", "status-declared")
def created_contact_is_201(call: Call, honest: Honest) -> Answer:
    """Creating a contact answers 201, which is promised for messages only"""
    before = len(list(honest.world(call).store.contacts.newest()))
    answer = honest(call)
    grown = len(list(honest.world(call).store.contacts.newest())) > before
    return answer.but(201) if answer.ok and grown else answer


@lie("POST /contacts", "status-declared")
def unprocessable(call: Call, honest: Honest) -> Answer:
    """Bad fields answer 422, as a framework does by default"""
    answer = honest(call)
    return answer.but(422) if answer.status == 400 else answer


@lie("GET /conversations", "status-declared")
def nothing_is_not_found(call: Call, honest: Honest) -> Answer:
    """An empty list answers 404"""
    answer = honest(call)
    if answer.ok and not answer.json["items"]:
        return error(404, "NOT_FOUND", "No conversations")
    return answer


@lie("GET /analytics", "status-declared")
def moved(call: Call, honest: Honest) -> Answer:
    """A redirect instead of the answer: analytics moved to the same path with a slash"""
    answer = honest(call)
    return reply(308, b"", "text/plain", Location=f"{call.path}/") if answer.ok else answer


@lie("GET /contacts", "content-type")
def json_as_html(call: Call, honest: Honest) -> Answer:
    """JSON goes out as text/html, which is what a script says by default"""
    return honest(call).but(Content_Type="text/html; charset=utf-8")


@lie("POST /*", "content-type")
def errors_as_text(call: Call, honest: Honest) -> Answer:
    """Refusals go out as text/plain, though they are JSON"""
    answer = honest(call)
    return answer if answer.ok else answer.but(Content_Type="text/plain; charset=utf-8")


@lie("GET /ping", "content-type")
def no_content_type(call: Call, honest: Honest) -> Answer:
    """No Content-Type at all on ping"""
    return honest(call).but(Content_Type=None)


@lie("PUT *, DELETE *, PATCH *", "method-not-allowed")
def wrong_method_is_not_found(call: Call, honest: Honest) -> Answer:
    """A wrong method answers 404, as if there were no such path"""
    answer = honest(call)
    return error(404, "NOT_FOUND", f"There is nothing at {call.path}") if answer.status == 405 else answer


@lie("PUT *, DELETE *, PATCH *", "method-not-allowed")
def no_allow(call: Call, honest: Honest) -> Answer:
    """405 does not say what is allowed: no `Allow`"""
    return honest(call).but(Allow=None)


@lie("PUT /contacts", "method-not-allowed")
def put_is_post(call: Call, honest: Honest) -> Answer:
    """PUT works where only POST is promised"""
    return honest(call.with_environ(REQUEST_METHOD="POST"))


@lie("POST /*", "unsupported-media-type")
def any_content_type(call: Call, honest: Honest) -> Answer:
    """JSON is read whatever Content-Type says"""
    return honest(call.with_environ(CONTENT_TYPE="application/json"))


@lie("POST /*", "unsupported-media-type")
def wrong_type_is_bad_request(call: Call, honest: Honest) -> Answer:
    """Another content type answers 400 and not 415"""
    answer = honest(call)
    return error(400, "INVALID_JSON", "The body is not JSON") if answer.status == 415 else answer


@lie("POST /*", "payload-too-large")
def too_large_is_bad_request(call: Call, honest: Honest) -> Answer:
    """A body over the limit answers 400 and not 413"""
    answer = honest(call)
    return error(400, "VALIDATION_ERROR", "The body is too large") if answer.status == 413 else answer


@lie("POST /contacts, POST /messages, POST /opt-outs", "payload-too-large")
def no_size_limit(call: Call, honest: Honest) -> Answer:
    """Bodies of any size are read"""
    known = {"phone", "name", "email", "waId", "to", "text", "whatsappChannelId", "action", "reason"}
    if len(call.body) <= 1 << 20 or not call.json:
        return honest(call)
    small = {name: value for name, value in call.json.items() if name in known}
    return honest(replace(call, body=json.dumps(small).encode()))


@lie("HEAD /*", "head-options")
def head_is_not_found(call: Call, honest: Honest) -> Answer:
    """HEAD answers 404 where GET answers 200"""
    return honest(call).but(404)


@lie("HEAD /*", "head-options")
def head_is_html(call: Call, honest: Honest) -> Answer:
    """HEAD speaks of another representation than GET: text/html"""
    return honest(call).but(Content_Type="text/html")


@lie("OPTIONS /*", "head-options")
def options_is_not_found(call: Call, honest: Honest) -> Answer:
    """OPTIONS answers 404, as if there were no such path"""
    return error(404, "NOT_FOUND", f"There is nothing at {call.path}")


@lie("GET /analytics", "response-time")
def slow(call: Call, honest: Honest) -> Answer:
    """Analytics take their time every tenth call: counted from all messages when the cache has gone cold"""
    honest.memory["calls"] = honest.memory.get("calls", -1) + 1
    if honest.memory["calls"] % 10 == 0:
        honest.pause(SLOW_SECONDS)
    return honest(call)


SLOW_SECONDS = 6.0
"""Longer than anybody likes to wait; whoever starts the liar may make it shorter."""


@lie("POST /contacts", "unknown-fields-harmless")
def unknown_field_refused(call: Call, honest: Honest) -> Answer:
    """A field that it does not know is refused, so that no client may be newer than the server"""
    for name in call.json.keys() - {"phone", "name", "email", "waId"}:
        return error(400, "VALIDATION_ERROR", f"{name}: is not a field")
    return honest(call)


@lie("GET /contacts, GET /conversations, GET /templates", "unknown-fields-harmless")
def unknown_parameter_refused(call: Call, honest: Honest) -> Answer:
    """A query parameter that it does not know is refused"""
    for name in call.query.keys() - {"limit", "cursor", "status", "startDate", "endDate"}:
        answer = honest(call)
        return error(400, "VALIDATION_ERROR", f"{name}: is not a parameter") if answer.ok else answer
    return honest(call)


@lie("POST /contacts", "unknown-fields-harmless")
def mass_assignment(call: Call, honest: Honest) -> Answer:
    """What only the server may set is taken over: a client may write `isOptedOut`"""
    answer, wanted = honest(call), call.json.get("isOptedOut")
    return answer.edited(lambda body: body.update(isOptedOut=wanted)) if answer.ok and wanted is not None else answer
