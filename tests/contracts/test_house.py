"""The laws of the house, kept by the harness too; and its pages say what there is."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from contracts.cli import main
from contracts.comparing.difference import ASPECTS
from contracts.laws import LAWS
from contracts.receiver.checks import CHECKS
from contracts.report.files import WRITERS
from contracts.webhooks.checking import BOOK

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "contracts").rglob("*.py"))
PAGE = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")

_ADDRESSES = {
    "receiver/sender.py",
    "receiver/settings.py",
    "receiver/running.py",
    "comparing/pairs.py",
    "auditing/recording.py",
}

MAY_IMPORT = {
    "time": {"timing.py"},
    "random": {"dice.py"},
    "secrets": set[str](),
    "uuid": set[str](),
    "requests": {"client.py"},  # one HTTP client: what its guard forbids is not sent
    "socket": set[str](),
    "http": {
        "report/har.py",
        "receiver/sender.py",
        "webhooks/inbox.py",
    },  # the words for statuses; the other client: slowly, and many at once; a receiver of our own
    "urllib": {"exchange.py", "settings.py", "fuzz.py", *_ADDRESSES},  # taking addresses apart
    "httpx": set[str](),
    "os": set[str](),
}


def _name(file: Path) -> str:
    return file.relative_to(ROOT / "contracts").as_posix()


def _imports(tree: ast.AST) -> set[str]:
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("file", SOURCES, ids=_name)
def test_one_module_for_each_thing(file: Path) -> None:
    """Time, chance and the network have one door each."""
    imported = _imports(ast.parse(file.read_text(encoding="utf-8")))

    assert {name for name, allowed in MAY_IMPORT.items() if name in imported and _name(file) not in allowed} == set()


@pytest.mark.parametrize("file", SOURCES, ids=_name)
def test_short_and_explained(file: Path) -> None:
    """No function over 40 lines, no file over 300; modules and public things say what they do."""
    text = file.read_text(encoding="utf-8")
    tree = ast.parse(text)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    public = [
        n for n in ast.iter_child_nodes(tree) if isinstance(n, ast.ClassDef | ast.FunctionDef) and n.name[0] != "_"
    ]

    assert [f.name for f in functions if (f.end_lineno or 0) - f.lineno >= 40] == []
    assert len(text.splitlines()) <= 300
    assert ast.get_docstring(tree)
    assert [node.name for node in public if not ast.get_docstring(node)] == []


@pytest.mark.parametrize("file", SOURCES, ids=_name)
def test_no_trace_of_where_it_was_built(file: Path) -> None:
    """No path of a machine."""
    assert not re.search(r"/work/|/tmp/|/root/", file.read_text(encoding="utf-8"))


def test_importing_it_is_cheap() -> None:
    """The engines come with the first check."""
    heavy = "{'requests', 'schemathesis', 'hypothesis', 'jsonschema', 'yaml', 'rich', 'click', 'mock_server'}"
    script = f"import sys, contracts; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)

    assert done.stdout.strip() == "[]"


def test_the_page_has_every_option_and_every_check() -> None:
    """Nobody has to ask --help what there is."""
    options = {option.opts[0] for command in main.commands.values() for option in command.params}
    tables = (LAWS, BOOK.laws, CHECKS)
    laws: list[Any] = [law for table in tables for law in table.values()]

    assert [option for option in sorted(options) if option.startswith("--") and f"`{option}" not in PAGE] == []
    assert [kind for kind in WRITERS if f"`{kind}`" not in PAGE] == []
    rows = [f"| `{law.name}` | {law.promise} ({law.mark.provenance}: {law.mark.source}) |" for law in laws]
    rows += [f"| `{name}` | {promise} |" for name, promise in ASPECTS.items()]
    assert [row for row in rows if row not in PAGE] == []
