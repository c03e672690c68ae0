"""What travels in the wheel. Only a build knows for sure; these are the ways in which it has gone wrong."""

import posixpath
import tomllib
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_each_file_from_the_root_is_sent_to_one_place_and_is_there() -> None:
    """hatchling keeps one destination per source, however it is spelt: the second takes the place of the first."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    sources = list(project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"])

    assert len({posixpath.normpath(source) for source in sources}) == len(sources)
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert {file.name for file in ROOT.glob("*openapi*.yaml")} <= set(sources)


def test_the_console_travels_whole() -> None:
    """A wheel has what lies in the package, but for what git or the build's own table leaves out: none of it."""
    console = ROOT / "mock_server" / "web" / "console"
    files = [
        str(file.relative_to(ROOT)) for folder in ("static", "templates") for file in (console / folder).rglob("*.*")
    ]
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"][
        "wheel"
    ]
    patterns = [line.strip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").split()]

    assert {Path(file).suffix for file in files} == {".html", ".css", ".js", ".svg"}
    assert "mock_server" in wheel["packages"]
    assert wheel.keys() & {"exclude", "include", "only-include"} == set()
    assert [
        file for file in files for part in (*Path(file).parts, file) if any(fnmatch(part, one) for one in patterns)
    ] == []


def test_the_harness_carries_the_specs_by_itself() -> None:
    """Links to the one source; in a wheel they are files."""
    for name in ("openapi.yaml", "openapi-flowiq.yaml"):
        assert (ROOT / "contracts" / "_data" / name).read_bytes() == (ROOT / name).read_bytes()
