"""docs/pytest.md and docs/cli.md: every example runs, everything there is is named."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

from mock_server import pytest_plugin
from mock_server.commands.trigger import PLAYS
from mock_server.testing.handle import Handle
from mock_server.testing.stay import Wishes

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "pytest.md").read_text(encoding="utf-8")
CLI = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")


def test_every_example_of_the_page_runs(tmp_path: Path) -> None:
    """The page's Python, from top to bottom, is one file of tests that pass."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "test_page.py").write_text("\n\n".join(blocks), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout
    assert f"{sum(block.count('def test_') for block in blocks)} passed" in done.stdout


def test_the_whole_handle_is_on_the_page() -> None:
    """And all fixtures, and all words of the marker."""
    own = {"raise_errors", "loose_ends", "open", "close", "on_time", "sends"}  # what the fixture itself uses
    public = [name for name in vars(Handle) if not name.startswith("_") and name not in own]
    fixtures = [name for name in vars(pytest_plugin) if re.fullmatch(r"flowella\w*", name)]
    words = [
        *public,
        *fixtures,
        "base_url",
        "api_key",
        "webhook_secret",
        "origin",
        *(field.name for field in fields(Wishes)),
    ]

    assert [word for word in words if not re.search(rf"`[^`\n]*\b{word}\b[^`\n]*`", PAGE)] == []
    assert len(fixtures) == 4


def test_every_event_is_on_the_page() -> None:
    """What can be triggered, and what can be set about it. Options have a page of their own, made from the programs."""
    settings = [name for _, known in PLAYS.values() for name in known]

    assert [word for word in (*PLAYS, *settings) if f"`{word}`" not in CLI] == []
