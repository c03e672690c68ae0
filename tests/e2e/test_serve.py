"""The main job: `flowella-mock serve`, started as a user starts it, and used as a customer uses Flowella."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import re
import signal
import socket
import subprocess
import threading
import time
from contextlib import ExitStack, suppress
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import ADA, COMMAND, PATIENCE, call, environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .conftest import Catcher, Org, Server

    Start = Callable[..., Server]

SIGNALS = [signal.SIGTERM, signal.SIGINT]


# ------------------------------------------------------------------------------------------------------ starting


def test_ready_file_says_where_everything_is_once_it_answers(start: Start) -> None:
    """A script that has read the ready file can use the API and the control plane at once."""
    server = start()
    assert set(server.ready) == {
        "baseUrl",
        "apiKey",
        "webhookSecret",
        "flowiqBaseUrl",
        "flowiqApiKey",
        "controlUrl",
    }
    ping = call(server.ready["baseUrl"], "GET", "/ping", token=server.ready["apiKey"])
    health = call(server.ready["controlUrl"], "GET", "/health")
    assert (ping.status, ping.json["ok"]) == (200, True)
    assert (health.status, health.json["ok"]) == (200, True)


def test_default_credentials_are_constants_and_look_fake(start: Start) -> None:
    """Two servers have the same key and secret, so that scripts need no parsing."""
    one, two = start(), start("--rng-seed", "7")
    assert one.ready["apiKey"] == two.ready["apiKey"]
    assert one.ready["webhookSecret"] == two.ready["webhookSecret"]
    assert one.ready["apiKey"].startswith("flo_")
    assert len(one.ready["apiKey"]) == len("flo_") + 24
    assert "fake" in one.ready["apiKey"]
    assert "fake" in one.ready["webhookSecret"]


def test_banner_shows_urls_key_secret_and_how_to_stop(server: Server) -> None:
    """Everything a person needs to make the first call is on the screen."""
    for value in server.ready.values():
        assert value in server.banner
    assert "Ctrl-C" in server.banner


def test_demo_seed_has_people_and_traffic(start: Start) -> None:
    """`--seed demo` is a world to look at, with contacts and conversations in it."""
    org = start("--seed", "demo").default
    assert len(org.ok("GET", "/contacts")["items"]) >= 5
    assert len(org.ok("GET", "/conversations")["items"]) >= 3
    assert {message["direction"] for message in org.all("/messages")} == {"INBOUND", "OUTBOUND"}


def test_seed_file_of_ones_own(start: Start, tmp_path: Path) -> None:
    """`--seed` takes a file as well as a name."""
    file = tmp_path / "mine.yaml"
    file.write_text('channels: [{name: Shop, phone: "+34612345678"}]\ncontacts: [{phone: "+15551230001", name: Ada}]\n')
    org = start("--seed", str(file)).default
    assert [channel["name"] for channel in org.all("/channels")] == ["Shop"]
    assert [contact["name"] for contact in org.contacts()] == ["Ada"]


def test_environment_variables_stand_in_for_options(start: Start, tmp_path: Path) -> None:
    """Each option has a variable FLOWELLA_MOCK_<OPTION>; what is given on the command line wins."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = start(
        "--rate-limit",
        "off",
        FLOWELLA_MOCK_PORT=str(port),
        FLOWELLA_MOCK_CLOCK="manual",
        FLOWELLA_MOCK_SEED="demo",
        FLOWELLA_MOCK_RATE_LIMIT="1/s",
        FLOWELLA_MOCK_CONTROL_TOKEN="tok",
    )
    assert server.ready["baseUrl"] == f"http://127.0.0.1:{port}/api/v1"
    org = server.control("GET", "/orgs/default", token="tok").json
    assert org["seed"] == "demo"
    assert server.control("GET", "/orgs/default/clock", token="tok").json["mode"] == "manual"
    assert server.control("GET", "/orgs/default/account", token="tok").json["rateLimit"] is None
    assert server.control("GET", "/orgs/default").status == 401


