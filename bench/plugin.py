"""What the pytest plugin costs. `python bench/plugin.py`

First: a test that uses `flowella` and sends one message, against an empty test: whole pytest runs of few and of many tests,
so that starting up and importing cancel out. Second: the start of a pytest run that does not use the plugin, with the plugin
and with the plugin blocked, in turn. Processor time, so that what else the machine does counts less; medians.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

FEW, MANY = 20, 320
"""Tests in a run."""
TURNS = 3
STARTS = 9

EMPTY = """
import pytest

@pytest.mark.parametrize("turn", range({count}))
def test_it(turn):
    pass
"""

SENDING = """
import pytest, requests

@pytest.mark.parametrize("turn", range({count}))
def test_it(flowella, turn):
    headers = {{"Authorization": f"Bearer {{flowella.api_key}}"}}
    body = {{"to": "+15551234567", "text": "hi"}}
    assert requests.post(f"{{flowella.base_url}}/messages", json=body, headers=headers, timeout=5).ok
"""


def main() -> None:
    """Measure, print."""
    with tempfile.TemporaryDirectory() as folder:
        empty, sending = (per_test(Path(folder), source) for source in (EMPTY, SENDING))
        print(f"an empty test {empty * 1000:.2f} ms, one that sends a message with flowella {sending * 1000:.2f} ms")
        print(f"  so flowella and a message cost {(sending - empty) * 1000:.2f} ms")
        with_it, without = starts(Path(folder))
        print(f"start of an empty run: {without * 1000:.0f} ms without the plugin, {with_it * 1000:.0f} ms with it")
        print(f"  so the plugin costs {(with_it - without) * 1000:.1f} ms")


def per_test(folder: Path, source: str) -> float:
    """Seconds for one more test of this kind."""
    times = []
    for _ in range(TURNS):
        few, many = (_tests(folder, source.format(count=count)) for count in (FEW, MANY))
        times.append((many - few) / (MANY - FEW))
    return statistics.median(times)


def starts(folder: Path) -> tuple[float, float]:
    """Seconds to start and end a run that collects one test, with the plugin and without it."""
    (folder / "test_bench.py").write_text(EMPTY.format(count=1))
    pairs = [
        (_run(folder, autoload=True), _run(folder, "-p", "no:flowella_mock", autoload=True)) for _ in range(STARTS)
    ]
    with_it, without = (statistics.median(column) for column in zip(*pairs, strict=True))
    return with_it, without


def _tests(folder: Path, source: str) -> float:
    (folder / "test_bench.py").write_text(source)
    return _run(folder, "-p", "mock_server.pytest_plugin", autoload=False)


def _run(folder: Path, *options: str, autoload: bool) -> float:
    """Processor seconds of a pytest run. Other plugins of this environment are left out where that is possible."""
    others = ("no:schemathesis", "no:hypothesispytest", "no:xdist", "no:randomly", "no:anyio", "no:time_machine")
    blocked = [part for name in others for part in ("-p", name)] if autoload else []
    environment = os.environ | ({} if autoload else {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"})
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *blocked, *options]
    begun = os.times()
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    ended = os.times()
    return ended.children_user + ended.children_system - begun.children_user - begun.children_system


if __name__ == "__main__":
    main()
