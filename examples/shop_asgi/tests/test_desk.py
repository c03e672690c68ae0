"""The same without `requests` and without a framework: httpx on one side, a bare ASGI application on the other."""

import httpx
import pytest
from desk import GREETING, Desk

ADA = "+15551234567"


@pytest.fixture
def desk(flowella):
    headers = {"Authorization": f"Bearer {flowella.api_key}"}
    client = httpx.AsyncClient(base_url=flowella.base_url, headers=headers, transport=flowella.httpx_transport())
    desk = Desk(client, flowella.webhook_secret)
    flowella.subscribe(desk, ["message.received", "message.failed"])
    return desk


def test_who_writes_is_greeted(flowella, desk):
    flowella.receive(ADA, "Hello?")

    flowella.assert_sent(to=ADA, text=GREETING)


def test_who_writes_again_is_not_greeted_again(flowella, desk):
    for text in ("Hello?", "Anybody?"):
        flowella.receive(ADA, text)

    assert desk.conversations == {ADA: ["Hello?", "Anybody?"]}
    flowella.assert_sent(to=ADA, count=1)


def test_the_same_event_twice_counts_once(flowella, desk):
    flowella.faults.add("webhook:message.received", "duplicate")
    flowella.receive(ADA, "Hello?")
    flowella.settle()

    assert desk.conversations == {ADA: ["Hello?"]}


def test_only_what_was_asked_for_arrives(flowella, desk):
    flowella.receive(ADA, "Hello?")
    flowella.settle()

    assert {delivery.event for delivery in flowella.deliveries} == {"message.received"}


@pytest.mark.parametrize("effect", ["reset", "close", "hang", "truncate", "malformed", "html", "lostResponse"])
def test_a_greeting_that_went_wrong_is_known_about(flowella, desk, effect):
    flowella.faults.add("sendMessage", effect)
    flowella.receive(ADA, "Hello?")

    assert desk.undelivered == [ADA]
    flowella.assert_resilient()


@pytest.mark.parametrize("effect", ["badSignature", "missingSignature", "staleTimestamp", "tamperedBody"])
def test_what_is_not_genuine_is_refused(flowella, desk, effect):
    flowella.faults.add("webhook:*", effect)
    flowella.receive(ADA, "Hello?")

    flowella.assert_not_delivered("message.received")
    assert desk.conversations == {}


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_it_works_inside_a_running_loop(flowella, desk):
    flowella.receive(ADA, "Hello?")
    flowella.settle()
    async with httpx.AsyncClient(base_url=flowella.base_url, transport=flowella.httpx_transport()) as client:
        answer = await client.get("ping", headers={"Authorization": f"Bearer {flowella.api_key}"})

    assert answer.json()["ok"] is True
    flowella.assert_sent(text=GREETING, status="READ")
