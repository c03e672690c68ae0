"""The hostile servers are as hostile as they say, and the recorder misses nothing."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from liar import HOSTILE, Target, honest

if TYPE_CHECKING:
    from http.client import HTTPResponse


def get(target: Target, path: str = "/ping", timeout: float = 30.0, **headers: str) -> tuple[HTTPResponse, bytes]:
    """One call with the target's key."""
    url = urlsplit(target.base_url)
    connection = http.client.HTTPConnection(url.netloc, timeout=timeout)
    try:
        connection.request("GET", url.path + path, headers={"Authorization": f"Bearer {target.api_key}", **headers})
        with connection.getresponse() as response:
            return response, response.read()
    finally:
        connection.close()


def test_the_honest_one_has_three_keys() -> None:
    """Ours is good, theirs belongs to another organization, the revoked one counts no longer."""
    with honest() as target:
        ours, mine = get(target)
        theirs, other = get(Target(target.base_url, api_key=target.other_key))
        revoked, _ = get(Target(target.base_url, api_key=target.revoked_key))

    assert (ours.status, theirs.status, revoked.status) == (200, 200, 401)
    assert mine != other


@pytest.mark.parametrize(
    ("name", "status", "kind", "start"),
    [
        ("wrong-key", 401, "application/json; charset=utf-8", b'{"error":{"code":"UNAUTHORIZED"'),
        ("login-page", 200, "text/html; charset=utf-8", b"<!doctype html>"),
        ("empty-object", 200, "application/json; charset=utf-8", b"{}"),
        ("always-429", 429, "application/json; charset=utf-8", b'{"error":{"code":"RATE_LIMITED"'),
        ("always-500", 500, "application/json; charset=utf-8", b'{"error":{"code":"INTERNAL_ERROR"'),
        ("records", 200, "application/json; charset=utf-8", b'{"ok":true'),
    ],
)
def test_those_that_answer(name: str, status: int, kind: str, start: bytes) -> None:
    """They answer HTTP, and not what was asked."""
    with HOSTILE[name]() as target:
        response, body = get(target)

    assert (response.status, response.headers["Content-Type"]) == (status, kind)
    assert body.startswith(start)


@pytest.mark.parametrize(
    ("name", "failure"),
    [
        ("dead-port", ConnectionRefusedError),
        ("hangs-up", http.client.RemoteDisconnected),
        ("resets", ConnectionResetError),
        ("garbage", http.client.BadStatusLine),
    ],
)
def test_those_that_do_not(name: str, failure: type[Exception]) -> None:
    """No answer at all comes, each in its own way."""
    with HOSTILE[name]() as target, pytest.raises(failure):
        get(target)


def test_the_hanging_one_takes_the_request_and_says_nothing() -> None:
    """Whoever has no deadline waits for an hour."""
    with HOSTILE["hangs"]() as target, pytest.raises(TimeoutError):
        get(target, timeout=0.2)


def test_the_redirecting_one_names_another_host() -> None:
    """With the path that was asked for."""
    with HOSTILE["redirects-elsewhere"]() as target:
        response, _ = get(target, "/contacts")

    assert (response.status, response.headers["Location"]) == (307, "http://elsewhere.invalid/api/v1/contacts")


def test_the_recorder_writes_every_call_down() -> None:
    """Method, path, query and headers, answered or refused."""
    with HOSTILE["records"]() as target:
        get(target, "/contacts?limit=3", User_Agent="somebody")
        get(target, "/nothing-here")

    assert [(call.method, call.path, call.query) for call in target.calls] == [
        ("GET", "/api/v1/contacts", {"limit": "3"}),
        ("GET", "/api/v1/nothing-here", {}),
    ]
    assert target.calls[0].header("Authorization") == f"Bearer {target.api_key}"
