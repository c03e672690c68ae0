"""Waiting work. Everything that waits in a world waits as one of these, and nothing waits anywhere else."""

from dataclasses import dataclass
from enum import StrEnum

from mock_server.domain.instant import Instant
from mock_server.domain.journeys import Journey


class TaskKind(StrEnum):
    """What falls due: a step of a message's journey, an attempt to deliver a webhook, the next recipient of a job; the end of
    a template's pause, of its feedback window, and the next message that was held for it.
    """

    JOURNEY = "journey"
    DELIVERY = "delivery"
    JOB = "job"
    UNPAUSE = "unpause"
    VERDICT = "verdict"
    LET_GO = "letGo"


@dataclass(frozen=True, slots=True)
class Task:
    """`subject` is the id of what it is about; `detail` what else the runner needs: the rest of a message's journey.

    One task per kind and subject.
    """

    due: Instant
    kind: TaskKind
    subject: str
    detail: Journey | None = None

    @property
    def id(self) -> str:
        """Scheduling the same kind for the same subject again moves the task instead of adding one."""
        return f"{self.kind}:{self.subject}"