def test_same_rng_seed_gives_the_same_ids_after_a_restart(start: Start) -> None:
    """Ids of channels and templates can be written into scripts; another seed gives others."""
    one, again, other = (
        [(row["id"], row["phone"]) for row in start("--rng-seed", seed).default.all("/channels")]
        for seed in ("42", "42", "43")
    )
    assert one == again
    assert [phone for _, phone in one] == [phone for _, phone in other]
    assert {row_id for row_id, _ in one}.isdisjoint(row_id for row_id, _ in other)


@pytest.mark.parametrize(
    ("option", "mode", "scale"), [("real", "real", None), ("x60", "scaled", 60), ("manual", "manual", None)]
)
def test_clock_option(start: Start, option: str, mode: str, scale: int | None) -> None:
    """`--clock` says how time passes in the default organization."""
    clock = start("--clock", option).default.set("GET", "/clock")
    assert (clock["mode"], clock["scale"]) == (mode, scale)


def test_rate_limit_option(start: Start) -> None:
    """`--rate-limit 2/s` lets a burst of four through, then one more for each half second of the organization's time."""
    org = start("--rate-limit", "2/s", "--clock", "manual").default
    assert [org.api("GET", "/ping").status for _ in range(6)] == [200] * 4 + [429] * 2
    org.advance(0.5)
    answers = [org.api("GET", "/ping") for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 429]
    assert answers[1].code == "RATE_LIMITED"


def test_the_usual_rate_limit(start: Start) -> None:
    """Unless something else is asked for: a burst of 100, then 50 a second (D6)."""
    org = start("--clock", "manual").default
    passed = []
    for seconds in (0, 1, 0.1):
        org.advance(seconds)
        passed.append([org.api("GET", "/ping").status for _ in range(110)].count(200))
    assert passed == [100, 50, 5]


# -------------------------------------------------------------------------------------------------- refusing to start


def refused(*options: str, **settings: str) -> tuple[int, str]:
    """The exit code and stderr of a `serve` that must not start."""
    command = [COMMAND or "", "serve", *options]
    ran = subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE, env=environment(settings), check=False
    )
    assert ran.stdout == ""
    assert "Traceback" not in ran.stderr
    return ran.returncode, ran.stderr


def test_port_taken_is_one_clear_line(server: Server) -> None:
    """Starting twice on one port says which address is taken and what to do, and nothing else."""
    port = str(server.address[1])
    code, text = refused("--port", port)
    assert code != 0
    assert len(text.splitlines()) == 1
    assert f"127.0.0.1:{port}" in text
    assert "in use" in text


def test_open_host_without_a_token_is_refused_with_the_reason() -> None:
    """Whoever reaches the control plane owns the fake, so it is not opened to a network without a lock."""
    code, text = refused("--host", "0.0.0.0", "--port", "0")
    assert code != 0
    assert "--control-token" in text
    assert "reachable from outside" in text


def test_open_host_with_a_token_starts_and_asks_for_it(start: Start) -> None:
    """With `--control-token` any host may be bound, and the ready file's addresses still work from this machine."""
    server = start("--host", "0.0.0.0", "--control-token", "tok")
    assert [server.control("GET", path).status for path in ("/orgs", "/metrics")] == [401, 401]
    assert [server.control("GET", path).status for path in ("/health", "/ready")] == [200, 200]
    assert [server.control("GET", path, token="tok").status for path in ("/orgs", "/metrics")] == [200, 200]


BAD_OPTIONS = {
    "seed misspelt": (["--seed", "dmo"], ["seed", "'dmo'", "did you mean 'demo'?"]),
    "seed file missing": (["--seed", "./nowhere.yaml"], ["seed", "nowhere.yaml", "No such file"]),
    "clock misspelt": (["--clock", "manul"], ["--clock", "'manul'", "manual", "xN"]),
    "clock backwards": (["--clock", "x-1"], ["--clock", "'x-1'", "xN"]),
    "rate of nothing": (["--rate-limit", "0/s"], ["--rate-limit", "'0/s'", "50/s", "off"]),
    "rate in words": (["--rate-limit", "fast"], ["--rate-limit", "'fast'", "50/s", "off"]),
    "port too high": (["--port", "65536"], ["--port", "65536", "65535"]),
    "port in words": (["--port", "http"], ["--port", "'http'"]),
    "option misspelt": (["--prot", "1"], ["--prot", "--port"]),
    "webhook elsewhere": (["--webhook", "http://example.com/x"], ["--webhook", "https://", "--allow-webhook-host"]),
    "webhook no URL": (["--webhook", "localhost:9000"], ["--webhook", "http(s) URL"]),
    "level misspelt": (["--log-level", "loud"], ["--log-level", "'loud'", "debug"]),
    "ready file nowhere": (["--ready-file", "/nonexistent/ready.json"], ["--ready-file", "/nonexistent/ready.json"]),
}


