"""The examples of this repository are right, in three styles; and the shop's wrong siblings are found out."""

from __future__ import annotations

from shutil import which

import pytest
from receivers import blamed, look
from receivers.honest import SECRET
from receivers.looking import DRIPPING
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
def test_the_wrong_siblings_are_found(name: str) -> None:
    """Each by one check, as one finding. The others are wrong in what they send, or do later: drills find those."""
    with flask(example("broken").SIBLINGS[name]) as (url, ledger):
        report = look(url, secret=SECRET, ledger_url=ledger, skip=DRIPPING)

    assert blamed(report) == {SIBLINGS[name]: 1}, report.text()
