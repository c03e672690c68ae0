"""What a client library sees in process is what it sees of a real server: statuses, headers, bytes, and every way to fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
import requests
import responses
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from mock_server.testing.lab import FLOWELLA_LIVES

if TYPE_CHECKING:
    from collections.abc import Callable

    from mock_server.testing.handle import Handle

    Pair = tuple[Handle, Handle]

REAL = FLOWELLA_LIVES.origin

FAULTS: list[tuple[str, dict[str, Any]]] = [
    ("status", {"status": 503}),
    ("rateLimit", {}),
    ("latency", {"seconds": 0.01}),
    ("latency", {"seconds": 60}),
    ("hang", {}),
    ("reset", {}),
    ("close", {}),
    ("truncate", {}),
    ("malformed", {}),
    ("html", {}),
    ("drip", {"bytes": 50, "seconds": 0.001}),
    ("drip", {"bytes": 50, "seconds": 60}),
    ("lostResponse", {}),
    ("metaError", {"code": 131056}),
]

CALLS: list[tuple[str, str, Any]] = [
    ("GET", "/ping", None),
    ("HEAD", "/ping", None),
    ("POST", "/messages", {"to": "+15551234567", "text": "naïve 📦"}),
    ("POST", "/messages", {"to": "+15551234567"}),
    ("GET", "/contacts?limit=1&limit=2", None),
    ("GET", "/nothing%20here", None),
    ("DELETE", "/messages", None),
]


def with_requests(handle: Handle, method: str, path: str, body: Any, timeout: float = 20) -> Any:
    """What `requests` gives for a call: the answer's parts, or the class of its error."""
    auth = {"Authorization": f"Bearer {handle.api_key}"}
    try:
        answer = requests.request(method, handle.base_url + path, json=body, headers=auth, timeout=timeout)
    except requests.RequestException as error:
        return type(error)
    return answer.status_code, answer.reason, _shown(answer.headers.items()), answer.content


def with_httpx(handle: Handle, method: str, path: str, body: Any, timeout: float = 20) -> Any:
    """The same with `httpx`."""
    auth = {"Authorization": f"Bearer {handle.api_key}"}
    transport = handle.httpx_transport() if handle.base_url.startswith(REAL) else None
    try:
        with httpx.Client(transport=transport, timeout=timeout) as client:
            answer = client.request(method, handle.base_url + path, json=body, headers=auth)
    except httpx.HTTPError as error:
        return type(error)
    return answer.status_code, answer.reason_phrase, _shown(answer.headers.multi_items()), answer.content


LIBRARIES = pytest.mark.parametrize("ask", [with_requests, with_httpx])


@LIBRARIES
@pytest.mark.parametrize(("effect", "settings"), FAULTS, ids=str)
def test_a_fault_looks_the_same(pair: Pair, ask: Callable[..., Any], effect: str, settings: dict[str, Any]) -> None:
    """Each effect comes out as the same answer, or the same class of error, as over a socket; and nobody waits."""
    sends = effect == "metaError"
    call = ("POST", "/messages", {"to": "+15551234567", "text": "hi"}) if sends else ("GET", "/templates?limit=3", None)
    for handle in pair:
        handle.faults.add("sendMessage" if sends else "listTemplates", effect, **settings)
    patience = 0.2 if effect == "hang" or settings.get("seconds") == 60 else 20  # of a real socket, on a busy machine
    inside, outside = (ask(handle, *call, patience) for handle in pair)

    assert inside == outside


@LIBRARIES
@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_an_answer_looks_the_same(pair: Pair, ask: Callable[..., Any], method: str, path: str, body: Any) -> None:
    """Statuses, reasons, names and order of headers, and bytes but for ids that hold the time."""
    inside, outside = (ask(handle, method, path, body) for handle in pair)

    if method == "POST" and inside[0] == 201:
        assert inside[:3] == outside[:3]
        assert len(inside[3]) == len(outside[3])
    elif path == "/ping" and method == "GET":
        assert inside[:3] == outside[:3]
    else:
        assert inside == outside


