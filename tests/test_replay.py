"""Same seed, same start, same calls: the same ids, bytes and signatures, in whatever process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SESSION = Path(__file__).parent / "replay_session.py"


def _play(seed: int, hash_seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    command = [sys.executable, str(SESSION), str(seed)]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment, timeout=60).stdout


@pytest.mark.parametrize("seed", range(4))
def test_a_session_replays_byte_for_byte(seed: int) -> None:
    """A random session in two processes with different hash seeds answers, stores and signs the same."""
    first, second = _play(seed, "1"), _play(seed, "2")

    assert len(first) > 10_000
    assert first == second


def test_another_session_is_another() -> None:
    """The comparison can tell sessions apart."""
    assert _play(0, "1") != _play(1, "1")