@pytest.mark.parametrize("case", BAD_OPTIONS)
def test_bad_option_says_what_would_be_right(case: str) -> None:
    """A wrong value is named with its option and what would be right; nothing starts, and there is no traceback."""
    options, words = BAD_OPTIONS[case]
    code, text = refused("--port", "0", *options) if "--port" not in options else refused(*options)
    assert code != 0
    for word in words:
        assert word in text


def test_bad_environment_variable_is_refused_too() -> None:
    """A wrong value in the environment is treated as one on the command line."""
    code, text = refused("--port", "0", FLOWELLA_MOCK_SEED="defualt")
    assert code != 0
    assert "did you mean 'default'?" in text


# --------------------------------------------------------------------------------------------------------- stopping


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """A listening socket that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)
        yield listener


def url_of(listener: socket.socket) -> str:
    """Where it listens."""
    return f"http://127.0.0.1:{listener.getsockname()[1]}/hooks"


def fastest(stop_one: Callable[[], tuple[int, float]]) -> tuple[int, float]:
    """Exit code and seconds, of up to three tries: the promise is about the program, not about how busy this machine is."""
    for _ in range(3):
        code, seconds = stop_one()
        if code != 0 or seconds < 1.0:
            break
    return code, seconds


@pytest.mark.parametrize("number", SIGNALS)
def test_stops_within_a_second_while_a_delivery_hangs(
    start: Start, silent: socket.socket, number: signal.Signals
) -> None:
    """A receiver that never answers does not keep the fake from stopping; the attempt is written down, the code is 0."""

    def stop_one() -> tuple[int, float]:
        server = start("--webhook", url_of(silent))
        server.default.inbound(ADA)
        with silent.accept()[0] as connection:
            assert connection.recv(1)
            stopped = server.stop(number)
        assert "Traceback" not in server.log.read_text()
        assert "cancelled" in server.log.read_text()
        return stopped

    code, seconds = fastest(stop_one)
    assert code == 0
    assert seconds < 1.0


def test_stops_within_a_second_while_an_advance_waits(start: Start, silent: socket.socket) -> None:
    """Nor does a call that advances the clock, and waits for such a receiver, keep the fake from stopping."""

    def stop_one() -> tuple[int, float]:
        server = start("--webhook", url_of(silent), "--clock", "manual")
        server.default.inbound(ADA)
        waiting = threading.Thread(target=advance_until_hung_up, args=(server.default,))
        waiting.start()
        with silent.accept()[0] as connection:
            assert connection.recv(1)
            stopped = server.stop()
            waiting.join(PATIENCE)
        assert "Traceback" not in server.log.read_text()
        return stopped

    code, seconds = fastest(stop_one)
    assert code == 0
    assert seconds < 1.0


def advance_until_hung_up(org: Org) -> None:
    """An advance that may end without an answer."""
    with suppress(OSError, http.client.HTTPException):
        org.control("POST", "/clock/advance", {"seconds": 1})


def test_stops_at_once_with_idle_connections_open(start: Start) -> None:
    """Clients that keep a connection open, or have sent half a request, are not waited for."""

    def stop_one() -> tuple[int, float]:
        server = start()
        with socket.create_connection(server.address), socket.create_connection(server.address) as half:
            half.sendall(b"POST /api/v1/messages HTTP/1.1\r\nContent-Le")
            return server.stop()

    code, seconds = fastest(stop_one)
    assert code == 0
    assert seconds < 1.0


def test_stops_when_asked_twice_in_a_hurry(start: Start) -> None:
    """Ctrl-C right after the greeting, and again at once, as people do: it stops all the same, each time."""
    for _ in range(5):
        server = start()
        server.process.send_signal(signal.SIGINT)
        server.process.send_signal(signal.SIGTERM)
        assert server.wait() == 0


def test_ready_file_goes_with_the_server(start: Start) -> None:
    """A script that waits for the file does not take an old one for a new server."""
    server = start()
    assert server.log.with_name("ready.json").exists()
    server.stop()
    assert not server.log.with_name("ready.json").exists()


# ----------------------------------------------------------------------------------------------------- control token


def test_control_token_is_for_the_control_plane_only(start: Start) -> None:
    """Every control call but the probes wants the token, and the vendor's API does not."""
    server = start("--control-token", "tok en")
    for token in (None, "", "tok", "TOK EN", server.ready["apiKey"]):
        for path in ("/metrics", "/orgs", "/orgs/default/messages", "/openapi.json"):
            answer = server.control("GET", path, token=token)
            assert (answer.status, answer.code) == (401, "UNAUTHORIZED")
    assert server.control("GET", "/orgs", token="tok en").status == 200
    assert call(server.api_url, "GET", "/ping", token=server.ready["apiKey"]).status == 200
    assert call(server.api_url, "GET", "/ping", token="tok en").status == 401