def test_a_body_in_chunks_arrives_whole(pair: Pair) -> None:
    """A generator is sent chunked, and read as one body."""
    for handle in pair:
        auth = {"Authorization": f"Bearer {handle.api_key}", "Content-Type": "application/json"}
        body = iter([b'{"to": "+1555', b'1234567", ', b'"text": "hi"}'])
        assert requests.post(f"{handle.base_url}/messages", data=body, headers=auth, timeout=5).status_code == 201


def test_the_callers_own_adapter_and_its_retries_stay_in_the_game(pair: Pair) -> None:
    """urllib3's Retry counts statuses and lost connections, in process as over a socket."""
    for handle in pair:
        session = requests.Session()
        retry = Retry(total=4, status_forcelist=[503], backoff_factor=0, allowed_methods=None)
        session.mount(handle.origin, HTTPAdapter(max_retries=retry))
        session.headers["Authorization"] = f"Bearer {handle.api_key}"
        handle.faults.add("ping", "status", status=503, times=2)
        handle.faults.add("ping", "reset", times=1)
        assert session.get(f"{handle.base_url}/ping", timeout=5).status_code == 200
        assert [call.status for call in handle.requests] == [503, 503, None, 200]
        handle.faults.add("ping", "status", status=503)
        with pytest.raises(requests.exceptions.RetryError):
            session.get(f"{handle.base_url}/ping", timeout=5)


def test_a_call_without_patience_limits_does_not_hang_the_test(pair: Pair) -> None:
    """In production it would be stuck; here it times out at once."""
    handle = pair[0]
    handle.faults.add("ping", "hang")
    auth = {"Authorization": f"Bearer {handle.api_key}"}
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(f"{handle.base_url}/ping", headers=auth)
    with pytest.raises(httpx.ReadTimeout), httpx.Client(transport=handle.httpx_transport(), timeout=None) as client:
        client.get(f"{handle.base_url}/ping", headers=auth)


@responses.activate
def test_mocks_of_the_tests_own_lie_beside_it(pair: Pair) -> None:
    """Other hosts are mocked as ever, ours is answered by the fake, and what is not mocked is refused as ever."""
    handle = pair[0]
    responses.get("https://api.example.com/rates", json={"eur": 1})

    assert requests.get("https://api.example.com/rates", timeout=5).json() == {"eur": 1}
    assert with_requests(handle, "GET", "/ping", None)[0] == 200
    with pytest.raises(requests.ConnectionError, match="doesn't match any registered mock"):
        requests.get("https://api.example.org/", timeout=5)
    assert len(responses.calls) == 2


def test_a_mock_of_our_own_host_wins(pair: Pair) -> None:
    """Who mocks one address of the real service means it; the rest of the host is still the fake's."""
    handle = pair[0]
    with responses.RequestsMock() as own:
        own.get(f"{handle.base_url}/ping", json={"mine": True})
        assert requests.get(f"{handle.base_url}/ping?x=1", timeout=5).json() == {"mine": True}
        assert with_requests(handle, "GET", "/contacts", None)[0] == 200
    assert with_requests(handle, "GET", "/ping", None)[0] == 200


def test_mocks_around_it_stay_in_force(labs: Any) -> None:
    """A fixture of the test's own may have begun to mock before."""
    with responses.RequestsMock() as own:
        own.get("https://api.example.com/", body="mocked")
        labs[0].intercept(REAL)
        try:
            assert requests.get("https://api.example.com/", timeout=5).text == "mocked"
            assert requests.get(f"{REAL}/api/v1/ping", timeout=5).status_code == 401
        finally:
            labs[0].release(REAL)


def test_afterwards_everything_is_as_before(labs: Any) -> None:
    """No patch stays."""
    before = HTTPAdapter.send, responses.RequestsMock._on_request
    labs[0].intercept(REAL)
    labs[0].intercept(REAL)
    assert HTTPAdapter.send is not before[0]
    labs[0].release(REAL)
    assert HTTPAdapter.send is not before[0]
    labs[0].release(REAL)

    assert (HTTPAdapter.send, responses.RequestsMock._on_request) == before


def _shown(headers: Any) -> list[tuple[str, str]]:
    """Names in their case and order; the date is another one each second."""
    return [(name, "" if name.lower() == "date" else value) for name, value in headers]
