"""All benchmarks in one command: `python -m bench [--peers DIR] [--only NAME] [--quick]`.

Writes docs/benchmarks.md, its charts, and the figures as docs/benchmarks/results.json; `--quick` prints and writes nothing.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import tempfile
from pathlib import Path
from typing import Any

from bench import machine, own, rates, starts
from bench.report import Results, page
from bench.sections import SECTIONS


def main() -> None:
    """Measure what is asked for, and write it down."""
    arguments = _arguments()
    results = Results()
    found: dict[str, Any] = {}
    for name in arguments.only or list(SECTIONS):
        print(f"{name} ...", flush=True)
        figures = measure(name, arguments.peers, quick=arguments.quick)
        found[name] = figures | {"on": _today()}
        results.add(name, figures, _today(), machine.describe())
        if not arguments.quick:
            results.write()
    if arguments.quick:
        print(page(found | {"machine": machine.describe()}))
    else:
        print(f"wrote {results.page}")


def measure(name: str, peers: Path, *, quick: bool) -> dict[str, Any]:
    """The figures of one benchmark."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        if name == "rates":
            return rates.measure(peers, Path(folder), rates.QUICK if quick else rates.Plan())
        if name == "start":
            return starts.measure(peers, Path(folder), 2 if quick else 7)
    return own.run(name, quick=quick)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the fake beside its peers.")
    parser.add_argument("--only", action="append", choices=SECTIONS, help="only this one; may be repeated")
    parser.add_argument("--quick", action="store_true", help="short rounds, printed and not written down")
    folder = Path(os.environ.get("BENCH_PEERS", Path.home() / ".cache" / "flowella-mock-bench"))
    parser.add_argument(
        "--peers", type=Path, default=folder, help="where the peers are installed: see bench/servers.py"
    )
    return parser.parse_args()


def _today() -> str:
    return dt.datetime.now(dt.UTC).date().isoformat()


if __name__ == "__main__":
    main()
