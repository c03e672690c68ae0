"""Deliveries: one event on its way to one endpoint, attempt by attempt.

| status    | means                                                    | next                           |
| --------- | -------------------------------------------------------- | ------------------------------ |
| pending   | an attempt is due, running, or waiting for its retry     | succeeded, failed, abandoned   |
| succeeded | an attempt was answered 2xx                              | -                              |
| failed    | the last retry failed                                    | -                              |
| abandoned | the endpoint was deactivated or deleted before the end,  | succeeded, if the attempt that |
|           | or a fault lost it                                       | was on the wire gets through   |

A redelivery is a new delivery of the same event.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from mock_server.domain.faults import WEBHOOK, Place, Struck, place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mock_server.domain.events import Event
    from mock_server.domain.instant import Instant


class DeliveryStatus(StrEnum):
    """See the table above."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ABANDONED = "abandoned"


Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One POST. `at` on the org's clock; `latency` in real seconds; `status` None and `error` set when no answer came."""

    number: int
    at: Instant
    status: int | None
    error: str | None
    latency: float
    request_headers: Headers
    request_body: bytes
    response_excerpt: bytes

    @property
    def succeeded(self) -> bool:
        """Any 2xx is a success (vendor: /api-reference/webhooks)."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class AttemptFault:
    """What struck the attempt with this number. It is drawn once, however often that attempt is put off."""

    attempt: int
    struck: Struck


@dataclass(frozen=True, slots=True)
class Delivery:
    """Carries its event whole. `next_attempt_at` is None once nothing more is to come.

    `held_by` is the fault rule that keeps its next attempt back, `overtaken` if only until another one went out.
    """

    id: str
    endpoint_id: str
    url: str
    event: Event
    created_at: Instant
    status: DeliveryStatus = DeliveryStatus.PENDING
    next_attempt_at: Instant | None = None
    attempts: tuple[Attempt, ...] = ()
    redelivery_of: str | None = None
    faults: tuple[AttemptFault, ...] = ()
    held_by: str | None = None
    overtaken: bool = False

    @property
    def next_number(self) -> int:
        """The number of the attempt that is due or under way."""
        return len(self.attempts) + 1

    def struck_now(self) -> tuple[Struck, ...]:
        """What was drawn for that attempt."""
        return tuple(fault.struck for fault in self.faults if fault.attempt == self.next_number)

    def content_fault(self) -> Struck | None:
        """What is done to that attempt's headers and bytes."""
        content = (s for s in self.struck_now() if place(WEBHOOK, s.effect.type) is Place.CONTENT)
        return next(content, None)

    def free_of(self, holds: Callable[[str | None], bool]) -> Delivery:
        """No longer held back, and without what rules did to that attempt that hold no more."""
        kept = tuple(f for f in self.faults if f.attempt != self.next_number or holds(f.struck.rule_id))
        return replace(self, faults=kept, held_by=None, overtaken=False)

    def struck_by(self, struck: Iterable[Struck]) -> Delivery:
        """With these drawn for that attempt."""
        return replace(self, faults=(*self.faults, *(AttemptFault(self.next_number, one) for one in struck)))


def settle(delivery: Delivery, attempt: Attempt, retries: tuple[int, ...]) -> Delivery:
    """The delivery after this attempt: done, waiting for the next one (`retries`: microseconds after each), or failed."""
    attempts = (*delivery.attempts, attempt)
    if attempt.succeeded:
        return replace(delivery, attempts=attempts, status=DeliveryStatus.SUCCEEDED, next_attempt_at=None)
    if delivery.status is not DeliveryStatus.PENDING:  # given up while this attempt was on the wire
        return replace(delivery, attempts=attempts)
    if len(attempts) > len(retries):
        return replace(delivery, attempts=attempts, status=DeliveryStatus.FAILED, next_attempt_at=None)
    return replace(delivery, attempts=attempts, next_attempt_at=attempt.at + retries[len(attempts) - 1])


def abandon(delivery: Delivery) -> Delivery:
    """Given up because its endpoint is gone or switched off (D22)."""
    return replace(delivery, status=DeliveryStatus.ABANDONED, next_attempt_at=None)
