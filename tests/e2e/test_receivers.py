"""Webhooks over real sockets: the example receivers, receivers that misbehave, retries, and the settings page.

Most of this runs on a manual clock: `advance` answers only once everything that fell due has been delivered and settled,
so there is nothing to wait for and every time is exact.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import ADA, PATIENCE, Catcher, call, converse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .conftest import Org, Post, Server

EXAMPLES = Path(__file__).parents[2] / "examples" / "receivers"
SCHEDULE = [0, 30, 150, 750]
"""Seconds from the first attempt to each (D21)."""


# ------------------------------------------------------------------------------------------- the example receivers


class Example:
    """An example receiver, running."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        (greeting,) = self.lines(1)
        self.url = greeting.removeprefix("listening on ")
        assert self.url.startswith("http://127.0.0.1:")

    def lines(self, count: int) -> list[str]:
        """The next lines that it prints, waited for."""
        watchdog = threading.Timer(PATIENCE, self.kill)
        watchdog.start()
        lines = [self._process.stdout.readline().rstrip() for _ in range(count)] if self._process.stdout else []
        watchdog.cancel()
        return lines

    def seen(self) -> list[dict[str, str]]:
        """What it has accepted."""
        seen: list[dict[str, str]] = json.loads(call(self.url, "GET", "/seen").body)
        return seen

    def kill(self) -> None:
        """End it in mid-sentence."""
        self._process.kill()
        self._process.wait(PATIENCE)


def command(language: str) -> list[str]:
    """How to run the example in this language."""
    if language == "python":
        return [sys.executable, str(EXAMPLES / "receiver.py")]
    node = shutil.which("node")
    if node is None:
        assert "CI" not in os.environ, "Node is missing, so receiver.mjs goes untested; CI must have it"
        pytest.skip("node is not installed")
    return [node, str(EXAMPLES / "receiver.mjs")]


@pytest.fixture(params=["python", "node"])
def run(request: pytest.FixtureRequest) -> Iterator[Callable[..., Example]]:
    """Start the example receiver, in each language: `run(secret, *options)`."""
    start = command(request.param)
    with ExitStack() as stack:

        def run_one(secret: str, *options: str, port: str = "0") -> Example:
            environment = {**os.environ, "FLOWELLA_WEBHOOK_SECRET": secret}
            process = subprocess.Popen([*start, port, *options], stdout=subprocess.PIPE, text=True, env=environment)
            stack.enter_context(process)
            stack.callback(process.kill)
            return Example(process)

        yield run_one


STORY = Counter(
    {
        "conversation.opened": 3,
        "message.received": 2,
        "message.sent": 1,
        "message.delivered": 1,
        "message.read": 1,
        "conversation.closed": 1,
        "optout.created": 1,
        "message.failed": 1,
        "template.status_updated": 1,
    }
)


def test_example_accepts_every_event_once(org: Org, run: Callable[..., Example]) -> None:
    """Every kind of event verifies, in the order in which things happened; none is refused, none is taken twice."""
    example = run(org.webhook_secret)
    org.subscribe(example.url)
    converse(org)
    seen = example.seen()
    assert Counter(event["event"] for event in seen) == STORY
    deliveries = list(reversed(org.all("/deliveries")))
    assert [event["id"] for event in seen] == [delivery["eventId"] for delivery in deliveries]
    assert {delivery["status"] for delivery in deliveries} == {"succeeded"}
    assert {line.split()[0] for line in example.lines(len(seen))} == {"accepted:"}


def test_example_takes_a_redelivery_for_what_it_is(org: Org, run: Callable[..., Example]) -> None:
    """The same event again is answered 200 and not taken a second time."""
    example = run(org.webhook_secret)
    org.subscribe(example.url)
    org.inbound(ADA)
    org.advance(0)
    before = example.seen()
    first = org.all("/deliveries?event=message.received")[0]
    again = org.set("POST", f"/deliveries/{first['id']}/redeliver")
    org.advance(0)
    assert org.set("GET", f"/deliveries/{again['id']}")["status"] == "succeeded"
    assert example.seen() == before
    assert [line.split()[0] for line in example.lines(3)] == ["accepted:", "accepted:", "repeated:"]


