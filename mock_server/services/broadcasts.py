"""A template to one person, at once: a bulk send of one, named by the template's name and filled in by names (D68)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mock_server.domain import jobs
from mock_server.domain.accounts import require_sending
from mock_server.domain.contacts import personalized
from mock_server.domain.errors import Invalid, MetaRejected
from mock_server.domain.jobs import HeaderMedia, Job, Outcome, Recipient
from mock_server.domain.templates import button_values, fit, header_media_type, require_sendable
from mock_server.services import channels, contacts, templates
from mock_server.services.accounts import standing
from mock_server.services.jobs import Sent, send_to

if TYPE_CHECKING:
    from mock_server.domain.channels import Channel
    from mock_server.domain.contacts import Contact
    from mock_server.domain.phones import Phone
    from mock_server.domain.templates import Template
    from mock_server.world import Unit, World

AUTO_CREATED = "send_template_auto_create"
"""The `source` of a contact that a send made (FlowIQ: send-template)."""


@dataclass(frozen=True, slots=True)
class Broadcast:
    """What is asked for. `values` and `buttons` by name or number; `newcomer` names a stranger, who is refused without."""

    template_name: str
    phone: Phone
    newcomer: str | None
    values: dict[str, str]
    buttons: dict[str, str]
    header_link: str | None
    member_id: str | None


def send(world: World, wanted: Broadcast, operation: str) -> tuple[Job, Contact, Sent]:
    """Send it now. `operation` is the call that asks for it.

    What WhatsApp refuses, and an opt-out, are outcomes and stand in the books of the job.

    Raises Invalid, PaymentRequired, OtherProvider, MetaNotConnected, NotFound.
    """
    with world.unit() as unit:
        require_sending(standing(unit))
        channel = channels.sender(unit, None)
        template = templates.by_name(unit, wanted.template_name, channel.waba_id)
        contact = _recipient(unit, wanted)
        job = replace(_job(unit, wanted, template, channel), operation=operation)
        sent = _send(world, unit, job, template, _filled(wanted, template, contact))
        job = jobs.count(job, sent.outcome, sent.reason, unit.now)
        unit.store.jobs.put(job)
        return job, contact, sent


def _send(world: World, unit: Unit, job: Job, template: Template, recipient: Recipient) -> Sent:
    try:
        require_sendable(template, job.header.kind if job.header else None)
    except MetaRejected as refusal:
        return Sent(Outcome.REJECTED, str(refusal))
    return send_to(world, unit, job, template, recipient)


def _recipient(unit: Unit, wanted: Broadcast) -> Contact:
    contact = contacts.find(unit, wanted.phone)
    if contact is not None:
        return contact
    if wanted.newcomer is None:
        raise Invalid(
            "whatsappNumber",
            f"No contact exists with WhatsApp number {wanted.phone.wa_id}. Pass bodyParameters.name to create it.",
        )
    return contacts.find_or_create(unit, wanted.phone, wanted.newcomer, AUTO_CREATED)


def _job(unit: Unit, wanted: Broadcast, template: Template, channel: Channel) -> Job:
    link = wanted.header_link
    job = Job(
        id=unit.new_id(),
        template_id=template.id,
        requested=wanted.template_name,
        channel_id=channel.id,
        header=HeaderMedia((header_media_type(template) or "IMAGE").lower(), link, None) if link else None,
        created_at=unit.now,
        scheduled_for=None,
        interval=0,
        recipients=1,
        member_id=wanted.member_id,
    )
    return jobs.start(job, unit.now)


def _filled(wanted: Broadcast, template: Template, contact: Contact) -> Recipient:
    values = {name: personalized(value, contact) for name, value in wanted.values.items()}
    links = [personalized(value, contact) for value in wanted.buttons.values()]
    return Recipient(
        phone=None,
        contact_id=contact.id,
        body=fit(template, values),
        buttons=button_values(template, links),
        repeated=False,
    )
