"""`compare`: of two of a kind nothing is said; of two that differ in ten ways, ten things."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from liar import HOSTILE, honest, lying
from liar.serving import honest_orgs, running, serving
from liar.several import lying_often
from sampling import some

from contracts.cli import main
from contracts.comparing.session import run, settings_of
from contracts.comparing.suggesting import suggestions
from contracts.settings import Settings, WrongUsage
from mock_server.app import create_app
from mock_server.orgs import NewOrg
from mock_server.vendors.flowella import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from liar import Target

    from contracts.reporting import Report

QUICK: dict[str, Any] = {"rate": 100_000.0, "max_requests": 1500, "skip": ("bad-input-refused", "model")}

TEN = {
    "internal-field-inside": "fields",
    "scheduled-at-as-asked": "fields",
    "unprocessable": "status",
    "wrong-type-is-bad-request": "status",
    "limit-is-clamped": "status",
    "no-allow": "headers",
    "errors-as-text": "content-type",
    "european-dates": "types",
    "wamid-in-hex": "values",
    "email-is-not-kept": "nulls",
}
"""Lies, and in what they show."""


ONE_EACH = {
    "organization-is-null": "nulls",
    "touched-without-change": "values",
    "long-names-are-cut": "values",
    "email-is-not-kept": "nulls",
    "every-second-id-again": "ids",
    "limit-is-ignored": "rows",
    "cursor-repeats": "rows",
    "opt-out-is-ignored": "status",
    "another-spelling-is-another": "ids",
    "moved": "status",
    "code-in-lower-case": "code",
    "flat-errors": "fields",
    "from-the-future": "values",
}
"""The same, one at a time."""


def compare(left: Target, right: Target, **options: Any) -> Report:
    """As fast as it goes."""
    return run(*settings_of(left.base_url, left.api_key, right.base_url, right.api_key, **{**QUICK, **options}))


@pytest.mark.parametrize("seed", some(range(10), every=7))
def test_two_of_a_kind_are_alike(seed: int) -> None:
    """Ten seeds, and in two of them generated input too: not a word, and everything was compared."""
    options = {"skip": ()} if seed in {0, 7} else {}
    with honest() as left, honest() as right:
        report = compare(left, right, seed=seed, **options)

    assert report.exit_code == 0, report.text()
    assert not report.findings, report.text()
    assert report.counts()["held"] == len(report.promises)
    assert all(operation.successes for operation in report.operations)


@pytest.mark.parametrize("seed", some([0, 1], every=2))
def test_ten_differences_are_ten_groups(seed: int) -> None:
    """Each once, each in the right respect, with a call to either side."""
    with honest() as left, lying_often(TEN) as right:
        report = compare(left, right, seed=seed)

    assert report.exit_code == 1
    assert sorted(one.check for one in report.findings) == sorted(TEN.values()), report.text()
    assert all(one.severity == "violation" for one in report.findings)
    assert all("$LEFT_KEY" in one.curl for one in report.findings if "Authorization" in one.curl)
    assert all("$RIGHT_KEY" in one.beside for one in report.findings if "Authorization" in one.beside)


@pytest.mark.parametrize("lie", some(ONE_EACH, every=4))
def test_one_cause_is_one_group(lie: str) -> None:
    """However much follows from it, and whichever side it is on."""
    with honest() as left, lying(lie) as right:
        report = compare(left, right)

    assert {one.check for one in report.findings if one.severity == "violation"} == {ONE_EACH[lie]}, report.text()
    assert len(report.findings) == 1, report.text()


def test_other_words_are_a_warning() -> None:
    """They are told, and fail nothing."""
    with honest() as left, lying("key-in-the-refusal") as right:
        report = compare(left, right, only=("wrong-key-refused",))

    assert [(one.check, one.severity) for one in report.findings] == [("words", "warning")]
    assert report.exit_code == 0


def test_another_history_is_no_difference() -> None:
    """A right one that has been written to before: told once for each list, as a warning."""
    with honest() as left, honest() as right:
        compare(right, right, seed=77, only=("upsert-partial", "operations-answer"))
        report = compare(left, right)

    assert {(one.check, one.severity) for one in report.findings} == {("history", "warning")}, report.text()
    assert report.exit_code == 0


@contextmanager
def keyed(key: str) -> Iterator[tuple[str, list[str]]]:
    """An honest server with this key and ids of its own, and everything that it was sent."""
    heard: list[str] = []
    orgs = honest_orgs()
    orgs.create(NewOrg("Another", api_key=key, rng_seed=key))
    app = create_app(orgs)

    def listening(environ: Any, start_response: Any) -> Any:
        heard.append(f"{environ.get('HTTP_AUTHORIZATION')} {environ['PATH_INFO']}?{environ.get('QUERY_STRING')}")
        return app(environ, start_response)

    with running(orgs), serving(listening) as url:
        yield url + PREFIX, heard


def test_the_left_key_never_reaches_the_right_one() -> None:
    """Nor what the laws make of it: cut short, in capitals, without its prefix, in the query."""
    with keyed("flo_leftleftleftleftleftleft") as (left, said), keyed("flo_rightrightrightrightrigh") as (right, heard):
        sides = settings_of(left, "flo_leftleftleftleftleftleft", right, "flo_rightrightrightrightrigh", **QUICK)
        report = run(*sides)

    assert not report.findings, report.text()
    assert any("leftleft" in line.lower() for line in said)
    assert not any("leftleft" in line.lower() for line in heard)
    assert "leftleft" not in report.text()


def test_both_sides_have_the_gentler_profile() -> None:
    """A server elsewhere is only read, and then the one on this machine is too."""
    sides = settings_of("http://127.0.0.1:1/api/v1", "flo_left", "https://app.flowella.invalid/api/v1", "flo_right")

    assert [side.what_may_be_done for side in sides] == ["readonly", "readonly"]


def test_readonly_sends_gets_only() -> None:
    """To both."""
    with honest() as left, HOSTILE["records"]() as right:
        compare(left, right, profile="readonly")

        assert {call.method for call in right.calls} <= {"GET"}


def test_a_side_is_named_in_what_is_wrong() -> None:
    """By its own options."""
    with pytest.raises(WrongUsage, match=r"^--right: 'nowhere' is not a web address"):
        settings_of("http://127.0.0.1:1", "k", "nowhere", "k")
    with pytest.raises(WrongUsage, match=r"^--left-key: it is empty"):
        settings_of("http://127.0.0.1:1", "", "http://127.0.0.1:1", "k")
    with honest() as left, HOSTILE["wrong-key"]() as right:
        report = run(Settings(left.base_url, left.api_key), Settings(right.base_url, right.api_key))
    assert report.exit_code == 3
    assert "the right one: the key was refused (401)" in report.reasons[0]


def test_the_command_writes_suggestions(tmp_path: Path) -> None:
    """One row for each difference, for somebody to decide."""
    file = tmp_path / "rows.md"
    with honest() as left, lying("no-allow") as right:
        sides = ["--left", left.base_url, "--left-key", left.api_key, "--right", right.base_url]
        command = ["compare", *sides, "--right-key", right.api_key, "--only", "method-not-allowed", "--rate", "9999"]
        ran = CliRunner(env={"COLUMNS": "200"}).invoke(main, [*command, "--suggest", str(file)])

    assert ran.exit_code == 1, ran.output
    assert "Verdict: they differ (exit 1)" in ran.output
    rows = file.read_text(encoding="utf-8").splitlines()
    assert len(rows) == 3
    assert "the right one does *Allow: not there* where the left one does *Allow: " in rows[2]


def test_without_a_difference_nothing_is_suggested() -> None:
    """A sentence."""
    with honest() as left, honest() as right:
        report = compare(left, right, only=("method-not-allowed",))

    assert suggestions(report) == "Nothing to decide: no difference was seen.\n"
