"""Control plane: failures on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mock_server.domain.errors import Invalid
from mock_server.domain.faults import Effect, is_webhook
from mock_server.domain.instant import iso, iso_or_none
from mock_server.services import faults
from mock_server.services.lookup import existing
from mock_server.web.control.filters import listing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mock_server.domain.faults import FaultRule
    from mock_server.web.control.vocabulary import Vocabulary
    from mock_server.web.door import Call, Reply, View
    from mock_server.web.spec import Spec

_TERMS = {
    "after": "after",
    "times": "times",
    "probability": "probability",
    "forSeconds": "for_seconds",
    "label": "label",
    "active": "active",
}


def render(record: FaultRule) -> dict[str, Any]:
    """A fault rule with its counters."""
    return {
        "id": record.id,
        "on": record.on,
        "match": dict(record.match),
        "effect": {"type": record.effect.type, **record.effect.settings},
        "after": record.after,
        "times": record.times,
        "probability": record.probability,
        "forSeconds": record.for_seconds,
        "until": iso_or_none(record.until),
        "label": record.label,
        "active": record.active,
        "createdAt": iso(record.created_at),
        "seen": record.seen,
        "hits": record.hits,
    }


def list_faults(call: Call) -> Reply:
    return listing(call, call.world.store.faults, render)


def get_fault(call: Call) -> Reply:
    return 200, render(existing(call.world.store.faults, call.path["id"], "fault"))


def delete_fault(call: Call) -> Reply:
    faults.remove(call.world, call.path["id"])
    return 204, None


def clear_faults(call: Call) -> Reply:
    faults.clear(call.world)
    return 204, None


VIEWS: Mapping[str, View] = {
    "listFaults": list_faults,
    "clearFaults": clear_faults,
    "getFault": get_fault,
    "deleteFault": delete_fault,
}


def fault_views(spec: Spec, vocabulary: Vocabulary) -> Mapping[str, View]:
    """The operations on fault rules. `spec` has the effects' settings, `vocabulary` what there is to strike."""

    def read(on: str, body: dict[str, Any], match: Mapping[str, str], effect: str) -> dict[str, Any]:
        """A rule's fields, as far as they are given. Raises Invalid for a rule that could never strike."""
        vocabulary.check(on, body.get("effect", {"type": effect})["type"], body.get("match", match))
        changes = {field: body[name] for name, field in _TERMS.items() if name in body}
        if "match" in body:
            changes["match"] = tuple(body["match"].items())
        if "effect" in body:
            changes["effect"] = _effect(spec, on, body["effect"])
        return changes

    def create_fault(call: Call) -> Reply:
        on = call.body["on"]
        changes = read(on, call.body, {}, "")
        return 201, render(faults.add(call.world, on, changes.pop("effect"), changes))

    def update_fault(call: Call) -> Reply:
        rule = existing(call.world.store.faults, call.path["id"], "fault")
        changes = read(rule.on, call.body, dict(rule.match), rule.effect.type)
        return 200, render(faults.update(call.world, rule.id, changes))

    def list_fault_targets(_: Call) -> Reply:
        return 200, {"items": [{"on": on, **vocabulary.words_for(on)} for on in vocabulary.known]}

    return {
        **VIEWS,
        "createFault": create_fault,
        "updateFault": update_fault,
        "listFaultTargets": list_fault_targets,
    }


def _effect(spec: Spec, on: str, body: dict[str, Any]) -> Effect:
    try:
        spec.component("WebhookEffect" if is_webhook(on) else "RequestEffect").check(body)
    except Invalid as invalid:
        raise Invalid(f"effect.{invalid.field}", invalid.problem) from None
    return Effect(body["type"], {name: value for name, value in body.items() if name != "type"})