def test_example_refuses_a_wrong_secret_at_every_retry(org: Org, run: Callable[..., Example]) -> None:
    """With another secret all is refused: the fake notes 401 for each attempt, at the documented times."""
    example = run("whsec_somebody-elses", "--any-time")
    org.subscribe(example.url, "message.received")
    org.inbound(ADA)
    org.advance(3600)
    (delivery,) = org.all("/deliveries")
    assert offsets(delivery) == SCHEDULE
    assert [attempt["status"] for attempt in delivery["attempts"]] == [401] * 4
    assert {attempt["responseExcerpt"] for attempt in delivery["attempts"]} <= {
        '{"error": "wrong signature"}',
        '{"error":"wrong signature"}',
    }
    assert (delivery["status"], delivery["nextAttemptAt"]) == ("failed", None)
    assert example.seen() == []
    assert example.lines(4) == ["refused: wrong signature"] * 4


def test_example_refuses_what_is_more_than_five_minutes_off(org: Org, run: Callable[..., Example]) -> None:
    """An organization whose clock is an hour ahead is refused, unless the check is switched off."""
    strict, lenient = run(org.webhook_secret), run(org.webhook_secret, "--any-time")
    for example in (strict, lenient):
        org.subscribe(example.url, "message.received")
    org.inbound(ADA)
    org.advance(3600)
    org.inbound(ADA)
    org.advance(0)
    assert [len(example.seen()) for example in (strict, lenient)] == [1, 2]
    assert strict.lines(2)[1] == "refused: more than 5 minutes off"


def test_killed_receiver_gets_what_it_missed_by_retry(org: Org, run: Callable[..., Example]) -> None:
    """A receiver that dies between two events, and comes back at the same address, is served by the next retry."""
    example = run(org.webhook_secret)
    org.subscribe(example.url, "message.received")
    org.inbound(ADA)
    org.advance(0)
    example.kill()
    org.inbound(ADA)
    org.advance(0)
    missed = org.all("/deliveries")[0]
    assert [kind(attempt) for attempt in missed["attempts"]] == ["refused"]
    assert org.ok("GET", "/ping")["ok"] is True

    revived = run(org.webhook_secret, port=example.url.rpartition(":")[2])
    org.advance(30)
    assert org.set("GET", f"/deliveries/{missed['id']}")["status"] == "succeeded"
    assert [event["id"] for event in revived.seen()] == [missed["eventId"]]


# -------------------------------------------------------------------------------------------------------- retries


def offsets(delivery: Any) -> list[float]:
    """Seconds from a delivery's first attempt to each of them."""
    times = [datetime.fromisoformat(attempt["at"]) for attempt in delivery["attempts"]]
    return [(time - times[0]).total_seconds() for time in times]


def kind(attempt: Any) -> str:
    """The kind of error of an attempt that got no answer."""
    assert attempt["status"] is None
    kind: str = attempt["error"].partition(":")[0]
    return kind


def test_one_event_is_tried_four_times_on_schedule(org: Org, catcher: Catcher) -> None:
    """500 each time: attempts at 0, 30, 150 and 750 s, the same bytes and delivery id, timestamp and signature of each."""
    catcher.status = 500
    hook = org.subscribe(catcher.url, "message.received")
    org.inbound(ADA)
    org.advance(3600)
    (delivery,) = org.all("/deliveries")
    assert offsets(delivery) == SCHEDULE
    assert [attempt["number"] for attempt in delivery["attempts"]] == [1, 2, 3, 4]
    assert delivery["status"] == "failed"
    assert org.set("GET", f"/webhooks/{hook['id']}")["failuresInRow"] == 4

    posts = catcher.take(4)
    assert len({post.body for post in posts}) == 1
    assert {post.headers["X-Flowella-Delivery"] for post in posts} == {delivery["id"]}
    stamps = [int(post.headers["X-Flowella-Timestamp"]) for post in posts]
    assert [stamp - stamps[0] for stamp in stamps] == SCHEDULE
    for attempt, post in zip(delivery["attempts"], posts, strict=True):
        assert base64.b64decode(attempt["requestBody"]) == post.body
        sent = {name: post.headers[name] for name in attempt["requestHeaders"]}
        assert sent == attempt["requestHeaders"]
    assert catcher.posts.empty()


