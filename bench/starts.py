"""From starting a process to its first answer, every server in turn; and what memory it has then."""

from __future__ import annotations

import statistics
import sys
from typing import TYPE_CHECKING, Any

from bench import machine
from bench.servers import Running, everybody

if TYPE_CHECKING:
    from pathlib import Path

    from bench.servers import Candidate


def measure(peers: Path, folder: Path, rounds: int) -> dict[str, Any]:
    """Medians over rounds."""
    present = [one for one in everybody(peers) if one.installed and "real clock" not in one.name]
    found: dict[str, list[tuple[float, float, float]]] = {one.name: [] for one in present}
    for turn in range(rounds):
        for place, candidate in enumerate(present):
            found[candidate.name].append(once(candidate, folder / f"start-{turn}-{place}"))
        print(f"  round {turn + 1} of {rounds}", file=sys.stderr)
    rows = []
    for name, runs in found.items():
        seconds, cpu, memory = (statistics.median(column) for column in zip(*runs, strict=True))
        rows.append({"name": name, "seconds": seconds, "cpu": cpu, "memory": memory})
    return {"rows": rows, "rounds": rounds}


def once(candidate: Candidate, folder: Path) -> tuple[float, float, float]:
    """Seconds to the first answer, processor seconds, and MB."""
    running = Running(candidate, folder, None)
    try:
        pid = running.process.pid
        return running.first_answer, machine.processor_seconds(pid), machine.resident_mb(pid)
    finally:
        running.stop()
