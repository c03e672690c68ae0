"""The documentation is tested: what it shows exists, and what exists is shown."""

import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import pytest
import yaml

from contracts.laws import LAWS
from contracts.receiver.checks import CHECKS
from contracts.webhooks.checking import BOOK
from mock_server.cli import serve
from mock_server.domain.faults import EFFECTS, effects_for
from mock_server.domain.limits import OFF
from mock_server.domain.magic import all_recipients
from mock_server.domain.optouts import KEYWORDS
from mock_server.limits import shown
from mock_server.orgs import DEFAULT_API_KEY, DEFAULT_FLOWIQ_KEY, DEFAULT_WEBHOOK_SECRET, NewOrg, Orgs
from mock_server.vendors.registry import DIALECTS
from mock_server.web.control.door import control_door
from scribe.commands import walk
from scribe.documents import document, operations

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link and picture is a file of the repository, every anchor a heading of its page."""
    targets = re.findall(r"\]\(([^)\s]+)\)", _prose(page))
    broken = [target for target in targets if "://" not in target and not _leads(page, target)]

    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_nothing_is_said_twice(page: Path) -> None:
    """A section stands on its page once; made pages may repeat what is the same."""
    sections = re.findall(r"^## (.+)$", _prose(page), re.MULTILINE)

    assert sorted(sections) == sorted(set(sections))


def _prose(page: Path) -> str:
    """Without code."""
    return re.sub(
        r"^( *)```.*?^\1```|`[^`\n]*`\(", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )


def _leads(page: Path, target: str) -> bool:
    path, _, anchor = target.partition("#")
    file = page.parent / path if path else page
    return file.exists() and (not anchor or anchor in _anchors(file))


@cache
def _anchors(page: Path) -> frozenset[str]:
    """As GitHub makes them of headings; the site makes the same."""
    headings = re.findall(r"^#+ (.+)$", _prose(page), re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings)


def test_every_option_of_serve_is_in_the_readme() -> None:
    """Nobody has to ask --help what there is."""
    readme = _text("README.md")

    assert [option.opts[0] for option in serve.params if f"`{option.opts[0]}" not in readme] == []


def test_every_operation_is_in_the_readme() -> None:
    """The table of the API is complete."""
    readme = _text("README.md")

    for operation in (operation for dialect in DIALECTS for operation in dialect.door.spec.operations.values()):
        assert re.search(rf"`[^`\n]*{operation.path}`", readme), operation.path


def test_control_routes_that_the_docs_name_exist() -> None:
    """Each /_mock path of an example is one that the control plane serves."""
    spec = control_door({d.document: d.door for d in DIALECTS}, None).spec
    known = [re.sub(r"\{\w+\}", r"[^/]+", operation.path) for operation in spec.operations.values()]
    named = {path for page in PAGES for path in re.findall(r"/_mock/[\w/.-]*\w", page.read_text(encoding="utf-8"))}
    served = {path for path in named if any(re.fullmatch(pattern, path) for pattern in known)}

    assert named - served == set()
    assert len(served) > 10


def test_constants_of_the_readme_are_the_real_ones() -> None:
    """Key and secret can be copied from the page."""
    for constant in (DEFAULT_API_KEY, DEFAULT_FLOWIQ_KEY, DEFAULT_WEBHOOK_SECRET):
        assert constant in _text("README.md")


def test_every_word_that_opts_out_is_named() -> None:
    """The page has all of them, and START's too."""
    page = _text("docs/webhooks.md").casefold()

    assert [word for word in KEYWORDS if word not in page] == []


def test_decisions_named_anywhere_are_written_down() -> None:
    """A D-number in the spec, the code or a page leads to a row of docs/decisions.md."""
    sources = [*PAGES, *ROOT.glob("*.yaml"), *(ROOT / "mock_server").rglob("*.py")]
    named = {n for file in sources for n in re.findall(r"\bD(\d{1,3})\b", file.read_text(encoding="utf-8"))}
    written = set(re.findall(r"^\| D(\d+) \|", _text("docs/decisions.md"), re.MULTILINE))

    assert named - written == set()


