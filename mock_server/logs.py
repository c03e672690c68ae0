"""What the log looks like, and what never gets into it. One handler, on stderr, with one of two formats.

Whoever logs says everything plainly, ids as fields (`extra`); what is secret is masked here, in one place, after the
line is put together: traces and other people's loggers included. Masked are API keys and signing secrets by their
prefixes, what follows `Bearer`, what is called a token, a password and so on, users and queries of URLs and what looks
like a secret in their paths, phone numbers but for two digits, and whatever `start` is told.
"""

from __future__ import annotations

import json
import logging
import re
from typing import TYPE_CHECKING

from mock_server.domain.instant import iso

if TYPE_CHECKING:
    from collections.abc import Iterable

FORMATS = ("text", "json")

FIELDS = ("org", "request", "operation", "status", "event", "delivery", "attempt", "url", "error")
"""What a line may say of what it is about, beside its sentence."""

SPEECH = {"url", "error", "trace"}
"""Those among them that are no ids or numbers of ours."""

OTHERS = ("alembic", "procrastinate")
"""Libraries whose information is about themselves."""

GONE = "…"

_NAMED = r"(?:secret|token|password|passwd|signature|credential|api[_-]?key|authorization)\w*"
_VALUE = r"(?:\"[^\"]*\"|'[^']*'|\S+)"
_PATTERNS = (
    ("@", re.compile(r"(?<=://)[^\s/?#]*@"), f"{GONE}@"),
    ("?", re.compile(r"(?<=/)([^\s?]*)\?\S+"), rf"\1?{GONE}"),
    ("#", re.compile(r"(?<=/)([^\s#]*)#\S+"), rf"\1#{GONE}"),
    ("_", re.compile(r"(flo|fiq|whsec)_[\w-]+", re.IGNORECASE), rf"\1_{GONE}"),
    (" ", re.compile(r"\b(bearer|basic)\s+\S{8,}", re.IGNORECASE), rf"\1 {GONE}"),
    ("=", re.compile(rf"({_NAMED}[\"']?\s*=\s*){_VALUE}", re.IGNORECASE), rf"\1{GONE}"),
    ("://", re.compile(r"(?<=[^\s/:]/)(?=[\w~-]*\d)(?=[\w~-]*[A-Za-z])[\w~-]{16,}"), GONE),
    (":", re.compile(rf"({_NAMED}[\"']\s*:\s*){_VALUE}", re.IGNORECASE), rf"\1{GONE}"),
)
"""What a line must contain before it is worth looking, what to look for, and what is left of it."""

_PHONE = re.compile(
    r"(?<![\d…])(?:\+|%2B|00)?\d{10,}(?!\d)"  # as in E.164, whatever it is stuck to
    r"|(?<![\w…])(?:(?:\+|%2B|00)\(?\d(?:[\s().\-\u2010-\u2015]{0,3}\d){6,}(?!\w)"  # international, however it is written
    r"|(?<![:.])\(?\d{2,5}\)?(?:[\s.\-\u2010-\u2015]{1,2}\d{2,5}){2,4}(?!\w)"  # as people at home write it
    r")",
    re.IGNORECASE,
)
_NO_PHONE = re.compile(r"\d{1,3}(\.\d{1,3}){3}|\d{4}-\d\d-\d\d( \d\d)?")


class Mask:
    """Text without what must not be read in a log. `secrets` are known word for word."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = sorted({re.escape(secret) for secret in secrets if secret}, key=len, reverse=True)
        self._known = re.compile(rf"(?<!\w)(?:{'|'.join(known)})(?!\w)") if known else None

    def __call__(self, text: str) -> str:
        """The text, masked."""
        if self._known is not None:
            text = self._known.sub(GONE, text)
        for sign, pattern, left in _PATTERNS:
            if sign in text:
                text = pattern.sub(left, text)
        return _PHONE.sub(_number, text)


def _number(found: re.Match[str]) -> str:
    """A phone number's last two digits; other numbers as they are."""
    text = found[0]
    digits = sum(character.isdigit() for character in text)
    international = text.startswith(("+", "%", "00"))
    if _NO_PHONE.fullmatch(text) or digits < (7 if international else 10):
        return text
    return f"{'+' if international else ''}{GONE}{text[-2:]}"


class Text(logging.Formatter):
    """`10:00:00 POST /api/v1/messages 201`, for people. One line, whatever is in it, and a trace below if there is one."""

    def __init__(self, mask: Mask) -> None:
        super().__init__("%(asctime)s %(message)s", "%H:%M:%S")
        self._mask = mask

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return self._mask(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's name)
        """The sentence; a line break that somebody sent must not begin a line of ours."""
        record.message = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in record.message)
        return super().formatMessage(record)


class Json(logging.Formatter):
    """One JSON object per line, for programs."""

    def __init__(self, mask: Mask) -> None:
        super().__init__()
        self._mask = mask

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, object] = {
            "time": iso(int(record.created * 1_000_000)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._mask(record.getMessage()),
        }
        said = {name: getattr(record, name, None) for name in FIELDS}
        if record.exc_info and record.exc_info[1] is not None:
            said["error"] = f"{type(record.exc_info[1]).__name__}: {record.exc_info[1]}"
            said["trace"] = self.formatException(record.exc_info)
        for name in SPEECH & said.keys():
            said[name] = said[name] and self._mask(str(said[name]))
        line |= {name: value for name, value in said.items() if value is not None}
        return json.dumps(line, ensure_ascii=False, default=str).encode("utf-8", "replace").decode()


def start(level: str, style: str, secrets: Iterable[str] = ()) -> None:
    """Log to stderr from now on."""
    handler = logging.StreamHandler()
    handler.setFormatter((Json if style == "json" else Text)(Mask(secrets)))
    logging.basicConfig(level=level.upper(), handlers=[handler])
    for name in OTHERS:
        logging.getLogger(name).setLevel(max(logging.getLogger().level, logging.WARNING))
