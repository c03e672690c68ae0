"""Does a call cost more when much is stored? `python bench/send.py`

One send with 100 and with 100,000 messages in the organization, and one page of 100 contacts with 100 and with 100,000 of
them, each through the WSGI application and at the service below it. Small and large take turns in short blocks, every block
on a small world of its own, so that a noisy machine hits both alike: trust the ratios, which are of medians over blocks.
"""

from __future__ import annotations

import json
import statistics
import time
from itertools import count
from typing import TYPE_CHECKING, Any

from werkzeug.test import EnvironBuilder

from mock_server.app import create_app
from mock_server.orgs import DEFAULT_API_KEY, NewOrg, Orgs
from mock_server.services import contacts, messages, pages
from mock_server.vendors.flowella import FLOWELLA

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from flask import Flask

    from mock_server.webhooks.transport import Answer, Post
    from mock_server.world import World

SMALL, LARGE = 100, 100_000
PEOPLE = 100
"""Contacts that messages go round between, in both sizes."""
BLOCKS = 60
CALLS = 20
"""Calls in a block."""


class Nobody:
    """No webhooks, no transport."""

    def submit(self, post: Post) -> Future[Answer]:
        """Never called."""
        raise AssertionError(post.url)

    def close(self) -> None:
        """Nothing to close."""


class Bench:
    """One organization and the application over it."""

    def __init__(self) -> None:
        orgs = Orgs(Nobody(), FLOWELLA)
        self.world: World = orgs.create(NewOrg(scale=0, api_key=DEFAULT_API_KEY, rate_limit=None))[0]
        self.app: Flask = create_app(orgs)
        self._turn = count()

    def with_people(self, number: int) -> Bench:
        """So many contacts."""
        for index in range(number):
            contacts.upsert(self.world, _number(index), {"name": f"Person {index}"})
        return self

    def with_messages(self, number: int) -> Bench:
        """So many messages stored, all read, between PEOPLE who have written and may be written to."""
        for index in range(PEOPLE):
            messages.receive_text(self.world, sender=_number(index), text="hello", channel_id=None, profile_name=None)
        for _ in range(number - PEOPLE):
            self.send()
        self.world.agenda.advance(None)
        return self

    def send(self) -> object:
        """One send at the service."""
        return messages.send_text(self.world, to=_number(next(self._turn) % PEOPLE), text="Hello", channel_id=None)

    def page(self) -> object:
        """One page at the service."""
        return pages.contacts(self.world, limit=100, cursor=None)

    def post(self) -> Callable[[], object]:
        """One send through the application."""
        body = {"to": _number(next(self._turn) % PEOPLE), "text": "Hello"}
        return self._request("POST", "/api/v1/messages", body)

    def get(self) -> Callable[[], object]:
        """One page through the application."""
        return self._request("GET", "/api/v1/contacts?limit=100")

    def _request(self, method: str, path: str, body: Any = None) -> Callable[[], object]:
        data = None if body is None else json.dumps(body)
        headers = [("Authorization", f"Bearer {DEFAULT_API_KEY}")]
        builder = EnvironBuilder(path, method=method, data=data, content_type="application/json", headers=headers)
        environ = builder.get_environ()
        builder.close()
        return lambda: b"".join(self.app(environ, _check_success))


def main() -> None:
    """Build, measure, print."""
    print(f"one send, with {SMALL:,} and with {LARGE:,} messages stored")
    small = [Bench().with_messages(SMALL) for _ in range(BLOCKS)]
    large = Bench().with_messages(LARGE)
    compare("service", small, large, lambda bench: [bench.send] * CALLS)
    small = [Bench().with_messages(SMALL) for _ in range(BLOCKS)]
    compare("application", small, large, lambda bench: [bench.post() for _ in range(CALLS)])
    print(f"one page of 100 contacts, with {SMALL:,} and with {LARGE:,} contacts stored")
    small, large = [Bench().with_people(SMALL)] * BLOCKS, Bench().with_people(LARGE)
    compare("service", small, large, lambda bench: [bench.page] * CALLS)
    compare("application", small, large, lambda bench: [bench.get() for _ in range(CALLS)])


def compare(name: str, small: list[Bench], large: Bench, block: Callable[[Bench], Any]) -> None:
    """Time blocks on small and large in turn, and print the median cost of a call in each."""
    for bench in (small[0], large):
        _time(block(bench))  # warm
    costs = [(_time(block(bench)), _time(block(large))) for bench in small]
    little, much = (statistics.median(column) for column in zip(*costs, strict=True))
    print(f"  {name:12} {little * 1e6:8.1f} µs  {much * 1e6:8.1f} µs   ratio {much / little:.2f}")


def _time(calls: list[Callable[[], object]]) -> float:
    """Seconds for one of these calls, on average."""
    begun = time.perf_counter()
    for call in calls:
        call()
    return (time.perf_counter() - begun) / len(calls)


def _number(index: int) -> str:
    return f"+1555{index:07d}"


def _check_success(status: str, headers: Any, error: Any = None) -> Callable[[bytes], object]:
    assert status.startswith("2"), status
    return lambda data: data


if __name__ == "__main__":
    main()
