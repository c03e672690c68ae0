"""One webhook as it arrived: an exchange in which the other side calls us."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from contracts.exchange import Exchange

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True)
class Delivery(Exchange):
    """The bytes and headers are in `call`; `cause` is the call of ours that brought it about.

    On the emitter's clock it was sent between `since` and `until`. `secret` is the one that has to sign it now.
    """

    hook: str = ""
    secret: str = ""
    cause: Exchange | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def incoming(self) -> bool:
        """It is no request of ours."""
        return True

    @property
    def shown_by(self) -> Exchange:
        """What brings it about again."""
        return self.cause or self

    @property
    def body(self) -> bytes:
        """Byte for byte."""
        return self.call.body or b""

    @cached_property
    def json(self) -> Any:
        """The body as JSON; None where it is none, or not UTF-8, or begins with a byte order mark."""
        try:
            return json.loads(self.body.decode("utf-8"))
        except (ValueError, RecursionError):
            return None

    @property
    def event(self) -> str | None:
        """Its kind, as the body says: Flowella's `event`, FlowIQ's `event_type`."""
        kind = self.json.get("event", self.json.get("event_type")) if isinstance(self.json, dict) else None
        return kind if isinstance(kind, str) else None

    @property
    def data(self) -> dict[str, Any]:
        """What the event is about; empty where there is nothing of the kind."""
        data = self.json.get("data") if isinstance(self.json, dict) else None
        return data if isinstance(data, dict) else {}

    @property
    def event_id(self) -> str | None:
        """What receivers tell events apart by."""
        found = self.data.get("id")
        return found if isinstance(found, str) else None

    @property
    def accepted(self) -> bool:
        """Whether we answered with a success."""
        return self.answer is not None and self.answer.ok

    def header(self, name: str) -> str | None:
        """A header's value; the first one of several."""
        return next((value for key, value in self.call.headers if key.lower() == name.lower()), None)
