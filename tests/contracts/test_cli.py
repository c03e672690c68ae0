"""`flowella-contract check`: what people type, and what they get for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from liar import HOSTILE, honest, lying

from contracts.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result
    from liar import Target


def run(target: Target | str, *options: str) -> Result:
    """One command, on a wide terminal."""
    url, key = (target, "flo_key") if isinstance(target, str) else (target.base_url, target.api_key)
    command = ["check", "--base-url", url, "--api-key", key, *options]
    return CliRunner(env={"COLUMNS": "200"}).invoke(main, command)


def test_a_kept_contract_is_0(tmp_path: Path) -> None:
    """With a table, a summary, and the reports that were asked for."""
    files = {kind: tmp_path / f"report.{kind}" for kind in ("json", "junit", "har", "html")}
    reports = [word for kind, file in files.items() for word in ("--report", f"{kind}={file}")]
    with honest() as target:
        ran = run(target, "--only", "upsert-partial", "--only", "response-schema", *reports)

    assert ran.exit_code == 0, ran.output
    assert "upsert-partial" in ran.output
    assert "Verdict: the contract is kept (exit 0)" in ran.output
    assert json.loads(files["json"].read_text(encoding="utf-8"))["exitCode"] == 0
    assert all(file.stat().st_size for file in files.values())


def test_a_broken_one_is_1() -> None:
    """With the promise, what came, and how to see it again."""
    with lying("opt-out-is-ignored") as target:
        ran = run(target, "--only", "opt-out-blocks")

    assert ran.exit_code == 1
    assert "VIOLATION opt-out-blocks: sendMessage" in ran.output
    assert "curl -i -X POST" in ran.output
    assert '"$RECIPIENT"' in ran.output
    assert 'Bearer \'"$API_KEY"' in ran.output


def test_a_wrong_key_is_3() -> None:
    """Not a pass, and not a broken contract."""
    with HOSTILE["wrong-key"]() as target:
        ran = run(target)

    assert ran.exit_code == 3
    assert "the key was refused (401)" in ran.output


def test_nobody_there_is_4() -> None:
    """At once."""
    with HOSTILE["dead-port"]() as target:
        ran = run(target)

    assert ran.exit_code == 4
    assert "Is the server running" in ran.output


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--only", "opt-out-block"], "there is no check 'opt-out-block'; did you mean opt-out-blocks?"),
        (["--spec", "nowhere.yaml"], "there is no spec 'nowhere.yaml'"),
        (["--rate", "5/m"], "'5/m' is not a rate; write 5/s"),
        (["--report", "pdf=x"], "is not KIND=FILE with KIND one of json, junit, har, html"),
        (["--report", "json=/no/such/folder/x"], "there is no folder /no/such/folder"),
        (["--profile", "prod"], "there is no 'prod'"),
        (["--recipient", "me"], "'me' is not a phone number"),
    ],
)
def test_wrong_usage_is_2(options: list[str], words: str) -> None:
    """With the option, the value and what would be right; nothing is sent."""
    with HOSTILE["records"]() as target:
        ran = run(target, *options)

        assert target.calls == []
    assert ran.exit_code == 2
    assert words in " ".join(ran.output.split())


def test_real_hosts_are_not_written_to_by_accident() -> None:
    """Refused before a connection is made."""
    for options in (["--profile", "full"], ["--profile", "sandbox"]):
        ran = run("https://app.flowella.invalid/api/v1", *options)
        assert ran.exit_code == 2
        assert "--recipient" in ran.output


def test_a_dry_run_sends_nothing() -> None:
    """And tells what would be called, and what not."""
    with HOSTILE["records"]() as target:
        ran = run(target, "--dry-run", "--profile", "readonly")

        assert target.calls == []
    assert ran.exit_code == 0
    assert "only GET is sent" in ran.output
    assert "Nothing was sent." in ran.output
