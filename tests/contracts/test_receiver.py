"""`flowella-contract receiver`: what it posts, what it refuses to do, and what people get for it."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from clocks import FakeClock
from receivers import PATH, SECRET, WRONG, Receiver, look, looked_at, standing

from contracts import check_receiver
from contracts.cli import main
from contracts.dice import Dice
from contracts.people import People
from contracts.receiver.books import _understood as understood
from contracts.receiver.checks import CHECKS
from contracts.receiver.letters import Writer
from contracts.receiver.registry import ENTERED
from contracts.receiver.seals import RIGHT
from contracts.receiver.settings import Settings
from contracts.receiver.vendors import VENDORS
from contracts.report.files import WRITERS
from contracts.settings import WrongUsage
from contracts.shapes import Shapes
from contracts.spec import load
from contracts.stops import NotReached
from contracts.timing import Clock

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

FAR = "https://shop.example.com/hooks"


def run(*options: str) -> Result:
    """One command, on a wide terminal."""
    return CliRunner(env={"COLUMNS": "200"}).invoke(main, ["receiver", *options])


def writer(vendor: str, seed: int = 0) -> Writer:
    """Whoever makes the letters."""
    known = VENDORS[vendor]
    people = People(seed, (), "full")
    return Writer(known, load(known.spec), Dice(seed, "receiver"), people, datetime(2026, 11, 21, tzinfo=UTC))


# What is posted


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_letter_is_as_the_spec_says(vendor: str) -> None:
    """Of every webhook, and of every status of a story."""
    spec = load(VENDORS[vendor].spec)
    letters = [*writer(vendor).all(), *writer(vendor).story()]

    assert {letter.event for letter in letters} == set(spec.document["webhooks"])
    for letter in letters:
        steps = ("webhooks", letter.event, "post", "requestBody", "content", "application/json", "schema")
        assert list(Shapes(spec).misfits(json.loads(letter.body), steps)) == []


def test_ids_are_new_and_a_story_is_about_one_message() -> None:
    """The wamid has the number of the other party in it, and what happened to a message happened to the same one."""
    made = writer("flowella")
    letters = [*made.all(), *made.story()]
    story = made.story()
    wamid = story[0].data["metaMessageId"]

    assert len({letter.id for letter in letters}) == len(letters)
    assert len({letter.data["messageId"] for letter in story}) == 1
    assert len({letter.data["metaMessageId"] for letter in story}) == 1
    assert story[0].data["to"].lstrip("+").encode() in base64.b64decode(wamid.removeprefix("wamid."))
    assert re.search(r"^\+1\d{3}55501\d\d$", story[0].data["to"])


def test_a_seed_makes_the_same_letters() -> None:
    """At the same moment; another one makes others."""
    assert writer("flowella", 3).all() == writer("flowella", 3).all()
    assert writer("flowella", 3).all() != writer("flowella", 4).all()


def test_the_signature_is_that_of_the_spec_and_of_openssl() -> None:
    """Of the bytes, with the secret: bare hex in small letters."""
    body = writer("flowella").write(text="Zażółć").body
    ran = subprocess.run(["openssl", "dgst", "-sha256", "-hmac", SECRET], input=body, capture_output=True, check=True)

    assert RIGHT.of(body, SECRET) == ran.stdout.decode().split()[-1]


# What is not done


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"url": FAR}, "--profile readonly"),
        ({"url": FAR, "profile": "readonly"}, "--profile readonly"),
        ({"url": FAR, "profile": "full"}, "--profile full"),
        ({"url": FAR, "profile": "sandbox"}, "--profile sandbox"),
        ({"ledger_url": FAR}, "--profile readonly"),
        ({"fail_url": FAR}, "--profile readonly"),
        ({"profile": "all"}, "--profile: there is no 'all'"),
        ({"url": "shop"}, "--url: 'shop' is not a web address"),
        ({"url": "http://ada:pw@127.0.0.1/"}, "--url: there is a user name"),
        ({"ledger_url": "shop"}, "--ledger-url: 'shop'"),
        ({"secret": " "}, "--secret: flowella signs"),
        ({"vendor": "flowla"}, "--vendor: there is no 'flowla'"),
        ({"recipients": ("12",)}, "--recipient: '12'"),
        ({"rate": 0.0}, "--rate: 0.0"),
    ],
)
def test_wrong_usage_is_refused_before_the_first_event(options: dict[str, Any], words: str) -> None:
    """With the option and what would be right."""
    with pytest.raises(WrongUsage, match=re.escape(words)):
        Settings(**{"url": "http://127.0.0.1:1/", "secret": "s", **options})


def test_elsewhere_events_are_about_named_people_only() -> None:
    """In profile sandbox; and nothing is faster than --rate."""
    bodies: list[bytes] = []

    class Listening(Receiver):
        def signed(self, body: bytes) -> bytes:
            bodies.append(body)
            return body

    ours = "+447700900123"
    report = looked_at(Listening(), profile="sandbox", recipients=[ours])
    numbers = {number for body in bodies for number in re.findall(r'"\+?(\d{10,15})"', body.decode())}
    denied = {entry.name for entry in report.promises if entry.state == "not allowed"}

    assert report.exit_code == 0, report.text()
    assert numbers == {ours.lstrip("+")}
    assert denied == {"concurrent-once", "burst-answered", "burst-median", "burst-tail"}


def test_nobody_is_followed_elsewhere() -> None:
    """A redirect is a finding, and not a way."""
    with standing(WRONG["Redirects"]()) as root:
        report = look(root + PATH, only=["event-accepted"])

    assert {exchange.url for exchange in report.exchanges} == {root + PATH}
    assert "302 to /login; nobody follows" in report.findings[0].came


# What people get


def test_a_finding_can_be_seen_again() -> None:
    """Its line, run as it stands with SECRET set, gets the answer that was complained about."""
    shown = ["VerifiesPythonsJson", "ComparesThePrefix", "AcceptsFuture", "RefusesEscapes", "RefusesLarge"]
    for name in [*shown, "AcceptsAPrefix", "AcceptsCapitals", "TakesPut", "VerifiesWhatIsSigned", "KnowsOneSpelling"]:
        with standing(WRONG[name]()) as root:
            finding = look(root + PATH, only=[WRONG[name].found_by, "raw-bytes-verified"]).findings[0]
            environment = {"SECRET": SECRET, "PATH": os.environ["PATH"]}
            ran = subprocess.run(
                ["bash", "-c", finding.curl], capture_output=True, text=True, check=True, env=environment
            )
        status = ran.stdout.replace("HTTP/1.1 100 Continue", "").split()[1]
        assert finding.check == WRONG[name].found_by
        assert status == finding.came.split()[0], (finding.curl[:2000], ran.stdout)


@pytest.mark.thorough
def test_what_takes_many_or_long_can_be_seen_again_too() -> None:
    """Twenty at once, a burst with times, and a body that comes slowly."""
    environment = {"SECRET": SECRET, "PATH": os.environ["PATH"]}
    lines: dict[str, list[Any]] = {}
    for name in ("Races", "FailsInACrowd", "IsImpatient"):
        receiver = WRONG[name]()
        with standing(receiver) as root:
            finding = look(root + PATH, only=[receiver.found_by], ledger_url=f"{root}/ledger").findings[0]
            before = set(receiver.processed)
            ran = subprocess.run(
                ["bash", "-c", finding.curl], capture_output=True, text=True, check=True, env=environment
            )
        lines[name] = ran.stdout.splitlines()
        lines[f"{name} processed"] = [n for one, n in receiver.processed.items() if one not in before]

    assert sum(" 200 OK" in line for line in lines["Races"]) == 20
    assert max(lines["Races processed"]) > 1
    assert len(lines["FailsInACrowd"]) == 20
    assert {line.split()[0] for line in lines["FailsInACrowd"]} <= {"200", "503"}
    assert len(lines["FailsInACrowd processed"]) == sum(line.startswith("200") for line in lines["FailsInACrowd"])
    assert any(" 401 " in line for line in lines["IsImpatient"])


@pytest.mark.parametrize("kind", WRITERS)
def test_no_secret_and_no_number_gets_out(kind: str) -> None:
    """Not the one that signs, and not the token that is part of an address."""
    with standing(WRONG["VerifiesNothing"]()) as root:
        report = look(f"{root}{PATH}?token=a-token-of-mine", only=["unsigned-refused"])
    written = WRITERS[kind](report)

    assert report.violated == {"unsigned-refused"}
    assert SECRET not in written
    assert "a-token-of-mine" not in written
    assert not re.search(r"\d{3}555[ -]?01\d\d", written)


def test_without_a_ledger_it_says_how_to_get_further() -> None:
    """And the verdict stands without it."""
    with standing(Receiver()) as root:
        report = look(root + PATH, skip=["slow-sender-accepted", "slow-sender-alone"])
    reasons = {entry.name: entry.reason for entry in report.promises if entry.state == "not reached"}

    assert report.exit_code == 0, report.text()
    assert set(reasons) == {
        *("acknowledged-is-kept", "processed-once", "redelivered-once", "concurrent-once"),
        *("failure-retried", "status-never-back"),
    }
    assert "--ledger-url" in reasons["processed-once"]
    assert "--fail-url" in reasons["failure-retried"]


@pytest.mark.parametrize("told", [{"a": 2}, {"events": {"a": 2}}, ["a", "a"], [{"id": "a", "count": 2}]])
def test_a_ledger_in_any_of_its_forms(told: Any) -> None:
    """How often each event was processed."""
    assert understood(told).events == {"a": 2}


@pytest.mark.parametrize("told", [None, "a", 7, {"events": 3}, {"a": "twice"}])
def test_a_ledger_that_is_none(told: Any) -> None:
    """Is inconclusive, with the format in the sentence."""
    with pytest.raises(NotReached, match="the ledger cannot be read"):
        understood(told)


def test_a_ledger_that_fails_is_inconclusive() -> None:
    """What was asked for and could not be looked at is never a pass."""
    with standing(Receiver()) as root:
        report = look(root + PATH, ledger_url=f"{root}/nothing", only=["processed-once"])

    assert report.exit_code == 3
    assert "answered 405" in report.reasons[0]


def test_nobody_there_is_4() -> None:
    """With what to do."""
    report = check_receiver("http://127.0.0.1:1/", SECRET)

    assert report.exit_code == 4
    assert report.reasons == ("connection refused. Is the server running, and is --url right?",)


def test_no_time_is_3() -> None:
    """It never passes when it could not look."""

    class Hurried(FakeClock):
        def elapsed(self) -> float:
            self.at += 1.0
            return self.at

        def now(self) -> datetime:
            return Clock().now()

    from contracts.receiver.running import run as run_with

    with standing(Receiver()) as root:
        report = run_with(Settings(root + PATH, SECRET, time_limit=20.0, only=("unsigned-refused",)), clock=Hurried())

    assert report.exit_code == 3
    assert "--time-limit allows more" in report.reasons[0]


def test_flowiq_is_not_signed() -> None:
    """What applies is looked at, and nothing else."""

    class Plain(Receiver):
        def judge(self, headers: Any, body: bytes) -> int:
            return 0

        def handle(self, event: dict[str, Any], headers: Any) -> int:
            return 200 if "event_type" in event and "User-Agent" in headers else 400

    with standing(Plain()) as root:
        report = check_receiver(root + PATH, vendor="flowiq", rate=1000.0, burst=10, median=2.0, late=4.0, drip=0.5)

    assert report.exit_code == 0, report.text()
    assert "event-accepted" in report.held
    assert not any("secret" in entry.name or "once" in entry.name for entry in report.promises)
    assert not any("signature" in name.lower() for exchange in report.exchanges for name, _ in exchange.sent)


def test_the_command(tmp_path: Path) -> None:
    """Exit codes, the table, and reports."""
    file = tmp_path / "report.json"
    with standing(WRONG["TakesAnySignature"]()) as root:
        right = run("--url", root + PATH, "--secret", SECRET, "--rate", "500/s", "--only", "unsigned-refused")
        wrong = run(
            *("--url", root + PATH, "--secret", SECRET, "--rate", "500", "--only", "wrong-secret-refused"),
            *("--report", f"json={file}"),
        )

    assert right.exit_code == 0, right.output
    assert "unsigned-refused" in right.output
    assert wrong.exit_code == 1, wrong.output
    assert "VIOLATION wrong-secret-refused: message.received, 4 times" in wrong.output
    assert "mend      compute the hex HMAC-SHA256" in wrong.output
    assert json.loads(file.read_text(encoding="utf-8"))["findings"][0]["risk"].startswith("anybody who finds")


def test_drift_fails_with_strict_only() -> None:
    """Nobody wrote down that capitals are refused."""
    with standing(WRONG["AcceptsCapitals"]()) as root:
        lenient = look(root + PATH, only=["upper-case-refused"])
        strict = look(root + PATH, only=["upper-case-refused"], strict=True)

    assert (lenient.exit_code, strict.exit_code) == (0, 1)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "--url: where is the endpoint?"),
        (("--url", FAR, "--secret", "s"), "--profile readonly"),
        (("--url", "http://127.0.0.1:1", "--secret", "s", "--only", "burst-medium"), "did you mean burst-median?"),
        (("--url", "http://127.0.0.1:1", "--secret", "s", "--rate", "quick"), "'quick' is not a rate"),
        (("--list", "--vendor", "floww"), "there is no 'floww'"),
    ],
)
def test_mistakes_are_2(options: tuple[str, ...], words: str) -> None:
    """A sentence, and no traceback."""
    ran = run(*options)

    assert ran.exit_code == 2, ran.output
    assert words in " ".join(re.sub(r"[│╭╮╰╯─]", " ", ran.output).split())


def test_list_has_every_check() -> None:
    """And posts nothing."""
    ran = run("--list")

    assert ran.exit_code == 0
    assert [line.split()[0] for line in ran.output.splitlines()] == list(CHECKS)
    assert set(CHECKS) == set(ENTERED)


def test_every_check_has_an_endpoint_that_it_finds() -> None:
    """A promise that no mistake breaks is not tested."""
    assert {kind.found_by for kind in WRONG.values()} == set(CHECKS)
