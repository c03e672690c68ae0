"""Wrong apps meet short tests: each passes for the right shop, and fails for the wrong one in words that name the mistake."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

SHOP = Path(__file__).parents[2] / "examples" / "shop"

DRILLS: dict[str, tuple[str, str]] = {
    "Ignores429": (
        """
        flowella.faults.add("sendMessage", "rateLimit", times=2)
        shop.ship("7")
        flowella.assert_resilient()
        """,
        r"no pause after a 429: call 1, sendMessage to \+15551234567, .* 0\.00 s later .* wait before the next call",
    ),
    "Retries400": (
        """
        flowella.faults.add("sendMessage", "status", status=400)
        shop.ship("7")
        flowella.assert_resilient()
        """,
        r"a permanent refusal was repeated: sendMessage to \+15551234567 was answered 400 \(call 1\)",
    ),
    "SendsTwice": (
        """
        flowella.faults.add("sendMessage", "lostResponse", times=1)
        shop.ship("7")
        flowella.assert_resilient()
        """,
        r"sent twice after a lost answer: .* \(call 1\) was carried out, its answer spoilt by lostResponse, .* \(call 2\)",
    ),
    "NeverGivesUp": (
        """
        flowella.faults.add("sendMessage", "status", status=503, times=20)
        shop.courier.first_wait = 0.1
        shop.ship("7")
        flowella.assert_resilient()
        """,
        r"never gives up: sendMessage to \+15551234567 failed more than 10 times in a row",
    ),
    "ChecksReserialisedJson": (
        """
        flowella.faults.add("webhook:message.received", "respaced", times=1)
        flowella.receive("+15551234567", "Where is it?")
        flowella.assert_delivered("message.received", 2)
        """,
        r"answered 401 .*\(fault: respaced\)",
    ),
    "VerifiesNothing": (
        """
        flowella.faults.add("webhook:message.sent", "badSignature")
        shop.ship("7")
        flowella.advance(1)
        flowella.assert_not_delivered("message.sent")
        """,
        r"expected message.sent to be refused(.|\n)*\(badSignature\): does the receiver verify what it gets\?",
    ),
    "IgnoresTimestamps": (
        """
        flowella.faults.add("webhook:message.sent", "staleTimestamp")
        shop.ship("7")
        flowella.advance(1)
        flowella.assert_not_delivered("message.sent")
        """,
        r"expected message.sent to be refused(.|\n)*\(staleTimestamp\): does the receiver verify what it gets\?",
    ),
    "ProcessesDuplicates": (
        """
        flowella.faults.add("webhook:message.received", "duplicate", times=1)
        flowella.receive("+15551234567", "Where is it?")
        flowella.settle()
        flowella.assert_sent(text="Your order 7 is packed.", count=1)
        """,
        r"expected 1 message .* found 2(.|\n)*message.received c\w+ was delivered 2 times, the same event: .* data\.id",
    ),
    "DowngradesStatuses": (
        """
        flowella.receive("+15005550004", "hello")
        order = shop.order("8", "+15005550004")
        shop.ship("8")
        flowella.advance(3)
        flowella.assert_status(order.message_id, order.update)
        """,
        r"shows 'SENT', but the message is DELIVERED(.|\n)*message.delivered, message.sent(.|\n)*in any order",
    ),
    "IgnoresStop": (
        """
        flowella.receive("+15551234567", "STOP")
        shop.ship("7")
        flowella.assert_resilient()
        """,
        r"STOP was ignored: \+15551234567 opted out, the receiver accepted optout.created, and then came call 1, sendMessage",
    ),
    "DiesOnUnknownEvents": (
        """
        flowella.faults.add("webhook:message.sent", "unknownEvent")
        shop.ship("7")
        flowella.settle()
        """,
        r"KeyError(.|\n)*Raised by the receiver of .*; nobody knows this event yet, and a receiver answers 2xx",
    ),
    "AnswersTooLate": (
        """
        shop.seconds_for_each = 12
        shop.ship("7")
        flowella.advance(1)
        flowella.assert_delivered("message.sent")
        """,
        r"message.sent to .*: pending, 1 attempt\n.*timeout: no answer within 10 s",
    ),
    "BelievesInAnswers": (
        """
        order = shop.order("8", "+15551239999")
        shop.ship("8")
        flowella.settle()
        flowella.assert_status(order.message_id, order.update)
        """,
        r"shows 'PENDING', but the message is FAILED \(PENDING → FAILED\)(.|\n)*in this order: .*message.failed",
    ),
}

HEAD = """
import broken, pytest, shop as right

def a_shop(flowella, kind):
    shop = kind(flowella.base_url, flowella.api_key, flowella.webhook_secret)
    flowella.subscribe(shop.app, path="/webhooks/flowella")
    flowella.receive("+15551234567", "hello")
    shop.order("7", "+15551234567")
    return shop
"""


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str | None]:
    """Every drill against the right shop and against its own wrong one, in one run: what each failed with, if it did."""
    folder = tmp_path_factory.mktemp("drills")
    tests = [HEAD]
    for name, (drill, _) in DRILLS.items():
        body = textwrap.indent(textwrap.dedent(drill).strip(), "    ")
        for kind, where in (("right", "right.Shop"), ("wrong", f"broken.{name}")):
            tests.append(f"def test_{name}_{kind}(flowella):\n    shop = a_shop(flowella, {where})\n{body}\n")
    (folder / "test_drills_written.py").write_text("\n\n".join(tests), encoding="utf-8")
    (folder / "pytest.ini").write_text(f"[pytest]\npythonpath = {SHOP}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "--junitxml=report.xml", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    cases = ET.parse(folder / "report.xml").iter("testcase")
    return {case.get("name", ""): _trouble(case) for case in cases}


def _trouble(case: ET.Element) -> str | None:
    """The lines that pytest marks as the error."""
    texts = [child.text or "" for child in case if child.tag in {"failure", "error"}]
    lines = [line[1:].strip() for text in texts for line in text.splitlines() if line.startswith("E")]
    return "\n".join(lines) if texts else None


@pytest.mark.parametrize("name", DRILLS)
def test_the_right_shop_passes(name: str, verdicts: dict[str, str | None]) -> None:
    """The drill asks for nothing unreasonable."""
    assert verdicts[f"test_{name}_right"] is None


@pytest.mark.parametrize("name", DRILLS)
def test_the_wrong_one_fails_by_name(name: str, verdicts: dict[str, str | None]) -> None:
    """It fails, and the message says what is wrong with the app."""
    trouble = verdicts[f"test_{name}_wrong"]
    assert trouble is not None
    assert re.search(DRILLS[name][1], trouble), trouble


def test_every_sibling_of_these_is_one() -> None:
    """None was renamed. The others are for tests/drills."""
    source = (SHOP / "broken.py").read_text(encoding="utf-8")
    assert set(DRILLS) <= set(re.findall(r"^class (\w+)\(Shop\)", source, re.MULTILINE))
