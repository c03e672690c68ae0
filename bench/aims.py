"""What the fake is to reach, and whether it did, from the results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

OURS = "flowella-mock"
LIMIT = "bare Flask route (our loop)"


@dataclass(frozen=True, slots=True)
class Aim:
    """`figure` reads it from the results of `of`; `reached` judges it, `form` shows it."""

    text: str
    of: str
    figure: Callable[[Mapping[str, Any]], float]
    reached: Callable[[float], bool]
    form: str


def rate(found: Mapping[str, Any], name: str, kind: str = "send", connections: int = 16) -> float:
    """Requests a second; 0 for who gave up."""
    asked = (name, kind, connections)
    return next((r.get("rate", 0.0) for r in found["rows"] if (r["name"], r["kind"], r["connections"]) == asked), 0.0)


def to_limit(found: Mapping[str, Any]) -> float:
    """How much of the bare route's rate a send reaches."""
    row = next(r for r in found["rows"] if (r["name"], r["kind"], r["connections"]) == (LIMIT, "send", 16))
    return float(row["ahead"])


def to_peers(found: Mapping[str, Any]) -> float:
    """How many times as fast as the fastest peer, for the kind of request where it is least."""
    rows = [r for r in found["rows"] if r["connections"] == 16 and "ahead" in r]
    peers = [r["ahead"] for r in rows if not r["name"].startswith((OURS, "bare"))]
    return min(peers, default=0.0)


def started(found: Mapping[str, Any]) -> float:
    """Milliseconds to our first answer."""
    return float(next(r["seconds"] for r in found["rows"] if r["name"] == OURS) * 1e3)


AIMS = (
    Aim("a send at 60% of the bare Flask route or more", "rates", to_limit, lambda x: x >= 0.6, "{:.0%}"),
    Aim("ahead of every peer at 16 connections", "rates", to_peers, lambda x: x > 1, "{:.2f} × the fastest"),
    Aim("deliveries at 70% of a bare client loop or more", "deliveries", lambda f: f["ratio"], lambda x: x >= 0.7, "{:.0%}"),
    Aim("first answer within 350 ms of starting the process", "start", started, lambda x: x <= 350, "{:.0f} ms"),
    Aim("100,000 messages within 200 MB", "memory", lambda f: f["process"], lambda x: x <= 200, "{:.0f} MB, all told"),
    Aim("1,000 deliveries retried for seven days in 1 s", "retries", lambda f: f["seconds"], lambda x: x < 1, "{:.2f} s"),
)  # fmt: skip


def judged(aim: Aim, found: Mapping[str, Any]) -> tuple[str, str]:
    """The figure, and whether that is enough."""
    results = found.get(aim.of)
    if results is None:
        return "", "not measured"
    figure = aim.figure(results)
    return aim.form.format(figure), "reached" if aim.reached(figure) else "**not reached**"
