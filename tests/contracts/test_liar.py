"""Every lie is one: it changes what is answered. Without a lie the liar is not there, byte for byte."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from liar.lying import LIES, Honest, Liar
from liar.serving import honest_orgs, serving
from liar.story import tell

from contracts.laws import LAWS
from mock_server.app import create_app
from mock_server.domain.instant import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from liar.story import Line

ROOT = Path(__file__).parents[2]
START = parse("2026-11-21T10:00:00Z")


@contextmanager
def story(name: str | None) -> Iterator[tuple[Iterator[Line], list[float]]]:
    """The story as the liar tells it, and how long it has paused on the way."""
    pauses: list[float] = []
    orgs = honest_orgs(scale=0, now=lambda: START)
    app = Liar(Honest(create_app(orgs), orgs, pauses.append), LIES[name] if name else None)
    with serving(app) as url, closing(tell(url, orgs)) as told:
        yield told, pauses


@pytest.fixture(scope="module")
def truth() -> list[Line]:
    """What the honest fake answers, with nothing in front of it."""
    orgs = honest_orgs(scale=0, now=lambda: START)
    with serving(create_app(orgs)) as url:
        return list(tell(url, orgs))


def test_without_a_lie_the_liar_is_not_there(truth: list[Line]) -> None:
    """Status, headers and bytes of every answer are the fake's own."""
    with story(None) as (told, pauses):
        assert list(told) == truth
        assert not pauses


@pytest.mark.parametrize("name", LIES)
def test_a_lie_changes_what_is_answered(name: str, truth: list[Line]) -> None:
    """Somewhere in the story the answers part, or one of them keeps everybody waiting."""
    with story(name) as (told, pauses):
        assert any(line != true for line, true in zip(told, truth, strict=True)) or pauses


def test_every_check_has_a_lie() -> None:
    """A promise that no lie breaks is not known to be checked; and no lie waits for a check that does not exist.

    `operations-answer` blames nobody: it says what could not be reached.
    """
    assert {check for lie in LIES.values() for check in lie.found_by} == set(LAWS) - {"operations-answer"}


@pytest.mark.parametrize("name", LIES)
def test_a_lie_says_what_is_wrong(name: str) -> None:
    """In one sentence, and seldom with more than one check that may find it."""
    lie = LIES[name]

    assert lie.about
    assert 1 <= len(lie.found_by) <= 2


def test_a_lie_can_be_served_by_itself(tmp_path: Path) -> None:
    """`python -m tests.contracts.liar --lie NAME` says where it is, lies there, and stops when it is told to."""
    ready = tmp_path / "ready.json"
    command = [sys.executable, "-m", "tests.contracts.liar", "--lie", "head-is-not-found", "--ready-file", str(ready)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(5)]
        base = json.loads(ready.read_text(encoding="utf-8"))["baseUrl"]
        connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=30)
        connection.request("HEAD", f"{urlsplit(base).path}/contacts")
        with connection.getresponse() as response:
            status = response.status
        connection.close()
        process.terminate()
        assert process.wait(30) == 0

    assert said[0].split() == ["baseUrl", base]
    assert status == 404


def test_a_mistyped_lie_is_refused_with_a_hint() -> None:
    """The name and what was probably meant."""
    command = [sys.executable, "-m", "tests.contracts.liar", "--lie", "slwo"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ran.returncode == 2
    assert "'slwo' is no lie; did you mean 'slow'?" in ran.stderr
