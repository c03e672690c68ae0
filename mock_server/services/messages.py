"""Messages out and in, and each step of their way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mock_server.domain import magic, templates, wamids
from mock_server.domain.accounts import require_sending
from mock_server.domain.chats import window_open
from mock_server.domain.content import MEDIA, SAID, Content, require_transferable
from mock_server.domain.errors import MetaRejected, OptedOut
from mock_server.domain.journeys import REENGAGEMENT, Journey, failing
from mock_server.domain.messages import (
    ANNOUNCED,
    Direction,
    Message,
    MessageStatus,
    MetaError,
    Reaction,
    can_move,
    move,
    react,
)
from mock_server.domain.meta_errors import DEFAULT_FAILURE, meta_error
from mock_server.domain.optouts import Keyword, OptOutSource, keyword
from mock_server.domain.phones import Phone, parse
from mock_server.domain.tasks import Task, TaskKind
from mock_server.services import analytics, channels, contacts, conversations, limits, optouts, quality
from mock_server.services.accounts import standing
from mock_server.services.lookup import existing
from mock_server.services.outbox import announce

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mock_server.domain.channels import Channel
    from mock_server.domain.chats import Chat
    from mock_server.domain.contacts import Contact
    from mock_server.domain.conversations import Conversation
    from mock_server.domain.instant import Instant
    from mock_server.domain.templates import Template
    from mock_server.world import Unit, World


def send_text(world: World, *, to: str, text: str, channel_id: str | None, fails_with: int | None = None) -> Message:
    """Free-form text to a number, as `send`."""
    return send(world, to=parse(to, "to"), content=Content("text", text), channel_id=channel_id, fails_with=fails_with)


def send(
    world: World,
    *,
    to: Phone,
    content: Content,
    channel_id: str | None = None,
    only_known: bool = False,
    fails_with: int | None = None,
) -> Message:
    """Anything free-form to a number. The checks come in the order of D4; the first that fails answers.

    A stranger becomes a contact, or is refused where `only_known`. `fails_with` is the WhatsApp error code that a fault has
    ordered for it. Raises Invalid, PaymentRequired, OtherProvider, MetaNotConnected, NotFound, OptedOut, MediaFailed,
    MetaRejected.
    """
    with world.unit() as unit:
        require_sending(standing(unit))
        channel = channels.sender(unit, channel_id)
        contact = contacts.known(unit, to) if only_known else contacts.find_or_create(unit, to)
        if channel.id in contact.opted_out_on:
            raise OptedOut(contact.phone, channel.id)
        chat = contacts.chat(unit, contact.id, channel.id)
        if content.type in MEDIA:
            require_transferable(content)
        journey = _fate(contact, fails_with) or _journey_of_text(world, unit, chat)
        limits.require_room(unit, chat)
        _, conversation = conversations.for_sending(unit, chat)
        if content.type == "reaction":
            _react(unit, contact, content, channel.phone[1:])
        until = limits.expires_at(unit, None)
        message = _new(unit, contact, conversation, Direction.OUTBOUND, content, until)
        return _accept(unit, contact, message, journey)


@dataclass(frozen=True, slots=True)
class TemplateSend:
    """An approved template and values that fit it; which job it is part of; the code that a fault has ordered for it; the
    teammate it comes from.
    """

    template: Template
    body: tuple[str, ...]
    job_id: str | None = None
    fails_with: int | None = None
    member_id: str | None = None


def send_template(world: World, contact: Contact, channel: Channel, send: TemplateSend) -> Message:
    """A template to somebody who has not opted out: allowed outside the service window. Raises MetaRejected."""
    with world.unit() as unit:
        journey = _fate(contact, send.fails_with) or world.policy.journey
        chat = contacts.chat(unit, contact.id, channel.id)
        limits.require_room(unit, chat)
        _, conversation = conversations.for_sending(unit, chat)
        until = limits.expires_at(unit, send.template)
        content = Content("template", templates.render(send.template, send.body))
        message = _new(unit, contact, conversation, Direction.OUTBOUND, content, until)
        message = replace(message, template_id=send.template.id, job_id=send.job_id, member_id=send.member_id)
        fate = limits.fate(unit, send.template, chat, journey)
        fate = quality.hold(unit, send.template, message, fate) if fate is journey else fate
        return _accept(unit, contact, message, fate)


def receive_text(world: World, *, sender: str, text: str, channel_id: str | None, profile_name: str | None) -> Message:
    """A contact writes text, as `receive`."""
    content = Content("text", text)
    return receive(world, sender=sender, content=content, channel_id=channel_id, profile_name=profile_name)


def receive(
    world: World, *, sender: str, content: Content, channel_id: str | None, profile_name: str | None
) -> Message:
    """A contact writes. Opens the service window, reopens the conversation, obeys STOP and START (D13, D17)."""
    number = parse(sender, "from")
    with world.unit() as unit:
        channel = channels.find(unit, channel_id) if channel_id else channels.default(unit)
        contact = contacts.find_or_create(unit, number, profile_name)
        chat = replace(contacts.chat(unit, contact.id, channel.id), last_inbound_at=unit.now)
        chat, conversation = conversations.for_receiving(unit, chat)
        unit.store.chats.put(chat)
        contact = contacts.mark_unread(unit, contact, unread=True)
        if content.type == "reaction":
            _react(unit, contact, content, contact.key)
        message = replace(_new(unit, contact, conversation, Direction.INBOUND, content), profile_name=profile_name)
        unit.store.messages.put(message)
        limits.count_inbound(unit, channel.id)
        _announce(unit, message)
        if content.type in SAID and content.text:
            _obey(world, contact, channel.id, content.text)
        return message


def force(world: World, message_id: str, status: MessageStatus, code: int | None) -> Message:
    """Move a message by hand; what its journey still had in store happens only where it is still legal.

    `code` is WhatsApp's, for a failure. Raises NotFound, and Conflict for a move that is not in the table.
    """
    with world.unit() as unit:
        message = existing(unit.store.messages, message_id, "message")
        limits.require_alive(message, status, unit.now)
        error = meta_error(code or DEFAULT_FAILURE) if status is MessageStatus.FAILED else None
        return _moved(unit, message, status, error)


def take_step(world: World, task: Task) -> None:
    """The next step of a message's journey fell due. An illegal one changes nothing and announces nothing."""
    journey = task.detail or ()
    step, rest = journey[0], journey[1:]
    with world.unit() as unit:
        message = unit.store.messages.get(task.subject)
        if message is None:
            return
        if step.reply is not None:
            receive_text(world, sender=message.phone, text=step.reply, channel_id=message.channel_id, profile_name=None)
        elif step.noise:
            _announce(unit, replace(message, status=step.status, error=step.error), step.lag)
        elif can_move(message, step.status) and not limits.gone(message, step.status, unit.now):
            message = _moved(unit, message, step.status, step.error, step.lag)
        _follow(unit, message, rest)


