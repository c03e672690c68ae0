"""What a profile forbids is not sent, whoever asks for it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contracts.exchange import Call, get, post
from contracts.guard import Guard
from contracts.settings import Settings, WrongUsage
from contracts.spec import load
from contracts.speech import speech_of
from contracts.stops import Denied

SPEC = load("openapi.yaml")
OURS = "+15551234567"


def guard(profile: str, *recipients: str) -> Guard:
    """The guard of a check somewhere else."""
    url = "http://127.0.0.1/api/v1" if profile == "full" else "https://staging.example.com/api/v1"
    settings = Settings(url, "flo_key", profile=profile, recipients=recipients)
    return Guard(settings, SPEC, speech_of(SPEC))


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "get"])
def test_readonly_is_get(method: str) -> None:
    """Nothing else, on any path."""
    for path in ("/ping", "/contacts", "/unknown"):
        guard("readonly").judge(get(path))
        with pytest.raises(Denied, match="only GET is sent"):
            guard("readonly").judge(Call(method, path))


def test_readonly_leaves_the_control_plane_alone_too() -> None:
    """A control plane can be changed as well as anything."""
    with pytest.raises(Denied):
        guard("readonly").judge(Call("POST", "/orgs", control=True))


ALLOWED: list[tuple[str, Any]] = [
    ("/messages", {"to": OURS, "text": "hello 5559876543"}),
    ("/messages", {"to": "1 (555) 123-4567", "text": "x"}),
    ("/contacts", {"phone": OURS, "waId": "15551234567"}),
    ("/templates/send", {"recipients": [{"phone": OURS}, {"phone": "15551234567"}]}),
    ("/messages", {}),
    ("/messages", b"{"),
]

DENIED: list[tuple[str, Any]] = [
    ("/messages", {"to": "+15551234568", "text": "x"}),
    ("/messages", {"to": 15551234568, "text": "x"}),
    ("/messages", {"to": [OURS], "text": "x"}),
    ("/messages", {"to": "", "text": "x"}),
    ("/contacts", {"phone": OURS, "waId": "15551234568"}),
    ("/templates/send", {"recipients": [{"phone": OURS}, {"phone": "+15551234568"}]}),
    ("/templates/send", {"recipients": [{"contactId": "cm0000000000000000000000a"}]}),
    ("/templates/send", {"recipients": [{"contactId": "c15551234567"}]}),
    ("/templates/send", {"recipients": "+15551234568"}),
    ("/templates/send", {"recipients": {"phone": "+15551234568"}}),
    ("/messages", b"to=%2B15551234568"),
    ("/messages", b'["+15551234568"]'),
    ("/messages", b'{"to": "+15551234568", '),
    ("/campaigns", {"text": "not in the spec"}),
]


@pytest.mark.parametrize(("path", "body"), ALLOWED, ids=str)
def test_sandbox_writes_to_whom_was_named(path: str, body: Any) -> None:
    """In any spelling; and bodies in which nobody can be reached are sent."""
    guard("sandbox", OURS).judge(post(path, body))


@pytest.mark.parametrize(("path", "body"), DENIED, ids=str)
def test_sandbox_writes_to_nobody_else(path: str, body: Any) -> None:
    """Whatever is not understood counts as somebody else."""
    with pytest.raises(Denied, match="sandbox"):
        guard("sandbox", OURS).judge(post(path, body))


def test_sandbox_deletes_nothing() -> None:
    """A server that breaks its promises might obey."""
    for method in ("DELETE", "PUT", "PATCH"):
        with pytest.raises(Denied):
            guard("sandbox", OURS).judge(Call(method, "/contacts"))


def test_a_twice_named_field_hides_nobody() -> None:
    """Of two fields of one name the server may take the first, and JSON readers take the last."""
    body = b'{"to": "+15551234568", "to": ' + json.dumps(OURS).encode() + b', "text": "x"}'

    with pytest.raises(Denied):
        guard("sandbox", OURS).judge(post("/messages", body))


def test_full_is_for_this_machine() -> None:
    """Refused before the first request, with the way out."""
    with pytest.raises(WrongUsage, match="use --profile sandbox with --recipient"):
        Settings("https://api.example.com/api/v1", "k", profile="full")
    with pytest.raises(WrongUsage, match="--recipient"):
        Settings("https://api.example.com/api/v1", "k", profile="sandbox")


@pytest.mark.parametrize(
    ("host", "profile"),
    [
        ("127.0.0.1:8484", "full"),
        ("localhost", "full"),
        ("[::1]:80", "full"),
        ("127.0.0.1.example.com", "readonly"),
        ("localhost.example.com", "readonly"),
        ("10.0.0.1", "readonly"),
        ("app.flowella.io", "readonly"),
    ],
)
def test_the_host_chooses_the_profile(host: str, profile: str) -> None:
    """Only what certainly is this machine is written to unasked."""
    assert Settings(f"http://{host}/api/v1", "k").what_may_be_done == profile


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"base_url": "127.0.0.1:8484"}, "--base-url: '127.0.0.1:8484' is not a web address"),
        ({"base_url": "http://x/api?key=1"}, "has a query or fragment"),
        ({"base_url": "http://me:secret@x/api/v1"}, "would end up in reports"),
        ({"api_key": ""}, "--api-key: it is empty"),
        ({"profile": "production"}, "there is no 'production'; there are readonly, sandbox, full"),
        ({"max_requests": 0}, "--max-requests: 0 leaves no room"),
        ({"rate": -1.0}, "--rate: -1.0 leaves no room"),
        ({"recipients": ("me",)}, "--recipient: 'me' is not a phone number"),
    ],
)
def test_wrong_settings_are_refused(wrong: dict[str, Any], words: str) -> None:
    """With the option, the value, and what would be right."""
    with pytest.raises(WrongUsage) as refused:
        Settings(**{"base_url": "http://127.0.0.1:8484/api/v1", "api_key": "k", **wrong})
    assert words in str(refused.value)
