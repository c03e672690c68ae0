"""Generated input: schemathesis makes cases from the spec, and our client sends them.

schemathesis believes that it calls a WSGI application in this process. That application is `Bridge`: it hands each call to
the one client, which judges, paces, counts and records it like any other. Every answer is judged by the laws that look
on; of schemathesis's own checks only the one is used that needs to know how a case was made: bad input must be refused.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from contracts.exchange import Call
from contracts.provenance import weaker
from contracts.stops import Denied, Gone, OverBudget, Unanswered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from contracts.exchange import Answer
    from contracts.laws.case import Case

RESERVE = 450
"""Requests that are left for the law of the rate limit, which comes last."""

_SHARE = 0.75
"""Of the time that is left."""

_NUMBER = "X-Contract-Exchange"
_NOT_SENT = "X-Contract-Not-Sent"
_OURS = {
    "User-Agent",
    "Host",
    "Content-Length",
    "Accept",
    "Accept-Encoding",
    "Connection",
    "Cookie",
    "X-Schemathesis-Testcaseid",
}
_HOP = {"content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive"}


class Bridge:
    """The WSGI application that schemathesis calls. Once the budget is spent it asks for an end, and answers with nothing."""

    def __init__(self, case: Case, most: int) -> None:
        self._case, self._left = case, most
        self.stop: Callable[[], None] = lambda: None
        self.over: Exception | None = None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """One case."""
        try:
            answer = self._send(_call(environ))
        except (Denied, OverBudget, Unanswered) as error:
            if isinstance(error, OverBudget | Gone):
                self.over = error
                self.stop()
            start_response("400 Not Sent", [("Content-Type", "application/json"), (_NOT_SENT, "1")])
            return [b"{}"]
        number = str(self._case.scene.client.sent)
        headers = [(name, value) for name, value in answer.headers if name.lower() not in _HOP]
        start_response(f"{answer.status} Answered", [*headers, (_NUMBER, number)])
        return [answer.body]

    def _send(self, call: Call) -> Answer:
        if self._left <= 0:
            raise OverBudget("the share of generated cases is spent")
        self._left -= 1
        return self._case.ask(call)


def fuzz(case: Case) -> int:
    """Let schemathesis work on all operations that the profile allows: how many cases were sent. Raises what ended it."""
    import schemathesis
    from schemathesis.config import SchemathesisConfig
    from schemathesis.engine import events, from_schema

    scene = case.scene
    most = max(20, min(scene.settings.requests - scene.client.sent - RESERVE, scene.settings.requests))
    bridge = Bridge(case, most)
    config = SchemathesisConfig.from_dict(_config(case, most))
    schema: Any = schemathesis.openapi.from_dict(_document(case), config=config)
    if not scene.may_write:
        schema = schema.include(method="GET")
    schema.app = bridge
    before = scene.client.sent
    stream = from_schema(schema).execute()
    bridge.stop = stream.stop
    for event in stream:
        if isinstance(event, events.ScenarioFinished):
            _judge(case, event.recorder)
    if isinstance(bridge.over, Gone):
        raise bridge.over
    return scene.client.sent - before


def _judge(case: Case, recorder: Any) -> None:
    """Each bad case that was taken is a finding; each one that was refused held."""
    for case_id, checks in recorder.checks.items():
        response = recorder.interactions[case_id].response
        if response is None or _NOT_SENT.lower() in response.headers:
            continue
        made = recorder.cases[case_id].value
        if made.meta is None or not made.meta.generation.mode.is_negative:
            continue
        for check in checks:
            if check.failure_info is None:
                case.held()
            else:
                _broken(case, response, str(check.failure_info.failure.message), made)


def _broken(case: Case, response: Any, message: str, made: Any) -> None:
    number = int(response.headers[_NUMBER.lower()][0])
    exchange = case.scene.client.record.exchanges[number - 1]
    operation = case.scene.spec.operations.get(exchange.operation or "")
    refusal = operation.response(400) if operation else None
    mark = weaker(operation.mark, refusal.mark) if operation and refusal else case.law.mark
    what = " ".join(message.partition("Invalid component:")[2].split())[:200] or "input that does not fit the spec"
    case.broken(
        f"400 for bad input: {what}",
        f"{response.status_code}",
        exchange=exchange,
        mark=mark,
        cause=f"{exchange.operation} {made.meta.phase.data.parameter or ''} {what.partition(' - ')[2][:60]}",
    )


def _call(environ: dict[str, Any]) -> Call:
    """The request again, as it was meant."""
    path = quote(environ["PATH_INFO"].encode("latin-1"), safe="/%:@!$&'()*+,;=~-._")
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length) if length else None
    sent = {name[5:].replace("_", "-").title(): value for name, value in environ.items() if name.startswith("HTTP_")}
    if environ.get("CONTENT_TYPE"):
        sent["Content-Type"] = environ["CONTENT_TYPE"]
    headers = tuple((name, str(value)) for name, value in sent.items() if name not in _OURS)
    return Call(environ["REQUEST_METHOD"], path, environ.get("QUERY_STRING", ""), body, headers=headers)


def _document(case: Case) -> dict[str, Any]:
    """The spec without webhooks, on no server; where people were named, nobody else is generated."""
    document: dict[str, Any] = copy.deepcopy(case.scene.spec.document)
    document.pop("webhooks", None)
    document["servers"] = [{"url": "/"}]
    if not case.scene.people.invented:
        case.scene.speech.narrow(document, list(case.scene.settings.recipients))
    return document


def _config(case: Case, most: int) -> dict[str, Any]:
    scene = case.scene
    writes = [o for o in scene.spec.operations.values() if scene.may_write or not o.writes]
    left = max(1.0, (scene.settings.seconds - scene.client.seconds) * _SHARE)
    return {
        "seed": scene.settings.seed,
        "base-url": "http://localhost/",
        "workers": 1,
        "max-time": max(1, int(left)),
        "continue-on-failure": True,
        "generation": {
            "max-examples": max(3, most // (len(writes) * 6)),
            "no-shrink": True,
            "database": "none",
            "with-security-parameters": False,
        },
        "checks": {"enabled": False, "negative_data_rejection": {"enabled": True}},
        "phases": {
            "coverage": {"unexpected-methods": []},
            "stateful": {"max-steps": 4},
        },
        "warnings": False,
        "cache": {"enabled": False},
    }
