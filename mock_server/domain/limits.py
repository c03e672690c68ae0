"""WhatsApp's own limits, each switched on by itself; None is off (D50).

| limit            | counts                                      | per              | code   | comes   | Meta's page        |
| ---------------- | ------------------------------------------- | ---------------- | ------ | ------- | ------------------ |
| pair rate        | messages to one person                      | channel, contact | 131056 | at once | about-the-platform |
| throughput       | messages out and in                         | channel          | 130429 | at once | throughput         |
| messaging tier   | people reached outside a window             | organization     | 131048 | later   | messaging-limits   |
| marketing cap    | marketing templates outside a window        | contact          | 131049 | later   | per-user-limits    |
| template pausing | times that a template's quality fell to RED | template         | 132015 | at once | template-pausing   |
| template pacing  | sends of a marketing template not yet GREEN | template         | 132015 | later   | template-pacing    |
| message TTL      | time a message waits for its phone          | message          | none   | never   | time-to-live       |

Here are the rules that count messages. Those about a template's quality are in `quality.py`. What a limit remembers is kept
in small records, and each question costs the same however many there are.
"""

from dataclasses import dataclass, replace

from mock_server.domain.instant import DAY, LATEST, SECOND, Instant
from mock_server.domain.messages import Message, MessageStatus
from mock_server.domain.quality import TemplatePacing, TemplatePausing
from mock_server.domain.rate_limits import spaced

PAIR_RATE = 131056
THROUGHPUT = 130429
MESSAGING_TIER = 131048
MARKETING_CAP = 131049


@dataclass(frozen=True, slots=True)
class PairRate:
    """One message in `every` microseconds, or up to `burst` at once that are waited out afterwards."""

    every: int
    burst: int


@dataclass(frozen=True, slots=True)
class Throughput:
    """Messages in a second, in both directions together."""

    per_second: int


@dataclass(frozen=True, slots=True)
class MarketingCap:
    """So many `messages` to one person within `window` microseconds."""

    messages: int
    window: int


@dataclass(frozen=True, slots=True)
class MessageTtl:
    """How long a message waits for a phone that is off, in microseconds, by what it is; `text` is free-form."""

    authentication: int
    utility: int
    marketing: int
    text: int


@dataclass(frozen=True, slots=True)
class Limits:
    """Which limits are on, with their numbers. `messaging_tier` is a number of people."""

    pair_rate: PairRate | None = None
    throughput: Throughput | None = None
    messaging_tier: int | None = None
    marketing_cap: MarketingCap | None = None
    template_pausing: TemplatePausing | None = None
    template_pacing: TemplatePacing | None = None
    message_ttl: MessageTtl | None = None


OFF = Limits()


@dataclass(frozen=True, slots=True)
class Meter:
    """What was sent lately between two, or through one channel: paid off at `clear_at`; the burst began at `since`."""

    id: str
    clear_at: Instant = 0
    since: Instant = 0


def after_pair_send(meter: Meter, limit: PairRate, now: Instant) -> Meter | None:
    """The meter after one more message to this person; None when it is over the limit.

    A burst lasts as long as one message may take, and borrows from the future: once it is over, nothing goes out until
    all of it is paid off (Meta: after a burst of 20, about two minutes).
    """
    if now >= meter.clear_at:
        return replace(meter, clear_at=now + limit.every, since=now)
    if now >= meter.since + limit.every:
        return None
    clear_at = spaced(meter.clear_at, limit.every, limit.burst, now)
    return None if clear_at is None else replace(meter, clear_at=clear_at)


def after_channel_use(meter: Meter, limit: Throughput, now: Instant) -> Meter | None:
    """The meter after one more message through this channel; None when it is over the limit."""
    clear_at = spaced(meter.clear_at, SECOND // limit.per_second, limit.per_second, now)
    return None if clear_at is None else replace(meter, clear_at=clear_at)


@dataclass(frozen=True, slots=True)
class Reached:
    """Somebody written to outside a service window, last `at`. Ids count down: the newest id was reached longest ago."""

    id: str
    contact_id: str
    at: Instant


TIER_WINDOW = DAY


def reached(contact_id: str, at: Instant) -> Reached:
    """The record of this person at this moment."""
    return Reached(f"{LATEST - at:018d}/{contact_id}", contact_id, at)


def still_counts(record: Reached, now: Instant) -> bool:
    """Is this person one of the last 24 hours' people?"""
    return now < record.at + TIER_WINDOW


@dataclass(frozen=True, slots=True)
class Marketed:
    """When the contact with the same id was last sent marketing, oldest first; never more than the cap."""

    id: str
    times: tuple[Instant, ...] = ()


def after_marketing(record: Marketed, cap: MarketingCap, now: Instant) -> Marketed | None:
    """The record after one more marketing template; None when it is over the cap."""
    recent = tuple(at for at in record.times if now < at + cap.window)
    return None if len(recent) >= cap.messages else replace(record, times=(*recent, now))


WAITING = frozenset({MessageStatus.PENDING, MessageStatus.SENT})


def expired(message: Message, now: Instant) -> bool:
    """Was it dropped because its phone stayed off too long? Nobody is told (Meta: assume so when no `delivered` came)."""
    return message.expires_at is not None and now >= message.expires_at and message.status in WAITING
