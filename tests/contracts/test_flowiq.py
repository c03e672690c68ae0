"""A second vendor is one file of speech: the same laws look at FlowIQ."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from contracts import check
from contracts.exchange import post
from contracts.guard import Guard
from contracts.settings import Settings
from contracts.spec import Spec
from contracts.speech import speech_of
from contracts.speech.flowiq import FLOWIQ
from contracts.stops import Denied

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "openapi-flowiq.yaml"


def tiny(*operations: tuple[str, str, str]) -> Spec:
    """A spec of nothing but operations."""
    paths: dict[str, Any] = {}
    for operation, method, path in operations:
        paths.setdefault(path, {})[method] = {"operationId": operation, "responses": {"200": {"description": "Fine"}}}
    return Spec({"openapi": "3.1.0", "paths": paths}, "tiny.yaml")


FLOWIQS = tiny(
    ("getConversationMessages", "get", "/conversations"),
    ("createContact", "post", "/contact"),
    ("sendWhatsAppMessage", "post", "/send-whatsapp"),
    ("createWebhook", "post", "/set-webhooks"),
)


def test_a_spec_is_known_by_its_operations() -> None:
    """Not by its file's name."""
    assert speech_of(FLOWIQS) is FLOWIQ
    assert speech_of(tiny(("other", "get", "/other"))).name == "plain"


@pytest.mark.parametrize(
    ("operation", "body", "wrong"),
    [
        ("getConversationMessages", {"success": False, "error": "Invalid action"}, None),
        ("getConversationMessages", {"error": "Invalid action"}, 'the body has no "success": false'),
        ("createContact", {"error": "Missing required field", "message": "phone_number is required"}, None),
        ("createContact", {"error": "Missing required field"}, "message is not a text"),
        ("createContact", {"error": {"code": "X"}}, 'the body is not {"error": …} with a title'),
        (None, "text", 'the body is not {"error": …} with a title'),
    ],
)
def test_two_envelopes(operation: str | None, body: Any, wrong: str | None) -> None:
    """One for reading, one for the rest."""
    assert FLOWIQ.envelope(operation, body) == wrong


def test_sandbox_subscribes_nobody() -> None:
    """There is no way to take a webhook away again; and messages go to whom was named."""
    settings = Settings("https://api.example.com", "fiq_key", profile="sandbox", recipients=("+27123456789",))
    guard = Guard(settings, FLOWIQS, FLOWIQ)

    guard.judge(post("/send-whatsapp", {"phone_number": "27 12 345 6789", "text": "x"}))
    for path, body in (
        ("/set-webhooks", {"url": "https://example.com", "type": "all"}),
        ("/send-whatsapp", {"phone_number": "+27123456780", "text": "x"}),
    ):
        with pytest.raises(Denied):
            guard.judge(post(path, body))


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[str]:
    """The fake's FlowIQ, served."""
    ready = tmp_path / "ready.json"
    command = [str(Path(sys.executable).with_name("flowella-mock")), "serve", "--port", "0", "--rate-limit", "off"]
    with subprocess.Popen([*command, "--ready-file", str(ready)], stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            if "Stop with" in line:
                break
        yield json.loads(ready.read_text(encoding="utf-8"))["controlUrl"].removesuffix("/_mock")
        process.terminate()


@pytest.mark.skipif(not SPEC.exists(), reason="the spec of FlowIQ is not here yet")
def test_the_fake_keeps_flowiqs_contract(fake: str) -> None:
    """Generic checks, and every law that applies to its speech."""
    key = "fiq_thisisafakeflowiqkey0000"
    report = check(fake, key, spec=str(SPEC), rate=1e5, max_requests=900)

    assert report.exit_code == 0, report.text()
    assert not report.findings, report.text()
    assert {"key-required", "limit-bounds", "pages-complete", "error-envelope", "bad-input-refused"} <= report.held
