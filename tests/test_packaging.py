"""What is given away: a wheel with all that is needed and nothing else, a source distribution that makes the same one."""

from __future__ import annotations

import posixpath
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from email import message_from_bytes
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml

import contracts
import mock_server
from hatch_readme import index_page
from mock_server import data

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
WHEEL = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
MADE = {data.twin(name).relative_to(ROOT).as_posix() for name in data.TWINNED}  # by hatch_build.py, unknown to git
EXTRA = re.compile(r"flowella-mock\[([\w,]+)\]")


def build(kind: str, tree: Path, out: Path) -> Path:
    """What `python -m build` does, without an environment of its own: no network, a third of a second."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(out)]
    subprocess.run(command, cwd=tree, check=True, capture_output=True, timeout=120)
    (made,) = out.iterdir()
    return made


def contents(wheel: Path) -> dict[str, bytes]:
    """Its files by name."""
    with ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def in_git(*folders: str) -> set[str]:
    """What git knows of, or would with the next `git add`."""
    if not (ROOT / ".git").exists():
        pytest.skip("only a checkout knows what belongs to it")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *folders]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return {name for name in names if name and (ROOT / name).is_file()}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Of this very tree."""
    return contents(build("wheel", ROOT, tmp_path_factory.mktemp("wheel")))


def test_the_wheel_holds_what_git_holds_and_nothing_else(wheel: dict[str, bytes]) -> None:
    """Every module, asset, migration, seed, drill and spec, byte for byte; no cache, no test, nothing left behind."""
    expected = {name: ROOT / name for name in in_git(*WHEEL["packages"])}
    for source, place in WHEEL["force-include"].items():
        expected |= {place + name.removeprefix(source): ROOT / name for name in in_git(source)}
    packed = {name for name in wheel if ".dist-info/" not in name}

    assert packed == expected.keys() | MADE
    assert {Path(name).suffix for name in packed} == {
        *(".py", ".typed", ".mako"),
        *(".yaml", ".json"),
        *(".html", ".css", ".js", ".svg"),
    }
    assert [name for name, source in expected.items() if wheel[name] != source.read_bytes()] == []


def test_the_wheel_says_what_it_is(wheel: dict[str, bytes]) -> None:
    """Its programs, its plugin, its licence, and that both packages are typed."""
    information = f"flowella_mock-{mock_server.__version__}.dist-info"
    points = PROJECT["project"]["scripts"] | PROJECT["project"]["entry-points"]["pytest11"]
    told = re.findall(r"^(\S+) = (\S+)$", wheel[f"{information}/entry_points.txt"].decode(), re.MULTILINE)

    assert {name.partition("/")[2] for name in wheel if name.startswith(information)} == {
        *("METADATA", "WHEEL", "RECORD"),
        *("entry_points.txt", "licenses/LICENSE"),
    }
    assert dict(told) == points
    assert points.keys() == {"flowella-mock", "flowella-contract", "flowella_mock"}
    assert wheel["mock_server/py.typed"] == wheel["contracts/py.typed"] == b""


def test_the_source_distribution_makes_the_same_wheel(wheel: dict[str, bytes], tmp_path: Path) -> None:
    """It holds the repository without what is CI's, and needs nothing else."""
    archive = build("sdist", ROOT, tmp_path / "sdist")
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path / "tree", filter="data")
        files = {member.name.partition("/")[2] for member in tar if not member.isdir()}
    (tree,) = (tmp_path / "tree").iterdir()

    assert contents(build("wheel", tree, tmp_path / "wheel")) == wheel
    assert {name for name in in_git() if not name.startswith(".ci/")} == files - {"PKG-INFO"}


