"""`python -m bench.fuzz`: see the package."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.fuzz.target import Target

SLOWEST = 20
"""Seconds that one input may take: more is a finding."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one target. `finding` is the input that broke it, `told` the last lines of how."""

    executions: int
    edges: int
    features: int
    finding: bytes | None
    told: str


def main() -> None:
    """Fuzz what is asked for, and say what came of it."""
    arguments = _arguments()
    from bench.fuzz.targets import TARGETS

    unknown = set(arguments.target) - TARGETS.keys()
    if unknown:
        sys.exit(f"there is no target {', '.join(unknown)} (there are: {', '.join(TARGETS)})")
    print(f"{'target':18} {'executions':>10} {'edges':>6} {'features':>8}  findings", flush=True)
    wrong = 0
    for name in arguments.target or TARGETS:
        outcome = fuzz(TARGETS[name], arguments)
        wrong += (outcome.finding is None) if arguments.planted else (outcome.finding is not None)
        found = "none" if outcome.finding is None else f"{outcome.finding!r}"
        print(f"{name:18} {outcome.executions:10,} {outcome.edges:6,} {outcome.features:8,}  {found}", flush=True)
        if outcome.finding is not None or not outcome.executions:
            print(outcome.told)
    sys.exit(bool(wrong))


def fuzz(target: Target, arguments: argparse.Namespace) -> Outcome:
    """One target, for so many seconds or until it breaks."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        work = Path(name)
        corpus = (arguments.corpus or work) / target.name
        seeds, found = work / "seeds", work / "found"
        for folder in (seeds, found, corpus):
            folder.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(target.seeds):
            (seeds / str(number)).write_bytes(seed)
        words = work / "words"
        words.write_text("".join(f'"{_escaped(word)}"\n' for word in (*target.words, "\0")))
        options = [
            *(f"-max_total_time={arguments.seconds}", f"-max_len={target.longest}", f"-timeout={SLOWEST}"),
            *(f"-artifact_prefix={found}/", f"-dict={words}", "-print_final_stats=1", f"-seed={arguments.seed}"),
        ]
        planted = "planted" if arguments.planted else "sound"
        child = [sys.executable, "-m", "bench.fuzz.child", target.name, planted, *options, str(corpus), str(seeds)]
        done = subprocess.run(child, capture_output=True, check=False)
        return _outcome(done, found)


def _outcome(done: subprocess.CompletedProcess[bytes], found: Path) -> Outcome:
    said = (done.stderr + done.stdout).decode("utf-8", "replace")
    progress = re.findall(r"#(\d+)\s.*?cov: (\d+) ft: (\d+)", said)
    _, edges, features = map(int, progress[-1]) if progress else (0, 0, 0)
    total = re.search(r"stat::number_of_executed_units:\s+(\d+)", said)
    executions = int(total[1]) if total else max((int(row[0]) for row in progress), default=0)
    findings = sorted(found.iterdir())
    trace = said.split("=== Uncaught Python exception: ===")[-1].split("==")[0].strip()
    told = "\n".join(f"    {line}" for line in trace.splitlines()[-14:])
    return Outcome(executions, edges, features, findings[0].read_bytes() if findings else None, told)


def _escaped(word: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word.encode())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz", description="Fuzz the parsers of bytes from outside.")
    parser.add_argument("target", nargs="*", help="all of them unless some are named")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument(
        "--seed", type=int, default=1, help="the same seed tries the same things, as far as time allows"
    )
    parser.add_argument("--corpus", type=Path, help="keep what reached new code here, and begin with it next time")
    parser.add_argument("--planted", action="store_true", help="with each target's planted bug, which must be found")
    arguments = parser.parse_args()
    if find_spec("atheris") is None:
        parser.error('it takes atheris: pip install -e ".[dev,fuzz]"')
    return arguments


if __name__ == "__main__":
    main()
