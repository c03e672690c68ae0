"""What the fake is to reach, and whether it did, from the results."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
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


def to_peers(found: Mapping[str, Any], figure: str, kind: str, but: str = "bare") -> float:
    """How many times as good as the best peer."""
    rows = [r for r in found["rows"] if (r["connections"], r["kind"]) == (16, kind) and figure in r]
    return min((r[figure] for r in rows if not r["name"].startswith((OURS, "bare", but))), default=0.0)


def started(found: Mapping[str, Any], figure: str) -> float:
    """Milliseconds to our first answer."""
    return float(next(r[figure] for r in found["rows"] if r["name"] == OURS) * 1e3)


def _plain(found: Mapping[str, Any], figure: str) -> float:
    return float(found[figure])


AIMS = (
    Aim("a send at 60% of the bare Flask route or more", "rates", to_limit, lambda x: x >= 0.6, "{:.0%}"),
    *(
        Aim(f"{kind}: ahead of {whom} at 16 connections, {by}", "rates", figure, lambda x: x > 1, "{:.2f} × the best")
        for kind in ("send", "list")
        for whom, by, figure in (
            ("every peer", "by rate", partial(to_peers, figure="ahead", kind=kind)),
            ("every peer", "by processor time", partial(to_peers, figure="thrift", kind=kind)),
            ("every peer but WireMock", "by rate", partial(to_peers, figure="ahead", kind=kind, but="WireMock")),
        )
    ),
    Aim(
        "deliveries at 70% of a bare client loop or more",
        "deliveries",
        lambda f: f["ratio"],
        lambda x: x >= 0.7,
        "{:.0%}",
    ),
    *(
        Aim(
            f"first answer within 350 ms of starting the process, {by}",
            "start",
            figure,
            lambda x: x <= 350,
            "{:.0f} ms",
        )
        for by, figure in (
            ("real time", partial(started, figure="seconds")),
            ("processor time", partial(started, figure="cpu")),
        )
    ),
    Aim("100,000 messages within 200 MB", "memory", lambda f: f["process"], lambda x: x <= 200, "{:.0f} MB, all told"),
    *(
        Aim(f"1,000 deliveries retried for seven days in 1 s, {by}", "retries", figure, lambda x: x < 1, "{:.2f} s")
        for by, figure in (
            ("real time", partial(_plain, figure="seconds")),
            ("processor time", partial(_plain, figure="cpu")),
        )
    ),
)


def judged(aim: Aim, found: Mapping[str, Any]) -> tuple[str, str]:
    """The figure, and whether that is enough."""
    results = found.get(aim.of)
    if results is None:
        return "", "not measured"
    figure = aim.figure(results)
    return aim.form.format(figure), "reached" if aim.reached(figure) else "**not reached**"
