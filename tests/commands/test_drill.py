"""`flowella-mock drill` with a client and a receiver in processes and threads of their own, over real sockets."""

from __future__ import annotations

import json
import re
import sys
import threading
import xml.etree.ElementTree as ET
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from mock_server.commands.drill import drill

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLIENT = """
import json, os, sys, urllib.request

def post(phone):
    body = json.dumps({"to": phone, "text": os.environ["FLOWELLA_TEXT"]}).encode()
    head = {"Authorization": "Bearer " + os.environ["FLOWELLA_API_KEY"], "Content-Type": "application/json"}
    urllib.request.urlopen(urllib.request.Request(os.environ["FLOWELLA_BASE_URL"] + "/messages", body, head), timeout=5)

for phone in os.environ["FLOWELLA_RECIPIENTS"].split():
    try:
        post(phone)
    except OSError as error:
        if sys.argv[1:] == ["blind"]:
            post(phone)
"""


class Receiver(ThreadingHTTPServer):
    """Keeps what it processed; takes no event twice unless it is `careless`."""

    careless = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Hearing)
        self.events: dict[str, int] = {}
        self.one_at_a_time = threading.Lock()
        self.url = f"http://127.0.0.1:{self.server_port}"

    def process(self, event_id: str) -> None:
        """Once."""
        with self.one_at_a_time:
            if self.careless or event_id not in self.events:
                self.events[event_id] = self.events.get(event_id, 0) + 1


class Hearing(BaseHTTPRequestHandler):
    """POST is a webhook, GET the ledger."""

    server: Receiver

    def do_POST(self) -> None:
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.process(event["data"]["id"])
        self._answer({})

    def do_GET(self) -> None:
        self._answer({"events": self.server.events})

    def _answer(self, told: Any) -> None:
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Running."""
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def client(tmp_path: Path) -> str:
    """What `--exec` is given."""
    (tmp_path / "client.py").write_text(CLIENT, encoding="utf-8")
    return f"{sys.executable} {tmp_path / 'client.py'}"


def run(*words: str) -> Result:
    """`flowella-mock drill …`."""
    return CliRunner().invoke(drill, list(words))


def test_a_client_that_sends_twice_fails_and_three_reports_say_so(tmp_path: Path, client: str) -> None:
    """Exit 1, the sentence on the terminal, and files for people and for machines."""
    files = [f"--report={kind}={tmp_path / f'report.{kind}'}" for kind in ("json", "junit", "html")]
    done = run("run", "lost-response", "--exec", f"{client} blind", *files)
    told = json.loads((tmp_path / "report.json").read_text("utf-8"))
    (suite,) = ET.parse(tmp_path / "report.junit").getroot()

    assert done.exit_code == 1
    assert "FAIL         messaged-once: person 1 got 2 messages" in done.stdout
    assert "Verdict: FAIL (exit 1)" in done.stdout
    assert (told["verdict"], told["drills"][0]["expectations"][0]["state"]) == ("FAIL", "FAIL")
    shown = [told["drills"][0]["timeline"][n] for n in told["drills"][0]["expectations"][0]["moments"]]
    assert [moment["what"] for moment in shown] == [
        "sendMessage to person 1 → no answer",
        "sendMessage to person 1 → 201",
    ]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "2", "0")
    assert "<svg" in (tmp_path / "report.html").read_text("utf-8")


def test_the_same_seed_gives_the_same_report(client: str) -> None:
    """But for real latencies, which are all the numbers that differ."""
    told = (run("run", "lost-response", "--exec", client, "--json", "--seed", "7").stdout for _ in "ab")
    one, other = (json.loads(text[text.index("{") :]) for text in told)  # click 8.1 has stderr in it
    for report in (one, other):
        for moment in report["drills"][0]["timeline"]:
            del moment["at"], moment["latency"]
        del report["drills"][0]["seconds"]

    assert one == other
    assert one["verdict"] == "PASS"


def test_a_receiver_alone_with_its_ledger(receiver: Receiver) -> None:
    """Duplicates, and twenty at once: it takes them once, or it does not."""
    words = ("run", "duplicate-deliveries", "--webhook", receiver.url, "--ledger-url", receiver.url, "--settle", "0.2")
    sound = run(*words)
    receiver.careless = True
    careless = run(*words)

    assert (sound.exit_code, careless.exit_code) == (0, 1), sound.output
    assert "was processed more than once" in careless.stdout


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["lost-response", "--exec", "true"], 3, "INCONCLUSIVE messaged-once: the client called nothing"),
        (["lost-response", "--exec", "exit 7"], 3, "it ended with exit code 7"),
        (
            ["lost-response", "--exec", "sleep 60", "--patience", "0.2"],
            3,
            "was still at it after 0.2 s, and was stopped",
        ),
        (["lost-response", "--webhook", "http://127.0.0.1:9/"], 4, "nothing answers at http://127.0.0.1:9/"),
        (["lost-response"], 2, "there is nobody to drill: give --exec CMD"),
        (["lost-responses", "--exec", "true"], 2, "did you mean 'lost-response'"),
        (["lost-response", "--exec", "true", "--set", "loss=1"], 2, "has no parameter 'loss'; did you mean 'lost'"),
        (["lost-response", "--exec", "true", "--set", "lost"], 2, "'lost' is not NAME=VALUE"),
        (["lost-response", "--exec", "true", "--set", "lost=0"], 2, "times"),
        (["lost-response", "--exec", "true", "--skip", "pace"], 2, "nothing is called 'pace'"),
        (
            ["lost-response", "--exec", "true", "--report", "pdf=x"],
            2,
            "'pdf=x' is not KIND=FILE with KIND one of json, junit",
        ),
        (["lost-response", "--exec", "true", "--report", "json=/nowhere/x"], 2, "there is no folder /nowhere"),
        (["lost-response", "--webhook", "nowhere"], 2, "'nowhere' is no address"),
    ],
)
def test_exit_codes(words: list[str], code: int, says: str) -> None:
    """As in the contract harness; what is wrong is said in a sentence."""
    done = run("run", *words)

    assert done.exit_code == code, done.output
    assert says in " ".join(done.output.split())
    assert "Traceback" not in done.output


def test_list_and_show() -> None:
    """For people, and as JSON."""
    listed = {one["name"] for one in json.loads(run("list", "--json").stdout)}
    shown = json.loads(run("show", "endpoint-down", "--json").stdout)

    assert {"lost-response", "endpoint-down"} <= listed
    assert listed == set(re.findall(r"^([\w-]+) ", run("list").stdout, re.MULTILINE))
    assert "the receiver is down" in shown["steps"]
    assert "What is expected of your client and receiver:" in run("show", "endpoint-down").stdout
    assert run("show", "endpoint").exit_code == 2
