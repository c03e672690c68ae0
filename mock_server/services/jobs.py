"""Bulk sends: queueing a job, and each recipient when it falls due (D14)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mock_server.domain import jobs
from mock_server.domain.accounts import require_sending
from mock_server.domain.errors import Invalid, MetaNotConnected, MetaRejected, NotFound, PaymentRequired, Refusal
from mock_server.domain.faults import META_ERROR
from mock_server.domain.fields import fields_of
from mock_server.domain.instant import Instant, iso
from mock_server.domain.jobs import Audience, HeaderMedia, Job, Outcome, Recipient
from mock_server.domain.tasks import Task, TaskKind
from mock_server.domain.templates import Template, TemplateStatus, misfit, rejected, require_sendable
from mock_server.services import channels, contacts, faults, limits, messages
from mock_server.services.accounts import standing
from mock_server.services.messages import TemplateSend

if TYPE_CHECKING:
    from mock_server.domain.contacts import Contact
    from mock_server.world import Unit, World


@dataclass(frozen=True, slots=True)
class NewJob:
    """What is asked for. `recipients` have their numbers parsed; repeats are found here."""

    template_id: str
    template_waba_id: str | None
    channel_id: str
    header: HeaderMedia | None
    recipients: list[Recipient]
    scheduled_for: Instant | None
    throttle_per_hour: int | None


def queue(world: World, wanted: NewJob, operation: str) -> Job:
    """Take a job in, or refuse it whole. Checks in the order of D4. `operation` is the call that asks for it.

    Raises Invalid, PaymentRequired, MetaNotConnected, NotFound, MetaRejected.
    """
    with world.unit() as unit:
        if wanted.scheduled_for is not None and wanted.scheduled_for < unit.now:
            raise Invalid("scheduledAt", f"{iso(wanted.scheduled_for)} is in the past; it is {iso(unit.now)} now")
        require_sending(standing(unit))
        channel = channels.sender(unit, wanted.channel_id)
        template = _template(unit, wanted)
        recipients = _without_strangers(unit, wanted.recipients)
        require_sendable(template, wanted.header.kind if wanted.header else None)
        if template.waba_id != channel.waba_id:
            raise rejected(
                132001, f"template {template.name} belongs to WABA {template.waba_id}, the channel to another"
            )
        job = Job(
            id=unit.new_id(),
            template_id=template.id,
            requested=wanted.template_id,
            channel_id=channel.id,
            header=wanted.header,
            created_at=unit.now,
            scheduled_for=wanted.scheduled_for,
            interval=jobs.interval(wanted.throttle_per_hour, limits.bulk_pace(unit)),
            recipients=len(recipients),
            operation=operation,
        )
        unit.store.jobs.put(job)
        unit.store.audiences.put(Audience(job.id, recipients))
        unit.schedule(TaskKind.JOB, job.id, wanted.scheduled_for or unit.now)
        return job


def step(world: World, task: Task) -> None:
    """The next recipient is due. A template that stopped being approved ends the job for all that are left."""
    with world.unit() as unit:
        job, audience = unit.store.jobs.get(task.subject), unit.store.audiences.get(task.subject)
        if job is None or audience is None:
            return
        started_at = job.started_at if job.started_at is not None else task.due
        if job.started_at is None:
            job = jobs.start(job, started_at)
        job = _send_next(world, unit, job, audience)
        unit.store.jobs.put(job)
        if job.pending:
            unit.schedule(TaskKind.JOB, job.id, jobs.due_at(job, started_at))
        else:
            unit.store.audiences.delete(job.id)


def _send_next(world: World, unit: Unit, job: Job, audience: Audience) -> Job:
    template = unit.store.templates.get(job.template_id)
    if template is None or template.status is not TemplateStatus.APPROVED:
        why = f"template is {template.status}" if template else "template is gone"
        return jobs.count(job, Outcome.REJECTED, why, unit.now, recipients=job.pending)
    outcome, reason = _send_to(world, unit, job, template, audience.recipients[job.settled])
    return jobs.count(job, outcome, reason, unit.now)


def _send_to(
    world: World, unit: Unit, job: Job, template: Template, recipient: Recipient
) -> tuple[Outcome, str | None]:
    if recipient.repeated:
        return Outcome.SUPPRESSED, "named before in this job"
    wrong = misfit(template, recipient.body, tuple((b.index, len(b.values)) for b in recipient.buttons))
    if wrong is not None:
        return Outcome.REJECTED, wrong
    try:
        require_sending(standing(unit))
        channel = channels.sender(unit, job.channel_id)
    except (PaymentRequired, MetaNotConnected, NotFound) as refusal:
        return Outcome.REJECTED, str(refusal)
    contact = _contact(unit, recipient)
    if channel.id in contact.opted_out_on:
        return Outcome.SUPPRESSED, "opted out"
    try:
        fails_with = _ordered_error(unit, job, contact)
        messages.send_template(world, contact, channel, TemplateSend(template, recipient.body, job.id, fails_with))
    except MetaRejected as refusal:
        return Outcome.REJECTED, str(refusal)
    return Outcome.ACCEPTED, None


def _ordered_error(unit: Unit, job: Job, contact: Contact) -> int | None:
    """The code that a fault has WhatsApp refuse this recipient's message with. A rule sees each recipient, not the job."""
    if not unit.store.faults.count():
        return None
    about = {"to": contact.phone, "templateId": job.template_id, "whatsappChannelId": job.channel_id, "jobId": job.id}
    struck = faults.strike(unit, job.operation, fields_of(about), {META_ERROR})
    return next((one.effect.settings["code"] for one in struck.values()), None)


def _contact(unit: Unit, recipient: Recipient) -> Contact:
    known = unit.store.contacts.get(recipient.contact_id) if recipient.contact_id else None
    if known is not None:
        return known
    if recipient.phone is None:
        raise Refusal(f"Contact {recipient.contact_id} is gone")
    return contacts.find_or_create(unit, recipient.phone)


def _template(unit: Unit, wanted: NewJob) -> Template:
    """By our id, or by Meta's together with the WABA it belongs to. Raises NotFound."""
    template = unit.store.templates.get(wanted.template_id)
    if template is None and wanted.template_id.isdecimal():
        template = next(
            (
                t
                for t in unit.store.templates.newest()
                if (t.meta_template_id, t.waba_id) == (wanted.template_id, wanted.template_waba_id)
            ),
            None,
        )
    if template is None:
        named = [t.id for t in unit.store.templates.newest() if t.name == wanted.template_id]
        hint = f"that is a name; its id is {' or '.join(named)}" if named else "list them with GET /templates"
        raise NotFound("template", wanted.template_id, hint)
    return template


def _without_strangers(unit: Unit, recipients: list[Recipient]) -> tuple[Recipient, ...]:
    """The recipients with repeats marked. Raises NotFound for a contact id that is nobody's, naming its index."""
    seen: set[str] = set()
    marked = []
    for index, recipient in enumerate(recipients):
        key = recipient.phone.wa_id if recipient.phone else ""
        if recipient.contact_id is not None:
            contact = unit.store.contacts.get(recipient.contact_id)
            if contact is None:
                raise NotFound("contact", recipient.contact_id, f"it is recipients[{index}].contactId")
            key = contact.key
        marked.append(_repeated(recipient) if key in seen else recipient)
        seen.add(key)
    return tuple(marked)


def _repeated(recipient: Recipient) -> Recipient:
    return Recipient(recipient.phone, recipient.contact_id, recipient.body, recipient.buttons, repeated=True)
