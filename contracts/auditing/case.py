"""A law's hands where there is nobody to ask: what is broken is told with the place in the recording."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from contracts.auditing.hooks import names_of
from contracts.exchange import Answer, Call, Exchange
from contracts.laws.case import Case

if TYPE_CHECKING:
    from contracts.auditing.recording import Hook


@dataclass(slots=True)
class RecordedCase(Case):
    """One law, looking at what was recorded."""

    def broken(self, promised: str, came: str, *, exchange: Exchange | None = None, **more: Any) -> None:
        """With the file and the place in it."""
        place = f", in {exchange.part}" if exchange else ""
        Case.broken(self, promised, f"{came}{place}", exchange=exchange, **more)


@dataclass(slots=True)
class HookCase(RecordedCase):
    """One promise about webhooks."""

    secret: str | None = None

    def expect_of(self, hook: Hook, fine: bool, promised: str, came: str, **more: Any) -> bool:
        """Judge one thing of one webhook."""
        return self.expect(fine, promised, came, exchange=as_call(hook), **more)

    def named(self, hook: Hook) -> list[str]:
        """The webhooks of the spec that it can be."""
        return list(names_of(self.scene.spec.document, hook))

    def shapes_of(self, hook: Hook) -> list[tuple[Any, ...]]:
        """Where the schemas of its body are."""
        return [
            ("webhooks", name, "post", "requestBody", "content", "application/json", "schema")
            for name in self.named(hook)
        ]


def as_call(hook: Hook) -> Exchange:
    """The webhook as a call to whoever took it, for a finding and its `curl`."""
    from contracts.auditing.hooks import event_of

    call = Call("POST", "", body=hook.body, key=None, headers=hook.headers)
    return Exchange(
        0, hook.place, event_of(hook) or "webhook", call, "$WEBHOOK_URL", hook.headers, None, None, hook.at or _SOME_DAY
    )


def as_answer(hook: Hook) -> Exchange:
    """The webhook as something that was answered: for the laws that look at ids and times in whatever comes."""
    told = as_call(hook)
    body = Answer(200, hook.headers, hook.body, 0.0)
    return replace(told, answer=body, call=replace(told.call, method="WEBHOOK"))


_SOME_DAY = datetime(9000, 1, 1, tzinfo=UTC)
"""When something came of which nobody knows: nothing in it is in the future then."""
