"""What goes over the wire: a call, its answer, and the two together as they are kept."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

Headers = tuple[tuple[str, str], ...]

KEPT = 65_536
"""Bytes of a body that are kept for the report."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request below the base URL. `key` is who asks: a word of the harness's, or an API key, or None for nobody."""

    method: str
    path: str
    query: str = ""
    body: bytes | None = None
    key: str | None = "ours"
    headers: Headers = ()
    control: bool = False

    @property
    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def json(self) -> Any:
        """The body as JSON; None where it is none."""
        return parsed(self.body)


def get(path: str, /, **query: Any) -> Call:
    """A GET; parameters that are None are left out."""
    return Call("GET", path, urlencode({name: value for name, value in query.items() if value is not None}))


def post(path: str, body: Any, method: str = "POST") -> Call:
    """A call with a JSON body; bytes go out as they are."""
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return Call(method, path, body=raw, headers=(("Content-Type", "application/json"),))


@dataclass(frozen=True)
class Answer:
    """What came back, read to its end."""

    status: int
    headers: Headers
    body: bytes
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether it is a success."""
        return 200 <= self.status < 300

    @cached_property
    def json(self) -> Any:
        """The body as JSON; None where it is none."""
        return parsed(self.body)

    def header(self, name: str) -> str | None:
        """A header's value; the first one of several."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def type(self) -> str:
        """The content type without its parameters."""
        return (self.header("Content-Type") or "").partition(";")[0].strip().lower()


@dataclass(frozen=True)
class Exchange:
    """A call that was made, and what came: an answer, or the reason why there is none."""

    number: int
    part: str
    operation: str | None
    call: Call
    url: str
    sent: Headers
    answer: Answer | None
    trouble: str | None
    at: datetime
    tags: Mapping[str, Any] = field(default_factory=dict)

    @property
    def incoming(self) -> bool:
        """Whether the other side called us."""
        return False

    @property
    def shown_by(self) -> Exchange:
        """The call of ours that shows it again."""
        return self


def asked(query: str) -> dict[str, str]:
    """The parameters of a query string; of several of one name the last."""
    return dict(parse_qsl(query, keep_blank_values=True))


def parsed(body: bytes | None) -> Any:
    """JSON, or None for what is not."""
    if not body:
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