def test_the_image_copies_what_the_build_needs(wheel: dict[str, bytes], tmp_path: Path) -> None:
    """Out of what the Containerfile copies of a fresh checkout comes the same wheel."""
    text = (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8").split("\nRUN")[0]
    for line in re.findall(r"^COPY (.+)$", text, re.MULTILINE):
        *sources, place = line.split()
        for source in sources:
            target = tmp_path / "src" / (source if place == "./" else place)
            target.parent.mkdir(exist_ok=True)
            if (ROOT / source).is_dir():
                shutil.copytree(
                    ROOT / source, target, symlinks=True, ignore=shutil.ignore_patterns("__pycache__", "twins")
                )
            else:
                shutil.copy(ROOT / source, target)

    assert contents(build("wheel", tmp_path / "src", tmp_path / "wheel")) == wheel


def test_each_file_from_the_root_is_sent_to_one_place() -> None:
    """hatchling keeps one destination per source, however it is spelt: the second takes the place of the first."""
    sources = list(WHEEL["force-include"])

    assert len({posixpath.normpath(source) for source in sources}) == len(sources)


def test_the_harness_carries_the_specs_by_itself() -> None:
    """Links to the one source; in a wheel they are files."""
    for name in ("openapi.yaml", "openapi-flowiq.yaml"):
        assert (ROOT / "contracts" / "_data" / name).read_bytes() == (ROOT / name).read_bytes()


def test_the_version_is_one() -> None:
    """Both programs, the control plane's document, the banner of the README and the newest heading of the changelog."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    control = yaml.safe_load((ROOT / "control-openapi.yaml").read_text(encoding="utf-8"))
    released = [line for line in re.findall(r"^## (.+)$", changelog, re.MULTILINE) if line != "Unreleased"]

    assert contracts.__version__ == control["info"]["version"] == mock_server.__version__
    assert f"    flowella-mock {mock_server.__version__}: " in (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.fullmatch(rf"{re.escape(mock_server.__version__)} - \d{{4}}-\d\d-\d\d", released[0])


@pytest.mark.parametrize(("package", "program"), [("mock_server", "flowella-mock"), ("contracts", "flowella-contract")])
def test_a_program_can_be_asked_of_one_python(package: str, program: str) -> None:
    """`python -m` with a package's name is its program."""
    command = [sys.executable, "-m", package, "--version"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=60)

    assert done.stdout == f"{program}, version {mock_server.__version__}\n"


def test_extras_that_anybody_names_exist() -> None:
    """In a page, an example or the answer to a missing library; those for who builds it are named in a checkout only."""
    files = [ROOT / name for name in in_git("*.md", "mock_server", "contracts", "examples", "deploy")]
    named = {n for file in files if file.suffix != ".png" for n in EXTRA.findall(file.read_text(encoding="utf-8"))}
    extras = {extra for group in named for extra in group.split(",")}

    assert extras == PROJECT["project"]["optional-dependencies"].keys() - {"dev", "docs", "fuzz", "mutation"}


def test_an_index_shows_a_page_that_leads_nowhere_wrong(wheel: dict[str, bytes]) -> None:
    """There no file lies beside the README, so no link or picture of one is left, and nobody is told to `pip install .`."""
    metadata = message_from_bytes(wheel[f"flowella_mock-{mock_server.__version__}.dist-info/METADATA"])
    page = bytes(metadata.get_payload(decode=True)).decode()
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert page.strip() == index_page(readme).strip()
    assert [link for link in re.findall(r"\]\(([^)]*)\)", page) if "://" not in link] == []
    assert "pip install flowella-mock && flowella-mock serve" in page
    assert not re.search(r"pip install (-e )?['\"]?\.|!\[", page)
    assert re.findall(r"^## .+$", page, re.MULTILINE) == re.findall(r"^## (?!Tests).+$", readme, re.MULTILINE)


def test_the_oldest_python_that_is_promised_is_the_oldest_that_is_named() -> None:
    """`requires-python` and the classifiers speak of the same."""
    named = re.findall(r"Python :: (3\.\d+)$", "\n".join(PROJECT["project"]["classifiers"]), re.MULTILINE)

    assert PROJECT["project"]["requires-python"] == f">={named[0]}"
    assert named == [f"3.{11 + n}" for n in range(len(named))]
