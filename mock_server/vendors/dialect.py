"""The slots a vendor fills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mock_server.web.door import Door
    from mock_server.webhooks.twists import Compose


@dataclass(frozen=True, slots=True)
class Dialect:
    """`door` answers the REST API, `compose` speaks to webhook endpoints, `key_prefix` starts its API keys."""

    name: str
    door: Door
    compose: Compose
    key_prefix: str