def test_a_retry_that_succeeds_ends_it_and_clears_the_count(org: Org, catcher: Catcher) -> None:
    """Any 2xx is success, nothing comes after it, and the failures in a row are forgotten."""
    catcher.status = 503
    hook = org.subscribe(catcher.url, "message.received")
    org.inbound(ADA)
    org.advance(29.999)
    catcher.status = 204
    assert len(org.all("/deliveries")[0]["attempts"]) == 1
    org.advance(3600)
    (delivery,) = org.all("/deliveries")
    assert [attempt["status"] for attempt in delivery["attempts"]] == [503, 204]
    assert delivery["status"] == "succeeded"
    assert org.set("GET", f"/webhooks/{hook['id']}")["failuresInRow"] == 0


@pytest.mark.parametrize("status", [301, 302, 307, 400, 410, 429, 599])
def test_anything_but_2xx_is_a_failure(org: Org, catcher: Catcher, status: int) -> None:
    """Redirects are not followed, and 410 or 429 are not special (D21)."""
    catcher.status = status
    org.subscribe(catcher.url, "message.received")
    org.inbound(ADA)
    org.advance(0)
    (delivery,) = org.all("/deliveries")
    assert [attempt["status"] for attempt in delivery["attempts"]] == [status]
    assert delivery["status"] == "pending"


def test_tenth_failure_in_a_row_switches_the_webhook_off(org: Org, catcher: Catcher) -> None:
    """Counted across events; what waits is abandoned, what happens meanwhile is not sent later, PATCH is a fresh start."""
    catcher.status = 500
    hook = org.subscribe(catcher.url, "message.received")
    healthy = Catcher()
    org.subscribe(healthy.url, "message.received")
    for _ in range(3):
        org.inbound(ADA)
        org.advance(1)
    org.advance(3600)
    deliveries = list(reversed(org.all(f"/deliveries?webhookId={hook['id']}")))
    # 3 at 0 s, 3 at 30 s, 3 at 150 s, and the first one's last at 750 s is the tenth.
    assert [len(delivery["attempts"]) for delivery in deliveries] == [4, 3, 3]
    assert offsets(deliveries[0]) == SCHEDULE
    assert [delivery["status"] for delivery in deliveries] == ["failed", "abandoned", "abandoned"]
    assert [delivery["nextAttemptAt"] for delivery in deliveries] == [None] * 3
    state = org.set("GET", f"/webhooks/{hook['id']}")
    assert (state["active"], state["failuresInRow"]) == (False, 10)
    assert state["disabledAt"] == deliveries[0]["attempts"][3]["at"]
    assert org.set("GET", "/clock")["pending"] == 0

    catcher.status = 200
    org.inbound(ADA)
    assert org.control("POST", f"/webhooks/{hook['id']}/test").code == "CONFLICT"
    assert org.control("POST", f"/deliveries/{deliveries[1]['id']}/redeliver").code == "CONFLICT"
    state = org.set("PATCH", f"/webhooks/{hook['id']}", {"active": True})
    assert (state["active"], state["failuresInRow"], state["disabledAt"]) == (True, 0, None)
    org.advance(3600)
    assert len(org.all(f"/deliveries?webhookId={hook['id']}")) == 3
    org.inbound(ADA)
    org.advance(0)
    assert org.all(f"/deliveries?webhookId={hook['id']}")[0]["status"] == "succeeded"
    assert len(healthy.take(5)) == 5
    healthy.stop()


# ------------------------------------------------------------------------------------------ receivers that misbehave


