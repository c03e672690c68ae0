"""Documents that travel with the package, and their twins: quick to read, and never wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from mock_server import data

if TYPE_CHECKING:
    from pathlib import Path

NAME = "fixtures/some.yaml"


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A document in a checkout of its own, which nobody has read."""
    monkeypatch.setattr(data, "_PACKAGE", tmp_path / "mock_server")
    file = tmp_path / NAME
    file.parent.mkdir()
    file.write_text("greeting: Grüße\nlist: [1, 2.5, true, null]\n", encoding="utf-8")
    return file


def of_a_second_process(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What is read where YAML is not even opened."""
    with monkeypatch.context() as patch:
        patch.setattr(data, "read_yaml", lambda _: pytest.fail("this was read as YAML"))
        return data.document(NAME)


@pytest.mark.parametrize("name", data.TWINNED)
def test_what_a_start_reads_is_the_same_from_its_twin(name: str) -> None:
    """JSON has words for all of it: no key is a number, no value a date."""
    written = yaml.safe_load(data.path(name).read_bytes())

    assert data.document(name) == written
    assert json.loads(json.dumps(written)) == written


def test_every_spec_has_a_twin() -> None:
    """The fourth is what the default organization starts from."""
    root = data.path("openapi.yaml").parent

    assert {file.name for file in root.glob("*openapi*.yaml")} == {name for name in data.TWINNED if "/" not in name}


@pytest.mark.usefixtures("source")
def test_the_second_reader_reads_the_twin(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one made it, beside the package and nowhere else."""
    first = data.document(NAME)

    assert first == {"greeting": "Grüße", "list": [1, 2.5, True, None]}
    assert of_a_second_process(monkeypatch) == first
    assert [file.name for file in data.twin(NAME).parent.iterdir()] == ["some.json"]


def test_a_twin_of_other_bytes_is_written_anew(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where only a comment changed, and whichever file is younger."""
    data.document(NAME)
    for text in ("greeting: hello\n", "greeting: hello # to you\n", "greeting: Grüße\n"):
        source.write_text(text, encoding="utf-8")
        found = data.document(NAME)

        assert found == yaml.safe_load(text)
        assert of_a_second_process(monkeypatch) == found


@pytest.mark.usefixtures("source")
@pytest.mark.parametrize("content", ["", '{"of": "ab', "\0"])
def test_half_a_twin_is_no_twin(content: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that was full, a machine that lost power."""
    first = data.document(NAME)
    data.twin(NAME).write_text(content)

    assert data.document(NAME) == first
    assert of_a_second_process(monkeypatch) == first


@pytest.mark.parametrize("text", ["200: ok\n", "since: 2020-01-01\n"])
def test_what_json_cannot_hold_has_no_twin(text: str, source: Path) -> None:
    """It stays as YAML has it, at every reading."""
    source.write_text(text)

    assert [data.document(NAME), data.document(NAME)] == [yaml.safe_load(text)] * 2
    assert not data.twin(NAME).exists()


@pytest.mark.usefixtures("source")
def test_where_nothing_may_be_written_it_is_read_all_the_same() -> None:
    """An installation that belongs to somebody else: here a file lies where the folder would be."""
    folder = data.twin(NAME).parent
    folder.parent.mkdir(parents=True)
    folder.touch()

    assert data.document(NAME)["greeting"] == "Grüße"


def test_mistakes_in_yaml_are_told(source: Path) -> None:
    """With the file and the place."""
    source.write_text("greeting: [")

    with pytest.raises(yaml.YAMLError, match=r"some\.yaml"):
        data.document(NAME)
