"""Carrying webhooks to receivers in this process. What is no receiver of ours goes out over HTTP, as always."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mock_server.webhooks.transport import Answer, HttpTransport, Post

if TYPE_CHECKING:
    from collections.abc import Callable

    from mock_server.testing.receivers import Receiver

DOMAIN = "flowella.localhost"
"""Receivers in process have made-up hosts below this one; nothing else lives there."""


class InProcess:
    """A transport whose futures are complete when `submit` returns."""

    def __init__(self) -> None:
        self._receivers: dict[str, tuple[Receiver, Callable[[Receiver | None], None]]] = {}
        self._count = 0
        self._http: HttpTransport | None = None
        self.on_the_way: dict[str, Callable[[Post], Post | Answer]] = {}
        """For posts to an address: another post in its place, or an answer that saves the way."""

    def add(self, receiver: Receiver, around: Callable[[Receiver | None], None]) -> str:
        """The host that leads to this receiver. `around` is told who is being called, and None when that is over."""
        self._count += 1
        host = f"receiver-{self._count}.{DOMAIN}"
        self._receivers[host] = (receiver, around)
        return host

    def remove(self, host: str) -> None:
        """Forget it."""
        self._receivers.pop(host, None)

    def submit(self, post: Post) -> Future[Answer]:
        """Deliver at once, or send it out."""
        detour = self.on_the_way.get(post.url)
        turned = post if detour is None else detour(post)
        return _done(turned) if isinstance(turned, Answer) else self._carry(turned)

    def _carry(self, post: Post) -> Future[Answer]:
        found = self._receivers.get(urlsplit(post.url).hostname or "")
        if found is None:
            self._http = self._http or HttpTransport()
            return self._http.submit(post)
        receiver, around = found
        post = replace(post, headers=tuple((name, str(value)) for name, value in post.headers))
        around(receiver)
        try:
            answer = receiver.deliver(post)
        finally:
            around(None)
        return _done(answer)

    def close(self) -> None:
        """Give up what is on the wire."""
        if self._http is not None:
            self._http.close()


def _done(answer: Answer) -> Future[Answer]:
    done: Future[Answer] = Future()
    done.set_result(answer)
    return done
