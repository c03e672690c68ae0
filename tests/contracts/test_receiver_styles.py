"""The examples of this repository are right, in three styles; and the shop's wrong siblings are found out."""

from __future__ import annotations

import time
from shutil import which
from types import SimpleNamespace

import pytest
from receivers import blamed, look
from receivers.honest import SECRET
from receivers.looking import DRIPPING, QUICK
from receivers.shops import SIBLINGS
from receivers.styles import STYLES, example, flask
from sampling import some


@pytest.mark.parametrize("seed", some(range(10), every=10))
@pytest.mark.parametrize("style", STYLES)
def test_the_examples_are_right(style: str, seed: int) -> None:
    """Whoever copies them copies no mistake."""
    if style == "node" and which("node") is None:
        pytest.skip("there is no Node here")
    with STYLES[style]() as (url, ledger):
        report = look(url, ledger_url=ledger, seed=seed, skip=DRIPPING if seed else ())

    assert report.exit_code == 0, report.text()
    assert not report.findings, report.text()


@pytest.mark.parametrize("name", some(SIBLINGS, every=4))
def test_the_wrong_siblings_are_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each by one check, as one finding."""
    broken = example("broken")
    hurried = SimpleNamespace(time=time.time, sleep=lambda seconds: time.sleep(seconds / 10))
    monkeypatch.setattr(broken, "time", hurried)
    timeout = 0.5 if name == "AnswersTooLate" else QUICK["timeout"]
    with flask(broken.SIBLINGS[name]) as (url, ledger):
        report = look(url, secret=SECRET, ledger_url=ledger, skip=DRIPPING, timeout=timeout)

    assert blamed(report) == {SIBLINGS[name]: 1}, report.text()


def test_the_other_siblings_are_wrong_in_what_they_send() -> None:
    """No endpoint shows it."""
    theirs = {name for name, kind in example("broken").SIBLINGS.items() if kind.__module__ == "broken"}
    assert theirs - set(SIBLINGS) == {
        *("Ignores429", "Retries400", "SendsTwice", "NeverGivesUp", "IgnoresStop"),
    }
