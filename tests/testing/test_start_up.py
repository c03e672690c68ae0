"""The plugin is loaded in every pytest run of its users: it must cost nothing until it is used. And the examples work."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from unittest import mock

import pytest

from mock_server.testing import stay

ROOT = Path(__file__).parents[2]

HEAVY = {
    "flask", "werkzeug", "aiohttp", "waitress", "yaml", "phonenumbers", "jsonschema_rs", "rich", "click",
    "requests", "responses", "urllib3", "httpx", "asyncio", "time_machine", "django",
}  # fmt: skip


def test_loading_the_plugin_imports_nothing_but_pytest() -> None:
    """What the fixtures stand on comes with the first test that asks for one."""
    script = (
        "import sys, pytest; before = set(sys.modules)\n"
        "import mock_server.pytest_plugin\n"
        f"print(sorted(set(sys.modules) - before), sorted({HEAVY} & (set(sys.modules) - before)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)

    assert done.stdout.strip() == "['mock_server', 'mock_server.pytest_plugin'] []"


def test_a_run_that_does_not_use_it_does_not_load_it(tmp_path: Path) -> None:
    """Not even collecting and running tests beside it does."""
    (tmp_path / "test_it.py").write_text(
        "import sys\ndef test_it():\n    assert [n for n in sys.modules if n.startswith('mock_server')] == "
        "['mock_server', 'mock_server.pytest_plugin'] and 'flask' not in sys.modules\n"
    )
    # The other plugins of this environment would import all sorts of things.
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "mock_server.pytest_plugin",
        "-p",
        "no:cacheprovider",
        str(tmp_path),
    ]
    environment = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("example", ["shop", "shop_asgi"])
def test_the_examples_pass(example: str) -> None:
    """Each with its own test suite, which uses the plugin and nothing else; a warning is a failure."""
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT / "examples" / example)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("here", ["2.19.0", None])
def test_travelling_says_which_time_machine_it_needs(here: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """An older one takes the monotonic clock along, by which the fake's own threads wait."""

    def version(name: str) -> str:
        if here is None:
            raise PackageNotFoundError(name)
        return here

    monkeypatch.setattr(stay, "version", version)
    with pytest.raises(pytest.UsageError, match=r"pip install 'time-machine>=3.0'"), stay._travel(mock.Mock()):
        pass
