"""FlowIQ's API of one organization, called in process: no socket, no sleeping."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from mock_server.app import create_app
from mock_server.orgs import NewOrg, Orgs

if TYPE_CHECKING:
    from conftest import FakeTransport
    from flask.testing import FlaskClient

    from mock_server.world import World

KEY = "fiq_" + "k" * 24
THANDI = "+27123456789"
DIGITS = "27123456789"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: Any

    @property
    def row(self) -> tuple[int, str, str | None]:
        """Status, title and message of an error."""
        return self.status, self.body["error"], self.body.get("message")


@dataclass(frozen=True)
class FlowIq:
    """The API, the control plane and what was posted, on a standing clock."""

    client: FlaskClient
    orgs: Orgs
    world: World
    transport: FakeTransport

    def api(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """A call to FlowIQ's API."""
        return self.call(method, path, body, {"Authorization": f"Bearer {KEY}", **headers})

    def control(self, method: str, path: str, body: Any = None) -> Answer:
        """A call to the control plane, below the organization."""
        return self.call(method, f"/_mock/orgs/{self.world.org.id}{path}", body, {})

    def call(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Answer:
        """Any call. `body` may be bytes."""
        raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        kind = {"Content-Type": "application/json"} if raw is not None else {}
        response = self.client.open(path, method=method, data=raw, headers={**kind, **headers})
        return Answer(response.status_code, response.get_json(silent=True))

    def contact(self, phone: str = THANDI, **fields: Any) -> Any:
        """Somebody to write to."""
        body = {"phone_number": phone, "name": "Thandi Nkosi", **fields}
        answer = self.api("POST", "/contact", body)
        assert answer.status == 201, answer
        return answer.body["contact"]

    def inbound(self, text: str | None = None, **fields: Any) -> Any:
        """They write."""
        words = {"text": text} if text is not None else {}
        answer = self.control("POST", "/inbound", {"from": THANDI, **words, **fields})
        assert answer.status == 201, answer
        return answer.body

    def send(self, **fields: Any) -> Answer:
        """We write to them."""
        return self.api("POST", "/send-whatsapp", {"phone_number": THANDI, **fields})

    def text(self, text: str = "It is on its way.") -> Any:
        """We write, and it goes out."""
        answer = self.send(message_type="text", text=text)
        assert answer.status == 200, answer
        return answer.body

    def subscribe(
        self, kind: str = "all", platform: str = "whatsapp", url: str = "https://app.example.com/hook"
    ) -> Any:
        """A webhook."""
        answer = self.api("POST", "/set-webhooks", {"url": url, "type": kind, "platform": platform})
        assert answer.status == 200, answer
        return answer.body["webhook"]

    def posts(self) -> list[Any]:
        """What has been posted so far, decoded."""
        return [json.loads(post.body) for post in self.transport.posts]

    def advance(self, seconds: float = 0) -> list[Any]:
        """Let time pass; what was posted meanwhile."""
        before = len(self.transport.posts)
        self.control("POST", "/clock/advance", {"seconds": seconds})
        return self.posts()[before:]


@pytest.fixture
def flowiq(orgs: Orgs, transport: FakeTransport) -> FlowIq:
    """An organization called Kettle Shop, without a rate limit, the default seed, time standing still."""
    world, _, _ = orgs.create(NewOrg(name="Kettle Shop", scale=0, rate_limit=None))
    orgs.issue_key(world, "FlowIQ", KEY)
    return FlowIq(create_app(orgs).test_client(), orgs, world, transport)
