"""The plugin as its users meet it: fixtures, scopes, the marker, and what a test is told at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import mock_server.testing.httpx_door
import mock_server.testing.lab
import mock_server.testing.requests_door
import mock_server.testing.stay  # noqa: F401 (so that the inner runs need not import all this anew)

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., pytest.RunResult]

pytest_plugins = ["pytester"]

HEAD = """
import re, time, unittest
import pytest, requests

def send(flowella, to="+15551234567", text="hi", **settings):
    auth = {"Authorization": f"Bearer {flowella.api_key}"}
    return requests.post(f"{flowella.base_url}/messages", json={"to": to, "text": text}, headers=auth, **settings)
"""


@pytest.fixture
def run(pytester: pytest.Pytester) -> Run:
    """Run these tests with the plugin; each is a file of its own with `send` at hand."""

    def run_tests(source: str, *options: str) -> pytest.RunResult:
        pytester.makepyfile(HEAD + source)
        return pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:randomly", *options)

    return run_tests


def test_five_lines_are_enough(run: Run) -> None:
    """A message is sent, read, and asserted on, with no set-up."""
    run("""
def test_it(flowella):
    flowella.receive("+15551234567", "hello")
    send(flowella)
    flowella.settle()
    assert flowella.assert_sent(to="+1 555 1234567", text=re.compile("h"))[0].status == "READ"
""").assert_outcomes(passed=1)


def test_each_test_has_an_organization_of_its_own(run: Run) -> None:
    """Nothing of one test is seen in the next, not even when a key is used too late."""
    run("""
keys = []

