"""Journeys: what becomes of an outbound message, and when. A journey is data.

Offsets are from the moment the message was accepted, on the organization's clock (D16).
"""

from dataclasses import dataclass, replace

from mock_server.domain.instant import Duration, seconds
from mock_server.domain.messages import MessageStatus, MetaError
from mock_server.domain.meta_errors import meta_error


@dataclass(frozen=True, slots=True)
class Step:
    """`after` microseconds since acceptance, the message reaches `status` (with `error` when it fails).

    The platform is not always so tidy: with `lag` the news of it comes later than the status, with `noise` only the news
    comes, and with `reply` the contact writes this text instead.
    """

    after: Duration
    status: MessageStatus = MessageStatus.SENT
    error: MetaError | None = None
    lag: Duration = 0
    noise: bool = False
    reply: str | None = None


Journey = tuple[Step, ...]

DELIVERED_AND_READ: Journey = (
    Step(seconds(0.3), MessageStatus.SENT),
    Step(seconds(1.2), MessageStatus.DELIVERED),
    Step(seconds(5), MessageStatus.READ),
)


def failing(error: MetaError) -> Journey:
    """Accepted, then refused by WhatsApp: no `sent`, one `failed`."""
    return (Step(seconds(0.3), MessageStatus.FAILED, error),)


def delayed(journey: Journey, by: int) -> Journey:
    """The same journey, so many microseconds later."""
    return tuple(replace(step, after=step.after + by) for step in journey)


REENGAGEMENT = meta_error(131047)
"""Free-form text outside the service window (D12)."""
