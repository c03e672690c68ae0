"""Every number and choice that the vendors leave open or may change, in one value. One line here changes the fake.

Durations are microseconds. D-numbers refer to docs/decisions.md.
"""

from dataclasses import dataclass
from typing import Literal

from mock_server.domain.instant import DAY, HOUR, Duration, seconds
from mock_server.domain.journeys import DELIVERED_AND_READ, Journey
from mock_server.domain.limits import Limits, MarketingCap, MessageTtl, PairRate, Throughput
from mock_server.domain.quality import TemplatePacing, TemplatePausing
from mock_server.domain.rate_limits import RateLimit

RETRY_SCHEDULES: dict[str, tuple[int, ...]] = {
    "reference": tuple(map(seconds, (30, 120, 600))),
    "settings-page": tuple(map(seconds, (30, 120, 600, 3_600, 21_600))),
}
"""D21: after each failed attempt, so long until the next. The two pages of the vendor disagree."""

USUAL_LIMITS = Limits(
    pair_rate=PairRate(every=seconds(6), burst=45),  # Meta: about-the-platform
    throughput=Throughput(per_second=80),  # Meta: throughput; 1,000 after an upgrade
    messaging_tier=250,  # Meta: messaging-limits; then 2,000, 10,000, 100,000 and none
    marketing_cap=MarketingCap(messages=2, window=DAY),  # Meta says dynamic and gives no number (D51)
    template_pausing=TemplatePausing(first=3 * HOUR, second=6 * HOUR),  # Meta: template-pausing
    template_pacing=TemplatePacing(first_batch=100, window=HOUR // 2),  # Meta: unpublished; over within the hour (D53)
    message_ttl=MessageTtl(  # Meta: templates/time-to-live
        authentication=seconds(600), utility=30 * DAY, marketing=30 * DAY, text=30 * DAY
    ),
)
"""What a limit is when it is switched on without numbers."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The defaults are the documented behaviour where there is one, the decision where there is none."""

    closed_window: Literal["fail", "reject"] = "fail"  # D12
    event_id: Literal["event", "resource"] = "event"  # D19
    service_window: Duration = DAY  # WhatsApp: 24 h from the contact's last message
    journey: Journey = DELIVERED_AND_READ  # D16
    sends_per_second: int = 80  # bulk sends without a throttle: Meta's default throughput (D14)
    retries: tuple[Duration, ...] = RETRY_SCHEDULES["reference"]  # D21
    attempt_timeout: float = 10.0  # seconds; vendor: /api-reference/webhooks
    failures_until_inactive: int = 10  # D22
    deliveries_in_flight: int = 8  # per endpoint, on a running clock (D31)
    rate_limit: RateLimit | None = RateLimit()  # D6
    usual_limits: Limits = USUAL_LIMITS  # WhatsApp's own, for those that are on (D50)
    keep_requests: int = 10_000  # journal entries (D32)
    keep_deliveries: int = 200_000  # finished ones (D32)
    work_until_idle: int = 1_000_000  # pieces of work after which "until idle" gives up (D33)