class Rude:
    """A listening socket that does to each connection, once the request has come, what it is told to do."""

    def __init__(self, behaviour: Callable[[socket.socket], None]) -> None:
        self.connections = 0
        self._behaviour = behaviour
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/hooks"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                with connection:
                    connection.settimeout(PATIENCE)
                    read_request(connection)
                    self._behaviour(connection)

    def stop(self) -> None:
        """Listen no more."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(PATIENCE)


def read_request(connection: socket.socket) -> None:
    """A whole request with a body, thrown away."""
    with connection.makefile("rb") as stream:
        length = 0
        for line in iter(stream.readline, b"\r\n"):
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        stream.read(length)


@contextmanager
def rude(behaviour: Callable[[socket.socket], None]) -> Iterator[Rude]:
    """A receiver that misbehaves, for a while."""
    receiver = Rude(behaviour)
    try:
        yield receiver
    finally:
        receiver.stop()


def says(answer: bytes) -> Callable[[socket.socket], None]:
    """Answer with these bytes and close."""
    return lambda connection: connection.sendall(answer)


def resets(connection: socket.socket) -> None:
    """Close with a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


RUDE: dict[str, tuple[Callable[[socket.socket], None], str]] = {
    "closes without a word": (says(b""), "closed"),
    "resets": (resets, "closed"),
    "closes in mid-head": (says(b"HTTP/1.1 200 OK\r\nContent-Le"), "closed"),
    "speaks another protocol": (says(b"220 smtp.example.com ESMTP\r\n"), "malformed"),
}


@pytest.mark.parametrize("case", RUDE)
def test_no_answer_is_one_failed_attempt_of_the_right_kind(org: Org, case: str) -> None:
    """A receiver that hangs up is connected to once, and the log says how it ended; the retry comes on schedule."""
    behaviour, expected = RUDE[case]
    with rude(behaviour) as receiver:
        org.subscribe(receiver.url, "message.received")
        org.inbound(ADA)
        org.advance(0)
        (delivery,) = org.all("/deliveries")
        assert [kind(attempt) for attempt in delivery["attempts"]] == [expected]
        assert receiver.connections == 1
        assert org.ok("GET", "/ping")["ok"] is True
        org.advance(30)
        assert offsets(org.all("/deliveries")[0]) == [0, 30]
        assert receiver.connections == 2


def test_half_an_answer_counts_by_its_head(org: Org) -> None:
    """Once a complete head has come, its status decides, even when the body breaks off."""
    head = b"HTTP/1.1 %s\r\nContent-Length: 100\r\n\r\nhalf"
    for status, outcome in ((b"200 OK", "succeeded"), (b"500 Oh", "pending")):
        with rude(says(head % status)) as receiver:
            hook = org.subscribe(receiver.url, "message.received")
            org.inbound(ADA)
            org.advance(0)
            (delivery,) = org.all(f"/deliveries?webhookId={hook['id']}")
            (attempt,) = delivery["attempts"]
            assert (attempt["status"], attempt["responseExcerpt"], attempt["error"]) == (int(status[:3]), "half", None)
            assert delivery["status"] == outcome
            org.set("DELETE", f"/webhooks/{hook['id']}")


def test_hanging_receiver_times_out_while_everything_else_goes_on(org: Org, catcher: Catcher) -> None:
    """A receiver that never answers is given up after 10 real seconds; API, other receivers and other clocks go on."""
    arrived, release = threading.Event(), threading.Event()

    def hang(_: socket.socket) -> None:
        arrived.set()
        release.wait(PATIENCE)

    with rude(hang) as receiver, ThreadPoolExecutor(1) as pool:
        hook = org.subscribe(receiver.url, "message.received")
        org.subscribe(catcher.url, "message.received")
        org.inbound(ADA)
        advancing = pool.submit(org.advance, 1)
        assert arrived.wait(PATIENCE)
        assert catcher.take(1)[0].json["event"] == "message.received"
        sent = org.ok("POST", "/messages", {"to": ADA, "text": "Hello"})
        other = org.server.org(clock="manual")
        other.inbound(ADA)
        other.advance(86_400)
        (delivery,) = org.all(f"/deliveries?webhookId={hook['id']}")
        assert (delivery["attempts"], advancing.done()) == ([], False)

        advancing.result(PATIENCE)
        release.set()
        (delivery,) = org.all(f"/deliveries?webhookId={hook['id']}")
        assert [kind(attempt) for attempt in delivery["attempts"]] == ["timeout"]
        assert 10 <= delivery["attempts"][0]["latency"] < 13
        assert org.set("GET", f"/messages/{sent['id']}")["status"] == "SENT"


