"""Random sessions with one organization each, everything they gave printed. Run by test_replay in processes of its own."""

import random
import sys
from concurrent.futures import Future
from typing import Any

from mock_server.app import create_app
from mock_server.domain.instant import parse
from mock_server.orgs import NewOrg, Orgs
from mock_server.vendors.flowella import FLOWELLA
from mock_server.webhooks.transport import Answer, Post

KEY = "flo_" + "r" * 24
PEOPLE = ["+15551230001", "+447700900123", "+5592981721234", "+15005550005", "+15005550009", "+15000131026"]


class Receiver:
    """Prints what it is sent, and refuses every fifth post."""

    def __init__(self) -> None:
        self.posts = 0

    def submit(self, post: Post) -> Future[Answer]:
        self.posts += 1
        print(post.url, post.headers, post.body)
        future: Future[Answer] = Future()
        future.set_result(Answer(500 if self.posts % 5 == 0 else 200, None, "", 0.0, b"", ()))
        return future

    def close(self) -> None: ...


FAULTS: list[dict[str, Any]] = [
    {"on": "sendMessage", "effect": {"type": "status", "status": 503}, "probability": 0.5},
    {"on": "*", "effect": {"type": "rateLimit"}, "after": 3, "times": 2},
    {
        "on": "sendMessage",
        "effect": {"type": "metaError", "code": 131026},
        "match": {"to": "+4477*"},
        "forSeconds": 600,
    },
    {"on": "queueTemplateSend", "effect": {"type": "metaError", "code": 131048}, "probability": 0.4},
    {"on": "*", "effect": {"type": "malformed"}, "probability": 0.1},
    {"on": "webhook:*", "effect": {"type": "badSignature"}, "probability": 0.3},
    {"on": "webhook:message.sent", "effect": {"type": "reorder"}, "probability": 0.5},
    {"on": "webhook:*", "effect": {"type": "duplicate", "count": 2, "seconds": 7}, "probability": 0.2},
    {"on": "webhook:*", "effect": {"type": "delay", "seconds": 45}, "probability": 0.2},
    {"on": "webhook:message.read", "effect": {"type": "drop"}, "times": 3},
]


def main(seed: int) -> None:  # noqa: C901 (a session is a list of things that may happen)
    chance = random.Random(seed)
    orgs = Orgs(Receiver(), FLOWELLA, now=lambda: parse("2026-11-21T10:00:00Z"))
    world, _, _ = orgs.create(NewOrg(scale=0, rng_seed=str(seed), api_key=KEY, rate_limit=None))
    client = create_app(orgs).test_client()
    control = f"/_mock/orgs/{world.org.id}"

    def call(method: str, path: str, body: Any = None) -> Any:
        response = client.open(path, method=method, json=body, headers={"Authorization": f"Bearer {KEY}"})
        print(method, path, response.status_code, response.get_data(as_text=True))
        return response.get_json(silent=True)

    call("POST", f"{control}/webhooks", {"url": "https://example.com/a", "events": ["*"]})
    call("POST", f"{control}/webhooks", {"url": "https://example.com/b", "events": ["message.read", "optout.created"]})
    channels = [item["id"] for item in call("GET", f"{control}/channels")["items"]]
    templates = [item["id"] for item in call("GET", "/api/v1/templates")["items"]]
    for _ in range(40):
        person, channel = chance.choice(PEOPLE), chance.choice(channels)
        body: dict[str, Any]
        match chance.randrange(10):
            case 0:
                call("POST", "/api/v1/messages", {"to": person, "text": "hi", "whatsappChannelId": channel})
            case 1:
                call("POST", f"{control}/inbound", {"from": person, "text": chance.choice(["hi", "STOP", "START"])})
            case 2:
                body = {"action": chance.choice(["set", "clear"]), "phone": person, "whatsappChannelId": channel}
                call("POST", "/api/v1/opt-outs", body)
            case 3:
                recipients = [{"phone": p, "bodyParameters": ["a"] * chance.randrange(4)} for p in PEOPLE]
                body = {"templateId": chance.choice(templates), "whatsappChannelId": channel, "recipients": recipients}
                call("POST", "/api/v1/templates/send", body)
            case 4:
                call("PATCH", f"{control}/templates/{chance.choice(templates)}", {"status": "APPROVED"})
            case 5:
                call("POST", f"{control}/faults", chance.choice(FAULTS))
            case 6:
                limits: dict[str, Any]
                limits = {name: chance.choice([True, None]) for name in ("pairRate", "marketingCap", "templatePausing")}
                limits |= {"messagingTier": chance.choice([2, None]), "templatePacing": {"firstBatch": 1}}
                call("PATCH", f"{control}/account", {"limits": limits})
            case 7:
                body = {"quality": chance.choice(["RED", "GREEN", "YELLOW"])}
                call("PATCH", f"{control}/templates/{chance.choice(templates)}", body)
            case _:
                call("POST", f"{control}/clock/advance", {"seconds": chance.choice([0, 0.3, 5, 700, 90_000])})
    for path in ("messages", "deliveries", "jobs", "conversations", "requests", "webhooks", "faults", "api-keys"):
        call("GET", f"{control}/{path}?limit=100")
    call("GET", "/api/v1/contacts")
    call("GET", "/api/v1/analytics")


if __name__ == "__main__":
    for session in range(int(sys.argv[1]), int(sys.argv[2])):
        main(session)
