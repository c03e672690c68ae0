"""`flowella.drill(…)` in a test of one's own."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import requests

from drills.shops import drilled
from mock_server.domain.errors import Invalid
from mock_server.drills.report.files import as_json
from mock_server.drills.report.junit import junit
from mock_server.drills.report.page import page
from mock_server.testing import travel
from mock_server.testing.handle import Handle
from mock_server.testing.lab import FLOWELLA_LIVES, Lab

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mock_server.drills.cast import Job


@pytest.fixture
def labs() -> Iterator[tuple[Lab]]:
    """A fake of one's own."""
    lab = Lab()
    yield (lab,)
    lab.close()


def writer(flowella: Handle, *, blindly: bool = False) -> Callable[[Job], None]:
    """A client that writes to each once, or, `blindly`, again when the answer is lost."""

    def post(body: dict[str, Any]) -> None:
        headers = {"Authorization": f"Bearer {flowella.api_key}"}
        requests.post(f"{flowella.base_url}/messages", json=body, headers=headers, timeout=5)

    def write(job: Job) -> None:
        for phone in job.recipients:
            try:
                post({"to": phone, "text": job.text})
            except requests.ConnectionError:
                if blindly:
                    post({"to": phone, "text": job.text})

    return write


def test_a_sound_client_passes(flowella: Handle) -> None:
    """And the report says what was seen."""
    report = flowella.drill("lost-response", client=writer(flowella))

    assert report.ok
    assert report.counts["calls"] == 3


def test_a_wrong_one_fails_with_the_sentence_and_the_timeline(flowella: Handle) -> None:
    """The moment it went wrong is marked."""
    with pytest.raises(
        AssertionError, match=r"FAIL +messaged-once: person 1 got 2 messages\n +A customer was messaged"
    ) as told:
        flowella.drill("lost-response", client=writer(flowella, blindly=True))

    assert "> " in str(told.value)
    assert "no answer  [lostResponse]" in str(told.value)


def test_the_body_of_a_with_can_be_the_client(flowella: Handle) -> None:
    """What it raises is raised, and judged is what it did."""
    with flowella.drill("lost-response") as job:
        writer(flowella)(job)
    with pytest.raises(AssertionError, match="messaged-once"), flowella.drill("lost-response") as job:
        writer(flowella, blindly=True)(job)


def test_a_drill_that_is_never_entered_fails_the_test(flowella: Handle) -> None:
    """`flowella.drill(…)` alone would test nothing."""
    flowella.drill("lost-response")

    assert "was ordered and never played" in flowella.loose_ends()[0]
    flowella.drills.clear()


def test_a_client_that_does_nothing_has_proven_nothing(flowella: Handle) -> None:
    """And what it raised is said."""

    def crash() -> None:
        raise RuntimeError("no settings")

    with pytest.raises(AssertionError, match=r"INCONCLUSIVE messaged-once: .* it raised RuntimeError: no settings"):
        flowella.drill("lost-response", client=crash)


def test_without_books_nobody_knows_what_was_processed(flowella: Handle) -> None:
    """The rest is judged; who does not want to be asked says so."""
    flowella.subscribe(lambda headers, body: None)
    report = flowella.drill("duplicate-deliveries", check=False)
    skipped = flowella.drill("duplicate-deliveries", skip=["processed-once"])

    assert [(one.name, one.state) for one in report.judged] == [
        ("processed-once", "INCONCLUSIVE"),
        ("accepted", "PASS"),
    ]
    assert (report.exit_code, skipped.exit_code) == (3, 0)


def test_a_receiver_can_be_drilled_alone(flowella: Handle) -> None:
    """The drill writes in the client's place, and is not judged for it."""
    shown: dict[str, str] = {}

    def hear(headers: Any, body: bytes) -> None:
        data = json.loads(body)["data"]
        if headers["X-Flowella-Event"].startswith("message.") and "status" in data:
            shown[data["messageId"]] = data["status"]  # the last word counts, which is wrong

    report = flowella.drill(
        "out-of-order-statuses", client="stand-in", receiver=hear, ledger=lambda: {"messages": shown}, check=False
    )

    assert report.failed == ("status-shown",)
    assert report.counts["calls"] == 0


def test_what_a_receiver_raises_is_evidence(flowella: Handle) -> None:
    """It fails the drill, and does not end it."""

    def hear(headers: Any, body: bytes) -> None:
        if b"teleported" in body:
            raise KeyError("message.teleported")

    report = flowella.drill("poison-payload", receiver=hear, check=False)

    assert report.failed == ("taken",)
    assert "(unknownEvent), and was answered 500" in report.text()


def test_an_hour_of_retries_is_virtual(flowella: Handle) -> None:
    """More than an hour passes; it begins and ends at full seconds."""
    report = drilled(flowella, "endpoint-down")

    assert report.lasted == 4_510
    assert any(moment.at > 3_600 for moment in report.moments)


def test_the_same_drill_gives_the_same_report(labs: tuple[Lab]) -> None:
    """Two organizations of one seed: not a word differs."""
    lab = labs[0]
    reports = []
    lab.intercept(FLOWELLA_LIVES.origin)
    for _ in range(2):
        tenancy = lab.move_in(FLOWELLA_LIVES, "twice", "default", None)
        handle = Handle(lab, tenancy, FLOWELLA_LIVES)
        handle.open()
        with travel.naps(handle):
            reports.append(drilled(handle, "poison-payload", "DiesOnUnknownEvents"))
        handle.close()
        lab.move_out(tenancy)
    lab.release(FLOWELLA_LIVES.origin)

    assert reports[0].verdict == "FAIL"
    one, other = (as_json([replace(report, seed="")]) for report in reports)
    assert re.sub(r'"latency": [\d.]+', "", one) == re.sub(r'"latency": [\d.]+', "", other)


