"""The same tool for the other vendor: nothing of its own but speech."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import requests

if TYPE_CHECKING:
    from mock_server.testing.handle import Handle

THANDI = "+27821234567"


def _call(flowiq: Handle, path: str, body: dict[str, Any]) -> requests.Response:
    headers = {"Authorization": f"Bearer {flowiq.api_key}"}
    return requests.post(f"{flowiq.base_url}{path}", json=body, headers=headers, timeout=5)


def _greet(flowiq: Handle, text: str = "Hello") -> requests.Response:
    return _call(flowiq, "/send-whatsapp", {"phone_number": THANDI, "message_type": "text", "text": text})


def test_messages_and_webhooks(flowiq: Handle) -> None:
    """Point the code at the real host, subscribe a function, let time pass, say what ought to have happened."""
    heard: list[dict[str, Any]] = []
    flowiq.subscribe(
        lambda headers, body: heard.append({"signed": "X-Flowella-Signature" in headers, **json.loads(body)})
    )
    flowiq.receive(THANDI, "Is it in stock?")
    assert flowiq.base_url == "https://api.flowiq.live"
    assert flowiq.api_key.startswith("fiq_")
    assert _greet(flowiq).status_code == 200
    flowiq.settle()

    flowiq.assert_sent(to=THANDI, text="Hello", status="READ")
    flowiq.assert_delivered("message.read")
    assert heard
    assert not any(post["signed"] for post in heard)


def test_subscribing_over_the_api(flowiq: Handle) -> None:
    """The vendor's own way to a webhook works as well."""
    assert _call(flowiq, "/set-webhooks", {"url": "https://example.com/h", "type": "all"}).status_code == 200
    assert [hook["vendor"] for hook in flowiq.control("GET", "/webhooks")["items"]] == ["flowiq"]


def test_faults_by_its_own_names(flowiq: Handle) -> None:
    """A lost answer is the client library's ConnectionError, and the manners are judged by the vendor's own sends."""
    flowiq.receive(THANDI, "Is it in stock?")
    flowiq.faults.add("sendWhatsAppMessage", "lostResponse", times=1)
    with pytest.raises(requests.ConnectionError):
        _greet(flowiq)
    _greet(flowiq)

    with pytest.raises(AssertionError, match="twice"):
        flowiq.assert_resilient()


def test_both_at_once(flowella: Handle, flowiq: Handle) -> None:
    """Each has its own organization and its own host."""
    flowella.receive(THANDI, "one")
    flowiq.receive(THANDI, "two")

    assert [message["text"] for message in flowella.messages] == ["one"]
    assert [message["text"] for message in flowiq.messages] == ["two"]


def test_live(flowiq_live: Handle) -> None:
    """Over a socket."""
    flowiq_live.receive(THANDI, "hi")
    assert flowiq_live.base_url.startswith("http://127.0.0.1:")
    assert _greet(flowiq_live).status_code == 200
    flowiq_live.assert_sent(to=THANDI, text="Hello")