# ------------------------------------------------------------------------------------------------ a customer's calls


def test_ping_says_whose_key_it_is(org: Org) -> None:
    """The first call everybody makes."""
    assert org.ok("GET", "/ping") == {"ok": True, "organizationId": org.id}


def test_upsert_makes_then_updates_one_contact(org: Org) -> None:
    """The number is the key in whichever spelling; left out keeps, null clears (D10)."""
    made = org.ok("POST", "/contacts", {"phone": "+1 (555) 123-4567", "name": "Ada", "email": "ada@example.com"})
    updated = org.ok("POST", "/contacts", {"phone": "15551234567", "email": None})
    assert updated == {**made, "email": None, "updatedAt": updated["updatedAt"]}
    assert (updated["phone"], updated["name"]) == (ADA, "Ada")
    assert org.ok("GET", "/contacts") == {"items": [updated]}


def test_send_makes_a_message_a_contact_and_a_conversation(org: Org) -> None:
    """What the answer names is there to be found, and the message goes its way with time."""
    org.inbound(ADA)
    answer = org.api("POST", "/messages", {"to": ADA, "text": "Hello"})
    assert answer.status == 201
    sent = answer.json
    (conversation,) = org.ok("GET", "/conversations?status=OPEN")["items"]
    assert (conversation["id"], conversation["contact"]["id"]) == (sent["conversationId"], sent["contactId"])
    assert org.set("GET", f"/messages/{sent['id']}")["status"] == "PENDING"
    org.advance(10)
    message = org.set("GET", f"/messages/{sent['id']}")
    assert [step["status"] for step in message["statuses"]] == ["PENDING", "SENT", "DELIVERED", "READ"]


def test_text_outside_the_window_is_accepted_and_then_fails(org: Org, catcher: Catcher) -> None:
    """Somebody who has not written in 24 hours gets nothing: 131047, told by webhook (D12)."""
    org.subscribe(catcher.url, "message.failed", "message.sent")
    sent = org.ok("POST", "/messages", {"to": ADA, "text": "Hello"})
    org.advance(10)
    (post,) = catcher.take(1)
    assert (post.json["event"], post.json["data"]["messageId"]) == ("message.failed", sent["id"])
    assert post.json["data"]["error"]["code"] == 131047
    assert catcher.posts.empty()


def test_opted_out_contact_is_refused_until_cleared(org: Org) -> None:
    """403 CONTACT_OPTED_OUT while the opt-out stands, on that channel only; 201 once it is cleared."""
    org.inbound(ADA)
    main = org.channel()
    other = next(channel["id"] for channel in org.all("/channels") if channel["id"] != main)
    opt_out = {"whatsappChannelId": main, "phone": ADA}
    message = {"to": ADA, "text": "Hello"}

    state = org.ok("POST", "/opt-outs", {"action": "set", **opt_out})
    assert state["active"] is True
    refusal = org.api("POST", "/messages", message)
    assert (refusal.status, refusal.code) == (403, "CONTACT_OPTED_OUT")
    assert org.api("POST", "/messages", {**message, "whatsappChannelId": other}).status == 201

    cleared = org.ok("POST", "/opt-outs", {"action": "clear", **opt_out})
    assert (cleared["optOutId"], cleared["active"]) == (state["optOutId"], False)
    assert cleared["revokedAt"] is not None
    assert org.api("POST", "/messages", message).status == 201


