"""One target in a process of its own, which libFuzzer ends as it likes.

python -m bench.fuzz.child TARGET sound|planted ARGUMENTS...
"""

from __future__ import annotations

import sys
from contextlib import ExitStack

import atheris

with atheris.instrument_imports(include=["bench.fuzz", "contracts", "mock_server", "waitress"]):
    from bench.fuzz.targets import TARGETS


def main() -> None:
    """Instrument, plant the bug if it is wanted, and fuzz."""
    name, planted, *arguments = sys.argv[1:]
    target = TARGETS[name]
    with ExitStack() as stack:
        with atheris.instrument_imports(include=["contracts", "mock_server"]):
            for seed in target.seeds:  # so that what is imported on first use is watched too
                target.attack(seed)
        if planted == "planted":
            stack.enter_context(target.plant.planted())
        atheris.Setup([sys.argv[0], *arguments], target.attack)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
