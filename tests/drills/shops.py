"""The example shop and its siblings as clients and receivers of drills; and which sibling fails which drill, with what."""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import ModuleType

    from mock_server.drills.verdict import Report
    from mock_server.testing.handle import Handle

SHOP = Path(__file__).parents[2] / "examples" / "shop"

SMALLER = {"slow-receiver": {"recipients": 120}}
"""Parameters that make a drill quicker without making another one of it."""

BROKEN: dict[str, dict[str, str]] = {
    "rate-limit-storm": {"Ignores429": "pace: no pause after a 429: .* wait before the next call, longer each time"},
    "brown-out": {"HammersTheFallen": "pace: no pause after a 503: .* 0.00 s later came sendMessage to person 1"},
    "long-outage": {
        "NeverGivesUp": "an-end: never gives up: sendMessage to person 1 failed more than 10 times in a row"
    },
    "lost-response": {"SendsTwice": "messaged-once: person 1 got 2 messages"},
    "meta-outage": {"ResendsFailures": "no-storm: the message to person 1 failed, and 0.00 s later came the next"},
    "template-paused": {"IgnoresTemplateNews": "template-rested: a campaign was ordered 85 s .* was PAUSED"},
    "opt-out-race": {"IgnoresStop": "left-alone: STOP was ignored: person 6 opted out, .* and then came call"},
    "window-closed": {
        "BelievesInAnswers": r"status-shown: the message to person 1 is FAILED \(131047\), and is shown as PENDING"
    },
    "duplicate-deliveries": {
        "ProcessesDuplicates": "processed-once: message.received of person 1 was processed more than once",
        "ChecksThenActs": "processed-once: message.received of person 2 was processed more than once",
    },
    "out-of-order-statuses": {
        "DowngradesStatuses": "status-shown: the message to person 3 is READ, and is shown as SENT"
    },
    "endpoint-down": {"NeverLooksBack": "noticed: nobody noticed: there was no alarm"},
    "secret-rotation": {
        "KeepsOldSecret": r"accepted: .* was never accepted \(answered 401\)",
        "SwallowsStrangers": "processed-once: .* of person 2 was accepted, and never processed",
    },
    "forged-webhooks": {
        "VerifiesNothing": r"not-believed: message.received of person 2 was forged \(badSignature\), and was believed",
        "IgnoresTimestamps": r"not-believed: message.received of person 6 was forged \(staleTimestamp\), and was believed",
    },
    "poison-payload": {
        "DiesOnUnknownEvents": r"taken: .* of person 2 was genuine \(unknownEvent\), and was answered 500",
        "ChecksReserialisedJson": r"taken: .* of person 4 was genuine \(respaced\), and was answered 401",
    },
    "slow-receiver": {"AnswersTooLate": "in-time: .* was not answered within 10 s; .* more like this"},
    "clock-skew": {"StrictClock": "taken: conversation.opened was genuine, and was answered 401"},
    "revoked-key": {"Retries401": "at-most: 15 calls were answered 401, where 3 would have done"},
    "payment-required": {
        "Retries402": "not-repeated: sendMessage to person 2 was answered 402, and came again unchanged"
    },
    "half-open": {
        "WaitsForEver": "has-timeout: sendMessage to person 1 was made without a timeout, and would have waited"
    },
    "malformed-answers": {"CrashesOnGarbage": "everybody-reached: nothing ever went out to person 2"},
    "pair-rate-limit": {
        "Retries400": "waits: sendMessage to person 1 was answered 400, and 1.00 s later it was tried again"
    },
}
"""Drill, sibling, and what is said of it. Every other sibling passes the drill, as far as it gets."""


@cache
def modules() -> tuple[ModuleType, ModuleType, ModuleType]:
    """The shop, its siblings, and how it takes part."""
    sys.path.insert(0, str(SHOP))
    try:
        return import_module("shop"), import_module("broken"), import_module("take_part")
    finally:
        sys.path.remove(str(SHOP))


def siblings() -> list[str]:
    """By name."""
    return list(modules()[1].SIBLINGS)


def drilled(flowella: Handle, drill: str, kind: str = "Shop", **wanted: Any) -> Report:
    """One of the shops in a drill."""
    right, broken, taking_part = modules()
    kinds = {"Shop": right.Shop, **broken.SIBLINGS}
    shop = kinds[kind](flowella.base_url, flowella.api_key, flowella.webhook_secret)

    def client(job: Any) -> None:
        people = list(job.recipients)
        taking_part.take_part(shop, job.task, people, job.template_id, job.channel_id, job.throttle_per_hour)

    given = {"client": client, "ledger": shop.ledger, "tell_secret": shop.inbox.use, "check": False, **wanted}
    report: Report = flowella.drill(
        drill, receiver=shop.app, path="/webhooks/flowella", **{**SMALLER.get(drill, {}), **given}
    )
    return report
