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

_LONGEST_BODY = 20_000
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
    before: tuple[str, ...] = ()
    """What has to be called first, so that `curl` shows it."""
    risk: str = ""
    """What may come of it, in plain words, where that is not plain from the promise."""
    fix: str = ""
    """What to do about it."""
    beside: str = ""
    """The same call to the other one, where two are compared."""


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


def curl(exchange: Exchange, speech: Speech, key: str) -> str:
    """A line for bash that shows it again. Keys and numbers are shell variables: set them, and paste."""
    call = exchange.call
    words = ["curl", "-i"]
    if call.method == "HEAD":
        words.append("--head")
    elif call.method != "GET" or call.body is not None:
        words += ["-X", call.method]
    words.append(_keyless(exchange.url, key))
    for name, value in exchange.sent:
        if name not in {"User-Agent", "Accept"}:
            words.append(f"-H {_header(name, value, call, key)}")
    if call.body is not None:
        words.append(f"--data-binary {_body(call, speech)}")
    return " ".join(words)


def _header(name: str, value: str, call: Call, key: str) -> str:
    variable = {"other": "OTHER_KEY", "revoked": "REVOKED_KEY", "limited": "LIMITED_KEY"}.get(call.key or "")
    if name == "Authorization" and (variable or call.control):
        return f'"Authorization: Bearer ${variable or "CONTROL_TOKEN"}"'
    return _keyless(f"{name}: {value}", key)


def _keyless(text: str, key: str) -> str:
    """Quoted for a shell, with our key, and what was made of it, as what is made of $API_KEY."""
    made = (
        (key, "$API_KEY"),
        (key[:-1], "${API_KEY%?}"),
        (key.upper(), "${API_KEY^^}"),
        (key.partition("_")[2], "${API_KEY#*_}"),
    )
    for secret, variable in made:
        if len(secret) >= 8 and secret in text:
            before, _, after = text.partition(secret)
            return f'{shlex.quote(before)}"{variable}"{shlex.quote(after) if after else ""}'
    return shlex.quote(text)


def _body(call: Call, speech: Speech) -> str:
    """The body in single quotes, with numbers as variables outside of them; padding is made by the shell."""
    text = (call.body or b"").decode("utf-8", "replace")
    core = text.rstrip(text[-1:])
    padding = len(text) - len(core)
    if padding > _LONGEST_BODY:
        spaces = f"head -c {padding} /dev/zero | tr '\\0' {shlex.quote(text[-1:])}"
        return f"@<(printf %s {_numberless(core, call, speech)}; {spaces})"
    if len(text) > _LONGEST_BODY:
        return f"@body  # {len(text)} bytes, beginning {shlex.quote(text[:60])}; see the archive (--report har=F)"
    return _numberless(text, call, speech)


def _numberless(text: str, call: Call, speech: Speech) -> str:
    quoted, body = shlex.quote(text), parsed(call.body)
    named = (*speech.reaches(body), *((body.get("from"),) if call.control else ())) if isinstance(body, dict) else ()
    reached = dict.fromkeys(n for n in named if isinstance(n, str))
    for index, number in enumerate(n for n in reached if sum(char.isdigit() for char in n) >= 7):
        variable = "RECIPIENT" if index == 0 else f"RECIPIENT_{index + 1}"
        quoted = quoted.replace(number, f"'\"${variable}\"'")
    return quoted
