"""The receiver, wrong in one way at a time. Each of these mistakes has been made by somebody; `found_by` has to find it.

`WRONG` has them by name, in the order of the checks.
"""

from __future__ import annotations

import json
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

from .honest import RANK, Failed, Receiver

if TYPE_CHECKING:
    from email.message import Message

LONG, SHORT = 1.6, 0.03
"""Seconds that count as far too long in these tests, and as nothing."""


class Wrong(Receiver):
    """`found_by` is the one check that blames it."""

    found_by: str


class AnswersTooLate(Wrong):
    """Does its work first and answers then."""

    found_by = "answered-in-time"

    def post(self, handler: BaseHTTPRequestHandler) -> int:
        status = super().post(handler)
        time.sleep(3 * LONG)
        return status


class VerifiesReserialisedJson(Wrong):
    """Checks the signature of JSON that Express has parsed, and JSON.stringify has written anew."""

    found_by = "raw-bytes-verified"

    def signed(self, body: bytes) -> bytes:
        return rewritten(body, (",", ":"))


class VerifiesPythonsJson(Wrong):
    """Checks the signature of JSON that Python has parsed and written anew, with its own spaces."""

    found_by = "raw-bytes-verified"

    def signed(self, body: bytes) -> bytes:
        return rewritten(body, (", ", ": "))


class RefusesSpaces(Wrong):
    """Takes JSON apart with a pattern that knows no line ends."""

    found_by = "raw-bytes-verified"

    def parse(self, body: bytes) -> dict[str, Any]:
        if b"\n" in body:
            raise ValueError("not on one line")
        return super().parse(body)


class Redirects(Wrong):
    """Sends everybody to the address with a slash at its end."""

    found_by = "event-accepted"

    def post(self, handler: BaseHTTPRequestHandler) -> int:
        super().post(handler)
        return 302


class RefusesTests(Wrong):
    """Has no handler for the button `Send test`."""

    found_by = "event-accepted"

    def handle(self, event: dict[str, Any], headers: Message) -> int:
        return 404 if event["event"] == "webhook.test" else super().handle(event, headers)


class RefusesEverything(Wrong):
    """Was given another secret."""

    found_by = "event-accepted"

    def signed(self, body: bytes) -> bytes:
        return b"other" + body


class VerifiesNothing(Wrong):
    """Believes whatever it is told."""

    found_by = "unsigned-refused"

    def judge(self, headers: Message, body: bytes) -> int:
        return 0


class VerifiesWhatIsSigned(Wrong):
    """Checks the signature if there is one."""

    found_by = "unsigned-refused"

    def genuine(self, headers: Message, body: bytes) -> bool:
        return not self.given(headers) or super().genuine(headers, body)


class TakesAnySignature(Wrong):
    """Looks whether there is a signature, and not which."""

    found_by = "wrong-secret-refused"

    def same(self, ours: str, theirs: str) -> bool:
        return len(theirs) == len(ours)


class ComparesThePrefix(Wrong):
    """Compares the first 16 characters."""

    found_by = "whole-digest-compared"

    def same(self, ours: str, theirs: str) -> bool:
        return ours[:16] == theirs[:16]


class ComparesAsFarAsItGoes(Wrong):
    """Compares as many characters as were given, as `startswith` does."""

    found_by = "whole-digest-compared"

    def same(self, ours: str, theirs: str) -> bool:
        return bool(theirs) and ours.startswith(theirs)


class VerifiesWhatIsStripped(Wrong):
    """Strips the body before it verifies it."""

    found_by = "tampered-refused"

    def signed(self, body: bytes) -> bytes:
        return body.strip()


class RemembersSignatures(Wrong):
    """Does not verify again what it has verified: a signature that was right once stays right, whatever comes with it."""

    found_by = "tampered-refused"

    def __init__(self) -> None:
        super().__init__()
        self.good: set[str] = set()

    def genuine(self, headers: Message, body: bytes) -> bool:
        given = self.given(headers)
        if super().genuine(headers, body):
            self.good.add(given)
        return given in self.good


class AcceptsStale(Wrong):
    """Looks into the future only."""

    found_by = "stale-refused"

    def near(self, age: float) -> bool:
        return age >= -self.tolerance


class IgnoresTimestamps(Wrong):
    """Believes what was true last week."""

    found_by = "stale-refused"

    def recent(self, headers: Message) -> bool:
        return True


class AcceptsFuture(Wrong):
    """Forgot the absolute value."""

    found_by = "future-refused"

    def near(self, age: float) -> bool:
        return age <= self.tolerance


class AcceptsNoTime(Wrong):
    """Checks the time if there is one."""

    found_by = "untimed-refused"

    def recent(self, headers: Message) -> bool:
        return "X-Flowella-Timestamp" not in headers or super().recent(headers)


