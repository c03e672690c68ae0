"""What may be sent at all. The client asks before every request, so a profile is a wall and not an intention.

Fails closed: what cannot be understood is not sent.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from contracts.settings import FULL, READONLY, digits
from contracts.stops import Denied

if TYPE_CHECKING:
    from contracts.exchange import Call
    from contracts.settings import Settings
    from contracts.spec import Spec
    from contracts.speech.base import Speech


class Guard:
    """Judges calls by the profile."""

    def __init__(self, settings: Settings, spec: Spec, speech: Speech) -> None:
        self.profile = settings.what_may_be_done
        self._spec, self._speech = spec, speech
        self._named = {digits(number) for number in settings.recipients}

    def judge_operation(self, method: str) -> None:
        """Raises Denied for a method that may not be used at all."""
        if self.profile == READONLY and method != "GET":
            raise Denied(f"profile readonly: {method} could change something; only GET is sent")

    def judge(self, call: Call) -> None:
        """Raises Denied with the reason for a call that may not be made."""
        self.judge_operation(call.method)
        if self.profile == FULL or call.method == "GET":
            return
        if call.method in {"HEAD", "OPTIONS"} or call.control:
            return
        operation = self._spec.match(call.method, call.path)
        if operation is None:
            raise Denied(
                f"profile sandbox: {call.method} {call.path} is not in the spec, so nobody knows what it would do"
            )
        if operation.id in self._speech.not_in_sandbox:
            raise Denied(f"profile sandbox: what {operation.id} makes at a real service cannot be taken away again")
        self._judge_body(call)

    def _judge_body(self, call: Call) -> None:
        """Only named numbers may be written to. A body that is no JSON object may hold no digit."""
        body = _strict(call.body)
        if call.body and not isinstance(body, dict):
            if any(char in b"0123456789" for char in call.body):
                raise Denied(
                    "profile sandbox: a body that is not a JSON object might be read as a number that nobody named"
                )
            return
        for reached in self._speech.reaches(body or {}):
            if not self._is_named(reached):
                raise Denied("profile sandbox: the call reaches somebody who is not a --recipient")

    def _is_named(self, reached: Any) -> bool:
        if not isinstance(reached, str) or any(char.isalpha() for char in reached):
            return False
        return digits(reached) in self._named


def _strict(body: bytes | None) -> Any:
    """JSON, or None for what is not, or could be read in two ways."""
    try:
        return json.loads(body or b"", object_pairs_hook=_no_field_twice)
    except (ValueError, RecursionError):
        return None


def _no_field_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a field stands there twice; who knows which one counts")
    return dict(pairs)
