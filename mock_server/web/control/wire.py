"""Records as the control plane's JSON: everything the world knows, secrets but for a hint left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mock_server import limits
from mock_server.domain.instant import HOUR, Instant, iso, iso_or_none
from mock_server.domain.messages import Direction

if TYPE_CHECKING:
    from mock_server.clock import Reading
    from mock_server.domain.accounts import Account
    from mock_server.domain.api_keys import ApiKey
    from mock_server.domain.channels import Channel
    from mock_server.domain.contacts import Contact
    from mock_server.domain.conversations import Conversation
    from mock_server.domain.endpoints import Endpoint
    from mock_server.domain.jobs import Job
    from mock_server.domain.messages import Message
    from mock_server.domain.optouts import OptOut
    from mock_server.domain.templates import Template
    from mock_server.world import World

Json = dict[str, Any]


def org(world: World) -> Json:
    """One organization with counts."""
    store = world.store
    counts = {
        "channels": store.channels.count(),
        "templates": store.templates.count(),
        "contacts": store.contacts.count(),
        "conversations": store.conversations.count(),
        "messages": store.messages.count(),
        "webhooks": store.endpoints.count(),
        "deliveries": store.deliveries.count(),
        "requests": store.requests.count(),
        "pending": store.tasks.count(),
    }
    return {
        "id": world.org.id,
        "name": world.org.name,
        "seed": world.org.seed,
        "rngSeed": world.org.rng_seed,
        "createdAt": iso(world.org.created_at),
        "counts": counts,
    }


def clock(reading: Reading) -> Json:
    """The clock and what waits for it."""
    return {
        "mode": reading.mode,
        "now": iso(reading.now),
        "scale": reading.scale if reading.mode == "scaled" else None,
        "pending": reading.pending,
        "nextDueAt": None if reading.next_due_at is None else due(reading.next_due_at),
    }


def due(at: Instant) -> str:
    """When something falls due, rounded up to the millisecond: who advances to it finds it done."""
    return iso(-(-at // 1000) * 1000)


def api_key(key: ApiKey) -> Json:
    """A row of Settings > API keys."""
    return {
        "id": key.id,
        "label": key.label,
        "prefix": key.prefix,
        "status": "active" if key.revoked_at is None else "revoked",
        "createdAt": iso(key.created_at),
        "lastUsedAt": iso_or_none(key.last_used_at),
        "revokedAt": iso_or_none(key.revoked_at),
    }


def webhook(endpoint: Endpoint) -> Json:
    """A row of Settings > Webhooks."""
    return {
        "id": endpoint.id,
        "url": endpoint.url,
        "events": list(endpoint.events) or ["*"],
        "active": endpoint.active,
        "failuresInRow": endpoint.failures_in_row,
        "secretHint": f"whsec_…{endpoint.secret[-4:]}" if endpoint.secret else None,
        "vendor": endpoint.vendor,
        "platform": endpoint.platform,
        "createdAt": iso(endpoint.created_at),
        "disabledAt": iso_or_none(endpoint.disabled_at),
        "disabledReason": endpoint.disabled_reason,
    }


def channel(record: Channel) -> Json:
    """A WhatsApp sender."""
    return {
        "id": record.id,
        "name": record.name,
        "phone": record.phone,
        "phoneNumberId": record.phone_number_id,
        "wabaId": record.waba_id,
        "isDefault": record.is_default,
        "connected": record.connected,
        "createdAt": iso(record.created_at),
    }


def template(record: Template) -> Json:
    """A template with Meta's reason."""
    return {
        "id": record.id,
        "metaTemplateId": record.meta_template_id,
        "wabaId": record.waba_id,
        "name": record.name,
        "language": record.language,
        "category": record.category,
        "status": record.status,
        "reason": record.reason,
        "quality": record.quality,
        "components": list(record.components),
        "createdAt": iso(record.created_at),
        "updatedAt": iso(record.updated_at),
    }


def account(record: Account, world: World) -> Json:
    """The organization's standing."""
    limit = world.rate_limit
    return {
        "billing": record.billing,
        "metaConnected": record.meta_connected,
        "provider": record.provider,
        "rateLimit": None if limit is None else {"perSecond": limit.per_second, "burst": limit.burst},
        "limits": limits.shown(record.limits),
    }


def message(record: Message, world: World) -> Json:
    """A message in either direction, with each status and its time."""
    own = world.store.channels.get(record.channel_id)
    ours = own.phone if own else ""
    outbound = record.direction is Direction.OUTBOUND
    error = record.error
    return {
        "id": record.id,
        "direction": record.direction,
        "status": record.status,
        "type": record.type,
        "text": record.text,
        "payload": record.payload,
        "replyTo": record.reply_to,
        "reactions": [{"emoji": one.emoji, "from": one.sender} for one in record.reactions],
        "to": record.phone if outbound else ours,
        "from": ours if outbound else record.phone,
        "contactId": record.contact_id,
        "conversationId": record.conversation_id,
        "whatsappChannelId": record.channel_id,
        "metaMessageId": record.wamid,
        "templateId": record.template_id,
        "jobId": record.job_id,
        "memberId": record.member_id,
        "createdAt": iso(record.created_at),
        "expiresAt": iso_or_none(record.expires_at),
        "statuses": [{"status": status, "at": iso(at)} for status, at in record.history],
        "error": error and {"code": error.code, "title": error.title, "details": error.details},
    }


def conversation(record: Conversation, window_closes_at: Instant | None) -> Json:
    """A conversation, with the end of its contact's service window if there ever was one."""
    return {
        "id": record.id,
        "status": record.status,
        "contactId": record.contact_id,
        "whatsappChannelId": record.channel_id,
        "createdAt": iso(record.created_at),
        "lastMessageAt": iso_or_none(record.last_message_at),
        "windowExpiresAt": iso_or_none(window_closes_at),
    }


def contact(record: Contact) -> Json:
    """A contact, with the channels on which they want nothing."""
    return {
        "id": record.id,
        "phone": record.phone,
        "waId": record.wa_id,
        "name": record.name,
        "email": record.email,
        "isOptedOut": record.is_opted_out,
        "optedOutOn": list(record.opted_out_on),
        "createdAt": iso(record.created_at),
        "updatedAt": iso(record.updated_at),
    }


def opt_out(record: OptOut) -> Json:
    """An opt-out, revoked or not."""
    return {
        "id": record.id,
        "contactId": record.contact_id,
        "whatsappChannelId": record.channel_id,
        "reason": record.reason,
        "source": record.source,
        "createdAt": iso(record.created_at),
        "revokedAt": iso_or_none(record.revoked_at),
    }


def job(record: Job) -> Json:
    """A bulk send with its books."""
    return {
        "id": record.id,
        "status": record.status,
        "templateId": record.template_id,
        "whatsappChannelId": record.channel_id,
        "createdAt": iso(record.created_at),
        "throttlePerHour": HOUR / record.interval if record.interval else None,
        "scheduledFor": iso_or_none(record.scheduled_for),
        "startedAt": iso_or_none(record.started_at),
        "finishedAt": iso_or_none(record.finished_at),
        "recipients": record.recipients,
        "pending": record.pending,
        "accepted": record.accepted,
        "suppressed": record.suppressed,
        "rejected": record.rejected,
        "reasons": dict(record.reasons),
    }
