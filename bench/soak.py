"""Everything at once, again and again, and what is left of it: `python -m bench.soak [--minutes 10] [--chart FILE]`.

`flowella-mock serve` in a process of its own takes sends, lists, inbound messages, bulk sends, organizations that come
and go, faults on and off, streams of events, hostile sockets, and a receiver of webhooks that fails now and then. After
each round the load stops, the organization is reset, which throws away the history that is kept by design, and the
process is measured at rest: then nothing may be left. The first quarter of the rounds is for warming up (imports, caches).

At rest caches that have a bound are emptied and the garbage is collected, and what is left is counted twice: in blocks
that Python has allocated, which is exact, and in resident memory, which also shows what extensions hold and what an
allocator keeps in reserve.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.charts import OURS, Bar, bars
from bench.soak_load import Crowd, Fake, Receiver, call

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTLING = 20.0
"""Seconds that connections and deliveries have to end."""

BLOCKS_MAY_GROW, MEMORY_MAY_GROW = 0.05, 0.15
"""From the first measured rounds to the last: what kind of news is in the ring of each stream, an allocator's reserve."""

INSIDE = """
import functools, gc, pathlib, sys, threading
def empty():
    gc.unfreeze()  # what there was at the start is hidden from get_objects since
    for cache in [one for one in gc.get_objects() if isinstance(one, functools._lru_cache_wrapper)]:
        if cache.cache_parameters()["maxsize"] is not None:
            cache.cache_clear()
def count():
    asked, told = (pathlib.Path({file!r}).with_suffix(end) for end in (".asked", ".told"))
    while True:
        if asked.exists():
            empty()
            gc.collect()
            told.write_text(str(sys.getallocatedblocks()))
            asked.unlink()
        threading.Event().wait(0.05)
threading.Thread(target=count, daemon=True).start()
"""
"""What the server does beside serving: when it is asked to, it counts."""

LEAK = """
from mock_server.web import door
sound, kept = door.respond, []
def respond(status, body):
    kept.append(bytes({size}))
    return sound(status, body)
door.respond = respond
"""


@dataclass(frozen=True, slots=True)
class Sample:
    """One round. Memory in MB: under load with its history kept, and at rest after the reset. Latencies in ms."""

    messages: int
    calls: int
    loaded: float
    rest: float
    blocks: int
    descriptors: int
    threads: int
    p50: float
    p99: float


