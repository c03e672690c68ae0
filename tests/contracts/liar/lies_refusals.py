"""Refusals in another envelope than the promised `{"error": {"code", "message"}}`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .lying import Honest, lie
from .messages import reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from .messages import Answer, Call

Json = Any

NOT_FOUND_PAGE = b"<!doctype html><title>404 Not Found</title><h1>Not Found</h1><p>nginx/1.25.3</p>"


def refused(call: Call, honest: Honest, edit: Callable[[Json], Json]) -> Answer:
    """The honest answer, its error edited if it is one."""
    answer = honest(call)
    return answer.edited(edit) if answer.status >= 400 else answer


@lie("POST /*", "error-envelope")
def flat_errors(call: Call, honest: Honest) -> Answer:
    """Code and message stand at the top, without `error` around them"""
    return refused(call, honest, lambda body: body["error"])


@lie("GET /*", "error-envelope")
def errors_without_code(call: Call, honest: Honest) -> Answer:
    """Errors have a message and no code"""
    return refused(call, honest, lambda body: body["error"].pop("code") and None)


@lie("POST /contacts", "error-envelope")
def error_is_text(call: Call, honest: Honest) -> Answer:
    """`error` is a sentence and no object"""
    return refused(call, honest, lambda body: {"error": body["error"]["message"]})


@lie("POST /messages, POST /opt-outs", "error-envelope")
def list_of_errors(call: Call, honest: Honest) -> Answer:
    """Bad fields come as a list of `errors`, as the validation library has them"""
    return refused(call, honest, lambda body: {"errors": [body["error"]]})


@lie("GET /*, POST /*", "error-envelope")
def code_in_lower_case(call: Call, honest: Honest) -> Answer:
    """A refused key is `unauthorized`; the promised code is `UNAUTHORIZED`"""
    answer = honest(call)
    return answer.edited(lambda body: body["error"].update(code="unauthorized")) if answer.status == 401 else answer


@lie("GET /*, POST /*", "error-envelope", "content-type")
def unknown_path_is_html(call: Call, honest: Honest) -> Answer:
    """An unknown path is answered by the web server in front: HTML"""
    answer = honest(call)
    return reply(404, NOT_FOUND_PAGE, "text/html") if answer.status == 404 and b"nothing at" in answer.body else answer


@lie("POST /contacts, POST /opt-outs", "error-envelope", "response-schema")
def refused_with_200(call: Call, honest: Honest) -> Answer:
    """Bad fields answer 200 with an error inside"""
    answer = honest(call)
    return answer.but(200) if answer.status == 400 else answer
