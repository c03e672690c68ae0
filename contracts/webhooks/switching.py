"""Laws about endpoints: tests, subscriptions, on and off, secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.laws.registry import law
from contracts.provenance import DESIGNED, DOCUMENTED, INFERRED, Mark
from contracts.stops import NotReached
from contracts.webhooks.desk import controlled
from contracts.webhooks.signing import is_genuine

if TYPE_CHECKING:
    from contracts.laws.case import Case
    from contracts.webhooks.desk import ControlledDesk, Hook

_REFERENCE, _SETTINGS = "/api-reference/webhooks", "/settings/webhooks"
_TEST = "webhook.test"
FAILURES = 10
"""So many in a row, and an endpoint is switched off."""


@law("test-event", "Send test delivers one webhook.test, at once, to that endpoint only", _REFERENCE, DOCUMENTED)
def test_event(case: Case) -> None:
    """Others that want everything do not get it: it cannot be subscribed to."""
    desk = controlled(case)
    with desk.endpoint(case, "tested") as hook, desk.endpoint(case, "beside"):
        step = desk.do(case, desk.control.test(hook.id), "Send test", _TEST)
        kinds = [str(one.event) for one in step.at(hook.name)]
        case.expect(kinds == [_TEST], f"one {_TEST}", ", ".join(kinds) or "nothing", exchange=step.call)
        elsewhere = [one.hook for one in step.arrived if one.hook != hook.name]
        came = f"a delivery at {', '.join(elsewhere)}"
        case.expect(not elsewhere, "nothing at other endpoints", came, cause="elsewhere", exchange=step.call)


@law(
    "subscriptions-respected",
    "An endpoint gets the events that it subscribed to, and no others",
    _REFERENCE,
    DOCUMENTED,
)
def subscriptions_respected(case: Case) -> None:
    """While everything happens, one endpoint wants one kind of event."""
    desk = controlled(case)
    wanted = "conversation.closed"
    somebody = case.scene.people.somebody()
    opened = desk.do(case, desk.control.inbound(somebody), "somebody writes")
    hook = desk.subscribe(case, "choosy", wanted)
    closed = desk.do(case, desk.control.close(str(opened.told.get("conversationId"))), "it is closed", wanted)
    again = desk.do(case, desk.control.inbound(somebody), "they write again")
    case.ask(desk.control.unsubscribe(hook.id))
    came = [one.event for step in (closed, again) for one in step.at(hook.name)]
    others = [kind for kind in came if kind != wanted]
    case.expect(not others, f"only {wanted}", f"{', '.join(map(str, others))} too", exchange=again.call)


@law("inactive-silent", "Nothing is delivered to an endpoint that is switched off, then or later", "D22", DESIGNED)
def inactive_silent(case: Case) -> None:
    """Neither what happens meanwhile, nor once it is switched on again; from then on it gets what happens."""
    desk = controlled(case)
    with desk.endpoint(case, "off") as hook:
        case.must(case.ask(desk.control.switch(hook.id, active=False)), "switching a webhook off")
        meanwhile = desk.write(case)
        came = meanwhile.at(hook.name)
        if not case.expect(
            not came, "nothing while it is off", ", ".join(str(one.event) for one in came), exchange=meanwhile.call
        ):
            return
        case.must(case.ask(desk.control.switch(hook.id, active=True)), "switching a webhook on")
        later = [one for one in desk.after(case, 3600.0, meanwhile.call) if one.hook == hook.name]
        case.expect(
            not later, "nothing of what happened while it was off", f"{len(later)} deliveries", exchange=meanwhile.call
        )
        on = desk.write(case)
        case.expect(bool(on.at(hook.name)), "deliveries once it is on again", "none", exchange=on.call)


@law(
    "auto-disable",
    f"{FAILURES} failures in a row, and no fewer, switch an endpoint off",
    _REFERENCE,
    DOCUMENTED,
)
def auto_disable(case: Case) -> None:
    """One attempt each, as no time passes. It is seen by what is delivered, whatever the settings page shows."""
    desk = controlled(case)
    with desk.endpoint(case, "broken", status=500) as hook:
        if not (_each_comes(case, desk, hook, FAILURES - 1) and _success(case, desk, hook)):
            return
        if not _each_comes(case, desk, hook, FAILURES):
            return
        after = desk.write(case)
        came = f"the delivery after {FAILURES} failures"
        case.expect(not after.at(hook.name), f"nothing after {FAILURES} failures in a row", came, exchange=after.call)


@law("rotation", "After a rotation only the new secret signs", "D24", DESIGNED, stands_on=("delivery-signature",))
def rotation(case: Case) -> None:
    """From the next attempt on, retries included; the endpoint's old secret is good for nothing."""
    desk = controlled(case)
    with desk.endpoint(case, "rotated", status=500) as hook:
        desk.write(case)
        old, hook.secret = hook.secret, ""  # so that delivery-signature leaves this to us
        told = case.must(case.ask(desk.control.rotate(hook.id)), "rotating a secret")
        new = str(told.get("secret"))
        case.scene.mask.learn_secret(new)
        case.expect(new != old, "a new secret", "the old one", mark=Mark(INFERRED, "D24"))
        step = desk.write(case)
        retries = [one for one in desk.after(case, 60.0, step.call) if one.hook == hook.name]
        for one in (*step.at(hook.name), *retries):
            signature = one.header("X-Flowella-Signature") or ""
            by_old = "the old one's" if is_genuine(old, one.body, signature) else "neither one's"
            fine = is_genuine(new, one.body, signature)
            case.expect(fine, "a signature with the new secret", by_old, exchange=one)
        if not step.at(hook.name):
            raise NotReached("nothing was delivered after the rotation")


def _each_comes(case: Case, desk: ControlledDesk, hook: Hook, times: int) -> bool:
    for failed in range(times):
        step = desk.write(case)
        came = f"nothing after {failed}"
        if not case.expect(
            bool(step.at(hook.name)), f"deliveries until {FAILURES} have failed", came, exchange=step.call
        ):
            return False
    return True


def _success(case: Case, desk: ControlledDesk, hook: Hook) -> bool:
    desk.answer(hook, 200)
    step = desk.write(case)
    desk.answer(hook, 500)
    return case.expect(bool(step.at(hook.name)), "a delivery after 9 failures", "nothing", exchange=step.call)
