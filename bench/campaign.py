"""The largest thing an integration does: 50,000 recipients, their journeys and events; and a throttle, drawn.

    python bench/campaign.py            figures
    python bench/campaign.py --chart    draws docs/pictures/throttle.svg as well

The receiver is in the same process and verifies nothing, so that the figures are the fake's own.
"""

import io
import json
import resource
import sys
import time
from concurrent.futures import Future
from pathlib import Path
from typing import Any, NamedTuple

from mock_server.app import create_app
from mock_server.domain.instant import HOUR
from mock_server.orgs import DEFAULT_API_KEY, NewOrg, Orgs
from mock_server.services import endpoints
from mock_server.vendors.flowella import FLOWELLA
from mock_server.webhooks.transport import Answer, Post
from mock_server.world import World

CHART = Path(__file__).parent.parent / "docs" / "pictures" / "throttle.svg"


class InProcess:
    """A receiver that answers 200 and counts."""

    received = 0

    def submit(self, post: Post) -> Future[Answer]:
        self.received += 1
        future: Future[Answer] = Future()
        future.set_result(Answer(200, None, "", 0.0, b"", ()))
        return future

    def close(self) -> None: ...


def main() -> None:
    found = fifty_thousand()
    print(f"50,000 recipients accepted in {found['accepted']:.2f} s")
    print(f"an hour of it, {found['work']:,} pieces of work, {found['events']:,} events: {found['hour']:.1f} s")
    print(f"peak memory {found['memory']:.0f} MB, every message, event and delivery attempt kept")
    times = throttled()
    if "--chart" in sys.argv:
        CHART.parent.mkdir(exist_ok=True)
        CHART.write_text(_chart(times), encoding="utf-8")
        print(f"drew {CHART}")


def fifty_thousand(recipients: int = 50_000) -> dict[str, float]:
    """A campaign with a receiver that wants every status, an hour of it in virtual time: seconds, MB, counts."""
    receiver = InProcess()
    world, call = _world(receiver)
    endpoints.add(world, "http://127.0.0.1:1/", (), None)
    begun = time.perf_counter()
    call("/api/v1/templates/send", _job(world, recipients))
    accepted = time.perf_counter()
    ran = world.agenda.advance(world.clock.now() + HOUR)
    done = time.perf_counter()
    return {
        "accepted": accepted - begun,
        "hour": done - accepted,
        "work": ran.total(),
        "events": receiver.received,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def throttled() -> list[float]:
    """5,000 recipients at 1,000 an hour: hours since the start at which each went out, in order."""
    world, call = _world(InProcess())
    start = world.clock.now()
    call("/api/v1/templates/send", _job(world, 5_000) | {"throttlePerHour": 1_000})
    world.agenda.advance(start + 5 * HOUR)
    times = sorted((message.created_at - start) / HOUR for message in world.store.messages.newest())
    early = sum(at < k / 1_000 for k, at in enumerate(times))
    print(f"throttlePerHour 1,000: {len(times):,} sent in {times[-1]:.3f} virtual hours, {early} of them early")
    return times


def _world(transport: InProcess) -> tuple[World, Any]:
    orgs = Orgs(transport, FLOWELLA)
    world, _, _ = orgs.create(NewOrg(scale=0, api_key=DEFAULT_API_KEY, rate_limit=None))
    app = create_app(orgs)

    def call(path: str, body: dict[str, Any]) -> None:
        raw = json.dumps(body).encode()
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": path,
            "SERVER_NAME": "bench",
            "SERVER_PORT": "80",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(raw),
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(raw)),
            "HTTP_AUTHORIZATION": f"Bearer {DEFAULT_API_KEY}",
        }
        statuses: list[str] = []
        answer = b"".join(app(environ, lambda status, *_: statuses.append(status)))  # type: ignore[arg-type]
        if not statuses[0].startswith("201"):
            raise SystemExit(f"{statuses[0]}: {answer.decode()}")

    return world, call


def _job(world: World, count: int) -> dict[str, Any]:
    template = next(t for t in world.store.templates.newest() if t.name == "order_update" and t.language == "en_US")
    channel = next(c for c in world.store.channels.newest() if c.is_default)
    people = [
        {"phone": f"+1555{n:07d}", "bodyParameters": ["Ada", str(n), "Monday"]}
        for n in range(2_000_000, 2_000_000 + count)
    ]
    return {"templateId": template.id, "whatsappChannelId": channel.id, "recipients": people}


def _chart(times: list[float]) -> str:
    """Sent so far over virtual time: the whole campaign, and its first seconds, where the steps can be seen."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 290" role="img" font-family="sans-serif" '
        'font-size="12" fill="#777"><title>5,000 recipients at throttlePerHour 1,000: sent so far</title>'
        + _panel(60, times, _Axes(5, "h", 5_000, 1_000))
        + _panel(420, [at * 3600 for at in times[:9]], _Axes(30, "s", 8, 2))
        + '<path d="M230 272h24" stroke="#1a7f5a" stroke-width="3"/><text x="260" y="276">sent</text>'
        '<path d="M330 272h24" stroke="#c33" stroke-dasharray="5 4"/><text x="360" y="276">nobody before this line: '
        "k × 3.6 s</text></svg>\n"
    )


class _Axes(NamedTuple):
    """How far the panel reaches, in time (hours or seconds) and messages, and a rule every so many."""

    until: float
    unit: str
    most: int
    rule: int


def _panel(left: int, times: list[float], axes: _Axes) -> str:
    def x(at: float) -> float:
        return round(left + at / axes.until * 280, 1)

    def y(sent: float) -> float:
        return round(220 - sent / axes.most * 200, 1)

    rules = "".join(
        f'<path d="M{left} {y(n)}h280" stroke="#8884"/><text x="{left - 8}" y="{y(n) + 4}" text-anchor="end">{n:,}</text>'
        for n in range(0, axes.most + 1, axes.rule)
    )
    marks = "".join(
        f'<text x="{x(axes.until * n / 5)}" y="240" text-anchor="middle">{axes.until * n / 5:g} {axes.unit}</text>'
        for n in range(6)
    )
    every = max(1, len(times) // 100)
    steps = "".join(f"H{x(at)}V{y(k + 1)}" for k, at in enumerate(times) if k % every == 0 and k < axes.most)
    end = (axes.most - 1) * 3.6 / (3600 if axes.unit == "h" else 1)
    limit = f'<path d="M{x(0)} {y(1)}L{x(end)} {y(axes.most)}" stroke="#c33" stroke-dasharray="5 4"/>'
    line = f'<path d="M{x(0)} {y(0)}{steps}" fill="none" stroke="#1a7f5a" stroke-width="3"/>'
    return rules + marks + line + limit


if __name__ == "__main__":
    main()
