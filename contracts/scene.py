"""What the laws share: the client, the vendor's speech, people, and what was found out about the server."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from contracts.control import Control
from contracts.settings import FULL, READONLY
from contracts.speech.base import GREETING
from contracts.stops import Denied, NotReached

if TYPE_CHECKING:
    from collections.abc import Callable

    from contracts.book import Book
    from contracts.client import Client
    from contracts.exchange import Answer, Call
    from contracts.findings import Findings
    from contracts.laws.case import Case
    from contracts.ledger import Ledger
    from contracts.mask import Mask
    from contracts.people import People
    from contracts.settings import Settings
    from contracts.shapes import Shapes
    from contracts.spec import Spec
    from contracts.speech.base import Speech
    from contracts.webhooks.desk import Desk


_DEEPEST = 40
"""Pages of a list that are looked through for one row."""


@dataclass
class Scene:
    """One server, as far as it is known."""

    settings: Settings
    book: Book
    spec: Spec
    speech: Speech
    shapes: Shapes
    client: Client
    people: People
    findings: Findings
    ledger: Ledger
    mask: Mask
    who: Answer | None = None
    _channel: str | None = None
    _template: dict[str, Any] | None = None
    seen: dict[str, Any] = field(default_factory=dict)
    made_orgs: list[str] = field(default_factory=list)
    spoiled: set[int] = field(default_factory=set)
    """Exchanges that somebody complained about already: nothing else is concluded from them."""
    _samples: list[Call] | None = None
    desk: Desk | None = None
    """Where webhooks are brought about and come in, when it is about those."""

    @property
    def may_write(self) -> bool:
        """Whether the profile allows any change."""
        return self.settings.what_may_be_done != READONLY

    def may_burst(self) -> None:
        """Raises Denied where the server is somebody else's too."""
        if self.settings.what_may_be_done != FULL:
            raise Denied("only profile full asks faster than --rate")

    @property
    def control(self) -> Control:
        """The fake's control plane. Raises NotReached when it was not given."""
        if not self.has_control:
            raise NotReached("it takes a control plane: --control-url http://127.0.0.1:8484/_mock", required=False)
        who = self.who.json if self.who else None
        org = who.get("organizationId") if isinstance(who, dict) else None
        return Control(org if isinstance(org, str) else "default")

    def keep_key(self, name: str, key: str) -> None:
        """A key that was made on the way: calls may be made with it, and no report shows it."""
        self.client.know_key(name, key)
        self.mask.learn_secret(key)

    @staticmethod
    def control_of(org: str) -> Control:
        """The control plane of an organization that was made on the way."""
        return Control(org)

    @property
    def has_control(self) -> bool:
        """Whether the fake's control plane was given."""
        return self.settings.control_url is not None and self.speech.controlled

    def samples(self, case: Case) -> list[Call]:
        """One call of each operation that would succeed, as far as the profile allows and the server shows what it takes."""
        if self._samples is None:
            self._samples = list(self.speech.samples(case))
        return self._samples

    def writable_to(self, case: Case, number: str) -> None:
        """See to it that free-form text to this number is welcome, where there are means to: let them write first."""
        if self.has_control and self.who is not None:
            case.ask(self.control.inbound(number))

    def send(self, case: Case, number: str, text: str = GREETING, channel: str | None = None) -> Answer:
        """Write to somebody. Raises NotReached when sending as such is not possible now."""
        self.writable_to(case, number)
        answer = case.verb("send", number, text, channel)
        code = self.speech.code(answer.json)
        if answer.status == 402 or code in {"META_REJECTED", "META_NOT_CONNECTED"}:
            raise NotReached(f"sending answered {answer.status} {code}: let the recipient write to the channel first")
        return answer

    def channel(self, case: Case) -> str:
        """The channel that messages go out from. The API shows one only where it was used, so a message is sent."""
        if self._channel is None:
            number = self.people.somebody()
            sent = case.must(self.send(case, number), "sending a message")
            self._channel = _channel_of(case, sent.get("conversationId"))
        return self._channel

    def second_channel(self, case: Case) -> str:
        """Another channel of the same organization, for which the control plane is asked."""
        first = self.channel(case)
        rows = case.must(case.ask(self.control.channels()), "the control plane's list of channels").get("items", [])
        others = [row["id"] for row in rows if row["id"] != first and row.get("connected", True)]
        if not others:
            raise NotReached("it takes a second connected channel", required=False)
        return str(others[0])

    def template(self, case: Case) -> dict[str, Any]:
        """An approved template with as little to fill in as there is."""
        if self._template is None:
            from contracts.exchange import get

            rows = self.speech.listings[-1].items(
                case.must(case.ask(get("/templates", status="APPROVED", limit=100)), "listTemplates")
            )
            plain = [row for row in rows if isinstance(row, dict) and not variables(row) and _is_plain(row)]
            if not plain:
                raise NotReached("it takes an approved template with neither header media nor buttons")
            self._template = plain[0]
        return self._template

    def recipient(self, case: Case, number: str) -> dict[str, Any]:
        """One recipient of a bulk send of `template`."""
        return {"phone": number, "bodyParameters": [f"value {n}" for n in range(variables(self.template(case)))]}


def variables(template: dict[str, Any]) -> int:
    """How many values a template's body takes."""
    import re

    texts = [str(c.get("text", "")) for c in template.get("components", []) if isinstance(c, dict)]
    return len({found for text in texts for found in re.findall(r"\{\{(\w+)\}\}", text)})


def _is_plain(template: dict[str, Any]) -> bool:
    parts = [c for c in template.get("components", []) if isinstance(c, dict)]
    return not any(c.get("type") == "BUTTONS" or c.get("format", "TEXT") != "TEXT" for c in parts)


def find(case: Case, verb: str, what: str, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any] | None:
    """A row of a list, many pages deep: a person who was written to before has an old conversation."""
    cursor = None
    for _ in range(_DEEPEST):
        page = case.must(case.verb(verb, 100, cursor), what)
        rows = page.get("items", [])
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict) and fits(row):
                return row
        cursor = page.get("nextCursor")
        if cursor is None:
            break
    return None


def _channel_of(case: Case, conversation: Any) -> str:
    """Where a conversation is."""
    row = find(case, "conversations", "the list of conversations", lambda row: row.get("id") == conversation)
    if row is None:
        raise NotReached("the conversation of a message that was sent is not in the list, so its channel is unknown")
    return str(row.get("whatsappChannelId"))