def test_nothing_in_a_report_gives_anybody_away(flowella: Handle) -> None:
    """No number, key or id in any of the three files."""
    report = drilled(flowella, "opt-out-race", "IgnoresStop")
    told = as_json([report]) + junit([report]) + page([report])

    assert "person 6" in told
    assert not re.search(r"\+?1555123\d{4}|(flo|whsec)_\w{6}|wamid\.H|\bc[a-z0-9]{24}\b", told.replace(report.seed, ""))


def test_the_page_needs_nothing_else(flowella: Handle) -> None:
    """One file, the timeline drawn in it, each dot leading to its line; nothing is loaded from anywhere."""
    html = page([drilled(flowella, "lost-response", "SendsTwice")])

    assert not re.search(r"<script|<link|<img|url\(|@import|https?://", html)
    assert html.count("class=ring") == html.count("class=evidence") > 0
    assert set(re.findall(r"href='#(m[\d-]+)'", html)) == set(re.findall(r"<tr id=(m[\d-]+)", html))
    assert "prefers-color-scheme:dark" in html


def test_a_fault_that_never_struck_proves_nothing(flowella: Handle) -> None:
    """The client did something else than the drill is about."""

    def look_around() -> None:
        requests.get(f"{flowella.base_url}/ping", headers={"Authorization": f"Bearer {flowella.api_key}"}, timeout=5)

    report = flowella.drill("lost-response", client=look_around, skip=["everybody-reached"], check=False)

    assert {one.state for one in report.judged} == {"INCONCLUSIVE"}
    assert "the fault sendMessage → lostResponse never struck, so this proves nothing" in report.text()


def test_over_a_real_server_the_client_lives_in_real_time(flowella_live: Handle) -> None:
    """The organization's clock runs while it works, and stands still again afterwards."""
    report = flowella_live.drill("lost-response", client=writer(flowella_live, blindly=True), check=False)

    assert report.failed == ("messaged-once", "no-blind-repeat")
    assert flowella_live.control("GET", "/clock")["mode"] == "manual"


def test_asynchronous_receivers_are_called_one_at_a_time(flowella: Handle) -> None:
    """Twenty at once come one after the other to what has one event loop."""
    seen: dict[str, int] = {}

    async def hear(headers: Any, body: bytes) -> None:
        event_id = json.loads(body)["data"]["id"]
        await asyncio.sleep(0.002)  # long enough for the next one to come in the meantime
        seen.setdefault(event_id, 1)

    assert flowella.drill("duplicate-deliveries", receiver=hear, ledger=lambda: seen).ok


def test_two_turns_need_a_function(flowella: Handle) -> None:
    """The body of a `with` is one turn."""
    drilling = flowella.drill("payment-required")

    with pytest.raises(ValueError, match="asks the client 3 times: give it as a function, client="):
        drilling.__enter__()
    flowella.drills.clear()


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ("fault: {on: sendMesage, effect: reset}", r"drill own: steps\[0\]: fault: .*did you mean 'sendMessage'"),
        ("fault: {on: sendMessage, effect: rest}", r"drill own: steps\[0\]: fault: .*did you mean 'reset'"),
        ("account: {bill: active}", r"drill own: steps\[0\]: account: .*did you mean 'billing'"),
        ("fault-over: rain", r"drill own: steps\[0\]: fault-over: .*no fault 'rain'"),
        ("inbound: {from: 9, text: hi}", r"drill own: steps\[0\]: inbound: .*no person 9; there are 1"),
    ],
)
def test_what_the_world_refuses_is_a_mistake_in_the_drill(
    flowella: Handle, tmp_path: Path, step: str, says: str
) -> None:
    """With its place, and what would be right."""
    file = tmp_path / "own.yaml"
    head = "title: t\ndescription: d\nsource: s\nsteps:\n  - "
    file.write_text(f"{head}{step}\nexpect:\n  - {{check: pace, says: too soon}}\n", encoding="utf-8")

    with pytest.raises(Invalid, match=says):
        flowella.drill(str(file))


def test_a_burst_that_is_refused_is_seen(flowella: Handle) -> None:
    """Copies that the drill posts by hand are judged like any other webhook."""
    seen: set[str] = set()

    def hear(headers: Any, body: bytes) -> int:
        event_id = json.loads(body)["data"]["id"]
        if event_id in seen and b"15551230002" in body and len(seen) < 4:
            return 409
        seen.add(event_id)
        return 200

    report = flowella.drill("duplicate-deliveries", receiver=hear, skip=["processed-once"], check=False)

    assert report.failed == ("accepted",)
    assert "message.received came 20 times at once, and was answered 409" in report.text()


def test_a_receiver_that_was_not_told_the_secret_is_not_blamed(flowella: Handle) -> None:
    """Nobody can know what it would have done."""
    report = drilled(flowella, "secret-rotation", tell_secret=None)

    assert "INCONCLUSIVE accepted: nobody told it: no way was given" in report.text()
    assert report.failed == ()
