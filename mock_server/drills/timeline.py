"""What happened, moment by moment: steps, calls, webhooks, faults, and which moments show what went wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from mock_server.drills.manners import effects
from mock_server.drills.record import accepted, addressed, attempt_key, call_key, content

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from mock_server.drills.record import Key, Record, Seen

STEP, CALL, WEBHOOK = "step", "call", "webhook"
LANES = (STEP, CALL, WEBHOOK)

_RUN = 6
"""Moments of the same kind in a row that are shown; of more only the first and the last."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened. `at` is seconds since the drill began, `times` how many alike it stands for."""

    at: float
    lane: str
    words: str
    key: Key
    good: bool = True
    struck: tuple[str, ...] = ()
    real_seconds: float | None = None
    evidence: bool = False
    times: int = 1

    @property
    def kind(self) -> tuple[object, ...]:
        """Two moments of one kind are alike; each piece of evidence is of its own."""
        return (self.lane, self.good, self.struck, self.key if self.evidence or self.lane == STEP else None)


def timeline(record: Record, evidence: Collection[Key]) -> list[Moment]:
    """All of it, in order; runs of the same kind are drawn together."""
    found = [*_steps(record), *_calls(record), *_attempts(record)]
    marked = (replace(moment, evidence=moment.key in evidence) for moment in found)
    ordered = sorted(marked, key=lambda moment: moment.at)
    return list(_drawn_together(ordered))


def _steps(record: Record) -> Iterator[Moment]:
    for step in record.steps:
        words = step.words + (f": {step.note}" if step.note else "")
        yield Moment(_at(record, step.at), STEP, words, step.key, not step.bad)


def _calls(record: Record) -> Iterator[Moment]:
    for call in record.calls:
        status = call["status"]
        named = addressed(call)
        whom = f" to {record.name(named[0])}" if len(named) == 1 else f" to {len(named):,} people" if named else ""
        answer = "no answer" if status is None else str(status)
        words = f"{call['operationId'] or call['path']}{whom} → {answer}"
        good = status is not None and status < 400
        yield Moment(_at(record, call["at"]), CALL, words, call_key(call["id"]), good, tuple(effects(call)))


def _attempts(record: Record) -> Iterator[Moment]:
    for delivery, attempt, struck in record.attempts():
        again = f" (attempt {attempt['number']})" if attempt["number"] > 1 else ""
        once_more = " once more" if delivery["redeliveryOf"] else ""
        answer = attempt["error"] or attempt["status"]
        words = f"{delivery['event']}{_about(record, attempt)}{once_more}{again} → {answer}"
        key, at = attempt_key(delivery, attempt), _at(record, attempt["at"])
        yield Moment(at, WEBHOOK, words, key, accepted(attempt), struck, attempt["latency"])


def _about(record: Record, attempt: Seen) -> str:
    body = content(attempt)
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, dict):
        return ""
    phone = next((data[name] for name in ("from", "to", "phone") if record.names.get(_digits(data.get(name)))), None)
    return f" of {record.name(phone)}" if phone else ""


def _digits(value: object) -> str:
    return "".join(letter for letter in value if letter.isdecimal()) if isinstance(value, str) else ""


def _at(record: Record, at: int | str) -> float:
    return round(record.seconds(at), 2)


def _drawn_together(moments: Iterable[Moment]) -> Iterator[Moment]:
    for _, group in groupby(moments, key=lambda moment: moment.kind):
        run = list(group)
        if len(run) <= _RUN:
            yield from run
            continue
        yield run[0]
        middle = run[1]
        yield replace(middle, words=f"… {len(run) - 2:,} more of this kind", times=len(run) - 2, key=(middle.lane, ""))
        yield run[-1]
