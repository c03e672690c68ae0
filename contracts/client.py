"""The one HTTP client. Every request of every part passes through `send`: judged, counted, paced, timed, written down.

Nothing else in this package opens a connection, so what this file does not allow does not happen.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from contracts import __version__
from contracts.exchange import Answer, Call, Exchange
from contracts.stops import Gone, OverBudget, Unanswered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.guard import Guard
    from contracts.record import Record
    from contracts.settings import Settings
    from contracts.spec import Spec
    from contracts.timing import Clock

PATIENCE = 3
"""So many calls in a row without an answer, and the server counts as gone."""

_BACKOFF = (0.5, 1.0, 2.0, 4.0, 8.0)
_LARGEST_ANSWER = 32 * 1024 * 1024


class Client:
    """Sends calls to one server. `part` is the law that is being looked at, for the record."""

    def __init__(self, settings: Settings, spec: Spec, guard: Guard, record: Record, clock: Clock) -> None:
        self._settings, self._spec, self._guard, self.record, self.clock = settings, spec, guard, record, clock
        self.part = ""
        self.throttled = 0
        self._keys = {"ours": settings.api_key, "other": settings.other_key, "revoked": settings.revoked_key}
        self._session: Any = None
        self._began = clock.elapsed()
        self._next_at = self._began
        self._silent = 0
        self._paced, self._patient = True, True

    def know_key(self, name: str, key: str) -> None:
        """From now on calls may be made with this key under this name."""
        self._keys[name] = key

    @property
    def our_key(self) -> str:
        """The key that calls are made with."""
        return self._keys["ours"] or ""

    def has_key(self, name: str) -> bool:
        """Whether there is a key of this name."""
        return bool(self._keys.get(name))

    def key(self, name: str) -> str:
        """The key of this name."""
        return self._keys[name] or ""

    @property
    def guard(self) -> Guard:
        """What may be sent."""
        return self._guard

    @property
    def sent(self) -> int:
        """Exchanges so far."""
        return len(self.record.exchanges)

    @property
    def made(self) -> int:
        """Requests made so far; what came in on its own is none."""
        return self.record.made

    @property
    def seconds(self) -> float:
        """Time taken so far."""
        return self.clock.elapsed() - self._began

    @contextmanager
    def burst(self) -> Iterator[None]:
        """As fast as it goes, and a 429 is an answer like any other. For servers on this machine only."""
        self._paced, self._patient = False, False
        try:
            yield
        finally:
            self._paced, self._patient = True, True
            self._next_at = self.clock.elapsed()

    def send(self, call: Call) -> Answer:
        """The answer. Raises Denied, OverBudget, Unanswered or Gone. A 429 is waited out and asked again."""
        for wait in (*_BACKOFF, None):
            answer = self._send_once(call)
            if answer.status != 429 or not self._patient or wait is None:
                break
            self.throttled += 1
            self.wait(wait)
        return answer

    def wait(self, seconds: float) -> None:
        """Let time pass, within the limit."""
        self._check_time(seconds)
        self.clock.wait(seconds)

    def _send_once(self, call: Call) -> Answer:
        self._guard.judge(call)
        self._take_turn()
        number, at = self.sent + 1, self.clock.now()
        operation = None if call.control else self._spec.match(call.method, call.path)
        url, headers = self._address(call), self._headers(call)
        answer, trouble = self._exchange(call, url, headers)
        self._silent = 0 if answer else self._silent + 1
        self.record.add(
            Exchange(
                number,
                self.part,
                operation.id if operation else None,
                call,
                url,
                tuple(headers.items()),
                answer,
                trouble,
                at,
            )
        )
        if answer is None:
            raise (Gone if self._silent >= PATIENCE else Unanswered)(f"{call.method} {call.path}: {trouble}")
        return answer

    def _take_turn(self) -> None:
        if self.made >= self._settings.requests:
            raise OverBudget(f"all {self._settings.requests} requests are spent; --max-requests allows more")
        now = self.clock.elapsed()
        if self._paced:
            self._check_time(self._next_at - now)
            self.clock.wait(self._next_at - now)
            self._next_at = max(now, self._next_at) + 1 / self._settings.pace
        else:
            self._check_time(0)

    def _check_time(self, ahead: float) -> None:
        if self.seconds + max(0.0, ahead) > self._settings.seconds:
            raise OverBudget(f"the {self._settings.seconds:g} s are over; --time-limit allows more")

    def _address(self, call: Call) -> str:
        base = (self._settings.control_url or "") if call.control else self._settings.base_url
        return base.rstrip("/") + call.target

    def _headers(self, call: Call) -> dict[str, str]:
        headers = {"User-Agent": f"flowella-contract/{__version__}", "Accept": "application/json"}
        token = self._settings.control_token if call.control else self._keys.get(call.key or "", call.key)
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return {**headers, **dict(call.headers)}

    def _exchange(self, call: Call, url: str, headers: dict[str, str]) -> tuple[Answer | None, str | None]:
        import requests

        began = self.clock.elapsed()
        try:
            response = self._connection().request(
                call.method,
                url,
                data=call.body,
                headers=headers,
                timeout=self._allowed(),
                stream=True,
                allow_redirects=False,
            )
            with response:
                body = self._read(response, began)
        except (requests.RequestException, OSError, ValueError) as error:
            self._close()
            return None, reason(error)
        seconds = self.clock.elapsed() - began
        return Answer(response.status_code, tuple(response.headers.items()), body, seconds), None

    def _allowed(self) -> float:
        """How long one call may take: never past the end of the whole check."""
        return max(0.1, min(self._settings.timeout, self._settings.seconds - self.seconds))

    def _read(self, response: Any, began: float) -> bytes:
        """The whole body, within the time of one call: a server that drips does not hold us."""
        chunks, size = [], 0
        while chunk := response.raw.read1(65_536, decode_content=True):
            chunks.append(chunk)
            size += len(chunk)
            if self.clock.elapsed() - began > self._settings.timeout:
                raise TimeoutError("the body takes longer than --timeout")
            if size > _LARGEST_ANSWER:
                raise ValueError(f"the body is larger than {_LARGEST_ANSWER} bytes")
        return b"".join(chunks)

    def _connection(self) -> Any:
        if self._session is None:
            import requests

            self._session = requests.Session()
            self._session.auth = lambda request: request  # or requests would look for a password in ~/.netrc
            self._session.headers.clear()
            self._session.trust_env = not self._settings.local  # no proxy stands between this machine and itself
        return self._session

    def _close(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None


def reason(error: Exception) -> str:
    """How a call ended, in words."""
    text = str(error)
    for sign, words in _REASONS:
        if sign in f"{type(error).__name__} {text}":
            return words
    return f"{type(error).__name__}: {text}"[:200]


_REASONS = (
    ("Connection refused", "connection refused"),
    ("NameResolution", "the host name is not known"),
    ("Name or service not known", "the host name is not known"),
    ("CERTIFICATE", "the TLS certificate is not accepted"),
    ("SSLError", "TLS failed; is it http instead of https?"),
    ("imeout", "no answer in time"),
    ("timed out", "no answer in time"),
    ("RemoteDisconnected", "the connection was closed without an answer"),
    ("ConnectionReset", "the connection was reset"),
    ("BrokenPipe", "the connection was closed while we were sending"),
    ("IncompleteRead", "the answer broke off"),
    ("BadStatusLine", "what came is not HTTP"),
)