def test_receiver_may_call_the_api_from_inside_its_handler(org: Org, catcher: Catcher) -> None:
    """An auto-reply: nothing is locked while a webhook is on the wire, even while `advance` waits for it."""
    answers: list[int] = []

    def reply(post: Post) -> None:
        if post.json["event"] == "message.received":
            sender = post.json["data"]["from"]
            answers.append(org.api("POST", "/messages", {"to": sender, "text": "Thank you!"}).status)

    catcher.then = reply
    org.subscribe(catcher.url)
    org.inbound(ADA)
    org.advance(10)
    assert answers == [201]
    assert [message["status"] for message in org.all("/messages?direction=OUTBOUND")] == ["READ"]
    events = Counter(post.json["event"] for post in catcher.take(5))
    assert events["message.read"] == 1
    assert {delivery["status"] for delivery in org.all("/deliveries")} == {"succeeded"}


def test_receiver_that_advances_the_clock_is_told_why_not(org: Org, catcher: Catcher) -> None:
    """While an advance delivers, it would wait for itself: 409 at once instead of a deadlock."""
    answers: list[str] = []

    def advance(_: Post) -> None:
        answers.append(org.control("POST", "/clock/advance", {"seconds": 1}).code)

    catcher.then = advance
    org.subscribe(catcher.url, "message.sent")
    org.inbound(ADA)
    org.ok("POST", "/messages", {"to": ADA, "text": "Hello"})
    org.advance(1)
    assert answers == ["CONFLICT"]


def test_manual_clock_delivers_in_order(org: Org, catcher: Catcher) -> None:
    """With time in somebody's hand, events arrive one after the other, as they happened."""
    org.subscribe(catcher.url)
    for number in range(30):
        org.inbound(f"+1555123{number:04d}", f"message {number}")
    org.advance(0)
    catcher.take(60)
    texts = [post.json["data"].get("text") for post in catcher.arrived]
    assert [text for text in texts if text] == [f"message {number}" for number in range(30)]


def test_many_webhooks_at_once(server: Server, catcher: Catcher) -> None:
    """On a running clock, 200 events from 8 threads all arrive, each once."""
    org = server.org()
    org.subscribe(catcher.url, "message.received")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: org.inbound(f"+1555123{number:04d}"), range(200)))
    posts = catcher.take(200)
    assert len({post.json["data"]["id"] for post in posts}) == 200
    assert len({post.json["data"]["from"] for post in posts}) == 200
    assert catcher.posts.empty()


# ----------------------------------------------------------------------------------------------- the settings page


def signed_with(secret: str, post: Post) -> bool:
    """Is this the right signature of exactly these bytes? Reckoned here, not by the fake."""
    return post.headers["X-Flowella-Signature"] == hmac.new(secret.encode(), post.body, hashlib.sha256).hexdigest()


def test_send_test_button(org: Org, catcher: Catcher) -> None:
    """`webhook.test` goes to the one endpoint whatever it subscribed to, at once, and cannot be subscribed to (D25)."""
    hook = org.subscribe(catcher.url, "message.read")
    other = Catcher()
    org.subscribe(other.url)
    delivery = org.set("POST", f"/webhooks/{hook['id']}/test")
    org.advance(0)
    (post,) = catcher.take(1)
    assert post.json["event"] == delivery["event"] == post.headers["X-Flowella-Event"] == "webhook.test"
    assert post.json["data"]["id"] == delivery["eventId"]
    assert signed_with(org.webhook_secret, post)
    assert other.posts.empty()
    other.stop()
    refusal = org.control("POST", "/webhooks", {"url": catcher.url, "events": ["webhook.test"]})
    assert (refusal.status, refusal.code) == (400, "VALIDATION_ERROR")


def test_after_a_rotation_only_the_new_secret_signs(org: Org, catcher: Catcher) -> None:
    """Shown once, in the answer; retries of older events are signed with it too (D24)."""
    hook = org.subscribe(catcher.url, "message.received")
    catcher.status = 500
    org.inbound(ADA)
    org.advance(0)
    rotated = org.set("POST", f"/webhooks/{hook['id']}/rotate-secret")
    assert rotated["secret"] != hook["secret"]
    assert rotated["secret"].startswith("whsec_")
    assert len(rotated["secret"]) == len("whsec_") + 32
    assert "secret" not in org.set("GET", f"/webhooks/{hook['id']}")
    org.advance(30)
    before, after = catcher.take(2)
    assert signed_with(hook["secret"], before)
    assert not signed_with(hook["secret"], after)
    assert signed_with(rotated["secret"], after)
    assert after.body == before.body


