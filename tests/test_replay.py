"""Same seed, same start, same calls: the same ids, bytes and signatures, in whatever process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sampling import some

SESSION = Path(__file__).parent / "replay_session.py"


SESSIONS = 200
BATCH = 20


def _play(first: int, hash_seed: str, sessions: int = BATCH) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    command = [sys.executable, str(SESSION), str(first), str(first + sessions)]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment, timeout=60).stdout


@pytest.mark.parametrize("first", some(range(0, SESSIONS, BATCH), every=4))
def test_sessions_replay_byte_for_byte(first: int) -> None:
    """Random sessions, faults and all, in two processes with different hash seeds answer, store and sign the same."""
    one, other = _play(first, "1"), _play(first, "2")

    assert len(one) > 10_000 * BATCH
    assert one == other


def test_another_session_is_another() -> None:
    """The comparison can tell sessions apart."""
    assert _play(0, "1", sessions=1) != _play(1, "1", sessions=1)
