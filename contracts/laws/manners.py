"""HTTP manners: HEAD and OPTIONS, unknown fields, and the limit on calls."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from contracts.exchange import Call
from contracts.laws.registry import law
from contracts.provenance import DESIGNED, DOCUMENTED
from contracts.stops import NotReached

if TYPE_CHECKING:
    from contracts.laws.case import Case

_NOT_THEIRS = {"id": "cm0000000000000000000000a", "createdAt": "2020-01-01T00:00:00.000Z", "isOptedOut": True}
_MOST_CALLS = 400
_LONGEST_PAUSE = 10.0


@law("head-options", "HEAD answers as GET without a body, OPTIONS is refused or described", "D46", DESIGNED)
def head_options(case: Case) -> None:
    """On every path that takes GET."""
    for sample in case.scene.samples(case):
        if sample.method != "GET":
            continue
        got, head = case.ask(sample), case.ask(replace(sample, method="HEAD"))
        case.expect(head.status == got.status, f"HEAD answers {got.status} as GET does", str(head.status))
        case.expect(head.type == got.type, "HEAD has the Content-Type of GET", head.type)
        case.expect(not head.body, "HEAD has no body", f"{len(head.body)} bytes")
        options = case.ask(Call("OPTIONS", sample.path))
        fine = options.status in {200, 204, 405}
        case.expect(fine, "OPTIONS answers 405, or 200 or 204", str(options.status))


@law(
    "unknown-fields-harmless",
    "Fields and parameters that nobody knows change nothing",
    "D40",
    DESIGNED,
    stands_on=("upsert-idempotent",),
)
def unknown_fields_harmless(case: Case) -> None:
    """One in the query, one in the body; and it does not come back."""
    for sample in case.scene.samples(case):
        if sample.method == "GET":
            query = "&".join(part for part in (sample.query, "unknownParameter=1") if part)
            answer = case.ask(replace(sample, query=query))
            case.expect(answer.ok, "a success with an unknown parameter", str(answer.status))
    if not case.scene.may_write or "upsert" not in case.scene.speech.verbs:
        return
    number = case.scene.people.somebody()
    answer = case.verb("upsert", number, name="Plain", unknownField={"deep": [1, 2]})
    if case.expect(answer.ok, "a success with an unknown field", str(answer.status)):
        back = isinstance(answer.json, dict) and "unknownField" in answer.json
        case.expect(not back, "an unknown field does not come back", "it came back")
    before = case.must(case.verb("upsert", number), "an upsert")
    ours = {name: value for name, value in _NOT_THEIRS.items() if name in before}
    after = case.must(case.verb("upsert", number, **ours), "an upsert with fields that only the server sets")
    taken = [name for name in ours if before.get(name) != after.get(name)]
    case.expect(not taken, "fields that only the server sets stay as they are", f"{', '.join(taken)} was taken over")


@law(
    "rate-limit",
    "Too many calls are answered 429 for a while, and then no more",
    "/api-reference/introduction",
    DOCUMENTED,
    optional=True,
)
def rate_limit(case: Case) -> None:
    """As fast as it goes until 429, then with growing pauses until it is gone. On an organization of its own if possible."""
    scene = case.scene
    knock = scene.speech.knock() if scene.speech.knock else next(iter(scene.samples(case)))
    scene.may_burst()
    if scene.has_control:
        made = case.must(
            case.ask(scene.control.new_org("flowella-contract, limited")), "the control plane's new organization"
        )
        scene.made_orgs.append(str(made["id"]))
        case.ask(scene.control_of(str(made["id"])).limit(20, 5))
        scene.keep_key("limited", str(made["apiKey"]))
        knock = replace(knock, key="limited")
    with case.quick():
        calls = next((n for n in range(_MOST_CALLS) if case.ask(knock).status == 429), None)
        if calls is None:
            if scene.has_control:
                case.broken("429 beyond 5 calls at once and 20 a second", f"{_MOST_CALLS} calls, no 429")
                return
            reason = f"{_MOST_CALLS} calls without a pause were all answered; --control-url can set a lower limit"
            raise NotReached(reason, required=False)
        pause, paused = 0.1, 0.0
        while (answer := case.ask(knock)).status == 429 and paused < _LONGEST_PAUSE:
            scene.client.wait(pause)
            pause, paused = min(2.0, pause * 2), paused + pause
        case.expect(answer.ok, f"a success after {_LONGEST_PAUSE:g} s of patience", str(answer.status))
