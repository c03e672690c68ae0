"""A bulk send's books."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mock_server.domain.instant import HOUR, SECOND
from mock_server.domain.jobs import Job, JobStatus, Outcome, count, due_at, interval, start

JOB = Job("j1", "t1", "order_update", "c1", None, 1, None, interval=10, recipients=5)


@pytest.mark.parametrize(
    ("throttle", "per_second", "between"),
    [(None, 80, 12_500), (None, 3, 333_334), (3_600, 80, SECOND), (7, 80, 514_285_715), (1, 80, HOUR)],
)
def test_the_time_between_two(throttle: int | None, per_second: int, between: int) -> None:
    """The throttle's, else Meta's own pace; rounded up, so that nobody is early."""
    assert interval(throttle, per_second) == between


def test_the_books_balance() -> None:
    """Each outcome is counted, with its reasons in order; the next is due one interval later."""
    job = start(JOB, 100)
    assert (job.status, job.started_at, job.pending, due_at(job, 100)) == (JobStatus.PROCESSING, 100, 5, 100)

    job = count(job, Outcome.ACCEPTED, None, 100)
    job = count(job, Outcome.SUPPRESSED, "opted out", 110, recipients=2)
    job = count(job, Outcome.REJECTED, "misfit", 130)
    assert (job.accepted, job.suppressed, job.rejected) == (1, 2, 1)
    assert (job.settled, job.pending, due_at(job, 100)) == (4, 1, 140)
    assert (job.status, job.finished_at) == (JobStatus.PROCESSING, None)

    job = count(job, Outcome.SUPPRESSED, "opted out", 140)
    assert job.reasons == (("misfit", 1), ("opted out", 3))
    assert (job.status, job.finished_at, job.pending) == (JobStatus.COMPLETED, 140, 0)


def test_nothing_sent_is_a_failure() -> None:
    """Whatever the reason; one message is enough for another word."""
    last = replace(JOB, recipients=1)

    assert count(last, Outcome.REJECTED, "misfit", 7).status is JobStatus.FAILED
    assert count(last, Outcome.ACCEPTED, None, 7).status is JobStatus.COMPLETED