def test_redelivery_has_the_same_event_and_another_delivery_id(org: Org, catcher: Catcher) -> None:
    """The same bytes again under a new delivery id, noted as a repetition of the first."""
    org.subscribe(catcher.url, "message.received")
    org.inbound(ADA)
    org.advance(60)
    (first,) = org.all("/deliveries")
    again = org.set("POST", f"/deliveries/{first['id']}/redeliver")
    org.advance(0)
    assert (again["eventId"], again["redeliveryOf"]) == (first["eventId"], first["id"])
    assert again["id"] != first["id"]
    one, two = catcher.take(2)
    assert one.body == two.body
    assert one.json["data"]["id"] == first["eventId"]
    assert [post.headers["X-Flowella-Delivery"] for post in (one, two)] == [first["id"], again["id"]]
    stamps = [int(post.headers["X-Flowella-Timestamp"]) for post in (one, two)]
    assert stamps[1] - stamps[0] == 60


def test_switched_off_webhook_gets_nothing_and_switched_on_again_only_what_is_new(org: Org, catcher: Catcher) -> None:
    """PATCH active: false drops what waits; true starts again with the next event."""
    hook = org.subscribe(catcher.url, "message.received")
    catcher.status = 500
    org.inbound(ADA, "one")
    org.advance(1)
    assert org.set("PATCH", f"/webhooks/{hook['id']}", {"active": False})["active"] is False
    org.inbound(ADA, "two")
    org.advance(3600)
    assert [delivery["status"] for delivery in org.all("/deliveries")] == ["abandoned"]
    catcher.status = 200
    org.set("PATCH", f"/webhooks/{hook['id']}", {"active": True})
    org.inbound(ADA, "three")
    org.advance(3600)
    assert [post.json["data"]["text"] for post in catcher.take(2)] == ["one", "three"]
    assert catcher.posts.empty()


def test_only_what_was_subscribed_arrives(org: Org, catcher: Catcher) -> None:
    """A webhook for two kinds of events gets those two; with PATCH it gets others."""
    hook = org.subscribe(catcher.url, "message.sent", "optout.created")
    converse(org)
    assert [post.json["event"] for post in catcher.take(2)] == ["message.sent", "optout.created"]
    assert catcher.posts.empty()
    org.set("PATCH", f"/webhooks/{hook['id']}", {"events": ["template.status_updated"]})
    template = org.all("/templates?status=PENDING")[0]
    org.set("PATCH", f"/templates/{template['id']}", {"status": "APPROVED"})
    org.advance(0)
    assert [post.json["data"]["name"] for post in catcher.take(1)] == [template["name"]]


def test_deleted_webhook_gets_nothing_more(org: Org, catcher: Catcher) -> None:
    """DELETE abandons what waits; its deliveries stay in the log, and redelivering one is a 404."""
    hook = org.subscribe(catcher.url, "message.received")
    catcher.status = 500
    org.inbound(ADA)
    org.advance(1)
    org.set("DELETE", f"/webhooks/{hook['id']}")
    org.inbound(ADA)
    org.advance(3600)
    assert len(catcher.take(1)) == 1
    assert catcher.posts.empty()
    (delivery,) = org.all("/deliveries")
    assert delivery["status"] == "abandoned"
    assert org.control("POST", f"/deliveries/{delivery['id']}/redeliver").status == 404


def test_only_owners_and_admins_manage_webhooks_and_keys(org: Org) -> None:
    """Settings are closed to members: 403, and nothing is made."""
    before = org.counts()
    hook = org.control("POST", "/webhooks", {"url": "http://127.0.0.1:9/", "events": ["*"], "role": "MEMBER"})
    key = org.control("POST", "/api-keys", {"label": "CI", "role": "MEMBER"})
    assert [answer.code for answer in (hook, key)] == ["FORBIDDEN"] * 2
    assert org.counts() == before
