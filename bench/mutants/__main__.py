"""Mutation testing: `python -m bench.mutants [--package NAME] [--module NAME] [--sample N --seed S]`.

Prints a table of the modules, and every mutant that no test caught.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest

from bench.mutants.making import Mutant, mutants_of
from bench.mutants.trying import Fate, Trial

ROOT = Path(__file__).parents[2]
PACKAGES = ("domain", "webhooks")

TESTS = {
    "domain": ["domain", "services", "test_agenda.py", "test_delivering.py"],
    "webhooks": ["webhooks", "commands/test_verify.py", "test_delivering.py", "test_calling_back.py", "test_logs.py"],
}
TESTS["domain"] += [f"web/test_{name}.py" for name in ("magic_recipients", "template_send")]
TESTS["webhooks"] += ["web/test_webhook_faults.py", "flowiq/test_webhooks.py"]
"""Tests of behaviour that run in one process. What reads our source or our pages would fail for the wrong reason."""

LEFT_OUT = {
    "services/test_campaign_machine.py": "a machine of Hypothesis's: 8 seconds",
    "services/test_limited_campaigns.py": "another: 14 seconds",
    "web/test_magic_recipients.py::test_every_magic_number_is_listed_and_documented": "reads a page",
}


def main() -> int:
    """Try them all, and say what came of it."""
    arguments = _arguments()
    mutants = [mutant for file in _files(arguments) for mutant in mutants_of(file)]
    if arguments.sample:
        mutants = random.Random(arguments.seed).sample(mutants, min(arguments.sample, len(mutants)))
    started = time.monotonic()
    trial = Trial(mutants, _Progress(len(mutants)), arguments.keep)
    with tempfile.TemporaryDirectory() as folder:
        status = pytest.main(_pytest(_tests(arguments), folder), plugins=[trial])
    print(f"\n{table(trial.fates)}\n\n{len(mutants)} mutants in {time.monotonic() - started:.0f} s")
    return int(status)


def table(fates: list[tuple[Mutant, Fate]]) -> str:
    """Per module, per package and in all."""
    rows: dict[str, Counter[Fate]] = {}
    for mutant, fate in fates:
        package = mutant.file.parent.name
        for name in (f"{package}/{mutant.file.stem}", package, "all"):
            rows.setdefault(name, Counter())[fate] += 1
    lines = ["| module | mutants | killed | by timeout | survived | no test | caught |"]
    lines += ["| --- | --: | --: | --: | --: | --: | --: |"]
    for name in sorted(rows):
        row = rows[name]
        caught, number = row[Fate.KILLED] + row[Fate.TIMEOUT], row.total() - row[Fate.INVALID]
        cells = (number, row[Fate.KILLED], row[Fate.TIMEOUT], row[Fate.SURVIVED], row[Fate.UNREACHED])
        lines.append(f"| {name} | {' | '.join(map(str, cells))} | {caught / max(number, 1):.1%} |")
    return "\n".join(lines)


class _Progress:
    def __init__(self, number: int) -> None:
        self._number, self._done = number, 0

    def __call__(self, mutant: Mutant, fate: Fate) -> None:
        self._done += 1
        if fate is not Fate.KILLED:
            print(f"{self._done}/{self._number} {fate}: {mutant}", file=sys.__stdout__, flush=True)


def _files(arguments: argparse.Namespace) -> list[Path]:
    packages = [arguments.package] if arguments.package else PACKAGES
    files = [file for package in packages for file in sorted((ROOT / "mock_server" / package).glob("*.py"))]
    return [file for file in files if not arguments.module or file.stem in arguments.module]


def _tests(arguments: argparse.Namespace) -> list[str]:
    packages = [arguments.package] if arguments.package else PACKAGES
    return arguments.tests or sorted({f"tests/{test}" for package in packages for test in TESTS[package]})


def _pytest(tests: list[str], folder: str) -> list[str]:
    out = [f"--ignore=tests/{test}" if "::" not in test else f"--deselect=tests/{test}" for test in LEFT_OUT]
    return [*tests, *out, "-n0", "--tb=no", "-pno:randomly", "-pno:cacheprovider", f"--basetemp={folder}/tmp"]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.mutants", description="Do our tests notice what breaks?")
    parser.add_argument("--package", choices=PACKAGES, help="only this one")
    parser.add_argument("--module", action="append", help="only this one; may be repeated")
    parser.add_argument("--tests", nargs="+", help="with these tests only, to see what they are worth")
    parser.add_argument(
        "--keep", type=Path, help="a file that remembers which tests reach what, until the source changes"
    )
    parser.add_argument("--sample", type=int, help="so many mutants, drawn by chance")
    parser.add_argument("--seed", type=int, default=0, help="of the draw")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
