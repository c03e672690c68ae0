"""`flowella-mock trigger EVENT`: play what causes an event, over the control plane and the API, as it happens in reality."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import click

from mock_server.commands.client import Server, server_options
from mock_server.config import ENVIRONMENT_PREFIX
from mock_server.domain.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

SOMEBODY, SOMEBODY_ELSE = "+15550100001", "+15550100002"
"""One writes and reads, the other opts out."""

VISITOR = "visitor-1"
"""Somebody in the chat window of a web page."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a play is played. `settings` as given, `api_key` of the organization."""

    server: Server
    api_key: str
    settings: dict[str, str] = field(default_factory=dict)

    def said(self, name: str, otherwise: str) -> str:
        """A setting."""
        return self.settings.get(name, otherwise)

    def find(self, path: str, **filters: str) -> list[dict[str, Any]]:
        """The newest of a list."""
        found: list[dict[str, Any]] = self.server.control("GET", f"{path}?{urlencode({'limit': 100, **filters})}")[
            "items"
        ]
        return found

    def write(self, phone: str, text: str) -> dict[str, Any]:
        """A contact writes."""
        body = {"from": phone, "text": text}
        body |= {name: self.settings[name] for name in ("profileName", "channelId") if name in self.settings}
        message: dict[str, Any] = self.server.control("POST", "/inbound", body)
        click.echo(f"{phone} writes {text!r}: message {message['id']}")
        return message

    def send(self) -> str:
        """We write, to somebody who has written before, as free-form text needs."""
        phone, text = self.said("to", SOMEBODY), self.said("text", "Hello from trigger")
        if not phone.startswith("+1500"):  # magic numbers need no window
            self.write(phone, "Hello")
        sent: str = self.server.api("POST", "/messages", {"to": phone, "text": text}, self.api_key)["id"]
        click.echo(f"we write {text!r} to {phone}: message {sent}")
        return sent

    def move(self, message_id: str, *statuses: str, code: int | None = None) -> None:
        """WhatsApp reports, unless it has done so by itself."""
        for status in statuses:
            if status in {step["status"] for step in self.server.control("GET", f"/messages/{message_id}")["statuses"]}:
                continue  # time passes on its own
            body = {"status": status, **({"error": {"code": code}} if code else {})}
            self.server.control("POST", f"/messages/{message_id}/status", body)
            click.echo(f"WhatsApp reports {status}{f' ({code})' if code else ''}")


def _received(stage: Stage) -> None:
    stage.write(stage.said("from", SOMEBODY), stage.said("text", "Hello"))


def _status(*statuses: str) -> Callable[[Stage], None]:
    def play(stage: Stage) -> None:
        stage.move(stage.send(), *statuses)

    return play


def _failed(stage: Stage) -> None:
    code = stage.said("code", "131026")
    if not code.isdecimal():
        raise click.UsageError(f"--set code={code}: a WhatsApp error code is a number, like 131026")
    stage.move(stage.send(), "FAILED", code=int(code))


def _opened(stage: Stage) -> None:
    phone = stage.said("from", SOMEBODY)
    for message in stage.find("/messages", **{"from": phone})[:1]:
        _close(stage, message["conversationId"])
    stage.write(phone, stage.said("text", "Hello"))


def _closed(stage: Stage) -> None:
    message = stage.write(stage.said("from", SOMEBODY), stage.said("text", "Hello"))
    _close(stage, message["conversationId"])


def _close(stage: Stage, conversation_id: str) -> None:
    stage.server.control("PATCH", f"/conversations/{conversation_id}", {"status": "CLOSED"})
    click.echo(f"conversation {conversation_id} is closed")


def _opted_out(stage: Stage) -> None:
    channel = next((one["id"] for one in stage.find("/channels") if one["isDefault"]), None)
    body = {"whatsappChannelId": stage.said("channelId", channel or ""), "phone": stage.said("phone", SOMEBODY_ELSE)}
    stage.server.api("POST", "/opt-outs", {"action": "clear", **body}, stage.api_key)
    reason = stage.said("reason", "asked us on the phone")
    stage.server.api("POST", "/opt-outs", {"action": "set", "reason": reason, **body}, stage.api_key)
    click.echo(f"{body['phone']} opts out: {reason!r}")


def _reviewed(stage: Stage) -> None:
    templates = stage.find("/templates")
    wanted = stage.settings.get("template")
    found = [one for one in templates if wanted in {None, one["id"], one["name"]}]
    if not found:
        names = sorted({one["name"] for one in templates})
        raise click.UsageError(f"--set template={wanted}: there is no such template{did_you_mean(str(wanted), names)}")
    template = next((one for one in found if one["status"] == "APPROVED"), found[0])
    status = stage.said("status", "PAUSED" if template["status"] == "APPROVED" else "APPROVED")
    reason = {"reason": stage.settings["reason"]} if "reason" in stage.settings else {}
    stage.server.control("PATCH", f"/templates/{template['id']}", {"status": status, **reason})
    click.echo(f"Meta changes template {template['name']} ({template['language']}) to {status}")


