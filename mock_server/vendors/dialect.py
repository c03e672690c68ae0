"""The slots a vendor fills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mock_server.domain.events import EventKind
    from mock_server.web.door import Door
    from mock_server.webhooks.twists import Compose


@dataclass(frozen=True, slots=True)
class Dialect:
    """`door` answers the REST API; `compose` speaks to webhook endpoints of what it `tells`, each under its own name.

    `key_prefix` starts its API keys, `signs` says whether a webhook has a secret, `document` is the control plane's operation
    that serves the spec.
    """

    name: str
    door: Door
    compose: Compose
    tells: Mapping[EventKind, str]
    key_prefix: str
    signs: bool
    document: str
