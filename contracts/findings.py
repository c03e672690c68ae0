"""What was found: one finding for one cause, however often it showed."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from contracts.exchange import parsed
from contracts.provenance import DRIFT, VIOLATION, WARNING, Mark

if TYPE_CHECKING:
    from contracts.exchange import Call, Exchange
    from contracts.speech.base import Speech

SEVERITIES = (VIOLATION, DRIFT, WARNING)
"""From the heaviest."""

_LONGEST_BODY = 4000
_MOST_ALSO = 12


@dataclass(frozen=True, slots=True)
class Finding:
    """A promise that was not kept. `cause` tells causes apart, whatever the operation; `times` counts how often it showed."""

    check: str
    operations: tuple[str, ...]
    severity: str
    provenance: str
    source: str
    promised: str
    came: str
    curl: str
    cause: tuple[str, ...]
    exchange: int
    times: int = 1
    also: tuple[str, ...] = ()
    """How else the same cause showed."""


class Findings:
    """Findings by cause, in the order in which they first showed."""

    def __init__(self) -> None:
        self._by_cause: dict[tuple[str, ...], Finding] = {}

    def add(self, finding: Finding) -> None:
        """Take one down, or count it once more."""
        known = self._by_cause.get(finding.cause)
        if known is None:
            self._by_cause[finding.cause] = finding
            return
        self._by_cause[finding.cause] = _together(known, finding)

    @property
    def all(self) -> list[Finding]:
        """The heaviest first."""
        return sorted(self._by_cause.values(), key=lambda finding: SEVERITIES.index(finding.severity))

    def of(self, check: str) -> list[Finding]:
        """Those of one check."""
        return [finding for finding in self.all if finding.check == check]


def _together(known: Finding, another: Finding) -> Finding:
    """One finding of two: the heavier one speaks, the other one's words are kept."""
    first, second = sorted((known, another), key=lambda finding: SEVERITIES.index(finding.severity))
    words = f"{second.promised}; came {second.came}"
    told = {first.promised, *(also.partition("; came ")[0] for also in known.also)}
    also = (*known.also, words) if second.promised not in told and len(known.also) < _MOST_ALSO else known.also
    operations = tuple(dict.fromkeys((*known.operations, *another.operations)))
    return replace(first, operations=operations, times=known.times + 1, also=also)


def severity(mark: Mark, *, warning: bool = False) -> str:
    """What a broken promise weighs."""
    return WARNING if warning else mark.severity


def curl(exchange: Exchange, speech: Speech) -> str:
    """A line that shows it again. The key and the numbers are shell variables: set them, and paste."""
    words = ["curl", "-i"]
    if exchange.call.method != "GET" or exchange.call.body is not None:
        words += ["-X", exchange.call.method]
    line = [*(shlex.quote(word) for word in words), shlex.quote(exchange.url)]
    line += [f"-H {_header(name, value, exchange.call)}" for name, value in exchange.sent if name != "User-Agent"]
    if exchange.call.body is not None:
        line.append(f"--data-binary {_body(exchange.call, speech)}")
    return " ".join(line)


def _header(name: str, value: str, call: Call) -> str:
    if name != "Authorization":
        return shlex.quote(f"{name}: {value}")
    variable = {"ours": "API_KEY", "other": "OTHER_KEY", "revoked": "REVOKED_KEY"}.get(call.key or "")
    if call.control:
        variable = "CONTROL_TOKEN"
    return f'"Authorization: Bearer ${variable}"' if variable else shlex.quote(f"{name}: {value}")


def _body(call: Call, speech: Speech) -> str:
    """The body in single quotes, with numbers as variables outside of them."""
    text = (call.body or b"").decode("utf-8", "replace")
    if len(text) > _LONGEST_BODY:
        return f"@body.json  # {len(text)} bytes, beginning {shlex.quote(text[:60])}"
    quoted = shlex.quote(text)
    body = parsed(call.body)
    numbers = dict.fromkeys(n for n in speech.reaches(body) if isinstance(n, str)) if isinstance(body, dict) else {}
    for index, number in enumerate(n for n in numbers if sum(char.isdigit() for char in n) >= 7):
        variable = "RECIPIENT" if index == 0 else f"RECIPIENT_{index + 1}"
        quoted = quoted.replace(number, f"'\"${variable}\"'")
    return quoted
