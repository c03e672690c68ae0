"""The one door to the endpoint. It posts to the addresses that were given and follows nobody anywhere else.

It speaks HTTP a little lower than the harness's client for APIs, because it has to send slowly, and many at once.
"""

from __future__ import annotations

import http.client
import ssl
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from contracts.client import PATIENCE, reason
from contracts.exchange import Answer, Call, Exchange
from contracts.record import Record
from contracts.stops import Gone, OverBudget

if TYPE_CHECKING:
    from datetime import datetime

    from contracts.exchange import Headers
    from contracts.receiver.letters import Letter
    from contracts.receiver.settings import Settings
    from contracts.receiver.vendors import Vendor
    from contracts.timing import Clock

_PARTS = 6
"""In so many parts a slow sender sends a body."""
_MOST_AT_ONCE = 128
_LARGEST_ANSWER = 8 * 1024 * 1024

LATE = "no answer in time"


@dataclass(frozen=True, slots=True)
class _Sent:
    """What became of one request, before it has a number."""

    call: Call
    url: str
    answer: Answer | None
    trouble: str | None
    at: datetime
    event: str | None


class Sender:
    """Posts letters. `part` is the check that is being looked at, for the record."""

    def __init__(self, settings: Settings, vendor: Vendor, clock: Clock) -> None:
        self._settings, self._vendor, self.clock = settings, vendor, clock
        self.record = Record()
        self.part = ""
        self._began = self._next_at = clock.elapsed()
        self._silent = 0

    @property
    def sent(self) -> int:
        """Requests made so far."""
        return len(self.record.exchanges)

    @property
    def seconds(self) -> float:
        """Time taken so far."""
        return self.clock.elapsed() - self._began

    def post(self, letter: Letter) -> Exchange:
        """One event, when it is its turn. Raises OverBudget, or Gone when one after the other gets no answer."""
        self._take_turn()
        return self._take_down(self._deliver(letter, self.clock.elapsed()))

    def together(self, letters: list[Letter], apart: float = 0.0) -> list[Exchange]:
        """Many events, each on a connection of its own, so many seconds apart, whether or not those before are answered."""
        self._take_turn()
        start = self.clock.elapsed()
        with ThreadPoolExecutor(min(len(letters), _MOST_AT_ONCE)) as pool:
            waiting = [pool.submit(self._deliver, one, start + apart * n) for n, one in enumerate(letters)]
            return [self._take_down(one.result(), patient=True) for one in waiting]

    def call(self, method: str, url: str) -> Exchange:
        """A request without a body to another of the addresses that were given."""
        self._take_turn()
        return self._take_down(self._send(url, Call(method, urlsplit(url).path), None))

    def wait(self, seconds: float) -> None:
        """Let time pass, within the limit."""
        self._check_time()
        self.clock.wait(seconds)

    def _deliver(self, letter: Letter, when: float) -> _Sent:
        self.clock.wait(when - self.clock.elapsed())
        call = Call(letter.method, urlsplit(self._settings.url).path, body=letter.body, headers=self._headers(letter))
        return self._send(self._settings.url, call, letter)

    def _headers(self, letter: Letter) -> Headers:
        vendor, secret = self._vendor, self._settings.secret or ""
        known = {
            "event": letter.value.get(vendor.event, letter.event),
            "delivery": letter.delivery,
            "time": None if letter.age is None else str(int(self.clock.now().timestamp()) - letter.age),
            "signature": letter.seal.of(letter.body if letter.sealed is None else letter.sealed, secret),
        }
        told = [("Content-Type", letter.type), ("User-Agent", vendor.agent)]
        told += [(name, value) for what, name in vendor.headers.items() if (value := known[what]) is not None]
        return tuple((name.lower() if letter.small_headers else name, value) for name, value in told)

    def _send(self, url: str, call: Call, letter: Letter | None) -> _Sent:
        at, began = self.clock.now(), self.clock.elapsed()
        connection = self._connect(url)
        answer, trouble = None, None
        try:
            self._write(connection, url, call, letter.drip if letter else 0.0)
            answer = self._read(connection, began + (letter.drip if letter else 0.0))
        except (OSError, http.client.HTTPException, ValueError) as error:
            trouble = reason(error)
        finally:
            connection.close()
        known = letter.event if letter and letter.method == "POST" else None
        return _Sent(call, url, answer, trouble, at, known)

    def _connect(self, url: str) -> http.client.HTTPConnection:
        parts = urlsplit(url)
        host, timeout = parts.hostname or "", self._settings.timeout
        if parts.scheme == "https":
            return http.client.HTTPSConnection(host, parts.port, timeout=timeout, context=ssl.create_default_context())
        return http.client.HTTPConnection(host, parts.port, timeout=timeout)

    def _write(self, connection: http.client.HTTPConnection, url: str, call: Call, drip: float) -> None:
        parts, body = urlsplit(url), call.body or b""
        connection.putrequest(call.method, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        for name, value in call.headers:
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(None if drip else body)
        size = max(1, -(-len(body) // _PARTS))
        for at in range(0, len(body) if drip else 0, size):
            self.clock.wait(drip / _PARTS)
            connection.send(body[at : at + size])

    def _read(self, connection: http.client.HTTPConnection, began: float) -> Answer:
        """The whole answer, within the time of one: a server that drips does not hold us."""
        chunks, size = [], 0
        with connection.getresponse() as response:
            while chunk := response.read1(65_536):
                chunks.append(chunk)
                size += len(chunk)
                if self.clock.elapsed() - began > self._settings.timeout:
                    raise TimeoutError("the answer takes too long")
                if size > _LARGEST_ANSWER:
                    raise ValueError(f"the answer is larger than {_LARGEST_ANSWER} bytes")
            return Answer(response.status, tuple(response.getheaders()), b"".join(chunks), self.clock.elapsed() - began)

    def _take_down(self, sent: _Sent, *, patient: bool = False) -> Exchange:
        """Into the record, from one thread. Raises Gone, unless what came has to be looked at first."""
        call = sent.call
        exchange = Exchange(
            self.sent + 1, self.part, sent.event, call, sent.url, call.headers, sent.answer, sent.trouble, sent.at
        )
        self.record.add(exchange)
        self._silent = self._silent + 1 if sent.answer is None and not patient else 0
        if self._silent > PATIENCE:
            raise Gone(f"{call.method} {call.path}: {sent.trouble}")
        return exchange

    def _take_turn(self) -> None:
        now = self.clock.elapsed()
        self._check_time(self._next_at - now)
        self.clock.wait(self._next_at - now)
        self._next_at = max(now, self._next_at) + 1 / self._settings.pace

    def _check_time(self, ahead: float = 0.0) -> None:
        if self.seconds + max(0.0, ahead) > self._settings.seconds:
            raise OverBudget(f"the {self._settings.seconds:g} s are over; --time-limit allows more")
