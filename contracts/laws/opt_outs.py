"""Who has said stop is left alone, on that channel, until they say otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts.laws.registry import law
from contracts.ledger import VIOLATED
from contracts.provenance import DESIGNED, DOCUMENTED, INFERRED, Mark

if TYPE_CHECKING:
    from contracts.laws.case import Case

_PAGE = "/api-reference/contacts/set-or-clear-per-channel-whatsapp-opt-out"
_VERBS = ("send", "opt_out", "contacts", "conversations")


@law(
    "opt-out-blocks",
    "Nobody who opted out is written to: 403",
    "/troubleshooting/opt-out-not-honoured",
    DOCUMENTED,
    needs=_VERBS,
)
def opt_out_blocks(case: Case) -> None:
    """At once, in every spelling, and the contact shows it."""
    channel, number = case.scene.channel(case), case.scene.people.somebody()
    case.scene.writable_to(case, number)
    state = _state(case, "set", number, channel)
    try:
        case.expect(state.get("active") is True, "active: true after set", f"active is {state.get('active')}")
        for spelled in (number, number.removeprefix("+")):
            answer = case.verb("send", spelled, "You should not get this.", channel)
            case.expect(answer.status == 403, "403 for a message to somebody who opted out", str(answer.status))
        answer = case.verb("send", number, "You should not get this.")
        case.expect(answer.status == 403, "403 from the default channel too, which this is", str(answer.status))
        again = _state(case, "set", number, channel)
        case.expect(
            again.get("optOutId") == state.get("optOutId"),
            "set twice keeps one record",
            "another id",
            mark=Mark(DESIGNED, "D11"),
        )
        row = _row(case, number)
        if row is not None:
            shown = row.get("isOptedOut")
            case.expect(shown is True, "isOptedOut: true", f"isOptedOut: {shown}", mark=Mark(INFERRED, "D11"))
    finally:
        case.verb("opt_out", "clear", number, channel)


@law(
    "opt-out-one-channel",
    "An opt-out stops one channel and no other",
    _PAGE,
    DOCUMENTED,
    needs=_VERBS,
    optional=True,
    stands_on=("opt-out-blocks",),
)
def opt_out_one_channel(case: Case) -> None:
    """Out on one, written to from another."""
    channel, other = case.scene.channel(case), case.scene.second_channel(case)
    number = case.scene.people.somebody()
    _state(case, "set", number, channel)
    try:
        answer = case.scene.send(case, number, channel=other)
        case.expect(answer.ok, "another channel may still send", str(answer.status))
        answer = case.verb("send", number, "You should not get this.", channel)
        case.expect(answer.status == 403, "this channel may not", str(answer.status))
    finally:
        case.verb("opt_out", "clear", number, channel)


@law("opt-out-clear", "A cleared opt-out lets messages through again", "D11", DESIGNED, needs=_VERBS)
def opt_out_clear(case: Case) -> None:
    """Set, cleared, written to; and a clear where nothing was set."""
    channel, number = case.scene.channel(case), case.scene.people.somebody()
    fresh = case.scene.people.invented
    if fresh:
        nothing = _state(case, "clear", number, channel)
        case.expect(
            nothing.get("active") is False, "active: false where nothing was set", f"active is {nothing.get('active')}"
        )
    _state(case, "set", number, channel)
    state = _state(case, "clear", number, channel)
    case.expect(state.get("active") is False, "active: false after clear", f"active is {state.get('active')}")
    case.expect(
        isinstance(state.get("revokedAt"), str), "revokedAt says when", f"revokedAt is {state.get('revokedAt')}"
    )
    answer = case.scene.send(case, number, channel=channel)
    case.expect(answer.ok, "a message goes through after a clear", str(answer.status))
    row = _row(case, number)
    if row is not None:
        case.expect(
            row.get("isOptedOut") is False, "isOptedOut: false after clear", f"isOptedOut: {row.get('isOptedOut')}"
        )


def _state(case: Case, action: str, number: str, channel: str) -> dict[str, Any]:
    state = case.must(case.verb("opt_out", action, number, channel), f"the opt-out's {action}")
    assert isinstance(state, dict)  # noqa: S101 - `must` saw to it
    return state


def _row(case: Case, number: str) -> dict[str, Any] | None:
    """The contact, by an upsert that changes nothing; None where upserts are not to be relied on."""
    if case.scene.ledger["upsert-idempotent"].state == VIOLATED:
        return None
    row = case.must(case.verb("upsert", number), "an upsert")
    return row if isinstance(row, dict) else None
