"""What a recording of webhooks shows of laws that otherwise bring them about: they are judged as a whole."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from contracts.webhooks.story import OUTBOUND
from contracts.webhooks.telling import one_id_one_event
from contracts.webhooks.trying import same_again

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from contracts.laws.case import Case
    from contracts.webhooks.delivery import Delivery


def retries_same(case: Case, hooks: list[Delivery]) -> None:
    """The same delivery id, the same bytes."""
    for attempts in _attempts(hooks):
        for again in attempts[1:]:
            same_again(case, attempts[0], again)


def nothing_invented(case: Case, hooks: list[Delivery]) -> None:
    """What was answered 2xx is not sent again; where the answers were recorded."""
    for attempts in _attempts(hooks):
        for before, again in pairwise(attempts):
            came = f"again after {before.answer.status if before.answer else 'no answer'}"
            case.expect(not before.accepted, "no retry after 2xx", came, exchange=again)


def states_in_order(case: Case, hooks: list[Delivery]) -> None:
    """By the times in the events: webhooks themselves may arrive in any order."""
    stories: dict[str, dict[str, Delivery]] = {}
    for hook in hooks:
        message = hook.data.get("messageId")
        if hook.event in OUTBOUND and isinstance(message, str):
            known = stories.setdefault(message, {}).setdefault(hook.event, hook)
            once = known.event_id == hook.event_id
            case.expect(once, "each stage once", f"a second {hook.event}", cause="twice", exchange=hook)
    for story in stories.values():
        told = [story[stage] for stage in OUTBOUND if stage in story]
        for early, late in pairwise(told):
            fine = str(early.json.get("createdAt")) <= str(late.json.get("createdAt"))
            promised = f"{late.event} not before {early.event}"
            case.expect(fine, promised, "it is before", cause="order", exchange=late)
        if (failed := story.get("message.failed")) is not None:
            fine = not {"message.delivered", "message.read"} & story.keys()
            case.expect(fine, "what arrived has not failed", "it did both", cause="both", exchange=failed)


def _attempts(hooks: list[Delivery]) -> Iterator[list[Delivery]]:
    """The attempts of each delivery, in order."""
    known: dict[str, list[Delivery]] = {}
    for hook in hooks:
        if name := hook.header("X-Flowella-Delivery"):
            known.setdefault(name, []).append(hook)
    return iter(known.values())


AS_A_WHOLE: dict[str, Callable[[Case, list[Delivery]], None]] = {
    "nothing-invented": nothing_invented,
    "event-ids-unique": one_id_one_event,
    "states-in-order": states_in_order,
    "retries-same": retries_same,
}
"""By the law's name."""
