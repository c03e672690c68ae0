"""Bulk sends: one template to many people, paced, with books that balance at every instant (D14).

    recipients = pending + accepted + suppressed + rejected

| a recipient is | when                                                                                      |
| -------------- | ----------------------------------------------------------------------------------------- |
| pending        | not due yet                                                                               |
| accepted       | a message went out                                                                        |
| suppressed     | named before in this job, or opted out on this channel                                    |
| rejected       | the values do not fit the template, or sending was not possible when they were due        |

PENDING until the start, then PROCESSING, then COMPLETED, or FAILED when nothing could be sent.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from mock_server.domain.instant import HOUR, SECOND, Duration, Instant
from mock_server.domain.phones import Phone


class JobStatus(StrEnum):
    """The vendor's closed enum (queue-template-send-job)."""

    PENDING = "PENDING"
    PROCESSING = "PROCESSING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


class Outcome(StrEnum):
    """What became of a recipient that was due."""

    ACCEPTED = "accepted"
    SUPPRESSED = "suppressed"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class HeaderMedia:
    """The picture, film or paper above a template's text. `kind` image, video or document; `link` an absolute URL."""

    kind: str
    link: str
    filename: str | None


@dataclass(frozen=True, slots=True)
class ButtonValues:
    """Values for the variables of the button at `index`, counted from 0."""

    index: int
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom, and what to fill in. `phone` or `contact_id` is there; `repeated` if the same person came before."""

    phone: Phone | None
    contact_id: str | None
    body: tuple[str, ...]
    buttons: tuple[ButtonValues, ...]
    repeated: bool


@dataclass(frozen=True, slots=True)
class Audience:
    """The recipients of the job with the same id, kept apart because they never change while the books do."""

    id: str
    recipients: tuple[Recipient, ...]


@dataclass(frozen=True, slots=True)
class Job:
    """`requested` is the template id as it was given, ours or Meta's. `reasons` counts why recipients were not sent to.

    `operation` is the API call that asked for it.
    """

    id: str
    template_id: str
    requested: str
    channel_id: str
    header: HeaderMedia | None
    created_at: Instant
    scheduled_for: Instant | None
    interval: Duration
    recipients: int
    status: JobStatus = JobStatus.PENDING
    started_at: Instant | None = None
    finished_at: Instant | None = None
    accepted: int = 0
    suppressed: int = 0
    rejected: int = 0
    reasons: tuple[tuple[str, int], ...] = ()
    operation: str = ""

    @property
    def settled(self) -> int:
        """How many recipients are dealt with; also the index of the next one."""
        return self.accepted + self.suppressed + self.rejected

    @property
    def pending(self) -> int:
        """How many are still to come."""
        return self.recipients - self.settled


def interval(throttle_per_hour: int | None, per_second: int) -> int:
    """Microseconds between two recipients, rounded up so that nobody is early: the throttle, or Meta's own pace."""
    period, count = (HOUR, throttle_per_hour) if throttle_per_hour else (SECOND, per_second)
    return -(-period // count)


def due_at(job: Job, started_at: Instant) -> Instant:
    """When the next recipient is due: the k-th one k intervals after the start."""
    return started_at + job.settled * job.interval


def start(job: Job, at: Instant) -> Job:
    """The first recipient is due."""
    return replace(job, status=JobStatus.PROCESSING, started_at=at)


def count(job: Job, outcome: Outcome, reason: str | None, at: Instant, recipients: int = 1) -> Job:
    """Enter an outcome into the books; the last one ends the job."""
    counted = replace(job, **{outcome.value: getattr(job, outcome.value) + recipients})
    if reason is not None:
        reasons = dict(counted.reasons)
        reasons[reason] = reasons.get(reason, 0) + recipients
        counted = replace(counted, reasons=tuple(sorted(reasons.items())))
    if counted.pending:
        return counted
    status = JobStatus.COMPLETED if counted.accepted else JobStatus.FAILED
    return replace(counted, status=status, finished_at=at)
