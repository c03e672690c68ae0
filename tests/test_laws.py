"""The laws of the house that a linter does not know. Layers are import-linter's business, see pyproject.toml."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "mock_server").rglob("*.py"))

# Nobody asks the time, rolls dice, sleeps or reads the environment but the one module for it. Without this, no replay.
# The socket layers measure real time by a function that their constructor is given.
MAY_IMPORT = {
    "time": {
        "clock.py",
        "server.py",
        "wire.py",
        "webhooks/transport.py",
        "webhooks/client.py",
        "webhooks/connections.py",
        "testing/travel.py",  # patches it
    },
    "random": set(),
    "uuid": set(),
    "secrets": set(),
}
FORBIDDEN_CALLS = re.compile(r"\b(datetime\.(now|utcnow|today)|date\.today|os\.(environ|getenv|urandom)|time\.sleep)\b")


def _relative(file: Path) -> str:
    return file.relative_to(ROOT / "mock_server").as_posix()


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("file", SOURCES, ids=_relative)
def test_time_and_chance_come_from_one_module(file: Path) -> None:
    """No clock, dice, sleep or environment outside the modules that exist for them."""
    text = file.read_text(encoding="utf-8")
    imported = set(_imports(ast.parse(text)))

    assert {
        name for name, allowed in MAY_IMPORT.items() if name in imported and _relative(file) not in allowed
    } == set()
    assert FORBIDDEN_CALLS.findall(text) == []


@pytest.mark.parametrize("file", SOURCES, ids=_relative)
def test_vendors_differ_in_speech_only(file: Path) -> None:
    """Nobody asks which vendor it is: numbers belong into Policy, rules into the domain."""
    assert not re.search(r"\b(vendor|dialect)(\.name)?\s*(==|!=|in|is)\s", _code(file))


@pytest.mark.parametrize("file", SOURCES, ids=_relative)
def test_public_things_say_what_they_do(file: Path) -> None:
    """Modules, classes and public functions have a docstring; views are named by their spec and protocols by their use."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    if file.stat().st_size:
        assert ast.get_docstring(tree), "the module has no docstring"
    views = "VIEWS" in file.read_text(encoding="utf-8")
    silent = [
        node.name
        for node in ast.iter_child_nodes(tree)
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
        and not (views and isinstance(node, ast.FunctionDef))
    ]
    assert silent == []


@pytest.mark.parametrize("file", SOURCES, ids=_relative)
def test_functions_stay_short(file: Path) -> None:
    """Budget the tail: no function over 40 lines, no file over 300."""
    text = file.read_text(encoding="utf-8")
    lengths = {f.name: (f.end_lineno or 0) - f.lineno + 1 for f in _functions(ast.parse(text))}

    assert {name: length for name, length in lengths.items() if length > 40} == {}
    assert len(text.splitlines()) <= 300


def test_importing_the_package_is_cheap() -> None:
    """`import mock_server` brings neither Flask nor the HTTP client: its users pay for them on first use."""
    heavy = "{'flask', 'werkzeug', 'aiohttp', 'waitress', 'yaml', 'phonenumbers', 'jsonschema_rs', 'rich'}"
    script = f"import sys, mock_server; print(sorted({heavy} & set(sys.modules)))"

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)

    assert done.stdout.strip() == "[]"


def test_nothing_refers_to_where_it_was_built() -> None:
    """No path of a machine and no package registry's host in what we ship."""
    tracked = [
        *SOURCES,
        *(ROOT / "docs").rglob("*.md"),
        *ROOT.glob("*.md"),
        *ROOT.glob("*.yaml"),
        ROOT / "pyproject.toml",
    ]
    wrong = re.compile(
        r"/work/|\.\./shared|" + "|".join(("pypi" + r"\.org", "npmjs" + r"\.(com|org)", "debian" + r"\.org"))
    )

    assert [str(file) for file in tracked if wrong.search(file.read_text(encoding="utf-8"))] == []


def _code(file: Path) -> str:
    """The source without comments and docstrings."""
    return ast.unparse(ast.parse(file.read_text(encoding="utf-8"))) if file.stat().st_size else ""
