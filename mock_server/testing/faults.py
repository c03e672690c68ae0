"""Ordering failures from a test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mock_server.testing.records import Seen, as_fields, by_time

if TYPE_CHECKING:
    from collections.abc import Callable

RULE = {"match", "after", "times", "probability", "forSeconds", "label", "active"}
"""What belongs to a rule; everything else a test names belongs to its effect."""


class Faults:
    """The fault rules of one organization, over its control plane."""

    def __init__(self, control: Callable[..., Any]) -> None:
        self._control = control
        self._expected: dict[str, str] = {}

    def add(self, on: str, effect: str | dict[str, Any], *, optional: bool = False, **settings: Any) -> Seen:
        """Have something go wrong: `add("sendMessage", "status", status=503, times=2)`.

        `effect` is a name, its settings beside it, or a whole object. A fault that never strikes fails the test, unless
        it is `optional` or has a `probability`.
        """
        fields = as_fields(settings)
        rule = {name: value for name, value in fields.items() if name in RULE}
        own = {name: value for name, value in fields.items() if name not in RULE}
        whole = {"type": effect, **own} if isinstance(effect, str) else {**effect, **own}
        made = Seen(self._control("POST", "/faults", {"on": on, "effect": whole, **rule}))
        if not optional and made["probability"] == 1:
            self._expected[made["id"]] = f"{on} → {whole['type']}"
        return made

    def all(self) -> list[Seen]:
        """The rules, oldest first, with `seen` and `hits`."""
        return by_time(self._control("GET", "/faults?limit=100")["items"])

    def clear(self) -> None:
        """Take all of them back."""
        self._control("DELETE", "/faults")
        self._expected.clear()

    def unused(self) -> list[str]:
        """Those that were to strike and never did, with what they saw instead."""
        if not self._expected:
            return []
        return [
            f"The fault {self._expected[rule['id']]} never struck; {_reason(rule)}. If that is all right, "
            f"order it with optional=True, or take it back with faults.clear()."
            for rule in self.all()
            if rule["id"] in self._expected and not rule["hits"]
        ]


def _reason(rule: Seen) -> str:
    if rule["seen"]:
        return f"it saw {rule['seen']}, and was to let the first {rule['after']} through"
    match = rule.get("match")
    return f"nothing came that it is on{f' and that matches {match}' if match else ''}"