class ToleratesNothing(Wrong):
    """Allows half a minute."""

    found_by = "skew-accepted"
    tolerance = 30


class AcceptsCapitals(Wrong):
    """Lowers the digest before it compares."""

    found_by = "upper-case-refused"

    def given(self, headers: Message) -> str:
        return super().given(headers).lower()


class AcceptsAPrefix(Wrong):
    """Was written for another vendor."""

    found_by = "prefixed-refused"

    def given(self, headers: Message) -> str:
        return super().given(headers).removeprefix("sha256=")


class TakesNothingForAnEvent(Wrong):
    """Answers 200 to an empty body, as to a ping."""

    found_by = "empty-body-refused"

    def take(self, body: bytes, headers: Message) -> int:
        return super().take(body, headers) if body else 200


class TakesGet(Wrong):
    """Routes all methods to one function."""

    found_by = "post-only"

    def post(self, handler: BaseHTTPRequestHandler) -> int:
        if handler.command == "GET":
            handler.command = "POST"
        return super().post(handler)


class TakesPut(Wrong):
    """Routes all methods but GET to one function."""

    found_by = "post-only"

    def post(self, handler: BaseHTTPRequestHandler) -> int:
        if handler.command == "PUT":
            handler.command = "POST"
        return super().post(handler)


class KnowsOneSpelling(Wrong):
    """Looks headers up as they were written when it was written."""

    found_by = "header-case-ignored"

    def given(self, headers: Message) -> str:
        return dict(headers.items()).get("X-Flowella-Signature", "")


class WantsItsContentType(Wrong):
    """Compares the content type letter by letter."""

    found_by = "content-type-tolerated"

    def judge(self, headers: Message, body: bytes) -> int:
        return super().judge(headers, body) or (415 if headers["Content-Type"] != "application/json" else 0)


class FailsAtForms(Wrong):
    """Lets its framework parse a body that says it is a form."""

    found_by = "content-type-tolerated"

    def judge(self, headers: Message, body: bytes) -> int:
        return super().judge(headers, body) or (500 if "form" in headers["Content-Type"] else 0)


class RefusesUnicode(Wrong):
    """Reads bodies as ASCII."""

    found_by = "unicode-accepted"

    def parse(self, body: bytes) -> dict[str, Any]:
        return super().parse(body.decode("ascii").encode())


class RefusesEscapes(Wrong):
    """Takes a backslash for an attack."""

    found_by = "escapes-accepted"

    def judge(self, headers: Message, body: bytes) -> int:
        return 400 if b"\\u" in body else super().judge(headers, body)


class DiesOnUnknownEvents(Wrong):
    """Knows all events there are, until there is a new one."""

    found_by = "unknown-event-accepted"

    def handle(self, event: dict[str, Any], headers: Message) -> int:
        known = event["event"].startswith(("message.", "conversation.", "optout.", "webhook."))
        known = known or event["event"] == "template.status_updated"
        return super().handle(event, headers) if known else 500


class RefusesUnknownFields(Wrong):
    """Validates with `additionalProperties: false`."""

    found_by = "unknown-field-accepted"

    def handle(self, event: dict[str, Any], headers: Message) -> int:
        strange = set(event) - {"event", "createdAt", "organizationId", "data"}
        return 400 if strange or "sentiment" in event["data"] else super().handle(event, headers)


class RefusesLarge(Wrong):
    """Has the body limit that Express has by default: 100 kB."""

    found_by = "large-accepted"

    def read(self, handler: BaseHTTPRequestHandler) -> bytes:
        body = super().read(handler)
        return body if len(body) <= 100_000 else b""


class RefusesDuplicates(Wrong):
    """Answers 409 to what it has seen."""

    found_by = "duplicate-accepted"

    def handle(self, event: dict[str, Any], headers: Message) -> int:
        return 409 if self.known(event, headers) else super().handle(event, headers)


class WantsOrder(Wrong):
    """Fails at a move that its table of states does not have."""

    found_by = "any-order-accepted"

    def move(self, message: str, status: str) -> None:
        if RANK[status] < RANK.get(self.messages.get(message, ""), 0):
            raise Failed
        super().move(message, status)


class AnswersFirst(Wrong):
    """Answers 200, and then the worker fails, of which nobody hears."""

    found_by = "acknowledged-is-kept"

    def handle(self, event: dict[str, Any], headers: Message) -> int:
        return 200 if event["event"] == "optout.created" else super().handle(event, headers)


class ForgetsEverything(Wrong):
    """Answers 200 and does nothing."""

    found_by = "acknowledged-is-kept"

    def handle(self, event: dict[str, Any], headers: Message) -> int:
        return 200


class ProcessesDuplicates(Wrong):
    """Does everything again when an event comes again."""

    found_by = "processed-once"

    def known(self, event: dict[str, Any], headers: Message) -> bool:
        return False