def _test(stage: Stage) -> None:
    active = [one for one in stage.find("/webhooks") if one["active"]]
    wanted = stage.settings.get("webhook")
    chosen = [one for one in active if wanted in {None, one["id"], one["url"]}]
    if not chosen:
        there_are = ", ".join(one["url"] for one in active) or "none; flowella-mock listen makes one"
        raise click.ClickException(f"there is no active webhook {wanted or ''} to test (active: {there_are})")
    for webhook in chosen:
        stage.server.control("POST", f"/webhooks/{webhook['id']}/test", {})
        click.echo(f"Send test: {webhook['url']}")


def _called(stage: Stage) -> None:
    call = stage.server.control("POST", "/inbound", {"from": stage.said("from", SOMEBODY), "type": "call"})
    click.echo(f"{call['from']} calls: {call['wacid']}")


def _visited(stage: Stage) -> None:
    body = {"platform": "web", "visitorId": stage.said("visitorId", VISITOR), "text": stage.said("text", "Hello")}
    stage.server.control("POST", "/inbound", body)
    click.echo(f"visitor {body['visitorId']} writes {body['text']!r} on the web page")


def _answered_on_web(stage: Stage) -> None:
    body = {"visitorId": stage.said("visitorId", VISITOR), "text": stage.said("text", "How can we help?")}
    stage.server.control("POST", "/web-messages", body)
    click.echo(f"we answer visitor {body['visitorId']}: {body['text']!r}")


SENDING = ("to", "text", "profileName", "channelId")
WRITING = ("from", "text", "profileName", "channelId")

PLAYS: Mapping[str, tuple[Callable[[Stage], None], tuple[str, ...]]] = {
    "message.received": (_received, WRITING),
    "message.sent": (_status("SENT"), SENDING),
    "message.delivered": (_status("SENT", "DELIVERED"), SENDING),
    "message.read": (_status("SENT", "DELIVERED", "READ"), SENDING),
    "message.failed": (_failed, (*SENDING, "code")),
    "conversation.opened": (_opened, WRITING),
    "conversation.closed": (_closed, WRITING),
    "optout.created": (_opted_out, ("phone", "reason", "channelId")),
    "template.status_updated": (_reviewed, ("template", "status", "reason")),
    "webhook.test": (_test, ("webhook",)),
    "message.stored": (_status("SENT"), SENDING),
    "call": (_called, ("from",)),
    "web.message_received": (_visited, ("visitorId", "text")),
    "web.sent_message": (_answered_on_web, ("visitorId", "text")),
}
"""Each event, what causes it, and what can be set about that. The last two have FlowIQ's names: they happen on a web page."""


@click.command()
@click.argument("event")
@click.option(
    "--set", "settings", multiple=True, metavar="K=V", help="A detail, like to=+15551234567; may be repeated."
)
@click.option(
    "--api-key", envvar=f"{ENVIRONMENT_PREFIX}API_KEY", show_envvar=True, help="For another organization than default."
)
@server_options
def trigger(
    event: str, settings: tuple[str, ...], api_key: str | None, url: str, org: str, control_token: str | None
) -> None:
    """Have EVENT happen on a running server, by playing what causes it."""
    names = _names()
    if event not in names:
        raise click.UsageError(
            f"there is no event {event!r}{did_you_mean(event, names)} (there are: {', '.join(names)})"
        )
    play, known = PLAYS[names[event]]
    server = Server(url, org, control_token)
    given = dict(_pair(text, event, known) for text in settings)
    for key in _keys(server, org, api_key):
        play(Stage(server, key, given))


def _names() -> Mapping[str, str]:
    """What is played by the name of an event, whichever vendor's it is."""
    from mock_server.vendors.registry import DIALECTS

    told = {name: kind.value for one in DIALECTS for kind, name in one.tells.items()}
    return {**told, **{name: name for name in PLAYS}}


def _pair(text: str, event: str, known: tuple[str, ...]) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or name not in known:
        hint = did_you_mean(name, known)
        raise click.UsageError(f"--set {text}: for {event} there is {', '.join(f'{one}=…' for one in known)}{hint}")
    return name, value


def _keys(server: Server, org: str, given: str | None) -> Iterator[str]:
    """A key to call the API with; one made for the occasion is revoked again."""
    from mock_server.orgs import DEFAULT_API_KEY

    if given or org == "default":
        yield given or DEFAULT_API_KEY
        return
    made = server.control("POST", "/api-keys", {"label": "flowella-mock trigger"})
    try:
        yield made["secret"]
    finally:
        server.control("DELETE", f"/api-keys/{made['id']}")