@pytest.mark.parametrize("turn", range(3))
def test_it(flowella, turn):
    assert flowella.messages == [] and flowella.requests == []
    send(flowella)
    for key in keys:
        answer = requests.get(f"{flowella.base_url}/ping", headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == 401
    keys.append(flowella.api_key)
    assert len(set(keys)) == turn + 1
""").assert_outcomes(passed=3)


def test_ids_do_not_depend_on_the_order_of_tests(run: Run, pytester: pytest.Pytester) -> None:
    """The same test at the same time gives the same ids, whatever ran before it."""
    source = """
@pytest.mark.flowella(clock="2027-01-01T00:00:00Z")
@pytest.mark.parametrize("which", ["a", "b"])
def test_it(flowella, which):
    with open("ids.txt", "a") as file:
        print(which, flowella.api_key, flowella.webhook_secret, send(flowella).json()["id"], file=file)
"""
    run(source).assert_outcomes(passed=2)
    run(source, "-k", "b").assert_outcomes(passed=1)
    _, first, alone = (pytester.path / "ids.txt").read_text().splitlines()

    assert first == alone


def test_a_class_and_a_module_may_share_one(run: Run) -> None:
    """One organization for several tests, for those who want it; TestCase classes have it as self.flowella."""
    run("""
class TestClass:
    def test_one(self, flowella_class):
        send(flowella_class)

    def test_two(self, flowella_class):
        assert self.flowella is flowella_class and len(flowella_class.messages) == 1

def test_three(flowella_module):
    send(flowella_module)

def test_four(flowella_module):
    assert len(flowella_module.messages) == 1

@pytest.mark.usefixtures("flowella_class")
class WholeCase(unittest.TestCase):
    def test_it(self):
        send(self.flowella)
        self.flowella.assert_sent(text="hi")

@pytest.mark.usefixtures("flowella")
class EachTime(unittest.TestCase):
    def test_one(self):
        send(self.flowella)

    def test_two(self):
        self.flowella.assert_not_sent()
""").assert_outcomes(passed=7)


def test_two_organizations_at_a_time_do_not_meet(run: Run) -> None:
    """In-process and live, function and module: the key decides."""
    run("""
def test_it(flowella, flowella_module, flowella_live):
    for handle, count in ((flowella, 1), (flowella_module, 2), (flowella_live, 3)):
        for _ in range(count):
            assert send(handle).status_code == 201
    assert [len(h.messages) for h in (flowella, flowella_module, flowella_live)] == [1, 2, 3]
""").assert_outcomes(passed=1)


def test_the_marker_says_what_a_test_starts_from(run: Run) -> None:
    """Seed, clock, rate limit and faults; the nearest marker wins."""
    run("""
pytestmark = pytest.mark.flowella(seed="demo", clock="2030-01-01T00:00:00Z")

def test_module(flowella):
    assert flowella.now == 1893456000 and flowella.messages

@pytest.mark.flowella(seed="default", clock=1893456001, rate_limit="1/s")
def test_nearest(flowella):
    assert flowella.now == 1893456001 and not flowella.messages
    assert [send(flowella).status_code for _ in range(3)] == [201, 201, 429]
    time.sleep(1)
    assert send(flowella).status_code == 201

@pytest.mark.flowella(faults=[{"on": "sendMessage", "effect": "status", "status": 418, "times": 1}])
def test_faults(flowella):
    assert [send(flowella).status_code for _ in range(2)] == [418, 201]
""").assert_outcomes(passed=3)


@pytest.mark.parametrize(
    ("marker", "said"),
    [
        ("flowella(sead='demo')", "*there is no such option; did you mean 'seed'*"),
        ("flowella(seed='demmo')", "*there is no seed 'demmo'; did you mean 'demo'*"),
        ("flowella('demo')", "*takes keywords only*"),
        ("flowella(sleep='deep')", "*it is virtual or real*"),
        ("flowella(clock='soon')", "*soon*"),
        ("flowella(faults=[{'on': 'sendMesage', 'effect': 'reset'}])", "*did you mean 'sendMessage'*"),
        ("flowella(faults=[{'on': 'sendMessage', 'effect': 'rest'}])", "*reset*"),
    ],
)
def test_a_marker_that_is_wrong_says_what_is_right(run: Run, marker: str, said: str) -> None:
    """No traceback through the fake, but a sentence."""
    result = run(f"""
@pytest.mark.{marker}
def test_it(flowella):
    pass
""")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([said])


def test_a_fault_that_never_struck_fails_the_test(run: Run) -> None:
    """A test that orders a failure and never meets it has not tested it; optional ones, and unlikely ones, may stay away."""
    result = run("""
def test_forgotten(flowella):
    flowella.faults.add("sendMessage", "reset", times=1)

def test_too_few(flowella):
    flowella.faults.add("sendMessage", "reset", after=3)
    send(flowella)

def test_optional(flowella):
    flowella.faults.add("sendMessage", "reset", optional=True)
    flowella.faults.add("sendMessage", "reset", probability=0.5)

def test_cleared(flowella):
    flowella.faults.add("sendMessage", "reset")
    flowella.faults.clear()

def test_failed_anyway(flowella):
    flowella.faults.add("sendMessage", "reset")
    assert not "this is what went wrong"
""")
    result.assert_outcomes(passed=4, failed=1, errors=2)
    result.stdout.fnmatch_lines(
        ["*The fault sendMessage → reset never struck; nothing came that it is on*optional=True*"]
    )
    result.stdout.fnmatch_lines(["*it saw 1, and was to let the first 3 through*"])


def test_an_error_of_the_fakes_own_fails_the_test(run: Run) -> None:
    """The app sees a 500; the test author sees the trace, and that it is not theirs."""
    result = run("""
def test_it(flowella, monkeypatch):
    from mock_server.services import messages
    monkeypatch.setattr(messages, "send_text", lambda *_, **__: 1 / 0)
    assert send(flowella).status_code == 500
""")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*Something went wrong inside the fake: sendMessage failed*", "*ZeroDivisionError*"])


def test_what_a_receiver_raises_is_raised_in_the_test(run: Run) -> None:
    """With its own traceback, at the call that delivered it, and once; those who test retries say so."""
    result = run("""
def broken(headers, body):
    raise LookupError("no such order")

def test_raised(flowella):
    flowella.subscribe(broken)
    with pytest.raises(LookupError) as caught:
        flowella.receive("+15551234567", "hello")
    assert "broken" in {frame.name for frame in caught.traceback}
    assert "message.received" in str([d.event for d in flowella.deliveries])
    assert {a.status for d in flowella.deliveries for a in d.attempts} == {500}

def test_not_raised(flowella):
    flowella.subscribe(broken, raise_errors=False)
    flowella.receive("+15551234567", "hello")
    assert flowella.settle()["delivery"] == 6
    assert {d.status for d in flowella.deliveries} == {"failed"}

def test_at_the_end(flowella_live):
    flowella_live.subscribe(broken)
    send(flowella_live)
    flowella_live.control("POST", "/clock/advance", {"seconds": 0})  # until what is due has been delivered
""")
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(["*LookupError: no such order*", "*Raised by the receiver of conversation.opened*"])


def test_sleeping_takes_no_time(run: Run) -> None:
    """In the test's thread sleeping moves the organization's clock; elsewhere, and on request, it is left alone."""
    run("""
import threading
really_sleep = time.sleep

def test_virtual(flowella):
    began, real = flowella.now, time.monotonic()
    time.sleep(3600)
    assert flowella.now - began == 3600 and time.monotonic() - real < 60

def test_other_threads(flowella):
    began = flowella.now
    thread = threading.Thread(target=time.sleep, args=(0.001,))
    thread.start()
    thread.join()
    assert flowella.now == began

def test_negative(flowella):
    with pytest.raises(ValueError):
        time.sleep(-1)

@pytest.mark.flowella(sleep="real")
def test_real(flowella):
    assert time.sleep is really_sleep

def test_restored():
    assert time.sleep is really_sleep
""").assert_outcomes(passed=5)


def test_the_tests_clock_may_come_along(run: Run) -> None:
    """With time-machine the present of the test is the organization's, also while webhooks are delivered."""
    run("""
off = []

@pytest.mark.flowella(clock="2030-01-01T00:00:00Z", travel=True)
def test_it(flowella):
    flowella.subscribe(lambda headers, body: off.append(time.time() - int(headers["X-Flowella-Timestamp"])))
    flowella.receive("+15551234567", "hello")
    send(flowella)
    flowella.advance(86400)
    assert time.time() == flowella.now == 1893456000 + 86400
    assert len(off) == 5 and all(0 <= seconds < 1 for seconds in off)

def test_back_again():
    assert time.time() != 1893456000 + 86400
""").assert_outcomes(passed=2)


def test_under_xdist(run: Run) -> None:
    """Each worker has a fake of its own."""
    run(
        """
@pytest.mark.parametrize("turn", range(6))
def test_it(flowella, turn):
    send(flowella, text=str(turn))
    flowella.assert_sent(text=str(turn))
""",
        "-n",
        "2",
    ).assert_outcomes(passed=6)


def test_a_call_with_a_wrong_key_is_seen(run: Run) -> None:
    """It belongs to nobody; the journal of the running test has it all the same."""
    run("""
def test_it(flowella):
    requests.get(f"{flowella.base_url}/ping", headers={"Authorization": "Bearer nobody"})
    assert [call.status for call in flowella.requests] == [401]
""").assert_outcomes(passed=1)


def test_the_live_one_serves(run: Run) -> None:
    """The same handle over a socket: webhooks come by themselves, and time is still in the test's hand."""
    run("""
def test_it(flowella_live):
    heard = []
    flowella_live.subscribe(lambda headers, body: heard.append(headers["X-Flowella-Event"]))
    assert flowella_live.base_url.startswith("http://127.0.0.1:")
    flowella_live.receive("+15551234567", "hello")
    send(flowella_live)
    flowella_live.settle()
    assert heard == ["conversation.opened", "message.received", "message.sent", "message.delivered", "message.read"]
    flowella_live.faults.add("sendMessage", "reset", times=1)
    with pytest.raises(requests.ConnectionError):
        send(flowella_live)
""").assert_outcomes(passed=1)


def test_a_long_story_is_told_whole(run: Run) -> None:
    """Lists are not cut at a page."""
    run("""
def test_it(flowella):
    for turn in range(120):
        send(flowella, text=str(turn))
    assert [m.text for m in flowella.messages] == [str(turn) for turn in range(120)]
""").assert_outcomes(passed=1)


def test_what_no_message_ever_is_cannot_be_asserted(run: Run) -> None:
    """A mistyped status or number would make "nothing like this was sent" hold for ever."""
    result = run("""
@pytest.mark.parametrize(("wanted", "error", "said"), [
    ({"status": "REED"}, ValueError, "no message has the status 'REED'; did you mean 'READ'?"),
    ({"status": "GONE"}, ValueError, "no message has the status 'GONE'; there are PENDING, "),
    ({"too": "+15551234567"}, TypeError, "messages have no 'too'; did you mean 'to'?"),
    ({"to": "not a number"}, ValueError, "to: 'not a number' is no phone number with its country code"),
])
def test_it(flowella, wanted, error, said):
    for claim in (flowella.assert_sent, flowella.assert_not_sent):
        with pytest.raises(error, match=re.escape(said)):
            claim(**wanted)

def test_names_of_events(flowella):
    for claim in (flowella.assert_delivered, flowella.assert_not_delivered):
        with pytest.raises(AssertionError, match="did you mean 'message.read'?"):
            claim("message.reed")
""")
    result.assert_outcomes(passed=5)