def test_the_seed_of_the_docs_makes_a_world(orgs: Orgs, tmp_path: Path) -> None:
    """The example file is taken as it stands, and other organizations may name it then."""
    example = re.search(r"```yaml\n(.*?)```", _text("docs/seeds.md"), re.DOTALL)
    assert example
    file = tmp_path / "shop.yaml"
    file.write_text(example[1], encoding="utf-8")
    first, _, _ = orgs.create(NewOrg(seed=str(file), seed_files=True, scale=0))
    second, _, _ = orgs.create(NewOrg(seed=str(file), scale=0))

    for world in (first, second):
        assert (world.store.channels.count(), world.store.messages.count()) == (1, 2)
        assert world.policy.closed_window == "reject"
    assert yaml.safe_load(example[1])["channels"][0]["phone"] == "+15550109999"


def test_the_campaign_of_the_docs_names_what_is_there(orgs: Orgs) -> None:
    """Ids in the example exist in the default organization."""
    world, _, _ = orgs.create(NewOrg(scale=0, rng_seed="0"))
    page = _text("docs/campaigns.md")
    ids = re.findall(r'"(c[a-z0-9]{24})"', page)

    assert len(ids) == 2
    assert world.store.templates.get(ids[0])
    assert world.store.channels.get(ids[1])


def test_every_fault_is_in_the_docs() -> None:
    """Each effect has a row that running it made."""
    page = _text("docs/faults.md")
    for name, on in (("calls", "*"), ("webhooks", "webhook:*")):
        table = page.split(f"<!-- {name}: made")[1].split(f"<!-- end of {name}")[0]
        assert re.findall(r'^\| `\{"type":"(\w+)"', table, re.MULTILINE) == list(effects_for(on))


def _options() -> list[str]:
    return [flag for _, command in walk() for option in command.params for flag in option.opts if flag.startswith("--")]


def _calls() -> list[str]:
    return [f"{one.method} {one.path}" for one in operations(document("control-openapi.yaml"))]


NAMED: dict[str, tuple[str, Callable[[], Iterable[str]]]] = {
    "commands": ("docs/cli-reference.md", lambda: [f" {name}\n" for name, _ in walk()]),
    "options": ("docs/cli-reference.md", lambda: [f"`{option}" for option in _options()]),
    "control routes": ("docs/control-reference.md", lambda: [f"### {call}\n" for call in _calls()]),
    "faults": ("docs/faults.md", lambda: [f'{{"type":"{name}"' for name in EFFECTS]),
    "magic recipients": ("docs/magic-recipients.md", lambda: [f"| `{phone}` |" for phone, _ in all_recipients()]),
    "limits": ("docs/limits.md", lambda: [f'"{name}": ' for name in shown(OFF)]),
    "laws": ("docs/contract.md", lambda: [f"| `{name}` |" for name in LAWS]),
    "checks of endpoints": ("docs/contract.md", lambda: [f"| `{name}` |" for name in CHECKS]),
    "checks of webhooks": ("docs/contract.md", lambda: [f"| `{name}` |" for name in BOOK.laws]),
}
"""What has a name that users write: the page that has to have it, and how it stands there. A new kind joins by one line."""


@pytest.mark.parametrize("kind", NAMED)
def test_whatever_has_a_name_is_in_the_docs(kind: str) -> None:
    """Nothing can be added without being written down."""
    page, names = NAMED[kind]
    text, wanted = _text(page), list(names())

    assert wanted
    assert [name for name in wanted if name not in text] == []


def test_every_page_has_its_place_in_the_site() -> None:
    """In the navigation, once; pages that it names and nobody has written yet are left out of the site."""
    places = re.findall(r"([\w-]+\.md)$", _text("mkdocs.yml"), re.MULTILINE)
    pages = {page.name for page in PAGES} - {"README.md"} | {"index.md"}

    assert pages - set(places) == set()
    assert len(places) == len(set(places))


def test_the_site_loads_nothing_from_elsewhere() -> None:
    """No fonts, scripts or pictures of other hosts: of the theme by its settings, of pages by what they show."""
    assert "font: false" in _text("mkdocs.yml")
    assert [
        page.name for page in PAGES if re.search(r"!\[[^\]]*\]\(https?:|<(script|img|link|iframe)\b", _prose(page))
    ] == []
