"""Drills as data: those that travel with the package, and files of one's own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from mock_server.commands.drill import run
from mock_server.domain.errors import Invalid
from mock_server.drills.checks import CHECKS
from mock_server.drills.drill import load, names
from mock_server.drills.steps import ACTIONS

PAGE = (Path(__file__).parents[2] / "docs" / "drills.md").read_text(encoding="utf-8")
OWN = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)

PROMISED = {
    "rate-limit-storm", "brown-out", "lost-response", "meta-outage", "template-paused",
    "opt-out-race", "window-closed", "duplicate-deliveries", "out-of-order-statuses", "endpoint-down",
    "secret-rotation", "forged-webhooks", "poison-payload", "slow-receiver", "clock-skew",
    "revoked-key", "payment-required", "half-open", "malformed-answers", "pair-rate-limit",
}  # fmt: skip


def written(tmp_path: Path, change: str = "", to: str = "") -> str:
    """The drill of the page, changed in one place."""
    assert OWN
    assert change in OWN[1]
    file = tmp_path / "own.yaml"
    file.write_text(OWN[1].replace(change, to, 1), encoding="utf-8")
    return str(file)


def test_the_promised_ones_are_there() -> None:
    """And none has lost its name."""
    assert set(names()) >= PROMISED


@pytest.mark.parametrize("name", names())
def test_each_says_what_it_is(name: str) -> None:
    """A description, where it comes from, and a sentence for each failure; no two expectations of one name."""
    drill = load(name)
    called = [one.name for one in drill.expectations]

    assert min(len(drill.description), len(drill.source)) > 100
    assert all(len(one.says) > 20 for one in drill.expectations)
    assert len(set(called)) == len(called)
    assert all(ACTIONS[step.action].tell(drill, step.settings) for step in drill.steps)


def test_the_drill_of_the_page_is_one(tmp_path: Path) -> None:
    """It can be copied; its fault is on something, although YAML takes `on` for yes."""
    drill = load(written(tmp_path), {"pause": "90"})

    assert drill.steps[1].settings == {"value": 90}
    assert drill.steps[2].settings["on"] == "sendMessage"
    assert drill.whom(2) == [drill.people[1]]


@pytest.mark.parametrize(
    ("change", "to", "says"),
    [
        (
            "- advance: $pause",
            "- advanse: 3",
            r"drill own: steps\[1\]\.advanse: is not a known field; did you mean 'advance'",
        ),
        ("- advance: $pause", "- advance: -1", r"drill own: steps\[1\]\.advance: .*-1"),
        ("- advance: $pause", "- advance: $pauze", r"\$pauze is no parameter; did you mean 'pause'"),
        ("- advance: $pause", "- settled", r"drill own: steps\[1\].*settle"),
        (
            "check: left-alone",
            "check: leftalone",
            r"expect\[0\]\.check: there is no 'leftalone'; did you mean 'left-alone'",
        ),
        ("    to: 2\n", "    two: 2\n", r"expect\[1\]\.two: everybody-reached has no such setting; did you mean 'to'"),
        ("    to: 2\n", "    to: 0\n", r"expect\[1\]\.to"),
        ("title:", "titel:", r"drill own: titel: is not a known field; did you mean 'title'"),
        ("source: The", "# The", r"drill own: source: is required"),
        (
            "default: 60",
            "defualt: 60",
            r"drill own: parameters: pause.defualt: is not a known field; did you mean 'default'",
        ),
        ("people: 2", "people: none", r"drill own: people"),
        ("title: STOP", "title: [STOP", "is not YAML"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, change: str, to: str, says: str) -> None:
    """Before anything happens."""
    with pytest.raises(Invalid, match=says):
        load(written(tmp_path, change, to))


@pytest.mark.parametrize(
    ("name", "given", "says"),
    [
        ("lost-respons", {}, "no drill 'lost-respons'; did you mean 'lost-response'"),
        ("brown-out", {"second": "3"}, "has no parameter 'second'; did you mean 'seconds'"),
        ("brown-out", {"seconds": "soon"}, "'soon' is not of type integer, like 6"),
        ("brown-out", {"seconds": 1.5}, "1.5 is not of type integer"),
        ("brown-out", {"seconds": "true"}, "True is not of type integer"),
        ("rate-limit-storm", {"people": "0"}, "drill rate-limit-storm: people"),
        ("nowhere.yaml", {}, "cannot read nowhere.yaml"),
    ],
)
def test_what_is_asked_for_has_to_be_there(name: str, given: dict[str, object], says: str) -> None:
    """Names and parameters."""
    with pytest.raises(Invalid, match=says):
        load(name, given)


def test_the_test_of_the_page_is_one(tmp_path: Path) -> None:
    """It fails as it says, and for no other reason."""
    (block,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "test_page.py").write_text(block, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-rx", "-W", "error", "-p", "no:cacheprovider", "--runxfail"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert "messaged-once: person 1 got 2 messages" in done.stdout
    assert "1 failed" in done.stdout


def test_everything_is_on_the_page() -> None:
    """Every drill, step, check, setting and option."""
    schema = yaml.safe_load((Path(__file__).parents[2] / "fixtures/drills/drill.schema.json").read_text("utf-8"))
    steps = [*schema["$defs"]["step"]["then"]["enum"], *schema["$defs"]["step"]["else"]["properties"]]
    options = [option.opts[0] for option in run.params if option.opts[0].startswith("--")]
    words = [*names(), *CHECKS, *options, *schema["properties"]["world"]["properties"]]

    assert sorted(steps) == sorted(ACTIONS)
    assert [word for word in words if f"`{word}" not in PAGE] == []
    assert [step for step in steps if not re.search(rf"`{step}\b", PAGE)] == []
