"""A law's hands where there is nobody to ask: what is broken is told with the place in the recording."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from contracts.exchange import Answer, Exchange
from contracts.laws.case import Case

if TYPE_CHECKING:
    from contracts.webhooks.delivery import Delivery


@dataclass(slots=True)
class RecordedCase(Case):
    """One law, looking at what was recorded."""

    def broken(self, promised: str, came: str, *, exchange: Exchange | None = None, **more: Any) -> None:
        """With the file and the place in it."""
        place = f", in {exchange.part}" if exchange else ""
        Case.broken(self, promised, f"{came}{place}", exchange=exchange, **more)

    def _stand_on_sound_answers(self) -> None:
        """No law asked for anything that was recorded, so none stands on it."""


def as_answer(hook: Delivery) -> Exchange:
    """The webhook as something that was answered: for the laws that look at ids and times in whatever comes."""
    body = Answer(200, hook.sent, hook.body, 0.0)
    return replace(hook, answer=body, call=replace(hook.call, method="WEBHOOK"))
