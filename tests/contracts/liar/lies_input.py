"""Input that somebody did not think of: answered with 500, or taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .lying import Honest, lie
from .messages import error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .messages import Answer, Call

CRASH = error(500, "INTERNAL_ERROR", "Something went wrong")


def texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts(inner)


@lie("POST /contacts", "server-error")
def crash_on_emoji(call: Call, honest: Honest) -> Answer:
    """An emoji in a name is 500: the column knows three bytes a character"""
    return CRASH if any(ord(letter) > 0xFFFF for text in texts(call.json) for letter in text) else honest(call)


@lie("POST /messages", "server-error")
def crash_on_long_text(call: Call, honest: Honest) -> Answer:
    """A text over 1,000 characters is 500, though 4,096 are promised"""
    return CRASH if any(len(text) > 1000 for text in texts(call.json)) else honest(call)


@lie("POST /contacts", "server-error")
def crash_on_null_byte(call: Call, honest: Honest) -> Answer:
    """U+0000 in a text is 500: PostgreSQL does not take it"""
    return CRASH if any("\0" in text for text in texts(call.json)) else honest(call)


@lie("POST /contacts", "server-error")
def crash_on_deep_nesting(call: Call, honest: Honest) -> Answer:
    """A hundred brackets in each other are 500"""
    return CRASH if max(call.body.count(b"["), call.body.count(b"{")) > 100 else honest(call)


@lie("POST /messages", "server-error")
def crash_on_braces(call: Call, honest: Honest) -> Answer:
    """`{{` in a text is 500: it goes through a template engine"""
    return CRASH if any("{{" in text for text in texts(call.json)) else honest(call)


@lie("POST /contacts", "server-error")
def crash_on_a_list(call: Call, honest: Honest) -> Answer:
    """A body that is JSON and no object is 500"""
    return CRASH if call.body.lstrip()[:1] == b"[" else honest(call)


@lie("GET /templates", "server-error")
def crash_on_words_for_numbers(call: Call, honest: Honest) -> Answer:
    """A `limit` that is no number is 500"""
    limit = call.query.get("limit", "1")
    return CRASH if not limit.removeprefix("-").isdecimal() else honest(call)


@lie("POST /contacts", "server-error")
def crash_on_apostrophe(call: Call, honest: Honest) -> Answer:
    """An apostrophe in a name is 500: the query is put together by hand"""
    return CRASH if any("'" in text for text in texts(call.json)) else honest(call)


@lie("GET /analytics", "server-error")
def crash_on_an_unreal_day(call: Call, honest: Honest) -> Answer:
    """The 30th of February is 500"""
    return CRASH if any("-02-3" in date for date in call.query.values()) else honest(call)


@lie("POST /contacts", "bad-input-refused")
def any_email_will_do(call: Call, honest: Honest) -> Answer:
    """What is no e-mail address is taken for one"""
    email = call.json.get("email")
    answer = honest(call)
    if answer.status != 400 or not isinstance(email, str) or b"email" not in answer.body:
        return answer
    answer = honest(call.saying({name: value for name, value in call.json.items() if name != "email"}))
    return answer.edited(lambda body: body.update(email=email)) if answer.ok else answer


@lie("POST /contacts", "bad-input-refused")
def types_are_bent(call: Call, honest: Honest) -> Answer:
    """A number where a text belongs is taken for its digits, as a framework does by default: `{"name": 7}`"""
    name = call.json.get("name")
    return honest(call.saying({**call.json, "name": str(name)})) if isinstance(name, int | float) else honest(call)


@lie("POST /messages", "bad-input-refused")
def any_length_will_do(call: Call, honest: Honest) -> Answer:
    """A text over 4,096 characters is cut and sent"""
    text = call.json.get("text")
    return honest(call.saying({**call.json, "text": text[:4096]})) if isinstance(text, str) else honest(call)