class Process:
    """What Linux tells of a process, and what it tells itself in a file."""

    def __init__(self, pid: int, file: Path) -> None:
        self._asked, self._told = file.with_suffix(".asked"), file.with_suffix(".told")
        self._folder = Path(f"/proc/{pid}")

    def blocks(self) -> int:
        """Blocks of memory in use by Python, without garbage."""
        self._asked.touch()
        while self._asked.exists():
            time.sleep(0.05)
        return int(self._told.read_text())

    @property
    def memory(self) -> float:
        """Resident, in MB."""
        return self._number("VmRSS") / 1024

    @property
    def threads(self) -> int:
        """How many."""
        return self._number("Threads")

    @property
    def descriptors(self) -> int:
        """How many are open."""
        return len(os.listdir(self._folder / "fd"))  # noqa: PTH208 - only their number counts

    def _number(self, name: str) -> int:
        lines = (self._folder / "status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def main() -> None:
    """Soak, and judge."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="soak-") as name, Receiver() as receiver:
        folder = Path(name)
        log = folder / "stderr.txt"
        ready = folder / "ready.json"
        inside = INSIDE.format(file=str(folder / "blocks"))
        inside += LEAK.format(size=arguments.leak) if arguments.leak else ""
        command = [sys.executable, "-c", f"{inside}\nfrom mock_server.cli import main; main()", "serve", "--port", "0"]
        command += ["--rate-limit", "off", "--clock", "x20", "--webhook", receiver.url, "--ready-file", str(ready)]
        with (
            log.open("w") as stderr,
            subprocess.Popen([*command, "--log-level", "error"], stdout=subprocess.DEVNULL, stderr=stderr) as one,
        ):
            try:
                fake = Fake.of(ready)
                samples = []
                for sample in rounds(
                    fake, Process(one.pid, folder / "blocks"), arguments.minutes * 60, arguments.round
                ):
                    samples.append(sample)
                    _tell(len(samples), sample)
            finally:
                one.terminate()
        wrong = verdict(samples, log.read_text())
    if arguments.chart:
        arguments.chart.write_text(chart(samples))
    print("\n".join(wrong) or steady(samples))
    sys.exit(bool(wrong))


def rounds(fake: Fake, process: Process, seconds: float, length: float) -> Iterator[Sample]:
    """Load, stop, reset, measure; until the time is over."""
    print("round   calls  messages  loaded MB  at rest MB     blocks  descriptors  threads  p50 ms  p99 ms", flush=True)
    end = time.monotonic() + seconds
    quiet = process.descriptors
    while time.monotonic() < end:
        with Crowd(fake) as crowd:
            time.sleep(length)
        counts = call(fake, "GET", f"{fake.control}/orgs/default")["counts"]
        loaded = process.memory
        call(fake, "POST", f"{fake.control}/orgs/default/reset")
        _settle(process, quiet)
        latencies = sorted(crowd.latencies) or [0.0]
        blocks = process.blocks()
        yield Sample(
            messages=counts["messages"],
            calls=crowd.calls,
            loaded=loaded,
            rest=process.memory,
            blocks=blocks,
            descriptors=process.descriptors,
            threads=process.threads,
            p50=statistics.median(latencies) * 1e3,
            p99=latencies[int(len(latencies) * 0.99)] * 1e3,
        )


def _settle(process: Process, quiet: int) -> None:
    """Webhooks that are on their way end with their receiver's patience, idle connections to it after a second."""
    end = time.monotonic() + SETTLING
    while time.monotonic() < end and process.descriptors > quiet + 3:
        time.sleep(0.2)
    time.sleep(1.5)


def steady(samples: list[Sample]) -> str:
    """The good news, and how small a leak would have been seen."""
    calls = sum(sample.calls for sample in samples)
    blocks = min(sample.blocks for sample in samples[len(samples) // 4 :]) * BLOCKS_MAY_GROW / (calls / 2)
    return f"steady over {calls:,} calls; {blocks:.2f} objects left behind by each call would have been seen"


def verdict(samples: list[Sample], log: str) -> list[str]:
    """What is not steady. The first quarter is for warming up."""
    measured = samples[len(samples) // 4 :]
    third = max(1, len(measured) // 3)
    wrong = []
    if len(measured) < 3:
        wrong.append(f"too short to tell: {len(measured)} rounds measured")
    first, last = measured[:third], measured[-third:]
    for what, unit, share in (("rest", "MB", MEMORY_MAY_GROW), ("blocks", "blocks", BLOCKS_MAY_GROW)):
        before, after = (min(getattr(sample, what) for sample in part) for part in (first, last))
        if after > before * (1 + share):
            wrong.append(f"memory at rest grew from {before:,.1f} to {after:,.1f} {unit}")
    for what in ("descriptors", "threads"):
        least, most = (pick(getattr(sample, what) for sample in part) for pick, part in ((min, first), (min, last)))
        if most > least:
            wrong.append(f"{what} at rest grew from {least} to {most}")
    slow = [sample.p99 for sample in measured if sample.p99 > 20 * max(sample.p50, 5.0)]
    if len(slow) > len(measured) // 2:
        wrong.append(f"one call in a hundred takes {statistics.median(slow):.0f} ms")
    if "Traceback" in log:
        wrong.append(f"the server printed a traceback:\n{log[log.index('Traceback') :][:3000]}")
    return wrong


def chart(samples: list[Sample]) -> str:
    """Memory at rest, round by round."""
    rows = [
        Bar(f"round {number}, {sample.calls:,} calls", sample.rest, f"{sample.rest:.1f} MB", OURS)
        for number, sample in enumerate(samples, 1)
    ]
    return bars("Memory at rest after each round of the soak", rows)


def _tell(number: int, one: Sample) -> None:
    print(
        f"{number:5} {one.calls:7,} {one.messages:9,} {one.loaded:10.1f} {one.rest:11.1f} {one.blocks:10,} "
        f"{one.descriptors:12} {one.threads:8} {one.p50:7.1f} {one.p99:7.1f}",
        flush=True,
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description="Full load, in rounds, and what is left.")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--round", type=float, default=15, help="seconds of load before each measurement")
    parser.add_argument("--leak", type=int, default=0, help="have each answer leave so many bytes: it must be seen")
    parser.add_argument("--chart", type=Path, help="where to draw the memory at rest, as SVG")
    return parser.parse_args()


if __name__ == "__main__":
    main()