def _fate(contact: Contact, fails_with: int | None) -> Journey | None:
    """The journey that a fault or a magic number brings; None for everybody else. Raises MetaRejected, if that is it."""
    outcome = magic.outcome(contact.phone) if fails_with is None else magic.failing_with(fails_with)
    if outcome is None:
        return None
    if outcome.refusal is not None:
        raise MetaRejected(outcome.refusal.code, outcome.refusal.title, outcome.refusal.details)
    return outcome.journey


def _journey_of_text(world: World, unit: Unit, chat: Chat) -> Journey:
    """D12: outside the service window free-form text fails, at once or later as the policy says."""
    policy = world.policy
    if window_open(chat, unit.now, policy.service_window):
        return policy.journey
    if policy.closed_window == "reject":
        raise MetaRejected(REENGAGEMENT.code, REENGAGEMENT.title, REENGAGEMENT.details)
    return failing(REENGAGEMENT)


def of_contact(unit: Unit, contact: Contact) -> Iterator[Message]:
    """All their messages in both directions and on every channel, newest first."""
    return unit.store.messages.newest(index="contact", value=contact.id)


def _react(unit: Unit, contact: Contact, content: Content, sender: str) -> None:
    """The message that is reacted to shows it, if it is one of this contact's."""
    payload = content.payload or {}
    wamid = payload.get("messageId")
    for message in of_contact(unit, contact):
        if message.wamid == wamid:
            unit.store.messages.put(react(message, Reaction(payload.get("emoji") or "", sender)))
            return


def _new(
    unit: Unit,
    contact: Contact,
    conversation: Conversation,
    direction: Direction,
    content: Content,
    expires_at: Instant | None = None,
) -> Message:
    outbound = direction is Direction.OUTBOUND
    inner_length = wamids.OUTBOUND_INNER_LENGTH if outbound else wamids.INBOUND_INNER_LENGTH
    status = MessageStatus.PENDING if outbound else MessageStatus.RECEIVED
    inner = unit.world.dice.upper_hex(inner_length)
    return Message(
        id=unit.new_id(),
        direction=direction,
        channel_id=conversation.channel_id,
        contact_id=contact.id,
        conversation_id=conversation.id,
        wamid=wamids.encode(wamids.Wamid(contact.key, outbound, inner)),
        phone=contact.phone,
        type=content.type,
        text=content.text,
        status=status,
        created_at=unit.now,
        history=((status, unit.now),),
        expires_at=expires_at,
        payload=content.payload,
        reply_to=content.reply_to,
    )


def _accept(unit: Unit, contact: Contact, message: Message, journey: Journey) -> Message:
    """An outbound message is taken in, and its journey begins."""
    unit.store.messages.put(message)
    contacts.mark_unread(unit, contact, unread=False)
    analytics.count(unit, message, None)
    _follow(unit, message, journey)
    unit.afterwards(unit.world.sent)
    return message


def _follow(unit: Unit, message: Message, journey: Journey) -> None:
    """Schedule the next step, the rest of the journey in its pocket."""
    if journey:
        unit.schedule(TaskKind.JOURNEY, message.id, message.created_at + journey[0].after, journey)


def _moved(unit: Unit, message: Message, status: MessageStatus, error: MetaError | None, lag: int = 0) -> Message:
    moved = move(message, status, unit.now, error)
    unit.store.messages.put(moved)
    analytics.count(unit, moved, message.status)
    _announce(unit, moved, lag)
    return moved


def _announce(unit: Unit, message: Message, lag: int = 0) -> None:
    """All that is told of a message in its present status."""
    for kind in ANNOUNCED[message.status]:
        announce(unit, kind, message, lag)


def _obey(world: World, contact: Contact, channel_id: str, text: str) -> None:
    word = keyword(text)
    if word is Keyword.STOP:
        optouts.opt_out(world, contact, channel_id, reason=text.strip()[:500], source=OptOutSource.KEYWORD)
    elif word is Keyword.START:
        optouts.opt_in(world, contact, channel_id)
