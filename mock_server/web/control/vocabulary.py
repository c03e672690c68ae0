"""What a fault rule may be on, match and do, read from the vendors' own documents: so that a rule which could never
strike is refused when it is ordered, not found out when nothing happens.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING

from mock_server.domain.errors import Invalid, did_you_mean
from mock_server.domain.faults import META_ERROR, WEBHOOK, effects_for, is_webhook, names_of, place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mock_server.web.door import Door
    from mock_server.web.spec import Spec
    from mock_server.web.spec_fields import Values

OF_A_CALL: Mapping[str, Values] = {"method": None, "keyId": None}
OF_AN_ATTEMPT: Mapping[str, Values] = {"attempt": None, "endpointId": None, "url": None}
OF_A_RECIPIENT: Mapping[str, Values] = {"to": None, "templateId": None, "whatsappChannelId": None, "jobId": None}
"""What can be matched beside the fields of the call or the event."""

STANDS_ON: Mapping[str, str] = {
    "badSignature": "signature",
    "wrongSecret": "signature",
    "missingSignature": "signature",
    "staleTimestamp": "timestamp",
}
"""Effects on a header, and how the name of that header ends. Not every vendor has it."""


@dataclass(frozen=True)
class Vocabulary:
    """The words of these vendors."""

    specs: tuple[Spec, ...]
    single_sends: frozenset[str]
    bulk_sends: frozenset[str]

    @classmethod
    def of(cls, doors: Iterable[Door]) -> Vocabulary:
        """What can be said of these APIs."""
        doors = [door for door in doors if door.faults is not None]
        return cls(
            tuple(door.spec for door in doors),
            frozenset(name for door in doors if door.faults for name in door.faults.single_sends),
            frozenset(name for door in doors if door.faults for name in door.faults.bulk_sends),
        )

    @cached_property
    def known(self) -> Mapping[str, Mapping[str, Values]]:
        """By what a rule may be on, the fields it may match."""
        calls = {name: fields for spec in self.specs for name, fields in spec.call_fields().items()}
        events = {f"{WEBHOOK}{name}": fields for spec in self.specs for name, fields in spec.event_fields().items()}
        words = {name: {**fields, **OF_A_CALL} for name, fields in calls.items()}
        words.update({name: {**words.get(name, {}), **OF_A_RECIPIENT} for name in self.bulk_sends})
        words.update({name: {**fields, **OF_AN_ATTEMPT} for name, fields in events.items()})
        for everything in ("*", f"{WEBHOOK}*"):
            mine = [name for name in words if names_of(name)[1] == everything]
            words[everything] = {field: None for name in mine for field in words[name]}
        return words

    @cached_property
    def _headers(self) -> Mapping[str, frozenset[str]]:
        return {f"{WEBHOOK}{name}": them for spec in self.specs for name, them in spec.event_headers().items()}

    def check(self, on: str, effect: str, match: Mapping[str, str]) -> None:
        """Raises Invalid for a rule that could never strike."""
        if on not in self.known:
            guess = did_you_mean(on, self.known)
            raise Invalid("on", f"no operation or event is called {on!r}{guess} (known: {', '.join(self.known)})")
        fitting = effects_for(on)
        if effect not in fitting:
            raise Invalid("effect.type", _misfit(on, effect, fitting))
        if not self._has_the_header(on, effect):
            raise Invalid("effect.type", f"{effect} is done to a header, and {on} has no {STANDS_ON[effect]}")
        if effect == META_ERROR and not self._sends(on):
            senders = ", ".join(sorted({*self.single_sends, *self.bulk_sends}))
            raise Invalid("effect.type", f"metaError strikes a message, and {on} sends none; it fits {senders} and *")
        fields = self._fields(on, effect)
        for name, pattern in match.items():
            _check_pattern(on, name, pattern, fields)

    def words_for(self, on: str) -> dict[str, dict[str, dict[str, list[str] | None]]]:
        """The effects that a rule on this may have, and with each the fields it may match and their values."""
        fitting = [name for name in effects_for(on) if self._has_the_header(on, name)]
        fitting = [name for name in fitting if name != META_ERROR or self._sends(on)]
        return {"effects": {name: _listed(self._fields(on, name)) for name in fitting}}

    def _has_the_header(self, on: str, effect: str) -> bool:
        ending = STANDS_ON.get(effect, "")
        return any(header.endswith(ending) for header in self._headers.get(on, {ending}))

    def _sends(self, on: str) -> bool:
        return on == "*" or on in self.single_sends or on in self.bulk_sends

    def _fields(self, on: str, effect: str) -> Mapping[str, Values]:
        """A `metaError` on a bulk send strikes recipients (D82), so it is they that are matched."""
        return OF_A_RECIPIENT if effect == META_ERROR and on in self.bulk_sends else self.known[on]


def _listed(fields: Mapping[str, Values]) -> dict[str, list[str] | None]:
    return {name: None if fields[name] is None else sorted(fields[name] or ()) for name in sorted(fields)}


def _check_pattern(on: str, name: str, pattern: str, fields: Mapping[str, Values]) -> None:
    if name not in fields:
        known = ", ".join(sorted(fields))
        raise Invalid(f"match.{name}", f"{on} has no such field{did_you_mean(name, fields)} (known: {known})")
    values = fields[name]
    if values is not None and not any(fnmatchcase(value, pattern) for value in values):
        shown = ", ".join(sorted(values))
        raise Invalid(f"match.{name}", f"{pattern!r} fits none of its values, {shown}{did_you_mean(pattern, values)}")


def _misfit(on: str, effect: str, fitting: tuple[str, ...]) -> str:
    about, other = ("a webhook", "a call") if is_webhook(on) else ("a call", "a webhook")
    try:
        place(on, effect)
    except KeyError:
        return f"{effect!r} is no effect{did_you_mean(effect, fitting)} ({about} may suffer {', '.join(fitting)})"
    return f"{effect} happens to {other}, and {on} is about {about}, which may suffer {', '.join(fitting)}"