class KnowsDeliveries(Wrong):
    """Remembers deliveries, and not events."""

    found_by = "redelivered-once"

    def __init__(self) -> None:
        super().__init__()
        self.deliveries: set[str] = set()

    def handle(self, event: dict[str, Any], headers: Message) -> int:
        delivery = headers["X-Flowella-Delivery"]
        if delivery not in self.deliveries:
            self.work(event)
            self.deliveries.add(delivery)
        return 200


class Races(Wrong):
    """Asks whether it knows an event, and writes it down a moment later."""

    found_by = "concurrent-once"

    def handle(self, event: dict[str, Any], headers: Message) -> int:
        if not self.known(event, headers):
            self.lock.release()
            time.sleep(SHORT)
            self.lock.acquire()
            self.work(event)
        return 200


class LosesWhatItFailedAt(Wrong):
    """Remembers an event before it has dealt with it, so that the retry looks like a repetition."""

    found_by = "failure-retried"

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def known(self, event: dict[str, Any], headers: Message) -> bool:
        known = event["data"]["id"] in self.seen
        self.seen.add(event["data"]["id"])
        return known


class DoesHalfOfIt(Wrong):
    """Does its work and fails after it, so that the retry does it again."""

    found_by = "failure-retried"

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def known(self, event: dict[str, Any], headers: Message) -> bool:
        return event["data"]["id"] in self.seen

    def work(self, event: dict[str, Any]) -> None:
        self.processed[event["data"]["id"]] += self.failures
        super().work(event)
        self.seen.add(event["data"]["id"])


class DowngradesStatuses(Wrong):
    """Takes the last status that arrived for the present one."""

    found_by = "status-never-back"

    def move(self, message: str, status: str) -> None:
        self.messages[message] = status


class MovesOneStepOnly(Wrong):
    """Moves a message from SENT to DELIVERED to READ, and ignores what comes too early."""

    found_by = "status-never-back"

    def move(self, message: str, status: str) -> None:
        if RANK[status] == RANK.get(self.messages.get(message, ""), 0) + 1:
            self.messages[message] = status


class IsImpatient(Wrong):
    """Does not wait for a body."""

    found_by = "slow-sender-accepted"

    def read(self, handler: BaseHTTPRequestHandler) -> bytes:
        began = time.monotonic()
        body = super().read(handler)
        return body if time.monotonic() - began < LONG / 3 else b""


class TakesOneAtATime(Wrong):
    """Runs on the server that is for development."""

    found_by = "slow-sender-alone"
    server = HTTPServer


class Crowded(Wrong):
    """Something that only shows when several come at once."""

    def post(self, handler: BaseHTTPRequestHandler) -> int:
        with self.lock:
            self.busy += 1
            crowd = self.busy > 2
        try:
            time.sleep(SHORT)
            return (crowd and self.crowded(handler)) or super().post(handler)
        finally:
            with self.lock:
                self.busy -= 1

    def crowded(self, handler: BaseHTTPRequestHandler) -> int:
        """A status for what is turned away."""
        raise NotImplementedError


class FailsInACrowd(Crowded):
    """Has a pool of connections, and no patience: 503."""

    found_by = "burst-answered"

    def crowded(self, handler: BaseHTTPRequestHandler) -> int:
        return 503


class HangsInACrowd(Crowded):
    """Holds a lock while it waits for another, until the sender gives up."""

    found_by = "burst-answered"

    def crowded(self, handler: BaseHTTPRequestHandler) -> int:
        while handler.rfile.read(1):
            pass
        raise ConnectionError


class SlowInACrowd(Crowded):
    """Half of the answers take longer than they may: everybody waits for one connection."""

    found_by = "burst-median"

    def crowded(self, handler: BaseHTTPRequestHandler) -> int:
        time.sleep(LONG)
        return 0


class StallsNowAndThen(Crowded):
    """Every fifth one has to wait for what it has just given away."""

    found_by = "burst-tail"

    def __init__(self) -> None:
        super().__init__()
        self.turn = 0

    def crowded(self, handler: BaseHTTPRequestHandler) -> int:
        with self.lock:
            self.turn += 1
            stalls = self.turn % 5 == 0
        time.sleep(2 * LONG if stalls else 0)
        return 0


def rewritten(body: bytes, separators: tuple[str, str]) -> bytes:
    try:
        return json.dumps(json.loads(body), ensure_ascii=False, separators=separators).encode()
    except ValueError:
        return body


def _all(kind: type[Wrong]) -> list[type[Wrong]]:
    below = kind.__subclasses__()
    return [one for child in below for one in (_all(child) or [child])]


WRONG = {kind.__name__: kind for kind in _all(Wrong)}