def test_pages_have_no_gap_and_no_repeat_while_contacts_arrive(org: Org) -> None:
    """250 contacts by 100, with newer ones arriving between pages: each of the 250 is seen exactly once (D7)."""
    numbers = (f"+1555{number:07d}" for number in count())
    there = [org.ok("POST", "/contacts", {"phone": next(numbers)})["id"] for _ in range(250)]
    seen: list[str] = []
    sizes, cursor = [], ""
    while True:
        page = org.ok("GET", f"/contacts?limit=100{cursor}")
        seen += [contact["id"] for contact in page["items"]]
        sizes.append(len(page["items"]))
        if "nextCursor" not in page:
            break
        cursor = f"&cursor={page['nextCursor']}"
        for _ in range(7):
            org.ok("POST", "/contacts", {"phone": next(numbers)})
    assert seen == list(reversed(there))
    assert sizes == [100, 100, 50]


def test_default_page_has_25_items_and_exact_pages_end_without_a_cursor(org: Org) -> None:
    """A last page that is full has no cursor to an empty one."""
    for number in range(50):
        org.ok("POST", "/contacts", {"phone": f"+1555{number:07d}"})
    first = org.ok("GET", "/contacts")
    second = org.ok("GET", f"/contacts?cursor={first['nextCursor']}")
    assert [len(page["items"]) for page in (first, second)] == [25, 25]
    assert "nextCursor" not in second


# ------------------------------------------------------------------------------------------------------- isolation


def test_two_organizations_never_see_each_other(server: Server) -> None:
    """Keys, contacts, channels and cursors of one are unknown in the other."""
    left, right = server.org(clock="manual"), server.org(clock="manual")
    for number in range(3):
        left.ok("POST", "/contacts", {"phone": f"+1555123000{number}"})
    left.ok("POST", "/messages", {"to": ADA, "text": "Hello"})

    assert right.contacts() == []
    assert right.ok("GET", "/conversations")["items"] == []
    assert right.all("/messages") == []
    assert left.ok("GET", "/ping")["organizationId"] != right.ok("GET", "/ping")["organizationId"]

    foreign = {"whatsappChannelId": left.channel()}
    sent = right.api("POST", "/messages", {"to": ADA, "text": "Hello", **foreign})
    opted_out = right.api("POST", "/opt-outs", {"action": "set", "phone": ADA, **foreign})
    assert [(answer.status, answer.code) for answer in (sent, opted_out)] == [(404, "CHANNEL_NOT_FOUND")] * 2

    cursor = left.ok("GET", "/contacts?limit=1")["nextCursor"]
    page = right.api("GET", f"/contacts?cursor={cursor}")
    assert (page.status, page.code) == (400, "VALIDATION_ERROR")
    assert right.counts() == {**right.counts(), "contacts": 0, "conversations": 0, "messages": 0}


def test_a_dropped_organization_takes_its_key_with_it(server: Server) -> None:
    """DELETE ends a world: its key is 401, its id 404, and the others go on."""
    gone, stays = server.org(), server.org()
    gone.set("DELETE", "")
    assert gone.api("GET", "/ping").status == 401
    assert gone.control("GET", "").status == 404
    assert stays.api("GET", "/ping").status == 200


def test_revoked_key_is_refused_from_the_next_request_on(org: Org) -> None:
    """A second key works beside the first, until it is revoked (D5)."""
    key = org.set("POST", "/api-keys", {"label": "CI"})
    assert call(org.server.api_url, "GET", "/ping", token=key["secret"]).status == 200
    org.set("DELETE", f"/api-keys/{key['id']}")
    assert call(org.server.api_url, "GET", "/ping", token=key["secret"]).code == "UNAUTHORIZED"
    assert org.api("GET", "/ping").status == 200


