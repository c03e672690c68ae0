"""One organization of a lab as the stage of a drill.

Receivers live in real time, and the organization's hour may be a second: so the time of sending that a webhook carries is
moved, on its way, to where the receiver's clock has it. What a fault did to it stays as far off as it was.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mock_server.clock import monotonic_now
from mock_server.domain.errors import Invalid
from mock_server.domain.instant import SECOND
from mock_server.testing import exchange
from mock_server.webhooks.transport import Answer, Post, PostError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mock_server.domain.instant import Instant
    from mock_server.drills.cast import Job
    from mock_server.testing.handle import Handle
    from mock_server.testing.lab import Lab
    from mock_server.testing.records import Seen

PATIENCE = 10.0
"""Seconds for an answer to what the drill posts by hand, as with any webhook."""

_DOWN = Answer(None, PostError.REFUSED, "nothing listens there", 0.0, b"", ())


class Backstage:
    """What `mock_server.drills.cast.Stage` asks for, of a handle and its lab."""

    def __init__(self, handle: Handle, lab: Lab) -> None:
        self._handle = handle
        self._lab = lab
        self._up = True
        self._off = 0

    @contextmanager
    def open(self) -> Iterator[Backstage]:
        """While a drill is played."""
        urls = {webhook["url"] for webhook in self.control("GET", "/webhooks?limit=100")["items"]}
        self._lab.transport.on_the_way.update(dict.fromkeys(urls, self._on_the_way))
        self._handle.drilling = True
        try:
            yield self
        finally:
            self._handle.drilling = False
            for url in urls:
                self._lab.transport.on_the_way.pop(url, None)

    @property
    def real_time(self) -> bool:
        """Does the client live in real time?"""
        return self._handle.real_time

    @property
    def sends(self) -> frozenset[str]:
        """The operations that reach somebody."""
        return self._handle.sends

    @property
    def came(self) -> Mapping[str, Instant]:
        """When calls came by the machine's clock."""
        return self._handle.came

    @property
    def patience(self) -> Mapping[str, float | None]:
        """How long callers would have waited."""
        return self._handle.patience

    @property
    def requests(self) -> Sequence[Seen]:
        """Calls, oldest first."""
        return self._handle.requests

    @property
    def deliveries(self) -> Sequence[Seen]:
        """Webhooks, oldest first."""
        return self._handle.deliveries

    @property
    def messages(self) -> Sequence[Seen]:
        """Messages, oldest first."""
        return self._handle.messages

    def now(self) -> Instant:
        """The organization's present."""
        return round(self._handle.now * SECOND)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """A call of the control plane, below the organization. Raises Invalid with its explanation."""
        from mock_server.testing.handle import Refused

        try:
            return self._handle.control(method, path, body)
        except Refused as refused:
            raise Invalid("", str(refused)) from None

    def advance(self, seconds: float) -> Any:
        """Let so much time pass."""
        return self._handle.advance(seconds)

    def settle(self) -> Any:
        """Let time pass until nothing waits."""
        return self._handle.settle()

    def post(self, letters: Sequence[tuple[str, tuple[tuple[str, str], ...], bytes]]) -> list[Answer]:
        """Post these, all at once."""
        posts = [Post(url, headers, body, PATIENCE) for url, headers, body in letters]
        with ThreadPoolExecutor(len(posts), "flowella-burst") as pool:
            return list(pool.map(lambda post: self._lab.transport.submit(post).result(), posts))

    def play_client(self, job: Job, api_key: str) -> None:
        """What a client would do."""
        headers = [("Content-Type", "application/json"), ("Authorization", f"Bearer {api_key}")]
        for path, body in _calls(job):
            exchange.call(self._lab.app, "POST", f"{self._handle.base_url}{path}", headers, json.dumps(body).encode())

    def receiver_is(self, *, up: bool) -> None:
        """Whether anything listens where the webhooks go."""
        self._up = up

    def set_clock_off(self, seconds: int) -> None:
        """By how much the sender's clock is ahead of the receiver's."""
        self._off = seconds

    def _on_the_way(self, post: Post) -> Post | Answer:
        if not self._up:
            return _DOWN
        ahead = self._off if self._handle.travels else self._off + (monotonic_now() - self.now()) // SECOND
        return replace(post, headers=tuple((name, _moved(name, value, ahead)) for name, value in post.headers))


def _moved(name: str, value: str, seconds: int) -> str:
    is_time = name.endswith("-Timestamp") and str(value).isdecimal()
    return str(int(value) + seconds) if is_time else value


def _calls(job: Job) -> Iterator[tuple[str, dict[str, Any]]]:
    if job.task == "write":
        for phone in job.recipients:
            yield "/messages", {"to": phone, "text": job.text}
    elif job.task == "campaign":
        people = [{"phone": phone} for phone in job.recipients]
        pace = {} if job.throttle_per_hour is None else {"throttlePerHour": job.throttle_per_hour}
        yield (
            "/templates/send",
            {
                "templateId": job.template_id,
                "whatsappChannelId": job.channel_id,
                "recipients": people,
                **pace,
            },
        )
