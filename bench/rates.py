"""Requests a second, side by side: every server gets a short round in turn, several times over, so that whatever else the
machine does hits all alike. Medians over rounds; ratios are medians of the ratios within a round.

Servers share one processor and the load has the other, where there are two.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench import machine
from bench.load import Generator
from bench.servers import SEND, Running, await_port, everybody, free_port

if TYPE_CHECKING:
    from pathlib import Path

    from bench.load import Outcome
    from bench.servers import Candidate

KINDS = ("send", "list")


@dataclass(frozen=True, slots=True)
class Plan:
    """How long this takes."""

    connections: tuple[int, ...] = (1, 16, 64)
    rounds: int = 5
    seconds: float = 0.7
    warm: float = 1.0
    """As a part of what each candidate asks for."""


QUICK = Plan((16,), rounds=3, seconds=0.4, warm=0.2)


@dataclass(slots=True)
class Round:
    """One server, one kind of request, one number of connections, once. `cpu` is µs of its processor time a request."""

    outcome: Outcome
    cpu: float


Key = tuple[str, str, int]
"""Server, kind, connections."""


def measure(peers: Path, folder: Path, plan: Plan, only: str = "") -> dict[str, Any]:
    """Start them all, warm them, let them take turns; what came of it as plain data."""
    server_core, load_core = machine.pins()
    candidates = everybody(peers)
    present = [one for one in candidates if one.installed and only in one.name]
    with ExitStack() as stack:
        load = stack.enter_context(Generator(load_core))
        servers = []
        for place, candidate in enumerate(present):
            server = Running(candidate, folder / str(place), server_core)
            stack.callback(server.stop)
            server.set_up()
            servers.append(server)
        for server in servers:
            warm(server, load, plan.warm)
        rounds = play(servers, load, plan)
        limit = ceiling(load, server_core, plan)
    missing = [one.name for one in candidates if not one.installed]
    return summary(present, rounds) | {"ceiling": limit, "missing": missing}


def warm(server: Running, load: Generator, share: float) -> None:
    """Until the compilers have seen enough of it."""
    for ask in (server.candidate.send, server.candidate.page):
        load.run(ask.job(server.port, 16, server.candidate.warm * share / 2))


def play(servers: list[Running], load: Generator, plan: Plan) -> dict[Key, list[Round | None]]:
    """All rounds, every server in turn."""
    rounds: dict[Key, list[Round | None]] = {}
    for turn in range(plan.rounds):
        for connections in plan.connections:
            for kind in KINDS:
                for server in servers:
                    found = one_round(server, kind, load, connections, plan.seconds)
                    rounds.setdefault((server.candidate.name, kind, connections), []).append(found)
        print(f"  round {turn + 1} of {plan.rounds}", file=sys.stderr)
    return rounds


def one_round(server: Running, kind: str, load: Generator, connections: int, seconds: float) -> Round | None:
    """So many seconds of one kind of request. Anything but a success makes it a round without a result."""
    ask = server.candidate.send if kind == "send" else server.candidate.page
    before = machine.processor_seconds(server.process.pid)
    outcome = load.run(ask.job(server.port, connections, seconds))
    used = machine.processor_seconds(server.process.pid) - before
    bad = {status: number for status, number in outcome.statuses.items() if not status.startswith("2")}
    if bad or outcome.gone or not outcome.answers:
        print(f"  {server.candidate.name}, {kind}, {connections} connections: {bad or 'gone'}", file=sys.stderr)
        return None
    return Round(outcome, used / outcome.answers * 1e6)


def ceiling(load: Generator, core: int | None, plan: Plan) -> dict[str, float]:
    """What the generator reaches where answering costs next to nothing, by connections."""
    port = free_port()
    with subprocess.Popen([sys.executable, "-m", "bench.load", "echo", str(port)]) as process:
        try:
            await_port(port)
            return {str(n): load.run(SEND.job(port, n, plan.seconds)).rate for n in plan.connections}
        finally:
            process.kill()


def summary(candidates: list[Candidate], rounds: dict[Key, list[Round | None]]) -> dict[str, Any]:
    """Medians, and the ratio to the first candidate of the same round."""
    rows = []
    for (name, kind, connections), found in rounds.items():
        base = rounds[candidates[0].name, kind, connections]
        pairs = [(one, other) for one, other in zip(base, found, strict=True) if one and other]
        whole = 2 * len(pairs) > len(found)  # else it gave up
        rows.append({"name": name, "kind": kind, "connections": connections, **(_medians(pairs) if whole else {})})
    who = [{"name": one.name, "about": one.about, "version": one.version()} for one in candidates]
    return {"servers": who, "rows": rows}


def _medians(pairs: list[tuple[Round, Round]]) -> dict[str, float]:
    """Of the second of each pair; `ahead` is how many times as fast the first one is, `thrift` how many times
    as much processor time the second takes.
    """
    values = {
        "rate": [other.outcome.rate for _, other in pairs],
        "p50": [other.outcome.p50 for _, other in pairs],
        "p99": [other.outcome.p99 for _, other in pairs],
        "cpu": [other.cpu for _, other in pairs],
        "thrift": [other.cpu / one.cpu for one, other in pairs if one.cpu],
        "ahead": [one.outcome.rate / other.outcome.rate for one, other in pairs],
    }
    return {name: statistics.median(column) for name, column in values.items() if column}
