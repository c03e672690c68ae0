"""What the documentation shows can be read by what it is for: code parses, YAML and JSON too, and commands exist."""

from __future__ import annotations

import ast
import json
import re
import shlex
import subprocess
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
import yaml

from scribe.commands import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
WORKFLOWS = sorted((ROOT / "examples" / "ci").glob("*.yml"))
COMMANDS = dict(walk())
_FENCE = re.compile(r"^( *)```(\w+)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
_CALL = re.compile(r"(?:^|[`$\s/])(flowella-(?:mock|contract) (?!\d|snapshot\b)(?:[^`\n\\]|\\\n)+)", re.MULTILINE)
"""A program and the rest of its line, but for the banner's version, and for what a snapshot calls itself."""


def _python(text: str) -> None:
    ast.parse(re.sub(r"^(\s*)(…|\.\.\.)$", r"\1pass", text, flags=re.MULTILINE))


def _shell(text: str) -> None:
    done = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(done.stderr)


READERS: dict[str, Callable[[str], Any]] = {
    "python": _python,
    "bash": _shell,
    "sh": _shell,
    "json": json.loads,
    "yaml": yaml.safe_load,
}
UNREAD = {"js", "php", "java", "go", "ruby", "text"}
"""Read by nobody here; those that verify signatures are run by their own test."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_blocks_of_code_parse(page: Path) -> None:
    """Each fenced block is what it says it is, in a language that is known here."""
    for _, language, text in _FENCE.findall(page.read_text(encoding="utf-8")):
        if language not in UNREAD:
            READERS[language](textwrap.dedent(text))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_that_pages_show_exist(page: Path) -> None:
    """Programs, commands and options, wherever a page shows how to call one."""
    for call in _CALL.findall(page.read_text(encoding="utf-8")):
        _understood(call)


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_workflows_can_be_read_and_call_what_exists(file: Path) -> None:
    """YAML, and in it our commands with options that they have."""
    lines = list(_lines(yaml.safe_load(file.read_text(encoding="utf-8"))))
    calls = [call for line in lines for call in _CALL.findall(line)]

    assert len(calls) >= 3
    for line in lines:
        _shell(line)
    for call in calls:
        _understood(call)


@pytest.mark.parametrize(
    ("call", "wrong"),
    [
        ("flowella-mock serve --prot 1", "--prot"),
        ("flowella-contract chekc", "chekc"),
        ("flowella-mock serve --port", "--port"),
        ("flowella-mock verify --body", "--body"),
    ],
)
def test_what_does_not_exist_is_noticed(call: str, wrong: str) -> None:
    """The test of the test."""
    with pytest.raises(AssertionError, match=wrong):
        _understood(call)


def _lines(node: Any) -> Iterator[str]:
    """The texts under `run:` and `script:`."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name in {"run", "script"}:
                yield from value if isinstance(value, list) else [value]
            else:
                yield from _lines(value)
    elif isinstance(node, list):
        for one in node:
            yield from _lines(one)


def _understood(call: str) -> None:
    """Each option is one of the command's, and has a value if it wants one."""
    words = re.split(r"[;&|#>]", call.replace("\\\n", " "))[0].replace("…", "x").replace("'", "").replace('"', "")
    program, *rest = shlex.split(words)
    while rest and f"{program} {rest[0]}" in COMMANDS:
        program = f"{program} {rest.pop(0)}"
    command = COMMANDS[program]
    if isinstance(command, click.Group):
        assert not rest or rest[0] in {"--version", "--help"}, f"{program} has no command {rest[0]}"
        return
    known = {name: option for option in command.params if isinstance(option, click.Option) for name in option.opts}
    for at, word in enumerate(rest):
        name = word.partition("=")[0].rstrip(",.:)")
        if word.startswith("--"):
            assert name in known or name == "--help", f"{program} has no option {name}"
            wants = name in known and not known[name].is_flag and "=" not in word
            assert not wants or rest[at + 1 :], f"{program} {name} wants a value"
