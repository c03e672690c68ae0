"""What becomes of a template that people do not like, and of a new one that nobody knows yet (D52, D53).

Pausing, when the quality of a template that is APPROVED falls to RED (Meta: template-pausing):

| time  | becomes  | for            | then                    | reason       |
| ----- | -------- | -------------- | ----------------------- | ------------ |
| 1st   | PAUSED   | 3 hours        | APPROVED by itself      | FIRST_PAUSE  |
| 2nd   | PAUSED   | 6 hours        | APPROVED by itself      | SECOND_PAUSE |
| 3rd   | DISABLED | good           |                         | DISABLED     |

Pacing of a marketing template that is not GREEN (Meta: template-pacing): a first batch goes out, what follows is held.

| while messages are held         | the template becomes            | the held messages     |
| ------------------------------- | ------------------------------- | --------------------- |
| its quality becomes GREEN       | stays, is paced no more         | go out                |
| the window ends, it is not RED  | stays, is paced no more         | go out                |
| its quality becomes RED         | PAUSED, until somebody approves | fail with 132015      |
| the window ends, it is stopped  | stays                           | fail with 132015      |

Whenever a paused template is approved again, pacing begins anew.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from mock_server.domain.instant import Instant
from mock_server.domain.journeys import Journey
from mock_server.domain.templates import Quality, Template, TemplateCategory, TemplateStatus, review

DROPPED = 132015
PACING_PAUSE = "RATE_LIMITING_PAUSE"
UNPAUSE = "UNPAUSE"


class Verdict(StrEnum):
    """What the feedback on the first batch says."""

    RELEASE = "release"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class TemplatePausing:
    """How long the first and the second pause last, in microseconds."""

    first: int
    second: int


@dataclass(frozen=True, slots=True)
class TemplatePacing:
    """So many go out at once; the others are held up to `window` microseconds for the feedback on those."""

    first_batch: int
    window: int


@dataclass(frozen=True, slots=True)
class Pacing:
    """How far the template with the same id is. `batch` names what is held, `held` counts it; `over` is paced no more."""

    id: str
    sent: int = 0
    batch: str = ""
    held: int = 0
    over: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """A message that waits for a verdict, with the journey it will go on."""

    id: str
    message_id: str
    journey: Journey


@dataclass(frozen=True, slots=True)
class Letting:
    """The held messages of the batch with this id, let go one after the other: which is next, of how many, and where."""

    id: str
    next: int
    count: int
    verdict: Verdict


def held_id(batch: str, number: int) -> str:
    """The place of a message in its batch."""
    return f"{batch}/{number}"


def is_paced(template: Template) -> bool:
    """Marketing whose quality is not proven."""
    return template.category is TemplateCategory.MARKETING and template.quality is not Quality.GREEN


def verdict(quality: Quality) -> Verdict | None:
    """What a new quality says about held messages at once; None is nothing yet."""
    return {Quality.GREEN: Verdict.RELEASE, Quality.RED: Verdict.DROP}.get(quality)


def final_verdict(template: Template) -> Verdict:
    """What is said when the window ends. A template that was stopped meanwhile sends nothing more."""
    fine = template.status is TemplateStatus.APPROVED and template.quality is not Quality.RED
    return Verdict.RELEASE if fine else Verdict.DROP


def fallen(template: Template, pausing: TemplatePausing, at: Instant) -> tuple[Template, Instant | None]:
    """An approved template whose quality fell to RED, and when its pause ends; None is never."""
    pauses = template.pauses + 1
    reasons = {1: ("FIRST_PAUSE", pausing.first), 2: ("SECOND_PAUSE", pausing.second)}
    if pauses not in reasons:
        return replace(review(template, TemplateStatus.DISABLED, "DISABLED", at), pauses=pauses), None
    reason, duration = reasons[pauses]
    return replace(review(template, TemplateStatus.PAUSED, reason, at), pauses=pauses), at + duration
