"""What is done so that every kind of event happens: once over the control plane, and as far as it goes without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.dice import Dice
from contracts.speech.base import GREETING

if TYPE_CHECKING:
    from contracts.laws.case import Case
    from contracts.webhooks.desk import ControlledDesk

SOME = ("message.read", "optout.created")
"""What the second endpoint wants."""

OUTBOUND = ("message.sent", "message.delivered", "message.read", "message.failed")
INBOUND = ("conversation.opened", "message.received")
_ARRIVES = 30.0
"""Seconds in which everything about a message has happened."""


def tell(case: Case, desk: ControlledDesk) -> None:
    """The whole of it, from a first word to a closed conversation. Each step is kept in `desk.story`."""
    desk.subscribe(case, "everything")
    desk.subscribe(case, "some", *SOME)
    ada, ben = case.scene.people.several(2)
    _talk(case, desk, ada, ben)
    _opt_out(case, desk, ada, ben)
    _review(case, desk, ben)
    _close(case, desk, ben)


def _talk(case: Case, desk: ControlledDesk, ada: str, ben: str) -> None:
    send, control = case.scene.speech.verbs["send"], desk.control
    desk.tell(case, control.inbound(ada), "somebody writes for the first time", *INBOUND)
    desk.tell(case, control.inbound(ada, "Ünïcödé \u2028 🎈 <&>"), "somebody writes again", "message.received")
    desk.tell(case, send(ada, GREETING), "we answer", *OUTBOUND[:3], wait=_ARRIVES)
    opened = ("conversation.opened", "message.failed")
    desk.tell(case, send(ben, GREETING), "we write to somebody who never wrote", *opened, wait=_ARRIVES)


def _opt_out(case: Case, desk: ControlledDesk, ada: str, ben: str) -> None:
    control, opt_out = desk.control, case.scene.speech.verbs["opt_out"]
    desk.tell(case, control.inbound(ada, "STOP"), "somebody says stop", "message.received", "optout.created")
    desk.tell(case, control.inbound(ada, "START"), "somebody says start", "message.received")
    channel = _channel(desk)
    desk.tell(case, opt_out("set", ben, channel), "an opt-out over the API", "optout.created")
    desk.tell(case, opt_out("set", ben, channel), "the same opt-out again")
    desk.tell(case, opt_out("clear", ben, channel), "the opt-out is cleared")


def _review(case: Case, desk: ControlledDesk, ben: str) -> None:
    control, event = desk.control, "template.status_updated"
    made = case.must(
        case.ask(control.new_template(f"notice_{Dice(case.scene.settings.seed, 'webhooks').word()}")),
        "making a template",
    )
    desk.tell(case, control.review(made["id"], "APPROVED"), "a template is approved", event)
    queue = case.scene.speech.verbs["queue"](made["id"], _channel(desk), [{"phone": ben, "bodyParameters": []}])
    desk.tell(case, queue, "it is sent in bulk", *OUTBOUND[:3], wait=_ARRIVES)
    desk.tell(case, control.review(made["id"], "REJECTED", "It says too little."), "a template is rejected", event)


def _close(case: Case, desk: ControlledDesk, ben: str) -> None:
    wrote = desk.tell(case, desk.control.inbound(ben), "somebody writes at last", "message.received")
    conversation = str(wrote.told.get("conversationId"))
    desk.tell(case, desk.control.close(conversation), "a conversation is closed", "conversation.closed")
    desk.tell(case, desk.control.inbound(ben), "somebody writes into a closed conversation", *INBOUND)


def _channel(desk: ControlledDesk) -> str:
    """The channel in which all this happens."""
    return str(desk.story[0].told.get("whatsappChannelId"))