def test_many_who_wait_leave_room_for_others(start: Start) -> None:
    """However many calls wait for something to happen, the rest of the server does not wait with them."""
    server = start()
    path = f"/_mock/orgs/{server.default.id}/wait?kind=message&timeout=60"
    with ExitStack() as stack:
        for _ in range(100):
            waiting = stack.enter_context(socket.create_connection(server.address, PATIENCE))
            waiting.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert server.default.ok("GET", "/ping")["ok"] is True


def test_a_store_that_was_there_is_announced_as_it_is(start: Start, catcher: Catcher, tmp_path: Path) -> None:
    """Clock, seed and webhooks are those it began with; what was asked for in vain is said, and only that."""
    store = f"sqlite:///{tmp_path}/kept.db"
    first = start("--store", store, "--clock", "x60", "--seed", "demo", "--webhook", catcher.url)
    assert re.search(r"Clock, seed +x60, demo\n", first.banner)
    first.process.kill()
    first.process.wait()
    again = start("--store", store, "--clock", "manual")
    assert re.search(r"Clock, seed +x60, demo\n", again.banner)
    assert re.search(rf"Webhooks to +{re.escape(catcher.url)}", again.banner)
    assert "organizations already; --clock: nothing of that changes there" in again.log.read_text()


# ------------------------------------------------------------------------------------------------- the default flow


def test_default_flow_reaches_the_webhook_rightly_signed(start: Start, catcher: Catcher) -> None:
    """With nothing but `serve --webhook URL`: a contact writes, we answer, and five signed events tell the story."""
    server = start("--webhook", catcher.url)
    org = server.default
    assert catcher.url in server.banner
    org.inbound(ADA, "Is Friday all right?")
    sent = org.ok("POST", "/messages", {"to": ADA, "text": "It is."})

    posts = catcher.take(5)
    for post in posts:
        expected = hmac.new(server.ready["webhookSecret"].encode(), post.body, hashlib.sha256).hexdigest()
        assert post.headers["X-Flowella-Signature"] == expected
        assert post.headers["Content-Type"] == "application/json"
        assert post.headers["User-Agent"] == "Flowella-Webhooks/1"
        assert abs(int(post.headers["X-Flowella-Timestamp"]) - time.time()) < PATIENCE
    bodies: list[dict[str, Any]] = [post.json for post in posts]
    assert [post.headers["X-Flowella-Event"] for post in posts] == [body["event"] for body in bodies]
    assert (
        len({body["data"]["id"] for body in bodies})
        == len({post.headers["X-Flowella-Delivery"] for post in posts})
        == 5
    )
    assert {body["organizationId"] for body in bodies} == {org.id}
    assert {body["data"]["conversationId"] for body in bodies} == {sent["conversationId"]}
    # On a running clock deliveries may overtake each other; what they tell of happened in order, two of it at one instant.
    bodies.sort(key=lambda body: str(body["createdAt"]))
    assert {body["event"] for body in bodies[:2]} == {"conversation.opened", "message.received"}
    assert [body["event"] for body in bodies[2:]] == ["message.sent", "message.delivered", "message.read"]
    assert {body["data"]["messageId"] for body in bodies[2:]} == {sent["id"]}
    for post in posts:
        compact = json.dumps(post.json, ensure_ascii=False, separators=(",", ":")).encode()
        assert post.body == compact


def test_rate_limit_is_everybodys(start: Start) -> None:
    """`--rate-limit` is what organizations made later start with, too."""
    server = start("--rate-limit", "7/s")
    org = server.org(limited=True)

    assert [one.set("GET", "/account")["rateLimit"] for one in (org, server.default)] == [
        {"perSecond": 7, "burst": 14}
    ] * 2


def test_two_slashes_are_another_path(server: Server) -> None:
    """`//api/v1/ping` is not `/api/v1/ping`, and there is nothing there."""
    with socket.create_connection(server.address, PATIENCE) as raw:
        raw.sendall(b"GET //api/v1/ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert raw.recv(65_536).startswith(b"HTTP/1.1 404 ")
