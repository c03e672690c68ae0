"""How the fake was set up: other numbers, and a settings page that does not do what it says."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from mock_server.domain.instant import seconds
from mock_server.domain.policy import RETRY_SCHEDULES

from .emitter import control, policy

if TYPE_CHECKING:
    from liar.lying import Honest
    from liar.messages import Answer, Call

    from mock_server.domain.policy import Policy

HOOKS = "/_mock/orgs/*/webhooks"


def _waits(honest: Policy, *waits: int) -> Policy:
    return replace(honest, retries=tuple(map(seconds, waits)))


@policy("retry-schedule")
def retry_too_early(honest: Policy) -> Policy:
    """The first retry comes after 5 s."""
    return _waits(honest, 5, 120, 600)


@policy("retry-schedule")
def retry_too_late(honest: Policy) -> Policy:
    """The second retry comes after 5 minutes."""
    return _waits(honest, 30, 300, 600)


@policy("retry-schedule")
def retry_a_little_late(honest: Policy) -> Policy:
    """The last retry comes 2 s late."""
    return _waits(honest, 30, 120, 602)


@policy("retry-schedule")
def retry_too_often(honest: Policy) -> Policy:
    """Six attempts, as the settings page has it."""
    return replace(honest, retries=RETRY_SCHEDULES["settings-page"])


@policy("retry-schedule")
def gives_up_too_early(honest: Policy) -> Policy:
    """Two attempts, and no more."""
    return _waits(honest, 30)


@policy("retry-schedule")
def never_retried(honest: Policy) -> Policy:
    """One attempt, and no more."""
    return _waits(honest)


@policy("auto-disable")
def never_disabled(honest: Policy) -> Policy:
    """An endpoint that always fails is delivered to for ever."""
    return replace(honest, failures_until_inactive=None)  # type: ignore[arg-type]


@policy("auto-disable")
def disabled_too_early(honest: Policy) -> Policy:
    """Six failures in a row are enough."""
    return replace(honest, failures_until_inactive=6)


@policy("auto-disable")
def disabled_one_too_late(honest: Policy) -> Policy:
    """The eleventh failure in a row switches the endpoint off."""
    return replace(honest, failures_until_inactive=11)


@policy("event-ids-unique")
def event_ids_reused(honest: Policy) -> Policy:
    """`data.id` is the message's: sent, delivered and read are one event to a receiver."""
    return replace(honest, event_id="resource")


@control(f"PATCH {HOOKS}/*", "inactive-silent")
def delivered_while_inactive(call: Call, honest: Honest) -> Answer:
    """Switching an endpoint off changes nothing but what the page shows."""
    if call.json.get("active") is not False:
        return honest(call)
    shown = honest(call.with_environ(REQUEST_METHOD="GET"))
    return shown.edited(lambda body: body.update(active=False))


@control(f"POST {HOOKS}", "subscriptions-respected")
def delivered_without_subscription(call: Call, honest: Honest) -> Answer:
    """Whatever an endpoint subscribes to, it gets everything."""
    return honest(replace(call, body=json.dumps({**call.json, "events": ["*"]}).encode()))


@control(f"POST {HOOKS}/*/rotate-secret", "rotation")
def old_secret_after_rotation(call: Call, honest: Honest) -> Answer:
    """A new secret is shown, and the old one goes on signing."""
    shown = honest(call.with_environ(REQUEST_METHOD="GET", PATH_INFO=call.path.removesuffix("/rotate-secret")))
    return shown.edited(lambda body: body.update(secret="whsec_thisoneisshownbutsignsnothing0"))


@control(f"POST {HOOKS}/*/test", "test-event")
def test_event_never_comes(call: Call, honest: Honest) -> Answer:
    """The button does nothing."""
    return honest(call.with_environ(REQUEST_METHOD="GET", PATH_INFO=call.path.removesuffix("/test")))


@control(f"POST {HOOKS}/*/test", "test-event")
def test_event_to_everybody(call: Call, honest: Honest) -> Answer:
    """Send test at one endpoint goes to all of them."""
    hooks = honest(call.with_environ(REQUEST_METHOD="GET", PATH_INFO=call.path.rpartition("/")[0].rpartition("/")[0]))
    paths = (f"{call.path.partition('/webhooks/')[0]}/webhooks/{hook['id']}/test" for hook in hooks.json["items"])
    answers = [honest(call.with_environ(PATH_INFO=path)) for path in paths]
    return next(answer for answer in answers if answer.ok)


@control(f"POST {HOOKS}/*/test", "test-event")
def test_event_comes_twice(call: Call, honest: Honest) -> Answer:
    """The button is pressed once and works twice."""
    honest(call)
    return honest(call)
