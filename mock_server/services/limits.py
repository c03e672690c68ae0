"""WhatsApp's own limits around a message: what is refused at once, what fails later, what is counted (D50, D51)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_server.domain import limits as rules
from mock_server.domain.chats import window_open
from mock_server.domain.errors import Conflict, MetaRejected
from mock_server.domain.instant import iso
from mock_server.domain.journeys import Journey, failing
from mock_server.domain.limits import Marketed, Meter
from mock_server.domain.messages import MessageStatus
from mock_server.domain.meta_errors import meta_error
from mock_server.domain.templates import TemplateCategory
from mock_server.services.accounts import standing

if TYPE_CHECKING:
    from mock_server.domain.chats import Chat
    from mock_server.domain.instant import Instant
    from mock_server.domain.limits import MarketingCap
    from mock_server.domain.messages import Message
    from mock_server.domain.templates import Template
    from mock_server.world import Unit


def require_room(unit: Unit, chat: Chat) -> None:
    """Throughput and pair rate, whose codes answer the call. Raises MetaRejected, and then nothing was counted."""
    limits = standing(unit).limits
    if limits.throughput is None and limits.pair_rate is None:
        return
    used = []
    if limits.throughput is not None:
        meter = _meter(unit, f"channel/{chat.channel_id}")
        used.append(_passed(rules.after_channel_use(meter, limits.throughput, unit.now), rules.THROUGHPUT))
    if limits.pair_rate is not None:
        meter = _meter(unit, f"pair/{chat.id}")
        used.append(_passed(rules.after_pair_send(meter, limits.pair_rate, unit.now), rules.PAIR_RATE))
    for meter in used:
        unit.store.meters.put(meter)


def count_inbound(unit: Unit, channel_id: str) -> None:
    """What comes in takes its share of the throughput, and is never refused."""
    throughput = standing(unit).limits.throughput
    if throughput is not None:
        used = rules.after_channel_use(_meter(unit, f"channel/{channel_id}"), throughput, unit.now)
        if used is not None:
            unit.store.meters.put(used)


def fate(unit: Unit, template: Template, chat: Chat, journey: Journey) -> Journey:
    """This journey for a template to this person, or a failing one when the marketing cap or the messaging tier is reached.

    Within a service window neither counts. What fails counts in neither.
    """
    limits = standing(unit).limits
    tier = limits.messaging_tier
    cap = limits.marketing_cap if template.category is TemplateCategory.MARKETING else None
    if (tier is None and cap is None) or window_open(chat, unit.now, unit.world.policy.service_window):
        return journey
    marketed = None if cap is None else _marketed(unit, chat.contact_id, cap)
    if cap is not None and marketed is None:
        return failing(meta_error(rules.MARKETING_CAP))
    if tier is not None and not _reach(unit, chat.contact_id, tier):
        return failing(meta_error(rules.MESSAGING_TIER))
    if marketed is not None:
        unit.store.marketed.put(marketed)
    return journey


def expires_at(unit: Unit, template: Template | None) -> Instant | None:
    """When WhatsApp gives up on a message sent now; None is never. `template` None is free-form text."""
    ttl = standing(unit).limits.message_ttl
    if ttl is None:
        return None
    kind = "text" if template is None else template.category.lower()
    return unit.now + int(getattr(ttl, kind))


def require_alive(message: Message, status: MessageStatus, now: Instant) -> None:
    """Raises Conflict for a message that was dropped, unless it is to fail: a late word of failure may come."""
    if gone(message, status, now):
        raise Conflict(
            f"Message {message.id} expired at {iso(message.expires_at or 0)} and was dropped; it can only become FAILED"
        )


def gone(message: Message, status: MessageStatus, now: Instant) -> bool:
    """Is it too late for this status?"""
    return status is not MessageStatus.FAILED and rules.expired(message, now)


def bulk_pace(unit: Unit) -> int:
    """Messages a second of a bulk send without a throttle: what its channel can take."""
    throughput = standing(unit).limits.throughput
    return unit.world.policy.sends_per_second if throughput is None else throughput.per_second


def _reach(unit: Unit, contact_id: str, tier: int) -> bool:
    """Count this person as reached now; False when the tier is full without them.

    Whoever was reached longest ago comes first, so finding a free place takes one look.
    """
    people = unit.store.reached
    known = people.one("contact", contact_id)
    if known is None or not rules.still_counts(known, unit.now):
        while people.count() >= tier:
            first = next(people.newest())
            if rules.still_counts(first, unit.now):
                return False
            people.delete(first.id)
    if known is not None:
        people.delete(known.id)
    people.put(rules.reached(contact_id, unit.now))
    return True


def _marketed(unit: Unit, contact_id: str, cap: MarketingCap) -> Marketed | None:
    record = unit.store.marketed.get(contact_id) or Marketed(contact_id)
    return rules.after_marketing(record, cap, unit.now)


def _meter(unit: Unit, meter_id: str) -> Meter:
    return unit.store.meters.get(meter_id) or Meter(meter_id)


def _passed(meter: Meter | None, code: int) -> Meter:
    if meter is None:
        error = meta_error(code)
        raise MetaRejected(error.code, error.title, error.details)
    return meter
