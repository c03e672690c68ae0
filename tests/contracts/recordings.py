"""Recordings for `audit`: of real traffic with the fake, and of the webhooks that it really sent."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from contracts import check
from contracts.report.har import har
from mock_server.app import create_app
from mock_server.orgs import NewOrg

if TYPE_CHECKING:
    from pathlib import Path

    from liar import Target

    from mock_server.orgs import Orgs

KEY = "flo_" + "k" * 24
SECRET = "whsec_ofarecordingthatisajudged"
Json = Any


def archive(target: Target, file: Path, **settings: Any) -> Path:
    """What a check of this server sent and was answered, as an archive without a mask."""
    report = check(target.base_url, target.api_key, rate=100_000.0, **settings)
    file.write_text(json.dumps(har(replace(report, mask=str))), encoding="utf-8")
    return file


def books(orgs: Orgs) -> tuple[list[Json], list[Json]]:
    """Pages of the journal and of the deliveries, after messages and an opt-out; the receiver fails the first attempts."""
    client = create_app(orgs).test_client()
    world, _, _ = orgs.create(NewOrg(api_key=KEY, scale=0))
    control = f"/_mock/orgs/{world.org.id}"
    events = ["message.sent", "message.delivered", "message.read", "message.failed", "message.received"]
    hook = {"url": "http://127.0.0.1:9/hooks", "events": [*events, "conversation.opened", "optout.created"]}
    assert client.post(f"{control}/webhooks", json={**hook, "secret": SECRET}).status_code == 201
    key = {"Authorization": f"Bearer {KEY}"}
    for number in ("+15550100101", "+15550100102"):
        assert client.post(f"{control}/inbound", json={"from": number, "text": "hello"}).status_code < 300
        assert client.post("/api/v1/messages", json={"to": number, "text": "hi"}, headers=key).status_code == 201
    client.post("/api/v1/messages", json={"to": "nobody"}, headers=key)
    client.get("/api/v1/contacts?limit=5", headers=key)
    client.post(f"{control}/inbound", json={"from": "+15550100101", "text": "STOP"})
    client.post(f"{control}/clock/advance", json={"seconds": 3600})
    return _pages(client, f"{control}/requests"), _pages(client, f"{control}/deliveries")


def logged(deliveries: list[Json]) -> list[Json]:
    """The webhooks of delivery pages as a receiver would have written them down, the oldest first."""
    attempts = [attempt for page in deliveries for row in page["items"] for attempt in row["attempts"]]
    rows = [
        {
            "at": attempt["at"],
            "headers": dict(attempt["requestHeaders"]),
            "body": base64.b64decode(attempt["requestBody"]).decode(),
            "status": attempt["status"],
        }
        for attempt in attempts
    ]
    return sorted(rows, key=lambda row: str(row["at"]))


def _pages(client: Any, url: str) -> list[Json]:
    pages, cursor = [], ""
    while cursor is not None:
        page = client.get(f"{url}?limit=20{cursor and f'&cursor={cursor}'}").get_json()
        pages.append(page)
        cursor = page.get("nextCursor")
    return pages
