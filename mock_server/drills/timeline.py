"""What happened, moment by moment: steps, calls, webhooks, faults, and which moments show what went wrong."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from mock_server.domain.instant import parse
from mock_server.drills.manners import effects
from mock_server.drills.record import accepted, addressed, attempt_key, call_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from mock_server.drills.record import Key, Record

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

    during: int = 0
    """The step that brought it about."""

    @property
    def kind(self) -> tuple[object, ...]:
        """Two moments of one kind are alike; each piece of evidence is of its own."""
        return (self.lane, self.good, self.struck, self.key if self.evidence or self.lane == STEP else None)


def timeline(record: Record, evidence: Collection[Key]) -> list[Moment]:
    """All of it, in order; runs of the same kind are drawn together."""
    found = [*_steps(record), *_calls(record), *_attempts(record)]
    marked = (replace(moment, evidence=moment.key in evidence) for moment in found)
    ordered = sorted(marked, key=lambda moment: (moment.during, moment.lane != STEP, moment.at))
    return list(_drawn_together(ordered))


def _steps(record: Record) -> Iterator[Moment]:
    for step in record.steps:
        words = step.words + (f": {step.note}" if step.note else "")
        yield Moment(_at(record, step.at), STEP, words, step.key, step.ended.well, during=step.begun.number)


def _calls(record: Record) -> Iterator[Moment]:
    before = [step.begun.calls for step in record.steps]
    for index, call in enumerate(record.calls):
        status = call["status"]
        named = addressed(call)
        whom = f" to {record.name(named[0])}" if len(named) == 1 else f" to {len(named):,} people" if named else ""
        answer = "no answer" if status is None else str(status)
        words = f"{call['operationId'] or call['path']}{whom} → {answer}"
        good = status is not None and status < 400
        during = bisect_right(before, index)
        struck = tuple(effects(call))
        yield Moment(_at(record, call["at"]), CALL, words, call_key(call["id"]), good, struck, during=during)


def _attempts(record: Record) -> Iterator[Moment]:
    before = [step.begun.deliveries for step in record.steps]
    ends = [step.ended_at for step in record.steps]
    made = {delivery["id"]: bisect_right(before, index) for index, delivery in enumerate(record.deliveries)}
    for delivery, attempt, struck in record.attempts():
        again = f" (attempt {attempt['number']})" if attempt["number"] > 1 else ""
        once_more = " once more" if delivery["redeliveryOf"] else ""
        whose = f" of {about}" if (about := record.about(delivery)) else ""
        answer = attempt["error"] or attempt["status"]
        words = f"{delivery['event']}{whose}{once_more}{again} → {answer}"
        during = max(made[delivery["id"]], bisect_left(ends, parse(attempt["at"])) + 1)
        key, at = attempt_key(delivery, attempt), _at(record, attempt["at"])
        yield Moment(at, WEBHOOK, words, key, accepted(attempt), struck, attempt["latency"], during=during)


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
