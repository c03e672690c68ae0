"""From what was seen to a verdict: each expectation PASS, FAIL or INCONCLUSIVE, and one exit code for all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mock_server.drills.checks import CHECKS
from mock_server.drills.mask import Mask
from mock_server.drills.outcome import FAIL, INCONCLUSIVE, PASS, unseen
from mock_server.drills.timeline import Moment, timeline

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from mock_server.drills.drill import Expectation
    from mock_server.drills.record import Key, Record

HELD_EXIT, FAILED_EXIT, USAGE_EXIT, INCONCLUSIVE_EXIT, UNREACHABLE_EXIT = 0, 1, 2, 3, 4
"""As in the contract harness."""

VERDICTS = {HELD_EXIT: PASS, FAILED_EXIT: FAIL, INCONCLUSIVE_EXIT: INCONCLUSIVE}


@dataclass(frozen=True, slots=True)
class Judged:
    """One expectation, judged. `sentence` is what was seen; `moments` are the places on the timeline that show it."""

    name: str
    check: str
    says: str
    state: str
    sentence: str
    moments: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """One drill's outcome. All text in it is masked; all times are seconds since the drill began."""

    drill: str
    title: str
    description: str
    source: str
    seed: str
    values: dict[str, Any]
    judged: tuple[Judged, ...]
    moments: tuple[Moment, ...]
    lasted: float
    counts: dict[str, int]

    @property
    def exit_code(self) -> int:
        """What fails is certain; what was not seen is never held."""
        states = {one.state for one in self.judged}
        if FAIL in states:
            return FAILED_EXIT
        return INCONCLUSIVE_EXIT if INCONCLUSIVE in states or not states else HELD_EXIT

    @property
    def verdict(self) -> str:
        """PASS, FAIL or INCONCLUSIVE."""
        return VERDICTS[self.exit_code]

    @property
    def ok(self) -> bool:
        """Whether everything was as it should be, and was seen to be."""
        return self.exit_code == HELD_EXIT

    @property
    def failed(self) -> tuple[str, ...]:
        """The names of the expectations that failed."""
        return tuple(one.name for one in self.judged if one.state == FAIL)

    def text(self) -> str:
        """For a terminal, or an assertion."""
        from mock_server.drills.report.text import text

        return text(self)


def judge(record: Record, *, seed: str, secrets: Iterable[str] = (), skip: Collection[str] = ()) -> Report:
    """The verdict on what was seen."""
    mask = Mask(record.names, secrets)
    judged = [_judged(record, one, mask) for one in record.drill.expectations if one.name not in skip]
    evidence = {key for one in judged if one.state == FAIL for key in one.moments}
    drill = record.drill
    counts = {
        "calls": len(record.calls),
        "webhooks": len(record.deliveries),
        "attempts": sum(len(delivery["attempts"]) for delivery in record.deliveries),
        "messages": len(record.messages),
    }
    return Report(
        drill=drill.name,
        title=drill.title,
        description=drill.description,
        source=drill.source,
        seed=seed,
        values=drill.values,
        judged=tuple(judged),
        moments=tuple(_masked(moment, mask) for moment in timeline(record, evidence)),
        lasted=round(record.seconds(record.ended), 2),
        counts=counts,
    )


def _judged(record: Record, one: Expectation, mask: Mask) -> Judged:
    outcome = CHECKS[one.check].look(record, one.settings)
    if outcome.state == PASS and record.unstruck:
        outcome = unseen(
            f"the fault {', '.join(record.unstruck)} never struck, so this proves nothing; {outcome.sentence}"
        )
    return Judged(one.name, one.check, one.says, outcome.state, mask(outcome.sentence), outcome.moments)


def _masked(moment: Moment, mask: Mask) -> Moment:
    return replace(moment, words=mask(moment.words))
