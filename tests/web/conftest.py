"""The doors, called in process: no socket, no sleeping."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from mock_server.app import create_app
from mock_server.orgs import NewOrg, Orgs

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from mock_server.world import World

KEY = "flo_" + "k" * 24


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: Any

    @property
    def code(self) -> str:
        """The error's code."""
        return str(self.body["error"]["code"])

    @property
    def message(self) -> str:
        """The error's sentence."""
        return str(self.body["error"]["message"])


@dataclass(frozen=True)
class Doors:
    """Both APIs of one organization on a standing clock."""

    client: FlaskClient
    world: World

    def api(self, method: str, path: str, body: Any = None) -> Answer:
        """A call to the vendor's API. `body` may be bytes."""
        return self._call(method, f"/api/v1{path}", body, {"Authorization": f"Bearer {KEY}"})

    def control(self, method: str, path: str, body: Any = None) -> Answer:
        """A call to the control plane, below the organization."""
        return self._call(method, f"/_mock/orgs/{self.world.org.id}{path}", body, {})

    def advance(self, seconds: float) -> dict[str, int]:
        """Let time pass; what was done meanwhile, by kind."""
        ran = self.control("POST", "/clock/advance", {"seconds": seconds}).body["ran"]
        assert isinstance(ran, dict)
        return ran

    def template(self, name: str) -> str:
        """The id of an American template of the default seed."""
        return next(t.id for t in self.world.store.templates.newest() if (t.name, t.language) == (name, "en_US"))

    @property
    def channel_id(self) -> str:
        """The default channel's."""
        return next(c.id for c in self.world.store.channels.newest() if c.is_default)

    def _call(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Answer:
        raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        kind = {"Content-Type": "application/json"} if raw is not None else {}
        response = self.client.open(path, method=method, data=raw, headers={**headers, **kind})
        return Answer(response.status_code, response.get_json(silent=True))


@pytest.fixture
def doors(orgs: Orgs) -> Doors:
    """An organization without a rate limit, the default seed, time standing still."""
    world, _, _ = orgs.create(NewOrg(scale=0, api_key=KEY, rate_limit=None))
    return Doors(create_app(orgs).test_client(), world)
