"""Events as they are posted: what is in them comes from the spec's examples, and is new each time."""

from __future__ import annotations

import base64
import binascii
import copy
import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from contracts.receiver.seals import RIGHT, Seal

if TYPE_CHECKING:
    from datetime import datetime

    from contracts.dice import Dice
    from contracts.people import People
    from contracts.receiver.vendors import Vendor
    from contracts.spec import Spec

JSON = "application/json"

_ID = re.compile(r"c[a-z0-9]{24}")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_NUMBER = re.compile(r"\+?\d{10,15}")
_WAMID = re.compile(rb"(\x1c\x18).\d+(\x15\x02\x00.\x18)(.)[0-9A-F]+(\x00)", re.DOTALL)
_LASTING = frozenset({"organizationId", "organization_id", "whatsappChannelId", "wabaId"})
"""Ids of what is there all the time; the others are new in each event."""


@dataclass(frozen=True)
class Letter:
    """One event, and how it is to be posted. `age` is how old its time of sending is; None for no time at all."""

    event: str
    value: Any
    body: bytes
    delivery: str
    seal: Seal = RIGHT
    sealed: bytes | None = None
    """What was signed, where that is not the body."""
    age: int | None = 0
    method: str = "POST"
    type: str = JSON
    small_headers: bool = False
    drip: float = 0.0
    copies: int = 1
    apart: float | None = None
    """How the finding is to be shown again: so many at once, or so many different ones, so many seconds apart."""

    @property
    def id(self) -> str:
        """What the event is told by."""
        return str(self.data.get("id", ""))

    @property
    def data(self) -> dict[str, Any]:
        """What happened."""
        inner = self.value.get("data")
        return inner if isinstance(inner, dict) else self.value

    def written(self, body: bytes) -> Letter:
        """The same event in other bytes."""
        return replace(self, body=body)


class Writer:
    """Makes letters. `now` is when the run began: ids have it in them, so that no two runs have the same ones."""

    def __init__(self, vendor: Vendor, spec: Spec, dice: Dice, people: People, now: datetime) -> None:
        self._vendor, self._dice, self._people, self.now = vendor, dice, people, now
        self._stamp = _base36(int(now.timestamp() * 1000))
        self._examples = dict(_examples(spec, vendor))
        self.spell = compact

    @property
    def events(self) -> list[str]:
        """The names of the vendor's webhooks."""
        return list(self._examples)

    def write(self, event: str | None = None, index: int = 0, **data: Any) -> Letter:
        """A new event of that kind; `data` says what is to be in it."""
        event = event or self._vendor.received
        examples = self._examples[event]
        value = self._fresh(copy.deepcopy(examples[index % len(examples)]))
        self._vendor.data(value).update(data)
        return self.letter(value, event)

    def letter(self, value: dict[str, Any], event: str) -> Letter:
        """An event that is written already."""
        return Letter(event, value, self.spell(value), self.id())

    def all(self) -> list[Letter]:
        """One of each example of each kind."""
        return [self.write(event, index) for event, found in self._examples.items() for index in range(len(found))]

    def story(self) -> list[Letter]:
        """What becomes of one message, in the order in which it happens."""
        first = self.write(self._vendor.statuses[0])
        field = "messageId" if "messageId" in first.data else "whatsapp_message_id"
        same = {name: first.data[name] for name in (field, "to", "whatsapp_id", "metaMessageId") if name in first.data}
        return [first, *(self.write(event, **same) for event in self._vendor.statuses[1:])]

    def id(self) -> str:
        """A new id."""
        return f"c{self._stamp}{self._dice.word(24 - len(self._stamp))}"

    def _fresh(self, value: Any) -> Any:
        number = self._people.again()
        return _each(value, lambda name, text: self._new(name, text, number))

    def _new(self, name: str, text: str, number: str) -> str:
        if _ID.fullmatch(text) and name not in _LASTING:
            return self.id()
        if _UUID.fullmatch(text) and name not in _LASTING:
            return f"{text[:14]}{self._hex(4)}-8{self._hex(3)}-{self._hex(12)}"
        if _TIME.fullmatch(text):
            return self.now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{self.now.microsecond // 1000:03}Z"
        if _NUMBER.fullmatch(text):
            return number if text.startswith("+") else number.removeprefix("+")
        return self._wamid(text, number) if text.startswith("wamid.") else text

    def _wamid(self, text: str, number: str) -> str:
        """The same, about somebody else and with another name in it."""
        digits = number.removeprefix("+").encode()
        name = self._hex(20).upper().encode()
        try:
            raw = base64.b64decode(text.removeprefix("wamid."))
        except binascii.Error:
            return text
        made = _WAMID.sub(lambda m: m[1] + bytes([len(digits)]) + digits + m[2] + bytes([len(name)]) + name + m[4], raw)
        return f"wamid.{base64.b64encode(made).decode()}"

    def _hex(self, length: int) -> str:
        return self._dice.hexadecimal(length)


def compact(value: Any) -> bytes:
    """As Node writes JSON, and so the vendor."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def spaced(value: Any) -> bytes:
    """As Python writes it."""
    return json.dumps(value, ensure_ascii=False).encode()


def indented(value: Any) -> bytes:
    """As nobody does over the wire, and as anybody may."""
    return json.dumps(dict(reversed(value.items())), ensure_ascii=False, indent=2).encode()


def escaped(value: Any) -> bytes:
    """Everything that is not ASCII as \\u and four digits, and the slash with a backslash before it."""
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/").encode()


def _examples(spec: Spec, vendor: Vendor) -> Any:
    """What the spec shows of each webhook."""
    for name, item in spec.document["webhooks"].items():
        content = item["post"]["requestBody"]["content"][JSON]
        values = [example["value"] for example in content.get("examples", {}).values()]
        if values:
            yield name, [value for value in values if vendor.event in value]


def _each(value: Any, change: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _each(child, change, key) for key, child in value.items()}
    if isinstance(value, list):
        return [_each(child, change, name) for child in value]
    return change(name, value) if isinstance(value, str) else value


def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    text = ""
    while number:
        number, rest = divmod(number, 36)
        text = digits[rest] + text
    return text
